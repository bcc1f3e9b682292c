"""The HTTP server, in a thread of this process."""

from __future__ import annotations

import errno
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

from edge.errors import DeliveryError
from edge.settings import WebSettings
from edge.web.authority import TlsFiles
from edge.web.mqtt_packets import MAX_PACKET_BYTES

START_TIMEOUT_S = 10.0


class WebServer:
    """Serves the application on the port of ``[web]``; port 0 takes a free one.

    Parameters
    ----------
    tls
        With it, by https and by nothing else.

    Raises
    ------
    DeliveryError
        If the address is taken or cannot be used.
    """

    def __init__(self, settings: WebSettings, app: ASGIApp, tls: TlsFiles | None = None) -> None:
        self._socket = _bind(settings)
        self._host = settings.host
        self._tls = tls
        self._context = None if tls is None else _server_context(tls)
        self.port = int(self._socket.getsockname()[1])
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            proxy_headers=False,
            ws_max_size=4 * MAX_PACKET_BYTES,
            ws_ping_interval=15.0,
            ws_ping_timeout=15.0,
            ws_per_message_deflate=False,
            limit_concurrency=256,
            timeout_graceful_shutdown=1,
            ssl_context_factory=None if self._context is None else self._given_context,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), name="web", daemon=True)

    @property
    def probe_host(self) -> str:
        """An address at which this machine reaches the server, without asking anybody for a name."""
        bound = str(self._socket.getsockname()[0])
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(bound, bound)  # noqa: S104  (compared, not bound)

    @property
    def url(self) -> str:
        """What to open on this machine."""
        host = self._host
        if self.probe_host == "127.0.0.1":
            host = "localhost" if _is_named_localhost() else "127.0.0.1"
        elif ":" in host:
            host = f"[{self.probe_host}]"
        return f"{self.scheme}://{host}:{self.port}/"

    @property
    def scheme(self) -> str:
        """``https`` or ``http``."""
        return "http" if self._context is None else "https"

    def show_anew(self) -> None:
        """Read the certificate again; connections that stand keep the old one.

        Raises
        ------
        DeliveryError
            If it cannot be used; the old one stays.
        """
        assert self._context is not None
        assert self._tls is not None
        try:
            self._context.load_cert_chain(self._tls.certificate, self._tls.key)
        except (ssl.SSLError, OSError) as error:
            what = f"cannot be used ({error}); the old one is shown"
            raise DeliveryError(str(self._tls.certificate), what, "Mend it.") from None

    def check_answers(self) -> None:
        """Ask the page itself, so that the address that is announced is one that works.

        Raises
        ------
        DeliveryError
            If it does not answer.
        """
        connection = self._connection()
        try:
            connection.request("GET", "/healthz")
            status = connection.getresponse().status
        except OSError as error:
            what = f"the page does not answer ({error})"
            raise DeliveryError(f"port {self.port}", what, "See the log.") from None
        finally:
            connection.close()
        if status != 200:
            raise DeliveryError(f"port {self.port}", f"the page answers with status {status}", "See the log.")

    def _connection(self) -> http.client.HTTPConnection:
        if self._tls is None:
            return http.client.HTTPConnection(self.probe_host, self.port, timeout=5)
        # This very certificate is believed and no other, whatever name it is made out to.
        pinned = ssl.create_default_context(cafile=str(self._tls.certificate))
        pinned.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        pinned.check_hostname = False
        return http.client.HTTPSConnection(self.probe_host, self.port, timeout=5, context=pinned)

    def _given_context(self, _: uvicorn.Config, __: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
        assert self._context is not None
        return self._context

    def start(self) -> None:
        """Serve, and return when it answers.

        Raises
        ------
        DeliveryError
            If it does not come up within ten seconds.
        """
        self._thread.start()
        give_up = time.monotonic() + START_TIMEOUT_S
        while not self._server.started:
            if time.monotonic() > give_up or not self._thread.is_alive():
                raise DeliveryError(self.url, "the web server does not come up", "See the log for the cause.")
            time.sleep(0.01)

    def stop(self, timeout_s: float = 3.0) -> None:
        """Close all connections and end."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        self._socket.close()


def _server_context(tls: TlsFiles) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(tls.certificate, tls.key)
    return context


def _is_named_localhost() -> bool:
    """Whether this machine knows its own name; a minimal system may have no ``/etc/hosts``."""
    try:
        return socket.gethostbyname("localhost") == "127.0.0.1"
    except OSError:
        return False


def _bind(settings: WebSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((settings.host, settings.port))
        bound.listen(128)
    except OSError as error:
        bound.close()
        where = f"web address {settings.host}, port {settings.port}"
        if error.errno == errno.EADDRINUSE:
            remedy = "End the other program, or set web.port in device.toml (0 takes a free one)."
            raise DeliveryError(where, "is in use by another program", remedy) from None
        what = f"cannot be used ({error.strerror})"
        raise DeliveryError(where, what, "Change web.host or web.port in device.toml.") from None
    return bound
