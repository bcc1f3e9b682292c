"""One sensor as the main process sees it: its process, its state, and what became of it."""

from __future__ import annotations

import multiprocessing
import queue
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Generic, Literal, TypeVar

import structlog

from edge.clock import NS_PER_S, monotonic_ns, utc_ns
from edge.daemon.sensor_process import Ended, Failed, Ready, Report, Show, Shown, Told
from edge.messages import AudioObservation, CameraModel, DepthObservation, SensorHealth, SensorState

STARTING_NS = 180 * NS_PER_S
"""A first start compiles the kernels, which takes a slow box a minute or two."""
STALLED_NS = 2 * NS_PER_S
LOST_NS = 6 * NS_PER_S
LOOK_S = 2.0
"""So long a camera has to show what it sees."""
STEADY_NS = 30 * NS_PER_S
"""A sensor that ran this long has proved itself: its next restart is quick again."""
FIRST_BACK_OFF_NS, LAST_BACK_OFF_NS = NS_PER_S // 2, 30 * NS_PER_S
FPS_WINDOW_NS = 3 * NS_PER_S

Inbox = queue.Queue[DepthObservation | AudioObservation]
SpecT = TypeVar("SpecT")

log = structlog.get_logger(__name__)


class Sensor(Generic[SpecT]):
    """Starts a sensor's process, hears it, and starts it again when it dies or falls silent.

    Parameters
    ----------
    work
        The entry of the process; it is given ``spec`` and the end of a pipe into which it tells.
    inbox
        Where observations go; one that finds it full is dropped and counted.
    model
        What the sensor is, as far as that is known before its process says so.
    """

    def __init__(
        self,
        sensor_id: str,
        kind: Literal["camera", "microphone"],
        work: Callable[[SpecT, Connection], None],
        spec: SpecT,
        inbox: Inbox,
        model: str = "",
    ) -> None:
        self.id = sensor_id
        self.kind = kind
        self.camera: CameraModel | None = None
        """With its pose, once the process has found it."""
        self.state = SensorState.STARTING
        self.restarts = 0
        self._work, self._spec = work, spec
        self._inbox = inbox
        self._context = multiprocessing.get_context("spawn")
        self._stopping = False
        self._process: BaseProcess | None = None
        self._reader: threading.Thread | None = None
        self._started_ns = 0
        self._restart_ns: int | None = None
        """When a process that was lost is started again."""
        self._back_off_ns = FIRST_BACK_OFF_NS
        self._heard_ns: int | None = None
        self._newest_ns: int | None = None
        self._lag_ns = 0
        self._arrivals: deque[tuple[int, int]] = deque(maxlen=400)
        """When frames or chunks came, and how many."""
        self._report = Report(SensorState.STARTING, model=model)
        self._fault: str | None = None
        """Why its process ended."""
        self._dropped_here = self._dropped_before = self._bad_before = 0
        self._over = False
        self._pipe: Connection | None = None
        self._looking = threading.Lock()
        self._shown: queue.Queue[bytes] = queue.Queue(1)

    @property
    def over(self) -> bool:
        """Whether it played a session once, to its end: it has nothing more to tell, and is not lost."""
        return self._over

    @property
    def pid(self) -> int | None:
        """The process id while there is one."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Start the process; returns at once."""
        receiver, sender = self._context.Pipe()
        self._process = self._context.Process(
            target=self._work, args=(self._spec, sender), name=f"{self.kind}-{self.id}", daemon=True
        )
        self._process.start()
        sender.close()  # the child has its own; with ours closed, its death ends the pipe
        self._started_ns, self._heard_ns = monotonic_ns(), None
        self.state, self._restart_ns = SensorState.STARTING, None
        self._pipe = receiver
        self._reader = threading.Thread(target=self._read, args=(receiver,), name="hear", daemon=True)
        self._reader.start()

    def check(self) -> bool:
        """Look after the process; whether it has just been lost."""
        if self._over or self._stopping:
            return False
        now_ns = monotonic_ns()
        if self._restart_ns is not None:
            if now_ns >= self._restart_ns:
                self.restarts += 1
                self.start()
            return False
        assert self._process is not None
        why = self._ailment(self._process, now_ns)
        if why is not None:
            self._lose(self._process, now_ns, why)
            return not self._over
        if self._heard_ns is not None:
            self.state = SensorState.STALLED if now_ns - self._heard_ns > STALLED_NS else self._report.state
            if now_ns - self._started_ns > STEADY_NS:
                self._back_off_ns = FIRST_BACK_OFF_NS
        return False

    def health(self) -> SensorHealth:
        """How it does now."""
        now_ns = monotonic_ns()
        report = self._report
        frames = sum(count for t_ns, count in tuple(self._arrivals) if now_ns - t_ns < FPS_WINDOW_NS)
        return SensorHealth(
            id=self.id,
            kind=self.kind,
            state=self.state,
            fps=frames * NS_PER_S / FPS_WINDOW_NS,
            frame_age_ms=None if self._newest_ns is None else max(0, utc_ns() - self._newest_ns) // 1_000_000,
            lag_ms=None if self._newest_ns is None else max(0, self._lag_ns) // 1_000_000,
            drops=self._dropped_before + report.drops + self._dropped_here,
            bad_frames=self._bad_before + report.bad,
            model=report.model[:100],
            fault=self._fault or report.fault,
            level_dbfs=report.level_dbfs,
        )

    def look(self) -> bytes | None:
        """What it sees now, as a PNG drawn for people; None where it shows nothing in time.

        One look at a time: those who look together see the same camera one after the other.
        """
        with self._looking:
            pipe = self._pipe
            if pipe is None or self.state is not SensorState.OK:
                return None
            while not self._shown.empty():
                self._shown.get_nowait()  # what came too late for an earlier look
            try:
                pipe.send(Show())
                return self._shown.get(timeout=LOOK_S)
            except (OSError, queue.Empty):
                return None

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

    def _ailment(self, process: BaseProcess, now_ns: int) -> str | None:
        """Why the process is of no use any more, or None."""
        if process.exitcode is not None:
            return f"its process ended ({process.exitcode})"
        if self._heard_ns is None:
            return "it does not start" if now_ns - self._started_ns > STARTING_NS else None
        return "it fell silent" if now_ns - self._heard_ns > LOST_NS else None

    def _lose(self, process: BaseProcess, now_ns: int, why: str) -> None:
        self._kill(process)
        self.state = SensorState.LOST
        self._restart_ns = now_ns + self._back_off_ns
        log.warning("sensor lost", kind=self.kind, id=self.id, why=why, retry_s=self._back_off_ns / NS_PER_S)
        self._back_off_ns = min(2 * self._back_off_ns, LAST_BACK_OFF_NS)
        if self._fault is None:  # it has not said so itself
            self._fault = f"{self.kind} {self.id!r}: {why}. It is started again."
        report = self._report
        self._dropped_before, self._bad_before = self._dropped_before + report.drops, self._bad_before + report.bad
        self._report = Report(SensorState.STARTING, model=report.model)

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
                    case Told() as told:
                        self._take(told)
                    case Shown(png):
                        if self._shown.empty():
                            self._shown.put_nowait(png)
                    case Ready(camera):
                        self.camera = camera
                        log.info("camera ready", camera=camera.id)
                    case Failed(error):
                        self._fault = error
                        log.error("sensor failed", kind=self.kind, id=self.id, error=error)
                    case Ended():
                        self._over = True
                        self.state = SensorState.LOST
        except (EOFError, OSError):  # it ended, or was killed in the middle of a message
            pipe.close()

    def _take(self, told: Told) -> None:
        now_ns = self._heard_ns = monotonic_ns()
        self._report, self._fault = replace(told.report, model=told.report.model or self._report.model), None
        if told.frames:
            self._arrivals.append((now_ns, told.frames))
        if told.observation is None:
            return
        self._newest_ns = told.observation.t_ns
        self._lag_ns = utc_ns() - told.observation.t_ns
        try:
            self._inbox.put_nowait(told.observation)
        except queue.Full:
            self._dropped_here += 1
