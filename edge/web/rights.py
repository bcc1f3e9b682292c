"""Who may do what, at every door that the page has: HTTP and MQTT ask here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from edge.web.access import Deed, note
from edge.web.replies import refused


class Right(StrEnum):
    """What somebody may do."""

    READ = "read"
    """See the shop, its people as dots, its alerts."""
    ANSWER = "answer"
    """Answer alerts."""
    SNOOZE = "snooze"
    """Silence a kind of alert for a while."""
    BOX = "box"
    """See what a camera sees, test channels, fetch logs."""
    USERS = "users"
    """Say who may do what."""


class Role(StrEnum):
    """What somebody is in the shop."""

    OWNER = "owner"
    STAFF = "staff"
    INSTALLER = "installer"
    VIEWER = "viewer"

    @property
    def rights(self) -> frozenset[Right]:
        """What comes with the role."""
        return RIGHTS[self]


RIGHTS: Final[Mapping[Role, frozenset[Right]]] = {
    Role.OWNER: frozenset(Right),
    Role.STAFF: frozenset({Right.READ, Right.ANSWER, Right.SNOOZE}),
    Role.INSTALLER: frozenset({Right.READ, Right.BOX}),
    Role.VIEWER: frozenset({Right.READ}),
}


@dataclass(frozen=True, slots=True)
class User:
    """Who is asking."""

    name: str
    role: Role


ANYBODY = User("", Role.OWNER)
"""Who asks where nobody signs in: a page that this machine alone can open."""


def user_of(asked: HTTPConnection) -> User | None:
    """Who is asking; ``None`` for somebody who has not signed in."""
    user: User | None = asked.scope.get("state", {}).get("user")
    return user


def needs(right: Right, endpoint: Callable[[Request], Response]) -> Callable[[Request], Response]:
    """The same endpoint, for those who have the right."""

    def guarded(request: Request) -> Response:
        user = user_of(request)
        if user is None:
            return refused(401, "signed_out", "Sign in first.")
        if right not in user.role.rights:
            note(request, Deed.REFUSED, f"{request.method} {request.url.path}")
            return refused(403, "no_right", f"A {user.role.value} may not do this.")
        return endpoint(request)

    return guarded
