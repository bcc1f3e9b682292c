"""What each kind of act asks of the staff, and how that is said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from edge.messages import Act, EventKind, Level
from edge.settings import CrowdRule, IntrusionRule, StoreSettings


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an act asks for at one instant."""

    level: Level
    weight: float
    """Share of what the highest level of its kind needs, 0 to 1."""
    text: str
    """One short sentence."""


Rule = Callable[[Act], Judgement]


def rules(settings: StoreSettings) -> Mapping[EventKind, Rule]:
    """The rule of every kind of act that the staff want to hear of."""
    chosen: dict[EventKind, Rule] = {}
    if settings.alerts.intrusion.enabled:
        chosen[EventKind.INTRUSION] = lambda act: judge_intrusion(settings.alerts.intrusion, act)
    if settings.alerts.crowd.enabled:
        chosen[EventKind.CROWD] = lambda act: judge_crowd(settings.alerts.crowd, act)
    return chosen


def judge_intrusion(rule: IntrusionRule, act: Act) -> Judgement:
    """A person while the shop is closed: at once the level that the owner chose."""
    who = "Somebody is" if act.count <= 1 else f"{act.count} people are"
    return Judgement(Level(rule.level), 1.0, f"{who} in the closed shop{_where(act)}.")


def judge_crowd(rule: CrowdRule, act: Act) -> Judgement:
    """Many people at once: yellow, and red from ``red_people`` on."""
    level = Level.RED if act.count >= rule.red_people else Level.YELLOW
    weight = min(1.0, act.count / max(rule.people, rule.red_people))
    return Judgement(level, round(weight, 3), f"{act.count} people at once{_where(act)}.")


def _where(act: Act) -> str:
    return "" if act.place.zone is None else f", in {act.place.zone}"
