"""Channels on the page: how each does, a test of it, and the phones that want notifications."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edge.delivery import wire
from edge.delivery.channels.push import Push
from edge.delivery.channels.push_service import MAX_ENDPOINT_CHARS
from edge.delivery.channels.subscriptions import Subscription
from edge.delivery.notify import ChannelFault, Notifier
from edge.errors import DeliveryError
from edge.web.bodies import Body, Refusal, parsed
from edge.web.replies import reply
from edge.web.rights import Right, User, needs, user_of


class Keys(Body):
    """The phone's half of the encryption (RFC 8291)."""

    p256dh: Annotated[str, Field(max_length=200)]
    auth: Annotated[str, Field(max_length=200)]


class Asked(Body):
    """A browser's subscription, and what its owner wants to hear of."""

    endpoint: Annotated[str, Field(max_length=MAX_ENDPOINT_CHARS)]
    keys: Keys
    language: Literal["ja", "en"]
    levels: Annotated[tuple[Literal["white", "yellow", "red"], ...], Field(max_length=3)]


def channel_routes(notifier: Notifier, push: Push | None) -> Iterator[Route]:
    """``/api/channels`` and ``/api/push``.

    Parameters
    ----------
    push
        The channel of kind ``push``; ``None`` where it is switched off.
    """

    def known(_: Request) -> Response:
        return reply({"channels": wire.channels(notifier.health())})

    def test(request: Request) -> Response:
        trial = notifier.test(request.path_params["id"])
        if trial is None:
            raise Refusal(404, "no_channel", "There is no such channel.")
        told = {"ok": trial.ok, "fault": trial.fault, "detail": trial.detail, "took_ms": trial.took_ms}
        return reply(told)

    yield Route("/api/channels", needs(Right.READ, known), methods=["GET"])
    yield Route("/api/channels/{id}/test", needs(Right.BOX, test), methods=["POST"])
    yield from _push_routes(push)


def _push_routes(push: Push | None) -> Iterator[Route]:
    def switched_on() -> Push:
        if push is None:
            raise Refusal(404, "no_push", "Notifications are switched off on this box.")
        return push

    def key(_: Request) -> Response:
        return reply({"key": switched_on().public_key})

    def subscribe(request: Request) -> Response:
        channel, asked = switched_on(), parsed(request, Asked)
        levels = tuple(dict.fromkeys(asked.levels))
        phone = Subscription(
            _asking(request).name, asked.endpoint, asked.keys.p256dh, asked.keys.auth, asked.language, levels
        )
        try:
            return reply({"id": channel.subscribe(phone)}, 201)
        except ChannelFault as fault:
            raise Refusal(400, "bad_subscription", str(fault)) from None
        except DeliveryError:
            raise Refusal(503, "try_again", "It cannot be kept now; ask again.", 2) from None

    def unsubscribe(request: Request) -> Response:
        try:
            if not switched_on().unsubscribe(request.path_params["id"], _asking(request).name):
                raise Refusal(404, "no_subscription", "There is no such phone of yours.")
        except DeliveryError:
            raise Refusal(503, "try_again", "It cannot be forgotten now; ask again.", 2) from None
        return reply({"removed": True})

    yield Route("/api/push/key", needs(Right.READ, key), methods=["GET"])
    yield Route("/api/push", needs(Right.READ, subscribe), methods=["POST"])
    yield Route("/api/push/{id}", needs(Right.READ, unsubscribe), methods=["DELETE"])


def _asking(request: Request) -> User:
    user = user_of(request)
    assert user is not None  # `needs` has seen to it
    return user
