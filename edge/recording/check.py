"""Beyond what the settings' types say: whether what they name is there, and whether it was meant."""

from __future__ import annotations

import stat
from pathlib import Path

from edge.errors import EdgeError, SettingsError, SettingsErrors
from edge.recording.folder import open_session
from edge.settings import DeviceSettings, StoreSettings, ZoneKind, polygon_area_m2


def device_faults(device: DeviceSettings, path: Path) -> tuple[EdgeError, ...]:
    """All that is missing or unusable among the files and sessions that a device file names.

    Parameters
    ----------
    device
        The settings.
    path
        The file that they came from, for the messages.
    """
    faults: list[EdgeError] = []
    if not device.session and not device.microphone:
        what, remedy = "no camera, no microphone and no session is named", "Add a [[session]] or a [[microphone]]."
        faults.append(SettingsError(f"{path} session", what, remedy))
    for number, source in enumerate(device.session):
        try:
            open_session(source.path)
        except SettingsErrors as errors:
            faults.extend(errors.faults)
        except EdgeError as error:
            faults.append(
                SettingsError(f"{path} session[{number}].path", str(error).rstrip("."), "Name a session folder")
            )
    for key, file in (("password_file", device.broker.password_file), ("tls_ca", device.broker.tls_ca)):
        if file is not None and not file.is_file():
            faults.append(SettingsError(f"{path} broker.{key}", f"{file} is not a file", "Check the path."))
    secret = device.broker.password_file
    if secret is not None and secret.is_file() and secret.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        what = f"{secret} can be read by other users of this machine"
        faults.append(SettingsError(f"{path} broker.password_file", what, f"chmod 600 {secret}"))
    return tuple(faults)


def store_concerns(settings: StoreSettings) -> tuple[str, ...]:
    """What is allowed in ``store.toml`` but was hardly meant: one sentence each, for the installer."""
    concerns = [
        f"shelf {shelf.id!r} lies in the floor; z is the height over the floor in metres"
        for shelf in settings.shelf
        if shelf.max[2] < 0.05
    ]
    if settings.zone and not any(zone.kind in (ZoneKind.ENTRANCE, ZoneKind.EXIT) for zone in settings.zone):
        concerns.append("no zone is an entrance or an exit; people enter only where the picture ends")
    concerns += [
        f"zone {zone.id!r} covers less than 0.25 m²; are its corners in metres?"
        for zone in settings.zone
        if polygon_area_m2(zone.polygon) < 0.25
    ]
    if settings.hours is None and settings.alerts.intrusion.enabled:
        concerns.append("no opening hours are given, so the shop counts as always open and nobody is an intruder")
    return tuple(concerns)
