"""What an eye notices in the volumes it watches: hands that reach in, things that came or went."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

MAX_PICTURE_PX = 128
"""Longest side of a picture of a change."""


class ChangeKind(StrEnum):
    """How a surface changed: it lies farther (something was taken) or nearer (something was put)."""

    RECEDED = "receded"
    ADVANCED = "advanced"


@dataclass(frozen=True, slots=True)
class DepthPair:
    """The same patch of depth before and after a change: a picture for people, too coarse to know anybody by.

    ``before`` and ``after`` are uint16 (height, width), millimetres along the optical axis, 0 = no return.
    """

    name: str
    """Random to look at but the same at each replay; names the picture in files and on the wire."""
    before: NDArray[np.uint16]
    after: NDArray[np.uint16]

    def __post_init__(self) -> None:
        if self.before.ndim != 2 or self.before.dtype != np.uint16 or self.after.dtype != np.uint16:
            raise ValueError(f"a patch is a 2-D uint16 image, not {self.before.dtype} {self.before.shape}")
        if self.before.shape != self.after.shape or not 0 < max(self.before.shape) <= MAX_PICTURE_PX:
            raise ValueError(f"patches {self.before.shape} and {self.after.shape} must match, {MAX_PICTURE_PX} at most")


@dataclass(frozen=True, slots=True)
class Hand:
    """Something that moves and reaches into a watched volume: a hand, an arm, a bag, an elbow."""

    volume: str
    """:attr:`edge.settings.WatchedVolume.key`."""
    x_m: float
    y_m: float
    z_m: float
    """Its point deepest inside."""
    head: int | None
    """Index among the observation's heads of the body that it is connected to; None where no head is seen on it."""
    confidence: float
    """0 to 1: how sure it is that body's, and not that of somebody who touches it."""

    def __post_init__(self) -> None:
        if not 0.0 <= self.confidence <= 1.0:
            raise ValueError(f"confidence {self.confidence} must be within 0..1")


@dataclass(frozen=True, slots=True)
class SurfaceChange:
    """A lasting change of a watched surface, told once it has settled.

    ``x_m, y_m, z_m`` is the middle of the thing that came or went.
    """

    volume: str
    kind: ChangeKind
    before_ns: int
    """The last look at the surface as it had been."""
    after_ns: int
    """The first look at it as it is now, with nothing in front."""
    x_m: float
    y_m: float
    z_m: float
    size_m: tuple[float, float, float]
    """Extent along store x, y and z."""
    volume_l: float
    count: int | None
    """How many things of one kind it was, where that can be known."""
    confidence: float
    picture: DepthPair | None = None

    def __post_init__(self) -> None:
        if self.after_ns < self.before_ns or self.volume_l <= 0.0 or not 0.0 <= self.confidence <= 1.0:
            raise ValueError(
                f"a change from {self.before_ns} to {self.after_ns} of {self.volume_l} l, {self.confidence} sure"
            )


@dataclass(frozen=True, slots=True)
class LevelFill:
    """How full one level of a shelf is, of what can be seen of it."""

    volume: str
    level: int
    """From 0, the lowest."""
    share: float
    """0 empty to 1 full."""


@dataclass(frozen=True, slots=True)
class VolumeSight:
    """How much of a watched volume a camera can see."""

    volume: str
    in_picture: float
    """Share of its visible sides that lies within the picture and within range."""
    seen: float
    """Share that is in the picture and not hidden behind something that stands still."""
