"""What each kind of act asks of the staff, and how that is said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from edge.messages import Act, EventKind, Level, Place, Reason, SceneEvent
from edge.settings import (
    ClockJumpRule,
    CrowdRule,
    DiskLowRule,
    IntrusionRule,
    ObjectLeftRule,
    ObjectRemovedRule,
    SensorLostRule,
    SoundRule,
    StoreSettings,
    SweepRule,
    UnpaidExitRule,
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an act asks for at one instant."""

    level: Level
    weight: float
    """Share of what the highest level of its kind needs, 0 to 1."""
    text: str
    """One short sentence."""


Rule = Callable[[Act], Judgement]

SOUNDS = {
    EventKind.RAISED_VOICE: "Raised voices",
    EventKind.SCREAM: "A scream",
    EventKind.GLASS_BREAK: "Breaking glass",
    EventKind.ALARM_SOUND: "An alarm is sounding",
    EventKind.BANG: "A bang",
    EventKind.MACHINE_ANOMALY: "{name} sounds unusual",
    EventKind.MICROPHONE_SILENT: "Microphone {name} hears nothing at all",
}
"""What is said of each sound."""
SENSORS = {EventKind.CAMERA_LOST: "camera", EventKind.MICROPHONE_LOST: "microphone"}
"""What is lost."""


def rules(settings: StoreSettings) -> Mapping[EventKind, Rule]:
    """The rule of every kind of act that the staff want to hear of."""
    alerts = settings.alerts
    all_rules: dict[EventKind, tuple[bool, Rule]] = {
        EventKind.INTRUSION: (alerts.intrusion.enabled, lambda act: judge_intrusion(alerts.intrusion, act)),
        EventKind.CROWD: (alerts.crowd.enabled, lambda act: judge_crowd(alerts.crowd, act)),
        EventKind.SWEEP: (alerts.sweep.enabled, lambda act: judge_sweep(alerts.sweep, act)),
        EventKind.UNPAID_EXIT: (alerts.unpaid_exit.enabled, lambda act: judge_unpaid_exit(alerts.unpaid_exit, act)),
        EventKind.OBJECT_LEFT: (alerts.object_left.enabled, lambda act: judge_object_left(alerts.object_left, act)),
        EventKind.OBJECT_REMOVED: (
            alerts.object_removed.enabled,
            lambda act: judge_object_removed(alerts.object_removed, act),
        ),
        EventKind.DISK_LOW: (alerts.disk_low.enabled, lambda act: judge_disk_low(alerts.disk_low)),
        EventKind.CLOCK_JUMP: (alerts.clock_jump.enabled, lambda act: judge_clock_jump(alerts.clock_jump, act)),
    }
    lost = alerts.sensor_lost
    all_rules |= {kind: (lost.enabled, partial(judge_sensor_lost, lost)) for kind in SENSORS}
    told = {kind: rule for kind, (enabled, rule) in all_rules.items() if enabled}
    return told | {kind: partial(judge_sound, rule) for kind, rule in alerts.sound.by_kind().items()}


def judge_intrusion(rule: IntrusionRule, act: Act) -> Judgement:
    """A person while the shop is closed: at once the level that the owner chose."""
    who = "Somebody is" if act.count <= 1 else f"{act.count} people are"
    return Judgement(Level(rule.level), 1.0, f"{who} in the closed shop{_where(act)}.")


def judge_crowd(rule: CrowdRule, act: Act) -> Judgement:
    """Many people at once: yellow, and red from ``red_people`` on."""
    level = Level.RED if act.count >= rule.red_people else Level.YELLOW
    weight = min(1.0, act.count / max(rule.people, rule.red_people))
    return Judgement(level, round(weight, 3), f"{act.count} people at once{_where(act)}.")


def judge_sweep(rule: SweepRule, act: Act) -> Judgement:
    """Much taken in a short time: yellow, and red from ``red_items`` on."""
    level = Level.RED if act.count >= rule.red_items else Level.YELLOW
    weight = min(1.0, act.count / rule.red_items)
    shelf = "" if act.place is None else _from(act.place)
    text = f"{act.count} items taken in a short time{_litres(act.volume_l)}{shelf}."
    return Judgement(level, round(weight, 3), text)


