"""A red alert that nobody answers goes on to others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from edge.clock import NS_PER_S, nanoseconds
from edge.messages import Ack, Alert, AlertState, EventKind, Level
from edge.settings import EscalationSettings

MAX_WATCHED: Final = 1000
"""Red alerts of which the step is remembered; the oldest are forgotten first."""
REMEMBERED_NS: Final = 24 * 3600 * NS_PER_S
"""An alert that ended longer ago is not open again."""


@dataclass(slots=True)
class _Watch:
    alert: Alert
    due_ns: int | None = None
    """When it goes a step on; None while it is hushed."""
    step: int = 0
    answered: bool = False


class Escalation:
    """Says how far each red alert has gone unanswered.

    1. The time begins when an alert turns red and may ring; while it is hushed there is none.
    2. Each ``after_s`` without an answer it goes one step on, up to ``steps``.
    3. An answer stops it for good, also where the alert is open again later: who answered knows of it.  An answer from
       before it was red does not count, since it was given to something less.
    4. One that ends unanswered before its first step still takes that one, so that somebody else looks what it was, and
       no more.  Each later change of an alert keeps the step that it has reached.
    5. Of one kind, one alert at a time takes a step: whoever is called for it sees the others, which follow later.
    """

    def __init__(self, settings: EscalationSettings) -> None:
        self._after_ns = nanoseconds(settings.after_s)
        self._steps = settings.steps
        self._watched: dict[str, _Watch] = {}
        self._taken_ns: dict[tuple[EventKind, int], int] = {}
        """When an alert of a kind last took a step."""

    def resume(self, unanswered: Sequence[Alert]) -> None:
        """Alerts of an earlier run that nobody has answered: the box was away, the time went on."""
        for alert in unanswered:
            if alert.level is Level.RED and alert.hush is None and self._steps:
                due_ns = alert.t_ns + self._after_ns
                self._watched[alert.alert_id] = _Watch(alert, due_ns, alert.escalation)

    def answered(self, ack: Ack) -> None:
        """Somebody has answered an alert."""
        watch = self._watched.get(ack.alert_id)
        if watch is not None:
            watch.answered = True

    def step(self, t_ns: int, alerts: Sequence[Alert]) -> tuple[Alert, ...]:
        """The same alerts, each with its step, and after them those that go a step on at ``t_ns``."""
        told = tuple(self._take(alert, t_ns) for alert in alerts)
        further = [self._further(watch, t_ns) for watch in self._watched.values() if self._is_due(watch, t_ns)]
        self._forget(t_ns)
        return (*told, *further)

    def _take(self, alert: Alert, t_ns: int) -> Alert:
        if alert.level is not Level.RED or not self._steps:
            return alert
        watch = self._watched.get(alert.alert_id)
        if watch is None:
            watch = self._watched[alert.alert_id] = _Watch(alert)
        if alert.hush is not None:
            watch.due_ns = None
        elif watch.due_ns is None:
            watch.due_ns = t_ns + self._after_ns
        watch.alert = replace(alert, escalation=watch.step)
        return watch.alert

    def _is_due(self, watch: _Watch, t_ns: int) -> bool:
        last = 1 if watch.alert.state is AlertState.ENDED else self._steps
        if watch.answered or watch.step >= last or watch.due_ns is None or t_ns < watch.due_ns:
            return False
        taken_ns = self._taken_ns.get((watch.alert.kind, watch.step + 1))
        return taken_ns is None or t_ns - taken_ns >= self._after_ns

    def _further(self, watch: _Watch, t_ns: int) -> Alert:
        """One step on.  That an alert has ended, and when, stays true."""
        watch.step += 1
        self._taken_ns[watch.alert.kind, watch.step] = t_ns
        watch.due_ns = t_ns + self._after_ns
        before = watch.alert
        ended = before.state is AlertState.ENDED
        watch.alert = replace(
            before,
            t_ns=t_ns,
            state=before.state if ended else AlertState.UPDATED,
            escalation=watch.step,
            ended_ns=before.t_ns if ended else None,
        )
        return watch.alert

    def _forget(self, t_ns: int) -> None:
        while len(self._watched) > MAX_WATCHED:
            del self._watched[next(iter(self._watched))]
        if not self._watched:
            return
        name, oldest = next(iter(self._watched.items()))
        if oldest.alert.state is AlertState.ENDED and t_ns - oldest.alert.t_ns > REMEMBERED_NS:
            del self._watched[name]
