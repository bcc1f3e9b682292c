"""When somebody talks: from a probability each 10 ms to events with a start and an end.

::

    probability -> rises (start), goes on (continue), pauses (bridged) -> told when over, or in pieces when it is long

Everyone who talks at once is one talk.  What was said is never looked at.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

from edge.audio.level import LOWEST_DBFS, decibels, power
from edge.clock import nanoseconds
from edge.messages import FRAME_NS, EventKind, HeardEvent


@dataclass(frozen=True, slots=True)
class SpeechRule:
    """What counts as talk."""

    start_probability: float = 0.5
    """Talk begins where it is at least this likely."""
    continue_probability: float = 0.35
    """Talk goes on while it is at least this likely: syllables end softly."""
    shortest_s: float = 0.25
    """Less talk than this in all is a click, a cough or a door."""
    gap_s: float = 0.6
    """A pause up to this long belongs to the talk; between phrases people breathe for about half a second."""
    back_s: float = 0.3
    """How long before the talk is likely its start may be put, while its likelihood was rising."""
    longest_s: float = 30.0
    """Longer talk is told in pieces of this length, so that it is known while it goes on."""

    def __post_init__(self) -> None:
        start, go_on = self.start_probability, self.continue_probability
        if not 0.0 < go_on <= start <= 1.0:
            raise ValueError(f"0 < continue_probability {go_on} <= start_probability {start} <= 1 must hold")
        if min(self.shortest_s, self.gap_s, self.back_s) < 0.0 or self.shortest_s >= self.longest_s:
            raise ValueError(f"lengths must not be negative, and {self.shortest_s} s < {self.longest_s} s")


@dataclass(frozen=True, slots=True)
class _Heard:
    """10 ms that sound like talk."""

    t_ns: int
    probability: float
    power: float
    noise_dbfs: float


@dataclass(slots=True)
class _Talk:
    """What is told of a talk when it is over; sums, so that a long one takes no more room."""

    start_ns: int
    noise_dbfs: float
    end_ns: int = 0
    frames: int = 0
    probability: float = 0.0
    power: float = 0.0

    def take(self, heard: _Heard) -> None:
        self.end_ns = max(self.end_ns, heard.t_ns + FRAME_NS)
        self.frames += 1
        self.probability += heard.probability
        self.power += heard.power

    def event(self) -> HeardEvent:
        level_dbfs = decibels(self.power / self.frames)
        return HeardEvent(
            EventKind.SPEECH,
            self.start_ns,
            self.end_ns,
            confidence=self.probability / self.frames,
            level_dbfs=level_dbfs,
            snr_db=level_dbfs - self.noise_dbfs,
        )


class Speech:
    """The talk that one microphone hears.

    The level of an event is the mean power over what sounds like talk, without its pauses; its confidence the mean
    probability over the same, and its signal-to-noise ratio the level over the noise floor where it began.
    """

    def __init__(self, rule: SpeechRule | None = None) -> None:
        self._rule = rule or SpeechRule()
        self._gap_ns = nanoseconds(self._rule.gap_s)
        self._longest_ns = nanoseconds(self._rule.longest_s)
        self._rising: deque[_Heard] = deque(maxlen=1 + nanoseconds(self._rule.back_s) // FRAME_NS)
        self._talk: _Talk | None = None
        self._last_ns: int | None = None

    def step(self, t_ns: int, probability: float, level_dbfs: float, noise_dbfs: float) -> tuple[HeardEvent, ...]:
        """Take 10 ms; the talk that has ended, or a piece of what is long."""
        told = self._after_gap(t_ns)
        self._last_ns = t_ns
        if not probability >= self._rule.continue_probability:  # nor when it is not a number
            self._rising.clear()
            return told
        heard = _Heard(t_ns, min(probability, 1.0), power(_known(level_dbfs)), _known(noise_dbfs))
        if self._talk is not None:
            self._talk.take(heard)
        else:
            self._rising.append(heard)
            if probability >= self._rule.start_probability:
                self._begin()
        return told + self._piece()

    def finish(self) -> tuple[HeardEvent, ...]:
        """The talk that was going on when the sound ended."""
        talk, self._talk = self._talk, None
        self._rising.clear()
        if talk is None or talk.frames == 0 or talk.frames * FRAME_NS < nanoseconds(self._rule.shortest_s):
            return ()
        return (talk.event(),)

    def _after_gap(self, t_ns: int) -> tuple[HeardEvent, ...]:
        """The talk that is over: its pause is too long, or time jumped (a clock set right by a little does not)."""
        jumped = self._last_ns is not None and abs(t_ns - self._last_ns) > self._gap_ns + FRAME_NS
        if jumped or (self._talk is not None and t_ns - self._talk.end_ns >= self._gap_ns):
            return self.finish()
        return ()

    def _begin(self) -> None:
        first = self._rising[0]
        self._talk = _Talk(first.t_ns, first.noise_dbfs)
        for heard in self._rising:
            self._talk.take(heard)
        self._rising.clear()

    def _piece(self) -> tuple[HeardEvent, ...]:
        """A piece of talk that is long already; what follows is told as the next."""
        talk = self._talk
        if talk is None or talk.end_ns - talk.start_ns < self._longest_ns:
            return ()
        told = self.finish()
        self._talk = _Talk(talk.end_ns, talk.noise_dbfs, talk.end_ns)
        return told


def _known(level_dbfs: float) -> float:
    return max(level_dbfs, LOWEST_DBFS) if math.isfinite(level_dbfs) else LOWEST_DBFS
