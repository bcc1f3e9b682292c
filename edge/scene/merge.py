"""Observations of several sensors, put in order of event time.

The watermark is the time that every sensor has passed.  A sensor that lags is waited for by ``lateness_s`` of event
time at most, and one that has fallen silent not at all, so that a lost camera does not slow the others.  What comes
after the watermark has passed it is counted and left out: the order that was handed on is never changed.
(Akidau et al., *The Dataflow Model*, VLDB 2015.)
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

from edge.clock import nanoseconds
from edge.messages import DepthObservation

TOGETHER_NS = nanoseconds(0.015)
"""Looks of different cameras less than this apart belong to one instant: a person walks 2 cm meanwhile."""
SILENT_NS = nanoseconds(2.0)
"""A sensor that says nothing for longer is not waited for."""


@dataclass(frozen=True, slots=True)
class Instant:
    """The looks of different cameras at (nearly) the same time, oldest first; ``t_ns`` is the time of the newest."""

    t_ns: int
    looks: tuple[DepthObservation, ...]


class EventTimeMerge:
    """Order by event time with bounded waiting.

    Parameters
    ----------
    sensors
        Cameras to wait for.  One that appears unannounced is waited for from then on.
    lateness_ns
        Longest wait for a slower sensor, measured in event time by the newest observation.
    """

    def __init__(self, sensors: Sequence[str], lateness_ns: int) -> None:
        self._newest: dict[str, int | None] = dict.fromkeys(sorted(sensors))
        self._lateness_ns = lateness_ns
        self._queue: list[tuple[int, str, DepthObservation]] = []
        self._first_ns: int | None = None
        self._passed_ns: int | None = None
        self.late = 0
        """Observations left out because their time had passed."""

    def push(self, look: DepthObservation) -> tuple[Instant, ...]:
        """Take one observation; return the instants that are now complete, oldest first."""
        newest = self._newest.get(look.camera)
        if (self._passed_ns is not None and look.t_ns <= self._passed_ns) or (
            newest is not None and look.t_ns <= newest
        ):
            self.late += 1
            return ()
        self._newest[look.camera] = look.t_ns
        if self._first_ns is None or look.t_ns < self._first_ns:
            self._first_ns = look.t_ns
        heapq.heappush(self._queue, (look.t_ns, look.camera, look))
        return self._release(self._watermark_ns())

    def advance(self, t_ns: int) -> tuple[Instant, ...]:
        """Event time ``t_ns`` is known to have passed: release all up to it."""
        released = self._release(t_ns)
        self._passed_ns = t_ns if self._passed_ns is None else max(self._passed_ns, t_ns)
        return released

    def drain(self) -> tuple[Instant, ...]:
        """Release all that waits: nothing more will come."""
        return self._release(max((t_ns for t_ns, _, _ in self._queue), default=0))

    def _watermark_ns(self) -> int:
        newest = max(t_ns for t_ns in self._newest.values() if t_ns is not None)
        # A sensor that has never spoken counts as silent since just before the start.
        start = newest if self._first_ns is None else self._first_ns - 1
        spoken = [start if t_ns is None else t_ns for t_ns in self._newest.values()]
        everybody_passed = min(t_ns for t_ns in spoken if newest - t_ns < SILENT_NS)
        return max(everybody_passed, newest - self._lateness_ns - 1)

    def _release(self, until_ns: int) -> tuple[Instant, ...]:
        instants: list[Instant] = []
        while self._queue and self._queue[0][0] <= until_ns:
            instants.append(self._instant())
        return tuple(instants)

    def _instant(self) -> Instant:
        first = heapq.heappop(self._queue)
        looks, cameras = [first[2]], {first[1]}
        while self._queue and self._queue[0][0] - first[0] <= TOGETHER_NS and self._queue[0][1] not in cameras:
            _, camera, look = heapq.heappop(self._queue)
            looks.append(look)
            cameras.add(camera)
        t_ns = looks[-1].t_ns
        self._passed_ns = t_ns if self._passed_ns is None else max(self._passed_ns, t_ns)
        return Instant(t_ns, tuple(looks))
