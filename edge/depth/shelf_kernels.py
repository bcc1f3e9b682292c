"""Compiled inner loops of the watch over shelves.

Each watched pixel keeps two surfaces: the one it is compared with (``REF``), and the one that it sees now (``NOW``, a
running mean that starts anew when something else is seen).  They live in float32 planes (PLANES, rows, columns), in
the camera's depth unit; ``last_same`` (rows, columns) is the time at which a pixel last saw its ``REF``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.depth.kernels import F32, F64, I32, U8, U16, kernel

Number = float | np.floating[Any]

REF, REF_LOOKS, DEVIATION, NOW, NOW_S, LOOKS, MISSES, AWAY, AWAY_S, OTHER, BLINKS, BLIND_S = range(12)
PLANES = 12

# What a pixel shows.
SAME, RECEDED, ADVANCED, BUSY, OUTSIDE, UNKNOWN, FRAYED, HIDDEN, CLEARING, STEADY = range(10)
SHOWN = 10
UNWATCHED = 255
"""``BUSY`` moves inside the volume, ``OUTSIDE`` lies before it: a body, an arm, a bag, a trolley; ``FRAYED`` is the
edge of something, where now this surface is seen and now that; from ``HIDDEN`` nothing returns, and what is
``CLEARING`` has just come into view, and what is ``STEADY`` has been the same for long."""

# The rule, float32; lengths in depth units.
SETTLE_S, LEARN_S, MEMORY_S, FRAY_S, BLIND_AFTER_S = range(5)
LEAST_CHANGE, CHANGE_K, TOLERANCE_K, LEAST_TOLERANCE, NOISE, NOISE_GROWTH, LEAST_DEVIATION = range(5, 12)
RULES = 12
MOST_REF_LOOKS, MOST_LOOKS = 40.0, 30.0
"""Surfaces are at most as sure as the mean of so many looks."""
SURE_REF_LOOKS = 20.0
"""From here on what agrees with the reference is expected."""
WHOLE_S, FULL_S = 0.35, 5.0
"""How often the mean, and how often all of the state, of a pixel is followed that sees what is expected."""
AGREES_GAIN, AGREES_DOUBT = 0.15, 0.35
"""Gain of that mean, and its error against a single look's."""
MOST_UNITS = 65_535
LOOK_LASTS_S = 0.25
"""A single look is evidence for this long at most."""
IDLE_S, MOST_STEP_S = 0.3, 4.0
"""A tile that had no look for this long has slept; longer gaps count as the second."""
TURNS = 32
STIRRED = 3
LEAST_CHANGED = 6
LASTING = 0.6
"""Share of the usual noise that does not average out."""
LEAST_REF_LOOKS = 15.0
"""With fewer looks at what was there before nothing is said."""
SELDOM, OFTEN, MOST_BLINKS = 1.0, 3.0, 12.0
"""A pixel that saw the same other surface so often, for a moment each time, is at the edge of something."""
MOST_HIDDEN_PX = 24
INNER = 6
"""A pixel with so many neighbours like it lies inside: a strip two pixels wide has none."""
BLINK_LASTS_S = 20.0
"""One blink is forgotten after this long."""
NEIGHBOURS = ((-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1))

# Columns of the table of regions.
KIND, FIRST, COUNT, CORE, EDGE, TOUCHED, JOINED, UNSETTLED = range(8)
COLUMNS = 8


@kernel
def _tolerance(planes: F32, y: int, x: int, d: Number, rule: F32) -> Number:
    """How far a single look at depth ``d`` may lie from a surface that it sees."""
    ref = planes[REF, y, x]
    if ref <= 0:
        spread = rule[NOISE] + rule[NOISE_GROWTH] * d * d
    else:
        spread = planes[DEVIATION, y, x] * max(np.float32(1), (d / ref) * (d / ref))
    tolerance: Number = max(rule[TOLERANCE_K] * spread, rule[LEAST_TOLERANCE])
    return tolerance


@kernel
def _least(ref: Number, rule: F32) -> Number:
    """The least change that counts at a depth: part of a camera's error stays the same from look to look."""
    least: Number = rule[LEAST_CHANGE] + np.float32(LASTING) * (rule[NOISE] + rule[NOISE_GROWTH] * ref * ref)
    return least


