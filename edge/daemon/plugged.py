"""What is plugged in, as sensors that can be started: microphones, and recorded sessions that are played as if live."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import structlog

from edge.daemon.ear_process import EarSpec, PlayedTrack, listen
from edge.daemon.eye_process import EyeSpec, watch
from edge.daemon.sensor import Inbox, Sensor
from edge.errors import EdgeError
from edge.messages import CameraModel
from edge.recording.folder import Session, open_session
from edge.recording.machine_store import MACHINES
from edge.sensors.intake import Schedule, hours_as_recorded
from edge.settings import DeviceSettings, SessionSource, StoreSettings

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Plugged:
    """All sensors of the box, and the settings of the shop that they belong to."""

    store: StoreSettings
    cameras: tuple[tuple[CameraModel, Sensor[EyeSpec]], ...]
    """Each as it was recorded, and its sensor."""
    microphones: tuple[Sensor[EarSpec], ...]

    @property
    def sensors(self) -> tuple[Sensor[EyeSpec] | Sensor[EarSpec], ...]:
        """Cameras first."""
        return (*(sensor for _, sensor in self.cameras), *self.microphones)


@dataclass(frozen=True, slots=True)
class _Played:
    """A session that is played as cameras and microphones."""

    source: SessionSource
    session: Session
    schedule: Schedule


def plug(device: DeviceSettings, store: StoreSettings | None, inbox: Inbox, now_ns: int) -> Plugged:
    """Make every sensor ready to be started.

    Parameters
    ----------
    store
        What the installer drew; without it that of the first session that has some.
    inbox
        Where sensors tell what they saw and heard.
    now_ns
        UTC; when sessions begin.

    Raises
    ------
    EdgeError
        When there is nothing to run, or two sensors have the same id.
    """
    if device.camera:
        log.warning("live cameras are not run yet; left out", cameras=[source.id for source in device.camera])
    played = tuple(
        _Played(source, open_session(source.path), Schedule(now_ns, source.speed, source.loop))
        for source in device.session
    )
    drawn = _settings(store, played, now_ns)
    cameras = tuple(
        (camera, Sensor(camera.id, "camera", watch, _eye(one, camera, drawn), inbox, camera.model))
        for one in played
        for camera in one.session.cameras
    )
    plugged = Plugged(drawn, cameras, tuple(_microphones(device, played, drawn, inbox)))
    _check(plugged)
    return plugged


def _settings(store: StoreSettings | None, played: tuple[_Played, ...], now_ns: int) -> StoreSettings:
    """Those given, else those of the first session that has some, else those of a shop that is not drawn."""
    if store is not None:
        return store
    own = next((one.session for one in played if one.session.store_toml is not None), None)
    return StoreSettings() if own is None else hours_as_recorded(own.store, own.start_ns, now_ns)


def _eye(played: _Played, camera: CameraModel, store: StoreSettings) -> EyeSpec:
    return EyeSpec(played.session.path, camera.id, played.schedule, store.eye, store.watched())


def _microphones(
    device: DeviceSettings, played: tuple[_Played, ...], store: StoreSettings, inbox: Inbox
) -> Iterator[Sensor[EarSpec]]:
    """None at all where the ear is off."""
    if not store.ear.enabled:
        log.info("the ear is off: no microphone is opened")
        return
    machines = device.data_dir / MACHINES
    for source in device.microphone:
        yield Sensor(source.id, "microphone", listen, EarSpec(source, store.ear, machines, device.models.yamnet), inbox)
    for one in played:
        if one.source.speed != 1.0 and one.session.microphones:
            log.warning("sound is played at speed 1 only; left out", session=one.session.name, speed=one.source.speed)
            continue
        for track in one.session.microphones:
            played_track = PlayedTrack(one.session.path, track.id, one.schedule)
            spec = EarSpec(played_track, store.ear, machines, device.models.yamnet)
            yield Sensor(track.id, "microphone", listen, spec, inbox)


def _check(plugged: Plugged) -> None:
    sensors = plugged.sensors
    if not sensors:
        what, remedy = "names no camera and no microphone", "Add a [[microphone]], or a [[session]] that was recorded."
        if not plugged.store.ear.enabled:
            what, remedy = "names no camera, and the ear is off", "Set enabled = true under [ear] in store.toml."
        raise EdgeError("device.toml", what, remedy)
    ids = [sensor.id for sensor in sensors]
    twice = next((sensor for sensor in sensors if ids.count(sensor.id) > 1), None)
    if twice is not None:
        kinds = {sensor.kind for sensor in sensors if sensor.id == twice.id}
        what = f"two {kinds.pop()}s are" if len(kinds) == 1 else "a camera and a microphone are both"
        raise EdgeError("device.toml", f"{what} called {twice.id!r}", "Rename one, in device.toml or session.json.")