def judge_unpaid_exit(rule: UnpaidExitRule, act: Act) -> Judgement:
    """Out with goods that were at no checkout: at once the level that the owner chose."""
    goods = "1 item" if act.count == 1 else f"{act.count} items"
    text = f"Somebody left with {goods}{_litres(act.volume_l)}, and was not at a checkout."
    return Judgement(Level(rule.level), 1.0, text)


def judge_object_left(rule: ObjectLeftRule, act: Act) -> Judgement:
    """Something stands where nothing stood, with nobody near it."""
    return Judgement(Level(rule.level), 1.0, f"Something was left{_litres(act.volume_l)}{_where(act)}.")


def judge_object_removed(rule: ObjectRemovedRule, act: Act) -> Judgement:
    """Something that belongs there has gone."""
    return Judgement(Level(rule.level), 1.0, f"Something was taken away{_litres(act.volume_l)}{_where(act)}.")


def judge_sound(rule: SoundRule, act: Act) -> Judgement:
    """Something was heard: at once the level that the owner chose."""
    times = "" if act.count <= 1 else f", {act.count} times"
    return Judgement(Level(rule.level), 1.0, f"{SOUNDS[act.kind].format(name=act.sensor)}{times}{_where(act)}.")


def judge_sensor_lost(rule: SensorLostRule, act: Act) -> Judgement:
    """Nothing is seen or heard: at once the level that the owner chose."""
    which = f"{SENSORS[act.kind]} {act.sensor}"
    text = f"Nothing comes from {which}." if act.count <= 1 else f"The {which} was lost {act.count} times."
    return Judgement(Level(rule.level), 1.0, text)


def judge_disk_low(rule: DiskLowRule) -> Judgement:
    """Little room is left: at once the level that the owner chose."""
    return Judgement(Level(rule.level), 1.0, "Little room is left on the disk of the box.")


def judge_clock_jump(rule: ClockJumpRule, act: Act) -> Judgement:
    """The clock was set: at once the level that the owner chose."""
    moved_s = act.moved_s or 0.0
    way = "back" if moved_s < 0.0 else "forward"
    return Judgement(Level(rule.level), 1.0, f"The clock of the box was set {way} by {abs(moved_s):.0f} seconds.")


def evidence(act: Act) -> tuple[Reason, ...]:
    """What happened that makes it an act, each as a reason of its own, oldest first."""
    return tuple(
        Reason(
            event.kind.value,
            event.t_start_ns,
            event.place,
            event.confidence,
            _told(event),
            None if event.picture is None else event.picture.name,
        )
        for event in act.evidence
    )


def _told(event: SceneEvent) -> str:
    """What came or went, or was heard, in one sentence."""
    if event.heard is not None:
        return f"{SOUNDS[event.kind].format(name=event.heard.name or event.sensor)}, {event.heard.level_dbfs:.0f} dBFS."
    goods = "Something" if event.count is None else "1 item" if event.count == 1 else f"{event.count} items"
    place = event.place
    if event.kind is EventKind.ITEM_PUT:
        on = "" if place is None else _on(place)
        return f"{goods} put down{_litres(event.volume_l)}{on}."
    return f"{goods} taken{_litres(event.volume_l)}{'' if place is None else _from(place)}."


def _litres(volume_l: float | None) -> str:
    """About how much, in words that do not claim more than a camera knows."""
    if volume_l is None:
        return ""
    return f", about {volume_l:.1f} litres" if volume_l < 9.5 else f", about {volume_l:.0f} litres"


def _from(place: Place) -> str:
    """Where goods were: levels are counted from 1, the lowest, as people do."""
    if place.shelf is not None:
        return f", from shelf {place.shelf}" + ("" if place.level is None else f", level {place.level + 1}")
    return "" if place.zone is None else f", from {place.zone}"


def _on(place: Place) -> str:
    return _from(place).replace(", from", ", on" if place.shelf is not None else ", in", 1)


def _where(act: Act) -> str:
    return "" if act.place is None or act.place.zone is None else f", in {act.place.zone}"
