"""The 20 cm occupancy grid: which cells of the shop are full, which are free, which nobody has seen.

Log-odds with hits, misses and clamping as in OctoMap (Hornung et al., *Autonomous Robots* 34, 2013): in each frame a
cell in which a ray ends is hit, any other cell that a ray passes is missed.  A fixed camera allows an exact short cut.
The cells along each ray never change, so they are listed once; for every ray we keep where it ends now, and for every
cell how many rays end in it and how many pass it.  A frame then only touches the rays whose end moved to another cell,
and the cells in view.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge.depth.kernels import F32, F64, I32, U16, kernel
from edge.depth.optics import Optics
from edge.geometry import CELL_M, Cell
from edge.messages import DepthFrame

HIT = float(np.log(0.7 / 0.3))
MISS = float(np.log(0.4 / 0.6))
LOWEST = float(np.log(0.1192 / 0.8808))
HIGHEST = float(np.log(0.971 / 0.029))
"""OctoMap's sensor model and clamping thresholds."""
REFERENCE_S = 1.0 / 15.0
"""Hit and miss are worth their full weight at this frame interval, and in proportion at others: durations count."""
RAY_PITCH_M = 0.04
"""Wanted distance between rays where they meet the floor: five to a cell edge."""


@kernel
def march(
    camera: F64, direction: F64, reach: F64, cell_m: float, low: I32, size: I32, cells: I32, enters: F32, starts: I32
) -> int:
    """List the cells along rays (Amanatides & Woo, 1987): flat indices, and the depth in units where each is entered.

    ``direction`` (n, 3) is metres per depth unit, ``reach`` (n) the last depth.  Ray r owns
    ``cells[starts[r]:starts[r + 1]]``; -1 stands for a cell outside the grid, and the last entry for all that is out of
    reach.  With empty ``cells`` it only counts.
    """
    written = 0
    counting = cells.size == 0
    index = np.zeros(3, np.int64)
    step = np.zeros(3, np.int64)
    next_t = np.zeros(3)
    delta_t = np.zeros(3)
    for ray in range(direction.shape[0]):
        starts[ray] = written
        t = 0.0
        for axis in range(3):
            index[axis] = int(np.floor(camera[axis] / cell_m))
            v = direction[ray, axis]
            step[axis] = 1 if v > 0 else -1
            if abs(v) < 1e-12:
                next_t[axis], delta_t[axis] = np.inf, np.inf
            else:
                edge = (index[axis] + (1 if v > 0 else 0)) * cell_m
                next_t[axis] = (edge - camera[axis]) / v
                delta_t[axis] = cell_m / abs(v)
        while t <= reach[ray]:
            if not counting:
                x, y, z = index[0] - low[0], index[1] - low[1], index[2] - low[2]
                within = 0 <= x < size[0] and 0 <= y < size[1] and 0 <= z < size[2]
                cells[written] = (x * size[1] + y) * size[2] + z if within else -1
                enters[written] = t
            written += 1
            axis = 0
            if next_t[1] < next_t[axis]:
                axis = 1
            if next_t[2] < next_t[axis]:
                axis = 2
            t = next_t[axis]
            next_t[axis] += delta_t[axis]
            index[axis] += step[axis]
        if not counting:
            cells[written] = -1
            enters[written] = t
        written += 1
    starts[direction.shape[0]] = written
    return written


@kernel
def follow(
    depth: U16,
    pixel_row: I32,
    pixel_column: I32,
    cells: I32,
    enters: F32,
    starts: I32,
    end: I32,
    hits: I32,
    passes: I32,
) -> int:
    """Move every ray's end to where its pixel sees it now, and keep the counts of its cells true.

    ``end`` is the position in ``cells`` of the cell in which the ray ends, -1 when it had no return.  Returns how many
    rays moved.
    """
    moved = 0
    for ray in range(pixel_row.size):
        first, last = starts[ray], starts[ray + 1]
        d = np.float32(depth[pixel_row[ray], pixel_column[ray]])
        before = end[ray]
        if d == 0:
            now = -1
        else:
            now = max(before, first)
            while now > first and d < enters[now]:
                now -= 1
            while now + 1 < last and d >= enters[now + 1]:
                now += 1
        if now == before:
            continue
        moved += 1
        if before >= 0 and cells[before] >= 0:
            hits[cells[before]] -= 1
        if now >= 0 and cells[now] >= 0:
            hits[cells[now]] += 1
        passed_before = before if before >= 0 else first
        passed_now = now if now >= 0 else first
        for k in range(passed_before, passed_now):
            if cells[k] >= 0:
                passes[cells[k]] += 1
        for k in range(passed_now, passed_before):
            if cells[k] >= 0:
                passes[cells[k]] -= 1
        end[ray] = now
    return moved


