"""A session through the very rooms that run live, as fast as wished, with the same results each time.

::

    session -> frames and sound by time -> Eye of each camera, Ear of each microphone -> Shop (scene, alerts) -> results
"""

from __future__ import annotations

import heapq
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from edge.audio.pipeline import Ear
from edge.audio.yamnet import LiteNet, Yamnet
from edge.clock import NS_PER_S, monotonic_ns, nanoseconds
from edge.depth.pipeline import Eye
from edge.errors import EdgeError, FrameError, SessionError
from edge.messages import RATE_HZ, AudioChunk, AudioObservation, DepthFrame, DepthObservation, Sent
from edge.recording.folder import Session, SkippedFrame
from edge.recording.models import YAMNET, ModelFile, read_model
from edge.replay.learnt import Learnt, learnt_machines
from edge.replay.placing import placed_cameras
from edge.replay.results import ResultWriter
from edge.replay.stages import Stages
from edge.replay.summary import CameraCount, MicrophoneCount, Summary, Tally
from edge.shop import Shop, ShopStep

CONFIRM_HORIZON_S = 3.0
"""A person is commonly confirmed within this long of being first seen."""


@dataclass(frozen=True, slots=True)
class ReplayStep:
    """One frame, or one chunk of sound, and what came of it; the last step has neither and ends what was open."""

    frame: DepthFrame | SkippedFrame | None
    observation: DepthObservation | None
    shop: tuple[ShopStep, ...]
    sound: AudioChunk | None = None
    heard: tuple[AudioObservation, ...] = ()

    @property
    def t_ns(self) -> int | None:
        """Time up to which the session was played; None at its end."""
        if self.sound is not None:
            return _end_ns(self.sound)
        return None if self.frame is None else self.frame.t_ns


class Replay:
    """One pass over a session.

    Parameters
    ----------
    session
        The session, with the settings to use.
    learnt
        Machines that its microphones listen to.
    yamnet
        YAMNet's file, to hear sounds of danger with.

    Raises
    ------
    CalibrationError
        If a camera has no pose and none can be found.
    SessionError
        If an empty view cannot be used.
    """

    def __init__(self, session: Session, learnt: Learnt | None = None, yamnet: ModelFile | None = None) -> None:
        learnt = learnt or {}
        self.session = session
        self.stages = Stages()
        self.cameras = placed_cameras(session)
        self.sounds = {
            track.id: MicrophoneCount(
                track.id, torn=track.torn, machines=tuple(model.name for model in learnt.get(track.id, ()))
            )
            for track in session.microphones
        }
        self.counts = {camera.id: CameraCount(camera.id) for camera in self.cameras}
        store = session.store
        self.models = {} if yamnet is None else {YAMNET.key: yamnet.sha256}
        helper = None if yamnet is None else Yamnet(LiteNet(yamnet.content))
        self._ears = {
            track.id: Ear(track.id, store.ear, learnt.get(track.id, ()), yamnet=helper)
            for track in session.microphones
            if store.ear.enabled
        }
        self._eyes = {c.id: Eye(c, store.eye, session.empty(c.id), store.watched()) for c in self.cameras}
        self._shop = Shop(store, [camera.id for camera in self.cameras], self.stages.measure)
        self._first_error: dict[str, FrameError] = {}
        for eye in self._eyes.values():
            eye.warm_up()

    def steps(self) -> Iterator[ReplayStep]:
        """Play the session once.

        Raises
        ------
        SessionError
            At the end, if a camera had more bad frames than good ones.
        """
        taken = self._taken()
        while True:
            with self.stages.measure("read"):
                one = next(taken, None)
            if one is None:
                break
            yield self._hear(one) if isinstance(one, AudioChunk) else self._step(one)
        heard = tuple(ear.finish() for ear in self._ears.values())
        for observation in heard:
            self._shop.hear(observation)
        yield ReplayStep(None, None, self._shop.finish(), heard=heard)
        self._judge_frames()

    def _taken(self) -> Iterator[DepthFrame | SkippedFrame | AudioChunk]:
        """Frames and chunks of sound by the time at which they were there: a chunk when its last sample was taken."""
        sounds = [track.chunks() for track in self.session.microphones if track.id in self._ears]
        return heapq.merge(self.session.frames(), *sounds, key=_there_ns)

    def _hear(self, chunk: AudioChunk) -> ReplayStep:
        with self.stages.measure("ear"):
            heard = self._ears[chunk.microphone].step(chunk)
        self.sounds[chunk.microphone].seconds += len(chunk.samples) / RATE_HZ
        self._shop.hear(heard)
        # Where there are cameras, their frames move the shop's time on.
        shop = () if self.cameras else self._shop.advance(heard.t_ns)
        return ReplayStep(None, None, shop, chunk, (heard,))

    def _step(self, frame: DepthFrame | SkippedFrame) -> ReplayStep:
        count = self.counts[frame.camera]
        count.frames += 1
        try:
            if isinstance(frame, SkippedFrame):
                raise frame.error
            with self.stages.measure("eye"):
                observation = self._eyes[frame.camera].step(frame)
        except FrameError as error:
            count.skipped += 1
            self._first_error.setdefault(frame.camera, error)
            skipped = frame if isinstance(frame, SkippedFrame) else SkippedFrame(frame.camera, frame.t_ns, error)
            return ReplayStep(skipped, None, ())
        instants = self._shop.step(observation)
        for alert in chain.from_iterable(instant.alerts for instant in instants):
            self._shop.sent(Sent(alert.alert_id, alert.t_ns))  # nothing stands between a replay and those who read it
        return ReplayStep(frame, observation, instants)

    def _judge_frames(self) -> None:
        for count in self.counts.values():
            if count.skipped > count.frames / 2:
                first = self._first_error[count.camera]
                what = (
                    f"{first.what}, and {count.skipped} of the {count.frames} frames of camera {count.camera!r} are bad"
                )
                raise SessionError(first.where, what, "Record the session again.")


