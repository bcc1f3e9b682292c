"""Before the box runs: what could be watched with the cameras that are there, and which microphones are there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from edge.depth.shelf_sight import sights
from edge.errors import EdgeError, SettingsError
from edge.messages import VolumeSight
from edge.recording.folder import Session, open_session
from edge.recording.model_overview import model_concerns
from edge.sensors.microphone_device import find_device
from edge.settings import DeviceSettings, StoreSettings
from edge.shop_watch import watch_health


def watch_faults(
    store: tuple[Path, StoreSettings] | None, device: tuple[Path, DeviceSettings] | None
) -> tuple[EdgeError, ...]:
    """Why shelves, and zones watched for objects, cannot be watched.

    Parameters
    ----------
    store
        What the installer drew and its file; without it that of the first session of ``device`` that has one.
    device
        What is plugged in and its file.  Cameras whose place is not known yet are not asked, nor are sessions that
        cannot be opened: :func:`edge.recording.check.device_faults` tells of those.
    """
    sessions = tuple(_sessions(device[1])) if device is not None else ()
    own = next(((one.store_toml, one.store) for one in sessions if one.store_toml is not None), None)
    drawn = store or own
    if drawn is None:
        return ()
    path, settings = drawn
    faults: list[EdgeError] = []
    seen: list[VolumeSight] = []
    for session in sessions:
        try:
            seen.extend(_sights(session, settings))
        except EdgeError as error:
            faults.append(error)
    for watched in watch_health(settings, seen):
        if watched.fault is not None:
            table, name = ("zone", watched.zone) if watched.shelf is None else ("shelf", watched.shelf)
            what, _, remedy = watched.fault.rpartition("; ")
            faults.append(SettingsError(f"{path} [[{table}]] {name!r}", what, f"{remedy[:1].upper()}{remedy[1:]}."))
    return tuple(faults)


def microphone_concerns(device: DeviceSettings) -> tuple[str, ...]:
    """Which microphones cannot be found now, and which models of their ears cannot be used, in one sentence each.

    The box will look for microphones again and again, and hears without the models.
    """
    concerns = list(model_concerns(device.models))
    for source in device.microphone:
        try:
            find_device(source.device, source.channel)
        except EdgeError as error:
            concerns.append(f"[[microphone]] {source.id!r}: {error}")
    return tuple(concerns)


def _sessions(device: DeviceSettings) -> Iterator[Session]:
    for source in device.session:
        try:
            yield open_session(source.path)
        except EdgeError:
            continue


def _sights(session: Session, settings: StoreSettings) -> Iterator[VolumeSight]:
    for camera in session.cameras:
        if camera.pose is not None:
            yield from sights(camera, settings.watched(), session.empty(camera.id))
