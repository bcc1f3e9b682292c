"""Who may come in, as what, and what they did: for owners."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edge.web import api
from edge.web.access import MAX_PAGE, Deed, note
from edge.web.accounts import Accounts, Invitation
from edge.web.bodies import Body, Refusal, parsed
from edge.web.replies import refused, reply
from edge.web.rights import Right, Role, needs
from edge.web.session_routes import Text
from edge.web.sign_in import Doorkeeper


class NewUser(Body):
    """``POST /api/users``."""

    name: Text
    role: Role


class ChangedUser(Body):
    """``PATCH /api/users/{name}``."""

    role: Role | None = None
    enabled: bool | None = None
    invite: bool = False


def user_routes(door: Doorkeeper) -> Iterator[Route]:
    """``/api/users`` and ``/api/access``."""

    def accounts() -> Accounts:
        if door.accounts is None:
            raise Refusal(409, "sign_in_off", "Nobody signs in here.")
        return door.accounts

    def users(request: Request) -> Response:
        if request.method == "POST":
            asked = parsed(request, NewUser)
            invitation = accounts().invite(asked.name, asked.role)
            note(request, Deed.USER_INVITED, f"{invitation.name} as {invitation.role}")
            return _invitation(invitation, 201)
        return reply({"users": _listed(accounts())})

    def user(request: Request) -> Response:
        name = request.path_params["name"]
        if request.method == "DELETE":
            removed = accounts().remove(name)
            note(request, Deed.USER_REMOVED, removed)
            return reply({"name": removed})
        asked = parsed(request, ChangedUser)
        if asked.invite and (asked.role is not None or asked.enabled is not None):
            raise Refusal(400, "bad_body", "invite stands alone.")
        if asked.invite:
            invitation = accounts().invite_again(name)
            note(request, Deed.USER_INVITED, f"{invitation.name} again")
            return _invitation(invitation, 200)
        changed = accounts().change(name, asked.role, asked.enabled)
        is_enabled = accounts().user(changed.name) is not None
        note(request, Deed.USER_CHANGED, f"{changed.name}: {changed.role}, {'enabled' if is_enabled else 'disabled'}")
        return reply({"name": changed.name, "role": changed.role, "enabled": is_enabled})

    def access(request: Request) -> Response:
        limit = api.query_number(request.query_params.get("limit"), 200, 1, MAX_PAGE)
        if limit is None:
            return refused(400, "out_of_bounds", f"limit is 1 to {MAX_PAGE}")
        entries = () if door.access is None else door.access.entries(limit)
        return reply(
            {"entries": [{"t_ms": e.t_ms, "user": e.user, "what": e.what, "detail": e.detail} for e in entries]}
        )

    yield Route("/api/users", needs(Right.USERS, users), methods=["GET", "POST"])
    yield Route("/api/users/{name}", needs(Right.USERS, user), methods=["PATCH", "DELETE"])
    yield Route("/api/access", needs(Right.USERS, access))


def _listed(accounts: Accounts) -> list[dict[str, object]]:
    return [
        {
            "name": one.name,
            "role": one.role,
            "enabled": one.enabled,
            "created_ms": one.created_ms,
            "seen_ms": one.seen_ms,
            "sessions": one.sessions,
            "invited": one.invited,
        }
        for one in accounts.users()
    ]


def _invitation(invitation: Invitation, status: int) -> Response:
    told = {"name": invitation.name, "role": invitation.role, "code": invitation.code}
    return reply({**told, "expires_ms": invitation.expires_ms}, status)
