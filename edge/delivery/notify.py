"""Channels: the ways, besides the app, by which people are told; each has a worker and a place in the journal.

A worker reads the journal like a phone does and never holds anybody up: nobody waits for it, and what it has not told
yet is on disk.  It marks an alert as told after the channel has taken it, so a box that is killed in between tells it
once more: at least once, and merged by the alert's id where the channel can.  A channel that fails is tried again, at
first after a second, then ever more rarely.  What has become too old meanwhile is told as one silent summary.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import structlog

from edge.clock import monotonic_ns, nanoseconds, utc_ns
from edge.delivery import notices
from edge.delivery.cursors import Cursors
from edge.delivery.journal import Journal
from edge.delivery.notices import News, Notice, Rung, Terms
from edge.errors import DeliveryError
from edge.messages import Sent
from edge.messages.box import ChannelHealth
from edge.settings.channels import ChannelSettings

PAGE = 50
LOOK_S = 0.25
"""How soon a change in the journal is seen."""
FIRST_BACK_OFF_S, LAST_BACK_OFF_S = 1.0, 60.0
TEST_WAIT_S = 10.0
"""How long a test waits for the channel to finish what it is telling."""

log = structlog.get_logger(__name__)


class ChannelFault(DeliveryError):
    """A channel did not take what it was told.  Its words are shown to people and hold no secret."""


class Channel:
    """One way to tell people.  Its methods may block, but each for a bounded time."""

    stale_s = 300.0
    """What is older than this does not ring any more."""

    def observe(self, news: News) -> None:
        """An alert changed, whether it is to be told or not."""

    def deliver(self, notice: Notice) -> str | None:
        """Tell it, and return what was seen of that, in one sentence; ``None`` where nobody wants to hear it now.

        Raises
        ------
        ChannelFault
            If it was not told.
        """
        raise NotImplementedError

    def tend(self) -> None:
        """Called again and again, between alerts, for what it has to do by itself."""

    def interrupt(self) -> None:
        """End soon what it is doing; called from another thread when the box ends."""

    def close(self) -> None:
        """Let go of what it holds."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a test."""

    ok: bool
    fault: str | None
    detail: str | None
    """What was seen, where it went well."""
    took_ms: int


