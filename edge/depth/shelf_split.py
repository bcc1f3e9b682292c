"""Several things that came or went at once, told apart by the shape of their front; and pieces of one thing.

Things stand side by side: where one ends and the next begins the front lies back, for round things by their radius, for
others by the gap between them.  The front of a single thing bulges or is flat, and has no valley.  So the front is
followed along the shelf in windows one pixel wide, a third of a pixel apart, that a gap of one pixel falls into whole.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STEP_PX = 1 / 3
RIDGE_PX = 2.0
"""How far a front stands out is the mean over so many pixels: a single one may be noise."""
FRONT_PERCENTILE = 70.0
"""Of the points in a window these far to the front make the profile."""
VALLEY_M = 0.008
"""A valley this deep between two fronts parts them."""
SURE = 4.7
"""And so many times as deep as its window is uncertain."""
LEAST_DOUBT_M = 0.0007
LEAST_POINTS = 48
"""Of less no shape is seen."""
NARROWEST_M = 0.035
"""Nothing on a shelf is narrower."""
LEAST_SHARE = 0.2
"""Nor do neighbours that are taken together differ much in size."""
SLIVER_M, SLIVER_SHARE = 0.045, 0.3
"""What is narrower, and has a smaller share of the points than the largest, is the edge of what stands beside it."""
MOST_PARTS = 6

F64 = NDArray[np.float64]
Indices = NDArray[np.int64]


def split(front_m: F64, along_m: F64, pitch_m: float) -> list[Indices]:
    """Part the points of a region into things that stand side by side.

    Parameters
    ----------
    front_m, along_m
        (n,) how far each point stands out of the shelf, and where along it, metres.
    pitch_m
        Distance between neighbouring points, metres.

    Returns
    -------
    Indices of the points of each thing, along the shelf; one list of all where it is one thing.
    """
    whole = np.arange(len(front_m))
    parts: list[Indices] = []
    waiting = [whole]
    while waiting:
        part = waiting.pop()
        cut_m = None if len(parts) + len(waiting) + 1 >= MOST_PARTS else _cut(front_m[part], along_m[part], pitch_m)
        if cut_m is None:
            parts.append(part)
        else:
            waiting += [part[along_m[part] > cut_m], part[along_m[part] <= cut_m]]
    return parts


def is_whole(front_m: F64, along_m: F64, pitch_m: float) -> bool:
    """Whether the points of a front, as in :func:`split`, may all belong to one thing."""
    return _cut(front_m, along_m, pitch_m) is None


def is_sliver(along_m: F64, most: int) -> bool:
    """Whether a part, at ``along_m`` (n,) metres, is but the edge of what stands beside one of ``most`` points."""
    return len(along_m) < SLIVER_SHARE * most and float(np.ptp(along_m)) < SLIVER_M


def _cut(front_m: F64, along_m: F64, pitch_m: float) -> float | None:
    """Where the clearest valley lies that parts two things, if there is one."""
    low_m, high_m = float(along_m.min()), float(along_m.max())
    if len(front_m) < LEAST_POINTS or high_m - low_m < 2 * NARROWEST_M:
        return None
    at_m = np.arange(low_m + pitch_m / 2, high_m - pitch_m / 2, STEP_PX * pitch_m)
    profile, doubt_m, before = _profile(front_m, along_m, at_m, pitch_m)
    if np.isnan(profile).all():
        return None
    height = _ridges(profile)
    share = before / len(front_m)
    inside = (at_m - low_m >= NARROWEST_M) & (high_m - at_m >= NARROWEST_M)
    possible = inside & (share >= LEAST_SHARE) & (share <= 1 - LEAST_SHARE)
    usual_m = max(float(np.nanmedian(doubt_m)), LEAST_DOUBT_M)
    # A window without points is a gap.
    bottom = np.where(np.isnan(profile), np.nanmin(profile) - 2 * VALLEY_M, profile)
    doubt_m = np.maximum(np.where(np.isnan(doubt_m), usual_m, doubt_m), usual_m)
    best, cut_m = 1.0, None
    for k in np.flatnonzero(possible):
        left, right = height[at_m < at_m[k] - pitch_m], height[at_m > at_m[k] + pitch_m]
        deep_m = float(min(left.max(initial=-np.inf), right.max(initial=-np.inf)) - bottom[k])
        clear = min(deep_m / VALLEY_M, deep_m / (SURE * float(doubt_m[k])))
        if clear > best:
            best, cut_m = clear, float(at_m[k])
    return cut_m


def _profile(front_m: F64, along_m: F64, at_m: F64, wide_m: float) -> tuple[F64, F64, Indices]:
    """The front in windows about places along it, how uncertain it is there, and how many points come before.

    A window of fewer than two points has none (nan).  Neighbouring points share about half of their noise.
    """
    order = np.argsort(along_m)
    along_m, front_m = along_m[order], front_m[order]
    first, last = np.searchsorted(along_m, at_m - wide_m / 2), np.searchsorted(along_m, at_m + wide_m / 2)
    profile, doubt_m = np.full(len(at_m), np.nan), np.full(len(at_m), np.nan)
    for k, (i, j) in enumerate(zip(first, last, strict=True)):
        if j - i >= 2:
            points = front_m[i:j]
            profile[k] = np.percentile(points, FRONT_PERCENTILE)
            spread_m = 1.4826 * float(np.median(np.abs(points - np.median(points))))
            doubt_m[k] = spread_m / np.sqrt(max((j - i) / 2, 1.0))
    return profile, doubt_m, np.searchsorted(along_m, at_m)


def _ridges(profile: F64) -> F64:
    """The profile, each place averaged over its surroundings; nowhere high where little is known."""
    width = round(RIDGE_PX / STEP_PX)
    known = ~np.isnan(profile)
    total = np.convolve(np.where(known, profile, 0.0), np.ones(width), "same")[: len(profile)]
    count = np.convolve(known.astype(float), np.ones(width), "same")[: len(profile)]
    return np.where(count >= 0.6 * width, total / np.maximum(count, 1.0), -np.inf)
