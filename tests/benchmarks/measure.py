"""One measure: what, its floor, what was got."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measure:
    """A row of the table of measures."""

    on: str
    what: str
    floor: str
    got: str
    met: bool | None
    """``None`` for what has no floor, or is judged by eye."""


def at_least(on: str, what: str, floor: float, got: float, digits: int = 3) -> Measure:
    """A measure that must not be lower."""
    return Measure(on, what, f"≥ {floor:g}", f"{got:.{digits}f}", got >= floor)


def at_most(on: str, what: str, floor: float, got: float, digits: int = 3) -> Measure:
    """A measure that must not be higher."""
    return Measure(on, what, f"≤ {floor:g}", f"{got:.{digits}f}", got <= floor)


def exactly(on: str, what: str, wanted: object, got: object) -> Measure:
    """A measure that has one right value."""
    return Measure(on, what, str(wanted), str(got), got == wanted)


def told(on: str, what: str, got: str) -> Measure:
    """Something worth knowing that has no floor."""
    return Measure(on, what, "", got, None)
