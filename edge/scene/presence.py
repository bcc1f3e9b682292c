"""Who entered, who left, and how many are inside: what every count that an owner sees is made of.

``entered`` and ``left`` come from the doors that the installer drew:

- a counting line is a door, unless entrances are drawn too and it is near none of them (then it only counts crossings);
- an entrance or exit zone with no such line is a door by itself: who appears there came in, who vanishes there left;
- where neither is drawn, the picture's border is the door.

``inside`` is what the doors counted, held against who is seen (:mod:`edge.scene.headcount`).  Somebody who walks off
inside into an aisle that no camera sees is still in the shop.  With nothing drawn nobody can be known to be out of
view, so ``inside`` follows who is there to be seen.

The topics ``people`` and ``counts`` tell these very numbers.
"""

from __future__ import annotations

from collections.abc import Sequence

from edge.clock import seconds
from edge.messages import EventKind, SceneEvent, Track
from edge.scene.drawn import line_distance_m
from edge.scene.headcount import Headcount
from edge.scene.lines import Crossing, Direction
from edge.scene.tracker import Birth, Departure, People
from edge.scene.zones import ZoneMap
from edge.settings import Line, StoreSettings, Zone, ZoneKind, inside_polygon

DOOR_KINDS = (ZoneKind.ENTRANCE, ZoneKind.EXIT)
DOOR_LINE_M = 1.0
"""A line this near to an entrance or exit zone is that door's."""
AT_DOOR_S = 1.5
"""Somebody seen in a door zone within this of their first or last sighting came or left through it."""


class Presence:
    """Entering, leaving and the number inside."""

    def __init__(self, settings: StoreSettings, zones: ZoneMap) -> None:
        self._zones = zones
        self._lines = door_lines(settings)
        doors = [zone for zone in settings.zone if zone.kind in DOOR_KINDS]
        self._doors = tuple(zone for zone in doors if not any(_near(line, zone) for line in self._lines))
        self._drawn = bool(self._lines or self._doors)
        self._headcount = Headcount(can_be_out_of_view=self._drawn)
        self._inside: dict[str, bool] = {}
        self._first_ns: dict[str, int] = {}
        self._door_ns: dict[str, int] = {}

    @property
    def inside(self) -> int:
        """People inside now."""
        return self._headcount.inside

    @property
    def entered(self) -> int:
        """People who entered since the start."""
        return self._headcount.entered

    @property
    def left(self) -> int:
        """People who left since the start."""
        return self._headcount.left

    def step(self, people: People, crossings: Sequence[Crossing], *, watched: bool = True) -> tuple[SceneEvent, ...]:
        """Take one instant and the lines that were crossed in it; ``watched`` when a camera looked."""
        events: list[SceneEvent] = []
        rows = people.sightings()
        self._note_doors(rows)
        firsts = {row.id: row for row in reversed(rows)}
        crossed = {crossing.person: crossing for crossing in reversed(self._through_doors(crossings))}
        for birth in people.born:
            events.extend(self._appear(birth, firsts[birth.id], crossed.get(birth.id)))
        events.extend(self.cross(crossings))
        for departure in people.departed:
            events.extend(self._depart(departure))
        if watched:
            seen = sum(self._inside.get(track.id, False) for track in people.tracks)
            self._headcount.hold_against(people.t_ns, seen)
        else:
            self._headcount.look_away()
        return tuple(events)

    def cross(self, crossings: Sequence[Crossing]) -> tuple[SceneEvent, ...]:
        """Lines were crossed by people known already; of one who crosses several doors at once, each counts."""
        return tuple(event for crossing in self._through_doors(crossings) for event in self._cross(crossing))

    def _through_doors(self, crossings: Sequence[Crossing]) -> list[Crossing]:
        doors = {line.id for line in self._lines}
        return [crossing for crossing in crossings if crossing.line in doors]

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
        if birth.early:
            self._headcount.was_there()
        elif birth.at_border:
            self._headcount.walk_into_view()
        return ()

    def _outside(self, row: Track) -> bool:
        """Whether a place is on the outer side of the nearest door line and near enough to belong to it."""
        line = min(self._lines, key=lambda one: (line_distance_m(one, row.x_m, row.y_m), one.id))
        return (row.x_m - line.from_[0]) * line.in_direction[0] + (row.y_m - line.from_[1]) * line.in_direction[1] < 0.0

    def _cross(self, crossing: Crossing) -> tuple[SceneEvent, ...]:
        inward = crossing.direction is Direction.IN
        was = self._inside.get(crossing.person, not inward)
        self._inside[crossing.person] = inward
        if was == inward:
            return ()
        place = self._zones.place(crossing.x_m, crossing.y_m, crossing.z_m, line=crossing.line)
        if inward:
            self._headcount.enter()
        else:
            self._headcount.leave()
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
            self._headcount.leave()
            place = self._zones.place(last.x_m, last.y_m, last.z_m)
            return (SceneEvent(EventKind.EXIT, last.t_ns, last.t_ns, last.id, place, last.confidence),)
        if departure.at_border and not self._at_door(last):
            self._headcount.walk_out_of_view()
        return ()

    def _at_door(self, row: Track) -> bool:
        """Whether somebody who is lost here may have gone out."""
        if any(inside_polygon(row.x_m, row.y_m, zone.polygon) for zone in self._doors):
            return True
        return any(
            line_distance_m(line, row.x_m, row.y_m) <= DOOR_LINE_M
            and row.vx_mps * line.in_direction[0] + row.vy_mps * line.in_direction[1] <= 0.0
            for line in self._lines
        )

    def _enter(self, first: Track) -> SceneEvent:
        self._headcount.enter()
        place = self._zones.place(first.x_m, first.y_m, first.z_m)
        return SceneEvent(EventKind.ENTER, first.t_ns, first.t_ns, first.id, place, first.confidence)


def door_lines(settings: StoreSettings) -> tuple[Line, ...]:
    """The counting lines that are doors."""
    doors = [zone for zone in settings.zone if zone.kind in DOOR_KINDS]
    return tuple(line for line in settings.line if not doors or any(_near(line, zone) for zone in doors))


def _near(line: Line, zone: Zone) -> bool:
    middle = ((line.from_[0] + line.to[0]) / 2, (line.from_[1] + line.to[1]) / 2)
    points = (middle, line.from_, line.to)
    return any(inside_polygon(x, y, zone.polygon) for x, y in points) or any(
        line_distance_m(line, x, y) <= DOOR_LINE_M for x, y in zone.polygon
    )
