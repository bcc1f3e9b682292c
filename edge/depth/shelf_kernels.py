"""Compiled inner loops of the watch over shelves.

Each watched pixel keeps two surfaces: the one it is compared with (``REF``), and the one that it sees now (``NOW``, a
running mean that starts anew when something else is seen).  They live in float32 ``planes`` (rows, columns, PLANES), in
the camera's depth unit; ``last_same`` (rows, columns) is the time at which a pixel last saw its ``REF``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

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
UNKNOWN_TILE, LEARNING_S = 77, 1.5
"""A tile with so many pixels of which nothing is known, or not again yet, stays awake, and for so long after."""
STIRRED = 4
LEAST_CHANGED = 6
LASTING = 0.6
"""Share of the usual noise that does not average out."""
LEAST_REF_LOOKS = 15.0
"""With fewer looks at what was there before nothing is said."""
SELDOM, OFTEN, MOST_BLINKS = 1.0, 3.0, 12.0
"""A pixel that saw the same other surface so often, for a moment each time, is at the edge of something."""
CROSS = ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1))
BLINK_LASTS_S = 20.0
"""One blink is forgotten after this long."""


@kernel
def _tolerance(planes: F32, y: int, x: int, d: Number, rule: F32) -> Number:
    """How far a single look at depth ``d`` may lie from a surface that it sees."""
    ref = planes[y, x, REF]
    if ref <= 0:
        spread = rule[NOISE] + rule[NOISE_GROWTH] * d * d
    else:
        spread = planes[y, x, DEVIATION] * max(np.float32(1), (d / ref) * (d / ref))
    tolerance: Number = max(rule[TOLERANCE_K] * spread, rule[LEAST_TOLERANCE])
    return tolerance


@kernel
def _least(ref: Number, rule: F32) -> Number:
    """The least change that counts at a depth: part of a camera's error stays the same from look to look."""
    least: Number = rule[LEAST_CHANGE] + np.float32(LASTING) * (rule[NOISE] + rule[NOISE_GROWTH] * ref * ref)
    return least


