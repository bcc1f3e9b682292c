"""Truth and results as they lie on disk, read into typed rows, with bounds.

Times become whole microseconds, so that a time written with three decimals equals the same time written with six.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from edge.errors import SessionError

MAX_BYTES = 2_000_000_000
US_PER_S = 1_000_000
FARTHEST = 1e7
"""No number in any table is larger than this, but a time."""

Row = TypeVar("Row")
Source = TypeVar("Source")


@dataclass(frozen=True, slots=True)
class HeadRow:
    """A head of the truth (``heads.csv``) or of the results (``tracks.csv``), store frame, metres."""

    t_us: int
    id: str
    x_m: float
    y_m: float
    z_m: float
    visible: float = 1.0


@dataclass(frozen=True, slots=True)
class PixelHead:
    """A head that was labelled in a picture."""

    camera: str
    frame: int
    u: float
    v: float
    certain: bool


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event of the truth or of the results; ``line`` and ``direction`` only where a line was crossed."""

    t_start_us: int
    t_end_us: int
    kind: str
    person: str | None
    line: str | None = None
    direction: str | None = None
    by_view: bool = False
    """The truth tells when a head came into view or left it, not when somebody went through a door."""
    shelf: str | None = None
    volume_l: float | None = None
    sensor: str | None = None
    """Which camera or microphone told it, where one did."""


@dataclass(frozen=True, slots=True)
class AlertEpisode:
    """One alert from its opening to its last word."""

    alert_id: str
    t_open_us: int
    t_last_us: int
    kind: str
    level: str
    ended: bool
    person: str | None = None


def read_tracks(path: Path) -> tuple[HeadRow, ...]:
    """``tracks.csv``.

    Raises
    ------
    SessionError
        If it is missing or torn.
    """
    return read_csv(path, ("t", "id", "x", "y", "z"), _head)


def read_heads(path: Path) -> tuple[HeadRow, ...]:
    """``truth/heads.csv``.

    Raises
    ------
    SessionError
        If it is missing or torn.
    """
    return read_csv(path, ("t", "id", "x", "y", "z", "visible"), _head)


def read_pixel_heads(path: Path) -> tuple[PixelHead, ...]:
    """``truth/heads_px.csv``.

    Raises
    ------
    SessionError
        If it is missing or torn.
    """
    return read_csv(path, ("camera", "frame", "u", "v", "certain"), _pixel_head)


def read_true_events(path: Path) -> tuple[EventRow, ...]:
    """``truth/events.csv``.

    Raises
    ------
    SessionError
        If it is missing or torn.
    """
    return read_csv(path, ("t_start", "t_end", "kind", "person", "note"), _true_event)


def read_events(path: Path) -> tuple[EventRow, ...]:
    """``events.jsonl``.

    Raises
    ------
    SessionError
        If it is missing or torn.
    """
    return tuple(read_jsonl(path, _event))


def read_alerts(path: Path) -> tuple[AlertEpisode, ...]:
    """``alerts.jsonl``, one row per episode, in order of opening.

    Raises
    ------
    SessionError
        If it is missing or torn.
    """
    episodes: dict[str, AlertEpisode] = {}
    for change in read_jsonl(path, _alert):
        first = episodes.get(change.alert_id, change)
        episodes[change.alert_id] = AlertEpisode(
            change.alert_id, first.t_open_us, change.t_last_us, first.kind, change.level, change.ended, change.person
        )
    return tuple(episodes.values())


def read_csv(path: Path, columns: tuple[str, ...], make: Callable[[dict[str, str]], Row]) -> tuple[Row, ...]:
    """A table with at least these columns; ``make`` turns a row into a typed one, or raises ValueError.

    Raises
    ------
    SessionError
        If it is missing or torn.
    """
    try:
        _check_size(path)
        with path.open(encoding="utf-8", newline="") as file:
            table = csv.DictReader(file)
            absent = [name for name in columns if name not in (table.fieldnames or ())]
            if absent:
                raise SessionError(str(path), f"has no column {absent[0]!r}", f"It needs: {','.join(columns)}.")
            return tuple(_made(make, row, path, number) for number, row in enumerate(table, 2))
    except OSError as error:
        raise _unreadable(path, error) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise _torn(str(path), error) from None


