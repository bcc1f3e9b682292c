"""People flow: how much each 20 cm cell is used, and counts over aligned windows of event time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from edge.clock import seconds
from edge.geometry import cell_of
from edge.messages import FlowCounts
from edge.scene.lines import Crossing, Direction
from edge.scene.tracker import People

LONGEST_STEP_S = 1.0
"""Between sightings further apart nobody knows where a person was."""


@dataclass(frozen=True, slots=True)
class CellFlow:
    """Use of one 20 cm cell of the floor since the start."""

    ix: int
    iy: int
    people_s: float
    """Seconds that people spent over it, added up."""
    passes: int
    """Times that somebody came onto it."""


@dataclass(slots=True)
class _Use:
    people_ns: int = 0
    passes: int = 0


@dataclass(frozen=True, slots=True)
class _Stand:
    t_ns: int
    cell: tuple[int, int]


class FloorUse:
    """Accumulates the use of every cell."""

    def __init__(self) -> None:
        self._uses: dict[tuple[int, int], _Use] = {}
        self._stands: dict[str, _Stand] = {}

    def step(self, people: People) -> None:
        """Take one instant."""
        for row in people.sightings():
            ix, iy, _ = cell_of(row.x_m, row.y_m, 0.0)
            use = self._uses.setdefault((ix, iy), _Use())
            before = self._stands.get(row.id)
            if before is None or before.cell != (ix, iy):
                use.passes += 1
            if before is not None and seconds(row.t_ns - before.t_ns) <= LONGEST_STEP_S:
                use.people_ns += row.t_ns - before.t_ns
            self._stands[row.id] = _Stand(row.t_ns, (ix, iy))
        for departure in people.departed:
            self._stands.pop(departure.last.id, None)

    def cells(self) -> tuple[CellFlow, ...]:
        """Every cell that was used, by index."""
        return tuple(
            CellFlow(ix, iy, seconds(use.people_ns), use.passes) for (ix, iy), use in sorted(self._uses.items())
        )


class CountWindows:
    """Counts over windows aligned to whole multiples of their length in UTC.

    Parameters
    ----------
    lines
        Ids of the counting lines, in the order in which they are told.
    length_ns
        Length of a window.
    """

    def __init__(self, lines: Iterable[str], length_ns: int) -> None:
        self._lines = tuple(lines)
        self._length_ns = length_ns
        self._start_ns: int | None = None
        self._counts: dict[tuple[str, Direction], int] = {}
        self._entered = 0
        self._left = 0

    def add(self, crossings: Iterable[Crossing]) -> None:
        """Count passings into the open window."""
        for crossing in crossings:
            key = (crossing.line, crossing.direction)
            self._counts[key] = self._counts.get(key, 0) + 1

    def step(self, t_ns: int, entered: int, left: int, inside: int) -> FlowCounts | None:
        """Close the open window if its end has passed.

        Windows in which the shop was not observed at all are skipped: no counts are told for what nobody saw.
        ``entered`` and ``left`` are totals since the start.
        """
        start_ns = t_ns - t_ns % self._length_ns
        if self._start_ns is None:
            self._start_ns = start_ns
        if start_ns <= self._start_ns:
            return None
        closed = self._close(self._start_ns + self._length_ns, entered, left, inside)
        self._start_ns = start_ns
        return closed

    def finish(self, t_ns: int, entered: int, left: int, inside: int) -> FlowCounts | None:
        """Close the window that is open at the end, at the time of the last observation."""
        if self._start_ns is None:
            return None
        return self._close(max(t_ns, self._start_ns), entered, left, inside)

    def _close(self, end_ns: int, entered: int, left: int, inside: int) -> FlowCounts:
        assert self._start_ns is not None  # a window is open
        closed = FlowCounts(
            self._start_ns,
            end_ns,
            entered - self._entered,
            left - self._left,
            inside,
            tuple((line, self._counts.get((line, Direction.IN), 0)) for line in self._lines),
            tuple((line, self._counts.get((line, Direction.OUT), 0)) for line in self._lines),
        )
        self._counts, self._entered, self._left = {}, entered, left
        return closed
