"""One sensor as the main process sees it: its process, its state, and what became of it."""

from __future__ import annotations

import multiprocessing
import queue
import threading
from collections import deque
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

import structlog

from edge.clock import NS_PER_S, monotonic_ns, utc_ns
from edge.daemon.sensor_process import Ended, Failed, Ready, Seen, SensorSpec, watch
from edge.messages import CameraModel, DepthObservation, EventKind, SceneEvent, SensorHealth, SensorState

STARTING_NS = 180 * NS_PER_S
"""A first start compiles the kernels, which takes a slow box a minute or two."""
STALLED_NS = 2 * NS_PER_S
LOST_NS = 6 * NS_PER_S
STEADY_NS = 30 * NS_PER_S
"""A sensor that ran this long has proved itself: its next restart is quick again."""
FIRST_BACK_OFF_NS, LAST_BACK_OFF_NS = NS_PER_S // 2, 30 * NS_PER_S
FPS_WINDOW_NS = 3 * NS_PER_S

log = structlog.get_logger(__name__)


class Sensor:
    """Starts a sensor's process, hears it, and starts it again when it dies or falls silent.

    Parameters
    ----------
    inbox
        Where observations go; one that finds it full is dropped and counted.
    """

    def __init__(self, spec: SensorSpec, model: str, inbox: queue.Queue[DepthObservation]) -> None:
        self.spec = spec
        self.camera: CameraModel | None = None
        """With its pose, once the process has found it."""
        self.state = SensorState.STARTING
        self.restarts = 0
        self._model = model
        self._inbox = inbox
        self._context = multiprocessing.get_context("spawn")
        self._stopping = False
        self._process: BaseProcess | None = None
        self._reader: threading.Thread | None = None
        self._started_ns = 0
        self._restart_ns = 0
        self._back_off_ns = FIRST_BACK_OFF_NS
        self._heard_ns: int | None = None
        self._newest_ns: int | None = None
        self._lag_ns = 0
        self._arrivals: deque[int] = deque(maxlen=400)
        self._drops = self._dropped_here = self._dropped_before = 0
        self._bad = self._bad_before = 0
        self._over = False

    @property
    def pid(self) -> int | None:
        """The process id while there is one."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Start the process; returns at once."""
        receiver, sender = self._context.Pipe(duplex=False)
        self._process = self._context.Process(
            target=watch, args=(self.spec, sender), name=f"eye-{self.spec.camera}", daemon=True
        )
        self._process.start()
        sender.close()  # the child has its own; with ours closed, its death ends the pipe
        self._started_ns, self._heard_ns = monotonic_ns(), None
        self.state = SensorState.STARTING
        self._reader = threading.Thread(target=self._read, args=(receiver,), name="hear", daemon=True)
        self._reader.start()

    def check(self) -> SceneEvent | None:
        """Look after the process; the event ``camera_lost`` when it has just been lost."""
        if self._over or self._stopping:
            return None
        now_ns = monotonic_ns()
        if self.state is SensorState.LOST:
            if now_ns >= self._restart_ns:
                self.restarts += 1
                self.start()
            return None
        assert self._process is not None
        if self._process.exitcode is not None:
            return self._lose(now_ns, f"its process ended ({self._process.exitcode})")
        if self._heard_ns is None:
            slow = now_ns - self._started_ns > STARTING_NS
            return self._lose(now_ns, "it does not start") if slow else None
        silent_ns = now_ns - self._heard_ns
        if silent_ns > LOST_NS:
            return self._lose(now_ns, "it fell silent")
        self.state = SensorState.STALLED if silent_ns > STALLED_NS else SensorState.OK
        if now_ns - self._started_ns > STEADY_NS:
            self._back_off_ns = FIRST_BACK_OFF_NS
        return None

    def health(self) -> SensorHealth:
        """How it does now."""
        now_ns = monotonic_ns()
        recent = [t for t in tuple(self._arrivals) if now_ns - t < FPS_WINDOW_NS]
        return SensorHealth(
            id=self.spec.camera,
            kind="camera",
            state=self.state,
            fps=len(recent) * NS_PER_S / FPS_WINDOW_NS,
            frame_age_ms=None if self._newest_ns is None else max(0, utc_ns() - self._newest_ns) // 1_000_000,
            lag_ms=None if self._newest_ns is None else max(0, self._lag_ns) // 1_000_000,
            drops=self._dropped_before + self._drops + self._dropped_here,
            bad_frames=self._bad_before + self._bad,
            model=self._model[:100],
        )

    def ask_to_stop(self) -> None:
        """Tell the process to end; returns at once."""
        self._stopping = True
        if self._process is not None and self._process.is_alive():
            self._process.terminate()

    def stop(self, timeout_s: float = 1.0) -> None:
        """End the process, by force when it does not go."""
        self.ask_to_stop()
        if self._process is not None:
            self._process.join(timeout_s)
            self._kill(self._process)

    def _lose(self, now_ns: int, why: str) -> SceneEvent:
        assert self._process is not None
        self._kill(self._process)
        self.state = SensorState.LOST
        self._restart_ns = now_ns + self._back_off_ns
        log.warning("camera lost", camera=self.spec.camera, why=why, retry_s=self._back_off_ns / NS_PER_S)
        self._back_off_ns = min(2 * self._back_off_ns, LAST_BACK_OFF_NS)
        self._dropped_before, self._drops = self._dropped_before + self._drops, 0
        self._bad_before, self._bad = self._bad_before + self._bad, 0
        t_ns = utc_ns()
        return SceneEvent(EventKind.CAMERA_LOST, t_ns, t_ns, None, None, 1.0, sensor=self.spec.camera)

    def _kill(self, process: BaseProcess) -> None:
        if process.is_alive():
            process.kill()
            process.join(1.0)
        if self._reader is not None:
            self._reader.join(1.0)

    def _read(self, pipe: Connection) -> None:
        """Hear the process until its end of the pipe is closed."""
        try:
            while True:
                match pipe.recv():
                    case Seen() as seen:
                        self._take(seen)
                    case Ready(camera):
                        self.camera = camera
                        log.info("camera ready", camera=camera.id)
                    case Failed(error):
                        log.error("camera failed", camera=self.spec.camera, error=error)
                    case Ended():
                        self._over = True
                        self.state = SensorState.LOST
        except (EOFError, OSError):  # it ended, or was killed in the middle of a message
            pipe.close()

    def _take(self, seen: Seen) -> None:
        self._heard_ns = monotonic_ns()
        self._arrivals.append(self._heard_ns)
        self._newest_ns = seen.observation.t_ns
        self._lag_ns = utc_ns() - seen.observation.t_ns
        self._drops, self._bad = seen.drops, seen.bad_frames
        try:
            self._inbox.put_nowait(seen.observation)
        except queue.Full:
            self._dropped_here += 1
