"""Things that are left in a zone, or taken away from one: bags on the floor, what stands on a table.

A thing that came during this run is followed until it is taken away, whoever takes it.  A thing that was there before
is missed as soon as it has gone, unless it only moved, and until it is back.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from edge.clock import nanoseconds
from edge.messages import Act, EventKind, SceneEvent
from edge.scene.ledger import MOMENT_NS, alike, apart_m, litres_of
from edge.scene.tracker import People
from edge.settings import ObjectLeftRule, ObjectRemovedRule

SAME_PLACE_M = 0.4
MOST_THINGS = 64
A_PART = 0.4
"""Less than this share of a thing that has gone is something that was taken out of it."""


@dataclass(slots=True)
class _Thing:
    """Something that was put there during this run."""

    put: SceneEvent
    volume_l: float
    near_ns: int
    """When somebody was last beside it."""
    going: bool = False


@dataclass(slots=True)
class _Gap:
    """Something that was there before, and has gone."""

    taken: SceneEvent
    told_ns: int
    going: bool = True


class Objects:
    """What is left in the zones that are watched for objects, and what is missing there."""

    def __init__(self, left: ObjectLeftRule, removed: ObjectRemovedRule) -> None:
        self._left, self._removed = left, removed
        self._after_ns, self._end_ns = nanoseconds(left.after_s), nanoseconds(removed.end_after_s)
        self._things: list[_Thing] = []
        self._gaps: list[_Gap] = []

    def step(
        self, people: People, changes: Sequence[SceneEvent], *, watched: bool
    ) -> tuple[tuple[Act, ...], tuple[SceneEvent, ...]]:
        """Take one instant and what came and went in it.

        Parameters
        ----------
        watched
            A camera looked: while none does, somebody may be there.

        Returns
        -------
        acts, events
            What goes on, and what is over.
        """
        over: list[SceneEvent] = []
        for change in changes:
            over.extend(self._went(change) if change.kind is EventKind.ITEM_TAKEN else self._came(change))
        over.extend(self._settle(people.t_ns))
        for thing in self._things:
            if not watched or self._somebody_near(thing, people):
                thing.near_ns = people.t_ns
            elif self._left.enabled and people.t_ns - thing.near_ns >= self._after_ns:
                thing.going = True
        acts = [_act(EventKind.OBJECT_LEFT, thing.put) for thing in self._things if thing.going]
        acts += [_act(EventKind.OBJECT_REMOVED, gap.taken) for gap in self._gaps if gap.going]
        return tuple(acts), tuple(over)

    def finish(self, t_ns: int) -> tuple[SceneEvent, ...]:
        """End every act."""
        left = tuple(_left(thing, t_ns) for thing in self._things if thing.going)
        removed = tuple(_event(EventKind.OBJECT_REMOVED, gap.taken, t_ns) for gap in self._gaps if gap.going)
        self._things, self._gaps = [], []
        return (*left, *removed)

    def _came(self, put: SceneEvent) -> tuple[SceneEvent, ...]:
        """A thing is there: one that was missing, or another."""
        gaps = [
            gap
            for gap in self._gaps
            if _same_zone(gap.taken, put)
            and alike(litres_of(gap.taken), litres_of(put))
            and (apart_m(gap.taken, put) <= SAME_PLACE_M or put.t_end_ns - gap.told_ns <= MOMENT_NS)
        ]
        back = min(gaps, key=lambda gap: (apart_m(gap.taken, put), gap.told_ns), default=None)
        if back is None:
            self._things.append(_Thing(put, litres_of(put), put.t_start_ns))
            return self._bound()
        self._gaps.remove(back)
        return (_event(EventKind.OBJECT_REMOVED, back.taken, put.t_start_ns),) if back.going else ()

    def _went(self, taken: SceneEvent) -> tuple[SceneEvent, ...]:
        """A thing has gone: one that was put here, or one that was here before."""
        here = [thing for thing in self._things if _same_zone(thing.put, taken) and _at(thing, taken)]
        thing = min(here, key=lambda one: (apart_m(one.put, taken), one.put.t_end_ns), default=None)
        if thing is not None and litres_of(taken) < A_PART * thing.volume_l:
            thing.volume_l -= litres_of(taken)
            return ()
        if thing is not None:
            self._things.remove(thing)
            return (_left(thing, taken.t_start_ns),) if thing.going else ()
        self._gaps.append(_Gap(taken, taken.t_end_ns, self._removed.enabled))
        return self._bound()

    def _settle(self, t_ns: int) -> tuple[SceneEvent, ...]:
        """What was told of for long enough is over, though it stays missing."""
        ended = [gap for gap in self._gaps if gap.going and t_ns - gap.told_ns > self._end_ns]
        for gap in ended:
            gap.going = False
        return tuple(_event(EventKind.OBJECT_REMOVED, gap.taken, gap.taken.t_start_ns) for gap in ended)

    def _bound(self) -> tuple[SceneEvent, ...]:
        """Keep the newest; what is let go of is over."""
        things, gaps = self._things[:-MOST_THINGS], self._gaps[:-MOST_THINGS]
        del self._things[:-MOST_THINGS], self._gaps[:-MOST_THINGS]
        left = tuple(_left(thing, thing.near_ns) for thing in things if thing.going)
        removed = (_event(EventKind.OBJECT_REMOVED, gap.taken, gap.taken.t_start_ns) for gap in gaps if gap.going)
        return (*left, *removed)

    def _somebody_near(self, thing: _Thing, people: People) -> bool:
        place = thing.put.place
        assert place is not None
        return any(
            math.hypot(row.x_m - place.x_m, row.y_m - place.y_m) <= self._left.near_m
            for row in (*people.earlier, *people.tracks)
        )


def _at(thing: _Thing, taken: SceneEvent) -> bool:
    """Whether what has gone is this thing: from its place, or from where it was a moment ago when it was moved."""
    moved = taken.t_end_ns - thing.put.t_end_ns <= MOMENT_NS and alike(litres_of(taken), thing.volume_l)
    return apart_m(thing.put, taken) <= SAME_PLACE_M or moved


def _same_zone(a: SceneEvent, b: SceneEvent) -> bool:
    assert a.place is not None
    assert b.place is not None
    return a.place.zone == b.place.zone


def _act(kind: EventKind, change: SceneEvent) -> Act:
    assert change.place is not None
    pictures = () if change.picture is None else (change.picture.name,)
    return Act(kind, change.t_start_ns, change.place, change.person, 1, change.volume_l, pictures, (change,))


def _left(thing: _Thing, end_ns: int) -> SceneEvent:
    return _event(EventKind.OBJECT_LEFT, thing.put, end_ns)


def _event(kind: EventKind, change: SceneEvent, end_ns: int) -> SceneEvent:
    """The act is over; it is told with all that the change was."""
    return replace(change, kind=kind, t_end_ns=max(change.t_start_ns, end_ns))
