"""Who entered, who left, and how many are inside.

Doors are told apart by what the installer drew:

- a counting line is a door, unless entrances are drawn too and it is near none of them (then it only counts crossings);
- an entrance or exit zone with no such line is a door by itself: who appears there came in, who vanishes there left;
- where neither is drawn, the picture's border is the door.

``inside`` is the people in view on the inner side, plus those who went on inside out of view: somebody who walks off
into an aisle that no camera sees is still in the shop, and is taken from that pool when a person comes out of it.
With nothing drawn nobody can be known to stay out of view, so ``inside`` is who is there to be seen.
"""

from __future__ import annotations

from collections.abc import Sequence

from edge.clock import nanoseconds, seconds
from edge.messages import EventKind, SceneEvent, Track
from edge.scene.lines import Crossing, Direction, line_distance_m
from edge.scene.tracker import Birth, Departure, People
from edge.scene.zones import ZoneMap
from edge.settings import Line, StoreSettings, Zone, ZoneKind, inside_polygon

DOOR_LINE_M = 1.0
"""A line this near to an entrance or exit zone is that door's."""
AT_DOOR_S = 1.5
"""Somebody seen in a door zone within this of their first or last sighting came or left through it."""
FORGET_NS = nanoseconds(3600.0)
"""When the shop is closed and nobody was seen for this long, nobody is inside."""


