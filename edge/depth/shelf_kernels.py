"""Compiled inner loops of the watch over shelves.

Each watched pixel keeps two surfaces: the one it is compared with (``REF``), and the one that it sees now (``NOW``, a
running mean that starts anew when something else is seen).  They live in float32 planes (PLANES, rows, columns), in
the camera's depth unit; ``last_same`` (rows, columns) is the time at which a pixel last saw its ``REF``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge.depth.kernels import F32, F64, I32, U8, U16, kernel

REF, DEVIATION, NOW, NOW_S, LOOKS, MISSES = range(6)
PLANES = 6

# What a pixel shows.
SAME, RECEDED, ADVANCED, BUSY, OUTSIDE, UNKNOWN = range(6)
"""``BUSY`` moves inside the volume, ``OUTSIDE`` lies before it: a body, an arm, a bag, a trolley."""

# The rule, float32; lengths in depth units.
SETTLE_S, LEARN_S, MEMORY_S = range(3)
LEAST_CHANGE, CHANGE_K, TOLERANCE_K, LEAST_TOLERANCE, NOISE, NOISE_GROWTH, LEAST_DEVIATION = range(3, 10)
RULES = 10
REF_LOOKS = 40.0
"""A reference is about as sure as the mean of so many looks."""
MOST_LOOKS = 30.0
NEIGHBOURS = ((-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1))

# Columns of the table of regions.
KIND, FIRST, COUNT, CORE, EDGE, TOUCHED, JOINED, BEFORE_S, AFTER_S, QUIET_S, TOP_ROW, LEFT_COL, LOW_ROW, RIGHT_COL = (
    range(14)
)
COLUMNS = 14


@kernel
def stirred(
    depth: U16, top: int, left: int, tile: int, step: int, owner: U8, planes: F32, least: float, share: float, out: U8
) -> int:
    """Tiles in which something else is seen than before, into ``out`` (tile rows, tile columns); returns how many.

    Every ``step``-th watched pixel of a tile is looked at; two that differ stir it.
    """
    rows, columns = owner.shape
    found = 0
    for ty in range(out.shape[0]):
        for tx in range(out.shape[1]):
            differ = 0
            for y in range(ty * tile + step // 2, min((ty + 1) * tile, rows), step):
                for x in range(tx * tile + step // 2, min((tx + 1) * tile, columns), step):
                    d = np.float32(depth[top + y, left + x])
                    if owner[y, x] == 0 or d == 0:
                        continue
                    now = planes[NOW, y, x]
                    differ += abs(d - now) > max(np.float32(least), np.float32(share) * planes[DEVIATION, y, x])
            out[ty, tx] = differ >= 2
            found += out[ty, tx]
    return found


@kernel
def follow(
    depth: U16,
    top: int,
    left: int,
    tile: int,
    work: I32,
    wanted: int,
    t_s: float,
    before_s: float,
    looked_s: F64,
    owner: U8,
    near: F32,
    rule: F32,
    planes: F32,
    last_same: F64,
    shows: U8,
    counts: I32,
) -> None:
    """Let the watched pixels of the first ``wanted`` tiles of ``work`` follow what they see at ``t_s``.

    ``looked_s`` (tiles) is when each had its last look.  A tile that was asleep until now is known to have been as it
    was up to ``before_s``.  ``shows`` receives what each pixel shows, ``counts`` (tiles, 6) how many show what.
    """
    rows, columns = owner.shape
    across = (columns + tile - 1) // tile
    settle, learn = rule[SETTLE_S], rule[LEARN_S]
    for k in range(wanted):
        at = work[k]
        dt_s = np.float32(min(max(t_s - looked_s[at], 0.0), 1.5)) if looked_s[at] >= 0 else np.float32(0)
        slept = looked_s[at] < before_s - 0.2
        looked_s[at] = t_s
        gain = min(dt_s / rule[MEMORY_S], np.float32(1))
        counts[at, :] = 0
        y0, x0 = (at // across) * tile, (at % across) * tile
        for y in range(y0, min(y0 + tile, rows)):
            for x in range(x0, min(x0 + tile, columns)):
                if owner[y, x] == 0:
                    continue
                d = np.float32(depth[top + y, left + x])
                if d == 0:
                    counts[at, shows[y, x]] += 1
                    continue
                ref, now, spread = planes[REF, y, x], planes[NOW, y, x], planes[DEVIATION, y, x]
                wide = spread if ref <= 0 or d <= ref else spread * (d / ref) * (d / ref)
                difference = d - now
                if abs(difference) <= max(rule[TOLERANCE_K] * wide, rule[LEAST_TOLERANCE]):
                    looks = min(planes[LOOKS, y, x] + np.float32(1), np.float32(MOST_LOOKS))
                    now += difference / looks
                    planes[LOOKS, y, x] = looks
                    planes[NOW, y, x] = now
                    planes[NOW_S, y, x] += dt_s
                    planes[MISSES, y, x] = 0
                elif planes[MISSES, y, x] < 1:
                    # One stray look is forgiven.
                    planes[MISSES, y, x] = 1
                else:
                    now = d
                    planes[NOW, y, x] = d
                    planes[NOW_S, y, x] = 0
                    planes[LOOKS, y, x] = 1
                    planes[MISSES, y, x] = 0
                quiet = planes[NOW_S, y, x]
                outside = now < near[y, x]
                if ref <= 0 or (ref < near[y, x] and now > ref + wide):
                    # Nothing is known here yet, or what stood before the volume has gone.
                    if quiet >= learn:
                        planes[REF, y, x] = now
                        planes[DEVIATION, y, x] = rule[NOISE] + rule[NOISE_GROWTH] * now * now
                    shown = OUTSIDE if outside else UNKNOWN
                elif outside and ref >= near[y, x]:
                    shown = OUTSIDE
                else:
                    gap = now - ref
                    share = np.float32(1) / planes[LOOKS, y, x] + np.float32(1.0 / REF_LOOKS)
                    if abs(gap) > max(rule[LEAST_CHANGE], rule[CHANGE_K] * wide * np.sqrt(share)):
                        shown = BUSY if quiet < settle else (RECEDED if gap > 0 else ADVANCED)
                    else:
                        shown = SAME
                        last_same[y, x] = t_s
                        planes[REF, y, x] = ref + gain * (d - ref)
                        spread += gain * (np.float32(1.2533) * abs(d - now) - spread)
                        planes[DEVIATION, y, x] = max(spread, rule[LEAST_DEVIATION])
                if slept and shown != SAME and last_same[y, x] < before_s:
                    last_same[y, x] = before_s
                shows[y, x] = shown
                counts[at, shown] += 1


@kernel
def _inner(shows: U8, y: int, x: int) -> bool:
    """Whether all the neighbours of a pixel show what it shows."""
    if y < 1 or x < 1 or y + 1 >= shows.shape[0] or x + 1 >= shows.shape[1]:
        return False
    for dy, dx in NEIGHBOURS:
        if shows[y + dy, x + dx] != shows[y, x]:
            return False
    return True


@kernel
def fade(shows: U8, planes: F32, label: I32, y0: int, y1: int, x0: int, x1: int, after_s: float) -> None:
    """Take changes that belong to no region, and have lasted ``after_s``, as they are."""
    for y in range(y0, y1):
        for x in range(x0, x1):
            changed = shows[y, x] in (RECEDED, ADVANCED)
            if changed and label[y, x] == 0 and planes[NOW_S, y, x] > after_s:
                planes[REF, y, x] = planes[NOW, y, x]
                shows[y, x] = SAME


@kernel
def regions(
    shows: U8, owner: U8, planes: F32, last_same: F64, t_s: float,
    y0: int, y1: int, x0: int, x1: int, joined: float, label: I32, members: I32, table: F64,
) -> int:  # fmt: skip
    """Connected regions of pixels that show the same kind of change, into the rows of ``table``; returns how many.

    A region has at least one pixel whose neighbours all change alike: what has none is the frayed edge of something.
    Two neighbours belong together where the nearer of their two surfaces goes on: it steps by less than ``joined``,
    and so do things and bodies.  ``members`` receives the pixels of each region in turn (index in rows * columns).
    ``EDGE`` counts the pixels at which a region ends, ``TOUCHED`` those of them that something moving or standing
    before the volume touches, ``JOINED`` those from which that goes on without a step.
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
            row[TOP_ROW], row[LEFT_COL], row[LOW_ROW], row[RIGHT_COL] = sy, sx, sy, sx
            found += 1
            label[sy, sx] = found
            members[used] = sy * columns + sx
            used += 1
            k = int(row[FIRST])
            quiet = 1e9
            while k < used:
                y, x = members[k] // columns, members[k] % columns
                k += 1
                own = min(planes[REF, y, x], planes[NOW, y, x])
                same, edge, touched, meets = 0, False, False, False
                for dy, dx in NEIGHBOURS:
                    yy, xx = y + dy, x + dx
                    if yy < y0 or yy >= y1 or xx < x0 or xx >= x1 or owner[yy, xx] != owner[y, x]:
                        edge = True
                        continue
                    other = shows[yy, xx]
                    if other == kind:
                        same += 1
                        step = abs(min(planes[REF, yy, xx], planes[NOW, yy, xx]) - own)
                        if label[yy, xx] == 0 and step < joined:
                            label[yy, xx] = found
                            members[used] = yy * columns + xx
                            used += 1
                    else:
                        edge = True
                        if other in (OUTSIDE, BUSY):
                            touched = True
                            meets = meets or abs(planes[NOW, yy, xx] - planes[NOW, y, x]) < joined
                row[CORE] += same == 8
                row[EDGE] += edge
                row[TOUCHED] += touched
                row[JOINED] += meets
                row[BEFORE_S] += last_same[y, x]
                row[AFTER_S] += t_s - planes[NOW_S, y, x]
                quiet = min(quiet, planes[NOW_S, y, x])
                row[TOP_ROW], row[LOW_ROW] = min(row[TOP_ROW], y), max(row[LOW_ROW], y)
                row[LEFT_COL], row[RIGHT_COL] = min(row[LEFT_COL], x), max(row[RIGHT_COL], x)
            row[COUNT] = used - row[FIRST]
            row[BEFORE_S] /= row[COUNT]
            row[AFTER_S] /= row[COUNT]
            row[QUIET_S] = quiet
    return found


@kernel
def accept(planes: F32, shows: U8, members: NDArray[np.int32]) -> None:
    """Take what these pixels (index in rows * columns) see now as what they are compared with from now on."""
    columns = shows.shape[1]
    for k in range(members.size):
        y, x = members[k] // columns, members[k] % columns
        planes[REF, y, x] = planes[NOW, y, x]
        shows[y, x] = SAME
