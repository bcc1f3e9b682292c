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

from edge.depth.optics import Optics
from edge.depth.rays import follow, march, strike, weigh
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
PIXELS_PER_TURN = 68_000
MOST_TURNS = 16
"""One bit each."""
RAYS_PER_TURN = 7_600
RAY_ROUND_S = 0.2
"""All listed rays are followed once within this time."""
RAY_PITCH_M = 0.04
"""Wanted distance between rays where they meet the floor: five to a cell edge."""
SLACK_PER_M = 0.01
"""An end of a ray may stray so far from its cell, times the square of its distance: six deviations of its noise."""


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
        where = optics.camera.astype(np.float64)
        nothing = np.zeros(0, np.int32), np.zeros(0, np.float32)
        total = march(where, direction, reach, CELL_M, first, size, *nothing, self._starts)
        self._cells, self._enters = np.zeros(total, np.int32), np.zeros(total, np.float32)
        march(where, direction, reach, CELL_M, first, size, self._cells, self._enters, self._starts)
        n = int(np.prod(size))
        self._end = np.full(len(direction), -1, np.int32)
        self._stays = np.zeros((len(direction), 2), np.float32)
        self._slack = SLACK_PER_M * optics.unit_m
        self._hit, self._passed = np.zeros(n, np.uint16), np.zeros(n, np.uint16)
        self._struck = np.zeros(n, np.uint8)
        self._passes = np.zeros(n, np.int32)
        self._log_odds = np.zeros(n, np.float32)
        self._model = np.array([HIT, MISS, LOWEST, HIGHEST], np.float32)
        self._last_ns: int | None = None
        rotation = optics.pose.matrix[:3, :3]
        planes = np.moveaxis(camera.intrinsics.rays() @ rotation.T * camera.depth_unit_m, -1, 0)
        self._direction = np.ascontiguousarray(planes, dtype=np.float32)
        self._origin = (optics.camera / CELL_M - first).astype(np.float32)
        self._size = size
        self._index = np.zeros(camera.intrinsics.width, np.int32)
        self._far = max_range_m / camera.depth_unit_m
        rows_apart = min(MOST_TURNS, -(-camera.intrinsics.width * camera.intrinsics.height // PIXELS_PER_TURN))
        self._rows = Turns(rows_apart, ROUND_S)
        self._rays = Turns(max(1, round(len(direction) / RAYS_PER_TURN)), RAY_ROUND_S)

    def update(self, frame: DepthFrame) -> None:
        """Add one frame's evidence."""
        elapsed_s = INDEPENDENT_S if self._last_ns is None else (frame.t_ns - self._last_ns) / 1e9
        self._last_ns = frame.t_ns
        for turn in self._rays.due(frame.t_ns):
            follow(
                frame.depth, turn.part, self._rays.parts, self._slack, self._row, self._column,
                self._cells, self._enters, self._starts, self._end, self._stays, self._passes,
            )  # fmt: skip
        for turn in self._rows.due(frame.t_ns):
            others = np.uint16(0xFFFF ^ (1 << turn.part))
            self._hit &= others
            self._passed &= others
            self._struck[:] = 0
            strike(
                frame.depth, turn.part, self._rows.parts, self._direction, self._origin, self._far, 1.0 / CELL_M,
                self._size, self._passes, self._hit, self._passed, self._struck, self._index,
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
