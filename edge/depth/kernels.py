"""Compiled inner loops of the eye.  They release the GIL, allocate nothing per frame and touch each pixel once.

All arrays are C-contiguous.  *Lattice* is the regular subset of pixels that the eye reads: every ``stride``-th row and
column (see :mod:`edge.depth.optics`).  Depths are in the camera's own unit until they become store points.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

F = TypeVar("F", bound=Callable[..., Any])
U16 = NDArray[np.uint16]
U8 = NDArray[np.uint8]
I32 = NDArray[np.int32]
F32 = NDArray[np.float32]
F64 = NDArray[np.float64]


def kernel(function: F) -> F:
    """Compile ahead of its first call in this process, cached on disk, without the GIL."""
    return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy")(function))


BLOCK = 64
"""Pixels that are skipped together where none of them is foreground."""


@kernel
def foreground(depth: U16, stride: int, near_limit: U16, index: I32) -> tuple[int, int]:
    """Lattice pixels nearer than the background.

    ``near_limit`` (rows, columns) is the largest depth that counts as foreground; ``index`` (rows * columns) receives
    the lattice indices.  Returns how many were written, and how many lattice pixels had a return.
    """
    rows, columns = near_limit.shape
    found = 0
    valid = 0
    for row in range(rows):
        line = depth[row * stride]
        limit = near_limit[row]
        for first in range(0, columns, BLOCK):
            last = min(first + BLOCK, columns)
            nearer = 0
            for column in range(first, last):
                d = line[column * stride]
                valid += d != 0
                nearer += (d != 0) & (d <= limit[column])
            if nearer == 0:
                continue
            for column in range(first, last):
                d = line[column * stride]
                index[found] = row * columns + column
                found += (d != 0) & (d <= limit[column])
    return found, valid


# The planes of a background, float32 (PLANES, rows, columns).
MEAN, DEVIATION, SEEN_S, CANDIDATE, CANDIDATE_S, ABSORB_S, NEAR_S, FLICKER, NEAREST = range(9)
PLANES = 9
# The rule of a background, float32.
UNCOVER_S, MEMORY_S, USUAL_ABSORB_S, BLINK_S, BLINKS = range(5)
TOLERANCE_K, LEAST_TOLERANCE, TOLERANCE_CAP, LEAST_DEVIATION, NOISE, NOISE_GROWTH = range(5, 11)
RULES = 11


@kernel
def adapt(
    depth: U16, stride: int, first_row: int, row_step: int, dt_s: float, rule: F32, planes: F32, near_limit: U16
) -> None:
    """Let every ``row_step``-th lattice row of the background follow what it sees, ``dt_s`` after its last turn.

    ``MEAN`` is 0 where no background is known, and negative where somebody stood at that depth when learning began:
    such a pixel stays foreground until a farther surface is seen.  A pixel that keeps blinking between its background
    and something nearer, as at the edges of things, is background down to the ``NEAREST`` that blinked.
    """
    _, rows, columns = planes.shape
    least = rule[LEAST_TOLERANCE]
    for row in range(first_row, rows, row_step):
        for column in range(columns):
            d = np.float32(depth[row * stride, column * stride])
            if d == 0:
                continue
            m = planes[MEAN, row, column]
            surface = abs(m)
            spread = planes[DEVIATION, row, column]
            tolerance = max(min(rule[TOLERANCE_K] * spread, rule[TOLERANCE_CAP] * surface), least)
            difference = d - surface
            if m > 0 and abs(difference) <= tolerance:
                age = min(planes[SEEN_S, row, column] + dt_s, rule[MEMORY_S])
                gain = dt_s / age
                m += gain * difference
                spread = max(spread + gain * (np.float32(1.2533) * abs(difference) - spread), rule[LEAST_DEVIATION])
                planes[SEEN_S, row, column] = age
                planes[MEAN, row, column] = m
                planes[DEVIATION, row, column] = spread
                if planes[CANDIDATE_S, row, column] > 0:
                    planes[CANDIDATE_S, row, column] = max(planes[CANDIDATE_S, row, column] - dt_s, np.float32(0))
                    planes[ABSORB_S, row, column] = rule[USUAL_ABSORB_S]
                near_s = planes[NEAR_S, row, column]
                if near_s > 0:
                    planes[FLICKER, row, column] += np.float32(near_s <= rule[BLINK_S] + dt_s)
                    planes[NEAR_S, row, column] = 0
            else:
                if m > 0 and difference < 0:
                    planes[NEAR_S, row, column] += dt_s
                    if planes[FLICKER, row, column] < 1:
                        planes[NEAREST, row, column] = d
                    elif planes[NEAR_S, row, column] <= rule[BLINK_S]:
                        planes[NEAREST, row, column] = min(planes[NEAREST, row, column], d)
                if m == 0:
                    # Of all that flickers where nothing was known, the farthest is the background.
                    planes[CANDIDATE, row, column] = max(planes[CANDIDATE, row, column], d)
                    planes[CANDIDATE_S, row, column] += dt_s
                elif abs(d - planes[CANDIDATE, row, column]) <= tolerance:
                    planes[CANDIDATE_S, row, column] += dt_s
                    planes[CANDIDATE, row, column] += np.float32(0.25) * (d - planes[CANDIDATE, row, column])
                else:
                    planes[CANDIDATE, row, column] = d
                    planes[CANDIDATE_S, row, column] = 0
                uncovered = m != 0 and difference > tolerance
                if planes[CANDIDATE_S, row, column] < (rule[UNCOVER_S] if uncovered else planes[ABSORB_S, row, column]):
                    continue
                m = planes[CANDIDATE, row, column]
                spread = rule[NOISE] + rule[NOISE_GROWTH] * m * m
                planes[MEAN, row, column] = m
                planes[DEVIATION, row, column] = spread
                planes[SEEN_S, row, column] = dt_s
                planes[CANDIDATE_S, row, column] = 0
                planes[ABSORB_S, row, column] = rule[USUAL_ABSORB_S]
                planes[FLICKER, row, column] = 0
                planes[NEAR_S, row, column] = 0
            tolerance = max(min(rule[TOLERANCE_K] * spread, rule[TOLERANCE_CAP] * m), least)
            flicker = planes[FLICKER, row, column]
            if flicker > 0:
                # Blinks are forgotten, and the nearest of them drifts back, with the time constant of the mean.
                fade = min(dt_s / rule[MEMORY_S], np.float32(1))
                planes[FLICKER, row, column] = min(flicker, np.float32(2) * rule[BLINKS]) * (1 - fade)
                if flicker >= rule[BLINKS]:
                    planes[NEAREST, row, column] += fade * (m - planes[NEAREST, row, column])
                    m = min(m, planes[NEAREST, row, column])
            near_limit[row, column] = np.uint16(max(m - tolerance, np.float32(0)))


@kernel
def shield(planes: F32, lattice_index: I32, known_s: float, unknown_s: float) -> None:
    """Give foreground time, pixel by pixel: ``known_s`` in all, or ``unknown_s`` from now where nothing is known.

    ``planes`` is (PLANES, rows * columns).
    """
    for k in range(lattice_index.size):
        i = lattice_index[k]
        planes[ABSORB_S, i] = known_s if planes[MEAN, i] != 0 else planes[CANDIDATE_S, i] + unknown_s


@kernel
def raise_height_map(
    depth: U16,
    stride: int,
    index: I32,
    found: int,
    direction: F32,
    camera: F32,
    bounds: F32,
    origin: F32,
    cell_m: float,
    top_m: F32,
    weight: I32,
    touched: I32,
) -> tuple[int, int]:
    """Foreground pixels as store points, into a height map.

    ``direction`` (rows * columns, 3) is metres of store travel per unit of depth; ``camera`` its position.  ``bounds``
    holds lowest and highest z and the largest depth in units.  ``top_m`` and ``weight`` (ny, nx) must be zero on entry;
    ``touched`` receives the cells that were raised.  Returns cells touched and points used.
    """
    ny, nx = top_m.shape
    columns = (depth.shape[1] + stride - 1) // stride
    low, high, far = bounds[0], bounds[1], bounds[2]
    inverse = np.float32(1.0 / cell_m)
    cells = 0
    used = 0
    for k in range(found):
        i = index[k]
        row = i // columns
        d = np.float32(depth[row * stride, (i - row * columns) * stride])
        if d > far:
            continue
        z = camera[2] + d * direction[i, 2]
        if z < low or z > high:
            continue
        gx = int((camera[0] + d * direction[i, 0] - origin[0]) * inverse)
        gy = int((camera[1] + d * direction[i, 1] - origin[1]) * inverse)
        if gx < 0 or gy < 0 or gx >= nx or gy >= ny:
            continue
        if weight[gy, gx] == 0:
            touched[cells] = gy * nx + gx
            cells += 1
            top_m[gy, gx] = z
        elif z > top_m[gy, gx]:
            top_m[gy, gx] = z
        weight[gy, gx] += 1
        used += 1
    return cells, used


@kernel
def owned(
    depth: U16,
    stride: int,
    index: I32,
    found: int,
    direction: F32,
    camera: F32,
    origin: F32,
    cell_m: float,
    label: I32,
    wanted: U8,
    out: I32,
) -> int:
    """Foreground pixels that stand in columns of wanted hills: their lattice indices go to ``out``.

    ``label`` (ny, nx) names the hill of each column, ``wanted`` is 1 at the labels asked for.  Returns how many.
    """
    ny, nx = label.shape
    columns = (depth.shape[1] + stride - 1) // stride
    inverse = np.float32(1.0 / cell_m)
    n = 0
    for k in range(found):
        i = index[k]
        row = i // columns
        d = np.float32(depth[row * stride, (i - row * columns) * stride])
        gx = int((camera[0] + d * direction[i, 0] - origin[0]) * inverse)
        gy = int((camera[1] + d * direction[i, 1] - origin[1]) * inverse)
        if gx < 0 or gy < 0 or gx >= nx or gy >= ny:
            continue
        hill = label[gy, gx]
        if hill > 0 and wanted[hill]:
            out[n] = i
            n += 1
    return n
