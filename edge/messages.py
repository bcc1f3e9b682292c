"""Every type that passes from one room to another: frozen, slotted, checked when it is made.

Times are UTC nanoseconds of the exposure or of the first sample.  Places are in the store frame: x, y on the floor,
z up, metres.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from edge.geometry import Cell, Intrinsics, Pose


class EventKind(StrEnum):
    """What can happen in a shop, and to the box."""

    ENTER = "enter"
    EXIT = "exit"
    CROSS = "cross"
    DWELL = "dwell"
    CROWD = "crowd"
    INTRUSION = "intrusion"
    RESTRICTED_AREA = "restricted_area"
    CAMERA_LOST = "camera_lost"


class Level(StrEnum):
    """How much an alert asks of the staff; by default only red rings a phone."""

    WHITE = "white"
    YELLOW = "yellow"
    RED = "red"

    @property
    def rank(self) -> int:
        """0, 1, 2: a higher rank asks for more."""
        return ("white", "yellow", "red").index(self.value)


class AlertState(StrEnum):
    """Where an alert is in its life: opened once, updated as evidence adds up, always ended."""

    OPEN = "open"
    UPDATED = "updated"
    ENDED = "ended"


class TrackState(StrEnum):
    """Whether a track is seen now, or carried over a gap by its motion."""

    SEEN = "seen"
    COASTING = "coasting"


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


@dataclass(frozen=True, slots=True)
class Place:
    """Where something happened: what applies is set."""

    x_m: float
    y_m: float
    z_m: float
    cell: Cell
    zone: str | None = None
    shelf: str | None = None
    level: int | None = None
    line: str | None = None


@dataclass(frozen=True, slots=True)
class Track:
    """One person at one frame time.  ``id`` is random to look at but the same at each replay."""

    id: str
    t_ns: int
    x_m: float
    y_m: float
    z_m: float
    vx_mps: float
    vy_mps: float
    state: TrackState
    born_ns: int
    confidence: float


@dataclass(frozen=True, slots=True)
class SceneEvent:
    """Something that happened, explained by its parts.  ``t_end_ns`` equals ``t_start_ns`` for a moment."""

    kind: EventKind
    t_start_ns: int
    t_end_ns: int
    person: str | None
    place: Place | None
    confidence: float
    sensor: str | None = None
    volume_l: float | None = None
    direction: str | None = None
    """``in`` or ``out`` for a line that was crossed."""
    count: int | None = None
    """People involved, where that is what is said."""

    def __post_init__(self) -> None:
        if self.t_end_ns < self.t_start_ns:
            raise ValueError("an event cannot end before it starts")


@dataclass(frozen=True, slots=True)
class Act:
    """Something worth attention that is going on now.

    When it is over it is told once more, as a :class:`SceneEvent`.
    """

    kind: EventKind
    t_start_ns: int
    place: Place
    """Where it is now; ``place.zone`` with ``kind`` and ``t_start_ns`` names the act."""
    person: str | None
    """Somebody involved who is in view."""
    count: int
    """People involved now; 0 where the act is only waiting to see whether it is over."""


@dataclass(frozen=True, slots=True)
class FlowCounts:
    """People flow over one window.  What each number means is defined in :mod:`edge.scene.presence`."""

    t_start_ns: int
    t_end_ns: int
    entered: int
    left: int
    inside: int
    """People inside at the end."""
    crossed_in: tuple[tuple[str, int], ...]
    """Per counting line: people who crossed it inward."""
    crossed_out: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class DayCounts:
    """People flow of the store's day so far."""

    since_ns: int
    """Local midnight, or the first look of a box that was started later."""
    entered: int
    left: int
    crossed_in: tuple[tuple[str, int], ...]
    crossed_out: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class SceneUpdate:
    """The shop at one instant of event time."""

    t_ns: int
    tracks: tuple[Track, ...]
    """People who count as present now."""
    confirmed: tuple[Track, ...] = ()
    """Earlier instants of people who were only now confirmed, or found again, oldest first."""
    events: tuple[SceneEvent, ...] = ()
    counts: FlowCounts | None = None
    """Set when a counting window closed."""
    late: int = 0
    """Observations that came after the watermark had passed them, so far."""
    acts: tuple[Act, ...] = ()
    """What is going on that may need a person."""
    inside: int = 0
    """People inside, in view or not."""
    counts_so_far: FlowCounts | None = None
    """The window that is open, set when a count has changed."""
    today: DayCounts | None = None
    """Set whenever ``counts`` or ``counts_so_far`` is."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One piece of evidence behind an alert."""

    kind: str
    t_ns: int
    place: Place | None
    weight: float
    text: str
    """Short, in plain English; the app translates by ``kind``."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One change in the life of an alert; ``alert_id`` names the episode."""

    alert_id: str
    t_ns: int
    level: Level
    state: AlertState
    kind: EventKind
    place: Place | None
    person: str | None
    count: int
    """People involved."""
    reasons: tuple[Reason, ...] = field(default=())


class AckAction(StrEnum):
    """What a member of staff did about an alert, with one tap."""

    SPOKE = "spoke"
    STAFF = "staff"
    FALSE = "false"
    SEEN = "seen"


@dataclass(frozen=True, slots=True)
class Ack:
    """An answer to an alert.  ``ack_id`` is made by the phone, so that the same answer sent twice is one answer."""

    ack_id: str
    alert_id: str
    action: AckAction
    by: str
    at_ns: int


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
class SensorHealth:
    """One sensor as ``health`` tells of it."""

    id: str
    kind: str
    """``camera`` or ``microphone``."""
    state: SensorState
    fps: float
    frame_age_ms: int | None
    """Since the newest frame."""
    lag_ms: int | None
    """From exposure to the main process, newest frame."""
    drops: int
    bad_frames: int
    model: str


@dataclass(frozen=True, slots=True)
class Health:
    """How each part of the box does."""

    t_ns: int
    broker: str
    """``mosquitto``, ``amqtt`` or ``external``."""
    late: int
    sensors: tuple[SensorHealth, ...]