class Presence:
    """Entering, leaving and the number inside."""

    def __init__(self, settings: StoreSettings, zones: ZoneMap) -> None:
        self._settings = settings
        self._zones = zones
        doors = [z for z in settings.zone if z.kind in (ZoneKind.ENTRANCE, ZoneKind.EXIT)]
        self._lines = frozenset(line.id for line in settings.line if not doors or _near_any(line, doors))
        with_line = [line for line in settings.line if line.id in self._lines]
        self._doors = tuple(zone for zone in doors if not any(_near(line, zone) for line in with_line))
        self._drawn = bool(self._lines or self._doors)
        self._inside: dict[str, bool] = {}
        self._first_ns: dict[str, int] = {}
        self._door_ns: dict[str, int] = {}
        self._out_of_view = 0
        self._seen_ns: int | None = None
        self.entered = 0
        """People who entered since the start."""
        self.left = 0
        """People who left since the start."""

    @property
    def inside(self) -> int:
        """People inside now, in view or known to be out of view."""
        return sum(self._inside.values()) + self._out_of_view

    def step(self, people: People, crossings: Sequence[Crossing]) -> tuple[SceneEvent, ...]:
        """Take one instant and the lines that were crossed in it."""
        events: list[SceneEvent] = []
        rows = people.sightings()
        self._note_doors(rows)
        firsts = {row.id: row for row in reversed(rows)}
        crossed = {c.person: c for c in reversed(crossings) if c.line in self._lines}
        for birth in people.born:
            events.extend(self._appear(birth, firsts[birth.id], crossed.get(birth.id)))
        events.extend(self.cross(crossings))
        for departure in people.departed:
            events.extend(self._depart(departure))
        self._forget(people.t_ns, bool(people.tracks))
        return tuple(events)

    def cross(self, crossings: Sequence[Crossing]) -> tuple[SceneEvent, ...]:
        """Lines were crossed by people known already; of one who crosses several doors at once, each counts."""
        return tuple(event for c in crossings if c.line in self._lines for event in self._cross(c))

    def _note_doors(self, rows: Sequence[Track]) -> None:
        for row in rows:
            self._first_ns.setdefault(row.id, row.t_ns)
            if any(inside_polygon(row.x_m, row.y_m, zone.polygon) for zone in self._doors):
                self._door_ns.setdefault(row.id, row.t_ns)
                if seconds(row.t_ns - self._first_ns[row.id]) > AT_DOOR_S:
                    self._door_ns[row.id] = row.t_ns

    def _appear(self, birth: Birth, first: Track, crossing: Crossing | None) -> tuple[SceneEvent, ...]:
        """A person was confirmed: they entered, or were inside already, or come toward a door from outside."""
        if crossing is not None and crossing.direction is Direction.IN:
            self._inside[birth.id] = False
            return ()
        door_ns = self._door_ns.get(birth.id)
        through_zone = door_ns is not None and seconds(door_ns - first.t_ns) <= AT_DOOR_S
        over_border = not self._drawn and birth.at_border
        if not birth.early and (through_zone or over_border):
            self._inside[birth.id] = True
            return (self._enter(first),)
        if crossing is None and self._lines and self._outside(first):
            self._inside[birth.id] = False
            return ()
        self._inside[birth.id] = True
        if self._drawn:
            self._out_of_view = max(0, self._out_of_view - 1)
        return ()

    def _outside(self, row: Track) -> bool:
        """Whether a place is on the outer side of the nearest door line and near enough to belong to it."""
        lines = [line for line in self._settings.line if line.id in self._lines]
        line = min(lines, key=lambda one: (line_distance_m(one, row.x_m, row.y_m), one.id))
        return (row.x_m - line.from_[0]) * line.in_direction[0] + (row.y_m - line.from_[1]) * line.in_direction[1] < 0.0

    def _cross(self, crossing: Crossing) -> tuple[SceneEvent, ...]:
        inward = crossing.direction is Direction.IN
        was = self._inside.get(crossing.person, not inward)
        self._inside[crossing.person] = inward
        if was == inward:
            return ()
        place = self._zones.place(crossing.x_m, crossing.y_m, crossing.z_m, line=crossing.line)
        self.entered, self.left = self.entered + inward, self.left + (not inward)
        kind = EventKind.ENTER if inward else EventKind.EXIT
        return (SceneEvent(kind, crossing.t_ns, crossing.t_ns, crossing.person, place, crossing.confidence),)

    def _depart(self, departure: Departure) -> tuple[SceneEvent, ...]:
        """A person is not followed any longer: they left, or went on inside out of view."""
        last = departure.last
        was_inside = self._inside.pop(last.id, False)
        first_ns, door_ns = self._first_ns.pop(last.id, last.t_ns), self._door_ns.pop(last.id, None)
        if not was_inside:
            return ()
        long_enough = seconds(last.t_ns - first_ns) > AT_DOOR_S
        through_zone = door_ns is not None and seconds(last.t_ns - door_ns) <= AT_DOOR_S and long_enough
        if through_zone or (not self._drawn and departure.at_border):
            self.left += 1
            place = self._zones.place(last.x_m, last.y_m, last.z_m)
            return (SceneEvent(EventKind.EXIT, last.t_ns, last.t_ns, last.id, place, last.confidence),)
        if self._drawn:
            self._out_of_view += 1
        return ()

    def _enter(self, first: Track) -> SceneEvent:
        self.entered += 1
        place = self._zones.place(first.x_m, first.y_m, first.z_m)
        return SceneEvent(EventKind.ENTER, first.t_ns, first.t_ns, first.id, place, first.confidence)

    def _forget(self, t_ns: int, anybody: bool) -> None:
        if anybody or self._seen_ns is None:
            self._seen_ns = t_ns
        elif self._out_of_view and t_ns - self._seen_ns > FORGET_NS and not self._settings.is_open(t_ns):
            self._out_of_view = 0


def _near(line: Line, zone: Zone) -> bool:
    middle = ((line.from_[0] + line.to[0]) / 2, (line.from_[1] + line.to[1]) / 2)
    points = (middle, line.from_, line.to)
    return any(inside_polygon(x, y, zone.polygon) for x, y in points) or any(
        line_distance_m(line, x, y) <= DOOR_LINE_M for x, y in zone.polygon
    )


def _near_any(line: Line, zones: Sequence[Zone]) -> bool:
    return any(_near(line, zone) for zone in zones)
