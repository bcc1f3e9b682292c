"""What is not in view of a thing on a shelf: as far as things of its shape commonly reach."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

SLIM, ROUND = 2.2, 1.06
"""What is so many times as high as it is wide is a bottle: as deep as wide, and so many times as wide as it is seen,
because its flanks turn away from the camera."""
FLAT, FLAT_DEPTH = 0.6, 0.8
"""What is lower than this share of its width lies flat, and is about so deep; as deep as it is seen, where all is."""
NEAR_PX, FAR_PX = 1, 4
"""Between so many pixels around a thing it is looked at what hides the rest of it."""
NEARER_M = 0.06
HIDDEN_SHARE = 0.35

F64 = NDArray[np.float64]
Bools = NDArray[np.bool_]


def fill_out(low: F64, high: F64, *, hidden: bool) -> tuple[F64, F64]:
    """The box around a thing, with what its shape says of the part that is not seen.

    Parameters
    ----------
    low, high
        (3,) corners along the axes: out of the shelf, along it, up; metres.
    hidden
        Whether something nearer hides where it may go on.
    """
    low, high = low.copy(), high.copy()
    deep_m, wide_m, high_m = high - low
    if high_m > SLIM * wide_m:
        low[1] -= (ROUND - 1.0) * wide_m / 2
        high[1] += (ROUND - 1.0) * wide_m / 2
        low[0] = high[0] - max(deep_m, ROUND * wide_m)
    elif hidden and high_m < FLAT * wide_m:
        low[0] = high[0] - max(deep_m, FLAT_DEPTH * wide_m)
    return low, high


def goes_on_hidden(inside: Bools, depth_m: F64, at_m: float, along_m: F64, up_m: F64) -> bool:
    """Whether a thing may go on, above or below where it is seen, behind something that stands nearer.

    Parameters
    ----------
    inside
        (rows, columns) the pixels of the thing, in a patch with some pixels around it.
    depth_m
        (rows, columns) the surface of the patch; 0 where it is not known.
    at_m
        Depth of the thing.
    along_m, up_m
        (rows, columns) where each pixel's ray is at that depth, along the shelf and up.
    """
    pixels, square = inside.astype(np.uint8), np.ones((3, 3), np.uint8)
    grown = [cv2.dilate(pixels, square, iterations=px) > 0 for px in (NEAR_PX, FAR_PX)]
    beside = (along_m < along_m[inside].min()) | (along_m > along_m[inside].max())
    around = grown[1] & ~grown[0] & ~beside & (depth_m > 0)
    nearer = depth_m < at_m - NEARER_M
    above = up_m > np.median(up_m[inside])
    return any(
        bool(side.sum() >= 3 and nearer[side].mean() > HIDDEN_SHARE) for side in (around & above, around & ~above)
    )
