"""Acts worth attention: what is going on, since when, and how many people are in it.

Here it is decided that an act holds, with its start and end; what it asks of the staff is for the alerts to say.  An
act goes on from the moment its condition has held for ``after_s`` until it has not held for ``end_after_s``; then it is
told once more as an event over the time that it lasted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from edge.clock import nanoseconds
from edge.messages import Act, EventKind, Place, SceneEvent, Track
from edge.scene.tracker import People
from edge.scene.zones import ZoneMap
from edge.settings import CrowdRule, IntrusionRule, StoreSettings

FLICKER_NS = nanoseconds(1.0)
"""Somebody missed for less than this has not left a crowd."""
MINUTE_NS = nanoseconds(60.0)


@dataclass(slots=True)
class _Going:
    start_ns: int
    last_ns: int
    place: Place
    person: str | None
    most: int
    confidence: float


class Intrusion:
    """People in the shop while it is closed; several at once are one act."""

    def __init__(self, rule: IntrusionRule, is_open: Callable[[int], bool], zones: ZoneMap) -> None:
        self._rule = rule
        self._zones = zones
        self._is_open = is_open
        self._after_ns, self._end_ns = nanoseconds(rule.after_s), nanoseconds(rule.end_after_s)
        self._going: _Going | None = None
        self._told = False
        self._open_minute: tuple[int, bool] | None = None

    def step(self, people: People) -> tuple[tuple[Act, ...], tuple[SceneEvent, ...]]:
        """Take one instant; return the act, if one goes on, and the event, if one is over."""
        over = self._end(people.t_ns)
        closed = self._rule.enabled and not self._open(people.t_ns)
        if closed:
            self._see((*people.earlier, *people.tracks))
        if self._going is None or self._going.last_ns - self._going.start_ns < self._after_ns:
            return (), over
        self._told = True
        now = people.tracks if closed else ()
        return (_act(EventKind.INTRUSION, self._going, len(now)),), over

    def finish(self) -> tuple[SceneEvent, ...]:
        """End the act."""
        going, told, self._going, self._told = self._going, self._told, None, False
        return (_event(EventKind.INTRUSION, going),) if going is not None and told else ()

    def _see(self, rows: Sequence[Track]) -> None:
        """Somebody is there; rows of earlier instants tell since when."""
        closed_rows = [row for row in rows if not self._open(row.t_ns)]
        if not closed_rows:
            return
        first, last = closed_rows[0], closed_rows[-1]
        if self._going is None:
            place = self._zones.place(first.x_m, first.y_m, first.z_m)
            self._going = _Going(first.t_ns, first.t_ns, place, first.id, 1, first.confidence)
        now = [row for row in closed_rows if row.t_ns == last.t_ns]
        self._going.last_ns = max(self._going.last_ns, last.t_ns)
        self._going.most = max(self._going.most, len(now))
        self._going.confidence = max(self._going.confidence, *(row.confidence for row in now))
        here = next((row for row in now if row.id == self._going.person), now[0])
        self._going.person = here.id
        self._going.place = self._zones.place(here.x_m, here.y_m, here.z_m)

    def _end(self, t_ns: int) -> tuple[SceneEvent, ...]:
        if self._going is not None and t_ns - self._going.last_ns > self._end_ns:
            return self.finish()
        return ()

    def _open(self, t_ns: int) -> bool:
        """Whether the shop is open, asked once a minute: opening hours are whole minutes."""
        minute = t_ns // MINUTE_NS
        if self._open_minute is None or self._open_minute[0] != minute:
            self._open_minute = (minute, self._is_open(t_ns))
        return self._open_minute[1]


@dataclass(frozen=True, slots=True)
class _Count:
    t_ns: int
    people: int


class Crowd:
    """Too many people at once in one place, counted so that a moment's miss does not matter."""

    def __init__(self, rule: CrowdRule, zone: str | None, zones: ZoneMap) -> None:
        self._rule = rule
        self._zone = zone
        self._zones = zones
        self._after_ns, self._end_ns = nanoseconds(rule.after_s), nanoseconds(rule.end_after_s)
        self._recent: deque[_Count] = deque()
        self._since: deque[_Count] = deque()
        self._going: _Going | None = None

    def step(self, people: People) -> tuple[tuple[Act, ...], tuple[SceneEvent, ...]]:
        """Take one instant; return the act, if one goes on, and the event, if one is over."""
        if not self._rule.enabled:
            return (), ()
        t_ns, here = people.t_ns, [row for row in people.tracks if self._holds(row)]
        held = self._held(t_ns, self._steady(t_ns, len(here)))
        over: tuple[SceneEvent, ...] = ()
        if self._going is None and held >= self._rule.people and here:
            start_ns = max(t_ns - self._after_ns, self._since[0].t_ns if self._since else t_ns)
            self._going = _Going(start_ns, t_ns, self._middle(here), None, held, _sureness(here))
        if self._going is None:
            return (), ()
        if len(here) >= self._rule.people:
            self._going.last_ns = t_ns
            self._going.place = self._middle(here)
            self._going.confidence = max(self._going.confidence, _sureness(here))
        elif t_ns - self._going.last_ns > self._end_ns:
            over = self.finish()
            return (), over
        self._going.most = max(self._going.most, held)
        return (_act(EventKind.CROWD, self._going, held),), over

    def finish(self) -> tuple[SceneEvent, ...]:
        """End the act."""
        going, self._going = self._going, None
        return (_event(EventKind.CROWD, going),) if going is not None else ()

    def _holds(self, row: Track) -> bool:
        return self._zone is None or self._zone in self._zones.at(row.x_m, row.y_m)

    def _steady(self, t_ns: int, people: int) -> int:
        """The most people counted within the last moment (monotonic queue)."""
        while self._recent and self._recent[-1].people <= people:
            self._recent.pop()
        self._recent.append(_Count(t_ns, people))
        while t_ns - self._recent[0].t_ns > FLICKER_NS:
            self._recent.popleft()
        return self._recent[0].people

    def _held(self, t_ns: int, people: int) -> int:
        """The number that was there all through ``after_s``, 0 before it has passed."""
        since_ns = t_ns
        while self._since and self._since[-1].people >= people:
            since_ns = self._since.pop().t_ns
        self._since.append(_Count(since_ns, people))
        while len(self._since) > 1 and self._since[1].t_ns <= t_ns - self._after_ns:
            self._since.popleft()
        return self._since[0].people if t_ns - self._since[0].t_ns >= self._after_ns else 0

    def _middle(self, here: Sequence[Track]) -> Place:
        n = len(here)
        x_m, y_m = sum(row.x_m for row in here) / n, sum(row.y_m for row in here) / n
        return self._zones.place(x_m, y_m, sum(row.z_m for row in here) / n, zone=self._zone)


