"""Cameras, poses and the 20 cm grid.

Frames
------
*Store frame*: x and y on the floor, z up, metres.  *Camera frame*: x right, y down, z forward along the optical axis.
``store_from_camera`` maps camera points to store points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

CELL_M = 0.2
"""Edge of a cell of the shop's grid, metres."""

Array = NDArray[np.float64]


class Cell(NamedTuple):
    """Index of a 20 cm cell: the cell covers ``[i * CELL_M, (i + 1) * CELL_M)`` on each axis of the store frame."""

    ix: int
    iy: int
    iz: int


def cell_of(x_m: float, y_m: float, z_m: float) -> Cell:
    """The cell that holds a store point."""
    return Cell(int(np.floor(x_m / CELL_M)), int(np.floor(y_m / CELL_M)), int(np.floor(z_m / CELL_M)))


@dataclass(frozen=True, slots=True)
class Intrinsics:
    """A pinhole camera with optional Brown-Conrady distortion.

    Pixel centres lie at whole numbers: ``u = fx * x / z + cx``.

    Raises
    ------
    ValueError
        If a size or focal length is not positive, or there are more than five coefficients.
    """

    width: int
    height: int
    fx: float
    fy: float
    cx: float
    cy: float
    distortion: tuple[float, ...] = ()
    """k1, k2, p1, p2, k3 of the Brown-Conrady model; empty for none."""

    def __post_init__(self) -> None:
        if not (1 <= self.width <= 8192 and 1 <= self.height <= 8192):
            raise ValueError(f"image size {self.width}x{self.height} is not within 1..8192")
        if not (self.fx > 0 and self.fy > 0 and np.isfinite([self.fx, self.fy, self.cx, self.cy]).all()):
            raise ValueError(f"focal lengths fx={self.fx}, fy={self.fy} must be positive and finite")
        if len(self.distortion) > 5 or not np.isfinite(self.distortion).all():
            raise ValueError("distortion coefficients must be at most five finite numbers: k1, k2, p1, p2, k3")

    def rays(self) -> Array:
        """Points at depth 1 m for every pixel, camera frame: array (height, width, 3), metres."""
        u, v = np.meshgrid(np.arange(self.width, dtype=np.float64), np.arange(self.height, dtype=np.float64))
        if any(self.distortion):
            x, y = self._undistorted((u - self.cx) / self.fx, (v - self.cy) / self.fy)
        else:
            x, y = (u - self.cx) / self.fx, (v - self.cy) / self.fy
        return np.stack([x, y, np.ones_like(x)], axis=-1)

    def _undistorted(self, xd: Array, yd: Array) -> tuple[Array, Array]:
        """Normalised coordinates without distortion, by the same fixed-point iteration as OpenCV's undistortPoints."""
        x, y = xd.copy(), yd.copy()
        for _ in range(20):
            dx, dy, radial = self._distortion_terms(x, y)
            x, y = (xd - dx) / radial, (yd - dy) / radial
        return x, y

    def _distortion_terms(self, x: Array, y: Array) -> tuple[Array, Array, Array]:
        k1, k2, p1, p2, k3 = (*self.distortion, 0.0, 0.0, 0.0, 0.0, 0.0)[:5]
        r2 = x * x + y * y
        radial = 1 + r2 * (k1 + r2 * (k2 + r2 * k3))
        return 2 * p1 * x * y + p2 * (r2 + 2 * x * x), p1 * (r2 + 2 * y * y) + 2 * p2 * x * y, radial

    def _unfolded(self, r2: Array) -> NDArray[np.bool_]:
        """Where the lens model still maps outward: beyond its turning point it would fold far points back inside."""
        k1, k2, _, _, k3 = (*self.distortion, 0.0, 0.0, 0.0, 0.0, 0.0)[:5]
        return np.asarray(1 + r2 * (3 * k1 + r2 * (5 * k2 + r2 * 7 * k3)) > 0)

    def project(self, points_camera: Array) -> Array:
        """Pixel coordinates (n, 2) of camera-frame points (n, 3).

        NaN for points that are not in front of the camera, or so far aside that the lens model does not hold.
        """
        points = np.asarray(points_camera, dtype=np.float64).reshape(-1, 3)
        z = np.where(points[:, 2] > 1e-6, points[:, 2], np.nan)
        x, y = points[:, 0] / z, points[:, 1] / z
        if any(self.distortion):
            dx, dy, radial = self._distortion_terms(x, y)
            valid = self._unfolded(x * x + y * y)
            x, y = np.where(valid, x * radial + dx, np.nan), np.where(valid, y * radial + dy, np.nan)
        return np.stack([self.fx * x + self.cx, self.fy * y + self.cy], axis=-1)


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a camera hangs: the rigid transform ``store_from_camera``, row-major 4x4.

    Raises
    ------
    ValueError
        If the matrix is not a rigid transform (rotation orthonormal within 0.01, determinant +1, last row 0 0 0 1).
    """

    rows: tuple[tuple[float, ...], ...]

    def __post_init__(self) -> None:
        if len(self.rows) != 4 or any(len(row) != 4 for row in self.rows):
            raise ValueError("a pose is four rows of four numbers")
        m = np.array(self.rows, dtype=np.float64)
        if not np.isfinite(m).all():
            raise ValueError("a pose holds finite numbers only")
        rotation = m[:3, :3]
        if np.abs(rotation @ rotation.T - np.eye(3)).max() > 0.01 or np.linalg.det(rotation) < 0:
            raise ValueError("the upper left 3x3 of a pose must be a rotation (orthonormal, determinant +1)")
        if np.abs(m[3] - [0, 0, 0, 1]).max() > 1e-9:
            raise ValueError("the last row of a pose must be 0 0 0 1")

    @classmethod
    def from_matrix(cls, matrix: Array) -> Pose:
        """A pose from an array (4, 4)."""
        return cls(tuple(tuple(float(v) for v in row) for row in np.asarray(matrix)))

    @classmethod
    def looking(cls, x_m: float, y_m: float, height_m: float, yaw_deg: float, tilt_deg: float) -> Pose:
        """A camera at (x, y, height), heading ``yaw_deg`` (0 = +y, counter-clockwise), ``tilt_deg`` below the horizon.

        ``tilt_deg`` 90 looks straight down.
        """
        yaw, tilt = np.radians(yaw_deg), np.radians(tilt_deg)
        right = np.array([np.cos(yaw), np.sin(yaw), 0.0])
        ahead = np.array([-np.sin(yaw), np.cos(yaw), 0.0])
        forward = np.cos(tilt) * ahead - np.sin(tilt) * np.array([0.0, 0.0, 1.0])
        down = np.cross(forward, right)
        matrix = np.eye(4)
        matrix[:3, 0], matrix[:3, 1], matrix[:3, 2] = right, down, forward
        matrix[:3, 3] = x_m, y_m, height_m
        return cls.from_matrix(matrix)

    @property
    def matrix(self) -> Array:
        """``store_from_camera`` as an array (4, 4)."""
        return np.array(self.rows, dtype=np.float64)

    @property
    def position_m(self) -> tuple[float, float, float]:
        """Where it hangs, store frame, metres."""
        return self.rows[0][3], self.rows[1][3], self.rows[2][3]

    @property
    def height_m(self) -> float:
        """Height of the camera over the floor, metres."""
        return self.rows[2][3]

    @property
    def tilt_deg(self) -> float:
        """Angle of the optical axis below the horizon, degrees: 90 looks straight down."""
        return float(np.degrees(np.arcsin(np.clip(-self.rows[2][2], -1.0, 1.0))))

    @property
    def yaw_deg(self) -> float:
        """Heading on the floor, degrees: 0 = +y, counter-clockwise.  Read from the camera's right axis, so that it is
        defined for a camera that looks straight down as well.
        """
        return float(np.degrees(np.arctan2(self.rows[1][0], self.rows[0][0])))

    def to_store(self, points_camera: Array) -> Array:
        """Store points (n, 3) of camera points (n, 3), metres."""
        m = self.matrix
        return np.asarray(points_camera) @ m[:3, :3].T + m[:3, 3]

    def to_camera(self, points_store: Array) -> Array:
        """Camera points (n, 3) of store points (n, 3), metres."""
        m = self.matrix
        return (np.asarray(points_store) - m[:3, 3]) @ m[:3, :3]


def crosses_itself(polygon: Sequence[tuple[float, float]]) -> bool:
    """Whether two sides of a closed polygon cross between their ends."""
    sides = list(zip(polygon, [*polygon[1:], polygon[0]], strict=True))
    return any(_sides_cross(*sides[i], *sides[j]) for i in range(len(sides)) for j in range(i + 2, len(sides)))


def _sides_cross(
    a: tuple[float, float], b: tuple[float, float], c: tuple[float, float], d: tuple[float, float]
) -> bool:
    return _turn(a, b, c) * _turn(a, b, d) < 0 and _turn(c, d, a) * _turn(c, d, b) < 0


def _turn(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    """Positive where ``c`` lies left of the way from ``a`` to ``b``."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
