"""The web application: routes, cache and security headers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from edge.clock import utc_ns
from edge.delivery import wire
from edge.delivery.broker import BrokerAddress
from edge.delivery.journal import MAX_PAGE, Journal
from edge.delivery.wire import Topics
from edge.errors import DeliveryError
from edge.messages import CameraModel
from edge.recording.pictures import PictureFolder
from edge.settings import StoreSettings, TlsMode, WebSettings
from edge.web import api
from edge.web.access import Deed, note
from edge.web.addresses import own_names
from edge.web.faults import HANDLERS
from edge.web.guard import Guard
from edge.web.mqtt_proxy import MqttProxy
from edge.web.openapi import openapi_routes
from edge.web.replies import NEVER, refused, reply
from edge.web.rights import Right, needs
from edge.web.session_routes import session_routes
from edge.web.sign_in import Doorkeeper, SignedIn
from edge.web.user_routes import user_routes

STATIC = Path(__file__).parent / "static"
IMMUTABLE = "public, max-age=31536000, immutable"
ASK_FIRST = "no-cache"


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
    settings: WebSettings,
    box: BoxParts,
    static: Path = STATIC,
    more: Sequence[BaseRoute] = (),
    door: Doorkeeper | None = None,
) -> Starlette:
    """The application of one box.

    Parameters
    ----------
    static
        Where the built app lies.
    more
        What else is asked for below ``/api``.
    door
        Knows who asks; must have accounts where people sign in.
    """
    door = door or Doorkeeper()
    assert settings.sign_in == (door.accounts is not None), "who signs in must be known, and nobody else"
    built = (static / "index.html").is_file()
    page = Mount("/", AppFiles(directory=static, html=True)) if built else Route("/", _unbuilt)
    names = ("localhost", settings.host, *settings.names, *(() if settings.local else own_names()))
    return Starlette(
        routes=[
            Route("/healthz", _healthz),
            *session_routes(door),
            *user_routes(door),
            *_shop_routes(box),
            *openapi_routes(),
            *more,
            WebSocketRoute("/mqtt", MqttProxy(box.topics, box.broker, door).__call__),
            page,
        ],
        middleware=[
            Middleware(Guard, names=names, https_only=settings.tls is TlsMode.OWN and not settings.local),
            Middleware(SignedIn, door=door),
            Middleware(GZipMiddleware, minimum_size=1000),
        ],
        exception_handlers=HANDLERS,
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
        note(request, Deed.PICTURE, request.path_params["name"])
        return Response(png, 200, {"cache-control": NEVER}, "image/png")

    yield Route("/api/alerts", needs(Right.READ, alerts))
    yield Route("/api/store", needs(Right.READ, drawn))
    yield Route("/api/pictures/{name}", needs(Right.READ, picture))


def _healthz(_: Request) -> Response:
    return reply(b'{"v":1,"state":"ok"}')


def _unbuilt(_: Request) -> Response:
    return PlainTextResponse("The app is not built. Run: make app\n", status_code=503)
