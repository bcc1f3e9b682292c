"""What ears told, as a replay wrote it: ``hearing.csv`` and ``sounds.csv``, read back as typed rows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edge.replay.tables import finite, microseconds, read_csv


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


def _sound(row: dict[str, str]) -> SoundRow:
    return SoundRow(microseconds(row["t"]), row["microphone"], row["label"], finite(row["score"]))
