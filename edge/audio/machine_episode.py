"""From scores of windows to one event for each time that a machine sounds wrong."""

from __future__ import annotations

from edge.audio.machine_features import level_dbfs
from edge.audio.machine_windows import Window
from edge.clock import nanoseconds
from edge.messages import EventKind
from edge.messages.hearing import HeardEvent

OVER_AFTER = 20
"""An episode is over after so many times as long without a high score as it took to be told: a failing compressor that
rests between its runs is told once, not at each run."""


class Episodes:
    """Tells when high scores have lasted, once.

    High windows count up, normal ones count down, and what does not count changes nothing: a fault that is heard more
    than half of the time is told, however long people talk in between.

    Parameters
    ----------
    hop_ns
        The time for which each window stands.
    """

    def __init__(self, name: str, sustain_s: float, alert_score: float, hop_ns: int) -> None:
        self._name = name
        self._sustain_ns = nanoseconds(sustain_s)
        self._alert_score = alert_score
        self._hop_ns = hop_ns
        self._start_ns: int | None = None
        self._high_ns = 0
        self._normal_ns = 0
        self._told = False
        self._high = 0
        self._score_sum, self._power_sum = 0.0, 0.0

    def step(self, window: Window, score: float) -> HeardEvent | None:
        """Take a window that counts; the event is returned with the window that makes it certain."""
        if score >= self._alert_score:
            return self._high_window(window, score)
        self._normal_ns += self._hop_ns
        self._high_ns = max(0, self._high_ns - self._hop_ns)
        if self._normal_ns >= OVER_AFTER * self._sustain_ns if self._told else self._high_ns == 0:
            self._forget()
        return None

    def _high_window(self, window: Window, score: float) -> HeardEvent | None:
        if self._start_ns is None:
            self._start_ns = window.t_start_ns
        self._normal_ns = 0
        self._high_ns += self._hop_ns
        self._high += 1
        self._score_sum += score
        self._power_sum += 10.0 ** (window.level_dbfs / 10.0)
        if self._told or self._high_ns < self._sustain_ns:
            return None
        self._told = True
        return HeardEvent(
            kind=EventKind.MACHINE_ANOMALY,
            t_start_ns=self._start_ns,
            t_end_ns=window.t_end_ns,
            confidence=self._score_sum / self._high,
            level_dbfs=level_dbfs(self._power_sum / self._high),
            name=self._name,
        )

    def _forget(self) -> None:
        self._start_ns = None
        self._told = False
        self._high_ns, self._normal_ns, self._high = 0, 0, 0
        self._score_sum, self._power_sum = 0.0, 0.0
