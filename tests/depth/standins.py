"""A floor, boxes and people made of ellipsoids, ray-cast exactly: just enough of a shop to test an eye."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.geometry import Intrinsics, Pose
from edge.messages import CameraModel, DepthFrame

FOCAL_PX = 212.0
SIZE = (424, 240)


@dataclass(frozen=True)
class Ellipsoid:
    centre: tuple[float, float, float]
    radii: tuple[float, float, float]


@dataclass(frozen=True)
class Box:
    low: tuple[float, float, float]
    high: tuple[float, float, float]


Solid = Ellipsoid | Box


def person(x_m: float, y_m: float, height_m: float) -> tuple[Solid, ...]:
    """A head whose top is at ``height_m``, on shoulders, on a body."""
    k = height_m / 1.75
    h = 0.55 + 0.45 * k  # a child's head is nearly as large as a grown-up's
    return (
        Ellipsoid((x_m, y_m, height_m - 0.12 * h), (0.08 * h, 0.10 * h, 0.12 * h)),
        Ellipsoid((x_m, y_m, height_m - 0.24 * h - 0.15 * k), (0.24 * k, 0.13 * k, 0.15 * k)),
        Ellipsoid((x_m, y_m, height_m * 0.42), (0.19 * k, 0.14 * k, height_m * 0.42)),
    )


def camera(
    pose: Pose | None, unit_m: float = 0.001, size: tuple[int, int] = SIZE, focal_px: float = FOCAL_PX
) -> CameraModel:
    width, height = size
    intrinsics = Intrinsics(width, height, focal_px, focal_px, (width - 1) / 2, (height - 1) / 2)
    return CameraModel("cam0", intrinsics, unit_m, pose)


def straight_down(height_m: float = 3.0) -> Pose:
    return Pose.looking(0.0, 0.0, height_m, 0.0, 90.0)


def depth_m(model: CameraModel, solids: tuple[Solid, ...], pose: Pose | None = None) -> NDArray[np.float64]:
    """Exact depth along the optical axis (height, width), metres; ``inf`` where a ray meets nothing."""
    pose = pose or model.pose
    assert pose is not None
    direction = model.intrinsics.rays() @ pose.matrix[:3, :3].T
    place = pose.matrix[:3, 3]
    with np.errstate(divide="ignore", invalid="ignore"):
        nearest = np.where(direction[..., 2] < -1e-9, -place[2] / direction[..., 2], np.inf)
        for solid in solids:
            hit = _box(direction, place, solid) if isinstance(solid, Box) else _ellipsoid(direction, place, solid)
            nearest = np.minimum(nearest, hit)
    return np.asarray(nearest)


def _ellipsoid(direction: NDArray[np.float64], place: NDArray[np.float64], solid: Ellipsoid) -> NDArray[np.float64]:
    radii = np.array(solid.radii)
    d, o = direction / radii, (place - np.array(solid.centre)) / radii
    a, b, c = (d * d).sum(-1), (d * o).sum(-1), float(o @ o) - 1
    inside = b * b - a * c
    t = (-b - np.sqrt(np.maximum(inside, 0))) / a
    return np.where((inside >= 0) & (t > 0), t, np.inf)


def _box(direction: NDArray[np.float64], place: NDArray[np.float64], solid: Box) -> NDArray[np.float64]:
    one, two = (np.array(solid.low) - place) / direction, (np.array(solid.high) - place) / direction
    enter, leave = np.minimum(one, two).max(-1), np.maximum(one, two).min(-1)
    return np.where((enter <= leave) & (enter > 0), enter, np.inf)


class Film:
    """Frames of one camera, with noise that grows with the square of the distance and holes here and there."""

    def __init__(
        self, model: CameraModel, pose: Pose | None = None, seed: int = 0, noise: float = 0.0015, holes: float = 0.01
    ) -> None:
        self.model = model
        self._pose = pose
        self._random = np.random.default_rng(seed)
        self._noise, self._holes = noise, holes

    def frame(self, t_s: float, solids: tuple[Solid, ...]) -> DepthFrame:
        return DepthFrame(self.model.id, round(t_s * 1e9), self.view(solids))

    def view(self, solids: tuple[Solid, ...]) -> NDArray[np.uint16]:
        depth = depth_m(self.model, solids, self._pose)
        depth = np.where(np.isfinite(depth), depth, 0.0)  # a ray that meets nothing has no return, and no noise
        depth = depth + self._random.standard_normal(depth.shape) * self._noise * depth**2
        units = depth / self.model.depth_unit_m
        units[self._random.random(depth.shape) < self._holes] = 0
        return np.where(units > 65_535, 0, np.round(units)).astype(np.uint16)
