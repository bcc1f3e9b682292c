"""What a page sends: JSON of a bounded size, checked before anything is done with it."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from edge.web.replies import refused

MAX_BODY_BYTES = 64 * 1024


class Body(BaseModel):
    """What a request may hold.  Unknown keys are ignored: an app of another version may send more."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)


class Refusal(Exception):
    """Ends a request with an answer that says why not."""

    def __init__(self, status: int, code: str, what: str, retry_after_s: int | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.what = what
        self.retry_after_s = retry_after_s

    def response(self) -> Response:
        """The answer."""
        response = refused(self.status, self.code, self.what)
        if self.retry_after_s is not None:
            response.headers["retry-after"] = str(self.retry_after_s)
        return response


B = TypeVar("B", bound=Body)


def parsed(request: Request, kind: type[B]) -> B:
    """The body of a request; the middleware has read it already, so this does not wait.

    Raises
    ------
    Refusal
        400 for what is no JSON or does not fit, with the field that is wrong.
    """
    raw: bytes = request.scope.get("state", {}).get("body", b"")
    try:
        return kind.model_validate_json(raw)
    except ValidationError as error:
        raise Refusal(400, "bad_body", _what(error)) from None


def _what(error: ValidationError) -> str:
    """The first fault as a sentence.  What was sent is not repeated: it may be a password."""
    fault = error.errors(include_input=False, include_url=False, include_context=False)[0]
    if fault["type"] == "json_invalid":
        return "The body is not JSON in UTF-8."
    where = ".".join(str(part) for part in fault["loc"]) or "the body"
    return f"{where[:80]}: {fault['msg'].removeprefix('Value error, ')}."
