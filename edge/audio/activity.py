"""How likely each 10 ms of one microphone are speech, and the copy with less noise that goes with them.

::

    frame -> engines, lined up in time (activity_series) -> what was and what comes, averaged over short spans
          -> a small net (weights: activity.json) -> probability
          -> copy with less noise, as late as the probability

The engines are three that were trained by others; the net that weighs them is fitted by
``python -m tests.benchmarks.fit_voice``, on recordings whose licences its file of weights names.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from edge.audio.activity_series import SERIES_DELAY_FRAMES, Series
from edge.audio.denoise import DenoiseName, Denoiser, denoiser
from edge.audio.packaged import WEIGHTS
from edge.audio.rnnoise import RNNoise
from edge.errors import EdgeError
from edge.messages.hearing import FRAME

SPANS = ((0, 0), (-3, -1), (1, 3), (-8, -4), (4, 8), (-20, -9), (9, 20), (-60, -21), (-200, -61))
"""First and last frame of each span that is averaged, counted from the one that is judged.

The longest two say what the room is used to: the murmur that a customer is louder and clearer than.
"""
LOOK_BACK_FRAMES = -min(first for first, _ in SPANS)
LOOK_AHEAD_FRAMES = max(last for _, last in SPANS)
"""Words that follow say much about a breath or a bang before them; an event of some seconds can wait so long."""
DELAY_FRAMES = SERIES_DELAY_FRAMES + LOOK_AHEAD_FRAMES
SPEECH_PROBABILITY = 0.5
"""From here on a frame is speech: the weights are fitted so that sounds of other kinds stay below."""

_WEIGHTS_FILE = WEIGHTS / "activity.json"
_FULL, _LIGHT = "full", "light"

_Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Voice:
    """What was understood of one frame."""

    probability: float
    """That somebody speaks, 0 to 1."""
    denoised: _Floats
    """The same 10 ms, (160,), with less noise."""


@dataclass(frozen=True, slots=True)
class Net:
    """One hidden layer: ``sigmoid(out · tanh(hidden · x + hidden_bias) + linear · x + out_bias)``.

    ``x`` are the spans' averages, column by column within each span.
    """

    columns: tuple[str, ...]
    hidden: NDArray[np.float64]
    hidden_bias: NDArray[np.float64]
    out: NDArray[np.float64]
    linear: NDArray[np.float64]
    out_bias: float

    def __post_init__(self) -> None:
        inputs = len(self.columns) * len(SPANS)
        units = len(self.hidden_bias)
        if self.hidden.shape != (units, inputs) or self.out.shape != (units,) or self.linear.shape != (inputs,):
            raise ValueError(f"its tables do not fit {len(self.columns)} columns and {len(SPANS)} spans")
        if not all(np.isfinite(table).all() for table in (self.hidden, self.hidden_bias, self.out, self.linear)):
            raise ValueError("some weights are not numbers")

    def probability(self, x: NDArray[np.float64]) -> float:
        """For one frame, x of shape (spans · columns,)."""
        z = self.out @ np.tanh(self.hidden @ x + self.hidden_bias) + self.linear @ x + self.out_bias
        return float(0.5 + 0.5 * np.tanh(0.5 * z))


def read_net(text: str, name: str) -> Net:
    """One net out of a file of weights.

    Raises
    ------
    ValueError
        When the file is damaged or holds no such net.
    """
    try:
        table = json.loads(text)["nets"][name]
        tables = {key: np.array(table[key], dtype=np.float64) for key in ("hidden", "hidden_bias", "out", "linear")}
        if [tuple(span) for span in table["spans"]] != list(SPANS):
            raise ValueError("it was fitted with other spans")
        return Net(columns=tuple(table["columns"]), out_bias=float(table["out_bias"]), **tables)
    except (KeyError, TypeError) as problem:
        raise ValueError(f"{problem} is missing or misshapen") from problem


@cache
def _net(name: str) -> Net:
    try:
        return read_net(_WEIGHTS_FILE.read_text(encoding="utf-8"), name)
    except (OSError, ValueError) as problem:
        remedy = "Install Miseban anew, or fit the weights: python -m tests.benchmarks.fit_voice DATA"
        raise EdgeError(str(_WEIGHTS_FILE), f"cannot be used ({problem})", remedy) from problem


class Context:
    """The rows around one frame, averaged over :data:`SPANS`."""

    def __init__(self) -> None:
        length = LOOK_BACK_FRAMES + 1 + LOOK_AHEAD_FRAMES
        self._rows: NDArray[np.float64] | None = None
        self._averaging = np.zeros((len(SPANS), length))
        for index, (first, last) in enumerate(SPANS):
            self._averaging[index, LOOK_BACK_FRAMES + first : LOOK_BACK_FRAMES + last + 1] = 1.0 / (last - first + 1)

    def step(self, row: _Floats) -> NDArray[np.float64]:
        """The next row in; the averages around the one :data:`LOOK_AHEAD_FRAMES` before it out, (spans · columns,).

        Before the first row it was as in the first row.
        """
        if self._rows is None:
            self._rows = np.tile(row.astype(np.float64), (self._averaging.shape[1], 1))
        self._rows[:-1] = self._rows[1:]
        self._rows[-1] = row
        return np.asarray(self._averaging @ self._rows).ravel()


class VoiceActivity:
    """One microphone's speech.

    Whatever makes the copy, speech is looked for with RNNoise and two Sileros; with ``off`` and ``webrtc``, which are
    for boxes that have no tenth of a core to spare, with two Sileros alone.

    Parameters
    ----------
    denoise
        The engine of the copy.
    """

    delay_frames = DELAY_FRAMES
    """What a step gives is about the frame that was stepped so many steps before.

    The first so many results are of no frame: probability 0 and silence.  To hear the end of a sound, step so many
    frames of silence after it.
    """

    def __init__(self, denoise: DenoiseName = "rnnoise") -> None:
        listening, copying = _engines(denoise)
        self._series, self._copying = Series(listening), copying
        delay = listening.delay_samples if copying is None else copying.delay_samples
        self._late = np.zeros(FRAME * DELAY_FRAMES - delay, np.float32)
        self._context = Context()
        self._net = _net(_FULL if isinstance(listening, RNNoise) else _LIGHT)
        if self._net.columns != self._series.columns:
            raise EdgeError(str(_WEIGHTS_FILE), "is of another version of the engines", "Install Miseban anew.")
        self._early = DELAY_FRAMES

    def step(self, frame: _Floats) -> Voice:
        """10 ms in, (160,); what was understood of :attr:`delay_frames` before out."""
        row = self._series.step(frame)
        copy = self._series.denoised if self._copying is None else self._copying.step(frame)
        self._late = np.concatenate([self._late, copy])
        denoised, self._late = self._late[:FRAME].copy(), self._late[FRAME:]
        averages = None if row is None else self._context.step(row)
        if self._early or averages is None:
            self._early -= 1
            return Voice(0.0, denoised)
        return Voice(self._net.probability(averages), denoised)


def _engines(denoise: DenoiseName) -> tuple[Denoiser, Denoiser | None]:
    """What listens, and what makes the copy where that is not the same."""
    match denoise:
        case "rnnoise" | "webrtc":
            return denoiser(denoise), None
        case "off":
            return denoiser("webrtc"), denoiser("off")
        case _:
            return denoiser("rnnoise"), denoiser(denoise)
