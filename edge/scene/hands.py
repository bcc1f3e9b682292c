"""Who reached where, and when: hands, named at their own time by the people whose heads they are connected to.

A change of a surface is found once the surface is seen again, which may be long after whoever changed it has turned to
something else.  So each sighting of a hand is kept for a while, and a change looks back for those that were at its
place within its time.  Standing near is no evidence: without a hand that is connected to a head nobody is named, unless
nobody else could have reached the place at all (:mod:`edge.scene.within_reach`).
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

from edge.clock import nanoseconds, seconds
from edge.messages import DepthObservation, SurfaceChange
from edge.scene.merge import Instant
from edge.scene.tracker import People
from edge.scene.within_reach import WithinReach, begun

REMEMBER_NS = nanoseconds(90.0)
MOST_REACHES = 2048
"""Per volume: a minute and a half of four hands, five times a second."""
MOST_SPELLS = 64
EARLIER_NS = nanoseconds(0.5)
"""A hand may be over a place already when a surface is last seen beside it."""
EARLIER_WEIGHT = 0.5
CLOSE_M = 0.15
"""Standard deviation of a hand's deepest point about the thing that it moves."""
REACH_M = 0.45
"""Further from it a hand was elsewhere."""
UNKNOWN_WEIGHT = 0.5
"""What a hand without a head says for somebody who is not known."""
SAME_HAND_M = 0.35
SAME_HAND_NS = nanoseconds(0.6)
"""A hand that was connected so shortly before or after, and so near, is the same one."""
CONTINUED = 0.8
"""Share of its confidence that is left meanwhile."""
BLIND_NS = nanoseconds(1.5)
"""A camera that did not look for so long does not know who was there."""
LEAST_SURE = 0.3
"""Whoever it is less surely than this is not named: that would be a guess."""
LEAST_SHARE = 0.55
"""Of several who could have reached it, one is told, with doubt, who is clearly likelier than all others together."""
MATTERS = 0.1
"""A claim of less than this share of the best one is not waited for."""
UNSEEN_PER_S = 0.01
"""What speaks for a hand that was not seen at all, for each second that a surface was hidden."""
MOST_UNSEEN = 0.2
SHORT_NS = nanoseconds(1.0)
ONLY_ONE = 0.65
"""How sure it is that a hand that was not seen is that of the only one within reach: somebody may not be tracked."""
ONE_OF_SEVERAL = 0.45
"""The same of the likeliest of several: never enough for an alert."""


@dataclass(frozen=True, slots=True)
class Reach:
    """One sighting of something that reached into a volume."""

    t_ns: int
    x_m: float
    y_m: float
    z_m: float
    person: str | None
    confidence: float
    """0 to 1: how sure it is that person's."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who made a change, and when."""

    t_ns: int
    person: str | None
    confidence: float
    """0 to 1: how sure it is theirs; 1 where nobody is named."""
    open: bool = False
    """Somebody who is not confirmed so far may yet prove to have a part in it."""
    seen: bool = False
    """By a hand that was seen there; else the moment is a guess within the time in which it must have been."""


@dataclass(frozen=True, slots=True)
class _Near:
    """A hand that may have made a change."""

    reach: Reach
    closeness: float
    """0 to 1."""
    centre_m: float
    """From the middle of what came or went."""

    @property
    def weight(self) -> float:
        """What it says for its person, 0 to 1."""
        return self.closeness * (UNKNOWN_WEIGHT if self.reach.person is None else self.reach.confidence)


