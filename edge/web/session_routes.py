"""Signing in and out, a password of one's own, and coming in for the first time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edge.web.access import Deed, note
from edge.web.accounts import Accounts
from edge.web.addresses import network_of
from edge.web.bodies import Body, Refusal, parsed
from edge.web.names import clean_name, name_key
from edge.web.passwords import Passwords, TooBusy, weakness
from edge.web.replies import reply
from edge.web.rights import Right, User, user_of
from edge.web.sessions import ABSOLUTE_MS, Session, csrf_token
from edge.web.sign_in import Doorkeeper
from edge.web.tries import Tries

Text = Annotated[str, Field(max_length=1000)]
Secret = Annotated[str, Field(max_length=1000, repr=False)]


class SignIn(Body):
    """``POST /api/session``."""

    name: Text
    password: Secret


class NewPassword(Body):
    """``POST /api/password``."""

    old: Secret
    new: Secret


class Setup(Body):
    """``POST /api/setup``."""

    code: Secret
    name: Text
    password: Secret


def session_routes(door: Doorkeeper) -> Iterator[Route]:
    """``/api/session``, ``/api/password`` and ``/api/setup``."""
    desk = None if door.accounts is None else _Desk(door, door.accounts)

    def session(request: Request) -> Response:
        if request.method == "POST":
            return at_desk().sign_in(request)
        if request.method == "DELETE":
            return at_desk().sign_out(request)
        return _told(door, user_of(request), request.scope["state"]["csrf"])

    def password(request: Request) -> Response:
        return at_desk().change_password(request)

    def setup(request: Request) -> Response:
        return at_desk().set_up(request)

    def at_desk() -> _Desk:
        if desk is None:
            raise Refusal(409, "sign_in_off", "Nobody signs in here.")
        return desk

    yield Route("/api/session", session, methods=["GET", "POST", "DELETE"])
    yield Route("/api/password", password, methods=["POST"])
    yield Route("/api/setup", setup, methods=["POST"])


class _Desk:
    """Where people show who they are."""

    def __init__(self, door: Doorkeeper, accounts: Accounts) -> None:
        self._door = door
        self._accounts = accounts
        self._passwords = Passwords()
        self._tries = Tries()

    def sign_in(self, request: Request) -> Response:
        asked = parsed(request, SignIn)
        keys = self._begin(request, asked.name)
        name = clean_name(asked.name)
        credentials = None if name is None else self._accounts.credentials(name)
        fits = self._fits(None if credentials is None else credentials.kept, asked.password, keys)
        if credentials is None or not fits:
            known = None if name is None else self._accounts.user(name)
            # A name that is nobody's is not written down: people type passwords there.
            note(request, Deed.SIGN_IN_FAILED, f"{known.name if known else 'nobody'} from {_address(request)}")
            raise Refusal(401, "wrong", "This name and password do not fit.")
        self._tries.was_right(*keys)
        return self._open(request, credentials.user, credentials.kept, Deed.SIGNED_IN)

    def sign_out(self, request: Request) -> Response:
        session: Session | None = request.scope["state"]["session"]
        if session is not None:
            self._accounts.sessions.end(session)
            note(request, Deed.SIGNED_OUT)
        response = _told(self._door, None, self._door.strangers_csrf)
        response.delete_cookie(self._door.cookie, "/", secure=self._door.tls, httponly=True, samesite="strict")
        return response

    def change_password(self, request: Request) -> Response:
        session: Session | None = request.scope["state"]["session"]
        if session is None:
            raise Refusal(401, "signed_out", "Sign in first.")
        asked = parsed(request, NewPassword)
        name = session.user.name
        _check(asked.new, name)
        keys = self._begin(request, name)
        credentials = self._accounts.credentials(name)
        if credentials is None or not self._fits(credentials.kept, asked.old, keys):
            note(request, Deed.PASSWORD_REFUSED)
            raise Refusal(401, "wrong", "The old password does not fit.")
        self._tries.was_right(*keys)
        new = self._passwords.hashed(asked.new)
        if not self._accounts.set_password(name, credentials.kept, new, session.token_hash):
            raise Refusal(409, "changed", "The account was changed meanwhile; try again.")
        note(request, Deed.PASSWORD_CHANGED)
        return _told(self._door, session.user, request.scope["state"]["csrf"])

    def set_up(self, request: Request) -> Response:
        asked = parsed(request, Setup)
        name = clean_name(asked.name)
        if name is None:
            raise Refusal(400, "bad_name", "A name is 1 to 40 printable characters without / and \\.")
        _check(asked.password, name)
        keys = self._begin(request, name)
        # The code is looked at before the slow hash, so that wrong ones cost little, and again when it is used up.
        if self._accounts.check_code(name, asked.code):
            kept = self._passwords.hashed(asked.password)
            user = self._accounts.redeem(name, asked.code, kept)
            if user is not None:
                self._tries.was_right(*keys)
                return self._open(request, user, kept, Deed.SET_UP)
        note(request, Deed.CODE_FAILED, f"from {_address(request)}")
        raise Refusal(401, "wrong_code", "This code does not fit the name, was used already, or is too old.")

    def _open(self, request: Request, user: User, kept: str, deed: Deed) -> Response:
        before: Session | None = request.scope["state"]["session"]
        if before is not None:
            self._accounts.sessions.end(before)
        token = self._accounts.sessions.open(user, kept)
        if token is None:
            raise Refusal(401, "wrong", "The account was changed meanwhile; try again.")
        request.scope["state"]["user"] = user
        note(request, deed, f"from {_address(request)}")
        response = _told(self._door, user, csrf_token(token))
        response.set_cookie(
            self._door.cookie, token, max_age=ABSOLUTE_MS // 1000, path="/",
            secure=self._door.tls, httponly=True, samesite="strict",
        )  # fmt: skip
        return response

    def _begin(self, request: Request, name: str) -> tuple[str, str]:
        keys = (name_key(name[:160]), _address(request))
        if wait_s := self._tries.begin(*keys):
            raise Refusal(429, "too_many", f"Too many tries; wait {wait_s} s.", wait_s)
        return keys

    def _fits(self, kept: str | None, password: str, keys: tuple[str, str]) -> bool:
        try:
            return self._passwords.fits(kept, password)
        except TooBusy:
            self._tries.was_none(*keys)
            raise


def _told(door: Doorkeeper, user: User | None, csrf: str) -> Response:
    """Who is there, and what they may do."""
    if door.accounts is None:
        state, rights = "signed_in", sorted(Right)
    elif user is not None:
        state, rights = "signed_in", sorted(user.role.rights)
    else:
        state, rights = "signed_out" if door.accounts.has_owner() else "setup", []
    named = None if door.accounts is None or user is None else {"name": user.name, "role": user.role}
    return reply({"state": state, "sign_in": door.accounts is not None, "user": named, "rights": rights, "csrf": csrf})


def _check(password: str, name: str) -> None:
    if (why := weakness(password, name)) is not None:
        raise Refusal(400, "weak_password", why)


def _address(request: Request) -> str:
    """Where a request comes from; of IPv6 the network, in which one machine has addresses without end."""
    host = "unknown" if request.client is None else request.client.host
    return network_of(host)
