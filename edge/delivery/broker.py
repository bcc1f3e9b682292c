"""The MQTT broker: a configured one, else ``mosquitto`` as a child of ours, else amqtt in this process.

Starting one takes a while and may fail; nothing waits for it.  :meth:`Broker.address` is ``None`` until a broker
answers, and may change when one had to be replaced.
"""

from __future__ import annotations

import secrets
import shutil
import socket
import ssl
import threading
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from edge.delivery.amqtt_broker import AmqttBroker
from edge.delivery.mosquitto import MosquittoBroker
from edge.delivery.roles import Account, Roles
from edge.delivery.wire import Topics
from edge.errors import DeliveryError
from edge.settings import BrokerSettings

EXTERNAL, MOSQUITTO, AMQTT = "external", "mosquitto", "amqtt"
LOOPBACK = "127.0.0.1"
FIRST_BACK_OFF_S, LAST_BACK_OFF_S = 0.2, 10.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where the broker listens, and the accounts to use there."""

    kind: str
    host: str
    port: int
    box: Account | None
    """This daemon's account; ``None`` for a broker that asks for none."""
    app: Account | None
    """The account that the web proxy uses in the name of phones."""
    tls_ca: Path | None = field(default=None)


class Broker:
    """Keeps a broker running.

    Parameters
    ----------
    settings
        ``[broker]`` of ``device.toml``.
    topics
        What the accounts may read and write.
    folder
        Where a broker of ours keeps its files; made with mode 0700.
    mosquitto
        The program, or ``None`` to do without.  By default the one on PATH.
    more
        Topics outside the box's own that it may read and write too.

    Raises
    ------
    DeliveryError
        If the password file or certificate of an external broker cannot be read.
    """

    def __init__(
        self,
        settings: BrokerSettings,
        topics: Topics,
        folder: Path,
        mosquitto: str | None = "mosquitto",
        more: tuple[str, ...] = (),
    ) -> None:
        self._folder = folder
        box, app = (Account(name, secrets.token_urlsafe(32)) for name in ("box", "app"))
        self._roles = Roles(topics, box, app, more)
        self._stop = threading.Event()
        self._address: BrokerAddress | None = None
        self._thread: threading.Thread | None = None
        self._program = _program(mosquitto)
        self.restarts = 0
        """How often a broker of ours had to be started again."""
        if settings.host is not None:
            account = _external_account(settings)
            _check_certificate(settings.tls_ca)
            self._address = BrokerAddress(EXTERNAL, settings.host, settings.port, account, account, settings.tls_ca)
        self._external = settings.host is not None
        self._was_up = False

    @property
    def kind(self) -> str:
        """``external``, ``mosquitto`` or ``amqtt``: the one in use, or the one being started."""
        if self._address is not None:
            return self._address.kind
        return MOSQUITTO if self._program else AMQTT

    def address(self) -> BrokerAddress | None:
        """Where to connect now, or ``None`` while no broker is up."""
        return self._address

    def start(self) -> None:
        """Begin; returns at once."""
        if not self._external:
            self._thread = threading.Thread(target=self._keep_running, name="broker", daemon=True)
            self._thread.start()

    def stop(self, timeout_s: float = 3.0) -> None:
        """End a broker of ours."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _keep_running(self) -> None:
        back_off_s, port = FIRST_BACK_OFF_S, free_port()
        while not self._stop.is_set():
            broker = self._new_broker(port)
            try:
                broker.start()
            except DeliveryError as error:
                log.warning("broker did not start", error=str(error))
                broker.stop()
                if not self._was_up:
                    self._program = None  # mosquitto never ran here; amqtt needs nothing but this process
                port = free_port()
            else:
                back_off_s = FIRST_BACK_OFF_S
                self._watch(broker, port)
            if not self._stop.wait(back_off_s):
                self.restarts += 1
                back_off_s = min(2 * back_off_s, LAST_BACK_OFF_S)

    def _watch(self, broker: MosquittoBroker | AmqttBroker, port: int) -> None:
        """Until the broker ends, or we do."""
        kind = MOSQUITTO if self._program else AMQTT
        self._was_up = True
        self._address = BrokerAddress(kind, LOOPBACK, port, self._roles.box, self._roles.app)
        log.info("broker is up", kind=kind, port=port)
        while broker.alive() and not self._stop.wait(0.1):
            pass
        if not self._stop.is_set():
            log.warning("broker ended; starting it again", kind=kind, restarts=self.restarts + 1)
        self._address = None  # nobody is sent to a broker that is ending: it may take connections and never answer
        broker.stop()

    def _new_broker(self, port: int) -> MosquittoBroker | AmqttBroker:
        if self._program:
            return MosquittoBroker(self._program, self._folder, self._roles, port)
        return AmqttBroker(self._roles, port)


def _program(name: str | None) -> str | None:
    """The path of mosquitto.  Debian puts it in /usr/sbin, which is not on everybody's PATH."""
    if name is None:
        return None
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")


def _external_account(settings: BrokerSettings) -> Account | None:
    if settings.username is None:
        return None
    password = ""
    if settings.password_file is not None:
        try:
            password = settings.password_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            what = f"cannot be read ({error.__class__.__name__})"
            raise DeliveryError(str(settings.password_file), what, "Check broker.password_file.") from None
    return Account(settings.username, password)


def _check_certificate(tls_ca: Path | None) -> None:
    if tls_ca is None:
        return
    try:
        ssl.create_default_context(cafile=str(tls_ca))
    except OSError as error:  # ssl.SSLError is one
        what = f"is not a certificate that can be used ({error.strerror or error})"
        raise DeliveryError(str(tls_ca), what, "Check broker.tls_ca: a PEM file.") from None


def free_port() -> int:
    """A TCP port on loopback that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
