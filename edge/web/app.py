"""The web application: routes, cache and security headers."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edge.clock import utc_ns
from edge.delivery import wire
from edge.delivery.broker import BrokerAddress
from edge.delivery.journal import MAX_PAGE, Journal
from edge.delivery.wire import Topics
from edge.errors import DeliveryError
from edge.messages import CameraModel
from edge.recording.pictures import PictureFolder
from edge.settings import StoreSettings, WebSettings
from edge.web import api
from edge.web.mqtt_proxy import MqttProxy
from edge.web.replies import NEVER, refused, reply
from edge.web.rights import ANYBODY, Right, needs

STATIC = Path(__file__).parent / "static"
IMMUTABLE = "public, max-age=31536000, immutable"
ASK_FIRST = "no-cache"
SECURITY_HEADERS = {
    # Nothing from elsewhere, no script or style inside the page, and nobody may put the page into a frame.
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; worker-src 'self'; media-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


class Guard:
    """Answers only to our own names, so that no foreign page reaches the box by DNS rebinding; adds the headers.

    A plain address as the host name is safe: rebinding needs a name.
    """

    def __init__(self, app: ASGIApp, names: Sequence[str]) -> None:
        self._app = app
        self._names = frozenset(name.lower() for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or one WebSocket."""
        if not self._knows(Headers(scope=scope).get("host", "")):
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
                return
            refusal = PlainTextResponse("Unknown host name. Add it to web.names in device.toml.\n", status_code=421)
            await refusal(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(SECURITY_HEADERS)
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _knows(self, host: str) -> bool:
        name = host.rsplit("]", 1)[0].lstrip("[") if host.startswith("[") else host.rsplit(":", 1)[0]
        if name.lower() in self._names:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


class SignedIn:
    """Says who asks."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or one WebSocket."""
        if scope["type"] in ("http", "websocket"):
            scope.setdefault("state", {})["user"] = ANYBODY
        await self._app(scope, receive, send)


class AppFiles(StaticFiles):
    """The built app: what has a hash in its name never changes; the rest is asked for each time."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """One file, with its cache header."""
        response = await super().get_response(path, scope)
        if response.status_code in (200, 304):
            response.headers["cache-control"] = IMMUTABLE if path.startswith("assets/") else ASK_FIRST
        return response


@dataclass(frozen=True, slots=True)
class BoxParts:
    """What of the box the page shows."""

    store: StoreSettings
    topics: Topics
    journal: Journal
    pictures: PictureFolder
    cameras: Callable[[], Sequence[CameraModel]]
    """Asked at each request: a camera's pose may be known only after a while."""
    broker: Callable[[], BrokerAddress | None]


def create_app(
    settings: WebSettings, box: BoxParts, static: Path = STATIC, more: Sequence[BaseRoute] = ()
) -> Starlette:
    """The application of one box.

    Parameters
    ----------
    static
        Where the built app lies.
    more
        What else is asked for below ``/api``.
    """
    built = (static / "index.html").is_file()
    page = Mount("/", AppFiles(directory=static, html=True)) if built else Route("/", _unbuilt)
    names = ("localhost", settings.host, *settings.names)
    return Starlette(
        routes=[
            Route("/healthz", _healthz),
            *_shop_routes(box),
            *more,
            WebSocketRoute("/mqtt", MqttProxy(box.topics, box.broker).__call__),
            page,
        ],
        middleware=[
            Middleware(Guard, names=names),
            Middleware(SignedIn),
            Middleware(GZipMiddleware, minimum_size=1000),
        ],
    )


def _shop_routes(box: BoxParts) -> Iterator[Route]:
    """What is drawn, what happened, and the pictures of it."""

    def alerts(request: Request) -> Response:
        since = api.query_number(request.query_params.get("since"), 0, 0, api.MAX_SEQ)
        limit = api.query_number(request.query_params.get("limit"), 100, 1, MAX_PAGE)
        if since is None or limit is None:
            return refused(400, "out_of_bounds", f"since is 0 to {api.MAX_SEQ} and limit 1 to {MAX_PAGE}")
        try:
            return reply(wire.alert_page(box.journal.since(since, limit), since))
        except DeliveryError:
            return refused(503, "try_again", "the journal cannot be read now; ask again")

    def drawn(_: Request) -> Response:
        is_open = box.store.is_open(utc_ns())
        return reply(api.store(box.store, box.topics, box.cameras(), is_open=is_open))

    def picture(request: Request) -> Response:
        png = box.pictures.read(request.path_params["name"])
        if png is None:
            return refused(404, "no_picture", "there is no such picture, or it is older than three days")
        return Response(png, 200, {"cache-control": NEVER}, "image/png")

    yield Route("/api/alerts", needs(Right.READ, alerts))
    yield Route("/api/store", needs(Right.READ, drawn))
    yield Route("/api/pictures/{name}", needs(Right.READ, picture))


def _healthz(_: Request) -> Response:
    return reply(b'{"v":1,"state":"ok"}')


def _unbuilt(_: Request) -> Response:
    return PlainTextResponse("The app is not built. Run: make app\n", status_code=503)