@kernel
def _stirs(depth: U16, top: int, left: int, y0: int, x0: int, tile: int, step: int, calm: U16) -> bool:
    """Whether something else is seen in a tile than expected: some of its sampled pixels differ."""
    differ = 0
    for y in range(y0 + step // 2, min(y0 + tile, calm.shape[0]), step):
        for x in range(x0 + step // 2, min(x0 + tile, calm.shape[1]), step):
            d, low, high = depth[top + y, left + x], calm[y, x, 0], calm[y, x, 1]
            differ += d != 0 and low <= high and not low <= d <= high
            if differ == STIRRED:
                return True
    return False


@kernel
def wake(
    depth: U16, top: int, left: int, tile: int, step: int, calm: U16, t_s: float, before_s: float, awake_s: float,
    look_s: float, round_s: float, counts: I32, looked_s: F64, awake_until_s: F64, work: I32,
) -> int:  # fmt: skip
    """The tiles to follow at ``t_s``, into ``work``; returns how many.

    A tile that stirs wakes for ``awake_s``, with those around it.  Those awake, and those with a change in them, are
    due when about ``look_s`` has passed since their last look; the sleeping take turns, each once in ``round_s``.
    """
    down, across = (calm.shape[0] + tile - 1) // tile, (calm.shape[1] + tile - 1) // tile
    for ty in range(down):
        for tx in range(across):
            if counts[ty * across + tx, SHOWN] and _stirs(depth, top, left, ty * tile, tx * tile, tile, step, calm):
                for dy, dx in CROSS:
                    yy, xx = ty + dy, tx + dx
                    if 0 <= yy < down and 0 <= xx < across:
                        near_by = yy * across + xx
                        awake_until_s[near_by] = max(awake_until_s[near_by], t_s + awake_s)
    wanted = 0
    for at in range(down * across):
        if counts[at, SHOWN] == 0:
            continue
        changed = counts[at, RECEDED] + counts[at, ADVANCED] >= LEAST_CHANGED
        phase = np.float64(at % TURNS) / TURNS
        if counts[at, UNKNOWN] + counts[at, CLEARING] >= UNKNOWN_TILE:
            # What has just come into view is learnt in one go.
            awake_until_s[at] = max(awake_until_s[at], t_s + LEARNING_S)
        turn = np.floor(t_s / round_s - phase) > np.floor(before_s / round_s - phase)
        if turn or ((changed or awake_until_s[at] > t_s) and looked_s[0, at] <= t_s - look_s + (t_s - before_s) / 2):
            work[wanted] = at
            wanted += 1
    return wanted


@kernel
def _see(planes: F32, y: int, x: int, d: Number, tolerance: Number, dt_s: Number, settle_s: Number) -> None:
    """Let one pixel's ``NOW`` follow a look, and keep count of what it sees for a moment only."""
    difference = d - planes[y, x, NOW]
    if abs(difference) <= tolerance:
        looks = min(planes[y, x, LOOKS] + np.float32(1), np.float32(MOST_LOOKS))
        planes[y, x, LOOKS] = looks
        planes[y, x, NOW] += difference / looks
        planes[y, x, NOW_S] += dt_s
        planes[y, x, MISSES] = 0
    elif planes[y, x, MISSES] < 1:
        # One stray look is forgiven.
        planes[y, x, MISSES] = 1
    else:
        planes[y, x, NOW] = d
        planes[y, x, NOW_S] = 0
        planes[y, x, LOOKS] = 1
        planes[y, x, MISSES] = 0
    if planes[y, x, REF] <= 0:
        return
    if abs(d - planes[y, x, REF]) > tolerance:
        planes[y, x, AWAY_S] += dt_s
        planes[y, x, AWAY] = d
        return
    if 0 < planes[y, x, AWAY_S] <= settle_s:
        if abs(planes[y, x, AWAY] - planes[y, x, OTHER]) <= tolerance:
            planes[y, x, BLINKS] = min(planes[y, x, BLINKS] + np.float32(1), np.float32(MOST_BLINKS))
            planes[y, x, OTHER] += np.float32(0.25) * (planes[y, x, AWAY] - planes[y, x, OTHER])
        elif planes[y, x, BLINKS] <= 1:
            planes[y, x, OTHER] = planes[y, x, AWAY]
            planes[y, x, BLINKS] = 1
        else:
            planes[y, x, BLINKS] -= np.float32(1)
    planes[y, x, AWAY_S] = 0


@kernel
def _learn(planes: F32, y: int, x: int, d: Number, tolerance: Number, dt_s: Number, rule: F32) -> None:
    """Find the surface that a pixel sees most of the time (majority vote, Boyer and Moore 1991)."""
    if abs(d - planes[y, x, AWAY]) <= tolerance:
        planes[y, x, AWAY] += np.float32(0.1) * (d - planes[y, x, AWAY])
        planes[y, x, AWAY_S] += dt_s
    elif planes[y, x, AWAY_S] > 0:
        planes[y, x, AWAY_S] -= dt_s
    else:
        planes[y, x, AWAY] = d
    if planes[y, x, AWAY_S] >= rule[LEARN_S]:
        planes[y, x, REF] = planes[y, x, AWAY]
        planes[y, x, REF_LOOKS] = 5
        planes[y, x, AWAY_S] = 0
        planes[y, x, BLINKS] = 0
        planes[y, x, DEVIATION] = rule[NOISE] + rule[NOISE_GROWTH] * planes[y, x, AWAY] * planes[y, x, AWAY]


@kernel
def _shown(planes: F32, y: int, x: int, near: Number, tolerance: Number, rule: F32) -> int:
    """What one pixel shows, once ``NOW`` has followed a look."""
    ref, now, quiet = planes[y, x, REF], planes[y, x, NOW], planes[y, x, NOW_S]
    outside = now < near
    if ref <= 0:
        return OUTSIDE if outside else UNKNOWN
    if ref < near and now > ref + tolerance:
        # What stood before the volume has gone: nothing is known of what is behind it.
        if quiet >= rule[SETTLE_S]:
            planes[y, x, REF] = 0
            planes[y, x, AWAY_S] = 0
        return UNKNOWN
    if outside and ref >= near:
        return OUTSIDE
    gap = abs(now - ref)
    wide = tolerance / rule[TOLERANCE_K]
    looks, ref_looks = planes[y, x, LOOKS], planes[y, x, REF_LOOKS]
    limit = max(_least(ref, rule), rule[CHANGE_K] * wide * np.sqrt(1 / looks + 1 / ref_looks))
    if gap <= limit:
        # A few looks cannot tell a thin thing from what was behind it.
        return SAME if quiet >= rule[SETTLE_S] else CLEARING
    frayed = planes[y, x, BLINKS] >= OFTEN and abs(now - planes[y, x, OTHER]) <= min(tolerance, np.float32(0.5) * gap)
    if frayed and planes[y, x, AWAY_S] < rule[FRAY_S]:
        return FRAYED
    # A surface that is clearly another one is not seen together with the old one.
    seen_both = gap > 1.5 * tolerance and planes[y, x, AWAY_S] < rule[SETTLE_S]
    if quiet < rule[SETTLE_S] or seen_both:
        return BUSY
    if ref_looks < LEAST_REF_LOOKS:
        # What was hardly seen was learnt wrongly: learn it again.
        planes[y, x, REF] = 0
        planes[y, x, AWAY_S] = 0
        return UNKNOWN
    return RECEDED if now > ref else ADVANCED


@kernel
def _expect(planes: F32, y: int, x: int, shown: int, near: F32, rule: F32, expected: U16, calm: U16) -> None:
    """Between which depths a pixel tells nothing new: its surface, or anything that is still before the volume.

    Nothing is ``expected`` (low over high) of a pixel that has to be followed look by look, as at an edge that frays;
    there the other surface is no stir either, so that ``calm`` is wider.
    """
    low, high = np.float32(MOST_UNITS), np.float32(0)
    wide_low, wide_high = low, high
    if shown in (STEADY, SAME):
        ref = planes[y, x, REF]
        tolerance = max(rule[TOLERANCE_K] * planes[y, x, DEVIATION], rule[LEAST_TOLERANCE])
        wide_low, wide_high = max(ref - tolerance, np.float32(1)), ref + tolerance
        if shown == STEADY:
            low, high = wide_low, wide_high
        elif planes[y, x, BLINKS] >= np.float32(SELDOM):
            wide_low = max(min(wide_low, planes[y, x, OTHER] - tolerance), np.float32(1))
            wide_high = max(wide_high, planes[y, x, OTHER] + tolerance)
    elif shown == OUTSIDE and planes[y, x, REF] > 0:
        low, high = np.float32(1), near[y, x] - np.float32(1)
        wide_low, wide_high = low, high
    most = np.float32(MOST_UNITS)
    expected[y, x, 0], expected[y, x, 1] = np.uint16(low), np.uint16(min(high, most))
    calm[y, x, 0], calm[y, x, 1] = np.uint16(wide_low), np.uint16(min(wide_high, most))


@kernel
def _is_steady(planes: F32, y: int, x: int) -> bool:
    """Whether a pixel that sees what it saw before is sure of it, and is not at an edge that frays."""
    steady: bool = (
        planes[y, x, REF_LOOKS] >= SURE_REF_LOOKS and planes[y, x, AWAY_S] <= 0 and planes[y, x, BLINKS] < SELDOM
    )
    return steady


@kernel
def _agrees(planes: F32, y: int, x: int, shown: int, seen: int, rule: F32) -> bool:
    """Let the mean of a pixel that sees what is expected follow; whether it still agrees with the reference."""
    if shown != STEADY:
        return True
    ref, now = planes[y, x, REF], planes[y, x, NOW]
    now += np.float32(AGREES_GAIN) * (np.float32(seen) - now)
    planes[y, x, NOW] = now
    doubt = np.float32(AGREES_DOUBT) * rule[CHANGE_K] * planes[y, x, DEVIATION]
    agrees: bool = abs(now - ref) <= max(_least(ref, rule), doubt)
    return agrees


@kernel
def _adapt(planes: F32, y: int, x: int, d: Number, tolerance: Number, slow: Number, rule: F32) -> None:
    """Let what a pixel is compared with follow slow drift, and learn how noisy it is."""
    if abs(d - planes[y, x, REF]) > tolerance:
        return
    sure = min(planes[y, x, REF_LOOKS] + np.float32(1), np.float32(MOST_REF_LOOKS))
    planes[y, x, REF_LOOKS] = sure
    gain = slow if sure >= MOST_REF_LOOKS else max(slow, np.float32(1) / sure)
    planes[y, x, REF] += gain * (d - planes[y, x, REF])
    spread = planes[y, x, DEVIATION]
    spread += gain * (np.float32(1.2533) * abs(d - planes[y, x, NOW]) - spread)
    planes[y, x, DEVIATION] = max(spread, rule[LEAST_DEVIATION])


@kernel
def _passes(seen: U16, expected: U16) -> bool:
    """Whether all the pixels of a row see what is expected of them."""
    other = 0
    for k in range(seen.size):
        other += (seen[k] < expected[k, 0]) | (seen[k] > expected[k, 1])
    return other == 0


@kernel
def _show(
    planes: F32, y: int, x: int, seen: int, shown: int, near: F32, dt_s: Number, slow: Number, rule: F32
) -> int:  # fmt: skip
    """Let one pixel follow a look, and say what it shows now."""
    if seen == 0:
        planes[y, x, BLIND_S] += dt_s
        return shown if planes[y, x, BLIND_S] <= rule[BLIND_AFTER_S] else HIDDEN
    d = np.float32(seen)
    tolerance = _tolerance(planes, y, x, d, rule)
    planes[y, x, BLIND_S] = 0
    _see(planes, y, x, d, tolerance, dt_s, rule[SETTLE_S])
    if planes[y, x, REF] <= 0:
        _learn(planes, y, x, d, tolerance, dt_s, rule)
    now_shown = _shown(planes, y, x, near[y, x], tolerance, rule)
    if now_shown == SAME:
        _adapt(planes, y, x, d, tolerance, slow, rule)
        planes[y, x, BLINKS] = max(planes[y, x, BLINKS] - dt_s / np.float32(BLINK_LASTS_S), np.float32(0))
        if _is_steady(planes, y, x):
            return STEADY
    elif now_shown == OUTSIDE:
        # Long enough away to be no blink.
        planes[y, x, AWAY_S] = max(planes[y, x, AWAY_S], np.float32(2) * rule[SETTLE_S])
    return now_shown


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
    near: F32,
    rule: F32,
    planes: F32,
    last_same: F64,
    shows: U8,
    counts: I32,
    expected: U16,
    calm: U16,
) -> None:
    """Let the watched pixels of the first ``wanted`` tiles of ``work`` follow what they see at ``t_s``.

    A look passes over the pixels that see what is ``expected`` (rows, columns, 2); now and then their mean is followed
    too, and seldom all of their state: ``looked_s`` (3, tiles) is when each tile had its last look of each kind.
    ``last_same`` (rows, columns) is when a pixel last saw its surface before it saw something else.  ``shows`` receives
    what each pixel shows, ``counts`` (tiles, SHOWN + 1) how many show what, counted anew when the mean is followed.
    """
    rows, columns = shows.shape
    across = (columns + tile - 1) // tile
    for k in range(wanted):
        at = work[k]
        before_s = looked_s[0, at]
        since_s = min(max(t_s - before_s, 0.0), MOST_STEP_S) if before_s >= 0 else 0.0
        dt_s = np.float32(min(since_s, LOOK_LASTS_S))
        # What slept was as it was until a moment ago: else it would have stirred.
        same_s = max(before_s, t_s - 0.1) if since_s > IDLE_S else before_s
        whole, full = t_s - looked_s[1, at] >= WHOLE_S, t_s - looked_s[2, at] >= FULL_S
        slow = np.float32(min(max(t_s - looked_s[2, at], 0.0) / rule[MEMORY_S], 1.0))
        looked_s[0, at] = t_s
        if full:
            looked_s[2, at] = t_s
        if whole:
            looked_s[1, at] = t_s
            counts[at, :SHOWN] = 0
        y0, x0 = (at // across) * tile, (at % across) * tile
        x1 = min(x0 + tile, columns)
        for y in range(y0, min(y0 + tile, rows)):
            if not whole and _passes(depth[top + y, left + x0 : left + x1], expected[y, x0:x1]):
                continue
            for x in range(x0, x1):
                seen, shown = depth[top + y, left + x], shows[y, x]
                passed = expected[y, x, 0] <= seen <= expected[y, x, 1]
                if shown == UNWATCHED or (passed and not whole):
                    continue
                counts[at, shown] += 1 if whole else 0
                if passed and not full and _agrees(planes, y, x, shown, seen, rule):
                    continue
                now_shown = _show(planes, y, x, seen, shown, near, dt_s, slow, rule)
                if now_shown not in (SAME, STEADY) and shown in (SAME, STEADY):
                    last_same[y, x] = same_s
                if now_shown != shown or now_shown in (SAME, STEADY):
                    _expect(planes, y, x, now_shown, near, rule, expected, calm)
                shows[y, x] = now_shown
                counts[at, shown] -= 1
                counts[at, now_shown] += 1
