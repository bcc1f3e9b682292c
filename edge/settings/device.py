"""``device.toml``: what is plugged in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from edge.settings.camera import CameraSource
from edge.settings.channels import MOST_CHANNELS, ChannelSettings
from edge.settings.channels import beside as channel_beside
from edge.settings.fields import Name, Section
from edge.settings.store import repeated, repeated_message
from edge.settings.web import WebSettings


class SessionSource(Section):
    """Cameras and microphones that are really a recorded session, played as if live."""

    path: Path
    loop: bool = True
    speed: Annotated[float, Field(gt=0.0, le=100.0)] = 1.0


class MicrophoneSource(Section):
    """A microphone that is plugged in.  Where it hangs is drawn in ``store.toml``."""

    id: Name
    device: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    """The sound device's name or a part of it; without it, the machine's default one."""
    channel: Annotated[int, Field(ge=1, le=64)] | None = None
    """Which of the device's channels, counted from 1; without it, the mean of all."""
    gain_db: Annotated[float, Field(ge=-40.0, le=40.0)] = 0.0
    rate_hz: Annotated[int, Field(ge=8_000, le=192_000)] | None = None
    """Which rate the device is asked for; without it, the best that it offers."""
    full_scale_db_spl: Annotated[float, Field(ge=60.0, le=180.0)] | None = None
    """The sound pressure that fills the scale, after the gain; without it, levels are told in dBFS only."""


class ModelSettings(Section):
    """Files that no package brings and the owner puts in place; ``miseban models`` says where they come from."""

    yamnet: Path | None = None
    """Hears glass, alarms and screams better than what is built in."""


class BrokerSettings(Section):
    """The MQTT broker.  Without a host, one is started here: mosquitto when installed, else amqtt in this process."""

    host: Annotated[str, Field(min_length=1, max_length=253)] | None = None
    port: Annotated[int, Field(ge=1, le=65_535)] = 1883
    username: Annotated[str, Field(max_length=128)] | None = None
    password_file: Path | None = None
    tls_ca: Path | None = None


class DiskSettings(Section):
    """How much of the disk the box may take, and when that is little."""

    budget_mb: Annotated[int, Field(ge=8, le=100_000_000)] | None = None
    """The most that the data folder may hold, MB; without it, as much as the disk does."""
    low_mb: Annotated[int, Field(ge=2, le=1_000_000)] = 500
    """With less room than this the staff are told; with less than half of it, the oldest pictures go."""

    @model_validator(mode="after")
    def _low_is_less(self) -> Self:
        if self.budget_mb is not None and self.low_mb >= self.budget_mb:
            raise ValueError(f"low_mb {self.low_mb} must be below budget_mb {self.budget_mb}")
        return self


class DeviceSettings(Section):
    """``device.toml``."""

    site: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")] = "store"
    device: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")] = "box"
    data_dir: Path = Path("var")
    session: Annotated[tuple[SessionSource, ...], Field(max_length=16)] = ()
    camera: Annotated[tuple[CameraSource, ...], Field(max_length=16)] = ()
    microphone: Annotated[tuple[MicrophoneSource, ...], Field(max_length=16)] = ()
    models: ModelSettings = ModelSettings()
    disk: DiskSettings = DiskSettings()
    broker: BrokerSettings = BrokerSettings()
    web: WebSettings = WebSettings()
    channel: Annotated[tuple[ChannelSettings, ...], Field(max_length=MOST_CHANNELS)] = ()

    @model_validator(mode="after")
    def _ids_differ(self) -> Self:
        for what, ids in (
            ("camera", [one.id for one in self.camera]),
            ("camera", [one.serial for one in self.camera if one.serial is not None]),
            ("microphone", [one.id for one in self.microphone]),
            ("channel", [one.id for one in self.channel]),
        ):
            for twice in repeated(ids):
                raise ValueError(repeated_message(what, twice))
        if [one.kind for one in self.channel].count("push") > 1:
            raise ValueError("two channels are of kind push; there can be one, and each phone says for which levels")
        return self

    def beside(self, folder: Path) -> Self:
        """The same with every path that is written in it taken as relative to a folder."""
        broker = self.broker
        files = {
            key: folder / path for key in ("password_file", "tls_ca") if (path := getattr(broker, key)) is not None
        }
        sessions = tuple(source.model_copy(update={"path": folder / source.path}) for source in self.session)
        changes: dict[str, object] = {"broker": broker.model_copy(update=files), "session": sessions}
        changes["camera"] = tuple(source.beside(folder) for source in self.camera)
        changes["web"] = self.web.beside(folder)
        changes["channel"] = tuple(channel_beside(channel, folder) for channel in self.channel)
        if self.models.yamnet is not None:
            changes["models"] = ModelSettings(yamnet=folder / self.models.yamnet)
        if "data_dir" in self.model_fields_set:
            changes["data_dir"] = folder / self.data_dir
        return self.model_copy(update=changes)
