"""``[web]`` of ``device.toml``: who may open the page, and how what goes to it is encrypted."""

from __future__ import annotations

import ipaddress
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from edge.settings.fields import Section


class TlsMode(StrEnum):
    """Where the certificate of the page comes from."""

    AUTO = "auto"
    """From a CA of this box, which phones are led to trust; none at all where only this machine can open the page."""
    OFF = "off"
    """No encryption: for a box behind something that does it."""
    OWN = "own"
    """The owner's certificate and key."""


class WebSettings(Section):
    """The one origin that phones open."""

    host: Annotated[str, Field(min_length=1, max_length=253)] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8480
    names: Annotated[tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]{1,253}$")], ...], Field(max_length=16)] = ()
    """Host names under which phones reach the page, besides localhost and plain addresses.  Any other is refused."""
    sign_in: bool = True
    """Whether people sign in.  Without it, whoever can open the page may do all; for this machine alone."""
    tls: TlsMode = TlsMode.AUTO
    certificate: Path | None = None
    """PEM: the owner's certificate, followed by those that lead to its CA."""
    key: Path | None = None
    """PEM, without a password."""
    trust_port: Annotated[int, Field(ge=0, le=65_535)] = 8481
    """Port of the plain page that leads a phone through trusting the CA of this box."""

    @property
    def local(self) -> bool:
        """Whether only this machine can open the page."""
        if self.host.lower() == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def own_ca(self) -> bool:
        """Whether the page's certificate comes from a CA of this box."""
        return self.tls is TlsMode.AUTO and not self.local

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if not self.sign_in and not self.local:
            raise ValueError('sign_in = false opens the box to the whole network; it takes host = "127.0.0.1"')
        given = [key for key in ("certificate", "key") if getattr(self, key) is not None]
        if self.tls is TlsMode.OWN and len(given) < 2:
            raise ValueError('tls = "own" needs both certificate and key')
        if self.tls is not TlsMode.OWN and given:
            raise ValueError(f'{" and ".join(given)} would not be used; set tls = "own"')
        if self.own_ca and self.port and self.port == self.trust_port:
            raise ValueError("trust_port is the same as port; give it another")
        return self

    def beside(self, folder: Path) -> Self:
        """The same with its files taken as relative to a folder."""
        files = {key: folder / path for key in ("certificate", "key") if (path := getattr(self, key)) is not None}
        return self.model_copy(update=files)
