"""What ears told, as a replay wrote it, and what really sounded, read as typed rows."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from edge.messages import EventKind
from edge.replay.tables import finite, microseconds, read_csv

TRUE_SOUNDS, TRUE_SPEECH = "sounds.csv", "speech.csv"


@dataclass(frozen=True, slots=True)
class HearingRow:
    """10 ms of sound."""

    t_us: int
    microphone: str
    speech_probability: float
    level_dbfs: float
    noise_dbfs: float


@dataclass(frozen=True, slots=True)
class SoundRow:
    """One label in one analysis window."""

    t_us: int
    microphone: str
    label: str
    score: float


@dataclass(frozen=True, slots=True)
class TrueSound:
    """Something that really sounded; ``kind`` is that of the event that it should be."""

    t_start_us: int
    t_end_us: int
    kind: str


def read_true_sounds(truth: Path) -> tuple[TrueSound, ...]:
    """``sounds.csv`` and ``speech.csv`` of a truth folder, whichever there are, in order of time.

    Raises
    ------
    SessionError
        If one is torn.
    """
    columns = {TRUE_SOUNDS: ("t_start", "t_end", "kind"), TRUE_SPEECH: ("t_start", "t_end")}
    tables = (read_csv(truth / name, need, _true_sound) for name, need in columns.items() if (truth / name).is_file())
    return tuple(sorted(chain.from_iterable(tables), key=lambda sound: (sound.t_start_us, sound.t_end_us)))


def read_hearing(path: Path) -> tuple[HearingRow, ...]:
    """``hearing.csv``.

    Raises
    ------
    SessionError
        If it is missing or torn.
    """
    return read_csv(path, ("t", "microphone", "speech_probability", "level_dbfs", "noise_dbfs"), _hearing)


def read_sounds(path: Path) -> tuple[SoundRow, ...]:
    """``sounds.csv``.

    Raises
    ------
    SessionError
        If it is missing or torn.
    """
    return read_csv(path, ("t", "microphone", "label", "score"), _sound)


def _hearing(row: dict[str, str]) -> HearingRow:
    values = (finite(row[name]) for name in ("speech_probability", "level_dbfs", "noise_dbfs"))
    return HearingRow(microseconds(row["t"]), row["microphone"], *values)


def _true_sound(row: dict[str, str]) -> TrueSound:
    start, end = microseconds(row["t_start"]), microseconds(row["t_end"])
    if end < start:
        raise ValueError("it ends before it starts")
    return TrueSound(start, end, row.get("kind") or EventKind.SPEECH.value)


def _sound(row: dict[str, str]) -> SoundRow:
    return SoundRow(microseconds(row["t"]), row["microphone"], row["label"], finite(row["score"]))
