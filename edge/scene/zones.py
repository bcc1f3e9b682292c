"""The zones of the floor: which one a place lies in, and how long people stay in each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edge.clock import nanoseconds
from edge.geometry import cell_of
from edge.messages import EventKind, Place, SceneEvent, Track
from edge.scene.tracker import Departure, People
from edge.settings import Zone, inside_polygon, polygon_area_m2

STEP_OUT_NS = nanoseconds(1.5)
"""Stepping out of a zone for less than this does not end a stay."""


class ZoneMap:
    """Zones by place; where they overlap the smallest is the one that is named."""

    def __init__(self, zones: Sequence[Zone]) -> None:
        self.zones = tuple(sorted(zones, key=lambda zone: (polygon_area_m2(zone.polygon), zone.id)))

    def at(self, x_m: float, y_m: float) -> tuple[str, ...]:
        """Ids of all zones that hold a floor point, the smallest first."""
        return tuple(zone.id for zone in self.zones if inside_polygon(x_m, y_m, zone.polygon))

    def place(self, x_m: float, y_m: float, z_m: float, *, zone: str | None = None, line: str | None = None) -> Place:
        """A point as a place, with the zone it lies in unless one is given."""
        if zone is None:
            zone = next(iter(self.at(x_m, y_m)), None)
        return Place(x_m, y_m, z_m, cell_of(x_m, y_m, z_m), zone=zone, line=line)


@dataclass(slots=True)
class _Stay:
    start_ns: int
    last_ns: int
    x_m: float
    y_m: float
    z_m: float
    weight: int
    confidence: float


class Dwell:
    """Stays of people in zones; each is told when it is over."""

    def __init__(self, zones: ZoneMap, shortest_ns: int) -> None:
        self._zones = zones
        self._shortest_ns = shortest_ns
        self._stays: dict[tuple[str, str], _Stay] = {}

    def step(self, people: People) -> tuple[SceneEvent, ...]:
        """Take one instant; return the stays that are over, oldest first."""
        ended: list[SceneEvent] = []
        for row in people.sightings():
            for zone in self._zones.at(row.x_m, row.y_m):
                ended.extend(self._stand(row, zone))
        return tuple(ended) + self._end(people.t_ns, people.departed)

    def finish(self) -> tuple[SceneEvent, ...]:
        """End every stay."""
        stays, self._stays = self._stays, {}
        return self._told([(key, stay) for key, stay in stays.items()])

    def _stand(self, row: Track, zone: str) -> tuple[SceneEvent, ...]:
        """A person was seen in a zone; return the earlier stay there if it was over long before."""
        key = (row.id, zone)
        told: tuple[SceneEvent, ...] = ()
        stay = self._stays.get(key)
        if stay is not None and row.t_ns - stay.last_ns > STEP_OUT_NS:
            told = self._told([(key, self._stays.pop(key))])
            stay = None
        if stay is None:
            self._stays[key] = _Stay(row.t_ns, row.t_ns, row.x_m, row.y_m, row.z_m, 1, row.confidence)
            return told
        stay.last_ns = row.t_ns
        stay.weight += 1
        stay.x_m += (row.x_m - stay.x_m) / stay.weight
        stay.y_m += (row.y_m - stay.y_m) / stay.weight
        stay.z_m += (row.z_m - stay.z_m) / stay.weight
        stay.confidence += (row.confidence - stay.confidence) / stay.weight
        return told

    def _end(self, t_ns: int, departed: Sequence[Departure]) -> tuple[SceneEvent, ...]:
        gone = {departure.last.id for departure in departed}
        present = [key for key, stay in self._stays.items() if key[0] in gone or t_ns - stay.last_ns > 4 * STEP_OUT_NS]
        return self._told([(key, self._stays.pop(key)) for key in present])

    def _told(self, stays: Sequence[tuple[tuple[str, str], _Stay]]) -> tuple[SceneEvent, ...]:
        long_enough = [
            SceneEvent(
                EventKind.DWELL,
                stay.start_ns,
                stay.last_ns,
                person,
                self._zones.place(stay.x_m, stay.y_m, stay.z_m, zone=zone),
                round(stay.confidence, 4),
            )
            for (person, zone), stay in stays
            if stay.last_ns - stay.start_ns >= self._shortest_ns
        ]
        return tuple(sorted(long_enough, key=lambda event: (event.t_start_ns, event.person or "")))
