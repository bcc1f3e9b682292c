"""A camera's pose from the floor that it sees.

Planes are proposed from triples of neighbouring pixels spread over the picture (local sampling, after NAPSAC: Myatt et
al., 2002), which needs no random numbers; the floor is the largest plane that faces the camera from below with almost
nothing beneath it; it is refined by total least squares on its inliers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.errors import CalibrationError
from edge.geometry import Pose
from edge.messages import CameraModel, DepthFrame

GRID = 96
"""Points per side of the picture that take part."""
SPANS = (6, 12, 20)
"""Sides of the sampling triples, in grid points."""
LEAST_SHARE = 0.06
"""A floor fills at least this share of the points in view."""
MOST_BELOW = 0.04
"""Points below a floor: reflections and noise."""
MOST_ROLL_DEG = 35.0
LEAST_TILT_DEG = 10.0
MOST_UPWARD_DEG = 8.0
"""A camera that looks straight down may be over-tilted by this much; walls in front of it slope the other way."""
HEIGHTS_M = (0.4, 20.0)
REFINEMENTS = 5

F64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FloorFit:
    """A pose found from the floor, and how well the floor was seen."""

    pose: Pose
    tilt_deg: float
    height_m: float
    roll_deg: float
    inlier_fraction: float
    residual_m: float
    """Root mean square distance of the inliers to the plane."""


@dataclass(frozen=True, slots=True)
class _Plane:
    """Points p with ``normal @ p + height = 0``, camera frame; the unit normal points up, toward the camera."""

    normal: F64
    height_m: float


def pose_from_floor(camera: CameraModel, frames: Sequence[DepthFrame]) -> FloorFit:
    """Tilt, roll and height of a camera from some of its frames (people may be walking in them).

    The store frame is then: origin on the floor right below the camera, x to the camera's right, y ahead, z up.

    Raises
    ------
    CalibrationError
        If no floor is in view.
    """
    points = _points(camera, frames)
    if len(points) < 50:
        raise CalibrationError(
            f"camera {camera.id}", "hardly any pixel has a return", "Uncover the camera, or check depth_unit_m."
        )
    tolerance = 0.015 + 0.006 * points[:, 2] ** 1.5
    best = _best_plane(_proposals(camera, frames), points, tolerance)
    if best is None:
        raise CalibrationError(
            f"camera {camera.id}",
            "no floor in view (no large plane below, facing the camera)",
            "Turn the camera so that a good part of its picture is floor, or give T_store_camera.",
        )
    for _ in range(REFINEMENTS):
        near = np.abs(points @ best.normal + best.height_m) < tolerance
        best = _least_squares(points[near])
    distance = points @ best.normal + best.height_m
    near = np.abs(distance) < tolerance
    return _fit(best, float(near.mean()), float(np.sqrt(np.mean(distance[near] ** 2))))


def _picture(camera: CameraModel, frames: Sequence[DepthFrame]) -> F64:
    """Grid points (rows, columns, 3), camera frame; NaN without return.  The median over frames rids it of walkers."""
    intrinsics = camera.intrinsics
    rows = np.unique(np.linspace(0, intrinsics.height - 1, min(GRID, intrinsics.height)).astype(int))
    columns = np.unique(np.linspace(0, intrinsics.width - 1, min(GRID, intrinsics.width)).astype(int))
    stack = np.stack([frame.depth[np.ix_(rows, columns)] for frame in frames]).astype(np.float64)
    stack[stack == 0] = np.nan
    seen = np.isfinite(stack).any(axis=0)
    depth_m = np.full(stack.shape[1:], np.nan)
    depth_m[seen] = np.nanmedian(stack[:, seen], axis=0) * camera.depth_unit_m
    return np.asarray(intrinsics.rays()[np.ix_(rows, columns)] * depth_m[..., None])


def _points(camera: CameraModel, frames: Sequence[DepthFrame]) -> F64:
    points = _picture(camera, frames).reshape(-1, 3)
    return points[np.isfinite(points[:, 2])]


def _proposals(camera: CameraModel, frames: Sequence[DepthFrame]) -> list[_Plane]:
    """Planes through triples of grid points that could be a floor."""
    picture = _picture(camera, frames)
    planes = []
    for span in SPANS:
        here, right, below = picture[:-span:3, :-span:3], picture[:-span:3, span::3], picture[span::3, :-span:3]
        normals = np.cross(right - here, below - here).reshape(-1, 3)
        anchors = here.reshape(-1, 3)
        length = np.linalg.norm(normals, axis=1)
        usable = np.isfinite(length) & (length > 1e-9)
        normals, anchors = normals[usable] / length[usable, None], anchors[usable]
        heights = -(normals * anchors).sum(axis=1)
        turn = np.sign(heights)
        normals, heights = normals * turn[:, None], heights * turn
        planes += [_Plane(n, float(h)) for n, h in zip(normals, heights, strict=True) if _may_be_floor(n, float(h))]
    return planes


def _may_be_floor(up: F64, height_m: float) -> bool:
    return bool(
        HEIGHTS_M[0] <= height_m <= HEIGHTS_M[1]
        and abs(up[0]) <= np.sin(np.radians(MOST_ROLL_DEG))
        and up[1] <= np.sin(np.radians(MOST_UPWARD_DEG))
        and -up[2] >= np.sin(np.radians(LEAST_TILT_DEG))
    )


def _best_plane(planes: list[_Plane], points: F64, tolerance: F64) -> _Plane | None:
    best, best_share = None, LEAST_SHARE
    for plane in planes:
        distance = points @ plane.normal + plane.height_m
        share = float((np.abs(distance) < tolerance).mean())
        if share > best_share and float((distance < -3 * tolerance).mean()) <= MOST_BELOW:
            best, best_share = plane, share
    return best


def _least_squares(points: F64) -> _Plane:
    centre = points.mean(axis=0)
    normal = np.linalg.svd(points - centre, full_matrices=False)[2][2]
    height = -float(normal @ centre)
    return _Plane(normal, height) if height > 0 else _Plane(-normal, -height)


def _fit(plane: _Plane, share: float, residual_m: float) -> FloorFit:
    up = plane.normal
    right = np.array([1.0, 0.0, 0.0]) - up[0] * up
    right /= np.linalg.norm(right)
    ahead = np.cross(up, right)
    matrix = np.eye(4)
    matrix[:3, :3] = np.stack([right, ahead, up])
    matrix[2, 3] = plane.height_m
    pose = Pose.from_matrix(matrix)
    return FloorFit(pose, pose.tilt_deg, plane.height_m, float(np.degrees(np.arcsin(up[0]))), share, residual_m)
