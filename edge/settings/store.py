"""``store.toml``: what is drawn, and how it is understood."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from datetime import datetime
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from edge.clock import NS_PER_S, seconds
from edge.settings.drawn import Hours, Line, Shelf, Store, Zone
from edge.settings.ear import EarSettings, Microphone, SoundRules
from edge.settings.fields import DurationS, Section
from edge.settings.restraint import EscalationSettings, RestraintSettings, RetentionSettings
from edge.settings.watched import WatchedVolume, shelf_faults, shelf_volume, zone_volume


class EyeSettings(Section):
    """How a camera's frames are understood."""

    min_head_height_m: Annotated[float, Field(ge=0.3, le=1.5)] = 0.8
    """A head lower than this is not looked for (a child of 0.9 m has its head top there)."""
    max_head_height_m: Annotated[float, Field(ge=1.5, le=3.0)] = 2.3
    max_range_m: Annotated[float, Field(ge=1.0, le=20.0)] = 9.0
    static_absorb_s: Annotated[float, Field(ge=10.0, le=86_400.0)] = 120.0
    """A thing that is not a person and stands still becomes background after this long."""
    person_absorb_s: Annotated[float, Field(ge=120.0, le=86_400.0)] = 1800.0
    """The same for what looks like a person."""
    map_interval_s: Annotated[float, Field(ge=0.05, le=60.0)] = 0.5
    settle_s: Annotated[float, Field(ge=0.2, le=10.0)] = 0.5
    """A change on a shelf counts once nothing has moved there for this long."""
    least_item_l: Annotated[float, Field(ge=0.02, le=10.0)] = 0.1
    """What is smaller is noise, litres (a can of 350 ml takes 0.4)."""


class SceneSettings(Section):
    """How observations become people."""

    lateness_s: Annotated[float, Field(ge=0.0, le=5.0)] = 0.25
    """How long the merge waits for a slower sensor."""
    confirm_s: Annotated[float, Field(ge=0.0, le=5.0)] = 0.3
    """A head seen this long is a person."""
    coast_s: Annotated[float, Field(ge=0.1, le=30.0)] = 2.0
    """A person unseen for longer has left, or is a new one when seen again."""
    gate_m: Annotated[float, Field(ge=0.1, le=3.0)] = 0.6
    counts_window_s: Annotated[float, Field(ge=1.0, le=86_400.0)] = 60.0
    dwell_s: DurationS = 5.0
    """A stay in a zone shorter than this is not a dwell."""


class IntrusionRule(Section):
    """A person while the shop is closed."""

    enabled: bool = True
    after_s: DurationS = 1.0
    level: Literal["white", "yellow", "red"] = "red"
    end_after_s: DurationS = 30.0


class CrowdRule(Section):
    """Too many people at once."""

    enabled: bool = True
    people: Annotated[int, Field(ge=2, le=1000)] = 8
    """People in one zone (or in view, where no zone is drawn) that make a crowd: yellow."""
    red_people: Annotated[int, Field(ge=2, le=1000)] = 15
    after_s: DurationS = 10.0
    end_after_s: DurationS = 10.0

    @model_validator(mode="after")
    def _red_is_more(self) -> Self:
        if self.red_people < self.people:
            raise ValueError(f"red_people {self.red_people} must not be below people {self.people}")
        return self


class SweepRule(Section):
    """One person takes much from a shelf in a short time."""

    enabled: bool = True
    items: Annotated[int, Field(ge=2, le=1000)] = 5
    """Goods taken and not put back within ``within_s``: yellow."""
    volume_l: Annotated[float, Field(ge=0.1, le=1000.0)] = 8.0
    """Or so many litres, of at least three goods."""
    within_s: Annotated[float, Field(ge=1.0, le=600.0)] = 30.0
    red_items: Annotated[int, Field(ge=2, le=1000)] = 10
    end_after_s: DurationS = 20.0

    @model_validator(mode="after")
    def _red_is_more(self) -> Self:
        if self.red_items < self.items:
            raise ValueError(f"red_items {self.red_items} must not be below items {self.items}")
        return self


class UnpaidExitRule(Section):
    """Somebody who holds goods leaves without having been at a checkout."""

    enabled: bool = True
    level: Literal["white", "yellow", "red"] = "red"
    checkout_s: DurationS = 2.0
    """So long at a checkout counts as having been there."""
    least_confidence: Annotated[float, Field(ge=0.0, le=1.0)] = 0.5
    """Goods that are less surely this person's do not count."""
    end_after_s: DurationS = 30.0


class ObjectLeftRule(Section):
    """A thing stands where nothing stood, in a zone that is watched for objects."""

    enabled: bool = True
    after_s: DurationS = 60.0
    """Nobody has been near it for this long."""
    near_m: Annotated[float, Field(ge=0.3, le=10.0)] = 1.2
    level: Literal["white", "yellow", "red"] = "yellow"


