"""One shop's understanding, on one page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from edge.clock import nanoseconds
from edge.messages import (
    AudioObservation,
    BoxCondition,
    DepthObservation,
    EventKind,
    SceneEvent,
    SceneUpdate,
    SensorCondition,
)
from edge.scene.acts import Acts
from edge.scene.box import WELL, BoxTroubles
from edge.scene.flow import CellFlow, CountWindows, DayTotals, FloorUse
from edge.scene.goods import Goods, newest_fills
from edge.scene.hearing import Hearing
from edge.scene.lines import Crossing, LineCounter
from edge.scene.merge import EventTimeMerge, Instant
from edge.scene.outages import Outages
from edge.scene.presence import Presence
from edge.scene.tracker import People, Tracker
from edge.scene.zones import Dwell, ZoneMap
from edge.settings import StoreSettings


class Scene:
    """What the sensors of one shop saw and heard, understood as people and acts.

    1. Looks of all cameras are put in order of event time (:mod:`edge.scene.merge`).
    2. Heads become people who keep their identity (:mod:`edge.scene.tracker`).
    3. Passings of the counting lines (:mod:`edge.scene.lines`).
    4. Who entered and left, and how many are inside (:mod:`edge.scene.presence`).
    5. Stays in zones (:mod:`edge.scene.zones`) and the use of each cell (:mod:`edge.scene.flow`).
    6. Acts that may need a person (:mod:`edge.scene.acts`).
    7. What people do with goods (:mod:`edge.scene.goods`).
    8. What was heard (:mod:`edge.scene.hearing`).
    9. Sensors that are lost (:mod:`edge.scene.outages`) and what ails the box (:mod:`edge.scene.box`); only a live box
       tells of any.
    10. Counts of each window and of the day (:mod:`edge.scene.flow`).

    Parameters
    ----------
    settings
        What the installer drew and chose.
    sensors
        Ids of the cameras to wait for.
    """

    def __init__(self, settings: StoreSettings, sensors: Sequence[str]) -> None:
        scene, zones = settings.scene, ZoneMap(settings.zone)
        self._zones = zones
        self._merge = EventTimeMerge(sensors, nanoseconds(scene.lateness_s))
        self._tracker = Tracker(scene, settings.zone, settings.line)
        self._lines = tuple(LineCounter(line) for line in settings.line)
        self._presence = Presence(settings, zones)
        self._dwell = Dwell(zones, nanoseconds(scene.dwell_s))
        self._floor = FloorUse()
        self._acts = Acts(settings, zones)
        self._goods = Goods(settings, zones)
        self._hearing = Hearing(settings, zones)
        self._outages = Outages(settings, zones)
        self._box = BoxTroubles(settings)
        lines = [line.id for line in settings.line]
        self._windows = CountWindows(lines, nanoseconds(scene.counts_window_s))
        self._today = DayTotals(lines, settings.day_start_ns)
        self._t_ns: int | None = None

    def step(self, observation: DepthObservation) -> tuple[SceneUpdate, ...]:
        """Take one camera's observation; return the updates that are now due, in order of event time."""
        return tuple(self._understand(instant) for instant in self._merge.push(observation))

    def hear(self, observation: AudioObservation) -> None:
        """Take one microphone's observation; it counts once event time has come so far."""
        self._hearing.hear(observation)
        if self._t_ns is None:  # a shop with microphones only begins with the first of them
            self._t_ns = observation.t_ns - 1

    def report(self, t_ns: int, sensors: Sequence[SensorCondition], box: BoxCondition = WELL) -> None:
        """How all sensors and the box do at ``t_ns``; to be called every second or oftener."""
        self._outages.report(t_ns, sensors)
        self._box.report(t_ns, box)
        if self._t_ns is None and (self._outages.going or self._box.going):  # what is lost from the start is told too
            self._t_ns = t_ns - 1

    def advance(self, t_ns: int) -> tuple[SceneUpdate, ...]:
        """Event time ``t_ns`` is known to have passed: what waited for a silent sensor is due, and absence counts."""
        updates = [self._understand(instant) for instant in self._merge.advance(t_ns)]
        if self._t_ns is not None and t_ns > self._t_ns:
            updates.append(self._understand(Instant(t_ns, ())))
        return tuple(updates)

    def finish(self) -> tuple[SceneUpdate, ...]:
        """The session is over: everything that waits is due, everything that is open ends."""
        updates = [self._understand(instant) for instant in self._merge.drain()]
        if self._t_ns is not None:
            updates.append(self._conclude(self._t_ns))
        return tuple(updates)

    def floor_use(self) -> tuple[CellFlow, ...]:
        """How much each 20 cm cell was used since the start."""
        return self._floor.cells()

    def _understand(self, instant: Instant) -> SceneUpdate:
        self._t_ns = instant.t_ns
        presence = self._presence
        counts = self._windows.step(instant.t_ns, presence.entered, presence.left, presence.inside)
        self._today.step(instant.t_ns, presence.entered, presence.left)
        people = self._tracker.step(instant)
        crossings = tuple(crossing for line in self._lines for crossing in line.step(people))
        moves = presence.step(people, crossings, watched=bool(instant.looks))
        stays = self._dwell.step(people)
        self._floor.step(people)
        acts, over = self._acts.step(people)
        goods = self._goods.step(instant, people, moves)
        heard, lost = self._hearing.step(instant.t_ns), self._outages.step(instant.t_ns)
        ailing = self._box.step(instant.t_ns)
        told = (*moves, *self._told(crossings), *stays, *over, *goods.events, *heard.events)
        events = _in_order((*told, *lost.events, *ailing.events))
        acts = (*acts, *goods.acts, *heard.acts, *lost.acts, *ailing.acts)
        update = SceneUpdate(instant.t_ns, people.tracks, people.earlier, events, counts, self._merge.late, acts)
        self._count(crossings)
        changed = self._windows.changed(instant.t_ns, presence.entered, presence.left, presence.inside)
        return self._counted(replace(update, counts_so_far=changed, fills=newest_fills(instant)))

    def _conclude(self, t_ns: int) -> SceneUpdate:
        departed = self._tracker.finish()
        crossings = tuple(c for line in self._lines for departure in departed for c in line.leave(departure))
        moves = self._presence.cross(crossings)
        self._count(crossings)
        counts = self._windows.finish(t_ns, self._presence.entered, self._presence.left, self._presence.inside)
        goods = self._goods.finish(People(t_ns, (), departed=departed), moves)
        over = (*self._acts.finish(), *goods.events, *self._hearing.finish())
        events = _in_order((*moves, *self._told(crossings), *self._dwell.finish(), *over))
        return self._counted(SceneUpdate(t_ns, (), (), events, counts, self._merge.late, goods.acts))

    def _count(self, crossings: Sequence[Crossing]) -> None:
        self._windows.add(crossings)
        self._today.add(crossings)

    def _counted(self, update: SceneUpdate) -> SceneUpdate:
        """The same with what is counted now."""
        told = update.counts is not None or update.counts_so_far is not None
        today = self._today.counts(self._presence.entered, self._presence.left) if told else None
        return replace(update, inside=self._presence.inside, today=today)

    def _told(self, crossings: Sequence[Crossing]) -> tuple[SceneEvent, ...]:
        return tuple(
            SceneEvent(
                EventKind.CROSS,
                crossing.t_ns,
                crossing.t_ns,
                crossing.person,
                self._zones.place(crossing.x_m, crossing.y_m, crossing.z_m, line=crossing.line),
                crossing.confidence,
                direction=crossing.direction.value,
            )
            for crossing in crossings
        )


def _in_order(events: Sequence[SceneEvent]) -> tuple[SceneEvent, ...]:
    """By time of ending, then start: the order in which they could be told."""
    return tuple(sorted(events, key=lambda e: (e.t_end_ns, e.t_start_ns, e.kind.value, e.person or "")))
