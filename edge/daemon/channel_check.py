"""Channels before the box runs: what is hardly meant or missing, and whether one of them works."""

from __future__ import annotations

import importlib.util
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from edge.clock import monotonic_ns, utc_ns
from edge.delivery import notices
from edge.delivery.broker import Broker
from edge.delivery.channels.make import make_channel
from edge.delivery.notify import Trial
from edge.delivery.wire import Topics
from edge.errors import DeliveryError, EdgeError, SettingsError
from edge.settings import DeviceSettings, StoreSettings, load_settings
from edge.settings.channels import (
    AppriseChannel,
    ChannelSettings,
    HomeAssistantChannel,
    LightChannel,
    SpeakerChannel,
    with_push,
)


def channel_concerns(device: DeviceSettings) -> tuple[str, ...]:
    """What keeps a channel from working, or is hardly meant, in one sentence each."""
    concerns: list[str] = []
    for channel in device.channel:
        if channel.enabled:
            concerns += [f"[[channel]] {channel.id!r}: {concern}" for concern in _concerns(channel, device)]
    return tuple(concerns)


def _concerns(channel: ChannelSettings, device: DeviceSettings) -> Iterator[str]:
    if not channel.levels:
        yield "levels is empty, so it never tells anything"
    match channel:
        case AppriseChannel():
            yield from _file_concerns(channel.url_file)
        case SpeakerChannel():
            if shutil.which("espeak-ng") is None:
                yield "espeak-ng is not installed, so it says what happened but not where; apt-get install espeak-ng"
            if importlib.util.find_spec("sounddevice") is None:
                yield "sounddevice is not installed"
            if channel.recordings is not None and not channel.recordings.is_dir():
                yield f"{channel.recordings} is not a folder"
        case LightChannel():
            if importlib.util.find_spec("gpiozero") is None:
                yield 'gpiozero is not installed; pip install "miseban[light]"'
        case HomeAssistantChannel():
            if device.broker.host is None:
                yield "Home Assistant cannot reach the box's own broker; name one that both use in [broker]"
        case _:
            pass


def _file_concerns(path: Path) -> Iterator[str]:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        yield f"{path} cannot be read ({error.strerror})"
        return
    if mode & (stat.S_IRGRP | stat.S_IROTH):
        yield f"{path} can be read by others on this machine; chmod 600 {path}"


def try_channel(name: str, device_file: Path, store_file: Path | None) -> Trial:
    """Send a test by a channel, as it stands in the settings, and say what came of it.

    Raises
    ------
    EdgeError
        When there is no such channel, or the settings cannot be read.
    """
    device, store = load_settings(device_file, store_file)
    known = {channel.id: channel for channel in with_push(device.channel)}
    if name not in known:
        raise SettingsError(f"{device_file} [[channel]]", f"there is no {name!r}", f"There are: {', '.join(known)}.")
    began_ns, fault, detail = monotonic_ns(), None, None
    try:
        detail = _tried(known[name], device, store or StoreSettings())
    except DeliveryError as error:
        fault = str(error)
    return Trial(fault is None, fault, detail, (monotonic_ns() - began_ns) // 1_000_000)


def _tried(settings: ChannelSettings, device: DeviceSettings, store: StoreSettings) -> str | None:
    if isinstance(settings, HomeAssistantChannel) and device.broker.host is None:
        raise DeliveryError(settings.id, "the box's own broker is closed to other programs", "Test it in the app.")
    if not device.data_dir.is_dir():
        raise EdgeError(str(device.data_dir), "is no folder yet", "Start the box once.")
    broker = Broker(device.broker, Topics(device.site, device.device), device.data_dir / "broker")
    channel = make_channel(settings, device, store, broker.address)
    try:
        return channel.deliver(notices.trial(utc_ns()))
    finally:
        channel.close()
