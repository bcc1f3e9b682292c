"""Web Push: notifications on phones whose page is closed."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Final
from urllib.parse import urlsplit

from edge.clock import NS_PER_S, monotonic_ns, utc_ns
from edge.delivery.channels.push_service import Answer, PushService, endpoint_fault, key_fault
from edge.delivery.channels.subscriptions import Message, Subscription, Subscriptions
from edge.delivery.notices import TEST, Notice
from edge.delivery.notify import Channel, ChannelFault
from edge.delivery.wire import NS_PER_MS, VERSION, Topics
from edge.settings.channels import PushChannel

URGENCY: Final = {"red": "high", "yellow": "normal", "white": "low"}
TTL_S: Final = {"red": 4 * 3600, "yellow": 3600, "white": 1800}
Sent = tuple[Subscription, Message]
AT_A_TIME: Final = 8
MOST_AT_ONCE: Final = 100
TEND_NS: Final = NS_PER_S


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody with an account."""

    since_ns: int
    enabled: bool


class Push(Channel):
    """Tells every phone that asked for it.

    Parameters
    ----------
    folder
        Where the key and the subscriptions are kept.
    zones
        Kind of each zone by its id.
    """

    members: Callable[[], Mapping[str, Member] | None] = staticmethod(lambda: None)
    """Who has an account, asked at each notice: one may be closed at any time.  None where nobody signs in."""

    def __init__(
        self, settings: PushChannel, folder: Path, name: str, topics: Topics, zones: Mapping[str, str]
    ) -> None:
        self._settings = settings
        self._name = name[:64]
        self._topic = topics.prefix
        self._zones = zones
        self._service = PushService(settings, folder)
        self._phones = Subscriptions(folder / "push.sqlite")
        self._tend_ns = 0

    @property
    def public_key(self) -> str:
        """What a browser subscribes with, base64url."""
        return self._service.public_key

    def subscribe(self, phone: Subscription) -> str:
        """Keep a phone; its id.

        Raises
        ------
        ChannelFault
            If its address or its keys cannot be used, or there are too many.
        """
        fault = endpoint_fault(phone.endpoint, self._settings) or key_fault(phone.p256dh, phone.auth)
        if fault is not None:
            raise ChannelFault("subscription", fault, "Subscribe in a browser.")
        if not self._phones.add(phone, utc_ns()):
            raise ChannelFault("subscription", "there are too many phones", "Remove one.")
        return phone.id

    def unsubscribe(self, subscription_id: str, user: str | None) -> bool:
        """Forget a phone, if it is this user's (``None``: anybody's); whether it was there."""
        return self._phones.remove(subscription_id, user)

    def deliver(self, notice: Notice) -> str | None:
        """Tell every phone that wants this level.

        A phone that is gone is forgotten.  One whose service fails while others got it is owed it, and tried again by
        :meth:`tend`; when none can be told, it is the channel that fails.
        """
        phones = [phone for phone in self._entitled() if notice.kind == TEST or notice.level.value in phone.levels]
        if not phones:
            if notice.kind == TEST:
                raise ChannelFault(self._where, "no phone asked for notifications", "Switch them on in the app.")
            return None
        message = self._message(notice)
        answers = list(zip(phones, self._send([(phone, message) for phone in phones]), strict=True))
        told = [phone for phone, answer in answers if answer.fault is None]
        lost = [(phone, str(answer.fault)) for phone, answer in answers if answer.fault is not None and not answer.gone]
        self._phones.paid(told, message.topic)
        if lost and (not told or notice.kind == TEST):
            what = f"{len(lost)} of {len(phones)} phones not told: {lost[0][1]}"
            raise ChannelFault(self._where, what, "It is tried again." if notice.kind != TEST else "Try again.")
        if not told:
            raise ChannelFault(self._where, "no phone is there any more", "Switch notifications on again in the app.")
        self._phones.owe([phone for phone, _ in lost], message, utc_ns())
        more = f"; {len(lost)} more are tried again" if lost else ""
        return f"taken by the push service for {len(told)} phone{'' if len(told) == 1 else 's'}{more}"

    def tend(self) -> None:
        """Try again what phones are owed."""
        if monotonic_ns() < self._tend_ns:
            return
        self._tend_ns = monotonic_ns() + TEND_NS
        due = self._phones.due(utc_ns(), MOST_AT_ONCE)
        owed = [one for one in due if self._is_entitled(one[0], self.members())]
        for (phone, message), answer in zip(owed, self._send(owed), strict=True):
            if answer.fault is None:
                self._phones.paid([phone], message.topic)

    def close(self) -> None:
        """Give the database back."""
        self._phones.close()

    def _entitled(self) -> list[Subscription]:
        """The phones of those who may be told; phones go with their account, and a new one of that name gets none."""
        members, kept = self.members(), []
        for phone in self._phones.all():
            if self._is_entitled(phone, members):
                kept.append(phone)
            elif members is not None and not _belongs(phone, members):
                self._phones.remove(phone.id)
        return kept

    def _is_entitled(self, phone: Subscription, members: Mapping[str, Member] | None) -> bool:
        if members is None:
            return phone.user == ""
        return _belongs(phone, members) and members[phone.user].enabled

    def _send(self, messages: Sequence[Sent]) -> list[Answer]:
        """Several at a time; of a host that does not answer, nobody is asked twice."""
        silent: dict[str | None, Answer] = {}

        def one(what: Sent) -> Answer:
            phone, message = what
            host = urlsplit(phone.endpoint).hostname
            answer = silent.get(host) or self._service.send(phone, message)
            if answer.status is None:
                silent[host] = answer
            elif answer.gone:
                self._phones.remove(phone.id)
            return answer

        return _side_by_side(one, messages)

    def _message(self, notice: Notice) -> Message:
        urgency = "normal" if notice.silent else URGENCY[notice.level.value]
        until_ns = utc_ns() + TTL_S[notice.level.value] * NS_PER_S
        return Message(notice.alert_id or notice.kind, urgency, self._payload(notice), until_ns)

    def _payload(self, notice: Notice) -> bytes:
        spot = notice.spot
        place = None
        if spot is not None:
            kind = None if spot.zone is None else self._zones.get(spot.zone)
            place = {"zone": spot.zone, "zone_kind": kind, "shelf": spot.shelf, "level": spot.level, "line": spot.line}
        body = {
            "v": VERSION,
            "alert_id": notice.alert_id,
            "seq": notice.seq,
            "t_ms": notice.t_ns // NS_PER_MS,
            "level": notice.level.value,
            "kind": notice.kind,
            "place": place,
            "state": notice.state,
            "count": notice.count,
            "escalation": notice.escalation,
            "silent": notice.silent,
            "name": self._name,
            "topic": self._topic,
        }
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()

    @property
    def _where(self) -> str:
        return f"push {self._settings.id!r}"


def _side_by_side(send: Callable[[Sent], Answer], messages: Sequence[Sent]) -> list[Answer]:
    """An answer for each, in their order; by threads that do not hold up the end of the box, as a pool's would."""
    waiting = deque(enumerate(messages))
    answers: dict[int, Answer] = {}

    def work() -> None:
        while True:
            try:
                number, message = waiting.popleft()
            except IndexError:
                return
            try:
                answers[number] = send(message)
            except Exception as error:  # noqa: BLE001  (one phone that cannot be told must not silence the others)
                answers[number] = Answer(None, f"it cannot be sent ({type(error).__name__})")

    threads = [Thread(target=work, name="push", daemon=True) for _ in messages[:AT_A_TIME]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [answers[number] for number in range(len(messages))]


def _belongs(phone: Subscription, members: Mapping[str, Member]) -> bool:
    return phone.user in members and phone.made_ns >= members[phone.user].since_ns
