"""The HTTP API as an OpenAPI document, for programs that speak to a box; ``docs/wire.md`` says the same to people.

What a request may hold comes from the very classes that read it; a test holds the rest against the routes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edge.delivery.journal import MAX_PAGE
from edge.web import access, answers, api, box_page, channels, pins, session_routes, snoozes, user_routes
from edge.web.bodies import Body
from edge.web.replies import reply
from edge.web.rights import Right, needs
from edge.web.sign_in import CSRF_HEADER

Schema: TypeAlias = Mapping[str, object]

TEXT: Final[Schema] = {"type": "string"}
TEXT_OR_NULL: Final[Schema] = {"type": ["string", "null"]}
WHOLE: Final[Schema] = {"type": "integer"}
WHOLE_OR_NULL: Final[Schema] = {"type": ["integer", "null"]}
NUMBER_OR_NULL: Final[Schema] = {"type": ["number", "null"]}
YES_NO: Final[Schema] = {"type": "boolean"}
THING: Final[Schema] = {"type": "object"}
THING_OR_NULL: Final[Schema] = {"type": ["object", "null"]}


def _list(of: Schema = THING) -> Schema:
    return {"type": "array", "items": of}


def _object(**keys: Schema) -> Schema:
    return {"type": "object", "properties": keys, "required": list(keys)}


def _told(**keys: Schema) -> Schema:
    return _object(v={"const": 1}, **keys)


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked of a box."""

    method: str
    path: str
    right: Right | None
    """``None`` where nobody needs one, because it says who asks."""
    summary: str
    answer: Schema | str
    """What an answer holds; or its media type, where it is no JSON."""
    body: type[Body] | None = None
    query: Schema | None = None
    status: int = 200


SESSION: Final = _told(
    state={"enum": ["signed_in", "signed_out", "setup"]},
    sign_in=YES_NO,
    user=THING_OR_NULL,
    rights=_list({"enum": [right.value for right in Right]}),
    csrf=TEXT_OR_NULL,
)
INVITATION: Final = _told(name=TEXT, role=TEXT, code=TEXT, expires_ms=WHOLE)
SNOOZE: Final = _told(
    id=TEXT, kind=TEXT_OR_NULL, zone=TEXT_OR_NULL, sensor=TEXT_OR_NULL, until_ms=WHOLE, by=TEXT, at_ms=WHOLE
)
PNG: Final = "image/png"


def _up_to(most: int, least: int = 1) -> Schema:
    return {"type": "integer", "minimum": least, "maximum": most}


OPERATIONS: Final[Sequence[Operation]] = (
    Operation("GET", "/api/session", None, "Who asks, and what they may do", SESSION),
    Operation("POST", "/api/session", None, "Sign in", SESSION, session_routes.SignIn),
    Operation("DELETE", "/api/session", None, "Sign out", SESSION),
    Operation("POST", "/api/password", None, "Change one's own password", SESSION, session_routes.NewPassword),
    Operation("POST", "/api/setup", None, "Come in with a code", SESSION, session_routes.Setup),
    Operation("GET", "/api/users", Right.USERS, "Who has an account", _told(users=_list())),
    Operation("POST", "/api/users", Right.USERS, "Invite somebody", INVITATION, user_routes.NewUser, status=201),
    Operation(
        "PATCH", "/api/users/{name}", Right.USERS, "Change an account, or invite anew", _told(name=TEXT, role=TEXT),
        user_routes.ChangedUser,
    ),
    Operation("DELETE", "/api/users/{name}", Right.USERS, "Remove an account", _told(name=TEXT)),
    Operation(
        "GET", "/api/access", Right.USERS, "Who did what, the newest first", _told(entries=_list()),
        query={"limit": _up_to(access.MAX_PAGE)},
    ),
    Operation(
        "GET", "/api/alerts", Right.READ, "Alerts that changed after a number, oldest first",
        _told(alerts=_list(_object(seq=WHOLE, alert_id=TEXT, state=TEXT)), next=WHOLE),
        query={"since": _up_to(api.MAX_SEQ, 0), "limit": _up_to(MAX_PAGE)},
    ),
    Operation("POST", "/api/acks", Right.ANSWER, "Answer an alert", _told(stored=YES_NO), answers.Answer),
    Operation("POST", "/api/alerts/{id}/pin", Right.ANSWER, "Keep an alert", _told(pinned=YES_NO), pins.Why),
    Operation("DELETE", "/api/alerts/{id}/pin", Right.ANSWER, "Let go of an alert", _told(pinned=YES_NO)),
    Operation("GET", "/api/snoozes", Right.READ, "What rings nobody for a while", _told(snoozes=_list())),
    Operation("POST", "/api/snoozes", Right.SNOOZE, "Silence something for a while", SNOOZE, snoozes.Asked, status=201),
    Operation("DELETE", "/api/snoozes/{id}", Right.SNOOZE, "End a snooze", _told(ended=YES_NO)),
    Operation("GET", "/api/pictures/{name}", Right.READ, "A picture of what came or went", PNG),
    Operation(
        "GET", "/api/store", Right.READ, "What the installer drew",
        _told(name=TEXT, timezone=TEXT, topic=TEXT, open=YES_NO, zones=_list(), shelves=_list(), cameras=_list()),
    ),
    Operation(
        "GET", "/api/day", Right.READ, "People and alerts of a day",
        _told(
            date=TEXT, days=_list(TEXT), hours=_list(), dwell=THING,
            alerts=_object(by_level=THING, by_answer=THING),
            greeting=_object(reds=WHOLE, spoken=WHOLE, median_s=NUMBER_OR_NULL),
        ),
        query={"date": {"type": "string", "format": "date"}},
    ),
    Operation("GET", "/api/channels", Right.READ, "The ways by which people are told", _told(channels=_list())),
    Operation(
        "POST", "/api/channels/{id}/test", Right.BOX, "Try a channel",
        _told(ok=YES_NO, fault=TEXT_OR_NULL, detail=TEXT_OR_NULL, took_ms=WHOLE_OR_NULL),
    ),
    Operation("GET", "/api/push/key", Right.READ, "The box's key for notifications", _told(key=TEXT)),
    Operation("POST", "/api/push", Right.READ, "Want notifications", _told(id=TEXT), channels.Asked, status=201),
    Operation("DELETE", "/api/push/{id}", Right.READ, "Want them no more", _told(removed=YES_NO)),
    Operation(
        "GET", "/api/box", Right.READ, "The box itself",
        _told(version=TEXT, now_ms=WHOLE, uptime_s=WHOLE, disk=_object(free=WHOLE, total=WHOLE), data=_list()),
    ),
    Operation("GET", "/api/cameras/{id}/depth.png", Right.BOX, "What a camera sees now", PNG),
    Operation(
        "GET", "/api/logs", Right.BOX, "The newest lines of the log", _told(lines=_list(TEXT)),
        query={"lines": _up_to(box_page.MOST_LINES)},
    ),
    Operation("GET", "/api/support", Right.BOX, "All that helps to help, without secrets", "application/zip"),
    Operation("GET", "/api/openapi.json", Right.READ, "This document", _object(openapi=TEXT, paths=THING)),
)  # fmt: skip


