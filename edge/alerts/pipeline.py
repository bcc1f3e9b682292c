"""Acts become alerts: one per episode, which only rises, and always ends."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from edge.alerts.rules import Judgement, rules
from edge.messages import Act, Alert, AlertState, EventKind, Level, Reason, SceneUpdate
from edge.settings import StoreSettings

MAX_REASONS = 20
"""An episode keeps its first reasons and its newest ones."""


@dataclass(frozen=True, slots=True)
class EpisodeKey:
    """Names an act from one instant to the next."""

    kind: EventKind
    t_start_ns: int
    zone: str | None

    @property
    def alert_id(self) -> str:
        """Random to look at but the same at each replay."""
        told = f"{self.kind.value}:{self.t_start_ns}:{self.zone}"
        return base64.b32encode(hashlib.blake2b(told.encode(), digest_size=10).digest()).decode().lower()


class Alerts:
    """Opens, raises and ends the alerts of one shop.

    1. Each act that goes on is judged by the rule of its kind (:mod:`edge.alerts.rules`).
    2. A new act opens an alert.
    3. An alert is updated when its level or its number of people rises, or the person it names is another one.
    4. An act that goes on no longer ends its alert.
    """

    def __init__(self, settings: StoreSettings) -> None:
        self._rules = rules(settings)
        self._open: dict[EpisodeKey, Alert] = {}

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
                changed.append(after)
        return (*ended, *changed)

    def finish(self, t_ns: int) -> tuple[Alert, ...]:
        """Nothing more will be seen: end every alert."""
        return tuple(self._end(key, t_ns) for key in list(self._open))

    def _end(self, key: EpisodeKey, t_ns: int) -> Alert:
        last = self._open.pop(key)
        return Alert(
            last.alert_id,
            t_ns,
            last.level,
            AlertState.ENDED,
            last.kind,
            last.place,
            last.person,
            last.count,
            last.reasons,
        )


def _key(act: Act) -> EpisodeKey:
    return EpisodeKey(act.kind, act.t_start_ns, act.place.zone if act.kind is EventKind.CROWD else None)


def _opened(key: EpisodeKey, act: Act, judgement: Judgement, t_ns: int) -> Alert:
    reason = Reason(act.kind.value, t_ns, act.place, judgement.weight, judgement.text)
    return Alert(
        key.alert_id,
        t_ns,
        judgement.level,
        AlertState.OPEN,
        act.kind,
        act.place,
        act.person,
        max(1, act.count),
        (reason,),
    )


def _raised(before: Alert, act: Act, judgement: Judgement, t_ns: int) -> Alert | None:
    """The alert as it now stands, or nothing where nothing rose."""
    level: Level = max(before.level, judgement.level, key=lambda level: level.rank)
    count = max(before.count, act.count)
    person = act.person if act.count else before.person
    if level is before.level and count == before.count and person == before.person:
        return None
    reasons = before.reasons
    if level is not before.level or count > before.count:
        reasons = (*reasons, Reason(act.kind.value, t_ns, act.place, judgement.weight, judgement.text))
        if len(reasons) > MAX_REASONS:
            reasons = (*reasons[: MAX_REASONS // 2], *reasons[-(MAX_REASONS - MAX_REASONS // 2) :])
    return Alert(before.alert_id, t_ns, level, AlertState.UPDATED, act.kind, act.place, person, count, reasons)
