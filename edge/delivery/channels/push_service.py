"""One message to one push service: encrypted for the phone, signed by the box, sent to nobody but a push service.

The address comes from whoever subscribes, so it must not make the box ask anything else in its own network: only hosts
that are known, https, the default port, no redirect, and no address of a private network behind the name.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from cryptography.hazmat.primitives.asymmetric import ec

from edge.clock import seconds, utc_ns
from edge.delivery.channels.subscriptions import Message, Subscription
from edge.errors import DeliveryError
from edge.settings.channels import PushChannel

MAX_ENDPOINT_CHARS: Final = 1000
MAX_PAYLOAD_BYTES: Final = 3000
TIMEOUT_S: Final = (5.0, 10.0)
TOKEN_S: Final = 12 * 3600
"""A day is the most that services take."""
MOST_TOKENS: Final = 100
GONE: Final = frozenset({404, 410})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a push service said."""

    status: int | None
    """None when it could not be asked."""
    fault: str | None
    """Why it was not taken, without the phone's address."""

    @property
    def gone(self) -> bool:
        """Whether the phone is not there any more."""
        return self.status in GONE


def endpoint_fault(endpoint: str, settings: PushChannel) -> str | None:
    """Why an address is not that of a push service; ``None`` when it is."""
    if not 1 <= len(endpoint) <= MAX_ENDPOINT_CHARS or not endpoint.isascii() or not endpoint.isprintable():
        return f"not 1 to {MAX_ENDPOINT_CHARS} printable characters"
    try:
        parts = urlsplit(endpoint)
        port, host = parts.port, (parts.hostname or "").lower()
    except ValueError:
        return "no address"
    if "@" in parts.netloc or " " in endpoint or "\\" in endpoint or not host:
        return "no plain address"
    if not any(_matches(host, known) for known in settings.hosts):
        return "its host is no push service that is known here; see hosts of the channel"
    if settings.private_service:
        return None if parts.scheme in ("http", "https") else "neither http nor https"
    if parts.scheme != "https" or port not in (None, 443):
        return "not https on its own port"
    return None


def _matches(host: str, known: str) -> bool:
    return host.endswith(known[1:]) if known.startswith("*.") else host == known


def key_fault(p256dh: str, auth: str) -> str | None:
    """Why a phone's keys cannot be used; ``None`` when they can."""
    try:
        point, secret = _decoded(p256dh), _decoded(auth)
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        return "p256dh is no point of P-256 in base64url"
    return None if len(point) == 65 and len(secret) == 16 else "auth is not 16 bytes in base64url"


def _decoded(text: str) -> bytes:
    if len(text) > 200 or not text.isascii():
        raise ValueError("too long")
    return base64.b64decode(text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4), validate=True)


class PushService:
    """Sends; safe to use from several threads.

    Parameters
    ----------
    folder
        Where the box's key lies; made when missing, readable by the box's user alone.
    """

    def __init__(self, settings: PushChannel, folder: Path) -> None:
        self._settings = settings
        self._key: Any = _key(folder / "push-key.pem")
        self._tokens: dict[str, tuple[int, dict[str, str]]] = {}

    @property
    def public_key(self) -> str:
        """What a browser subscribes with, base64url."""
        numbers = self._key.public_key.public_numbers()
        point = b"\x04" + numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")
        return base64.urlsafe_b64encode(point).decode().rstrip("=")

    def send(self, phone: Subscription, message: Message) -> Answer:
        """Hand a message over."""
        from pywebpush import WebPusher

        if len(message.payload) > MAX_PAYLOAD_BYTES:
            return Answer(None, f"{len(message.payload)} bytes exceed {MAX_PAYLOAD_BYTES}")
        if (fault := self._unfit(phone.endpoint)) is not None:
            return Answer(None, fault)
        keys = {"p256dh": phone.p256dh, "auth": phone.auth}
        body = WebPusher({"endpoint": phone.endpoint, "keys": keys}).encode(message.payload)["body"]
        headers = self._authorization(phone.endpoint) | {
            "content-encoding": "aes128gcm",
            "content-type": "application/octet-stream",
            "ttl": str(max(0, round(seconds(message.until_ns - utc_ns())))),
            "urgency": message.urgency,
            "topic": base64.urlsafe_b64encode(hashlib.sha256(message.topic.encode()).digest()[:24]).decode(),
        }
        return self._post(phone.endpoint, body, headers)

    def _post(self, endpoint: str, body: bytes, headers: dict[str, str]) -> Answer:
        host = urlsplit(endpoint).hostname
        try:
            with requests.post(
                endpoint, data=body, headers=headers, timeout=TIMEOUT_S, allow_redirects=False, stream=True
            ) as reply:  # its body is not read: it may be long, and nobody needs it
                status = int(reply.status_code)
        except requests.Timeout:
            return Answer(None, f"{host} does not answer")
        except requests.exceptions.SSLError:
            return Answer(None, f"{host} has no certificate that is trusted here")
        except requests.RequestException:
            return Answer(None, f"{host} cannot be reached")
        return Answer(status, None if 200 <= status < 300 else f"{host} answers with status {status}")

    def _unfit(self, endpoint: str) -> str | None:
        """What was allowed when it was kept need not be now; and names move."""
        fault = endpoint_fault(endpoint, self._settings)
        if fault is not None or self._settings.private_service:
            return fault
        host = str(urlsplit(endpoint).hostname)
        try:
            found = {entry[4][0] for entry in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)}
        except OSError:
            return f"{host} has no address; is the box on the internet?"
        if not all(ipaddress.ip_address(str(address).split("%")[0]).is_global for address in found):
            return f"{host} leads into a private network"
        return None

    def _authorization(self, endpoint: str) -> dict[str, str]:
        """Who sends (RFC 8292): the same words for half a day, for each service."""
        parts = urlsplit(endpoint)
        audience, now_s = f"{parts.scheme}://{parts.netloc}", round(seconds(utc_ns()))
        until_s, headers = self._tokens.get(audience, (0, {}))
        if until_s - now_s < TOKEN_S // 4 or until_s - now_s > TOKEN_S:
            until_s = now_s + TOKEN_S
            claims = {"aud": audience, "exp": until_s, "sub": self._settings.contact}
            headers = {name.lower(): value for name, value in self._key.sign(claims).items()}
            if len(self._tokens) >= MOST_TOKENS:
                self._tokens.clear()
            self._tokens[audience] = (until_s, headers)
        return headers


def _key(path: Path) -> Any:
    """The box's own key, for as long as it lives: a new one would silence every phone."""
    from py_vapid import Vapid02

    try:
        if not path.exists():
            made = Vapid02()
            made.generate_keys()
            new = path.with_suffix(".new")
            new.unlink(missing_ok=True)
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(made.private_pem())
                file.flush()
                os.fsync(file.fileno())
            new.replace(path)
        path.chmod(0o600)
        return Vapid02.from_pem(path.read_bytes())
    except OSError as error:
        what = f"the key for push cannot be kept ({error.strerror})"
        raise DeliveryError(str(path), what, "Check the data folder.") from None
    except Exception as error:  # noqa: BLE001  (cryptography and py_vapid raise several kinds for a file that is no key)
        remedy = "Move it away; each phone then has to switch notifications on again."
        raise DeliveryError(str(path), f"is no key ({type(error).__name__})", remedy) from None
