"""People flow: how much each 20 cm cell is used, and counts over aligned windows of event time and over the day.

Who is counted when is decided in :mod:`edge.scene.presence` and :mod:`edge.scene.lines`; here it is added up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from edge.clock import seconds
from edge.geometry import cell_of
from edge.messages import DayCounts, FlowCounts
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
        self._length_ns = length_ns
        self._start_ns: int | None = None
        self._passings = _Passings(lines)
        self._entered = 0
        self._left = 0
        self._told: FlowCounts | None = None

    def add(self, crossings: Iterable[Crossing]) -> None:
        """Count passings into the open window."""
        self._passings.add(crossings)

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
        self._told = self._count(t_ns, entered, left, inside)
        return closed

    def changed(self, t_ns: int, entered: int, left: int, inside: int) -> FlowCounts | None:
        """The open window so far, if a count is another than was told last; at the first instant always."""
        if self._start_ns is None:
            return None
        now = self._count(t_ns, entered, left, inside)
        if self._told is not None and replace(self._told, t_end_ns=t_ns) == now:
            return None
        self._told = now
        return now

    def finish(self, t_ns: int, entered: int, left: int, inside: int) -> FlowCounts | None:
        """Close the window that is open at the end, at the time of the last observation."""
        if self._start_ns is None:
            return None
        return self._close(max(t_ns, self._start_ns), entered, left, inside)

    def _close(self, end_ns: int, entered: int, left: int, inside: int) -> FlowCounts:
        closed = self._count(end_ns, entered, left, inside)
        self._passings.clear()
        self._entered, self._left = entered, left
        return closed

    def _count(self, end_ns: int, entered: int, left: int, inside: int) -> FlowCounts:
        assert self._start_ns is not None  # a window is open
        inward, outward = self._passings.of(Direction.IN), self._passings.of(Direction.OUT)
        return FlowCounts(self._start_ns, end_ns, entered - self._entered, left - self._left, inside, inward, outward)


class DayTotals:
    """Counts since the store's midnight, or since the first look where that was later.

    Parameters
    ----------
    lines
        Ids of the counting lines, in the order in which they are told.
    day_start_ns
        The local midnight that began the day of a time.
    """

    def __init__(self, lines: Iterable[str], day_start_ns: Callable[[int], int]) -> None:
        self._day_start_ns = day_start_ns
        self._passings = _Passings(lines)
        self._since_ns: int | None = None
        self._entered = 0
        self._left = 0

    def step(self, t_ns: int, entered: int, left: int) -> None:
        """Begin a new day when its time has come; ``entered`` and ``left`` are totals since the start."""
        if self._since_ns is None:
            self._since_ns = t_ns
        midnight_ns = self._day_start_ns(t_ns)
        if midnight_ns > self._since_ns:
            self._since_ns = midnight_ns
            self._passings.clear()
            self._entered, self._left = entered, left

    def add(self, crossings: Iterable[Crossing]) -> None:
        """Count passings into the day."""
        self._passings.add(crossings)

    def counts(self, entered: int, left: int) -> DayCounts | None:
        """The day so far; none before the first look."""
        if self._since_ns is None:
            return None
        inward, outward = self._passings.of(Direction.IN), self._passings.of(Direction.OUT)
        return DayCounts(self._since_ns, entered - self._entered, left - self._left, inward, outward)


class _Passings:
    """Passings of each line in each direction."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = tuple(lines)
        self._counts: Counter[tuple[str, Direction]] = Counter()

    def add(self, crossings: Iterable[Crossing]) -> None:
        self._counts.update((crossing.line, crossing.direction) for crossing in crossings)

    def clear(self) -> None:
        self._counts.clear()

    def of(self, direction: Direction) -> tuple[tuple[str, int], ...]:
        return tuple((line, self._counts[line, direction]) for line in self._lines)
