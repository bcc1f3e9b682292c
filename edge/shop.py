"""The shop: scene and alerts put together, the same way live and in replay."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from edge.alerts.pipeline import Alerts
from edge.alerts.restraint import Restraint
from edge.messages import (
    Alert,
    AudioObservation,
    BoxCondition,
    DepthObservation,
    SceneUpdate,
    SensorCondition,
    Sent,
    Snooze,
)
from edge.scene.box import WELL
from edge.scene.flow import CellFlow
from edge.scene.pipeline import Scene
from edge.settings import StoreSettings

Room = AbstractContextManager[object]
"""Held while a room works."""


@dataclass(frozen=True, slots=True)
class ShopStep:
    """The shop at one instant, and the alerts that changed at it."""

    update: SceneUpdate
    alerts: tuple[Alert, ...]


class Shop:
    """Observations of all cameras and microphones in; people, events, counts and alerts out.

    Parameters
    ----------
    settings
        What the installer drew and chose.
    sensors
        Ids of the cameras that belong to the shop.
    measure
        Wraps the work of the rooms ``"scene"`` and ``"alerts"``, for those who want to time it.
    """

    def __init__(
        self,
        settings: StoreSettings,
        sensors: Sequence[str],
        measure: Callable[[str], AbstractContextManager[None]] = lambda room: nullcontext(),
    ) -> None:
        self._scene = Scene(settings, sensors)
        self._alerts = Alerts(settings)
        self._restraint = Restraint(settings)
        self._measure = measure

    def step(self, observation: DepthObservation) -> tuple[ShopStep, ...]:
        """Take one observation; return the instants that are now due, oldest first."""
        with self._measure("scene"):
            updates = self._scene.step(observation)
        return self._judge(updates)

    def hear(self, observation: AudioObservation) -> None:
        """Take one microphone's observation; it counts once event time has come so far."""
        self._scene.hear(observation)

    def report(self, t_ns: int, sensors: Sequence[SensorCondition], box: BoxCondition = WELL) -> None:
        """How all sensors and the box do at ``t_ns``; to be called every second or oftener."""
        self._scene.report(t_ns, sensors, box)

    def advance(self, t_ns: int) -> tuple[ShopStep, ...]:
        """Event time ``t_ns`` is known to have passed, though nothing was seen."""
        with self._measure("scene"):
            updates = self._scene.advance(t_ns)
        return self._judge(updates)

    def finish(self) -> tuple[ShopStep, ...]:
        """The session is over: all that waits is told, all that is open ends."""
        steps = self._judge(self._scene.finish())
        if not steps:
            return ()
        last = steps[-1]
        t_ns = last.update.t_ns
        ended = self._restraint.finish(t_ns, self._alerts.finish(t_ns))
        return (*steps[:-1], ShopStep(last.update, (*last.alerts, *ended)))

    def sent(self, sent: Sent) -> None:
        """An alert has left the box."""
        self._restraint.sent(sent)

    def snooze(self, snoozes: Sequence[Snooze]) -> None:
        """These are all the snoozes now."""
        self._restraint.snooze(snoozes)

    def floor_use(self) -> tuple[CellFlow, ...]:
        """How much each 20 cm cell of the floor was used since the start."""
        return self._scene.floor_use()

    def _judge(self, updates: Sequence[SceneUpdate]) -> tuple[ShopStep, ...]:
        steps: list[ShopStep] = []
        for update in updates:
            with self._measure("alerts"):
                alerts = self._restraint.step(update.t_ns, self._alerts.step(update))
            steps.append(ShopStep(update, alerts))
        return tuple(steps)
