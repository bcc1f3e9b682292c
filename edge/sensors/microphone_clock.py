"""When the samples of a device were taken.

A device counts samples with a clock of its own, which runs some millionths fast or slow, and tells of them in blocks
that arrive late, now more, now less.  No block arrives early, though: the least late of each second lie on a straight
line, which is the device's clock as seen by ours::

    arrivals -> the least late of each second -> a line through a minute of them -> followed slowly -> UTC
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from edge.clock import NS_PER_S, monotonic_ns, nanoseconds, utc_ns

SETTLE_NS = nanoseconds(0.3)
"""So long is waited before the first time is told: the first blocks of a stream tend to arrive late."""
MEMORY_S = 60
DRIFT_AFTER_S = 10
"""The device's drift is believed when it was looked at for so long."""
MAX_DRIFT = 1e-3
"""No quartz is that bad: a steeper line is disturbed."""
LOST_NS = nanoseconds(0.05)
"""When nothing arrives less late than this any more, samples were lost unnoticed."""
FOLLOW_S = 10.0
"""Time constant with which times follow the line."""
MAX_TURN = 0.05
"""Times run at most so much faster or slower while they follow."""
JUMP_NS = nanoseconds(0.1)
"""Times that are behind by more than this go on from where they should be."""
HOPELESS_NS = 10 * NS_PER_S
"""Times that are ahead by more than this are not slowed down: the wall clock was set back."""


@dataclass(slots=True)
class _Earliest:
    """The block of one second that arrived least late."""

    position: int
    late_ns: int


class DeviceClock:
    """UTC of one unbroken run of samples, which are counted from 0.

    Times always go on: they never jump back, whatever the device and the wall clock do.  Samples that are lost without
    a word, and a wall clock that is set forward, show as a jump forward.  A wall clock that is set back by seconds is
    followed slowly; one that is set back by more than that, when the process is started again.

    What is constant in the delay between the air and our process is not seen and stays in the times: some milliseconds.

    Parameters
    ----------
    not_before_ns
        UTC before which the first sample cannot have been taken.
    """

    def __init__(self, rate_hz: int, not_before_ns: int = 0) -> None:
        self._rate_hz = rate_hz
        self._not_before_ns = not_before_ns
        self._earliest: deque[_Earliest] = deque(maxlen=MEMORY_S)
        self._drift = 0.0
        self._line_ns = 0.0
        self._first_ns: int | None = None
        self._newest_ns = 0
        self._told: tuple[float, int] | None = None
        self.losses = 0
        """How often samples must have been lost without a word."""

    @property
    def settled(self) -> bool:
        """Whether enough has arrived to ask for times."""
        return self._first_ns is not None and self._newest_ns - self._first_ns >= SETTLE_NS

    def arrived(self, position: int, at_ns: int) -> None:
        """A block that ends before sample ``position`` arrived, on our monotonic clock."""
        self._first_ns = at_ns if self._first_ns is None else self._first_ns
        self._newest_ns = at_ns
        late_ns = at_ns - self._nominal_ns(position)
        last = self._earliest[-1] if self._earliest else None
        if last is not None and last.position // self._rate_hz == position // self._rate_hz:
            if late_ns < last.late_ns:
                last.position, last.late_ns = position, late_ns
                self._line_ns = min(self._line_ns, late_ns - self._drift * self._nominal_ns(position))
            return
        self._forget_before_loss()
        self._earliest.append(_Earliest(position, late_ns))
        self._fit()

    def utc_ns(self, position: float, utc_offset_ns: int) -> int:
        """UTC at which a sample was taken; positions have to grow from call to call.

        Parameters
        ----------
        utc_offset_ns
            By how much UTC is ahead of our monotonic clock, now.
        """
        nominal_ns = self._nominal_ns(position)
        target_ns = utc_offset_ns + round(self._line_ns + self._drift * nominal_ns)
        if self._told is None:
            ahead_ns = max(target_ns, self._not_before_ns - nominal_ns)
        else:
            before, ahead_ns = self._told
            passed_ns = (position - before) * NS_PER_S / self._rate_hz
            off_ns = target_ns - ahead_ns
            if off_ns > JUMP_NS:
                ahead_ns = target_ns
            elif off_ns > -HOPELESS_NS:
                turn = max(-MAX_TURN, min(MAX_TURN, off_ns / (FOLLOW_S * NS_PER_S)))
                ahead_ns += round(turn * passed_ns)
        self._told = position, ahead_ns
        return ahead_ns + nominal_ns

    def _nominal_ns(self, position: float) -> int:
        return round(position * NS_PER_S / self._rate_hz)

    def _forget_before_loss(self) -> None:
        """Samples that are gone make all later ones later: two whole seconds of that, and the older ones are moot."""
        if len(self._earliest) < 3:
            return
        recent = [self._earliest[-2], self._earliest[-1]]
        over = [one.late_ns - self._line_ns - self._drift * self._nominal_ns(one.position) for one in recent]
        if min(over) > LOST_NS:
            self.losses += 1
            self._earliest.clear()
            self._earliest.extend(recent)

    def _fit(self) -> None:
        """A line through the earliest, as low as the lowest of them."""
        at_ns = np.array([self._nominal_ns(one.position) for one in self._earliest], np.float64)
        late_ns = np.array([one.late_ns for one in self._earliest], np.float64)
        self._drift = 0.0
        if len(at_ns) >= DRIFT_AFTER_S:
            from_middle = at_ns - at_ns.mean()
            drift = float(from_middle @ (late_ns - late_ns.mean()) / (from_middle @ from_middle))
            self._drift = max(-MAX_DRIFT, min(MAX_DRIFT, drift))
        self._line_ns = float(np.min(late_ns - self._drift * at_ns))


def utc_offset_ns() -> int:
    """By how much UTC is ahead of the monotonic clock; exact to some microseconds, also on a busy machine."""
    best: tuple[int, int] | None = None
    for _ in range(5):
        before_ns = monotonic_ns()
        now_ns = utc_ns()
        took_ns = monotonic_ns() - before_ns
        if best is None or took_ns < best[0]:
            best = took_ns, now_ns - before_ns - took_ns // 2
        if took_ns < 20_000:
            break
    assert best is not None
    return best[1]
