"""Heads become people: birth by duration and evidence, identity through misses and crossings, death by durations.

Each camera's look is given to the people known so far at its own time, one camera after the other.  That is the
sequential form of sensor fusion (equal to fusing first, and exact for cameras that are not triggered together): two
heads of one camera are two people, a second camera's head of the same person finds the person that the first one made.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from edge.clock import seconds
from edge.messages import DepthObservation, Head, Track, TrackState
from edge.scene import motion
from edge.scene.association import assign
from edge.scene.drawn import line_distance_m
from edge.scene.merge import Instant
from edge.scene.person import OUTWARD_MPS, Person
from edge.scene.reunion import REMEMBER_S, back_again, gap, lost_one
from edge.settings import Line, SceneSettings, Zone, ZoneKind, inside_polygon

EARLY_S = 1.0
"""Whoever is there when a camera begins to look need not have come from anywhere."""
DOUBLE_M = 0.2
"""A lesser head this close to another person's head is a part of that person."""
APART_M = 0.4
"""From here on it is somebody else."""
EVIDENCE_AT_EDGE = 0.35
"""Confidence² seconds that make a person of a head, in units of ``confirm_s``: at a border, a door or the start."""
SOON_S = 1.5
"""A head that was not evident by then gains nothing from where it came up."""
EVIDENCE_INSIDE = 1.0
"""The same for a head that comes up in the middle, where nobody can come from."""
EVIDENCE_STILL = 10.0
"""The same for a doubtful head that has never moved."""
STILL_M = 0.25
DOUBTFUL = 0.5
TENTATIVE_UNSEEN_S = 0.5
BORDER_UNSEEN_S = 1.2
EXIT_UNSEEN_S = 0.8
BESIDE_M = 0.75
TOGETHER_MPS = 0.5
HIDDEN_FACTOR = 2.0
"""Somebody lost beside another person is waited for longer: the other hides them."""
COAST_SHOWN_S = 0.3
"""A person not seen now is shown for this long."""
HIDDEN_SHOWN_S = 0.7
DOOR_M = 1.0
"""A place this near to a counting line is at a door."""
CLAIM_S = 2.0
"""A person is waited for this much longer while somebody who may be them proves to be a person."""


@dataclass(frozen=True, slots=True)
class Birth:
    """A person was confirmed; the first row is in the same step's rows."""

    id: str
    at_border: bool
    """First seen at the picture's border."""
    early: bool
    """There when the camera began to look."""


@dataclass(frozen=True, slots=True)
class Departure:
    """A person is not waited for any longer."""

    last: Track
    """Where they were last seen."""
    at_border: bool
    """Last seen at the picture's border."""


@dataclass(frozen=True, slots=True)
class Given:
    """To whom the heads of one look were given."""

    camera: str
    t_ns: int
    people: tuple[str, ...]
    """Ids by index of the head; of somebody not confirmed too, who may never be."""


