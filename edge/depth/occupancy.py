"""The 20 cm occupancy grid: which cells of the shop are full, which are free, which nobody has seen.

Log-odds with hits, misses and clamping as in OctoMap (Hornung et al., *Autonomous Robots* 34, 2013): in each frame a
cell in which a ray ends is hit, any other cell that a ray passes is missed.  A fixed camera allows a short cut that
keeps this meaning.

*Misses.*  The cells along a ray never change, so they are listed once, for rays a few centimetres apart.  For every ray
we keep where it ends now, and for every cell how many rays pass it: a frame then only touches the rays whose end moved
to another cell.

*Hits.*  A cell may be hit by a single pixel, so every pixel counts.  Rows take turns: within :data:`ROUND_S` each pixel
has been placed once, and a cell stays hit until the rows that hit it have had their next turn.  Where a pixel sees
farther than the listed rays around it, the last cells on its way count as passed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge.depth.kernels import F32, F64, I32, U8, U16, kernel
from edge.depth.optics import Optics
from edge.depth.turns import Turns
from edge.geometry import CELL_M, Cell
from edge.messages import CameraModel, DepthFrame

HIT = float(np.log(0.7 / 0.3))
MISS = float(np.log(0.4 / 0.6))
LOWEST = float(np.log(0.1192 / 0.8808))
HIGHEST = float(np.log(0.971 / 0.029))
"""OctoMap's sensor model and clamping thresholds."""
INDEPENDENT_S = 1.0 / 15.0
"""Frames closer than this are not independent evidence: they weigh in proportion to the time between them."""
ROUND_S = 0.2
"""All pixels are placed once within this time."""
PIXELS_PER_TURN = 60_000
WALKED = 4
"""Pixels of each cell and turn from which we walk back."""
STEPS = 12
"""Half cells walked back at the most."""
RAYS_PER_TURN = 6_000
RAY_ROUND_S = 0.1
"""All listed rays are followed once within this time."""
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
    turn: int,
    turns: int,
    pixel_row: I32,
    pixel_column: I32,
    cells: I32,
    enters: F32,
    starts: I32,
    end: I32,
    passes: I32,
) -> None:
    """Move the end of every ``turns``-th ray to where its pixel sees it now, and keep the counts of passing rays true.

    ``end`` is the position in ``cells`` of the cell in which the ray ends, -1 when it had no return.
    """
    for ray in range(turn, pixel_row.size, turns):
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
        passed_before = before if before >= 0 else first
        passed_now = now if now >= 0 else first
        for k in range(passed_before, passed_now):
            if cells[k] >= 0:
                passes[cells[k]] += 1
        for k in range(passed_now, passed_before):
            if cells[k] >= 0:
                passes[cells[k]] -= 1
        end[ray] = now


@kernel
def flat(x: float, y: float, z: float, size: I32) -> int:
    """Flat index of a cell from its place in cells, -1 outside the grid."""
    if x < 0 or y < 0 or z < 0 or x >= size[0] or y >= size[1] or z >= size[2]:
        return -1
    return int((int(x) * size[1] + int(y)) * size[2] + int(z))


@kernel
def strike(
    depth: U16,
    turn: int,
    turns: int,
    direction: F32,
    camera: F32,
    far: float,
    cell_m: float,
    low: I32,
    size: I32,
    passes: I32,
    hit: U8,
    passed: U8,
    struck: U8,
) -> None:
    """Place the pixels of every ``turns``-th row: bit ``turn`` of ``hit`` says which cells they end in.

    ``direction`` (height, width, 3) is metres per depth unit; returns beyond ``far`` units hit nothing.  From the first
    :data:`WALKED` pixels of each cell we walk back, half a cell at a time, to where listed rays pass, and set bit
    ``turn`` of ``passed`` on the way; so too from every pixel that ends outside the grid.  ``struck`` is scratch space.
    """
    bit = np.uint8(1 << turn)
    keep = np.uint8(0xFF ^ (1 << turn))
    for cell in range(hit.size):
        hit[cell] &= keep
        passed[cell] &= keep
        struck[cell] = 0
    inverse = np.float32(1.0 / cell_m)
    cx = camera[0] * inverse - np.float32(low[0])
    cy = camera[1] * inverse - np.float32(low[1])
    cz = camera[2] * inverse - np.float32(low[2])
    height, width = depth.shape
    for row in range(turn, height, turns):
        for column in range(width):
            d = np.float32(depth[row, column])
            if d == 0 or d > far:
                continue
            d *= inverse
            dx, dy, dz = direction[row, column, 0], direction[row, column, 1], direction[row, column, 2]
            end = flat(cx + d * dx, cy + d * dy, cz + d * dz, size)
            if end >= 0:
                hit[end] |= bit
                if struck[end] >= WALKED:
                    continue
                struck[end] += 1
            back = np.float32(0.5) / np.sqrt(dx * dx + dy * dy + dz * dz)
            for _ in range(STEPS):
                d -= back
                cell = flat(cx + d * dx, cy + d * dy, cz + d * dz, size)
                if cell < 0 or cell == end:
                    continue
                passed[cell] |= bit
                if passes[cell] > 0:
                    break


