"""What can be worked out once for a camera: which pixels to read, where each looks, and the ground it covers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.errors import CalibrationError
from edge.geometry import Pose
from edge.messages import CameraModel

FINE_CELLS_M = (0.025, 0.05)
"""Cell of the fine height map: small, but not much smaller than the distance between points on a head."""
PITCH_M = 0.018
"""Wanted distance between neighbouring lattice pixels on a head."""
REFERENCE_HEAD_M = 1.0
"""The farthest heads that must still be finely sampled from above are children's."""
OBLIQUE_RANGE_M = 4.5
"""Where a camera looks along the floor, heads are finely sampled up to here."""


@dataclass(frozen=True, slots=True)
class Optics:
    """A posed camera's lattice, in store coordinates.

    ``direction`` is float32 (rows * columns, 3): metres of store travel per unit of depth.  ``camera`` is float32 (3,).
    ``floor_units`` is float32 (rows, columns): depth at which each ray meets the floor, ``inf`` where it does not.
    """

    stride: int
    rows: int
    columns: int
    direction: NDArray[np.float32]
    camera: NDArray[np.float32]
    floor_units: NDArray[np.float32]
    unit_m: float
    pose: Pose
    fine_cell_m: float

    def store_points(self, depth_m: NDArray[np.float64]) -> NDArray[np.float64]:
        """Store points (rows, columns, 3) of lattice depths in metres (rows, columns)."""
        travel = self.direction.astype(np.float64).reshape(self.rows, self.columns, 3) / self.unit_m
        return np.asarray(self.camera.astype(np.float64) + depth_m[..., None] * travel)


def look_through(camera: CameraModel) -> Optics:
    """The optics of a posed camera.

    Raises
    ------
    CalibrationError
        If the camera has no pose, hangs below the floor or higher than 20 m.
    """
    pose = camera.pose
    if pose is None:
        raise CalibrationError(
            f"camera {camera.id}", "has no pose", "Give T_store_camera, or calibrate it from its floor."
        )
    if not 0.2 <= pose.height_m <= 20.0:
        raise CalibrationError(
            f"camera {camera.id}",
            f"hangs {pose.height_m:.2f} m over the floor; allowed is 0.2 to 20 m",
            "Measure it again.",
        )
    reach_m = _reach_m(pose)
    focal_px = min(camera.intrinsics.fx, camera.intrinsics.fy)
    stride = max(1, int(PITCH_M * focal_px / reach_m))
    rays = camera.intrinsics.rays()[::stride, ::stride]
    direction = rays.reshape(-1, 3) @ pose.matrix[:3, :3].T
    with np.errstate(divide="ignore"):
        floor_m = np.where(direction[:, 2] < -1e-6, pose.height_m / -direction[:, 2], np.inf)
    rows, columns = rays.shape[:2]
    return Optics(
        stride=stride,
        rows=rows,
        columns=columns,
        direction=np.ascontiguousarray(direction * camera.depth_unit_m, dtype=np.float32),
        camera=pose.matrix[:3, 3].astype(np.float32),
        floor_units=(floor_m / camera.depth_unit_m).astype(np.float32).reshape(rows, columns),
        unit_m=camera.depth_unit_m,
        pose=pose,
        fine_cell_m=float(np.clip(1.4 * stride * reach_m / focal_px, *FINE_CELLS_M)),
    )


def _reach_m(pose: Pose) -> float:
    """Distance at which heads must still be finely sampled."""
    down = np.sin(np.radians(max(pose.tilt_deg, 0.0)))
    drop_m = max(pose.height_m - REFERENCE_HEAD_M, 0.5)
    return float(min(drop_m / down, OBLIQUE_RANGE_M)) if down > 0.2 else OBLIQUE_RANGE_M


@dataclass(frozen=True, slots=True)
class Ground:
    """The rectangle of floor that a camera can see people on: origin (x, y) in metres, size in metres."""

    x_m: float
    y_m: float
    width_m: float
    depth_m: float


def ground_in_view(optics: Optics, max_range_m: float, lowest_m: float, highest_m: float) -> Ground:
    """Bounding rectangle of all points within range and between two heights that lattice pixels can see."""
    slope = optics.direction.astype(np.float64) / optics.unit_m
    camera = optics.camera.astype(np.float64)
    corners = [camera[None, :2]]
    reach = np.full(len(slope), max_range_m)
    for z_m in (lowest_m, highest_m):
        with np.errstate(divide="ignore", invalid="ignore"):
            t = (z_m - camera[2]) / slope[:, 2]
        hit = (t > 0) & (t <= reach)
        corners.append(camera[:2] + t[hit, None] * slope[hit, :2])
    end_z = camera[2] + reach * slope[:, 2]
    inside = (end_z >= lowest_m) & (end_z <= highest_m)
    corners.append(camera[:2] + reach[inside, None] * slope[inside, :2])
    points = np.concatenate(corners)
    low, high = points.min(axis=0) - 0.1, points.max(axis=0) + 0.1
    return Ground(float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1]))


class View:
    """What a posed camera's picture holds, asked about one point at a time."""

    def __init__(self, camera: CameraModel) -> None:
        assert camera.pose is not None
        lens, matrix = camera.intrinsics, camera.pose.matrix
        self._camera = camera
        self._place = tuple(matrix[:3, 3].tolist())
        self._axes = tuple(tuple(axis) for axis in matrix[:3, :3].T.tolist())
        self._bent = any(lens.distortion)

    def holds(self, x_m: float, y_m: float, z_m: float, margin_m: float) -> bool:
        """Whether a store point lies in the picture, at least ``margin_m`` (at its depth) from the border."""
        lens = self._camera.intrinsics
        dx, dy, dz = x_m - self._place[0], y_m - self._place[1], z_m - self._place[2]
        right, down, ahead = (axis[0] * dx + axis[1] * dy + axis[2] * dz for axis in self._axes)
        if ahead <= 0.0:
            return False
        if self._bent:
            u, v = (float(value) for value in lens.project(np.array([[right, down, ahead]]))[0])
        else:
            u, v = lens.fx * right / ahead + lens.cx, lens.fy * down / ahead + lens.cy
        margin = margin_m * lens.fx / max(ahead, 0.1)
        return bool(margin <= u < lens.width - margin and margin <= v < lens.height - margin)
