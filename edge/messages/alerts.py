"""What the staff are told, and what they answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from edge.messages.kinds import EventKind
from edge.messages.scene import Place


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


class Hush(StrEnum):
    """Why an alert that goes on rings nobody."""

    SNOOZED = "snoozed"


@dataclass(frozen=True, slots=True)
class Reason:
    """One piece of evidence behind an alert."""

    kind: str
    t_ns: int
    place: Place | None
    weight: float
    text: str
    """Short, in plain English; the app translates by ``kind``."""
    picture: str | None = None
    """Name of the picture that shows it."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One change in the life of an alert; ``alert_id`` names the first episode that it stands for."""

    alert_id: str
    t_ns: int
    level: Level
    state: AlertState
    kind: EventKind
    place: Place | None
    person: str | None
    count: int
    """People involved, or goods, where that is what is said."""
    reasons: tuple[Reason, ...] = field(default=())
    volume_l: float | None = None
    """Litres of the goods, or of the thing, where it is about any."""
    sensor: str | None = None
    """Which microphone or machine was heard, or which sensor is lost."""
    episodes: int = 1
    """For how many episodes it stands."""
    hush: Hush | None = None
    """Set while it is recorded and rings nobody."""
    escalation: int = 0
    """The step that it has reached unanswered."""
    ended_ns: int | None = None
    """When it ended, where this change came later than that."""

    def __post_init__(self) -> None:
        if self.episodes < 1 or self.escalation < 0:
            raise ValueError(f"an alert stands for {self.episodes} episodes and has reached step {self.escalation}")


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
class Sent:
    """An alert has left the box: the broker or another channel has taken it."""

    alert_id: str
    t_ns: int


@dataclass(frozen=True, slots=True)
class Snooze:
    """Alerts of one kind, zone or sensor ring nobody until ``until_ns``; what is None is not looked at."""

    snooze_id: str
    kind: EventKind | None
    zone: str | None
    sensor: str | None
    until_ns: int
    by: str
    at_ns: int
    """When it was asked for."""

    def __post_init__(self) -> None:
        if self.kind is None and self.zone is None and self.sensor is None:
            raise ValueError("a snooze names a kind, a zone or a sensor")


@dataclass(frozen=True, slots=True)
class Pin:
    """An alert that is kept, with its pictures, beyond the time for which others are."""

    alert_id: str
    reason: str
    by: str
    at_ns: int
