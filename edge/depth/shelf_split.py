"""Several things that came or went at once, told apart by the shape of their front.

Things stand side by side: where one ends and the next begins the front lies back, for round things by their radius, for
others by the gap between them.  The profile of a region is how far its front stands out, bin by bin along the shelf.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BIN_PX = 1.3
LEAST_BIN_M = 0.008
FRONT_PERCENTILE = 80.0
"""Of the points in a bin these far to the front make the profile."""
VALLEY_M = 0.015
"""A valley this deep between two fronts parts them."""
DOUBTS = 3.0
"""And this many times as deep as its bin is uncertain."""
NARROWEST_M = 0.035
"""Nothing on a shelf is narrower."""
LEAST_SHARE = 0.25
"""Nor do neighbours that are taken together differ much in size."""
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


def _cut(front_m: F64, along_m: F64, pitch_m: float) -> float | None:
    """Where the deepest valley lies that parts two things, if there is one."""
    bin_m = max(BIN_PX * pitch_m, LEAST_BIN_M)
    low_m = float(along_m.min())
    bins = ((along_m - low_m) / bin_m).astype(np.int64)
    count = np.bincount(bins)
    narrowest = int(np.ceil(NARROWEST_M / bin_m))
    if len(count) < 2 * narrowest + 1:
        return None
    there = [front_m[bins == b] for b in range(len(count))]
    profile = np.array([np.percentile(points, FRONT_PERCENTILE) if len(points) else np.nan for points in there])
    # A bin without a point is a gap.
    profile = np.where(np.isnan(profile), np.nanmin(profile) - VALLEY_M, profile)
    doubt_m = np.array([_doubt_m(points) for points in there])
    shares = np.cumsum(count) / len(front_m)
    best, cut_m = 1.0, None
    for b in range(narrowest, len(count) - narrowest):
        if not LEAST_SHARE <= shares[b - 1] <= 1 - LEAST_SHARE:
            continue
        depth_m = min(_ridge(profile[:b]), _ridge(profile[b + 1 :])) - profile[b]
        clear = depth_m / max(VALLEY_M, DOUBTS * float(doubt_m[b]))
        if clear > best:
            best, cut_m = clear, low_m + (b + 0.5) * bin_m
    return cut_m


def _doubt_m(points: F64) -> float:
    """Standard error of a bin's front; neighbouring points share about half of their noise."""
    if len(points) < 2:
        return 0.0
    spread_m = 1.4826 * float(np.median(np.abs(points - np.median(points))))
    return spread_m / float(np.sqrt(max(len(points) / 2, 1.0)))


def _ridge(profile: F64) -> float:
    """How far a front stands out, over three bins: a single one may be noise."""
    return float(np.convolve(profile, np.ones(3) / 3, "valid").max())
