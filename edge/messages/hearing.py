"""What a microphone takes, and what its ear understands of it.  Words are never kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.messages.kinds import EventKind

RATE_HZ = 16_000
"""Every ear works at this rate; the door resamples what a device offers."""
FRAME = 160
"""Samples of one step of an ear: 10 ms."""
FRAME_NS = 10_000_000


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """Consecutive samples of one microphone.

    ``samples`` is (n,) float32 at :data:`RATE_HZ`, one channel, full scale 1; ``t_ns`` is when the first one was taken.
    """

    microphone: str
    t_ns: int
    samples: NDArray[np.float32]

    def __post_init__(self) -> None:
        if self.samples.ndim != 1 or self.samples.dtype != np.float32:
            raise ValueError(f"samples are 1-D float32, not {self.samples.dtype} {self.samples.shape}")


@dataclass(frozen=True, slots=True)
class HearingFrame:
    """10 ms of sound."""

    t_ns: int
    speech_probability: float
    level_dbfs: float
    noise_dbfs: float
    """The level of what is always there."""

    def __post_init__(self) -> None:
        if not 0.0 <= self.speech_probability <= 1.0:
            raise ValueError(f"speech_probability {self.speech_probability} must be within 0..1")


@dataclass(frozen=True, slots=True)
class SoundScore:
    """How much one analysis window sounds like something; ``t_ns`` is where the window begins."""

    t_ns: int
    label: str
    score: float
    """0 to 1."""

    def __post_init__(self) -> None:
        if not (self.label and 0.0 <= self.score <= 1.0):
            raise ValueError(f"a score {self.score} of {self.label!r} must be within 0..1 and have a label")


@dataclass(frozen=True, slots=True)
class HeardEvent:
    """Something that was heard, once it is over or has lasted long enough to be told.

    What goes on for long is told again now and then, with the same start and a later end.
    """

    kind: EventKind
    t_start_ns: int
    t_end_ns: int
    confidence: float
    level_dbfs: float
    """Mean over it."""
    snr_db: float | None = None
    """Level over the noise before it."""
    name: str | None = None
    """Which machine, where it is one."""
    level_db_spl: float | None = None
    """The same level as sound pressure, where the microphone was calibrated."""

    def __post_init__(self) -> None:
        if not (self.t_start_ns <= self.t_end_ns and 0.0 <= self.confidence <= 1.0):
            raise ValueError(f"{self.kind} ends before it starts, or confidence {self.confidence} is not within 0..1")


@dataclass(frozen=True, slots=True)
class AudioObservation:
    """What one ear understood of one chunk.

    ``t_ns`` is when what is understood so far ends: engines look ahead, so it lags behind the chunk by their delay.
    """

    microphone: str
    t_ns: int
    frames: tuple[HearingFrame, ...] = ()
    scores: tuple[SoundScore, ...] = ()
    events: tuple[HeardEvent, ...] = ()
    tags: tuple[SoundScore, ...] = ()
    """What a general model takes it for, the likeliest few of each window; for people who look, never for events."""
