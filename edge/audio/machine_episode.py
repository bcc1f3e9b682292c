"""From scores of windows to one event for each time that a machine sounds wrong.

An event is told when high scores have lasted.  While they go on it is told again now and then, with the same start and
a later end, so that whoever was told of it knows that the fault is still there::

    high windows ... lasted -> told -> AGAIN_S -> told again -> ... -> OVER_S without any -> over
"""

from __future__ import annotations

from typing import Final

from edge.audio.machine_features import level_dbfs
from edge.audio.machine_windows import Window
from edge.clock import nanoseconds
from edge.messages import EventKind
from edge.messages.hearing import HeardEvent

AGAIN_S: Final = 240.0
OVER_S: Final = 300.0
"""Together less than the alert of a machine waits before it ends: what is told again always finds it open, and what
comes after a longer pause is another event."""


class Episodes:
    """Tells when high scores have lasted, and that they still last.

    High windows count up, normal ones count down, and what does not count changes nothing: a fault that is heard more
    than half of the time is told, however long people talk in between.  Once told, an episode lasts until no window was
    high for :data:`OVER_S`, whatever was heard instead.

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
        self._forget()

    def _forget(self) -> None:
        self._start_ns: int | None = None
        self._told_ns: int | None = None
        """Until when it lasted when it was last told."""
        self._last_ns = 0
        """Until when it was last heard."""
        self._high_ns, self._high = 0, 0
        self._score_sum, self._power_sum = 0.0, 0.0

    def step(self, window: Window, score: float) -> HeardEvent | None:
        """Take a window that counts; the event is returned with the window that makes it certain."""
        if self._told_ns is not None and window.t_end_ns - self._last_ns > nanoseconds(OVER_S):
            self._forget()
        if score >= self._alert_score:
            return self._high_window(window, score)
        if self._told_ns is None:
            self._high_ns = max(0, self._high_ns - self._hop_ns)
            if self._high_ns == 0:
                self._forget()
        return None

    def _high_window(self, window: Window, score: float) -> HeardEvent | None:
        if self._start_ns is None:
            self._start_ns = window.t_start_ns
        self._last_ns = window.t_end_ns
        self._high_ns += self._hop_ns
        self._high += 1
        self._score_sum += score
        self._power_sum += 10.0 ** (window.level_dbfs / 10.0)
        if self._told_ns is None:
            due = self._high_ns >= self._sustain_ns
        else:
            due = window.t_end_ns - self._told_ns >= nanoseconds(AGAIN_S)
        if not due:
            return None
        self._told_ns = window.t_end_ns
        return HeardEvent(
            kind=EventKind.MACHINE_ANOMALY,
            t_start_ns=self._start_ns,
            t_end_ns=window.t_end_ns,
            confidence=self._score_sum / self._high,
            level_dbfs=level_dbfs(self._power_sum / self._high),
            name=self._name,
        )