def openapi_routes() -> Iterator[Route]:
    """Where the document is."""
    yield Route("/api/openapi.json", needs(Right.READ, _answer))


def _answer(_: Request) -> Response:
    return reply(document())


def document() -> dict[str, object]:
    """The whole document, OpenAPI 3.1."""
    paths: dict[str, dict[str, object]] = {}
    schemas: dict[str, object] = {"Refusal": _told(error=TEXT, code=TEXT)}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _described(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Miseban", "version": "1", "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "miseban", "description": "__Host-… with https"},
                "csrf": {"type": "apiKey", "in": "header", "name": CSRF_HEADER, "description": "From GET /api/session"},
            },
        },
    }


def _described(operation: Operation, schemas: dict[str, object]) -> dict[str, object]:
    needed = ["session"] if operation.right is not None else []
    needed += ["csrf"] if operation.method != "GET" else []
    told: dict[str, object] = {
        "summary": operation.summary,
        "operationId": f"{operation.method.lower()} {operation.path.removeprefix('/api/')}",
        "security": [dict.fromkeys(needed, ())] if needed else [],
        "responses": {
            str(operation.status): {"description": operation.summary, "content": _content(operation.answer)},
            "default": {
                "description": "Why not",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}},
            },
        },
    }
    if operation.right is not None:
        told["x-right"] = operation.right.value
    if parameters := list(_parameters(operation)):
        told["parameters"] = parameters
    if operation.body is not None:
        reference = _reference(operation.body, schemas)
        told["requestBody"] = {"required": True, "content": {"application/json": {"schema": reference}}}
    return told


def _content(answer: Schema | str) -> dict[str, object]:
    if isinstance(answer, str):
        return {answer: {"schema": {"type": "string", "contentMediaType": answer}}}
    return {"application/json": {"schema": answer}}


def _parameters(operation: Operation) -> Iterator[dict[str, object]]:
    for part in operation.path.split("/"):
        if part.startswith("{"):
            yield {"name": part[1:-1], "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
    for name, schema in (operation.query or {}).items():
        yield {"name": name, "in": "query", "required": False, "schema": schema}


def _reference(body: type[Body], schemas: dict[str, object]) -> dict[str, object]:
    """The schema of a body, put among the others under a name of its own; two modules have an ``Asked``."""
    name = f"{body.__module__.rsplit('.', 1)[1]}.{body.__name__}"
    schema = body.model_json_schema(ref_template=f"#/components/schemas/{name}.{{model}}")
    for inner, described in schema.pop("$defs", {}).items():
        schemas[f"{name}.{inner}"] = described
    schemas[name] = schema
    return {"$ref": f"#/components/schemas/{name}"}
