"""Whether there are more new alerts than anybody can look at, and whether a sensor comes and goes."""

from __future__ import annotations

import math
from collections import deque
from typing import Final

from edge.clock import NS_PER_S, seconds
from edge.messages import Level
from edge.settings import RestraintSettings

MINUTE_NS: Final = 60 * NS_PER_S
MOST_LOSSES: Final = 4.0
"""A sensor's losses count up to this many times those that make it unreliable: so its alert ends three half-lives
after it has come to rest, at the latest."""


class Rate:
    """New alerts of the last minute, by level: those that ask for less never crowd out those that ask for more.

    Parameters
    ----------
    per_minute
        So many are bearable.
    """

    def __init__(self, per_minute: int) -> None:
        self._newest: dict[Level, deque[int]] = {level: deque(maxlen=per_minute) for level in Level}
        self._per_minute = per_minute

    def is_too_much(self, level: Level, t_ns: int) -> bool:
        """Another one comes at ``t_ns``: is it one too many?"""
        newest = self._newest[level]
        full = len(newest) == self._per_minute and t_ns - newest[0] < MINUTE_NS
        for other, times in self._newest.items():
            if other.rank <= level.rank:
                times.append(t_ns)
        return full


class Flapping:
    """How unreliable a sensor is: each loss counts one, and half of it is forgotten in each half-life.

    The method is that of route flap damping (RFC 2439, section 4): what comes and goes often is damped, and trusted
    again when the figure of merit has decayed below a lower threshold, so the worse it was the longer that takes.
    """

    def __init__(self, settings: RestraintSettings) -> None:
        self._settings = settings
        self._losses = 0.0
        self._t_ns = 0

    def lost(self, t_ns: int) -> None:
        """It was lost at ``t_ns``."""
        self._losses = min(self._left(t_ns) + 1.0, MOST_LOSSES * self._settings.flaps)
        self._t_ns = t_ns

    def is_unreliable(self, t_ns: int) -> bool:
        """Whether it was lost so often that its coming back means nothing."""
        # Three losses within a few minutes are a little less than 3.0 by now.
        return self._left(t_ns) > self._settings.flaps - 0.5

    def is_reliable(self, t_ns: int) -> bool:
        """Whether it has worked long enough to be trusted again."""
        return self._left(t_ns) <= self._settings.flaps / 2

    def is_forgotten(self, t_ns: int) -> bool:
        """Whether nothing is held against it any more."""
        return self._left(t_ns) < 0.05

    def _left(self, t_ns: int) -> float:
        half_lives = seconds(max(0, t_ns - self._t_ns)) / self._settings.flap_half_life_s
        return self._losses * math.exp2(-min(half_lives, 1000.0))
