"""What the shop as a whole understands: people, events, counts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from edge.geometry import Cell
from edge.messages.goods import DepthPair, LevelFill
from edge.messages.hearing import HeardEvent
from edge.messages.kinds import EventKind


class TrackState(StrEnum):
    """Whether a track is seen now, or carried over a gap by its motion."""

    SEEN = "seen"
    COASTING = "coasting"


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
    """People involved, or goods, where that is what is said."""
    item: str | None = None
    """Names goods while one person handles them: what is put back has the name under which it was taken."""
    size_m: tuple[float, float, float] | None = None
    """Extent of goods along store x, y and z."""
    picture: DepthPair | None = None
    heard: HeardEvent | None = None
    """How it sounded, where it is a sound."""

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
    place: Place | None
    """Where it is now; None where that is not known, as of a sound whose microphone is not drawn."""
    person: str | None
    """Somebody involved who is in view."""
    count: int
    """People involved now, or goods; 0 where the act is only waiting to see whether it is over."""
    volume_l: float | None = None
    pictures: tuple[str, ...] = ()
    """Names of the pictures that show it, oldest first."""
    evidence: tuple[SceneEvent, ...] = ()
    """What happened that makes it an act, oldest first: the goods that were taken."""
    sensor: str | None = None
    """Which microphone, or which machine, where the act is a sound; which sensor, where one is lost."""
    moved_s: float | None = None
    """By how much the clock was set, where it was; below 0: back."""


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
    fills: tuple[LevelFill, ...] = ()
    """How full the shelves are, where that has changed."""
