"""What the ears told becomes events at once, and acts while it goes on."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

from edge.clock import nanoseconds
from edge.messages import Act, AudioObservation, EventKind, HeardEvent, Place, SceneEvent
from edge.scene.zones import ZoneMap
from edge.settings import StoreSettings

MOST_WAITING = 4096
"""Events of ears that run ahead of the eyes; more than that is dropped, the newest first."""
MOST_EVIDENCE = 10


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard by one instant."""

    events: tuple[SceneEvent, ...]
    acts: tuple[Act, ...]


@dataclass(slots=True)
class _Episode:
    """One kind of sound from one microphone or machine, heard again and again."""

    start_ns: int
    last_ns: int
    count: int
    evidence: tuple[SceneEvent, ...]


class Hearing:
    """The sounds of all microphones.

    1. What an ear tells waits until the shop's event time has come so far.
    2. It becomes an event, with the place of its microphone where that is drawn.
    3. Each kind of sound that the staff are told of is one act per microphone, or per machine, from its first event
       until it was not heard for ``end_after_s``.
    """

    def __init__(self, settings: StoreSettings, zones: ZoneMap) -> None:
        self._places = {one.id: zones.place(*one.position) for one in settings.microphone}
        self._rules = settings.alerts.sound.by_kind()
        self._waiting: list[tuple[int, int, str, HeardEvent]] = []
        self._taken = 0
        self._going: dict[tuple[EventKind, str], _Episode] = {}
        self.dropped = 0
        """Events that found no room to wait."""

    def hear(self, observation: AudioObservation) -> None:
        """Take what one ear told."""
        for event in observation.events:
            if len(self._waiting) >= MOST_WAITING:
                self.dropped += 1
                continue
            self._taken += 1
            heapq.heappush(self._waiting, (observation.t_ns, self._taken, observation.microphone, event))

    def step(self, t_ns: int) -> Heard:
        """Event time is ``t_ns`` now."""
        events: list[SceneEvent] = []
        while self._waiting and self._waiting[0][0] <= t_ns:
            _, _, microphone, heard = heapq.heappop(self._waiting)
            event = _event(microphone, heard, self._places.get(microphone))
            if not self._goes_on(heard, event):
                events.append(event)
                self._take(heard, event)
        for key, episode in list(self._going.items()):
            if t_ns - episode.last_ns > nanoseconds(self._rules[key[0]].end_after_s):
                del self._going[key]
        return Heard(tuple(events), tuple(_act(key, episode) for key, episode in self._going.items()))

    def finish(self) -> tuple[SceneEvent, ...]:
        """Nothing more will be heard: all that waits is told."""
        last_ns = max((told_ns for told_ns, _, _, _ in self._waiting), default=0)
        events = self.step(last_ns).events
        self._going.clear()
        return events

    def _goes_on(self, heard: HeardEvent, event: SceneEvent) -> bool:
        """Whether it was told before, and has only lasted longer: that prolongs the act, and is no new event."""
        episode = self._going.get(_key(heard, event))
        told = () if episode is None else episode.evidence
        if episode is None or not any((one.sensor, one.t_start_ns) == (event.sensor, event.t_start_ns) for one in told):
            return False
        episode.last_ns = max(episode.last_ns, heard.t_end_ns)
        return True

    def _take(self, heard: HeardEvent, event: SceneEvent) -> None:
        if heard.kind not in self._rules:
            return
        key = _key(heard, event)
        episode = self._going.get(key)
        if episode is None:
            self._going[key] = _Episode(heard.t_start_ns, heard.t_end_ns, 1, (event,))
            return
        episode.last_ns = max(episode.last_ns, heard.t_end_ns)
        episode.count += 1
        episode.evidence = (*episode.evidence, event)[-MOST_EVIDENCE:]


def _key(heard: HeardEvent, event: SceneEvent) -> tuple[EventKind, str]:
    return heard.kind, heard.name or event.sensor or ""


def _event(microphone: str, heard: HeardEvent, place: Place | None) -> SceneEvent:
    return SceneEvent(
        heard.kind,
        heard.t_start_ns,
        heard.t_end_ns,
        None,
        place,
        heard.confidence,
        sensor=microphone,
        heard=heard,
    )


def _act(key: tuple[EventKind, str], episode: _Episode) -> Act:
    kind, sensor = key
    told, place = episode.evidence, episode.evidence[-1].place
    return Act(kind, episode.start_ns, place, None, episode.count, evidence=told, sensor=sensor)
