"""Acts with goods in hand: somebody takes much in a short time, somebody leaves with what was at no checkout.

Both are about what one person holds (:mod:`edge.scene.ledger`): what was put back never counts.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from edge.clock import nanoseconds
from edge.messages import Act, EventKind, Place, SceneEvent
from edge.scene.ledger import Held, Ledger
from edge.settings import SweepRule, UnpaidExitRule

LEAST_OF_VOLUME = 3
"""One large thing, or a pair, is no sweep however many litres it takes."""
MOST_EVIDENCE = 32
LATE_NS = nanoseconds(15.0)
"""So long after somebody left it may be told what they took: a surface is known once it is seen again."""


@dataclass(frozen=True, slots=True)
class _Amount:
    count: int = 0
    volume_l: float = 0.0


@dataclass(slots=True)
class _Going:
    """An act that goes on, and the goods that make it up by name."""

    person: str
    start_ns: int
    place: Place
    last_ns: int
    goods: dict[str, SceneEvent] = field(default_factory=dict)
    """The first of them, by name."""
    known: frozenset[str] = frozenset()
    """Names of all that are still held."""
    newest_ns: int = 0
    """When the last of them was taken."""
    now: _Amount = _Amount()
    most: _Amount = _Amount()

    def add(self, goods: Sequence[Held]) -> None:
        """More goods belong to it; of very many the first ones show what it is."""
        for held in goods:
            self.newest_ns = max(self.newest_ns, held.taken.t_start_ns)
            if len(self.goods) < MOST_EVIDENCE:
                self.goods[held.item] = held.taken

    def count(self, amount: _Amount) -> None:
        """So much it is now."""
        self.now = amount
        self.most = max(self.most, amount, key=lambda one: (one.count, one.volume_l))

    def evidence(self) -> tuple[SceneEvent, ...]:
        """What happened, oldest first."""
        return tuple(sorted(self.goods.values(), key=lambda event: (event.t_start_ns, event.t_end_ns)))

    def act(self, kind: EventKind) -> Act:
        """It goes on."""
        evidence = self.evidence()
        pictures = tuple(event.picture.name for event in evidence if event.picture is not None)
        count, volume_l = self.now.count, round(self.now.volume_l, 4)
        return Act(kind, self.start_ns, self.place, self.person, count, volume_l, pictures, evidence)

    def event(self, kind: EventKind, end_ns: int) -> SceneEvent:
        """It is over.  It is as sure as the least sure of its goods."""
        return SceneEvent(
            kind,
            self.start_ns,
            max(self.start_ns, end_ns),
            self.person,
            self.place,
            min(event.confidence for event in self.goods.values()),
            volume_l=round(self.most.volume_l, 4),
            count=self.most.count,
        )


class Sweep:
    """One person takes many goods, or many litres of them, within a short time, and does not put them back."""

    def __init__(self, rule: SweepRule) -> None:
        self._rule = rule
        self._within_ns, self._end_ns = nanoseconds(rule.within_s), nanoseconds(rule.end_after_s)
        self._going: dict[str, _Going] = {}
        self._told_ns: dict[str, int] = {}

    def step(self, t_ns: int, ledger: Ledger) -> tuple[tuple[Act, ...], tuple[SceneEvent, ...]]:
        """Take one instant; return the acts that go on, and the events of those that are over."""
        if not self._rule.enabled:
            return (), ()
        over = [going for going in self._going.values() if t_ns - going.last_ns > self._end_ns]
        events = tuple(self._end(going) for going in over)
        for person in {**dict.fromkeys(self._going), **dict.fromkeys(ledger.people())}:
            self._watch(t_ns, person, ledger.held(person))
        for person in [name for name in self._told_ns if name not in ledger.people()]:
            del self._told_ns[person]
        return tuple(going.act(EventKind.SWEEP) for going in self._going.values()), events

    def finish(self) -> tuple[SceneEvent, ...]:
        """End every act."""
        return tuple(self._end(going) for going in list(self._going.values()))

    def _watch(self, t_ns: int, person: str, held: Sequence[Held]) -> None:
        """What they hold of what was not told as a sweep before."""
        told_ns, going = self._told_ns.get(person), self._going.get(person)
        goods = [one for one in held if told_ns is None or one.taken.t_start_ns > told_ns]
        if going is None and not self._is_much(_amount(goods)):
            return
        much = [window for window in self._windows(goods) if self._is_much(_amount(window))]
        if much and going is None:
            first = min(much, key=lambda window: window[0].taken.t_start_ns)[0].taken
            assert first.place is not None
            going = self._going[person] = _Going(person, first.t_start_ns, first.place, t_ns)
        if going is None:
            return
        more = {one.item: one for window in much for one in window if one.item not in going.known}
        going.known = frozenset(one.item for one in goods if one.item in going.known or one.item in more)
        if more:
            going.add(tuple(more.values()))
            going.last_ns = t_ns
            newest = max(more.values(), key=lambda one: one.taken.t_start_ns).taken
            going.place = newest.place or going.place
        amounts = [_amount(window) for window in much]
        going.count(max(amounts, key=lambda one: (one.count, one.volume_l), default=_Amount()))

    def _windows(self, goods: Sequence[Held]) -> list[list[Held]]:
        """For each thing taken, all that were taken from then on within the time of the rule."""
        by_time = sorted(goods, key=lambda one: one.taken.t_start_ns)
        starts_ns = [one.taken.t_start_ns for one in by_time]
        return [
            by_time[k : bisect_right(starts_ns, start_ns + self._within_ns)] for k, start_ns in enumerate(starts_ns)
        ]

    def _is_much(self, amount: _Amount) -> bool:
        by_volume = amount.volume_l >= self._rule.volume_l and amount.count >= LEAST_OF_VOLUME
        return amount.count >= self._rule.items or by_volume

    def _end(self, going: _Going) -> SceneEvent:
        del self._going[going.person]
        self._told_ns[going.person] = going.newest_ns
        return going.event(EventKind.SWEEP, going.newest_ns)


class UnpaidExit:
    """Somebody goes out with goods that they took and that were at no checkout since."""

    def __init__(self, rule: UnpaidExitRule, *, enabled: bool) -> None:
        self._enabled = rule.enabled and enabled
        self._end_ns = nanoseconds(rule.end_after_s)
        self._gone: dict[str, SceneEvent] = {}
        self._going: dict[str, _Going] = {}

    def step(
        self, t_ns: int, moves: Sequence[SceneEvent], ledger: Ledger
    ) -> tuple[tuple[Act, ...], tuple[SceneEvent, ...]]:
        """Take one instant, with who entered and left in it; return the acts that go on, and those that are over."""
        if not self._enabled:
            return (), ()
        over = [going for going in self._going.values() if t_ns - going.last_ns > self._end_ns]
        events = tuple(self._end(going) for going in over)
        self._note(t_ns, moves)
        for person, left in self._gone.items():
            goods = [held for held in ledger.held(person) if held.taken.t_start_ns <= left.t_start_ns]
            if goods and left.place is not None:
                self._leave(person, left, left.place, t_ns, goods)
                ledger.release(person, [held.item for held in goods])
        return tuple(going.act(EventKind.UNPAID_EXIT) for going in self._going.values()), events

    def finish(self) -> tuple[SceneEvent, ...]:
        """End every act."""
        return tuple(self._end(going) for going in list(self._going.values()))

    def _note(self, t_ns: int, moves: Sequence[SceneEvent]) -> None:
        """Who is outside, and may yet prove to have taken something."""
        for move in moves:
            if move.person is None:
                continue
            self._gone.pop(move.person, None)
            if move.kind is EventKind.EXIT:
                self._gone[move.person] = move
        for person in [name for name, left in self._gone.items() if t_ns - left.t_start_ns > LATE_NS]:
            del self._gone[person]

    def _leave(self, person: str, left: SceneEvent, place: Place, t_ns: int, goods: Sequence[Held]) -> None:
        going = self._going.get(person)
        if going is None:
            going = self._going[person] = _Going(person, left.t_start_ns, place, t_ns)
        going.add(goods)
        more = _amount(goods)
        going.count(_Amount(going.now.count + more.count, going.now.volume_l + more.volume_l))

    def _end(self, going: _Going) -> SceneEvent:
        del self._going[going.person]
        return going.event(EventKind.UNPAID_EXIT, going.start_ns)


def _amount(goods: Sequence[Held]) -> _Amount:
    return _Amount(sum(held.count for held in goods), sum(held.volume_l for held in goods))
