"""What goes wrong behind an endpoint, as an answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import structlog
from starlette.requests import Request
from starlette.responses import Response

from edge.errors import EdgeError
from edge.web.accounts import AccountsError, RefusedChange
from edge.web.bodies import Refusal
from edge.web.passwords import TooBusy

STATUS: Final = {"bad_name": 400, "no_user": 404, "taken": 409, "too_many": 409, "last_owner": 409}
"""Of changes that the accounts refuse, by their code."""

log = structlog.get_logger(__name__)

Handler = Callable[[Request, Exception], Awaitable[Response]]


async def _refusal(_: Request, fault: Exception) -> Response:
    assert isinstance(fault, Refusal)
    return fault.response()


async def _busy(_: Request, __: Exception) -> Response:
    return Refusal(429, "too_many", "Many are signing in just now; ask again.", 2).response()


async def _refused_change(_: Request, fault: Exception) -> Response:
    assert isinstance(fault, RefusedChange)
    what = f"{fault.what[0].upper()}{fault.what[1:]}. {fault.remedy}"
    return Refusal(STATUS[fault.code], fault.code, what).response()


async def _disk(_: Request, fault: Exception) -> Response:
    log.error("request failed", error=str(fault))
    return Refusal(503, "try_again", "The box cannot do this now; ask again.", 5).response()


HANDLERS: Final[Mapping[type[Exception], Handler]] = {
    Refusal: _refusal,
    TooBusy: _busy,
    RefusedChange: _refused_change,
    AccountsError: _disk,
    EdgeError: _disk,
}
