"""``POST /api/acks``: an answer from a phone that has no MQTT now, such as one whose app sleeps."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edge.clock import utc_ns
from edge.delivery import wire
from edge.delivery.journal import Journal, TooManyAnswers, UnknownAlert
from edge.delivery.wire import VERSION, WireError
from edge.errors import DeliveryError
from edge.web.access import Deed, note
from edge.web.bodies import Body, Refusal, parsed
from edge.web.replies import reply
from edge.web.rights import Right, needs, user_of

NOBODY = "box"
"""Whose answer it is where nobody signs in."""


class Answer(Body):
    """What of an answer the phone says; by whom it is, the box knows itself."""

    ack_id: str
    alert_id: str
    action: str
    at_ms: int


def answer_routes(journal: Journal, alerts_changed: Callable[[], None]) -> Iterator[Route]:
    """The route.

    Parameters
    ----------
    alerts_changed
        Called when the journal has something new, so that all phones hear of it.
    """

    def answer(request: Request) -> Response:
        asked, user = parsed(request, Answer), user_of(request)
        assert user is not None  # `needs` has seen to it
        fields = {**asked.model_dump(), "v": VERSION, "by": user.name or NOBODY}
        try:
            ack = wire.parse_ack(asked.alert_id, json.dumps(fields).encode())
            stored = journal.acknowledge(ack, utc_ns())
        except WireError as error:
            raise Refusal(400, "bad_body", error.what) from None
        except UnknownAlert:
            raise Refusal(404, "no_alert", "There is no such alert, or no longer.") from None
        except TooManyAnswers:
            raise Refusal(409, "too_many_answers", "This alert was answered too often.") from None
        except DeliveryError:
            raise Refusal(503, "try_again", "The answer cannot be kept now; ask again.", 2) from None
        if stored:
            note(request, Deed.ANSWERED, f"{ack.action} to {ack.alert_id}")
            alerts_changed()
        return reply({"stored": stored})

    yield Route("/api/acks", needs(Right.ANSWER, answer), methods=["POST"])