def read_jsonl(path: Path, make: Callable[[dict[str, Any]], Row]) -> Iterator[Row]:
    """A file of one JSON object a line; ``make`` turns one into a typed row, or raises ValueError.

    Raises
    ------
    SessionError
        If it is missing or torn.
    """
    try:
        _check_size(path)
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                yield _made(lambda text: make(json.loads(text)), line, path, number)
    except OSError as error:
        raise _unreadable(path, error) from None
    except UnicodeDecodeError as error:
        raise _torn(str(path), error) from None


def _made(make: Callable[[Source], Row], source: Source, path: Path, number: int) -> Row:
    """A typed row; whatever a torn line makes of the reading becomes one error that names the line."""
    try:
        return make(source)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise _torn(f"{path} line {number}", error) from None


def _check_size(path: Path) -> None:
    if path.stat().st_size > MAX_BYTES:
        raise SessionError(str(path), f"is larger than {MAX_BYTES} bytes", "Split the session.")


def _unreadable(path: Path, error: OSError) -> SessionError:
    return SessionError(str(path), f"cannot be read ({error.strerror})", "Check the path, or replay the session again.")


def _torn(where: str, error: Exception) -> SessionError:
    what = (str(error).splitlines() or [type(error).__name__])[0][:120]
    return SessionError(where, f"cannot be understood ({what})", "Mend it, or replay the session again.")


def finite(value: object) -> float:
    """A finite number within bounds; ValueError or TypeError for anything else."""
    found = float(value)  # type: ignore[arg-type]  # a TypeError is one of the faults that are reported
    if not math.isfinite(found) or abs(found) > FARTHEST:
        raise ValueError(f"{value} is not a usable number")
    return found


def microseconds(value: object) -> int:
    """A time in seconds as whole microseconds; ValueError or TypeError for anything else."""
    seconds = float(value)  # type: ignore[arg-type]
    if not 0.0 <= seconds <= 9e9:
        raise ValueError(f"{value} is not a usable time")
    return round(seconds * US_PER_S)


def _head(row: dict[str, str]) -> HeadRow:
    x, y, z = (finite(row[axis]) for axis in "xyz")
    return HeadRow(microseconds(row["t"]), row["id"], x, y, z, finite(row.get("visible", 1.0)))


def _pixel_head(row: dict[str, str]) -> PixelHead:
    return PixelHead(row["camera"], int(row["frame"]), finite(row["u"]), finite(row["v"]), int(row["certain"]) != 0)


def _true_event(row: dict[str, str]) -> EventRow:
    """The note of a crossing reads ``in <line>`` or ``out <line>``; that of a coming or going may read ``view``."""
    line, direction = None, None
    if row["kind"] == "cross":
        direction, _, line = row["note"].partition(" ")
        if direction not in ("in", "out") or not line:
            raise ValueError(f"the note of a crossing reads 'in <line>' or 'out <line>', not {row['note']!r}")
    start, end = microseconds(row["t_start"]), microseconds(row["t_end"])
    by_view = row["kind"] in ("enter", "exit") and row["note"] == "view"
    return EventRow(start, end, row["kind"], row["person"] or None, line, direction, by_view)


def _event(record: dict[str, Any]) -> EventRow:
    place = record.get("place") or {}
    start, end = microseconds(record["t_start"]), microseconds(record["t_end"])
    litres = record.get("volume_l")
    return EventRow(
        start,
        end,
        str(record["kind"]),
        record.get("person"),
        place.get("line"),
        record.get("direction"),
        shelf=place.get("shelf"),
        volume_l=None if litres is None else finite(litres),
        sensor=record.get("sensor"),
    )


def _alert(record: dict[str, Any]) -> AlertEpisode:
    t_us = microseconds(record["t"])
    ended = record["state"] == "ended"
    kind, level = str(record["kind"]), str(record["level"])
    return AlertEpisode(str(record["alert_id"]), t_us, t_us, kind, level, ended, record.get("person"))
