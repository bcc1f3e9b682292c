"""Measures: what, its floor, what was got; and all of them as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.table import Table


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


def table(rows: Sequence[Measure]) -> Table:
    """All measures as a table."""
    shown = Table("on", "what", "floor", "got", "met")
    for row in rows:
        mark = {True: "[green]yes[/]", False: "[bold red]NO[/]", None: ""}[row.met]
        shown.add_row(row.on, row.what, row.floor, row.got, mark)
    return shown
