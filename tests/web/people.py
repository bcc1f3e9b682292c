"""People who sign in: a client that keeps its cookie and sends the token of its session, as the app does."""

from __future__ import annotations

import httpx

from edge.web.accounts import Accounts
from edge.web.passwords import Passwords
from edge.web.rights import Role

PASSWORD = "correct horse 店番"
NAMES = {Role.OWNER: "Mori", Role.STAFF: "由紀", Role.INSTALLER: "Installer", Role.VIEWER: "Viewer"}
_kept: list[str] = []


def kept_password() -> str:
    """What is kept of :data:`PASSWORD`; hashed once, for it takes a tenth of a second."""
    if not _kept:
        _kept.append(Passwords().hashed(PASSWORD))
    return _kept[0]


def settle(accounts: Accounts, name: str, role: Role) -> None:
    """Somebody who has followed their invitation."""
    invitation = accounts.invite(name, role)
    assert accounts.redeem(name, invitation.code, kept_password()) is not None


def settle_all(accounts: Accounts) -> None:
    """One person of each role."""
    for role, name in NAMES.items():
        settle(accounts, name, role)


class Person:
    """Somebody with a browser."""

    def __init__(self, url: str, **options) -> None:
        options.setdefault("verify", False)  # plain http: reading the machine's CAs takes longer than most tests
        self.client = httpx.Client(base_url=url, timeout=20.0, **options)
        self.csrf = self.client.get("/api/session").json()["csrf"]

    def ask(self, method: str, path: str, body: object = None, **options) -> httpx.Response:
        """As the app does it."""
        headers = {"x-miseban-csrf": self.csrf} | options.pop("headers", {})
        extra = {} if body is None else {"json": body}
        return self.client.request(method, path, headers=headers, **extra, **options)

    def get(self, path: str) -> httpx.Response:
        return self.ask("GET", path)

    def post(self, path: str, body: object = None, **options) -> httpx.Response:
        return self.ask("POST", path, body, **options)

    def sign_in(self, name: str, password: str = PASSWORD) -> httpx.Response:
        self.csrf = self.get("/api/session").json()["csrf"]
        answer = self.post("/api/session", {"name": name, "password": password})
        if answer.status_code == 200:
            self.csrf = answer.json()["csrf"]
        return answer

    def as_role(self, role: Role) -> Person:
        assert self.sign_in(NAMES[role]).status_code == 200
        return self

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.client.cookies.items())
