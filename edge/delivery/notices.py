"""What a channel is told, and when: what is new about an alert, of the levels that it has, never an answer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from edge.delivery.wire import NS_PER_MS, StoredAlert
from edge.messages import Level

TEST, AWAY = "test", "away"
"""Kinds of notices that are about no alert."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where, as far as words can say it."""

    zone: str | None = None
    shelf: str | None = None
    level: int | None = None
    """Shelf level, 0 is the lowest."""
    line: str | None = None


@dataclass(frozen=True, slots=True)
class Rung:
    """How loud an alert has been in a channel: only a higher level or another step of escalation rings again."""

    rank: int
    escalation: int


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell."""

    alert_id: str | None
    """None for a test, and for the summary after an outage."""
    seq: int
    t_ns: int
    level: Level
    state: str
    kind: str
    """The kind of the alert; ``test``; or ``away``: ``count`` alerts came while the channel was away."""
    spot: Spot | None
    count: int
    episodes: int = 1
    escalation: int = 0
    silent: bool = False
    """To be shown, not to ring."""


@dataclass(frozen=True, slots=True)
class News:
    """An alert as it stands, as a channel sees it."""

    notice: Notice
    rings: bool
    """Whether it is one that may ring at all: nothing hushes it, and nobody has answered since it last changed."""

    @property
    def rung(self) -> Rung:
        """How loud it is now."""
        return Rung(self.notice.level.rank, self.notice.escalation)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a channel is for."""

    levels: frozenset[str]
    step: int
    stale_ns: int
    """What is older than this is told in the summary only."""

    def ask(self, news: News, before: Rung | None) -> bool:
        """Whether it has to be told, after what was told of it before."""
        notice, now = news.notice, news.rung
        if not news.rings or notice.level.value not in self.levels or notice.escalation < self.step:
            return False
        return before is None or now.rank > before.rank or now.escalation > before.escalation


def read(stored: StoredAlert) -> News:
    """An alert out of the journal."""
    body = json.loads(stored.body)
    t_ns = body["t_ms"] * NS_PER_MS
    place = body["place"]
    spot = None if place is None else Spot(place["zone"], place["shelf"], place["level"], place["line"])
    notice = Notice(
        stored.alert_id,
        stored.seq,
        t_ns,
        Level(body["level"]),
        body["state"],
        body["kind"],
        spot,
        body["count"],
        body.get("episodes", 1),
        body.get("escalation", 0),
    )
    answered = stored.ack is not None and stored.ack.at_ns >= t_ns
    return News(notice, body.get("hush") is None and not answered)


def away(missed: Sequence[Notice]) -> Notice:
    """One word for all that is too old to ring."""
    last = missed[-1]
    level = max((one.level for one in missed), key=lambda level: level.rank)
    return Notice(None, last.seq, last.t_ns, level, "ended", AWAY, None, len(missed), silent=True)


def trial(t_ns: int) -> Notice:
    """What the test button sends."""
    return Notice(None, 0, t_ns, Level.RED, "open", TEST, None, 1)
