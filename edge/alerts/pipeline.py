"""Acts become alerts: one per episode, which only rises, and always ends."""

from __future__ import annotations

from dataclasses import dataclass, replace

from edge.alerts.naming import alert_id
from edge.alerts.reasons import bounded
from edge.alerts.rules import Judgement, evidence, rules
from edge.messages import Act, Alert, AlertState, EventKind, Level, Reason, SceneUpdate
from edge.settings import StoreSettings


@dataclass(frozen=True, slots=True)
class EpisodeKey:
    """Names an act from one instant to the next."""

    kind: EventKind
    t_start_ns: int
    apart: str | None
    """What tells it from another of its kind that began at the same time."""

    @property
    def alert_id(self) -> str:
        """Random to look at but the same at each replay."""
        return alert_id(self.kind.value, self.t_start_ns, self.apart)


@dataclass(frozen=True, slots=True)
class _Episode:
    """An alert that is open, and the evidence that was shown in it, some of which may have been left out since."""

    alert: Alert
    shown: frozenset[Reason]


class Alerts:
    """Opens, raises and ends the alerts of one shop.

    1. Each act that goes on is judged by the rule of its kind (:mod:`edge.alerts.rules`).
    2. A new act opens an alert.
    3. An alert is updated when its level or its number of people or goods rises, or the person it names is another one.
       Litres go with the number.  Its reasons add up: what happened, each once, and what is said of it.
    4. An act that goes on no longer ends its alert.
    """

    def __init__(self, settings: StoreSettings) -> None:
        self._rules = rules(settings)
        self._open: dict[EpisodeKey, _Episode] = {}

    def step(self, update: SceneUpdate) -> tuple[Alert, ...]:
        """Take one instant; return the alerts that changed, in the order of their opening, the ended ones first."""
        going = {_key(act): act for act in update.acts if act.kind in self._rules}
        ended = [self._end(key, update.t_ns) for key in list(self._open) if key not in going]
        changed: list[Alert] = []
        for key, act in going.items():
            judgement = self._rules[act.kind](act)
            before = self._open.get(key)
            after = (
                _opened(key, act, judgement, update.t_ns)
                if before is None
                else _raised(before, act, judgement, update.t_ns)
            )
            if after is not None:
                self._open[key] = after
                changed.append(after.alert)
        return (*ended, *changed)

    def finish(self, t_ns: int) -> tuple[Alert, ...]:
        """Nothing more will be seen: end every alert."""
        return tuple(self._end(key, t_ns) for key in list(self._open))

    def _end(self, key: EpisodeKey, t_ns: int) -> Alert:
        return replace(self._open.pop(key).alert, t_ns=t_ns, state=AlertState.ENDED)


def _key(act: Act) -> EpisodeKey:
    return EpisodeKey(act.kind, act.t_start_ns, _apart(act))


def _apart(act: Act) -> str | None:
    """Crowds differ by their zones, acts of one person by that person, things by place, sounds by who heard them,
    lost sensors by their ids.
    """
    match act.kind:
        case EventKind.CROWD:
            return None if act.place is None else act.place.zone
        case EventKind.SWEEP | EventKind.UNPAID_EXIT:
            return act.person
        case EventKind.OBJECT_LEFT | EventKind.OBJECT_REMOVED:
            place = act.place
            return None if place is None else f"{place.x_m:.3f}:{place.y_m:.3f}:{place.z_m:.3f}"
        case _:
            return act.sensor


def _opened(key: EpisodeKey, act: Act, judgement: Judgement, t_ns: int) -> _Episode:
    shown = evidence(act)
    alert = Alert(
        key.alert_id,
        t_ns,
        judgement.level,
        AlertState.OPEN,
        act.kind,
        act.place,
        act.person,
        max(1, act.count),
        bounded((*shown, _said(act, judgement, t_ns))),
        act.volume_l,
        act.sensor,
    )
    return _Episode(alert, frozenset(shown))


def _raised(episode: _Episode, act: Act, judgement: Judgement, t_ns: int) -> _Episode | None:
    """The alert as it now stands, or nothing where nothing rose."""
    before, shown = episode.alert, episode.shown
    level: Level = max(before.level, judgement.level, key=lambda level: level.rank)
    count, volume_l = _most(before, act)
    person = act.person if act.count else before.person
    if level is before.level and count == before.count and person == before.person:
        return None
    reasons = before.reasons
    if level is not before.level or count > before.count:
        more = tuple(reason for reason in evidence(act) if reason not in shown)
        reasons = bounded((*reasons, *more, _said(act, judgement, t_ns)))
        shown = shown.union(more)
    alert = replace(
        before,
        t_ns=t_ns,
        level=level,
        state=AlertState.UPDATED,
        place=act.place,
        person=person,
        count=count,
        reasons=reasons,
        volume_l=volume_l,
    )
    return _Episode(alert, shown)


def _most(before: Alert, act: Act) -> tuple[int, float | None]:
    """The most there was: how many, and how many litres those were."""
    if (act.count, act.volume_l or 0.0) > (before.count, before.volume_l or 0.0):
        return act.count, act.volume_l
    return before.count, before.volume_l


def _said(act: Act, judgement: Judgement, t_ns: int) -> Reason:
    """What is to be said of it all now."""
    return Reason(act.kind.value, t_ns, act.place, judgement.weight, judgement.text)
