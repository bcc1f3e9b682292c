"""``[[channel]]`` of ``device.toml``: by which ways, besides the app, people are told of alerts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from edge.settings.fields import ClockTime, DurationS, Name, Section

AlertLevel = Literal["white", "yellow", "red"]
Language = Literal["ja", "en"]
MOST_CHANNELS = 16
PUSH_HOSTS = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    "*.push.apple.com",
    "*.notify.windows.com",
)
"""The push services of the browsers that there are."""


class _Way(Section):
    """What all ways have in common."""

    id: Name
    enabled: bool = True
    levels: Annotated[tuple[AlertLevel, ...], Field(max_length=3)] = ("red",)
    step: Annotated[int, Field(ge=0, le=10)] = 0
    """0 tells at once; n waits until the alert's ``escalation`` has reached n because nobody answered."""


class PushChannel(_Way):
    """Notifications on phones that asked for them in the app; each phone says for which levels."""

    kind: Literal["push"] = "push"
    levels: Annotated[tuple[AlertLevel, ...], Field(max_length=3)] = ("red", "yellow", "white")
    contact: Annotated[str, Field(pattern=r"^(mailto:[^\s@]+@[^\s@]+|https://\S+)$", max_length=200)] = (
        "mailto:miseban@example.com"
    )
    """Where a push service writes to when something is wrong with this box."""
    hosts: Annotated[tuple[Annotated[str, Field(pattern=r"^(\*\.)?[a-z0-9.-]{1,253}$")], ...], Field(max_length=32)] = (
        PUSH_HOSTS
    )
    """Push services that the box may speak to; ``*.`` stands for any name below."""
    private_service: bool = False
    """Whether a push service may be in the shop's own network, and without encryption."""


class AppriseChannel(_Way):
    """Any service that Apprise knows: ntfy, mail, Slack, LINE and a hundred others."""

    kind: Literal["apprise"]
    url_file: Path
    """A file with the service's address, one a line; it holds secrets and is readable by the daemon only."""
    language: Language = "ja"


class HomeAssistantChannel(_Way):
    """Entities in Home Assistant, found by themselves over the MQTT broker that both use."""

    kind: Literal["home_assistant"]
    levels: Annotated[tuple[AlertLevel, ...], Field(max_length=3)] = ("red", "yellow", "white")
    prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] = "homeassistant"
    """Home Assistant's own discovery prefix."""
    language: Language = "ja"


class SpeakerChannel(_Way):
    """A voice in the shop: a chime, and what happened where."""

    kind: Literal["speaker"]
    device: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    """The sound device's name or a part of it; without it, the machine's default one."""
    language: Language = "ja"
    volume: Annotated[float, Field(ge=0.0, le=1.0)] = 0.5
    recordings: Path | None = None
    """A folder with ``<kind>.wav`` in somebody's own voice; what is not there is synthesised."""
    quiet_from: ClockTime | None = None
    """From this time of day on it stays silent, ..."""
    quiet_to: ClockTime | None = None
    """... until this one."""

    @model_validator(mode="after")
    def _quiet_hours_have_two_ends(self) -> Self:
        if (self.quiet_from is None) != (self.quiet_to is None):
            raise ValueError("quiet_from and quiet_to belong together")
        return self


class LightChannel(_Way):
    """A light on a pin of the machine: red blinks fast, yellow slowly, white shines once."""

    kind: Literal["light"]
    pin: Annotated[int, Field(ge=0, le=53)]
    """The number by which the processor knows it (GPIO17 is 17)."""
    active_high: bool = True
    for_s: Annotated[DurationS, Field(ge=1.0)] = 20.0


ChannelSettings = Annotated[
    PushChannel | AppriseChannel | HomeAssistantChannel | SpeakerChannel | LightChannel, Field(discriminator="kind")
]


def beside(channel: ChannelSettings, folder: Path) -> ChannelSettings:
    """The same with its files taken as relative to a folder."""
    if isinstance(channel, AppriseChannel):
        return channel.model_copy(update={"url_file": folder / channel.url_file})
    if isinstance(channel, SpeakerChannel) and channel.recordings is not None:
        return channel.model_copy(update={"recordings": folder / channel.recordings})
    return channel


def with_push(given: tuple[ChannelSettings, ...]) -> tuple[ChannelSettings, ...]:
    """Phones may always ask for notifications, unless a channel of kind ``push`` says otherwise."""
    if any(channel.kind == "push" for channel in given):
        return given
    names = {channel.id for channel in given}
    free = next(name for name in ("push", *(f"push-{n}" for n in range(len(given) + 1))) if name not in names)
    return (PushChannel(id=free), *given)
