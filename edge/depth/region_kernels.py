"""Compiled inner loops that gather changed pixels into regions, one for each thing that came or went."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge.depth.kernels import F32, F64, I32, U8, kernel
from edge.depth.shelf_kernels import (
    ADVANCED,
    BLINKS,
    BUSY,
    CLEARING,
    FRAYED,
    HIDDEN,
    LEAST_REF_LOOKS,
    LOOKS,
    NOW,
    NOW_S,
    OUTSIDE,
    RECEDED,
    REF,
    REF_LOOKS,
    SAME,
    Number,
)

# Columns of the table of regions.
KIND, FIRST, COUNT, CORE, EDGE, TOUCHED, JOINED, UNSETTLED = range(8)
COLUMNS = 8
MOST_HIDDEN_PX = 24
INNER = 6
"""A pixel with so many neighbours like it lies inside: a strip two pixels wide has none."""
NEIGHBOURS = ((-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1))


@kernel
def _inner(shows: U8, y: int, x: int) -> bool:
    """Whether nearly all the neighbours of a pixel show what it shows."""
    if y < 1 or x < 1 or y + 1 >= shows.shape[0] or x + 1 >= shows.shape[1]:
        return False
    same = 0
    for dy, dx in NEIGHBOURS:
        same += shows[y + dy, x + dx] == shows[y, x]
    return same >= INNER


@kernel
def _moving(shows: U8, y: int, x: int) -> bool:
    """Whether a pixel that shows something moving, or before the volume, is more than a flickering edge."""
    if y < 1 or x < 1 or y + 1 >= shows.shape[0] or x + 1 >= shows.shape[1]:
        return True
    around = 0
    for dy, dx in NEIGHBOURS:
        around += shows[y + dy, x + dx] in (OUTSIDE, BUSY)
    return around >= 5


@kernel
def _covered(shows: U8, planes: F32, y: int, x: int, reach: int, goes_on: Number) -> bool:
    """Whether something that stands before the volume within a few pixels hides what may be part of the same thing.

    That close to it a camera sees now this and now that.  Of a thing that was taken the surface is known that it had:
    it does not go on where that has a step of ``goes_on``.
    """
    for dy, dx in NEIGHBOURS:
        yy, xx = y, x
        left = reach
        for _ in range(MOST_HIDDEN_PX):
            yy, xx = yy + dy, xx + dx
            if left == 0 or not (0 <= yy < shows.shape[0] and 0 <= xx < shows.shape[1]):
                break
            if shows[yy, xx] == OUTSIDE and _moving(shows, yy, xx):
                if shows[y, x] == ADVANCED or abs(planes[yy, xx, REF] - planes[y, x, REF]) < goes_on:
                    return True
                break
            # Beside what stands nearer lies a strip that one eye of a stereo camera does not see.
            left -= shows[yy, xx] != HIDDEN
    return False


@kernel
def grow(shows: U8, owner: U8, planes: F32, kind: int, least: float, rings: int, members: I32, used: int) -> int:
    """Add to a region the frayed edge around it that changed likewise, up to ``rings`` pixels out.

    The first ``used`` of ``members`` (index in rows * columns) are its pixels; returns how many there are then.
    """
    rows, columns = shows.shape
    first = 0
    for _ in range(rings):
        end = used
        for k in range(first, end):
            y, x = members[k] // columns, members[k] % columns
            for dy, dx in NEIGHBOURS:
                yy, xx = y + dy, x + dx
                if yy < 0 or xx < 0 or yy >= rows or xx >= columns or owner[yy, xx] != owner[y, x]:
                    continue
                shown = shows[yy, xx]
                if shown not in (FRAYED, BUSY, kind):
                    continue
                gap = planes[yy, xx, NOW] - planes[yy, xx, REF]
                if (gap if kind == RECEDED else -gap) > least:
                    shows[yy, xx] = SAME
                    members[used] = yy * columns + xx
                    used += 1
        first = end
    return used


@kernel
def fade(shows: U8, planes: F32, label: I32, y0: int, y1: int, x0: int, x1: int, after_s: float) -> None:
    """Take changes that belong to no region, and have lasted ``after_s``, as they are."""
    for y in range(y0, y1):
        for x in range(x0, x1):
            changed = shows[y, x] in (RECEDED, ADVANCED)
            if changed and label[y, x] == 0 and planes[y, x, NOW_S] > after_s:
                planes[y, x, REF] = planes[y, x, NOW]
                planes[y, x, REF_LOOKS] = max(planes[y, x, LOOKS], np.float32(LEAST_REF_LOOKS))
                shows[y, x] = SAME


@kernel
def find_regions(
    shows: U8, owner: U8, planes: F32, y0: int, y1: int, x0: int, x1: int, joined: float, apart: float, reach: int,
    label: I32, members: I32, table: F64,
) -> int:  # fmt: skip
    """Connected regions of pixels that show the same kind of change, into the rows of ``table``; returns how many.

    Neighbours whose nearer surfaces lie ``apart`` belong to different things.  A region has at least one pixel whose
    neighbours change like it: what has none is the frayed edge of something.
    ``members`` receives the pixels of each region in turn (index in rows * columns).  ``EDGE`` counts the pixels at
    which a region ends; ``TOUCHED`` those of them that something moving or standing before the volume touches, or comes
    within ``reach`` pixels of; ``JOINED`` those from which that goes on with a step of less than ``joined``, as one
    body does; ``UNSETTLED`` those beside which a surface that recedes has not settled yet.
    """
    columns = shows.shape[1]
    label[y0:y1, x0:x1] = 0
    found = 0
    used = 0
    for sy in range(y0, y1):
        for sx in range(x0, x1):
            kind = shows[sy, sx]
            if (kind != RECEDED and kind != ADVANCED) or label[sy, sx] != 0 or not _inner(shows, sy, sx):
                continue
            if found >= table.shape[0]:
                return found
            row = table[found]
            row[:] = 0
            row[KIND], row[FIRST] = kind, used
            found += 1
            label[sy, sx] = found
            members[used] = sy * columns + sx
            used += 1
            k = int(row[FIRST])
            while k < used:
                y, x = members[k] // columns, members[k] % columns
                k += 1
                own = min(planes[y, x, REF], planes[y, x, NOW])
                same, edge, touched, meets, unsettled = 0, False, False, False, False
                for dy, dx in NEIGHBOURS:
                    yy, xx = y + dy, x + dx
                    if yy < y0 or yy >= y1 or xx < x0 or xx >= x1 or owner[yy, xx] != owner[y, x]:
                        edge = True
                        continue
                    other = shows[yy, xx]
                    if other == kind:
                        same += 1
                        step = abs(min(planes[yy, xx, REF], planes[yy, xx, NOW]) - own)
                        if label[yy, xx] == 0 and step < apart:
                            label[yy, xx] = found
                            members[used] = yy * columns + xx
                            used += 1
                    else:
                        edge = True
                        nearer = planes[yy, xx, NOW] < planes[yy, xx, REF]
                        if other == CLEARING or (other == BUSY and not nearer):
                            unsettled = True
                        elif other in (OUTSIDE, BUSY) and _moving(shows, yy, xx):
                            touched = (
                                touched or kind == ADVANCED or abs(planes[yy, xx, REF] - planes[y, x, REF]) < joined
                            )
                            on = abs(planes[yy, xx, NOW] - planes[y, x, NOW]) < joined
                            meets = meets or (on and nearer and kind == ADVANCED)
                if edge and not touched:
                    touched = _covered(shows, planes, y, x, reach, joined)
                row[CORE] += same >= INNER
                row[EDGE] += edge
                row[TOUCHED] += touched
                row[JOINED] += meets
                row[UNSETTLED] += unsettled
            row[COUNT] = used - row[FIRST]
    return found


@kernel
def accept(planes: F32, shows: U8, members: NDArray[np.int32]) -> None:
    """Take what these pixels (index in rows * columns) see now as what they are compared with from now on."""
    columns = shows.shape[1]
    for k in range(members.size):
        y, x = members[k] // columns, members[k] % columns
        planes[y, x, REF] = planes[y, x, NOW]
        planes[y, x, REF_LOOKS] = max(planes[y, x, LOOKS], np.float32(LEAST_REF_LOOKS))
        planes[y, x, BLINKS] = 0
        shows[y, x] = SAME
