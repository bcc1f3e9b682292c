"""What a microphone hears now, in the few numbers that a person can take in at a glance."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.clock import NS_PER_S, nanoseconds
from edge.messages import (
    FRAME_NS,
    RATE_HZ,
    AudioChunk,
    AudioObservation,
    EventKind,
    HeardEvent,
    HearingFrame,
    SoundScore,
)

LEVEL_S: Final = 0.3
"""A level over so long can be read while it moves."""
LABELS_S: Final = 3.0
"""A sound that was likely for a moment is shown for so long."""
MACHINE_S: Final = 30.0
"""A machine is judged every few seconds, and not while somebody speaks."""
WARN_S: Final = 5.0
CLIPPED: Final = 0.998
"""A sample this near to full scale, of 1, is one that was cut off."""
CLIPPED_RUN: Final = 3
"""So many of them in a chunk: one may be a peak that just fits."""
MACHINE: Final = "machine:"
"""How the label of a machine's score begins."""
MOST_LABELS: Final = 6
MOST_EVENTS: Final = 5


@dataclass(frozen=True, slots=True)
class Reading:
    """What is shown."""

    t_ns: int
    """UTC, or since the beginning of a recording that is not played as if live."""
    heard_s: float
    """How much sound was heard so far."""
    level_dbfs: float | None
    """None before anything was heard."""
    noise_dbfs: float | None
    speech_probability: float
    labels: tuple[SoundScore, ...]
    """The likeliest first."""
    tags: tuple[SoundScore, ...]
    """What a general model takes it for, where there is one."""
    events: tuple[HeardEvent, ...]
    """The newest last."""
    clipped: bool
    silent: bool


class Meter:
    """Takes what one microphone took and what its ear made of it."""

    def __init__(self) -> None:
        self._frames: deque[HearingFrame] = deque(maxlen=round(LEVEL_S * NS_PER_S / FRAME_NS))
        self._scores: deque[SoundScore] = deque()
        self._tags: deque[SoundScore] = deque()
        self._events: deque[HeardEvent] = deque(maxlen=MOST_EVENTS)
        self._t_ns = 0
        self._samples = 0
        self._clipped_ns: int | None = None
        self._silent = False

    def take(self, chunk: AudioChunk, observation: AudioObservation) -> None:
        """Take one chunk, and what was understood with it."""
        self._t_ns = chunk.t_ns + len(chunk.samples) * NS_PER_S // RATE_HZ
        self._samples += len(chunk.samples)
        if np.count_nonzero(np.abs(chunk.samples) >= CLIPPED) >= CLIPPED_RUN:
            self._clipped_ns = self._t_ns
        if chunk.samples.size and np.ptp(chunk.samples) > 0.0:
            self._silent = False
        self.understand(observation)

    def understand(self, observation: AudioObservation) -> None:
        """Take what was understood later, when nothing more is heard."""
        self._silent = self._silent or any(event.kind is EventKind.MICROPHONE_SILENT for event in observation.events)
        self._frames.extend(observation.frames)
        self._scores.extend(observation.scores)
        self._tags.extend(observation.tags)
        self._events.extend(observation.events)
        for scores in (self._scores, self._tags):
            while scores and self._t_ns - scores[0].t_ns > nanoseconds(MACHINE_S):
                scores.popleft()

    def reading(self) -> Reading:
        """As it stands."""
        powers = [10.0 ** (frame.level_dbfs / 10.0) for frame in self._frames]
        last = self._frames[-1] if self._frames else None
        return Reading(
            t_ns=self._t_ns,
            heard_s=self._samples / RATE_HZ,
            level_dbfs=10.0 * math.log10(sum(powers) / len(powers)) if powers else None,
            noise_dbfs=None if last is None else last.noise_dbfs,
            speech_probability=max((frame.speech_probability for frame in self._frames), default=0.0),
            labels=self._likeliest(self._scores),
            tags=self._likeliest(self._tags),
            events=tuple(self._events),
            clipped=self._clipped_ns is not None and self._t_ns - self._clipped_ns < nanoseconds(WARN_S),
            silent=self._silent,
        )

    def _likeliest(self, scores: Iterable[SoundScore]) -> tuple[SoundScore, ...]:
        """The highest score of each label lately; of a machine the newest, which stands for what it does now."""
        best: dict[str, SoundScore] = {}
        for score in scores:
            machine = score.label.startswith(MACHINE)
            if machine or self._t_ns - score.t_ns <= nanoseconds(LABELS_S):
                before = best.get(score.label)
                if before is None or machine or score.score >= before.score:
                    best[score.label] = score
        return tuple(sorted(best.values(), key=lambda one: (-one.score, one.label))[:MOST_LABELS])
