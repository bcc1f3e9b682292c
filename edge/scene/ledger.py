"""What each person holds: what they took and did not put back.

Whatever can be a thing that is put back, or only moved, is taken as that: a shop forgives a thing that it does not
miss, but not a customer who was stopped without cause.  Volumes of one thing differ from one look to the next, by its
side and by what stands before it, so two are alike within a factor of two.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

from edge.clock import nanoseconds
from edge.messages import EventKind, SceneEvent, Track
from edge.scene.person import random_looking
from edge.scene.tracker import People

ALIKE = 2.0
"""Greatest ratio of two volumes that may be one thing's."""
MORE_ALIKE = 1.5
"""The same for a further thing that was put back together with one already found."""
MOMENT_NS = nanoseconds(2.0)
"""What goes and what comes within this may be one thing that was moved."""
SAME_PLACE_M = 0.4
BESIDE_M = 2.5
"""Somebody this near, who may have walked on meanwhile, can have put a thing back by a hand that was not seen."""
BESIDE_NS = nanoseconds(2.0)
KEEP_NS = nanoseconds(120.0)
"""What somebody held who was not seen for so long is forgotten."""
MOST_HELD = 256
MOST_LOOSE = 64


@dataclass(frozen=True, slots=True)
class Held:
    """What one person took in one grasp, as far as they still hold it."""

    taken: SceneEvent
    volume_l: float
    count: int

    @property
    def item(self) -> str:
        """Its name."""
        assert self.taken.item is not None
        return self.taken.item


class Ledger:
    """Goods in people's hands.

    Parameters
    ----------
    least_confidence
        What is less surely somebody's is not held against them.
    """

    def __init__(self, least_confidence: float) -> None:
        self._least_confidence = least_confidence
        self._held: dict[str, list[Held]] = {}
        self._loose: deque[SceneEvent] = deque(maxlen=MOST_LOOSE)
        self._last: dict[str, Track] = {}
        self._ordinal = 0

    def step(self, people: People, events: Sequence[SceneEvent]) -> tuple[SceneEvent, ...]:
        """Take the goods that came and went by one instant; return the same with the names of the goods."""
        for track in people.tracks:
            self._last[track.id] = track
        self._forget(people.t_ns)
        return tuple(self._take(e) if e.kind is EventKind.ITEM_TAKEN else self._put(e) for e in events)

    def people(self) -> tuple[str, ...]:
        """Who may hold something, in the order in which they first took it."""
        return tuple(self._held)

    def held(self, person: str) -> tuple[Held, ...]:
        """What somebody surely holds, in the order in which it was told."""
        return tuple(h for h in self.all_of(person) if h.taken.confidence >= self._least_confidence)

    def all_of(self, person: str) -> tuple[Held, ...]:
        """The same with what is hardly theirs."""
        return tuple(self._held.get(person, ()))

    def release(self, person: str, items: Sequence[str | None]) -> None:
        """Somebody does not hold these any longer."""
        kept = [held for held in self._held.get(person, ()) if held.item not in items]
        if kept:
            self._held[person] = kept
        else:
            self._held.pop(person, None)

    def _take(self, event: SceneEvent) -> SceneEvent:
        moved = self._other_half(event)
        if moved is not None:
            self._tie((moved.item,))
            return replace(event, item=moved.item)
        named = replace(event, item=self._new_name(event))
        self._loose.append(named)
        if named.person is not None:
            held = self._held.setdefault(named.person, [])
            held.append(Held(named, litres_of(named), named.count or 1))
            del held[:-MOST_HELD]
        return named

    def _put(self, event: SceneEvent) -> SceneEvent:
        if event.person is not None and (item := self._give_back(event.person, event)) is not None:
            return replace(event, item=item)
        moved = self._other_half(event)
        if moved is not None:
            self._tie((moved.item,))
            if moved.person is not None:
                self.release(moved.person, (moved.item,))
            return replace(event, item=moved.item)
        holder = self._holder_beside(event)
        if holder is not None and (item := self._give_back(holder, event)) is not None:
            return replace(event, item=item)
        named = replace(event, item=self._new_name(event))
        self._loose.append(named)
        return named

    def _give_back(self, person: str, put: SceneEvent) -> str | None:
        """Somebody puts down what they hold, or some of it; return its name, or None where it is none of theirs."""
        litres = litres_of(put)
        held = self._held.get(person, [])
        whole = [one for one in held if one.volume_l <= ALIKE * litres]
        parts = [part for one in held if (part := _part(one, put)) is not None]
        part = min(parts, key=lambda part: _ratio(part.volume_l, litres), default=None)
        if part is not None and not any(_ratio(one.volume_l, litres) <= _ratio(part.volume_l, litres) for one in whole):
            self._held[person] = [_without(one, part) if one.item == part.item else one for one in held]
            return part.item
        if not whole or litres > ALIKE * sum(one.volume_l for one in whole):
            return None
        back = _most_alike(whole, litres)
        items, left_l = [back.item], litres - back.volume_l
        while more := [one for one in whole if one.item not in items and one.volume_l <= MORE_ALIKE * left_l]:
            further = _most_alike(more, left_l)
            items.append(further.item)
            left_l -= further.volume_l
        self.release(person, items)
        self._tie(items)
        return back.item

    def _tie(self, items: Sequence[str | None]) -> None:
        """These are accounted for: they are half of no other move."""
        loose = [event for event in self._loose if event.item not in items]
        self._loose.clear()
        self._loose.extend(loose)

    def _other_half(self, event: SceneEvent) -> SceneEvent | None:
        """What went a moment ago and may be what has come now, or the other way round."""
        halves = [
            other
            for other in self._loose
            if other.kind is not event.kind
            and _shelf(other) == _shelf(event)
            and (other.person is None or event.person is None or other.person == event.person)
            and alike(litres_of(other), litres_of(event))
        ]
        return min(
            halves, key=lambda other: (_ratio(litres_of(other), litres_of(event)), -other.t_end_ns), default=None
        )

    def _holder_beside(self, put: SceneEvent) -> str | None:
        """Who stands by and holds what was taken from this very place."""
        holders = [
            (apart_m(held.taken, put), person)
            for person, goods in self._held.items()
            if self._is_beside(person, put)
            for held in goods
            if _shelf(held.taken) == _shelf(put)
            and apart_m(held.taken, put) <= SAME_PLACE_M
            and alike(held.volume_l, litres_of(put))
        ]
        return min(holders)[1] if holders else None

    def _is_beside(self, person: str, put: SceneEvent) -> bool:
        row = self._last.get(person)
        if row is None or put.place is None or put.t_start_ns - row.t_ns > BESIDE_NS:
            return False
        return math.hypot(row.x_m - put.place.x_m, row.y_m - put.place.y_m) <= BESIDE_M

    def _new_name(self, event: SceneEvent) -> str:
        self._ordinal += 1
        return random_looking(f"{self._ordinal}:{event.t_start_ns}:{event.kind.value}:{litres_of(event):.4f}")

    def _forget(self, t_ns: int) -> None:
        while self._loose and t_ns - self._loose[0].t_end_ns > MOMENT_NS:
            self._loose.popleft()
        for person in [name for name, row in self._last.items() if t_ns - row.t_ns > KEEP_NS]:
            del self._last[person]
            self._held.pop(person, None)


