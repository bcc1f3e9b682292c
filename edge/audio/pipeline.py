"""One microphone's ear, on one page."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.audio.activity import VoiceActivity
from edge.audio.level import Level, Loudness, with_pressure
from edge.audio.machines import Machine, MachineLearner, MachineModel
from edge.audio.raised_voice import RaisedVoice
from edge.audio.silence import Silence
from edge.audio.sounds import Sounds
from edge.audio.speech import Speech
from edge.audio.yamnet import Yamnet
from edge.clock import NS_PER_S, nanoseconds
from edge.messages import (
    FRAME,
    FRAME_NS,
    RATE_HZ,
    AudioChunk,
    AudioObservation,
    HeardEvent,
    HearingFrame,
    SoundScore,
)
from edge.settings import EarSettings

GAP_NS = nanoseconds(0.05)
"""Chunks that are further apart than this have lost sound between them; less is the clock being set right."""

F32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A frame whose voice is not judged yet: the engines look a little ahead."""

    t_ns: int
    samples: F32
    loudness: Loudness


class Ear:
    """What one microphone takes, understood.

    1. Chunks are cut into frames of 10 ms; where sound was lost, the engines begin anew.
    2. The level, and the level of what is always there (:mod:`edge.audio.level`).
    3. Whether the microphone takes anything at all (:mod:`edge.audio.silence`).
    4. Sounds of danger, in what the microphone takes (:mod:`edge.audio.sounds`).
    5. In a denoised copy, how likely each frame is speech (:mod:`edge.audio.activity`).
    6. Speech (:mod:`edge.audio.speech`) and raised voices (:mod:`edge.audio.raised_voice`).
    7. Machines that sound wrong, while nobody speaks (:mod:`edge.audio.machines`).

    Nothing of the sound itself is kept or handed on.

    Parameters
    ----------
    machines
        Those that were learnt near this microphone.
    learner
        Learns one more of what is heard.
    yamnet
        Helps to hear sounds of danger, and says what all sounds are taken for, where the owner has put its file in
        place.
    full_scale_db_spl
        The sound pressure that fills the scale, where the microphone was calibrated.

    Raises
    ------
    EdgeError
        If an engine, or its weights, is missing or damaged.
    """

    def __init__(
        self,
        microphone: str,
        settings: EarSettings,
        machines: Sequence[MachineModel] = (),
        learner: MachineLearner | None = None,
        yamnet: Yamnet | None = None,
        full_scale_db_spl: float | None = None,
    ) -> None:
        self._microphone = microphone
        self._settings = settings
        self._rest: F32 = np.empty(0, np.float32)
        self._next_ns: int | None = None
        self._understood_ns = 0
        self._machines = {model.name: Machine(model) for model in machines}
        self._learner = learner
        self._yamnet = yamnet
        self._full_scale_db_spl = full_scale_db_spl
        self._tags: tuple[SoundScore, ...] = ()
        self._level, self._raised = Level(), RaisedVoice()
        self._begin()

    @property
    def machines(self) -> tuple[Machine, ...]:
        """The machines that are listened to: what is to be kept of them."""
        return tuple(self._machines.values())

    def know(self, model: MachineModel) -> None:
        """Listen to one more machine from now on, or anew to one of that name."""
        self._machines[model.name] = Machine(model)

    def forget(self, machine: str) -> None:
        """Listen to a machine no longer."""
        self._machines.pop(machine, None)

    def step(self, chunk: AudioChunk) -> AudioObservation:
        """Take one chunk; whatever the sound is, it is heard as far as it is one."""
        events: list[HeardEvent] = []
        frames: list[HearingFrame] = []
        scores: list[SoundScore] = []
        if self._next_ns is None:
            self._understood_ns = chunk.t_ns
        elif abs(chunk.t_ns - self._next_ns) > GAP_NS:
            frames += self._end(events, scores)
            self._begin()
        for t_ns, samples in self._cut(chunk):
            frames += self._hear(t_ns, samples, events, scores)
        return self._observation(frames, scores, events)

    def finish(self) -> AudioObservation:
        """Nothing more will be heard: what is open is told."""
        events: list[HeardEvent] = []
        scores: list[SoundScore] = []
        frames = self._end(events, scores)
        return self._observation(frames, scores, events)

    def _begin(self) -> None:
        """As new, all that follows sound closely; what a room is used to is known for longer than a gap lasts."""
        self._silence = Silence()
        self._sounds = Sounds(self._settings.thresholds.given(), self._yamnet)
        self._voice = VoiceActivity(self._settings.denoise)
        self._speech = Speech()
        self._waiting: deque[_Waiting] = deque()
        self._rest = np.empty(0, np.float32)

    def _cut(self, chunk: AudioChunk) -> Iterator[tuple[int, F32]]:
        """Whole frames with their times, of what was left over and what has come."""
        first_ns = chunk.t_ns - len(self._rest) * NS_PER_S // RATE_HZ
        samples = np.concatenate([self._rest, chunk.samples])
        whole = len(samples) // FRAME
        self._rest = samples[whole * FRAME :].copy()
        self._next_ns = chunk.t_ns + len(chunk.samples) * NS_PER_S // RATE_HZ
        for k in range(whole):
            yield first_ns + k * FRAME_NS, samples[k * FRAME : (k + 1) * FRAME]

    def _hear(
        self, t_ns: int, samples: F32, events: list[HeardEvent], scores: list[SoundScore]
    ) -> tuple[HearingFrame, ...]:
        loudness = self._level.step(samples)
        events += self._silence.step(samples, t_ns)
        found, heard = self._sounds.step(samples, t_ns)
        scores += found
        events += heard
        self._tags += self._sounds.take_tags()
        self._waiting.append(_Waiting(t_ns, samples, loudness))
        return self._judge(self._voice.step(samples).probability, events, scores)

    def _judge(
        self, probability: float, events: list[HeardEvent], scores: list[SoundScore]
    ) -> tuple[HearingFrame, ...]:
        """The frame whose voice is known now, if the engines have come so far."""
        if len(self._waiting) <= self._voice.delay_frames:
            return ()
        frame = self._waiting.popleft()
        t_ns, level_dbfs, noise_dbfs = frame.t_ns, frame.loudness.level_dbfs, frame.loudness.noise_dbfs
        events += self._speech.step(t_ns, probability, level_dbfs, noise_dbfs)
        events += self._raised.step(frame.samples, t_ns, probability, level_dbfs, noise_dbfs)
        if self._learner is not None:
            self._learner.step(frame.samples, t_ns, probability)
        for machine in self._machines.values():
            found, wrong = machine.step(frame.samples, t_ns, probability)
            scores += found
            events += wrong
        self._understood_ns = t_ns + FRAME_NS
        return (HearingFrame(t_ns, probability, level_dbfs, noise_dbfs),)

    def _end(self, events: list[HeardEvent], scores: list[SoundScore]) -> list[HearingFrame]:
        """What still waits for its voice, as if silence followed; and what is open, as it stands."""
        nothing = np.zeros(FRAME, np.float32)
        frames: list[HearingFrame] = []
        for _ in range(self._voice.delay_frames):
            self._waiting.append(_Waiting(0, nothing, Loudness(0.0, 0.0)))
            frames += self._judge(self._voice.step(nothing).probability, events, scores)
        found, heard = self._sounds.finish()
        scores += found
        events += (*heard, *self._speech.finish())
        self._tags += self._sounds.take_tags()
        return frames

    def _observation(
        self, frames: Sequence[HearingFrame], scores: Sequence[SoundScore], events: Sequence[HeardEvent]
    ) -> AudioObservation:
        levelled = (with_pressure(event, self._full_scale_db_spl) for event in events)
        told = tuple(sorted(levelled, key=lambda event: (event.t_end_ns, event.t_start_ns, event.kind.value)))
        tags, self._tags = self._tags, ()
        return AudioObservation(self._microphone, self._understood_ns, tuple(frames), tuple(scores), told, tags)