@kernel
def _stirs(depth: U16, top: int, left: int, y0: int, x0: int, tile: int, step: int, expected: U16) -> bool:
    """Whether something else is seen in a tile than expected: some of its sampled pixels differ."""
    differ = 0
    for y in range(y0 + step // 2, min(y0 + tile, expected.shape[0]), step):
        for x in range(x0 + step // 2, min(x0 + tile, expected.shape[1]), step):
            d, low, high = depth[top + y, left + x], expected[y, x, 0], expected[y, x, 1]
            differ += d != 0 and low <= high and not low <= d <= high
            if differ == STIRRED:
                return True
    return False


@kernel
def wake(
    depth: U16, top: int, left: int, tile: int, step: int, expected: U16, t_s: float, before_s: float, awake_s: float,
    look_s: float, round_s: float, counts: I32, looked_s: F64, awake_until_s: F64, work: I32,
) -> int:  # fmt: skip
    """The tiles to follow at ``t_s``, into ``work``; returns how many.

    A tile that stirs wakes for ``awake_s``, with those around it.  Those awake, and those with a change in them, are
    due when ``look_s`` has passed since their last look; the sleeping take turns, each once in ``round_s``.
    """
    down, across = (expected.shape[0] + tile - 1) // tile, (expected.shape[1] + tile - 1) // tile
    for ty in range(down):
        for tx in range(across):
            if counts[ty * across + tx, SHOWN] and _stirs(depth, top, left, ty * tile, tx * tile, tile, step, expected):
                for yy in range(max(ty - 1, 0), min(ty + 2, down)):
                    for xx in range(max(tx - 1, 0), min(tx + 2, across)):
                        at = yy * across + xx
                        awake_until_s[at] = max(awake_until_s[at], t_s + awake_s)
    wanted = 0
    for at in range(down * across):
        if counts[at, SHOWN] == 0:
            continue
        changed = counts[at, RECEDED] + counts[at, ADVANCED] >= LEAST_CHANGED
        phase = np.float64(at % TURNS) / TURNS
        turn = np.floor(t_s / round_s - phase) > np.floor(before_s / round_s - phase)
        if turn or ((changed or awake_until_s[at] > t_s) and looked_s[at] <= t_s - look_s):
            work[wanted] = at
            wanted += 1
    return wanted


@kernel
def _see(planes: F32, y: int, x: int, d: Number, tolerance: Number, dt_s: Number, settle_s: Number) -> None:
    """Let one pixel's ``NOW`` follow a look, and keep count of what it sees for a moment only."""
    difference = d - planes[NOW, y, x]
    if abs(difference) <= tolerance:
        looks = min(planes[LOOKS, y, x] + np.float32(1), np.float32(MOST_LOOKS))
        planes[LOOKS, y, x] = looks
        planes[NOW, y, x] += difference / looks
        planes[NOW_S, y, x] += dt_s
        planes[MISSES, y, x] = 0
    elif planes[MISSES, y, x] < 1:
        # One stray look is forgiven.
        planes[MISSES, y, x] = 1
    else:
        planes[NOW, y, x] = d
        planes[NOW_S, y, x] = 0
        planes[LOOKS, y, x] = 1
        planes[MISSES, y, x] = 0
    if planes[REF, y, x] <= 0:
        return
    if abs(d - planes[REF, y, x]) > tolerance:
        planes[AWAY_S, y, x] += dt_s
        planes[AWAY, y, x] = d
        return
    if 0 < planes[AWAY_S, y, x] <= settle_s:
        if abs(planes[AWAY, y, x] - planes[OTHER, y, x]) <= tolerance:
            planes[BLINKS, y, x] = min(planes[BLINKS, y, x] + np.float32(1), np.float32(MOST_BLINKS))
            planes[OTHER, y, x] += np.float32(0.25) * (planes[AWAY, y, x] - planes[OTHER, y, x])
        elif planes[BLINKS, y, x] <= 1:
            planes[OTHER, y, x] = planes[AWAY, y, x]
            planes[BLINKS, y, x] = 1
        else:
            planes[BLINKS, y, x] -= np.float32(1)
    planes[AWAY_S, y, x] = 0


@kernel
def _learn(planes: F32, y: int, x: int, d: Number, tolerance: Number, dt_s: Number, rule: F32) -> None:
    """Find the surface that a pixel sees most of the time (majority vote, Boyer and Moore 1991)."""
    if abs(d - planes[AWAY, y, x]) <= tolerance:
        planes[AWAY, y, x] += np.float32(0.1) * (d - planes[AWAY, y, x])
        planes[AWAY_S, y, x] += dt_s
    elif planes[AWAY_S, y, x] > 0:
        planes[AWAY_S, y, x] -= dt_s
    else:
        planes[AWAY, y, x] = d
    if planes[AWAY_S, y, x] >= rule[LEARN_S]:
        planes[REF, y, x] = planes[AWAY, y, x]
        planes[REF_LOOKS, y, x] = 5
        planes[AWAY_S, y, x] = 0
        planes[BLINKS, y, x] = 0
        planes[DEVIATION, y, x] = rule[NOISE] + rule[NOISE_GROWTH] * planes[AWAY, y, x] * planes[AWAY, y, x]


@kernel
def _shown(planes: F32, y: int, x: int, d: Number, near: Number, tolerance: Number, rule: F32) -> int:
    """What one pixel shows, once ``NOW`` has followed the look ``d``."""
    ref, now, quiet = planes[REF, y, x], planes[NOW, y, x], planes[NOW_S, y, x]
    outside = now < near
    if ref <= 0:
        return OUTSIDE if outside else UNKNOWN
    if ref < near and now > ref + tolerance:
        # What stood before the volume has gone: nothing is known of what is behind it.
        if quiet >= rule[SETTLE_S]:
            planes[REF, y, x] = 0
            planes[AWAY_S, y, x] = 0
        return UNKNOWN
    if outside and ref >= near:
        return OUTSIDE
    gap = abs(now - ref)
    wide = tolerance / rule[TOLERANCE_K]
    looks, ref_looks = planes[LOOKS, y, x], planes[REF_LOOKS, y, x]
    limit = max(_least(ref, rule), rule[CHANGE_K] * wide * np.sqrt(1 / looks + 1 / ref_looks))
    if gap <= limit:
        # A few looks cannot tell a thin thing from what was behind it.
        return SAME if quiet >= rule[SETTLE_S] else CLEARING
    frayed = planes[BLINKS, y, x] >= OFTEN and abs(now - planes[OTHER, y, x]) <= min(tolerance, np.float32(0.5) * gap)
    if frayed and planes[AWAY_S, y, x] < rule[FRAY_S]:
        return FRAYED
    # A surface that is clearly another one is not seen together with the old one.
    seen_both = gap > 1.5 * tolerance and planes[AWAY_S, y, x] < rule[SETTLE_S]
    if quiet < rule[SETTLE_S] or seen_both or ref_looks < LEAST_REF_LOOKS:
        return BUSY
    return RECEDED if now > ref else ADVANCED


@kernel
def _expect(planes: F32, y: int, x: int, shown: int, near: F32, rule: F32, expected: U16) -> None:
    """Between which depths a pixel would tell nothing new: its surface, or anything that is still before the volume.

    Nothing is expected (low over high) of a pixel that has to be followed look by look.
    """
    low, high = np.float32(MOST_UNITS), np.float32(0)
    if shown == STEADY or (shown == SAME and planes[BLINKS, y, x] >= np.float32(SELDOM)):
        ref = planes[REF, y, x]
        tolerance = max(rule[TOLERANCE_K] * planes[DEVIATION, y, x], rule[LEAST_TOLERANCE])
        low, high = max(ref - tolerance, np.float32(1)), ref + tolerance
        if planes[BLINKS, y, x] >= np.float32(SELDOM):
            # At a frayed edge the other surface is no news either.
            low = max(min(low, planes[OTHER, y, x] - tolerance), np.float32(1))
            high = max(high, planes[OTHER, y, x] + tolerance)
    elif shown == OUTSIDE and planes[REF, y, x] > 0:
        low, high = np.float32(1), near[y, x] - np.float32(1)
    expected[y, x, 0], expected[y, x, 1] = np.uint16(low), np.uint16(min(high, np.float32(MOST_UNITS)))


@kernel
def _is_steady(planes: F32, y: int, x: int) -> bool:
    """Whether a pixel that sees what it saw before is sure of it, and is not at an edge that frays."""
    steady: bool = (
        planes[REF_LOOKS, y, x] >= SURE_REF_LOOKS and planes[AWAY_S, y, x] <= 0 and planes[BLINKS, y, x] < SELDOM
    )
    return steady


@kernel
def _agrees(planes: F32, y: int, x: int, shown: int, seen: int, rule: F32) -> bool:
    """Let the mean of a pixel that sees what is expected follow; whether it still agrees with the reference."""
    if shown != STEADY:
        return True
    ref, now = planes[REF, y, x], planes[NOW, y, x]
    now += np.float32(AGREES_GAIN) * (np.float32(seen) - now)
    planes[NOW, y, x] = now
    doubt = np.float32(AGREES_DOUBT) * rule[CHANGE_K] * planes[DEVIATION, y, x]
    agrees: bool = abs(now - ref) <= max(_least(ref, rule), doubt)
    return agrees


@kernel
def _adapt(planes: F32, y: int, x: int, d: Number, tolerance: Number, slow: Number, rule: F32) -> None:
    """Let what a pixel is compared with follow slow drift, and learn how noisy it is."""
    if abs(d - planes[REF, y, x]) > tolerance:
        return
    sure = min(planes[REF_LOOKS, y, x] + np.float32(1), np.float32(MOST_REF_LOOKS))
    planes[REF_LOOKS, y, x] = sure
    gain = slow if sure >= MOST_REF_LOOKS else max(slow, np.float32(1) / sure)
    planes[REF, y, x] += gain * (d - planes[REF, y, x])
    spread = planes[DEVIATION, y, x]
    spread += gain * (np.float32(1.2533) * abs(d - planes[NOW, y, x]) - spread)
    planes[DEVIATION, y, x] = max(spread, rule[LEAST_DEVIATION])


@kernel
def follow(
    depth: U16,
    top: int,
    left: int,
    tile: int,
    work: I32,
    wanted: int,
    t_s: float,
    looked_s: F64,
    whole_s: F64,
    full_s: F64,
    near: F32,
    rule: F32,
    planes: F32,
    last_same: F64,
    shows: U8,
    counts: I32,
    expected: U16,
) -> None:
    """Let the watched pixels of the first ``wanted`` tiles of ``work`` follow what they see at ``t_s``.

    ``looked_s`` (tiles) is when each had its last look.  A look passes over the pixels that see what is ``expected``
    (rows, columns, 2); now and then (``whole_s``) their mean is followed too, and seldom (``full_s``) all of their
    state.  ``last_same`` (rows, columns) is when a pixel
    last saw its surface before it saw something else.  ``shows`` receives what each pixel shows, ``counts`` (tiles,
    SHOWN + 1) how many show what.
    """
    rows, columns = shows.shape
    across = (columns + tile - 1) // tile
    for k in range(wanted):
        at = work[k]
        before_s = looked_s[at]
        since_s = min(max(t_s - before_s, 0.0), MOST_STEP_S) if before_s >= 0 else 0.0
        dt_s = np.float32(min(since_s, LOOK_LASTS_S))
        # What slept was as it was until a moment ago: else it would have stirred.
        same_s = max(before_s, t_s - 0.1) if since_s > IDLE_S else before_s
        looked_s[at] = t_s
        whole = t_s - whole_s[at] >= WHOLE_S
        full = t_s - full_s[at] >= FULL_S
        slow = np.float32(min(max(t_s - full_s[at], 0.0) / rule[MEMORY_S], 1.0))
        if full:
            full_s[at] = t_s
        if whole:
            whole_s[at] = t_s
            counts[at, :SHOWN] = 0
        y0, x0 = (at // across) * tile, (at % across) * tile
        for y in range(y0, min(y0 + tile, rows)):
            for x in range(x0, min(x0 + tile, columns)):
                seen, shown = depth[top + y, left + x], shows[y, x]
                if shown == UNWATCHED:
                    continue
                passed = shown != SAME and expected[y, x, 0] <= seen <= expected[y, x, 1]
                if passed and not whole:
                    continue
                # Counted anew with each whole look, kept up between.
                counts[at, shown] += 1 if whole else 0
                if passed and not full and _agrees(planes, y, x, shown, seen, rule):
                    continue
                d = np.float32(seen)
                tolerance = _tolerance(planes, y, x, d, rule)
                if seen == 0:
                    planes[BLIND_S, y, x] += dt_s
                    if planes[BLIND_S, y, x] <= rule[BLIND_AFTER_S]:
                        continue
                    now_shown = HIDDEN
                else:
                    planes[BLIND_S, y, x] = 0
                    _see(planes, y, x, d, tolerance, dt_s, rule[SETTLE_S])
                    if planes[REF, y, x] <= 0:
                        _learn(planes, y, x, d, tolerance, dt_s, rule)
                    now_shown = _shown(planes, y, x, d, near[y, x], tolerance, rule)
                if now_shown == SAME:
                    _adapt(planes, y, x, d, tolerance, slow, rule)
                    planes[BLINKS, y, x] = max(planes[BLINKS, y, x] - dt_s / np.float32(BLINK_LASTS_S), np.float32(0))
                    if _is_steady(planes, y, x):
                        now_shown = STEADY
                elif shown in (SAME, STEADY):
                    last_same[y, x] = same_s
                if now_shown == OUTSIDE:
                    # Long enough away to be no blink.
                    planes[AWAY_S, y, x] = max(planes[AWAY_S, y, x], np.float32(2) * rule[SETTLE_S])
                if now_shown != shown or now_shown in (STEADY, SAME):
                    _expect(planes, y, x, now_shown, near, rule, expected)
                shows[y, x] = now_shown
                counts[at, shown] -= 1
                counts[at, now_shown] += 1


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
                if shows[y, x] == ADVANCED or abs(planes[REF, yy, xx] - planes[REF, y, x]) < goes_on:
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
                gap = planes[NOW, yy, xx] - planes[REF, yy, xx]
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
            if changed and label[y, x] == 0 and planes[NOW_S, y, x] > after_s:
                planes[REF, y, x] = planes[NOW, y, x]
                planes[REF_LOOKS, y, x] = max(planes[LOOKS, y, x], np.float32(LEAST_REF_LOOKS))
                shows[y, x] = SAME


@kernel
def regions(
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
                own = min(planes[REF, y, x], planes[NOW, y, x])
                same, edge, touched, meets, unsettled = 0, False, False, False, False
                for dy, dx in NEIGHBOURS:
                    yy, xx = y + dy, x + dx
                    if yy < y0 or yy >= y1 or xx < x0 or xx >= x1 or owner[yy, xx] != owner[y, x]:
                        edge = True
                        continue
                    other = shows[yy, xx]
                    if other == kind:
                        same += 1
                        step = abs(min(planes[REF, yy, xx], planes[NOW, yy, xx]) - own)
                        if label[yy, xx] == 0 and step < apart:
                            label[yy, xx] = found
                            members[used] = yy * columns + xx
                            used += 1
                    else:
                        edge = True
                        nearer = planes[NOW, yy, xx] < planes[REF, yy, xx]
                        if other == CLEARING or (other == BUSY and not nearer):
                            unsettled = True
                        elif other in (OUTSIDE, BUSY) and _moving(shows, yy, xx):
                            touched = (
                                touched or kind == ADVANCED or abs(planes[REF, yy, xx] - planes[REF, y, x]) < joined
                            )
                            on = abs(planes[NOW, yy, xx] - planes[NOW, y, x]) < joined
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
        planes[REF, y, x] = planes[NOW, y, x]
        planes[REF_LOOKS, y, x] = max(planes[LOOKS, y, x], np.float32(LEAST_REF_LOOKS))
        planes[BLINKS, y, x] = 0
        shows[y, x] = SAME
