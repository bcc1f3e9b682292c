"""What the engines of speech say of each 10 ms, lined up in time: the row of figures that the combination weighs.

::

    raw sound ------------> Silero, level over the noise floor                         -> one row for each frame,
    copy with less noise -> Silero, webrtcvad, how much was lowered,                      a constant time later
                            level under the loudest of late (who is near, who far)
    RNNoise --------------> its own probability (not with the light engine)

The engines fail differently: Silero grows deaf under loud noise, RNNoise takes machines for voices, and none of them
tells a customer from the murmur behind him, which only the level does.
"""

from __future__ import annotations

import math
from collections import deque

import numpy as np
import webrtcvad  # type: ignore[import-untyped]  # it ships no types
from numpy.typing import NDArray

from edge.audio.activity_silero import CHUNK, Silero
from edge.audio.denoise import Denoiser
from edge.audio.denoise_pcm import sane, to_pcm
from edge.audio.rnnoise import RNNoise
from edge.messages.hearing import FRAME, RATE_HZ

FULL_COLUMNS = ("silero_raw", "silero_copy", "webrtcvad", "over_floor", "lowered", "under_peak", "rnnoise")
LIGHT_COLUMNS = FULL_COLUMNS[:-1]
SERIES_DELAY_FRAMES = 8
"""A frame's row needs the middle of the next chunk of Silero in the copy, which itself comes 24 ms late."""

_RNNOISE_LATE_FRAMES = 3
"""RNNoise is surest of a frame so much later, found by agreement with hand-labelled speech."""
_MODES = (1, 3)
"""Of webrtcvad: ready to call something speech, and reluctant."""
_QUIETEST_DB = -80.0
"""Levels below are the same silence."""
_FLOOR_RISE_DB, _FLOOR_FALL_DB = 0.02, 0.5
"""Of the noise floor in one frame: 2 dB a second up, so that words hardly lift it, and soon down."""
_PEAK_FALL_DB = 0.015
"""Of the loudest of late in one frame: 1.5 dB a second, which holds for a talk."""
_SUREST = 1e-4
"""Probabilities are kept away from 0 and 1 by so much: nothing is surer than that."""

_Floats = NDArray[np.float32]


def logit(probability: float) -> float:
    """Log-odds; what is as good as certain is bounded."""
    p = min(max(probability, _SUREST), 1.0 - _SUREST)
    return math.log(p / (1.0 - p))


class SileroLine:
    """Silero on one stream, with a value for the middle of every frame: linear between the middles of its chunks."""

    def __init__(self) -> None:
        self._engine = Silero()
        self._waiting: list[_Floats] = []
        self._samples = 0
        self._values: deque[float] = deque(maxlen=8)
        self._chunks = 0

    def add(self, sound: _Floats) -> None:
        """The next samples, any number of them."""
        self._waiting.append(sound)
        self._samples += len(sound)
        while self._samples >= CHUNK:
            whole = np.concatenate(self._waiting)
            self._values.append(logit(self._engine.step(whole[:CHUNK])))
            self._chunks += 1
            self._waiting, self._samples = [whole[CHUNK:]], len(whole) - CHUNK

    def at(self, frame: int) -> float:
        """Log-odds of speech in the middle of a frame, one of the last ten or so before the newest."""
        place = (frame * FRAME + FRAME / 2 - CHUNK / 2) / CHUNK
        before = math.floor(place)
        oldest = self._chunks - len(self._values)
        left, right = (self._values[max(index, 0) - oldest] for index in (before, before + 1))
        return left + (place - before) * (right - left)


class Series:
    """Rows of one stream.

    Parameters
    ----------
    engine
        What makes the copy; RNNoise gives its own probability, too.
    """

    def __init__(self, engine: Denoiser) -> None:
        self._engine = engine
        self._surplus = engine.delay_samples
        self._copy = np.zeros(0, np.float32)
        self._silero_raw, self._silero_copy = SileroLine(), SileroLine()
        self._vads = tuple(webrtcvad.Vad(mode) for mode in _MODES)
        self._raw_db: deque[float] = deque(maxlen=SERIES_DELAY_FRAMES + 1)
        self._from_copy: deque[list[float]] = deque(maxlen=SERIES_DELAY_FRAMES + 1)
        self._rnnoise: deque[float] = deque(maxlen=SERIES_DELAY_FRAMES + 1 - _RNNOISE_LATE_FRAMES)
        self._copy_frames = 0
        self._steps = 0
        self._floor_db: float | None = None
        self._peak_db = _QUIETEST_DB
        self.columns = FULL_COLUMNS if isinstance(engine, RNNoise) else LIGHT_COLUMNS
        self.denoised = np.zeros(FRAME, np.float32)
        """What the engine gave in the last step."""

    def step(self, frame: _Floats) -> _Floats | None:
        """The next frame in; the row of the frame :data:`SERIES_DELAY_FRAMES` before it out, from when there is one."""
        frame = sane(frame)
        self._silero_raw.add(frame)
        self._raw_db.append(_level_db(frame))
        self.denoised = self._engine.step(frame)
        if isinstance(self._engine, RNNoise):
            self._rnnoise.append(logit(self._engine.speech_probability))
        self._take_copy(self._engine.bare if isinstance(self._engine, RNNoise) else self.denoised)
        self._steps += 1
        return self._row(self._steps - 1 - SERIES_DELAY_FRAMES) if self._steps > SERIES_DELAY_FRAMES else None

    def _take_copy(self, denoised: _Floats) -> None:
        """The copy from where its first sample belongs to the first one of the raw sound."""
        dropped = min(self._surplus, len(denoised))
        self._surplus -= dropped
        self._silero_copy.add(denoised[dropped:])
        self._copy = np.concatenate([self._copy, denoised[dropped:]])
        while len(self._copy) >= FRAME:
            whole, self._copy = self._copy[:FRAME], self._copy[FRAME:]
            pcm = to_pcm(sane(whole))
            votes = sum(bool(vad.is_speech(pcm, RATE_HZ)) for vad in self._vads)
            self._from_copy.append([float(votes) - len(_MODES) / 2, _level_db(whole)])
            self._copy_frames += 1

    def _row(self, frame: int) -> _Floats:
        votes, copy_db = self._from_copy[frame - (self._copy_frames - len(self._from_copy))]
        raw_db = self._raw_db[0]
        row = [
            self._silero_raw.at(frame) / 4.0,
            self._silero_copy.at(frame) / 4.0,
            votes,
            _within(copy_db - self._floor(raw_db), -20.0, 30.0) / 10.0,
            _within(copy_db - raw_db, -30.0, 0.0) / 10.0,
            _within(copy_db - self._peak(copy_db), -40.0, 0.0) / 10.0,
        ]
        if len(self.columns) > len(row):
            row.append(self._rnnoise[0] / 4.0)
        return np.array(row, dtype=np.float32)

    def _floor(self, level_db: float) -> float:
        floor = level_db if self._floor_db is None else self._floor_db
        self._floor_db = floor + min(_FLOOR_RISE_DB, max(level_db - floor, -_FLOOR_FALL_DB))
        return self._floor_db

    def _peak(self, level_db: float) -> float:
        self._peak_db = max(level_db, self._peak_db - _PEAK_FALL_DB)
        return self._peak_db


def _within(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


def _level_db(frame: _Floats) -> float:
    wide = frame.astype(np.float64)
    return max(_QUIETEST_DB, 10.0 * math.log10(float(wide @ wide) / len(wide) + 1e-12))