@kernel
def weigh(log_odds: F32, hit: U8, passed: U8, passes: I32, scale: float, model: F32) -> None:
    """One frame's evidence for every cell; ``model`` is hit, miss, lowest, highest."""
    plus, minus, lowest, highest = scale * model[0], scale * model[1], model[2], model[3]
    for cell in range(log_odds.size):
        if hit[cell] != 0:
            log_odds[cell] = min(log_odds[cell] + plus, highest)
        elif passes[cell] > 0 or passed[cell] != 0:
            log_odds[cell] = max(log_odds[cell] + minus, lowest)


class Occupancy:
    """A camera's 20 cm grid.

    Parameters
    ----------
    camera
        A posed camera.
    optics
        Its lattice.
    max_range_m
        Rays end here at the latest (distance along the optical axis).
    low, high
        Corners of the grid, store metres: cells outside are not kept.
    """

    def __init__(
        self,
        camera: CameraModel,
        optics: Optics,
        max_range_m: float,
        low: NDArray[np.float64],
        high: NDArray[np.float64],
    ) -> None:
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
        place = optics.camera.astype(np.float64)
        nothing = np.zeros(0, np.int32), np.zeros(0, np.float32)
        total = march(place, direction, reach, CELL_M, first, size, *nothing, self._starts)
        self._cells, self._enters = np.zeros(total, np.int32), np.zeros(total, np.float32)
        march(place, direction, reach, CELL_M, first, size, self._cells, self._enters, self._starts)
        n = int(np.prod(size))
        self._end = np.full(len(direction), -1, np.int32)
        self._hit, self._passed, self._struck = (np.zeros(n, np.uint8) for _ in range(3))
        self._passes = np.zeros(n, np.int32)
        self._log_odds = np.zeros(n, np.float32)
        self._model = np.array([HIT, MISS, LOWEST, HIGHEST], np.float32)
        self._last_ns: int | None = None
        rotation = optics.pose.matrix[:3, :3]
        self._direction = (camera.intrinsics.rays() @ rotation.T * camera.depth_unit_m).astype(np.float32)
        self._place, self._first, self._size = optics.camera, first, size
        self._far = max_range_m / camera.depth_unit_m
        rows_apart = min(8, -(-camera.intrinsics.width * camera.intrinsics.height // PIXELS_PER_TURN))
        self._rows = Turns(rows_apart, ROUND_S)
        self._rays = Turns(max(1, round(len(direction) / RAYS_PER_TURN)), RAY_ROUND_S)

    def update(self, frame: DepthFrame) -> None:
        """Add one frame's evidence."""
        elapsed_s = INDEPENDENT_S if self._last_ns is None else (frame.t_ns - self._last_ns) / 1e9
        self._last_ns = frame.t_ns
        for turn in self._rays.due(frame.t_ns):
            follow(
                frame.depth, turn.part, self._rays.parts, self._row, self._column,
                self._cells, self._enters, self._starts, self._end, self._passes,
            )  # fmt: skip
        for turn in self._rows.due(frame.t_ns):
            strike(
                frame.depth, turn.part, self._rows.parts, self._direction, self._place, self._far,
                CELL_M, self._first, self._size, self._passes, self._hit, self._passed, self._struck,
            )  # fmt: skip
        scale = min(elapsed_s / INDEPENDENT_S, 1.0)
        weigh(self._log_odds, self._hit, self._passed, self._passes, scale, self._model)

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