class Worker:
    """Takes one channel along the journal."""

    def __init__(
        self,
        settings: ChannelSettings,
        channel: Channel,
        journal: Journal,
        cursors: Cursors,
        told: Callable[[Sent], None],
    ) -> None:
        self.settings = settings
        self._channel = channel
        self._journal = journal
        self._cursors = cursors
        self._tell_sent = told
        self._terms = Terms(frozenset(settings.levels), settings.step, nanoseconds(channel.stale_s))
        self._in_use = threading.Lock()
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._state: Literal["ok", "failing", "untried"] = "untried"
        self._fault: str | None = None
        self._told_ns: int | None = None
        self._thread = threading.Thread(target=self._run, name=f"channel {settings.id}", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Begin nothing new."""
        self._stop.set()
        self._wake.set()
        self._channel.interrupt()

    def stop(self, timeout_s: float) -> None:
        """End; what was not told goes out at the next start."""
        self.ask_to_stop()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def health(self) -> ChannelHealth:
        """How it does."""
        one, state = self.settings, self._state if self.settings.enabled else "off"
        return ChannelHealth(one.id, one.kind, tuple(one.levels), one.step, state, self._fault, self._told_ns)

    def test(self) -> Trial:
        """Send a test, now and whatever its levels and hours, and say what came of it."""
        began_ns = monotonic_ns()
        if not self._in_use.acquire(timeout=TEST_WAIT_S):
            return Trial(False, "it is still busy with an alert; try again", None, _since_ms(began_ns))
        try:
            detail = self._channel.deliver(notices.trial(utc_ns()))
        except DeliveryError as fault:
            if self.settings.enabled:
                self._failed(fault)
            return Trial(False, str(fault), None, _since_ms(began_ns))
        finally:
            self._in_use.release()
        self._worked()
        self._wake.set()  # what waits for the next attempt need not wait any longer
        return Trial(True, None, detail, _since_ms(began_ns))

    def _run(self) -> None:
        back_off_s, seen = FIRST_BACK_OFF_S, -1
        while not self._stop.is_set():
            self._wake.clear()
            wait_s = LOOK_S
            try:
                if (newest := self._cursors.newest()) != seen:
                    self._catch_up()
                    seen = newest
                self._channel.tend()
                back_off_s = FIRST_BACK_OFF_S
            except DeliveryError as fault:
                if self._stop.is_set():
                    break
                self._failed(fault)
                wait_s, back_off_s, seen = back_off_s, min(2 * back_off_s, LAST_BACK_OFF_S), -1
            self._wake.wait(wait_s)
        self._channel.close()

    def _catch_up(self) -> None:
        """Everything that the journal has beyond this channel's place."""
        place = self._cursors.begin(self.settings.id)
        self._told_ns = self._told_ns or self._cursors.told_ns(self.settings.id)
        missed: list[News] = []
        while not self._stop.is_set() and (page := self._journal.since(place, PAGE)):
            for stored in page:
                if self._stop.is_set():
                    return
                news = notices.read(stored)
                self._channel.observe(news)
                if self._asks(news):
                    if utc_ns() - news.notice.t_ns > self._terms.stale_ns:
                        missed.append(news)
                    else:
                        self._sum_up(missed, place)
                        self._tell(news.notice, stored.seq, [news])
                place = stored.seq
            if not missed:
                self._cursors.commit(self.settings.id, place, (), None)
        self._sum_up(missed, place)

    def _asks(self, news: News) -> bool:
        assert news.notice.alert_id is not None
        return self._terms.ask(news, self._cursors.rung(self.settings.id, news.notice.alert_id))

    def _sum_up(self, missed: list[News], place: int) -> None:
        """What came while the channel was away, in one word; only then is it marked as told."""
        if missed:
            self._tell(notices.away([news.notice for news in missed]), place, missed)
            missed.clear()

    def _tell(self, notice: Notice, seq: int, told: Sequence[News]) -> None:
        with self._in_use:
            seen = self._channel.deliver(notice)
        if seen is not None:
            self._worked()
            if notice.alert_id is not None:
                self._tell_sent(Sent(notice.alert_id, utc_ns()))
        rung: list[tuple[str, Rung]] = [(str(news.notice.alert_id), news.rung) for news in told]
        self._cursors.commit(self.settings.id, seq, rung, self._told_ns)

    def _worked(self) -> None:
        if self._state == "failing":
            log.info("channel works again", channel=self.settings.id)
        self._state, self._fault, self._told_ns = "ok", None, utc_ns()

    def _failed(self, fault: DeliveryError) -> None:
        if self._fault != str(fault):
            log.warning("channel fails", channel=self.settings.id, fault=str(fault))
        self._state, self._fault = "failing", str(fault)


class Notifier:
    """All channels of a box.

    Parameters
    ----------
    channels
        Each with its settings.
    told
        Called whenever a channel has taken an alert; it must not wait for anything.
    """

    def __init__(
        self,
        channels: Sequence[tuple[ChannelSettings, Channel]],
        journal: Journal,
        told: Callable[[Sent], None] = lambda sent: None,
    ) -> None:
        self._cursors = Cursors(journal.path)
        self._workers = {one.id: Worker(one, channel, journal, self._cursors, told) for one, channel in channels}

    def start(self) -> None:
        """Begin; returns at once."""
        # One that is off loses its place: switched on again, it tells nothing of what was meanwhile.
        running = [worker for worker in self._workers.values() if worker.settings.enabled]
        self._cursors.prune([worker.settings.id for worker in running])
        for worker in running:
            self._cursors.begin(worker.settings.id)
            worker.start()

    def stop(self, timeout_s: float = 1.5) -> None:
        """End all within the time."""
        give_up_ns = monotonic_ns() + nanoseconds(timeout_s)
        for worker in self._workers.values():
            worker.ask_to_stop()
        for worker in self._workers.values():
            worker.stop(max(0.0, (give_up_ns - monotonic_ns()) / 1e9))
        self._cursors.close()

    def health(self) -> tuple[ChannelHealth, ...]:
        """How each channel does."""
        return tuple(worker.health() for worker in self._workers.values())

    def test(self, channel: str) -> Trial | None:
        """Test a channel; ``None`` when there is none of that name."""
        worker = self._workers.get(channel)
        return None if worker is None else worker.test()


def _since_ms(began_ns: int) -> int:
    return (monotonic_ns() - began_ns) // 1_000_000
