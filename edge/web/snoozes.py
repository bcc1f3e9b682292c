"""``/api/snoozes``: what rings nobody for a while."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Annotated

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edge.clock import NS_PER_S, utc_ns
from edge.delivery import wire
from edge.delivery.journal import Journal
from edge.delivery.snoozes import TooManySnoozes
from edge.messages import EventKind, Snooze
from edge.settings import StoreSettings, longest_snooze_ns
from edge.web.access import Deed, note
from edge.web.bodies import Body, Refusal, parsed
from edge.web.replies import reply
from edge.web.rights import Right, needs, user_of

NS_PER_MINUTE = 60 * NS_PER_S
Named = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")]


class Asked(Body):
    """What is to be quiet, and for how long."""

    kind: EventKind | None = Field(None, strict=False)
    zone: Named | None = None
    sensor: Named | None = None
    minutes: Annotated[int, Field(ge=1)]


def snooze_routes(store: StoreSettings, journal: Journal) -> Iterator[Route]:
    """The routes; whoever looks after the alerts sees by the journal that there is something new."""

    def standing(_: Request) -> Response:
        return reply(wire.snoozes(journal.snoozes.standing(utc_ns())))

    def ask(request: Request) -> Response:
        asked, user, now_ns = parsed(request, Asked), user_of(request), utc_ns()
        assert user is not None  # `needs` has seen to it
        _check(asked, store)
        snooze = Snooze(
            secrets.token_hex(8),
            asked.kind,
            asked.zone,
            asked.sensor,
            now_ns + asked.minutes * NS_PER_MINUTE,
            user.name,
            now_ns,
        )
        try:
            journal.snoozes.add(snooze)
        except TooManySnoozes as error:
            raise Refusal(409, "too_many", f"{error.what[0].upper()}{error.what[1:]}. {error.remedy}") from None
        what = " ".join(str(part) for part in (asked.kind, asked.zone, asked.sensor) if part is not None)
        note(request, Deed.SNOOZED, f"{what} for {asked.minutes} min")
        return reply(wire.snooze_fields(snooze), 201)

    def end(request: Request) -> Response:
        if not journal.snoozes.remove(request.path_params["id"]):
            raise Refusal(404, "no_snooze", "There is no such snooze, or it is over.")
        note(request, Deed.SNOOZED, "ended one")
        return reply({"ended": True})

    yield Route("/api/snoozes", needs(Right.READ, standing), methods=["GET"])
    yield Route("/api/snoozes", needs(Right.SNOOZE, ask), methods=["POST"])
    yield Route("/api/snoozes/{id}", needs(Right.SNOOZE, end), methods=["DELETE"])


def _check(asked: Asked, store: StoreSettings) -> None:
    if asked.kind is None and asked.zone is None and asked.sensor is None:
        raise Refusal(400, "names_nothing", "Name a kind, a zone or a sensor; nobody can silence everything.")
    if asked.zone is not None and asked.zone not in {zone.id for zone in store.zone}:
        raise Refusal(400, "no_zone", "There is no such zone.")
    longest = longest_snooze_ns(asked.kind) // NS_PER_MINUTE
    if asked.minutes > longest:
        raise Refusal(400, "too_long", f"This can be quiet for {longest} minutes at most.")