class Hands:
    """The hands of the last minute and a half in every watched volume."""

    def __init__(self) -> None:
        self._reaches: dict[str, deque[Reach]] = {}
        self._seen_ns: dict[str, int] = {}
        self._looked_ns: dict[str, int] = {}
        self._blind: deque[tuple[str, int, int]] = deque(maxlen=MOST_SPELLS)
        self._within_reach = WithinReach()

    def step(self, instant: Instant, people: People) -> None:
        """Take the looks of one instant, with whom their heads were given to."""
        for look, given in zip(instant.looks, people.given, strict=True):
            self._note_spell(look)
            for hand in look.hands:
                known = hand.head is not None and hand.head < len(given.people)
                person = given.people[hand.head] if known and hand.head is not None else None
                reaches = self._reaches.setdefault(hand.volume, deque(maxlen=MOST_REACHES))
                reaches.append(Reach(look.t_ns, hand.x_m, hand.y_m, hand.z_m, person, hand.confidence))
        for renaming in people.renamed:
            self._rename(renaming.old, renaming.new)
        for track in people.tracks:
            self._seen_ns[track.id] = track.t_ns
        self._within_reach.step(instant.t_ns, people.tracks, people.renamed)
        self._forget(instant.t_ns)

    def author(self, camera: str, change: SurfaceChange, *, final: bool = False) -> Author:
        """Who changed a surface, as far as it is known.

        Parameters
        ----------
        camera
            Whose eye told the change.
        final
            Whoever is not confirmed by now is nobody.
        """
        if self._was_blind(camera, change):
            return _nobody(change)
        author = self._by_hand(change, final=final)
        if author.person is not None or author.seen or author.open:
            return author
        likeliest = self._within_reach.likeliest(change)
        if likeliest is None:
            return author
        sure = likeliest.share * (ONLY_ONE if likeliest.only_one else ONE_OF_SEVERAL)
        return author if likeliest.share < LEAST_SHARE else Author(likeliest.t_ns, likeliest.person, sure)

    def _by_hand(self, change: SurfaceChange, *, final: bool) -> Author:
        """Who changed a surface, by the hands that were seen there."""
        near = self._near(change, final=final)
        claims = _claims(near)
        if not claims:
            return _nobody(change)
        best = max(claims, key=lambda claim: claim.weight)
        is_open = any(self._is_open(claim, best) for claim in claims)
        unseen = min(UNSEEN_PER_S * seconds(change.after_ns - change.before_ns), MOST_UNSEEN)
        if best.weight < unseen:
            return _nobody(change)
        there = [one for one in near if one.reach.person == best.reach.person]
        t_ns = min(there, key=lambda one: one.centre_m).reach.t_ns
        if best.reach.person is None:
            return Author(t_ns, None, 1.0, open=is_open, seen=True)
        share = best.weight / (unseen + sum(claim.weight for claim in claims))
        sure = share * best.reach.confidence
        if sure < LEAST_SURE:
            return Author(t_ns, None, 1.0, open=is_open, seen=True)
        return Author(t_ns, best.reach.person, sure, open=is_open, seen=True)

    def _is_open(self, claim: _Near, best: _Near) -> bool:
        """Whether it matters who this is, and that is not known yet."""
        person = claim.reach.person
        return person is not None and person not in self._seen_ns and claim.weight >= MATTERS * best.weight

    def _near(self, change: SurfaceChange, *, final: bool) -> tuple[_Near, ...]:
        """The hands at the place and in the time of a change, oldest first, each with its person as far as known."""
        near = [
            _Near(self._of_somebody_known(reach) if final else reach, closeness, _centre_m(change, reach))
            for reach in self._reaches.get(change.volume, ())
            if (closeness := _closeness(change, reach)) > 0.0
        ]
        connected = [one.reach for one in near if one.reach.person is not None]
        return tuple(replace(one, reach=_continued(one.reach, connected)) for one in near)

    def _of_somebody_known(self, reach: Reach) -> Reach:
        return reach if reach.person in self._seen_ns else replace(reach, person=None)

    def _note_spell(self, look: DepthObservation) -> None:
        before_ns = self._looked_ns.get(look.camera)
        if before_ns is not None and look.t_ns - before_ns > BLIND_NS:
            self._blind.append((look.camera, before_ns, look.t_ns))
        self._looked_ns[look.camera] = look.t_ns

    def _was_blind(self, camera: str, change: SurfaceChange) -> bool:
        """Whether the camera did not look for a part of the time in which it happened."""
        return any(
            name == camera and begin_ns < change.after_ns and end_ns > change.before_ns
            for name, begin_ns, end_ns in self._blind
        )

    def _rename(self, old: str, new: str) -> None:
        for reaches in self._reaches.values():
            for k, reach in enumerate(reaches):
                if reach.person == old:
                    reaches[k] = replace(reach, person=new)

    def _forget(self, t_ns: int) -> None:
        for reaches in self._reaches.values():
            while reaches and t_ns - reaches[0].t_ns > REMEMBER_NS:
                reaches.popleft()
        gone = [name for name, seen_ns in self._seen_ns.items() if t_ns - seen_ns > REMEMBER_NS]
        for name in gone:
            del self._seen_ns[name]


def _nobody(change: SurfaceChange) -> Author:
    """No hand was seen: it happened just before the surface was seen again, or at any time while it was hidden."""
    if change.after_ns - change.before_ns <= SHORT_NS:
        return Author(change.after_ns, None, 1.0)
    return Author(begun(change.before_ns, change.after_ns), None, 1.0)


def _closeness(change: SurfaceChange, reach: Reach) -> float:
    """0 to 1: how well a hand fits the place and the time of a change."""
    if not change.before_ns - EARLIER_NS <= reach.t_ns <= change.after_ns:
        return 0.0
    outside = (
        max(0.0, abs(at - middle) - size / 2)
        for at, middle, size in zip(
            (reach.x_m, reach.y_m, reach.z_m), (change.x_m, change.y_m, change.z_m), change.size_m, strict=True
        )
    )
    apart_m = math.hypot(*outside)
    if apart_m > REACH_M:
        return 0.0
    return math.exp(-0.5 * (apart_m / CLOSE_M) ** 2) * (EARLIER_WEIGHT if reach.t_ns < change.before_ns else 1.0)


def _centre_m(change: SurfaceChange, reach: Reach) -> float:
    return math.dist((reach.x_m, reach.y_m, reach.z_m), (change.x_m, change.y_m, change.z_m))


def _claims(near: Sequence[_Near]) -> tuple[_Near, ...]:
    """The best hand of each person, and of somebody unknown."""
    best: dict[str | None, _Near] = {}
    for one in near:
        known = best.get(one.reach.person)
        if one.weight > 0.0 and (known is None or one.weight > known.weight):
            best[one.reach.person] = one
    return tuple(best.values())


def _continued(reach: Reach, connected: Sequence[Reach]) -> Reach:
    """A hand that lost its head for a moment, as the one that it was just before or after, if that is one only.

    ``connected`` is in order of time.
    """
    if reach.person is not None:
        return reach
    first = bisect_left(connected, reach.t_ns - SAME_HAND_NS, key=lambda other: other.t_ns)
    last = bisect_right(connected, reach.t_ns + SAME_HAND_NS, key=lambda other: other.t_ns)
    same = [other for other in connected[first:last] if _same_hand(reach, other)]
    if len({other.person for other in same}) != 1:
        return reach
    nearest = min(same, key=lambda other: abs(other.t_ns - reach.t_ns))
    return replace(reach, person=nearest.person, confidence=CONTINUED * nearest.confidence)


def _same_hand(unknown: Reach, connected: Reach) -> bool:
    """Two hands that are seen at one time are two."""
    apart_m = math.dist((unknown.x_m, unknown.y_m, unknown.z_m), (connected.x_m, connected.y_m, connected.z_m))
    return unknown.t_ns != connected.t_ns and apart_m <= SAME_HAND_M
