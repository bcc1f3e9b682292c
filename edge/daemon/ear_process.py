"""The process of one microphone: sound in, what was heard out.  Sound itself never leaves it, nor what was said.

::

    device or session -> chunks -> Ear -> events ------> told at once   -> pipe
                                    |  '-> level, count -> told now and then
          machines on disk <--------'
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Protocol

from edge.audio.pipeline import Ear
from edge.clock import NS_PER_S, monotonic_ns
from edge.daemon.ear_models import take_up
from edge.daemon.machine_keeper import MachineKeeper
from edge.daemon.sensor_process import Ended, Outbox, Report, Told, Wait, run_sensor
from edge.messages import FRAME_NS, AudioChunk, AudioObservation, HeardEvent, SensorState
from edge.recording.folder import open_session
from edge.sensors.intake import Schedule
from edge.sensors.microphone import Microphone, MicrophoneCounts
from edge.sensors.session_microphone import SessionMicrophone
from edge.settings import EarSettings, MicrophoneSource

TELL_NS = NS_PER_S // 5
"""So often it is told that the process lives, whether or not anything is heard."""
LEVEL_S = 3.0
"""The level that is told is the mean over so long: a sound between two reports is not missed."""
MOST_EVENTS = 256
"""Events that wait for a main process that does not keep up."""


@dataclass(frozen=True, slots=True)
class PlayedTrack:
    """A microphone of a recorded session, played as if it were live."""

    session: Path
    id: str
    schedule: Schedule


@dataclass(frozen=True, slots=True)
class EarSpec:
    """What the process of a microphone is told when it starts."""

    source: MicrophoneSource | PlayedTrack
    ear: EarSettings
    machines: Path | None = None
    """Where the machines that were learnt are kept."""
    yamnet: Path | None = None
    """YAMNet's file, where the owner has put it in place."""


class Listened(Protocol):
    """What can be listened to: a device, or a session."""

    state: SensorState
    fault: str | None

    @property
    def model(self) -> str:
        """What it is."""

    @property
    def counts(self) -> MicrophoneCounts:
        """What happened so far."""

    def chunks(self) -> Iterator[AudioChunk]:
        """What is heard, as it comes."""


def listen(spec: EarSpec, pipe: Connection) -> None:
    """Run one microphone until the end; the entry of the process."""
    run_sensor(partial(_listen, spec), pipe)


def _listen(spec: EarSpec, outbox: Outbox, wait: Wait) -> Ended | None:
    def wait_and_tell(seconds: float) -> bool:
        mouth.tell_if_due()  # also while there is no device, so that the process is not taken for one that hangs
        return wait(seconds)

    models = take_up(spec.yamnet)
    full_scale_db_spl = None if isinstance(spec.source, PlayedTrack) else spec.source.full_scale_db_spl
    ear = Ear(spec.source.id, spec.ear, yamnet=models.yamnet, full_scale_db_spl=full_scale_db_spl)
    keeper = MachineKeeper(spec.machines, spec.source.id)
    keeper.look(ear)
    source = _source(spec.source, wait_and_tell)
    mouth = _Mouth(spec.source.id, source, keeper, outbox, models.fault)
    for chunk in source.chunks():
        mouth.take(ear.step(chunk), chunks=1)
        keeper.tend(ear)
    mouth.take(ear.finish(), chunks=0)
    keeper.finish(ear)
    mouth.tell()
    return None if wait(0.0) else Ended()


def _source(source: MicrophoneSource | PlayedTrack, wait: Wait) -> Listened:
    if isinstance(source, PlayedTrack):
        session = open_session(source.session)
        return SessionMicrophone(session, source.id, source.schedule, wait)
    return Microphone(
        source.id,
        wait,
        device=source.device,
        channel=source.channel,
        gain_db=source.gain_db,
        rate_hz=source.rate_hz,
    )


class _Mouth:
    """Tells events at once, and how the microphone does now and then.

    An event that finds the pipe full waits for the next time: it would not be heard again.
    """

    def __init__(
        self, microphone: str, source: Listened, keeper: MachineKeeper, outbox: Outbox, fault: str | None = None
    ) -> None:
        self._microphone = microphone
        self._source = source
        self._keeper = keeper
        self._outbox = outbox
        self._fault = fault
        self._events: tuple[HeardEvent, ...] = ()
        self._t_ns: int | None = None
        self._chunks = 0
        self._powers: deque[float] = deque(maxlen=round(LEVEL_S * NS_PER_S / FRAME_NS))
        self._told_ns = monotonic_ns() - TELL_NS
        self._drops = 0

    def take(self, observation: AudioObservation, chunks: int) -> None:
        """Remember what is to be told of it, and tell it when it is due."""
        events = self._events + observation.events
        self._drops += max(0, len(events) - MOST_EVENTS)
        self._events = events[-MOST_EVENTS:]
        self._t_ns = observation.t_ns
        self._chunks += chunks
        self._powers.extend(10.0 ** (frame.level_dbfs / 10.0) for frame in observation.frames)
        if observation.events:
            self.tell()
        self.tell_if_due()

    def tell_if_due(self) -> None:
        """Tell it, if it was not told for a while."""
        if monotonic_ns() - self._told_ns >= TELL_NS:
            self.tell()

    def tell(self) -> None:
        """Tell what happened since the last time."""
        self._told_ns = monotonic_ns()
        if self._source.state is not SensorState.OK:
            self._powers.clear()
        heard = None if self._t_ns is None else AudioObservation(self._microphone, self._t_ns, events=self._events)
        if self._outbox.offer(Told(heard, self._chunks, self._report())):
            self._events, self._t_ns, self._chunks = (), None, 0

    def _report(self) -> Report:
        counts = self._source.counts
        return Report(
            self._source.state,
            drops=counts.dropped + counts.xruns + self._drops,
            bad=counts.bad_samples,
            model=self._source.model,
            fault=self._source.fault or self._fault or self._keeper.fault,
            level_dbfs=10.0 * math.log10(sum(self._powers) / len(self._powers)) if self._powers else None,
        )
