"""Sensors that are lost: an event each time, and one act for as long as a sensor cannot be relied on."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from edge.clock import nanoseconds
from edge.messages import Act, EventKind, Place, SceneEvent, SensorCondition, SensorState
from edge.scene.zones import ZoneMap
from edge.settings import StoreSettings

LONGEST_NS = nanoseconds(5.0)
"""Reports come oftener than this; what is longer is a clock that was set, or a box that slept, and no outage."""
KINDS = {"camera": EventKind.CAMERA_LOST, "microphone": EventKind.MICROPHONE_LOST}


@dataclass(frozen=True, slots=True)
class Lost:
    """What was lost by one instant."""

    events: tuple[SceneEvent, ...]
    acts: tuple[Act, ...]


@dataclass(slots=True)
class _Outage:
    """A sensor that is away, or came and went a moment ago."""

    kind: EventKind
    place: Place | None
    start_ns: int
    reported_ns: int
    times: int = 0
    """How often it went away."""
    away: bool = False
    told: bool = False
    """Whether there was an event of its being away this time."""
    away_ns: int = 0
    """All in all."""
    works_ns: int = 0
    """Since it came back."""
    act: Act | None = None


class Outages:
    """Sensors that are lost.

    1. A sensor that stalls or is lost is away until it works again; starting, it is still what it was before.
    2. Each time that it is lost is an event, with the place where it hangs.
    3. It is an act from when it was away for ``after_s``, all in all, until it has worked for ``end_after_s`` without a
       break.  So a restart that succeeds is none, and one that comes and goes every few seconds is one act, not many.

    Time is that of the reports, which are of now; what is seen and heard is a little behind.
    """

    def __init__(self, settings: StoreSettings, zones: ZoneMap) -> None:
        self._zones = zones
        self._microphones = {one.id: one.position for one in settings.microphone}
        self._rule = settings.alerts.sensor_lost
        self._after_ns, self._end_ns = nanoseconds(self._rule.after_s), nanoseconds(self._rule.end_after_s)
        self._going: dict[tuple[EventKind, str], _Outage] = {}
        self._events: deque[SceneEvent] = deque()

    @property
    def going(self) -> bool:
        """Whether any sensor cannot be relied on."""
        return bool(self._going)

    def report(self, t_ns: int, sensors: Sequence[SensorCondition]) -> None:
        """How all sensors do at ``t_ns``; of one that is not among them nothing is expected any more."""
        there = {(KINDS[sensor.kind], sensor.id): sensor for sensor in sensors}
        for key in self._going.keys() - there.keys():
            del self._going[key]
        for key, sensor in there.items():
            outage = self._going.get(key)
            if outage is None and sensor.state in (SensorState.STALLED, SensorState.LOST):
                outage = self._going[key] = _Outage(key[0], self._place(sensor), t_ns, t_ns)
            if outage is not None:
                self._follow(outage, sensor, t_ns)
                if outage.works_ns >= self._end_ns and not outage.away:
                    del self._going[key]

    def step(self, t_ns: int) -> Lost:
        """Event time is ``t_ns`` now."""
        events: list[SceneEvent] = []
        while self._events and self._events[0].t_start_ns <= t_ns:
            events.append(self._events.popleft())
        return Lost(tuple(events), tuple(one.act for one in self._going.values() if one.act is not None))

    def _follow(self, outage: _Outage, sensor: SensorCondition, t_ns: int) -> None:
        passed_ns = min(max(t_ns - outage.reported_ns, 0), LONGEST_NS)
        outage.reported_ns = t_ns
        if outage.away:
            outage.away_ns += passed_ns
        else:
            outage.works_ns += passed_ns
        if sensor.state is SensorState.OK and outage.away:
            outage.away, outage.works_ns = False, 0
        elif sensor.state in (SensorState.STALLED, SensorState.LOST) and not outage.away:
            outage.away, outage.told = True, False
            outage.times += 1
        long = self._rule.enabled and outage.away_ns >= self._after_ns
        if outage.away and not outage.told and (long or sensor.state is SensorState.LOST):
            outage.told = True
            self._events.append(SceneEvent(outage.kind, t_ns, t_ns, None, outage.place, 1.0, sensor=sensor.id))
        if outage.away and outage.act is None and long:
            outage.act = Act(outage.kind, outage.start_ns, outage.place, None, outage.times, sensor=sensor.id)

    def _place(self, sensor: SensorCondition) -> Place | None:
        drawn = self._microphones.get(sensor.id) if sensor.kind == "microphone" else None
        position = drawn or sensor.position_m
        return None if position is None else self._zones.place(*position)