class ObjectRemovedRule(Section):
    """A thing is gone from a zone that is watched for objects."""

    enabled: bool = True
    level: Literal["white", "yellow", "red"] = "yellow"
    end_after_s: DurationS = 60.0


class SensorLostRule(Section):
    """A camera shows nothing, or a microphone hears nothing, because it is unplugged, dead or stuck."""

    enabled: bool = True
    after_s: DurationS = 10.0
    """Away for so long, all in all: one that comes and goes is told of too."""
    level: Literal["white", "yellow", "red"] = "yellow"
    end_after_s: DurationS = 30.0
    """It must have worked for so long without a break."""


class DiskLowRule(Section):
    """Little room is left on the disk of the box; ``[disk]`` in ``device.toml`` says how little."""

    enabled: bool = True
    level: Literal["white", "yellow", "red"] = "yellow"
    end_after_s: DurationS = 10.0
    """There must have been room for so long."""


class ClockJumpRule(Section):
    """The clock of the box was set by more than two seconds: what happened before and after cannot be compared."""

    enabled: bool = True
    level: Literal["white", "yellow", "red"] = "white"
    end_after_s: DurationS = 60.0


class AlertSettings(Section):
    """What the staff are told."""

    intrusion: IntrusionRule = IntrusionRule()
    crowd: CrowdRule = CrowdRule()
    sweep: SweepRule = SweepRule()
    unpaid_exit: UnpaidExitRule = UnpaidExitRule()
    object_left: ObjectLeftRule = ObjectLeftRule()
    object_removed: ObjectRemovedRule = ObjectRemovedRule()
    sensor_lost: SensorLostRule = SensorLostRule()
    disk_low: DiskLowRule = DiskLowRule()
    clock_jump: ClockJumpRule = ClockJumpRule()
    sound: SoundRules = SoundRules()
    restraint: RestraintSettings = RestraintSettings()
    escalation: EscalationSettings = EscalationSettings()
    retention: RetentionSettings = RetentionSettings()


class StoreSettings(Section):
    """``store.toml``."""

    store: Store = Store()
    hours: Hours | None = None
    zone: Annotated[tuple[Zone, ...], Field(max_length=256)] = ()
    shelf: Annotated[tuple[Shelf, ...], Field(max_length=256)] = ()
    line: Annotated[tuple[Line, ...], Field(max_length=64)] = ()
    microphone: Annotated[tuple[Microphone, ...], Field(max_length=64)] = ()
    eye: EyeSettings = EyeSettings()
    ear: EarSettings = EarSettings()
    scene: SceneSettings = SceneSettings()
    alerts: AlertSettings = AlertSettings()

    @model_validator(mode="after")
    def _unique_ids(self) -> Self:
        for what, things in (
            ("zone", self.zone),
            ("shelf", self.shelf),
            ("line", self.line),
            ("microphone", self.microphone),
        ):
            for twice in repeated([thing.id for thing in things]):
                raise ValueError(repeated_message(what, twice))
        return self

    def watched(self) -> tuple[WatchedVolume, ...]:
        """The volumes in which things that come and go matter: shelves without a fault, and zones with ``objects``."""
        faults = shelf_faults(self.shelf)
        shelves = (shelf_volume(shelf) for shelf in self.shelf if shelf.id not in faults)
        return (*shelves, *(zone_volume(zone) for zone in self.zone if zone.objects))

    def local_time(self, t_ns: int) -> datetime:
        """The shop's wall clock at a UTC time."""
        return datetime.fromtimestamp(seconds(t_ns), tz=ZoneInfo(self.store.timezone))

    def day_start_ns(self, t_ns: int) -> int:
        """The midnight that began the shop's day, UTC."""
        midnight = self.local_time(t_ns - t_ns % NS_PER_S).replace(hour=0, minute=0, second=0, microsecond=0)
        return int(midnight.timestamp()) * NS_PER_S

    def is_open(self, t_ns: int) -> bool:
        """Whether the shop is open; always, when no hours are given."""
        return self.hours is None or self.hours.is_open(self.local_time(t_ns))

    def digest(self) -> str:
        """A short hash of every setting, stored with results."""
        text = json.dumps(self.model_dump(mode="json", by_alias=True), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def repeated(ids: list[str]) -> list[str]:
    """Ids that are used more than once, in order."""
    return sorted(name for name, count in Counter(ids).items() if count > 1)


def repeated_message(what: str, name: str) -> str:
    """What is said of an id that is used twice."""
    return f"{what} id {name!r} is used twice; ids must differ"
