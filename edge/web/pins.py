"""``/api/alerts/<id>/pin``: an alert that is to be kept, with its pictures, beyond the time for which others are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edge.clock import utc_ns
from edge.delivery.journal import Journal, TooManyPins, UnknownAlert
from edge.messages import Pin
from edge.recording.pictures import PictureFolder
from edge.web.access import Deed, note
from edge.web.bodies import Body, Refusal, parsed
from edge.web.replies import reply
from edge.web.rights import Right, needs, user_of


class Why(Body):
    """The reason, for whoever finds it later."""

    reason: Annotated[
        str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f\u3000][^\x00-\x1f\x7f]*$")
    ]


def pin_routes(journal: Journal, pictures: PictureFolder, alerts_changed: Callable[[], None]) -> Iterator[Route]:
    """The routes.

    Parameters
    ----------
    alerts_changed
        Called when the journal has something new, so that all phones hear of it.
    """

    def pin(request: Request) -> Response:
        asked, user, alert_id = parsed(request, Why), user_of(request), request.path_params["id"]
        assert user is not None  # `needs` has seen to it
        try:
            pinned = journal.pin(Pin(alert_id, asked.reason, user.name, utc_ns()))
        except UnknownAlert:
            raise Refusal(404, "no_alert", "There is no such alert, or no longer.") from None
        except TooManyPins as error:
            raise Refusal(409, "too_many", f"{error.what[0].upper()}{error.what[1:]}. {error.remedy}") from None
        _changed(request, f"{alert_id}: {asked.reason}", changed=pinned)
        return reply({"pinned": True})

    def unpin(request: Request) -> Response:
        alert_id = request.path_params["id"]
        _changed(request, f"{alert_id} no more", changed=journal.unpin(alert_id, utc_ns()))
        return reply({"pinned": False})

    def _changed(request: Request, what: str, *, changed: bool) -> None:
        if changed:
            pictures.spare(journal.pinned_pictures())
            note(request, Deed.PINNED, what)
            alerts_changed()

    yield Route("/api/alerts/{id}/pin", needs(Right.ANSWER, pin), methods=["POST"])
    yield Route("/api/alerts/{id}/pin", needs(Right.ANSWER, unpin), methods=["DELETE"])