@dataclass(frozen=True, slots=True)
class Renaming:
    """A head that was followed under a name of its own proved to be somebody known."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class People:
    """What one instant changed."""

    t_ns: int
    tracks: tuple[Track, ...]
    earlier: tuple[Track, ...] = ()
    """Rows of earlier instants, known only now, oldest first."""
    born: tuple[Birth, ...] = ()
    departed: tuple[Departure, ...] = ()
    given: tuple[Given, ...] = ()
    """One for each look of the instant, in their order."""
    renamed: tuple[Renaming, ...] = ()

    def sightings(self) -> tuple[Track, ...]:
        """Rows new in this step in which a person was seen, oldest first."""
        return tuple(t for t in (*self.earlier, *self.tracks) if t.state is TrackState.SEEN)


class Tracker:
    """Follows everybody in the shop."""

    def __init__(self, settings: SceneSettings, zones: Sequence[Zone] = (), lines: Sequence[Line] = ()) -> None:
        self._settings = settings
        self._doors = tuple(z for z in zones if z.kind in (ZoneKind.ENTRANCE, ZoneKind.EXIT))
        self._lines = tuple(lines)
        self._people: list[Person] = []
        self._left: list[Person] = []
        self._began_ns: dict[str, int] = {}
        self._ordinal = 0

    def step(self, instant: Instant) -> People:
        """Take the looks of one instant; with none, only time passes."""
        given = tuple(self._look(look) for look in instant.looks)
        born, renamed = self._confirm(instant.t_ns)
        departed = self._part(instant.t_ns)
        tracks = tuple(t for p in self._people if (t := self._tell(p, instant.t_ns)) is not None)
        return People(instant.t_ns, tracks, self._collect(), born, departed, given, renamed)

    def finish(self) -> tuple[Departure, ...]:
        """Nothing more will be seen: everybody departs."""
        departed = tuple(_departure(p) for p in self._people if p.confirmed)
        self._people = []
        return departed

    def _look(self, look: DepthObservation) -> Given:
        """Give the heads of one camera's look to people, and begin a person for each head left over."""
        self._began_ns.setdefault(look.camera, look.t_ns)
        pairs = assign(self._people, look.heads, look.t_ns, self._settings.gate_m)
        owner = {pair.head: self._people[pair.person] for pair in pairs}
        hosts = [(owner[j], head) for j, head in enumerate(look.heads) if j in owner and owner[j].confirmed]
        for j, person in sorted(owner.items()):
            weight = 1.0 if person.confirmed else _own_weight(look.heads[j], hosts)
            person.see(look.t_ns, look.camera, look.heads[j], weight)
        for person in self._people:
            if person.camera == look.camera and person.seen_ns < look.t_ns:
                self._miss(person, look.t_ns)
        early = seconds(look.t_ns - self._began_ns[look.camera]) <= EARLY_S
        for j, head in enumerate(look.heads):
            if j not in owner:
                owner[j] = Person.begin(self._ordinal, look.t_ns, look.camera, head, early=early)
                self._people.append(owner[j])
                self._ordinal += 1
        return Given(look.camera, look.t_ns, tuple(owner[j].id for j in range(len(look.heads))))

    def _miss(self, person: Person, t_ns: int) -> None:
        beside: Person | None = None
        if not person.missed:
            beside = self._neighbour(person, t_ns)
            person.hidden_by = beside.id if beside else None
            person.with_them = beside is not None and _together(person.motion, beside.motion)
        elif person.with_them:
            beside = next((p for p in self._people if p.id == person.hidden_by and p.seen_ns == t_ns), None)
        if person.with_them and beside is not None:
            person.motion = motion.walk_along(motion.predict(person.motion, t_ns), beside.motion)
        person.miss(t_ns)

    def _neighbour(self, person: Person, t_ns: int) -> Person | None:
        """A person seen now beside whom this one may be hidden."""
        here = motion.predict(person.motion, t_ns)
        gaps = [
            (math.hypot(other.motion.x_m - here.x_m, other.motion.y_m - here.y_m), k)
            for k, other in enumerate(self._people)
            if other is not person and other.confirmed and other.seen_ns == t_ns
        ]
        nearest = min(gaps, default=None)
        return self._people[nearest[1]] if nearest is not None and nearest[0] < BESIDE_M else None

    def _is_person(self, person: Person, t_ns: int) -> bool:
        """Birth: long enough, and evident enough for where and how it came up."""
        if person.seen_ns != t_ns and person.missed:
            return False
        age_s = seconds(person.seen_ns - person.born_ns)
        needed = EVIDENCE_AT_EDGE if self._may_come_up(person, age_s) else EVIDENCE_INSIDE
        if person.roamed_m < STILL_M and person.confidence < DOUBTFUL:
            needed = EVIDENCE_STILL
        return (
            person.sightings >= 2
            and age_s >= self._settings.confirm_s
            and person.evidence_s >= needed * self._settings.confirm_s
        )

    def _may_come_up(self, person: Person, age_s: float) -> bool:
        """Whether somebody can be expected where this head came up."""
        at_edge = person.began_at_border or person.began_early or self._in_door(person.first_x_m, person.first_y_m)
        return (at_edge and age_s < SOON_S) or lost_one(person, self._people, self._settings.gate_m) is not None

    def _confirm(self, t_ns: int) -> tuple[tuple[Birth, ...], tuple[Renaming, ...]]:
        """Who is evident now is somebody new, or one who was lost."""
        born: list[Birth] = []
        renamed: list[Renaming] = []
        for person in [p for p in self._people if not p.confirmed and self._is_person(p, t_ns)]:
            lost = lost_one(person, self._people, self._settings.gate_m)
            back = back_again(person, self._left) if lost is None else None
            if back is not None:
                back.resume(person)
                self._left.remove(back)
                self._people[self._people.index(person)] = back
                born.append(Birth(back.id, person.began_at_border, person.began_early))
                renamed.append(Renaming(person.id, back.id))
            elif lost is None:
                person.confirmed = True
                born.append(Birth(person.id, person.began_at_border, person.began_early))
            else:
                lost.resume(person)
                self._people.remove(person)
                renamed.append(Renaming(person.id, lost.id))
        return tuple(born), tuple(renamed)

    def _part(self, t_ns: int) -> tuple[Departure, ...]:
        gone = [p for p in self._people if p.unseen_s(t_ns) > self._patience_s(p) and not self._claimed(p, t_ns)]
        for person in gone:
            self._people.remove(person)
        stepped_out = [p for p in gone if p.confirmed and p.at_border and not self._at_door(p.motion.x_m, p.motion.y_m)]
        self._left = [p for p in (*self._left, *stepped_out) if p.unseen_s(t_ns) <= REMEMBER_S + CLAIM_S]
        return tuple(_departure(p) for p in gone if p.confirmed)

    def _claimed(self, lost: Person, t_ns: int) -> bool:
        """Whether a head that came up in time may yet prove to be this person."""
        patience_s = self._patience_s(lost)
        return (
            lost.confirmed
            and lost.unseen_s(t_ns) <= patience_s + CLAIM_S
            and any(
                not p.confirmed
                and lost.unseen_s(p.born_ns) <= patience_s
                and gap(p, lost, self._settings.gate_m) is not None
                for p in self._people
            )
        )

    def _patience_s(self, person: Person) -> float:
        """How long a person may be unseen: short on the way out, long in the middle, longer behind somebody."""
        longest = self._settings.coast_s
        if not person.confirmed:
            return min(longest, TENTATIVE_UNSEEN_S)
        if person.leaving:
            return min(longest, BORDER_UNSEEN_S)
        walking = person.motion.speed_mps > OUTWARD_MPS and person.reached_in
        if walking and self._in_door(person.motion.x_m, person.motion.y_m):
            return min(longest, EXIT_UNSEEN_S)
        return longest * (HIDDEN_FACTOR if person.hidden_by else 1.0)

    def _at_door(self, x_m: float, y_m: float) -> bool:
        """Where people go for good, and others come: none of them is remembered."""
        return self._in_door(x_m, y_m) or any(line_distance_m(line, x_m, y_m) < DOOR_M for line in self._lines)

    def _in_door(self, x_m: float, y_m: float) -> bool:
        return any(inside_polygon(x_m, y_m, zone.polygon) for zone in self._doors)

    def _tell(self, person: Person, t_ns: int) -> Track | None:
        """The row of this instant, if the person counts as present; rows that were owed go to ``person.rows``."""
        unseen_s = person.unseen_s(t_ns)
        seen = not person.missed and unseen_s <= TENTATIVE_UNSEEN_S
        if not seen and (not person.confirmed or unseen_s > COAST_SHOWN_S):
            person.untold_ns.append(t_ns)
            return None
        row = person.row(t_ns, TrackState.SEEN if seen else TrackState.COASTING)
        if seen:
            person.rows.extend(person.fill(row))
        person.last_row = row
        if not person.confirmed:
            person.rows.append(row)
            return None
        return row

    def _collect(self) -> tuple[Track, ...]:
        """Rows of earlier instants that can be handed on now."""
        earlier: list[Track] = []
        for person in self._people:
            if person.confirmed and person.rows:
                earlier.extend(person.rows)
                person.rows = []
        return tuple(sorted(earlier, key=lambda row: (row.t_ns, row.born_ns, row.id)))


def _together(a: motion.Motion, b: motion.Motion) -> bool:
    """Whether two people go the same way at the same pace."""
    return math.hypot(a.vx_mps - b.vx_mps, a.vy_mps - b.vy_mps) < TOGETHER_MPS


def _departure(person: Person) -> Departure:
    return Departure(person.row(person.seen_ns, TrackState.SEEN), person.at_border)


def _own_weight(head: Head, hosts: Sequence[tuple[Person, Head]]) -> float:
    """How far a head speaks for a person of its own: not at all beside the better head of another person."""
    weight = 1.0
    for _, host in hosts:
        if head.z_m > host.z_m + 0.1 and head.confidence > host.confidence:
            continue
        apart = math.hypot(head.x_m - host.x_m, head.y_m - host.y_m)
        weight = min(weight, max(0.0, (apart - DOUBLE_M) / (APART_M - DOUBLE_M)))
    return weight
