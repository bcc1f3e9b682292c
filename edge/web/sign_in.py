"""Says who asks, and lets no page from elsewhere ask in somebody's name."""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edge.web.access import AccessLog
from edge.web.accounts import Accounts, AccountsError
from edge.web.bodies import MAX_BODY_BYTES, Refusal
from edge.web.rights import ANYBODY
from edge.web.sessions import TOKEN_CHARS, Session, csrf_token

CSRF_HEADER: Final = "x-miseban-csrf"
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
BEFORE_SIGNING_IN: Final = frozenset({"/api/session", "/api/setup"})
BODY_TIMEOUT_S: Final = 10.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """What is needed to know who asks.

    Parameters
    ----------
    accounts
        ``None`` where nobody signs in.
    access
        Where it is noted who did what.
    tls
        Whether phones reach the page by https.
    """

    accounts: Accounts | None = None
    access: AccessLog | None = None
    tls: bool = False
    _own_csrf: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)

    @property
    def strangers_csrf(self) -> str:
        """The token of pages whose user has not signed in: pages from elsewhere cannot read it."""
        return self._own_csrf if self.accounts is None else self.accounts.strangers_csrf

    @property
    def cookie(self) -> str:
        """The session cookie's name; with ``__Host-`` a browser sees to it that nobody else has set it."""
        return "__Host-miseban" if self.tls else "miseban"


class SignedIn:
    """Finds out who asks, for HTTP and WebSockets, and guards what changes something.

    Into ``scope["state"]`` go ``user``, ``session``, ``csrf``, ``access``, and ``body`` of requests that may change
    something below ``/api/``.  Those must come from a page of ours: with our ``Origin``, where there is one, and with
    the session's token in a header.
    """

    def __init__(self, app: ASGIApp, door: Doorkeeper | None = None) -> None:
        self._app = app
        self._door = door or Doorkeeper()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or one WebSocket."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        try:
            await self._know(scope)
            if scope["type"] == "http" and scope["path"].startswith("/api/") and scope["method"] not in SAFE_METHODS:
                self._check_page(HTTPConnection(scope), scope["state"])
                body = await _read(HTTPConnection(scope), receive)
                scope["state"]["body"] = body
                receive = _again(body, receive)
        except Refusal as refusal:
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1013})
            else:
                await refusal.response()(scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _know(self, scope: Scope) -> None:
        state = scope.setdefault("state", {})
        state["access"] = self._door.access
        state["session"] = None
        state["csrf"] = self._door.strangers_csrf
        accounts = self._door.accounts
        if accounts is None:
            state["user"] = ANYBODY
            return
        state["user"] = None
        token = HTTPConnection(scope).cookies.get(self._door.cookie, "")
        if len(token) != TOKEN_CHARS:
            return
        try:
            session = accounts.sessions.of_token(token)
        except AccountsError as error:
            log.error("accounts cannot be read", error=str(error))
            raise Refusal(503, "try_again", "The accounts cannot be read now.", 5) from None
        if session is not None:
            state["session"], state["user"], state["csrf"] = session, session.user, csrf_token(token)
            if accounts.sessions.is_stale(session):
                await run_in_threadpool(touch, accounts, session)

    def _check_page(self, asked: HTTPConnection, state: Mapping[str, object]) -> None:
        if not same_origin(asked) or asked.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise Refusal(403, "origin", "This may be asked by the box's own page only.")
        given, wanted = asked.headers.get(CSRF_HEADER, ""), str(state["csrf"])
        if hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode()):
            return
        if state["user"] is None and asked.url.path not in BEFORE_SIGNING_IN:
            raise Refusal(401, "signed_out", "Sign in first.")  # the session of an open page has ended
        raise Refusal(403, "csrf", f"Send {CSRF_HEADER} as GET /api/session tells it.")


def touch(accounts: Accounts, session: Session) -> None:
    """Note that somebody is here; a disk that refuses is no reason to send them away."""
    try:
        accounts.sessions.touch(session)
    except AccountsError as error:
        log.warning("accounts cannot be written", error=str(error))


def same_origin(asked: HTTPConnection) -> bool:
    """Whether the page that asks was served by us; programs that are no browser send no Origin."""
    origin = asked.headers.get("origin")
    if origin is None:
        return True
    try:
        return urlsplit(origin).netloc.lower() == asked.headers.get("host", "").lower()
    except ValueError:
        return False


async def _read(asked: HTTPConnection, receive: Receive) -> bytes:
    """The whole body, which has a bound; and it is JSON, which no form of another page can send."""
    too_large = Refusal(413, "too_large", f"A body has at most {MAX_BODY_BYTES} bytes.")
    length = asked.headers.get("content-length", "0")
    if length.isascii() and length.isdigit() and int(length[:20]) > MAX_BODY_BYTES:
        raise too_large
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            more = True
            while more:
                message = await receive()
                if message["type"] != "http.request":
                    raise Refusal(400, "cut_off", "The body ended early.")
                body += message.get("body", b"")
                if len(body) > MAX_BODY_BYTES:
                    raise too_large
                more = message.get("more_body", False)
    except TimeoutError:
        raise Refusal(408, "too_slow", "The body took too long.") from None
    if body and asked.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise Refusal(415, "not_json", "Send the body as application/json.")
    return bytes(body)


def _again(body: bytes, receive: Receive) -> Receive:
    """The same body, for an endpoint that reads it itself."""
    given = False

    async def receive_again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again
