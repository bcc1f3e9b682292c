"""What does a microphone hear?  Listened to for a person who looks, and the sound of one machine learnt if wished.

::

    device, or session -> chunks -> Ear -> Meter -> shown now and then
                                     '-> MachineLearner -> model on disk, where a running box finds it

Nothing of what is heard is kept but what was learnt of a machine.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from edge.audio.machines import ALERT_SCORE, LEARN_S, LEAST_LEARN_S, MOST_LEARN_S, MachineLearner, MachineModel
from edge.audio.pipeline import Ear
from edge.audio.sounds import THRESHOLDS
from edge.clock import NS_PER_S, monotonic_ns, utc_ns
from edge.daemon.ear_models import take_up
from edge.daemon.meter import MACHINE, Meter, Reading
from edge.errors import EdgeError
from edge.messages import AudioChunk
from edge.recording.folder import Session
from edge.recording.machine_store import MACHINES, MachineStore, checked_name
from edge.recording.sound_track import SoundTrack
from edge.sensors.intake import Schedule
from edge.sensors.microphone import Microphone, MicrophoneCounts
from edge.sensors.microphone_device import Opening
from edge.sensors.session_microphone import SessionMicrophone
from edge.settings import DeviceSettings, EarSettings, MicrophoneSource

SHOW_NS = NS_PER_S // 10
OPEN_S = 10.0
"""A sound server may take seconds to answer."""
UNNAMED = "mic0"
"""What a microphone is called that no device.toml names."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants to hear."""

    device: DeviceSettings
    ear: EarSettings
    microphone: str | None = None
    """Its id, or where none is named in ``device`` the name of a sound device; None takes the only one."""
    session: Session | None = None
    """A recording to be heard instead."""
    learn: str | None = None
    """The machine whose sound is to be learnt."""
    minutes: float | None = None
    """For so long; or so much of the machine is to be heard."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far learning has come."""

    machine: str
    learnt_s: float
    of_s: float


@dataclass(frozen=True, slots=True)
class About:
    """What is listened to."""

    microphone: str
    thresholds: Mapping[str, float] = field(default_factory=dict)
    """From which score on each label is told."""
    full_scale_db_spl: float | None = None
    warnings: tuple[str, ...] = ()
    """What does not work although the rest does."""


