"""Whether a microphone takes anything at all: a cable that is out gives the same number again and again.

A quiet room is not that: its noise, and the converter's own, differ from sample to sample.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge.audio.level import LOWEST_DBFS
from edge.clock import nanoseconds
from edge.messages import FRAME_NS, EventKind, HeardEvent

AFTER_NS = nanoseconds(5.0)
"""A driver may hand out silence for a moment while it starts."""
AGAIN_NS = nanoseconds(30.0)
"""It is told again so often while it goes on."""


class Silence:
    """Notices that all samples have been equal for a while."""

    def __init__(self) -> None:
        self._since_ns: int | None = None
        self._value: float | None = None
        self._told_ns: int | None = None

    def step(self, frame: NDArray[np.float32], t_ns: int) -> tuple[HeardEvent, ...]:
        """Take a frame (160,), and its time."""
        first = float(frame[0])
        if not np.all(frame == frame[0]):
            self._since_ns = self._value = self._told_ns = None
            return ()
        if self._since_ns is None or first != self._value:
            self._since_ns, self._value, self._told_ns = t_ns, first, None
        end_ns = t_ns + FRAME_NS
        due_ns = self._since_ns + AFTER_NS if self._told_ns is None else self._told_ns + AGAIN_NS
        if end_ns < due_ns:
            return ()
        self._told_ns = end_ns
        return (HeardEvent(EventKind.MICROPHONE_SILENT, self._since_ns, end_ns, 1.0, LOWEST_DBFS),)
