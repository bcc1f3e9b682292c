"""Counting lines: each passing counts once, standing on a line and turning back on it do not.

A person is on one side of a line until they are ``CLEAR_M`` beyond it on the other; the place where the path last met
the line decides whether the segment was passed or its end walked round.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from edge.messages import Track
from edge.scene.tracker import Birth, Departure, People
from edge.settings import Line

CLEAR_M = 0.2
"""A line is passed when the head is this far beyond it."""
JUST_BEYOND_M = 0.05
"""Enough for somebody whose track ends there on the way."""
END_MARGIN_M = 0.05
"""A head may lean over the end of a line, such as a door post, by this."""
UNSEEN_STEP_S = 0.4
"""A person first or last seen at the picture's border walked on unseen for this long at least."""
STEP_MPS = 0.3
"""Slower is standing."""


class Direction(StrEnum):
    """Which way a line was passed, as drawn."""

    IN = "in"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Crossing:
    """One person passed one line."""

    line: str
    person: str
    direction: Direction
    t_ns: int
    x_m: float
    y_m: float
    z_m: float
    confidence: float


@dataclass(frozen=True, slots=True)
class _Met:
    """Where and when a path met the line."""

    t_ns: int
    x_m: float
    y_m: float
    along_m: float


@dataclass(slots=True)
class _Walker:
    """One person as one line sees them."""

    inward: bool
    """On which side they count as being."""
    last: Track
    met: _Met | None = None


class LineCounter:
    """Passings of one line."""

    def __init__(self, line: Line) -> None:
        self._line = line
        dx, dy = line.to[0] - line.from_[0], line.to[1] - line.from_[1]
        self._length_m: float = math.hypot(dx, dy)
        self._along: tuple[float, float] = (dx / self._length_m, dy / self._length_m)
        across = (-self._along[1], self._along[0])
        sign = 1.0 if across[0] * line.in_direction[0] + across[1] * line.in_direction[1] > 0 else -1.0
        self._across: tuple[float, float] = (sign * across[0], sign * across[1])
        self._walkers: dict[str, _Walker] = {}

    def step(self, people: People) -> tuple[Crossing, ...]:
        """Take one instant; return the passings found in it, oldest first."""
        crossings: list[Crossing] = []
        born = {birth.id: birth for birth in people.born}
        for row in people.sightings():
            walker = self._walkers.get(row.id)
            if walker is None:
                self._walkers[row.id] = _Walker(self._beyond_m(row) > 0.0, row)
                crossings.extend(self._came_over(row, born.get(row.id), people.tracks))
            else:
                crossings.extend(self._walk(walker, row))
        for departure in people.departed:
            crossings.extend(self.leave(departure))
        return tuple(crossings)

    def leave(self, departure: Departure) -> tuple[Crossing, ...]:
        """A person departed: a passing that was under way is settled."""
        walker = self._walkers.pop(departure.last.id, None)
        if walker is None:
            return ()
        row, beyond_m = walker.last, self._beyond_m(walker.last)
        onward_mps = row.vx_mps * self._across[0] + row.vy_mps * self._across[1]
        if walker.met is not None and abs(beyond_m) > JUST_BEYOND_M and (beyond_m > 0.0) != walker.inward:
            if departure.at_border or onward_mps * beyond_m > 0.0:
                return self._passed(walker, row, walker.met) if self._on_segment(walker.met) else ()
            return ()
        if departure.at_border and abs(onward_mps) > STEP_MPS and (onward_mps > 0.0) != walker.inward:
            met = self._meets(row, UNSEEN_STEP_S * row.vx_mps, UNSEEN_STEP_S * row.vy_mps)
            if met is not None and self._on_segment(met):
                return self._passed(walker, row, met)
        return ()

    def _walk(self, walker: _Walker, row: Track) -> tuple[Crossing, ...]:
        met = self._meets(walker.last, row.x_m - walker.last.x_m, row.y_m - walker.last.y_m, row.t_ns)
        walker.met = met or walker.met
        walker.last = row
        beyond_m = self._beyond_m(row)
        if abs(beyond_m) < CLEAR_M or (beyond_m > 0.0) == walker.inward:
            return ()
        met, walker.met = walker.met, None
        if met is not None and self._on_segment(met):
            return self._passed(walker, row, met)
        walker.inward = beyond_m > 0.0
        return ()

    def _passed(self, walker: _Walker, row: Track, met: _Met) -> tuple[Crossing, ...]:
        walker.inward = not walker.inward
        direction = Direction.IN if walker.inward else Direction.OUT
        return (Crossing(self._line.id, row.id, direction, met.t_ns, met.x_m, met.y_m, row.z_m, row.confidence),)

    def _came_over(self, row: Track, birth: Birth | None, tracks: Sequence[Track]) -> tuple[Crossing, ...]:
        """A person first seen at the picture's border, just beyond the line and walking away from it, came over it."""
        now = next((track for track in tracks if track.id == row.id), None)
        if birth is None or now is None or not birth.at_border or birth.early:
            return ()
        onward_mps = now.vx_mps * self._across[0] + now.vy_mps * self._across[1]
        walker = self._walkers[row.id]
        if abs(onward_mps) < STEP_MPS or (onward_mps > 0.0) != walker.inward:
            return ()
        met = self._meets(row, -UNSEEN_STEP_S * now.vx_mps, -UNSEEN_STEP_S * now.vy_mps)
        if met is None or not self._on_segment(met):
            return ()
        walker.inward = not walker.inward
        return self._passed(walker, row, met)

    def _on_segment(self, met: _Met) -> bool:
        return -END_MARGIN_M <= met.along_m <= self._length_m + END_MARGIN_M

    def _beyond_m(self, row: Track) -> float:
        """Signed distance from the line, positive on its inner side."""
        return (row.x_m - self._line.from_[0]) * self._across[0] + (row.y_m - self._line.from_[1]) * self._across[1]

    def _meets(self, row: Track, dx_m: float, dy_m: float, until_ns: int | None = None) -> _Met | None:
        """Where a straight step from a row meets the line or its extension."""
        start = self._beyond_m(row)
        end = start + dx_m * self._across[0] + dy_m * self._across[1]
        if (start > 0.0) == (end > 0.0):
            return None
        share = start / (start - end)
        x_m, y_m = row.x_m + share * dx_m, row.y_m + share * dy_m
        along_m = (x_m - self._line.from_[0]) * self._along[0] + (y_m - self._line.from_[1]) * self._along[1]
        t_ns = row.t_ns if until_ns is None else row.t_ns + round(share * (until_ns - row.t_ns))
        return _Met(t_ns, x_m, y_m, along_m)
