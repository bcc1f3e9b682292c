"""What the restraint is given in tests: changes of single episodes, as the rules tell them."""

from __future__ import annotations

from dataclasses import replace

from edge.alerts.restraint import Restraint
from edge.clock import nanoseconds
from edge.geometry import cell_of
from edge.messages import Alert, AlertState, EventKind, Level, Place, Reason, Sent, Snooze
from edge.settings import StoreSettings

OPEN, UPDATED, ENDED = AlertState.OPEN, AlertState.UPDATED, AlertState.ENDED
WHITE, YELLOW, RED = Level.WHITE, Level.YELLOW, Level.RED


def at(t_s: float) -> int:
    return 1_700_000_040_000_000_000 + nanoseconds(t_s)


def settings(**restraint: float) -> StoreSettings:
    return StoreSettings.model_validate({"alerts": {"restraint": restraint}})


def episode(
    name: str,
    t_s: float,
    state: AlertState = OPEN,
    *,
    kind: EventKind = EventKind.SWEEP,
    level: Level = YELLOW,
    zone: str | None = "hall",
    sensor: str | None = None,
    count: int = 5,
) -> Alert:
    place = None if zone is None else Place(0.0, 0.0, 1.0, cell_of(0.0, 0.0, 1.0), zone=zone)
    reason = Reason(kind.value, at(t_s), place, 1.0, f"{name} at {t_s}.")
    return Alert(name, at(t_s), level, state, kind, place, None, count, (reason,), sensor=sensor)


def ended(alert: Alert, t_s: float) -> Alert:
    return replace(alert, t_ns=at(t_s), state=ENDED)


def snooze(t_s: float, until_s: float, name: str = "s1", **what: object) -> Snooze:
    asked = {"kind": None, "zone": None, "sensor": None} | what
    return Snooze(name, until_ns=at(until_s), by="staff", at_ns=at(t_s), **asked)


class Told:
    """A restraint, and all that it told; what it tells is sent at once unless asked otherwise."""

    def __init__(self, *, delivered: bool = True, **restraint: float) -> None:
        self.restraint = Restraint(settings(**restraint))
        self.delivered = delivered
        self.all: list[Alert] = []

    def step(self, t_s: float, *alerts: Alert) -> tuple[Alert, ...]:
        return self._keep(self.restraint.step(at(t_s), alerts))

    def episode(self, name: str, from_s: float, to_s: float, **of: object) -> tuple[Alert, ...]:
        """One that begins and ends; what was told of it."""
        begun = episode(name, from_s, **of)
        return (*self.step(from_s, begun), *self.step(to_s, ended(begun, to_s)))

    def finish(self, t_s: float, *alerts: Alert) -> tuple[Alert, ...]:
        return self._keep(self.restraint.finish(at(t_s), alerts))

    def _keep(self, told: tuple[Alert, ...]) -> tuple[Alert, ...]:
        self.all += told
        for alert in told if self.delivered else ():
            self.restraint.sent(Sent(alert.alert_id, alert.t_ns))
        return told

    @property
    def standing(self) -> dict[str, Alert]:
        """Each alert as it was told last."""
        return {alert.alert_id: alert for alert in self.all}
