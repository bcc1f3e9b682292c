"""A recorded session played as live cameras.

Times are moved so that a frame's ``t_ns`` is UTC now at the moment when it is handed over, and go on growing from one
loop of the session to the next.  All cameras of a session follow one schedule, also in different processes, and one
that joins late or falls behind joins in where the others are: the frames between are left out, as a camera would.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from edge.clock import monotonic_ns, nanoseconds, utc_ns
from edge.messages import DepthFrame
from edge.recording.folder import Session, SkippedFrame
from edge.settings import Hours, StoreSettings

BEHIND_NS = 500_000_000
"""A player that is later than this catches up by leaving frames out."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When each frame of a session is due.

    ``begins_ns`` is the UTC time at which the first frame of the first loop is due.
    """

    begins_ns: int
    speed: float
    loop: bool

    def due_ns(self, session: Session, loop: int, t_ns: int) -> int:
        """UTC time at which the frame recorded at ``t_ns`` is due in a loop (0 is the first)."""
        recorded_ns = loop * nanoseconds(session.duration_s) + t_ns - session.start_ns
        return self.begins_ns + round(recorded_ns / self.speed)

    def recorded(self, session: Session, now_ns: int) -> RecordedTime:
        """Where in the session the players are at a UTC time."""
        played_ns = max(0, round((now_ns - self.begins_ns) * self.speed))
        loop, within_ns = divmod(played_ns, nanoseconds(session.duration_s))
        return RecordedTime(loop, session.start_ns + within_ns)


@dataclass(frozen=True, slots=True)
class RecordedTime:
    """A time on a session's own clock, in one of its loops."""

    loop: int
    t_ns: int


class SessionCamera:
    """One camera of a session, played as if it were live.

    Parameters
    ----------
    wait
        Sleeps for so many seconds; returns True when it is time to end.
    """

    def __init__(self, session: Session, camera: str, schedule: Schedule, wait: Callable[[float], bool]) -> None:
        self._session = session
        self._camera = camera
        self._schedule = schedule
        self._wait = wait
        self._times = [entry.t_ns for entry in session.timeline(camera)]
        # The wall clock is read once: when it is set, the pace does not change and time does not go back.
        self._utc_offset_ns = utc_ns() - monotonic_ns()
        self.left_out = 0
        """Frames that were not played because their time had passed."""

    def frames(self) -> Iterator[DepthFrame | SkippedFrame]:
        """Each frame at its time; ends with the session, if it is not looped, or when ``wait`` says so."""
        loop, index = self._here()
        while self._times:
            if index >= len(self._times):
                if not self._schedule.loop:
                    return
                loop, index = loop + 1, 0
            if self._now_ns() - self._due_ns(loop, index) > BEHIND_NS:
                behind = loop * len(self._times) + index
                loop, index = self._here()
                self.left_out += max(0, loop * len(self._times) + index - behind)
                if index >= len(self._times):
                    continue
            # Decoded before its time, so that it is handed over at its time.
            frame = self._session.frame(self._camera, index)
            due_ns = self._due_ns(loop, index)
            if self._wait(max(0.0, (due_ns - self._now_ns()) / 1e9)):
                return
            yield replace(frame, t_ns=due_ns)
            index += 1

    def _here(self) -> tuple[int, int]:
        """The loop and index of the first frame that is not yet due."""
        now = self._schedule.recorded(self._session, self._now_ns())
        if now.loop and not self._schedule.loop:
            return 0, len(self._times)
        return now.loop, bisect_left(self._times, now.t_ns)

    def _due_ns(self, loop: int, index: int) -> int:
        return self._schedule.due_ns(self._session, loop, self._times[index])

    def _now_ns(self) -> int:
        return self._utc_offset_ns + monotonic_ns()


def hours_as_recorded(store: StoreSettings, recorded_ns: int, now_ns: int) -> StoreSettings:
    """Settings whose opening hours are turned so that the shop is open now if it was open when it was recorded.

    A night that is played at noon is still a night.  The turned hours stay put from then on: a session that is looped
    until its shop would have opened sees it open.
    """
    if store.hours is None:
        return store
    turn = _minute(store.local_time(now_ns)) - _minute(store.local_time(recorded_ns))
    turned = Hours(open=_turned(store.hours.open, turn), close=_turned(store.hours.close, turn))
    return store.model_copy(update={"hours": turned})


def _minute(local: datetime) -> int:
    return local.hour * 60 + local.minute


def _turned(clock_time: str, minutes: int) -> str:
    hours, minute = clock_time.split(":")
    total = (int(hours) * 60 + int(minute) + minutes) % (24 * 60)
    return f"{total // 60:02}:{total % 60:02}"
