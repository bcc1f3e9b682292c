"""How the API answers."""

from __future__ import annotations

import json
from collections.abc import Mapping

from starlette.responses import Response

from edge.delivery.wire import VERSION

NEVER = "no-store"


def reply(body: bytes | Mapping[str, object], status: int = 200) -> Response:
    """JSON that nobody keeps; a mapping gets its version."""
    if not isinstance(body, bytes):
        told = {"v": VERSION, **body}
        body = json.dumps(told, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    return Response(body, status, {"cache-control": NEVER}, "application/json")


def refused(status: int, code: str, what: str) -> Response:
    """Why not: a code for programs, and a sentence for people."""
    return reply({"error": what, "code": code}, status)
