"""What a depth camera is, what it takes, and what its eye understands of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.geometry import Cell, Intrinsics, Pose
from edge.messages.goods import Hand, LevelFill, SurfaceChange, VolumeSight


@dataclass(frozen=True, slots=True)
class CameraModel:
    """One depth camera as the eye needs it.

    ``pose`` is ``None`` until the camera has been calibrated from its own floor.
    """

    id: str
    intrinsics: Intrinsics
    depth_unit_m: float
    pose: Pose | None = None
    model: str = ""

    def __post_init__(self) -> None:
        if not self.id or "/" in self.id or len(self.id) > 64:
            raise ValueError(f"camera id {self.id!r} must be 1 to 64 characters without '/'")
        if not 1e-6 <= self.depth_unit_m <= 0.1:
            raise ValueError(f"depth_unit_m {self.depth_unit_m} is not within 1e-6 .. 0.1")


@dataclass(frozen=True, slots=True)
class DepthFrame:
    """One exposure.

    ``depth`` is (height, width) uint16, along the optical axis, in the camera's depth unit, 0 = no return.
    """

    camera: str
    t_ns: int
    depth: NDArray[np.uint16]

    def __post_init__(self) -> None:
        if self.depth.ndim != 2 or self.depth.dtype != np.uint16:
            raise ValueError(f"a depth frame is a 2-D uint16 image, not {self.depth.dtype} {self.depth.shape}")


@dataclass(frozen=True, slots=True)
class Head:
    """A head found in one frame of one camera.

    ``x_m, y_m`` is the head's centre, ``z_m`` its top (hair and hat included).
    """

    x_m: float
    y_m: float
    z_m: float
    sigma_m: float
    """Standard deviation of the position on the floor plane."""
    confidence: float
    """0 to 1: how much it looks like a head on shoulders."""
    at_border: bool
    """Part of it may lie outside the picture."""

    def __post_init__(self) -> None:
        if not (0.0 <= self.confidence <= 1.0 and self.sigma_m > 0.0):
            raise ValueError(f"confidence {self.confidence} must be within 0..1 and sigma_m {self.sigma_m} positive")


@dataclass(frozen=True, slots=True)
class GridSnapshot:
    """A camera's 20 cm occupancy grid.

    ``log_odds`` is float32 (nx, ny, nz): above 0 occupied, below 0 free, exactly 0 never observed.
    ``foreground_top_m`` is float32 (nx, ny): height of the highest moving thing over each column, 0 where none.
    """

    origin: Cell
    log_odds: NDArray[np.float32]
    foreground_top_m: NDArray[np.float32]

    def __post_init__(self) -> None:
        if self.log_odds.ndim != 3 or self.log_odds.dtype != np.float32:
            raise ValueError(f"log_odds is 3-D float32, not {self.log_odds.dtype} {self.log_odds.shape}")
        if self.foreground_top_m.shape != self.log_odds.shape[:2]:
            raise ValueError(f"foreground_top_m {self.foreground_top_m.shape} must match {self.log_odds.shape[:2]}")


@dataclass(frozen=True, slots=True)
class DepthObservation:
    """What one camera's eye understood of one frame."""

    camera: str
    t_ns: int
    heads: tuple[Head, ...]
    valid_fraction: float
    """Share of pixels with a return."""
    foreground_fraction: float
    """Share of pixels that belong to moving things."""
    grid: GridSnapshot | None = None
    """Sent a few times a second, not with every frame."""
    hands: tuple[Hand, ...] = ()
    """What reaches into watched volumes, a few times a second."""
    changes: tuple[SurfaceChange, ...] = ()
    """What came or went in watched volumes, and has settled."""
    fills: tuple[LevelFill, ...] = ()
    """How full the shelves are, where that has changed."""
    sights: tuple[VolumeSight, ...] = ()
    """How well the watched volumes are seen, with the first frame and about once a minute."""