def _end_ns(chunk: AudioChunk) -> int:
    return chunk.t_ns + len(chunk.samples) * NS_PER_S // RATE_HZ


def _there_ns(taken: DepthFrame | SkippedFrame | AudioChunk) -> int:
    return _end_ns(taken) if isinstance(taken, AudioChunk) else taken.t_ns


def run(
    session: Session,
    out: Path | None = None,
    speed: float | None = None,
    on_step: Callable[[ReplayStep], None] = lambda step: None,
    *,
    machines: Path | None = None,
    yamnet: Path | None = None,
) -> Summary:
    """Replay a session and write its results.

    Parameters
    ----------
    session
        An open session.
    out
        Folder for the result files; nothing is written without one.
    speed
        Times real time; ``None`` is as fast as it goes.  The results are the same bytes at any speed.
    on_step
        Told after each step, for a progress bar.
    machines
        Folder of machines that were learnt and are to be listened to; what it holds bears on the results.
    yamnet
        YAMNet's file, to hear sounds of danger with; it bears on the results, and the summary names it.

    Raises
    ------
    EdgeError
        If the session cannot be played or the results cannot be written; what was written stays valid.
    """
    if out is not None and out.resolve().is_relative_to(session.path.resolve()):
        raise SessionError(str(out), "lies inside the session itself", "Choose another folder with --out.")
    if out is None:
        with tempfile.TemporaryDirectory(prefix="miseban-") as folder:
            return run(session, Path(folder), speed, on_step, machines=machines, yamnet=yamnet)
    began_ns = monotonic_ns()
    learnt = None if machines is None else learnt_machines(machines, [track.id for track in session.microphones])
    replay = Replay(session, learnt, None if yamnet is None else read_model(YAMNET, yamnet))
    horizon_ns = nanoseconds(CONFIRM_HORIZON_S + session.store.scene.confirm_s)
    with ResultWriter(out, horizon_ns, hears=bool(session.microphones)) as writer:
        return _Run(replay, writer, began_ns, monotonic_ns()).play(speed, on_step)


@dataclass(slots=True)
class _Run:
    """A replay on its way to its result files."""

    replay: Replay
    writer: ResultWriter
    began_ns: int
    prepared_ns: int
    tally: Tally = field(default_factory=Tally)

    def play(self, speed: float | None, on_step: Callable[[ReplayStep], None]) -> Summary:
        error: str | None = "stopped"
        try:
            for step in self.replay.steps():
                if speed is not None and step.t_ns is not None:
                    self._wait_for(step.t_ns, speed)
                self._take(step)
                on_step(step)
            error = None
        except EdgeError as fault:
            error = str(fault)
            raise
        finally:
            if error is not None:
                with suppress(SessionError):  # the disk may be what failed; the first error is the one to show
                    self._conclude(error)
        return self._conclude(None)

    def _take(self, step: ReplayStep) -> None:
        for observation in step.heard:
            self.writer.hear(observation)
        for instant in step.shop:
            self.tally.add(instant.update, instant.alerts)
            self.writer.write(instant.update, instant.alerts)

    def _wait_for(self, t_ns: int, speed: float) -> None:
        due_ns = self.prepared_ns + round((t_ns - self.replay.session.start_ns) / speed)
        time.sleep(max(0, due_ns - monotonic_ns()) / NS_PER_S)

    def _conclude(self, error: str | None) -> Summary:
        """Write what still waits, and the summary."""
        elapsed_s = (monotonic_ns() - self.prepared_ns) / NS_PER_S
        summary = Summary(
            session=self.replay.session,
            cameras=tuple(self.replay.counts.values()),
            microphones=tuple(self.replay.sounds.values()),
            tally=self.tally,
            stages=self.replay.stages.times(),
            elapsed_s=elapsed_s,
            prepare_s=(self.prepared_ns - self.began_ns) / NS_PER_S,
            results=self.writer.finish(),
            models=self.replay.models,
            complete=error is None,
            error=error,
        )
        self.writer.write_summary(summary.record())
        return summary
