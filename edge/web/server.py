"""The HTTP server, in a thread of this process."""

from __future__ import annotations

import errno
import socket
import threading
import time

import uvicorn
from starlette.types import ASGIApp

from edge.errors import DeliveryError
from edge.settings import WebSettings
from edge.web.mqtt_packets import MAX_PACKET_BYTES

START_TIMEOUT_S = 10.0


class WebServer:
    """Serves the application on the port of ``[web]``; port 0 takes a free one.

    Raises
    ------
    DeliveryError
        If the address is taken or cannot be used.
    """

    def __init__(self, settings: WebSettings, app: ASGIApp) -> None:
        self._socket = _bind(settings)
        self._host = settings.host
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
        return f"http://{host}:{self.port}/"

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
