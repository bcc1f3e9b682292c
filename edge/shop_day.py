"""What each hour and each patch of floor gained, for the book of days.  Pure arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edge.messages import CellPart, DayPart, HourPart, SceneUpdate
from edge.scene.flow import CellFlow
from edge.settings import StoreSettings

LEAST_S = 0.05
"""A shorter stay over a cell is somebody who walks on; it waits until it adds up."""


@dataclass(slots=True)
class _Hour:
    entered: int = 0
    left: int = 0
    most_inside: int = 0


class DayBook:
    """Adds up what happened since the last page was taken."""

    def __init__(self, settings: StoreSettings) -> None:
        self._settings = settings
        self._hours: dict[tuple[str, int], _Hour] = {}
        self._told: dict[tuple[int, int], float] = {}

    def step(self, update: SceneUpdate) -> None:
        """Take one instant.  People are counted when their window closes, in the hour in which it began."""
        now = self._hour(update.t_ns)
        now.most_inside = max(now.most_inside, update.inside)
        if update.counts is not None:
            hour = self._hour(update.counts.t_start_ns)
            hour.entered += update.counts.entered
            hour.left += update.counts.left

    def page(self, t_ns: int, floor: Sequence[CellFlow]) -> DayPart:
        """What was gained since the last page.

        Parameters
        ----------
        floor
            The use of each cell since the start of the box.  What was gained counts for the day of ``t_ns``.
        """
        hours = tuple(
            HourPart(date, hour, gained.entered, gained.left, gained.most_inside)
            for (date, hour), gained in self._hours.items()
        )
        self._hours.clear()
        cells = []
        for cell in floor:
            gained_s = cell.people_s - self._told.get((cell.ix, cell.iy), 0.0)
            if gained_s >= LEAST_S:
                self._told[cell.ix, cell.iy] = cell.people_s
                cells.append(CellPart(cell.ix, cell.iy, gained_s))
        return DayPart(self._settings.local_time(t_ns).date().isoformat(), hours, tuple(cells))

    def _hour(self, t_ns: int) -> _Hour:
        local = self._settings.local_time(t_ns)
        return self._hours.setdefault((local.date().isoformat(), local.hour), _Hour())
