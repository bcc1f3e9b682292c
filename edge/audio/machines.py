"""Machines near a microphone: what each normally sounds like, and when it does not.

::

    raw frames -> windows without voices and sudden noises (machine_windows)
               -> numbers that do not depend on the gain (machine_features)
               -> MachineLearner: some minutes of them -> MachineModel (machine_fit, machine_model)
               -> Machine: excess over what was learnt -> score -> event when it lasts, trend by the hour

All of it works on the raw sound: whatever removes noise removes the machine.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from edge.audio.machine_episode import Episodes
from edge.audio.machine_fit import fit_machine
from edge.audio.machine_model import MachineModel
from edge.audio.machine_windows import BLOCK_NS, WINDOW_BLOCKS, MachineWindows, Window
from edge.clock import nanoseconds, seconds
from edge.errors import EdgeError
from edge.messages.hearing import HeardEvent, SoundScore

__all__ = ["Machine", "MachineLearner", "MachineModel"]

LEARN_HOP_BLOCKS = 2
HOP_BLOCKS = 5
HOP_NS = HOP_BLOCKS * BLOCK_NS
LEARN_S = 300.0
"""Long enough for most machines to do all that they do; a freezer that rests for longer needs more."""
LEAST_LEARN_S = 60.0
LEAST_WINDOWS = 24
"""Fewer can hardly be held out in parts.  A minute has as many, unless it comes in pieces."""
MOST_LEARN_S = 3600.0
"""What is learnt from is kept in memory: some 2 kB for each window."""
SUSTAIN_S = 180.0
"""A fault lasts; what is over sooner was something else beside the machine."""
ALERT_SCORE = 0.5
ALERT_EXCESS = 1.5
"""The excess with a score of one half: half as far again as what is seldom is from what is usual."""
CALM_SCORE = 0.4
"""Below this, which is an excess of 1, a window is normal enough to follow the seasons."""
SEASON_S = 7 * 86_400.0
"""What is learnt follows normal windows with this time constant: the seasons over weeks, never a fault of days."""
TREND_S = 3600.0
TREND_KEPT = 24 * 92
"""A quarter of a year by the hour."""


class MachineLearner:
    """Learns what one machine normally sounds like.

    Parameters
    ----------
    name
        Of the machine.
    learn_s
        So much sound that counts makes it ready; what follows, up to an hour, is learnt too.
    """

    def __init__(self, name: str, learn_s: float = LEARN_S) -> None:
        self.name = name
        self._learn_s = float(np.clip(learn_s, LEAST_LEARN_S, MOST_LEARN_S))
        self._windows = MachineWindows(LEARN_HOP_BLOCKS)
        self._kept: list[Window] = []
        self._blocks = 0

    @property
    def learnt_s(self) -> float:
        """Seconds of sound that counted."""
        return seconds(self._blocks * BLOCK_NS)

    @property
    def ready(self) -> bool:
        """Whether enough was heard."""
        return self.learnt_s >= self._learn_s and len(self._kept) >= LEAST_WINDOWS

    def step(self, frame: NDArray[np.float32], t_ns: int, speech_probability: float = 0.0) -> None:
        """Take 10 ms of raw sound.

        Parameters
        ----------
        frame
            (160,) samples, full scale 1.
        t_ns
            When the first one was taken.
        """
        window = self._windows.step(frame, t_ns, speech_probability)
        if window is None or self.learnt_s >= MOST_LEARN_S:
            return
        new = window.first_block - self._kept[-1].first_block if self._kept else WINDOW_BLOCKS
        self._blocks += min(new, WINDOW_BLOCKS)
        self._kept.append(window)

    def model(self) -> MachineModel:
        """What was learnt so far.

        Raises
        ------
        EdgeError
            If too little was heard to learn anything from.
        """
        if self.learnt_s < LEAST_LEARN_S or len(self._kept) < LEAST_WINDOWS:
            raise EdgeError(
                f"machine {self.name!r}",
                f"was heard alone for {self.learnt_s:.0f} s in {len(self._kept)} windows; "
                f"{LEAST_LEARN_S:.0f} s in {LEAST_WINDOWS} windows are the least",
                "Let it run for some minutes while nobody speaks beside it.",
            )
        return fit_machine(self.name, self.learnt_s, self._kept)


class Machine:
    """Listens whether one machine sounds as it was learnt.

    Parameters
    ----------
    sustain_s
        For so long the score must be high before an event is told.
    """

    def __init__(self, model: MachineModel, sustain_s: float = SUSTAIN_S, trend_s: float = TREND_S) -> None:
        self.label = f"machine:{model.name}"
        self._model = model
        self._windows = MachineWindows(HOP_BLOCKS)
        self._episodes = Episodes(model.name, sustain_s, ALERT_SCORE, HOP_NS)
        self._trend_ns = nanoseconds(trend_s)
        self._trend: deque[tuple[int, float]] = deque(maxlen=TREND_KEPT)
        self._period: int | None = None
        self._period_scores: list[float] = []

    @property
    def model(self) -> MachineModel:
        """The model with what has drifted since: to be kept, so that a restart does not forget the season."""
        return self._model

    @property
    def trend(self) -> tuple[tuple[int, float], ...]:
        """Mean score of each hour that is over and had windows that count, by its start; oldest first."""
        return tuple(self._trend)

    def step(
        self, frame: NDArray[np.float32], t_ns: int, speech_probability: float = 0.0
    ) -> tuple[tuple[SoundScore, ...], tuple[HeardEvent, ...]]:
        """Take 10 ms of raw sound.

        Parameters
        ----------
        frame
            (160,) samples, full scale 1.
        t_ns
            When the first one was taken.

        Returns
        -------
        The score of the window of 10 s that ends with this frame, if one does and it counts, and what became certain.
        """
        window = self._windows.step(frame, t_ns, speech_probability)
        if window is None:
            return (), ()
        score = score_of(self._model.excess(window.features))
        if score < CALM_SCORE:
            drift = self._model.drifted(window.features, HOP_NS / nanoseconds(SEASON_S))
            self._model = replace(self._model, drift=drift)
        self._follow(window.t_end_ns, score)
        event = self._episodes.step(window, score)
        return (SoundScore(window.t_start_ns, self.label, score),), () if event is None else (event,)

    def _follow(self, t_ns: int, score: float) -> None:
        period = t_ns // self._trend_ns
        if self._period is not None and period != self._period:
            self._trend.append((self._period * self._trend_ns, float(np.mean(self._period_scores))))
            self._period_scores.clear()
        self._period = period
        self._period_scores.append(score)


def score_of(excess: float) -> float:
    """0 for a window as usual or better, one half at :data:`ALERT_EXCESS`, towards 1 without end."""
    above = max(0.0, excess)
    return above / (above + ALERT_EXCESS)