class Acts:
    """Everything that may go on in this shop."""

    def __init__(self, settings: StoreSettings, zones: ZoneMap) -> None:
        crowded: list[str | None] = [zone.id for zone in settings.zone] or [None]
        self._all: tuple[Intrusion | Crowd, ...] = (
            Intrusion(settings.alerts.intrusion, settings.is_open, zones),
            *(Crowd(settings.alerts.crowd, zone, zones) for zone in crowded),
        )

    def step(self, people: People) -> tuple[tuple[Act, ...], tuple[SceneEvent, ...]]:
        """Take one instant; return the acts that go on and the events of those that are over."""
        steps = [act.step(people) for act in self._all]
        return tuple(a for acts, _ in steps for a in acts), tuple(e for _, events in steps for e in events)

    def finish(self) -> tuple[SceneEvent, ...]:
        """End every act."""
        return tuple(event for act in self._all for event in act.finish())


def _act(kind: EventKind, going: _Going, count: int) -> Act:
    return Act(kind, going.start_ns, going.place, going.person, count)


def _event(kind: EventKind, going: _Going) -> SceneEvent:
    return SceneEvent(
        kind, going.start_ns, going.last_ns, going.person, going.place, round(going.confidence, 4), count=going.most
    )


def _sureness(here: Sequence[Track]) -> float:
    """A crowd is as sure as its least sure member."""
    return min(row.confidence for row in here)
