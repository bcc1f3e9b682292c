"""When the frames of a RealSense camera were taken, in UTC that never goes back.

The SDK's times are of one of two kinds.  Those of the device's own clock drift, wrap around after 71 minutes and begin
anew with it; those of "global time" are brought to this machine's clock by the SDK, and jump when that one is set.
Both are followed in the same way, against the times of arrival on the monotonic clock
(:mod:`edge.sensors.microphone_clock`).  Global time alone tells how long a frame is under way, which is then taken off.
"""

from __future__ import annotations

from edge.clock import NS_PER_S
from edge.sensors.microphone_clock import DeviceClock

TICKS = 1_000_000
"""The device's times are taken in microseconds."""
BROKEN_NS = NS_PER_S
"""A device's time that is off by more than this from one frame to the next is another clock."""
TRANSIT_FRAMES = 10
MOST_TRANSIT_NS = NS_PER_S // 4
"""A frame that seems to be longer under way has a time that means something else: a recording's, for one."""


class FrameClock:
    """UTC of the frames of one camera, for as long as it is open or opened again."""

    def __init__(self) -> None:
        self._clock: DeviceClock | None = None
        self._first_ms = self._last_ms = 0.0
        self._arrived_ns = 0
        self._told_ns = 0
        self._frames = 0
        self._transit_ns = 0
        self._is_global = False

    def reset(self) -> None:
        """Another device, or the same one after it was away: its times begin anew, ours go on."""
        self._clock = None

    def utc_ns(self, stamp_ms: float, *, is_global: bool, arrived_ns: int, utc_offset_ns: int) -> int:
        """UTC of a frame; grows from frame to frame.

        Parameters
        ----------
        stamp_ms
            The device's time.
        is_global
            Whether the SDK has brought it to UTC.
        arrived_ns
            When the frame arrived, on the monotonic clock.
        utc_offset_ns
            By how much UTC is ahead of the monotonic clock, now.
        """
        if self._clock is None or self._is_other(stamp_ms, is_global, arrived_ns):
            self._begin(stamp_ms, is_global)
        assert self._clock is not None
        self._last_ms, self._arrived_ns = stamp_ms, arrived_ns
        position = round((stamp_ms - self._first_ms) * 1000)
        self._clock.arrived(position, arrived_ns)
        if is_global:
            self._learn_transit(arrived_ns + utc_offset_ns - round(stamp_ms * 1e6))
        t_ns = self._clock.utc_ns(position, utc_offset_ns) - self._transit_ns
        self._told_ns = max(t_ns, self._told_ns + 1)
        return self._told_ns

    def _is_other(self, stamp_ms: float, is_global: bool, arrived_ns: int) -> bool:
        passed_ns = (stamp_ms - self._last_ms) * 1e6
        off_ns = abs(passed_ns - (arrived_ns - self._arrived_ns))
        return is_global is not self._is_global or passed_ns <= 0 or off_ns > BROKEN_NS

    def _begin(self, stamp_ms: float, is_global: bool) -> None:
        self._clock = DeviceClock(TICKS, self._told_ns)
        self._first_ms, self._is_global = stamp_ms, is_global
        self._frames = self._transit_ns = 0

    def _learn_transit(self, late_ns: int) -> None:
        """The least of the first frames: from then on it is fixed, so that it does not disturb the order."""
        if self._frames >= TRANSIT_FRAMES:
            return
        self._frames += 1
        if 0 <= late_ns <= MOST_TRANSIT_NS:
            self._transit_ns = late_ns if self._transit_ns == 0 else min(late_ns, self._transit_ns)