def litres_of(event: SceneEvent) -> float:
    """How much came or went."""
    assert event.volume_l is not None  # every change has one
    return event.volume_l


def _shelf(event: SceneEvent) -> str | None:
    return None if event.place is None else event.place.shelf


def apart_m(a: SceneEvent, b: SceneEvent) -> float:
    """Distance of two places."""
    assert a.place is not None
    assert b.place is not None
    return math.dist((a.place.x_m, a.place.y_m, a.place.z_m), (b.place.x_m, b.place.y_m, b.place.z_m))


def _ratio(a_l: float, b_l: float) -> float:
    """How unlike two volumes are: 1 where they are equal, else more."""
    return max(a_l, b_l) / min(a_l, b_l)


def alike(a_l: float, b_l: float) -> bool:
    """Whether two volumes may be one thing's."""
    return _ratio(a_l, b_l) <= ALIKE


def _part(held: Held, put: SceneEvent) -> Held | None:
    """Some of several things that were taken in one grasp, if that is what was put back."""
    count = put.count or max(1, round(held.count * litres_of(put) / held.volume_l))
    if count >= held.count:
        return None
    part = replace(held, volume_l=held.volume_l * count / held.count, count=count)
    return part if alike(part.volume_l, litres_of(put)) else None


def _without(held: Held, part: Held) -> Held:
    return replace(held, volume_l=held.volume_l - part.volume_l, count=held.count - part.count)


def _most_alike(goods: Sequence[Held], litres: float) -> Held:
    return min(goods, key=lambda held: _ratio(held.volume_l, litres))
