"""What comes back from the staff and from those who carry alerts to them, and what follows from it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace

import structlog

from edge.alerts.escalation import Escalation
from edge.clock import NS_PER_S, utc_ns
from edge.delivery import wire
from edge.delivery.journal import Journal
from edge.delivery.mqtt import Mqtt
from edge.errors import DeliveryError
from edge.messages import Ack, Sent
from edge.settings import EscalationSettings
from edge.shop import Shop, ShopStep

MAX_HEARD = 10_000
RESUMED_NS = 3600 * NS_PER_S
"""What ended longer ago, while the box was away, asks nobody any more."""

log = structlog.get_logger(__name__)


class Heard:
    """What others did, until somebody looks; may be told from any thread."""

    def __init__(self) -> None:
        self._messages: deque[Sent | Ack] = deque(maxlen=MAX_HEARD)

    def tell(self, message: Sent | Ack) -> None:
        """An alert has left the box, or somebody has answered one."""
        self._messages.append(message)

    def drain(self) -> Iterator[Sent | Ack]:
        """All that was told since, oldest first."""
        while self._messages:
            yield self._messages.popleft()


class Staff:
    """Tells the shop what was sent and what is snoozed, and says how far an alert has gone unanswered.

    Parameters
    ----------
    heard
        Told by the journal and by channels.
    """

    def __init__(self, settings: EscalationSettings, heard: Heard, shop: Shop, journal: Journal, mqtt: Mqtt) -> None:
        self._heard = heard
        self._shop = shop
        self._journal = journal
        self._snoozes = journal.snoozes
        self._mqtt = mqtt
        self._escalation = Escalation(settings)
        self._known_version = -1
        self._next_end_ns: int | None = None

    def resume(self) -> None:
        """What an earlier run left unanswered may still go on."""
        self._escalation.resume(self._journal.unanswered(utc_ns() - RESUMED_NS))

    def tick(self) -> None:
        """Take what was heard, and the snoozes where another set of them holds now."""
        for message in self._heard.drain():
            if isinstance(message, Ack):
                self._escalation.answered(message)
            else:
                self._shop.sent(message)
        now_ns, version = utc_ns(), self._snoozes.version
        if version != self._known_version or (self._next_end_ns is not None and now_ns >= self._next_end_ns):
            self._know_snoozes(now_ns, version)

    def judged(self, steps: Iterable[ShopStep]) -> Iterator[ShopStep]:
        """The same steps, with the alerts that nobody has answered in time."""
        for step in steps:
            yield replace(step, alerts=self._escalation.step(step.update.t_ns, step.alerts))

    def _know_snoozes(self, now_ns: int, version: int) -> None:
        try:
            standing = self._snoozes.standing(now_ns)
        except DeliveryError as error:
            log.error("snoozes cannot be read", error=str(error))
            return
        self._known_version = version
        self._next_end_ns = min((snooze.until_ns for snooze in standing), default=None)
        self._shop.snooze(standing)
        self._mqtt.publish_retained("snoozes", wire.snoozes(standing))
