"""How the box does, and its map."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class ShopMap:
    """The grids of all cameras as one, seen from above.

    ``columns`` is uint8 (ny, nx).  Bits 0 to 6: 0 unknown, 1 free, 2 + k occupied up to the 20 cm layer ``k``; bit 7:
    a moving thing is over the column.  Column (0, 0) covers ``[ix * cell_m, (ix + 1) * cell_m)``, and so for y.
    """

    cell_m: float
    ix: int
    iy: int
    columns: NDArray[np.uint8]

    def __post_init__(self) -> None:
        if self.columns.ndim != 2 or self.columns.dtype != np.uint8 or not self.columns.size:
            raise ValueError(f"columns is a 2-D uint8 image, not {self.columns.dtype} {self.columns.shape}")


class SensorState(StrEnum):
    """How a sensor does: ``stalled`` is silent but running, ``lost`` is gone and being restarted."""

    STARTING = "starting"
    OK = "ok"
    STALLED = "stalled"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class SensorCondition:
    """Whether a sensor works now, as those who look after it see it."""

    id: str
    kind: Literal["camera", "microphone"]
    state: SensorState
    position_m: tuple[float, float, float] | None = None
    """Where it hangs, store frame; None where that is not known."""


@dataclass(frozen=True, slots=True)
class BoxCondition:
    """Whether the box itself is well now, as those who look after it see it."""

    disk_low: bool = False
    """Little room is left for the journal and for pictures."""
    clock_jumped_ns: int = 0
    """By how much the clock was set since the last time this was told; below 0: back."""


@dataclass(frozen=True, slots=True)
class SensorHealth:
    """One sensor as ``health`` tells of it."""

    id: str
    kind: str
    """``camera`` or ``microphone``."""
    state: SensorState
    fps: float
    """Frames a second; of a microphone, chunks of sound."""
    frame_age_ms: int | None
    """Since the newest frame, or since the newest sound that is understood."""
    lag_ms: int | None
    """From exposure to the main process, newest frame."""
    drops: int
    bad_frames: int
    """Frames, or samples of sound, that could not be used."""
    model: str
    fault: str | None = None
    """Why it does not see or hear, in one sentence."""
    level_dbfs: float | None = None
    """How loud it is at a microphone."""


@dataclass(frozen=True, slots=True)
class WatchHealth:
    """One shelf, or zone watched for objects, as ``health`` tells of it."""

    shelf: str | None
    zone: str | None
    seen: float | None
    """Share of it that the camera with the best view of it sees; None before any has looked."""
    fault: str | None
    """Why it is not watched, and what to do, in one sentence."""


@dataclass(frozen=True, slots=True)
class ChannelHealth:
    """One way by which people are told of alerts, and whether it works."""

    id: str
    kind: str
    """``push``, ``apprise``, ``home_assistant``, ``speaker`` or ``light``."""
    levels: tuple[str, ...]
    step: int
    """0: told at once; n: when an alert's escalation has reached n."""
    state: str
    """``ok``, ``failing``, ``untried`` since the box was started, or ``off``."""
    fault: str | None
    """Why it did not work the last time, in one sentence."""
    told_ns: int | None
    """When it last took something."""


@dataclass(frozen=True, slots=True)
class Health:
    """How each part of the box does."""

    t_ns: int
    broker: str
    """``mosquitto``, ``amqtt`` or ``external``."""
    late: int
    sensors: tuple[SensorHealth, ...]
    watched: tuple[WatchHealth, ...] = ()
    channels: tuple[ChannelHealth, ...] = ()
