"""The sound of a recorded session, heard as if it were live: each piece when it is over, with its time in UTC.

It follows the schedule of the session's cameras (:mod:`edge.sensors.intake`), and leaves out what it is late for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from edge.clock import NS_PER_S, monotonic_ns, utc_ns
from edge.messages import RATE_HZ, AudioChunk, SensorState
from edge.recording.folder import Session
from edge.sensors.intake import BEHIND_NS, Schedule
from edge.sensors.microphone import MicrophoneCounts

PIECE = RATE_HZ // 10
"""Samples that are heard at once: a tenth of a second."""


class SessionMicrophone:
    """One microphone of a session, played as if it were live.

    Parameters
    ----------
    schedule
        At speed 1: sound that is played faster is another sound.
    wait
        Sleeps for so many seconds; returns True when it is time to end.

    Raises
    ------
    ValueError
        When the schedule has another speed.
    """

    def __init__(self, session: Session, microphone: str, schedule: Schedule, wait: Callable[[float], bool]) -> None:
        if schedule.speed != 1.0:
            raise ValueError(f"sound is played at speed 1, not {schedule.speed}")
        self._session = session
        self._track = next(track for track in session.microphones if track.id == microphone)
        self._schedule = schedule
        self._wait = wait
        # The wall clock is read once: when it is set, the pace does not change and time does not go back.
        self._utc_offset_ns = utc_ns() - monotonic_ns()
        self.state = SensorState.STARTING
        self.fault: str | None = None
        self.counts = MicrophoneCounts()
        """``dropped`` are pieces that were not played because their time had passed."""
        self.model = f"session {session.name}"

    def chunks(self) -> Iterator[AudioChunk]:
        """Each piece when it is over; ends with the session, if it is not looped, or when ``wait`` says so.

        Raises
        ------
        SessionError
            When the sound can no longer be read.
        """
        loop = self._now_loop()
        while True:
            for piece in self._pieces(loop):
                late_s = (self._now_ns() - _end_ns(piece)) / NS_PER_S
                if late_s * NS_PER_S > BEHIND_NS:
                    self._leave_out()
                    continue
                if self._wait(max(0.0, -late_s)):
                    return
                self.state = SensorState.OK
                self.counts = replace(self.counts, chunks=self.counts.chunks + 1)
                yield piece
            if not self._schedule.loop:
                return
            loop = max(loop + 1, self._now_loop())

    def _pieces(self, loop: int) -> Iterator[AudioChunk]:
        """All of the sound, with the times of one loop."""
        for chunk in self._track.chunks():
            begins_ns = self._schedule.due_ns(self._session, loop, chunk.t_ns)
            for k in range(0, len(chunk.samples), PIECE):
                yield AudioChunk(chunk.microphone, begins_ns + k * NS_PER_S // RATE_HZ, chunk.samples[k : k + PIECE])

    def _leave_out(self) -> None:
        """Whoever joins late has lost nothing before."""
        if self.counts.chunks:
            self.counts = replace(self.counts, dropped=self.counts.dropped + 1)

    def _now_loop(self) -> int:
        here = self._schedule.recorded(self._session, self._now_ns())
        return here.loop if self._schedule.loop else 0

    def _now_ns(self) -> int:
        return self._utc_offset_ns + monotonic_ns()


def _end_ns(piece: AudioChunk) -> int:
    return piece.t_ns + len(piece.samples) * NS_PER_S // RATE_HZ