@dataclass(frozen=True, slots=True)
class Shown:
    """All that a person is told at one moment."""

    about: About
    model: str
    reading: Reading
    progress: Progress | None
    fault: str | None
    """Why nothing is heard now."""
    lost: int = 0
    """How often sound was lost between the device and here."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """What became of a machine."""

    model: MachineModel
    path: Path
    microphone: str
    anew: bool
    """Whether one of that name was known before."""


@dataclass(frozen=True, slots=True)
class _Recorded:
    """A recording that is heard as fast as it goes: nobody needs to watch it being learnt."""

    track: SoundTrack
    stopped: threading.Event
    model: str
    fault: str | None = None
    counts: MicrophoneCounts = field(default_factory=MicrophoneCounts)

    def chunks(self) -> Iterator[AudioChunk]:
        for chunk in self.track.chunks():
            if self.stopped.is_set():
                return
            yield chunk


def listen(wish: Wish, show: Callable[[Shown], None]) -> Learnt | None:
    """Listen until the recording, the wished time, or the learning is over, or somebody presses Ctrl-C.

    Parameters
    ----------
    show
        Is given what there is to be told ten times a second, and at the end.

    Raises
    ------
    EdgeError
        If the microphone cannot be opened, or too little was heard to learn from.
    """
    if not wish.ear.enabled:
        raise EdgeError("store.toml [ear]", "hearing is switched off here", "Set enabled = true, if you may listen.")
    store = None if wish.learn is None else _store_for(wish)
    stopped = threading.Event()
    with _stopped_by_signals(stopped):
        listening = _Listening(wish, stopped, show)
        listening.run()
    if store is None or listening.learner is None:
        return None
    model = listening.learner.model()
    anew = store.stamp(model.name) is not None
    store.save(model.name, model.to_record())
    store.forget_trend(model.name)
    return Learnt(model, store.path(model.name), listening.microphone, anew)


class _Listening:
    """One microphone, from its opening to its end."""

    def __init__(self, wish: Wish, stopped: threading.Event, show: Callable[[Shown], None]) -> None:
        self._wish, self._stopped, self._show = wish, stopped, show
        self.microphone = microphone_of(wish)
        self.learner = None if wish.learn is None else MachineLearner(wish.learn, _learn_s(wish))
        machines, faults = _known(wish, self.microphone)
        # Who learns a machine waits for its sound to be long enough, and looks at nothing else.
        models = take_up(None if wish.learn is not None else wish.device.models.yamnet)
        spl = _source_of(wish).full_scale_db_spl if wish.session is None else None
        self._ear = Ear(self.microphone, wish.ear, machines, self.learner, models.yamnet, spl)
        self._meter = Meter()
        self._of_s = _learn_s(wish)
        self._shown_ns = monotonic_ns()
        self._source = self._open()
        told = {f"{MACHINE}{one.name}": ALERT_SCORE for one in machines}
        told = {**THRESHOLDS, **wish.ear.thresholds.given(), **told}
        self._about = About(self.microphone, told, spl, (*faults, *([models.fault] if models.fault else [])))

    def run(self) -> None:
        """Listen until it is over."""
        for chunk in self._source.chunks():
            self._meter.take(chunk, self._ear.step(chunk))
            if self._is_over():
                self._stopped.set()
            self._show_if_due()
        self._meter.understand(self._ear.finish())
        self._show(self._now())

    def _is_over(self) -> bool:
        if self.learner is not None:
            return self.learner.ready
        return self._wish.minutes is not None and self._meter.reading().heard_s >= 60.0 * self._wish.minutes

    def _open(self) -> Microphone | SessionMicrophone | _Recorded:
        session = self._wish.session
        if session is not None:
            track = _track_of(session, self._wish.microphone)
            if self.learner is not None:
                self._of_s = min(self._of_s, track.duration_s)
                return _Recorded(track, self._stopped, f"session {session.name}")
            schedule = Schedule(utc_ns(), 1.0, loop=False)
            return SessionMicrophone(session, track.id, schedule, self._wait)
        source = _source_of(self._wish)
        _try(source)
        return Microphone(
            source.id,
            self._wait,
            device=source.device,
            channel=source.channel,
            gain_db=source.gain_db,
            rate_hz=source.rate_hz,
        )

    def _wait(self, seconds: float) -> bool:
        self._show_if_due()
        return self._stopped.wait(seconds)

    def _show_if_due(self) -> None:
        if monotonic_ns() - self._shown_ns >= SHOW_NS:
            self._shown_ns = monotonic_ns()
            self._show(self._now())

    def _now(self) -> Shown:
        learner = self.learner
        progress = None if learner is None else Progress(learner.name, learner.learnt_s, self._of_s)
        source, counts = self._source, self._source.counts
        lost = counts.dropped + counts.xruns
        return Shown(self._about, source.model, self._meter.reading(), progress, source.fault, lost)


def microphone_of(wish: Wish) -> str:
    """The id of the microphone that is meant.

    Raises
    ------
    EdgeError
        If it is not there, or it must be said which.
    """
    if wish.session is None:
        return _source_of(wish).id
    # The machine that a clip was recorded of stands near a microphone of the box, which may be named.
    track = _track_of(wish.session, wish.microphone)
    return wish.microphone or track.id


def _source_of(wish: Wish) -> MicrophoneSource:
    known = {source.id: source for source in wish.device.microphone}
    if not known:
        return MicrophoneSource(id=UNNAMED, device=wish.microphone)
    names = ", ".join(known)
    if wish.microphone is None:
        if len(known) > 1:
            raise EdgeError("device.toml", f"names {len(known)} microphones", f"Say which one: {names}.")
        return next(iter(known.values()))
    if wish.microphone not in known:
        raise EdgeError(f"microphone {wish.microphone!r}", "is not named in device.toml", f"There are: {names}.")
    return known[wish.microphone]


def _track_of(session: Session, microphone: str | None) -> SoundTrack:
    tracks = {track.id: track for track in session.microphones}
    if not tracks:
        raise EdgeError(str(session.path), "has no sound in it", "Give one with a microphone, or a WAV or FLAC file.")
    if len(tracks) == 1:
        return next(iter(tracks.values()))
    if microphone not in tracks:
        what = f"has {len(tracks)} microphones" if microphone is None else f"has no microphone {microphone!r}"
        raise EdgeError(str(session.path), what, f"Say which one: {', '.join(tracks)}.")
    return tracks[microphone]


def _store_for(wish: Wish) -> MachineStore:
    """Where what is learnt will be kept; whatever is wrong with that is told before minutes are spent."""
    checked_name("machine", wish.learn or "")
    if wish.minutes is not None and not LEAST_LEARN_S <= 60.0 * wish.minutes <= MOST_LEARN_S:
        what = f"{wish.minutes:g} minutes cannot be learnt from"
        raise EdgeError("--minutes", what, f"Give {LEAST_LEARN_S / 60.0:g} to {MOST_LEARN_S / 60.0:g}.")
    store = MachineStore.of(wish.device.data_dir / MACHINES, microphone_of(wish))
    store.check_writable()
    return store


def _learn_s(wish: Wish) -> float:
    """As much as is wished; of a recording all of it."""
    if wish.minutes is not None:
        return 60.0 * wish.minutes
    return LEARN_S if wish.session is None else MOST_LEARN_S


def _known(wish: Wish, microphone: str) -> tuple[tuple[MachineModel, ...], tuple[str, ...]]:
    """Machines that are shown beside the other sounds, and which of them cannot be read."""
    if wish.learn is not None:
        return (), ()
    try:
        found = MachineStore.of(wish.device.data_dir / MACHINES, microphone).read_all(MachineModel.from_record)
    except EdgeError as error:
        return (), (str(error),)
    return tuple(kept.machine for kept in found.machines.values()), tuple(map(str, found.faults.values()))


def _try(source: MicrophoneSource) -> None:
    """Open a device once and let it go: a person at a terminal is told at once why it cannot be heard.

    Raises
    ------
    EdgeError
        If it cannot be.
    """
    opening = Opening(None, source.device, source.channel, source.rate_hz)
    until_ns = monotonic_ns() + round(OPEN_S * NS_PER_S)
    while not opening.over and monotonic_ns() < until_ns:
        time.sleep(0.02)
    if not opening.over:
        opening.give_up(0.0)
        raise EdgeError(f"microphone {source.id!r}", "the sound server does not answer", "Restart it.")
    if opening.error is not None:
        raise opening.error
    opening.give_up(1.0)


@contextmanager
def _stopped_by_signals(stopped: threading.Event) -> Iterator[None]:
    """Ctrl-C ends the listening, and what was learnt until then is kept; a second one ends the program."""

    def stop(number: int, _: FrameType | None) -> None:
        if stopped.is_set():
            raise KeyboardInterrupt
        stopped.set()

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