@kernel
def weigh(log_odds: F32, in_view: I32, hits: I32, passes: I32, scale: float, model: F32) -> None:
    """One frame's evidence for every cell in view; ``model`` is hit, miss, lowest, highest."""
    hit, miss, lowest, highest = model[0], model[1], model[2], model[3]
    for k in range(in_view.size):
        cell = in_view[k]
        if hits[cell] > 0:
            log_odds[cell] = min(log_odds[cell] + scale * hit, highest)
        elif passes[cell] > 0:
            log_odds[cell] = max(log_odds[cell] + scale * miss, lowest)


class Occupancy:
    """A camera's 20 cm grid.

    Parameters
    ----------
    optics
        The camera's lattice.
    max_range_m
        Rays end here at the latest (distance along the optical axis).
    low, high
        Corners of the grid, store metres: cells outside are not kept.
    """

    def __init__(self, optics: Optics, max_range_m: float, low: NDArray[np.float64], high: NDArray[np.float64]) -> None:
        first = np.floor(low / CELL_M).astype(np.int32)
        size = (np.ceil(high / CELL_M).astype(np.int32) - first).astype(np.int32)
        self.origin = Cell(int(first[0]), int(first[1]), int(first[2]))
        self.shape = (int(size[0]), int(size[1]), int(size[2]))
        rows, columns = _chosen_rays(optics)
        direction = optics.direction.reshape(optics.rows, optics.columns, 3)[rows, columns].astype(np.float64)
        self._row = (rows * optics.stride).astype(np.int32)
        self._column = (columns * optics.stride).astype(np.int32)
        reach = np.full(len(direction), max_range_m / optics.unit_m)
        self._starts = np.zeros(len(direction) + 1, np.int32)
        camera = optics.camera.astype(np.float64)
        nothing = np.zeros(0, np.int32), np.zeros(0, np.float32)
        total = march(camera, direction, reach, CELL_M, first, size, *nothing, self._starts)
        self._cells, self._enters = np.zeros(total, np.int32), np.zeros(total, np.float32)
        march(camera, direction, reach, CELL_M, first, size, self._cells, self._enters, self._starts)
        n = int(np.prod(size))
        self._end = np.full(len(direction), -1, np.int32)
        self._hits = np.zeros(n, np.int32)
        self._passes = np.zeros(n, np.int32)
        self._log_odds = np.zeros(n, np.float32)
        self._in_view = np.unique(self._cells[self._cells >= 0]).astype(np.int32)
        self._model = np.array([HIT, MISS, LOWEST, HIGHEST], np.float32)
        self._last_ns: int | None = None

    def update(self, frame: DepthFrame) -> None:
        """Add one frame's evidence."""
        follow(
            frame.depth, self._row, self._column, self._cells, self._enters, self._starts,
            self._end, self._hits, self._passes,
        )  # fmt: skip
        elapsed_s = REFERENCE_S if self._last_ns is None else (frame.t_ns - self._last_ns) / 1e9
        self._last_ns = frame.t_ns
        scale = min(max(elapsed_s / REFERENCE_S, 0.0), 4.0)
        weigh(self._log_odds, self._in_view, self._hits, self._passes, scale, self._model)

    def log_odds(self) -> NDArray[np.float32]:
        """A copy of the grid, float32 (nx, ny, nz): above 0 occupied, below 0 free, exactly 0 never observed."""
        return self._log_odds.reshape(self.shape).copy()


def _chosen_rays(optics: Optics) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Lattice rows and columns of the rays that are followed: about :data:`RAY_PITCH_M` apart on the floor."""
    slope = np.linalg.norm(optics.direction.reshape(optics.rows, optics.columns, 3), axis=2) / optics.unit_m
    middle = optics.floor_units[optics.rows // 2, optics.columns // 2] * optics.unit_m
    distance_m = min(float(middle) if np.isfinite(middle) else 4.0, 4.0) * float(slope.min())
    vectors = optics.direction.reshape(optics.rows, optics.columns, 3)[optics.rows // 2] / optics.unit_m
    pixel = float(np.linalg.norm(np.diff(vectors, axis=0), axis=1).mean()) if optics.columns > 1 else 1.0
    step = max(1, int(RAY_PITCH_M / max(pixel * distance_m, 1e-6)))
    rows, columns = np.mgrid[step // 2 : optics.rows : step, step // 2 : optics.columns : step]
    return rows.reshape(-1), columns.reshape(-1)
