"""What is remembered of a day: how many people, and where they stood; never who."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HourPart:
    """What one hour gained: people who came and went, and the most that were inside at once."""

    date: str
    """Of the store's calendar, ``YYYY-MM-DD``."""
    hour: int
    """0 to 23, the store's clock."""
    entered: int
    left: int
    most_inside: int


@dataclass(frozen=True, slots=True)
class CellPart:
    """Seconds that people spent over one 20 cm cell of the floor, added up."""

    ix: int
    iy: int
    people_s: float


@dataclass(frozen=True, slots=True)
class DayPart:
    """What is to be added to what is known already."""

    date: str
    """The day of ``cells``."""
    hours: tuple[HourPart, ...] = ()
    cells: tuple[CellPart, ...] = ()


@dataclass(frozen=True, slots=True)
class AlertCounts:
    """The alerts of a day, and what the staff did about them."""

    by_level: tuple[tuple[str, int], ...]
    by_answer: tuple[tuple[str, int], ...]
    """``none`` for those that nobody answered."""
    reds: int
    """Red alerts that rang."""
    spoken: int
    """Of those, how many were answered with ``spoke``."""
    median_s: float | None
    """From ringing to that answer."""


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the store."""

    date: str
    hours: tuple[HourPart, ...]
    cells: tuple[CellPart, ...]
    alerts: AlertCounts
