"""What the processes of all sensors have in common: how they speak, and how they end.

One shares nothing with the main process but a pipe, and ends on SIGTERM: a lock or an event in shared memory would be
left taken by a process that is killed, and hold up the other.  When the main process does not keep up, what is told is
left out and counted; when it is gone, this one ends.
"""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from types import FrameType

from edge import logs
from edge.errors import EdgeError
from edge.messages import AudioObservation, CameraModel, DepthObservation, SensorState

MAX_WAITING = 16
LOOK_UP_S = 0.1
"""How soon the end is noticed, ours or that of the main process."""


@dataclass(frozen=True, slots=True)
class Ready:
    """The camera is open and its place is known."""

    camera: CameraModel


@dataclass(frozen=True, slots=True)
class Report:
    """How a sensor does, as its own process sees it."""

    state: SensorState = SensorState.OK
    drops: int = 0
    """What was left out so far because something was too slow."""
    bad: int = 0
    """Frames, or samples of sound, that could not be used so far."""
    model: str = ""
    fault: str | None = None
    """Why it does not see or hear, in one sentence."""
    level_dbfs: float | None = None
    """How loud it is at a microphone."""


@dataclass(frozen=True, slots=True)
class Told:
    """What was understood since the last time, if anything, and how the sensor does."""

    observation: DepthObservation | AudioObservation | None
    frames: int
    """How many frames, or chunks of sound, were taken since the last time."""
    report: Report


@dataclass(frozen=True, slots=True)
class Failed:
    """The sensor cannot go on; the process ends."""

    error: str


@dataclass(frozen=True, slots=True)
class Ended:
    """A session that is played once is over."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the camera sees now, drawn for people, as it was asked for."""

    png: bytes


@dataclass(frozen=True, slots=True)
class Show:
    """The one thing that the main process asks of a sensor: what it sees now."""


SensorMessage = Ready | Told | Shown | Failed | Ended
Wait = Callable[[float], bool]
"""Sleeps for so many seconds; True when it is time to end."""


class Outbox:
    """Hands messages to the pipe in a thread of its own, so that a full pipe never holds up the sensor."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._waiting: queue.Queue[SensorMessage | None] = queue.Queue(MAX_WAITING)
        self._thread = threading.Thread(target=self._send, name="outbox", daemon=True)
        self._thread.start()

    def offer(self, message: SensorMessage) -> bool:
        """Take a message if there is room."""
        try:
            self._waiting.put_nowait(message)
        except queue.Full:
            return False
        return True

    def asked(self) -> bool:
        """Whether the main process has asked to be shown something since the last time."""
        asked = False
        try:
            while self._pipe.poll():
                asked = isinstance(self._pipe.recv(), Show) or asked
        except (EOFError, OSError):  # the main process is gone; `wait` below notices as well
            return False
        return asked

    def finish(self, last: SensorMessage | None) -> None:
        """Say the last word and close, within a second."""
        for message in (last, None) if last is not None else (None,):
            try:
                self._waiting.put(message, timeout=0.5)
            except queue.Full:
                return
        self._thread.join(0.5)

    def _send(self) -> None:
        try:
            while (message := self._waiting.get()) is not None:
                self._pipe.send(message)
        except OSError:  # the main process is gone; `wait` below notices as well
            return


class _End:
    """Whether it is time to end: asked for by SIGTERM, or because the main process is gone."""

    def __init__(self) -> None:
        self._parent = os.getppid()
        self._asked = False
        signal.signal(signal.SIGTERM, self._ask)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self._asked = True

    def wait(self, seconds: float) -> bool:
        """Sleep; True when it is time to end."""
        until = time.monotonic() + seconds
        while not self._asked and os.getppid() == self._parent:
            left = until - time.monotonic()
            if left <= 0.0:
                return False
            time.sleep(min(left, LOOK_UP_S))
        return True


def run_sensor(work: Callable[[Outbox, Wait], Ended | None], pipe: Connection) -> None:
    """Do the work of one sensor until the end; all of what its process does.

    Parameters
    ----------
    work
        Goes on until ``Wait`` tells it to end; its :class:`~edge.errors.EdgeError` is handed on as :class:`Failed`.
    """
    for number in (signal.SIGINT, signal.SIGHUP):  # Ctrl-C goes to the whole group; the main process decides
        signal.signal(number, signal.SIG_IGN)
    end = _End()
    logs.configure(json_lines=not sys.stderr.isatty())
    outbox = Outbox(pipe)
    last: SensorMessage | None
    try:
        last = work(outbox, end.wait)
    except EdgeError as error:
        last = Failed(str(error))
    outbox.finish(last)
