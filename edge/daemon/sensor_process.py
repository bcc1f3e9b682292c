"""The process of one camera: frames in, observations out.  Raw depth never leaves it.

It shares nothing with the main process but a pipe, and ends on SIGTERM: a lock or an event in shared memory would be
left taken by a process that is killed, and hold up the other.  When the main process does not keep up, observations
are dropped and counted; when it is gone, this one ends.
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
from pathlib import Path
from types import FrameType

from edge import logs
from edge.depth.pipeline import Eye
from edge.errors import EdgeError, FrameError
from edge.messages import CameraModel, DepthObservation
from edge.recording.folder import SkippedFrame, open_session
from edge.replay.placing import placed_cameras
from edge.sensors.intake import Schedule, SessionCamera
from edge.settings import EyeSettings, WatchedVolume

MAX_WAITING = 16
LOOK_UP_S = 0.1
"""How soon the end is noticed, ours or that of the main process."""


@dataclass(frozen=True, slots=True)
class SensorSpec:
    """What a sensor process is told when it starts."""

    session: Path
    camera: str
    schedule: Schedule
    eye: EyeSettings
    volumes: tuple[WatchedVolume, ...]
    """What is watched for things that come and go."""


@dataclass(frozen=True, slots=True)
class Ready:
    """The camera is open and its place is known."""

    camera: CameraModel


@dataclass(frozen=True, slots=True)
class Seen:
    """One frame was understood."""

    observation: DepthObservation
    drops: int
    """Frames and observations left out so far because something was too slow."""
    bad_frames: int


@dataclass(frozen=True, slots=True)
class Failed:
    """The sensor cannot go on; the process ends."""

    error: str


@dataclass(frozen=True, slots=True)
class Ended:
    """A session that is played once is over."""


SensorMessage = Ready | Seen | Failed | Ended


class Outbox:
    """Hands messages to the pipe in a thread of its own, so that a full pipe never holds up the camera."""

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


def watch(spec: SensorSpec, pipe: Connection) -> None:
    """Run one camera until the end; the entry of the process."""
    for number in (signal.SIGINT, signal.SIGHUP):  # Ctrl-C goes to the whole group; the main process decides
        signal.signal(number, signal.SIG_IGN)
    end = _End()
    logs.configure(json_lines=not sys.stderr.isatty())
    outbox = Outbox(pipe)
    last: SensorMessage | None
    try:
        last = _watch(spec, outbox, end.wait)
    except EdgeError as error:
        last = Failed(str(error))
    outbox.finish(last)


def _watch(spec: SensorSpec, outbox: Outbox, wait: Callable[[float], bool]) -> Ended | None:
    session = open_session(spec.session)
    camera = next(placed for placed in placed_cameras(session) if placed.id == spec.camera)
    eye = Eye(camera, spec.eye, session.empty(camera.id), volumes=spec.volumes)
    eye.warm_up()
    outbox.offer(Ready(camera))
    player = SessionCamera(session, camera.id, spec.schedule, wait)
    drops = bad_frames = 0
    for frame in player.frames():
        if isinstance(frame, SkippedFrame):
            bad_frames += 1
            continue
        try:
            observation = eye.step(frame)
        except FrameError:
            bad_frames += 1
            continue
        if not outbox.offer(Seen(observation, drops + player.left_out, bad_frames)):
            drops += 1
    return None if wait(0.0) else Ended()
