"""Channels as ``device.toml`` names them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from edge.delivery.broker import BrokerAddress
from edge.delivery.channels.apprise import Apprise
from edge.delivery.channels.home_assistant import HomeAssistant
from edge.delivery.channels.light import Light
from edge.delivery.channels.push import Push
from edge.delivery.channels.speaker import Speaker
from edge.delivery.channels.speech import Speech
from edge.delivery.journal import Journal
from edge.delivery.notify import Channel, Notifier
from edge.delivery.phrases import Phrases
from edge.delivery.wire import Topics
from edge.messages import Sent
from edge.settings import DeviceSettings, StoreSettings
from edge.settings.channels import (
    AppriseChannel,
    ChannelSettings,
    HomeAssistantChannel,
    Language,
    LightChannel,
    PushChannel,
    SpeakerChannel,
    with_push,
)


@dataclass(frozen=True, slots=True)
class Channels:
    """What the box tells people by."""

    notifier: Notifier
    push: Push | None
    """None where it is switched off."""


def make_channels(
    device: DeviceSettings,
    store: StoreSettings,
    journal: Journal,
    broker: Callable[[], BrokerAddress | None],
    told: Callable[[Sent], None],
) -> Channels:
    """All channels of a box, not yet started.

    Parameters
    ----------
    told
        Called whenever one of them has taken an alert.

    Raises
    ------
    DeliveryError
        When the data folder does not take what has to be kept.
    """
    made = [(one, make_channel(one, device, store, broker)) for one in with_push(device.channel)]
    push = next((channel for one, channel in made if isinstance(channel, Push) and one.enabled), None)
    return Channels(Notifier(made, journal, told), push)


def make_channel(
    settings: ChannelSettings,
    device: DeviceSettings,
    store: StoreSettings,
    broker: Callable[[], BrokerAddress | None],
) -> Channel:
    """One of them; nothing is opened or asked before it is used."""
    topics, name = Topics(device.site, device.device), store.store.name
    zones = {zone.id: zone.kind.value for zone in store.zone}

    def phrases(language: Language) -> Phrases:
        return Phrases(language, name, zones)

    def clock_time(t_ns: int) -> str:
        return store.local_time(t_ns).strftime("%H:%M")

    match settings:
        case PushChannel():
            return Push(settings, device.data_dir, name, topics, zones)
        case AppriseChannel():
            return Apprise(settings, phrases(settings.language))
        case HomeAssistantChannel():
            return HomeAssistant(settings, topics, name, phrases(settings.language), broker)
        case SpeakerChannel():
            spoken = phrases(settings.language)
            folder = device.data_dir / "speech"
            speech = Speech(folder, settings.language, spoken, settings.volume, settings.recordings)
            return Speaker(settings, speech, clock_time)
        case LightChannel():
            return Light(settings)


def extra_topics(device: DeviceSettings) -> tuple[str, ...]:
    """What a broker of ours has to let the box write besides its own topics."""
    return tuple(f"{one.prefix}/#" for one in device.channel if isinstance(one, HomeAssistantChannel) and one.enabled)
