"""What ails the box itself: a disk that fills up, and a clock that was set."""

from __future__ import annotations

from collections import deque

from edge.clock import nanoseconds, seconds
from edge.messages import Act, BoxCondition, EventKind, SceneEvent
from edge.scene.outages import Lost
from edge.settings import StoreSettings

WELL = BoxCondition()


class BoxTroubles:
    """Each trouble is an event when it begins, and an act while it lasts.

    1. Little room on the disk lasts until there has been enough for ``end_after_s``.
    2. A clock that was set is over at once; its act lasts for ``end_after_s``, so that somebody hears of it.

    Time is that of the reports, as of :class:`edge.scene.outages.Outages`.
    """

    def __init__(self, settings: StoreSettings) -> None:
        self._disk_rule, self._clock_rule = settings.alerts.disk_low, settings.alerts.clock_jump
        self._disk: Act | None = None
        self._low_ns = 0
        """When there was last too little room."""
        self._clock: Act | None = None
        self._events: deque[SceneEvent] = deque()

    @property
    def going(self) -> bool:
        """Whether there is any trouble."""
        return self._disk is not None or self._clock is not None

    def report(self, t_ns: int, box: BoxCondition) -> None:
        """How the box does at ``t_ns``."""
        if box.disk_low:
            self._low_ns = t_ns
            if self._disk is None:
                self._disk = self._begin(EventKind.DISK_LOW, t_ns)
        elif t_ns - self._low_ns >= nanoseconds(self._disk_rule.end_after_s):
            self._disk = None
        if box.clock_jumped_ns:
            self._clock = self._begin(EventKind.CLOCK_JUMP, t_ns, seconds(box.clock_jumped_ns))
        elif self._clock is not None and t_ns - self._clock.t_start_ns >= nanoseconds(self._clock_rule.end_after_s):
            self._clock = None

    def step(self, t_ns: int) -> Lost:
        """Event time is ``t_ns`` now."""
        events: list[SceneEvent] = []
        while self._events and self._events[0].t_start_ns <= t_ns:
            events.append(self._events.popleft())
        return Lost(tuple(events), tuple(act for act in (self._disk, self._clock) if act is not None))

    def _begin(self, kind: EventKind, t_ns: int, moved_s: float | None = None) -> Act:
        self._events.append(SceneEvent(kind, t_ns, t_ns, None, None, 1.0))
        return Act(kind, t_ns, None, None, 1, moved_s=moved_s)
