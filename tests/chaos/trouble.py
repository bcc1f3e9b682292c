"""Boxes and brokers are killed again and again while alerts are made and phones come and go; then it is counted what
was promised and is not there, and what was shown or told twice."""

from __future__ import annotations

import json
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge.delivery.journal import Journal
from tests.chaos.fork import Box
from tests.chaos.phone import AppPhone, Presence

ALERTS_PER_S = 50.0
PHONES = 3
SETTLE_S = 90.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it."""

    box_kills: int
    broker_kills: int
    broker_terms: int
    alerts: int
    """Promised, that is: the journal had returned."""
    changes: int
    alerts_per_s: float
    """While a box lived that made any: the median of all boxes."""
    seconds: float
    turns: dict[str, int]
    """How often a phone was in each way when something was killed."""
    by_mqtt: int
    by_sync: int
    lost: tuple[str, ...]
    """Promised, and not in the journal or on a phone as it was promised."""
    twice: tuple[str, ...]
    """Shown as two cards, rung twice, or told with two contents under one number."""


def make_trouble(folder: Path, box_kills: int, broker_kills: int, seed: int = 1) -> Outcome:
    """Do it, and count."""
    rng = np.random.default_rng(seed)
    box = Box(folder)
    phones = [AppPhone(f"phone-{number}", box.port) for number in range(PHONES)]
    with_broker = set(rng.permutation(box_kills)[:broker_kills].tolist())
    turns: Counter[str] = Counter()
    signals: Counter[int] = Counter()
    began = time.monotonic()
    try:
        for number in range(box_kills):
            box.start(ALERTS_PER_S)
            for phone in phones:
                presence = Presence(rng.choice(list(Presence)))
                turns[presence] += 1
                phone.be(presence)
            _live(box, rng)
            if number in with_broker:
                signals[_kill_broker(box, (signal.SIGKILL, signal.SIGTERM)[signals.total() % 2])] += 1
                time.sleep(rng.uniform(0.0, 1.5))
            box.kill()
        seconds = time.monotonic() - began
        box.start()
        for phone in phones:
            phone.be(Presence.ONLINE)
        _settle(folder, phones)
    finally:
        for phone in phones:
            phone.close()
        box.close()
    lost, twice = judged(folder, phones)
    promised = dict(_ledger(folder))
    changes = sum(1 for _ in _ledger(folder))
    return Outcome(
        box_kills, signals[signal.SIGKILL], signals[signal.SIGTERM], len(promised), changes, _rate(folder),
        seconds, dict(turns), sum(p.by_mqtt for p in phones), sum(p.by_sync for p in phones), lost, twice,
    )  # fmt: skip


def _live(box: Box, rng: np.random.Generator) -> None:
    """Half of them die while they come up, half in the middle of their work."""
    if rng.random() < 0.5:
        time.sleep(rng.uniform(0.05, 1.0))
    else:
        box.wait_until_up()
        time.sleep(rng.uniform(0.1, 2.5))


def _kill_broker(box: Box, number: int) -> int:
    give_up = time.monotonic() + 20.0
    while not box.kill_broker(number):
        assert time.monotonic() < give_up, "no broker comes up"
        time.sleep(0.05)
    return number


def _settle(folder: Path, phones: list[AppPhone]) -> None:
    """Until the box has sent all and every phone has read the journal to its end."""
    give_up = time.monotonic() + SETTLE_S
    with closing(Journal(folder / "journal.sqlite")) as journal:
        while time.monotonic() < give_up:
            newest = journal.database.connection.execute("SELECT max(seq) FROM changes").fetchone()[0]
            if not journal.unsent(1) and all(phone.cursor == newest for phone in phones):
                return
            time.sleep(0.2)
    # What has not arrived by now is lost: the judgement says what it is.


def _ledger(folder: Path) -> Iterator[tuple[str, tuple[int, str]]]:
    """What was promised: alert, then number and state.  A line that a kill has cut was no promise yet."""
    path = folder / "ledger"
    for line in path.read_text().splitlines(keepends=True) if path.exists() else ():
        if line.endswith("\n"):
            alert_id, seq, state = line.split()
            yield alert_id, (int(seq), state)


def judged(folder: Path, phones: list[AppPhone]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    lost: list[str] = []
    twice: list[str] = []
    with closing(Journal(folder / "journal.sqlite")) as journal:
        rows = journal.database.connection.execute("SELECT seq, alert_id, state, body FROM changes").fetchall()
    numbered = {seq: (alert_id, state) for seq, alert_id, state, _ in rows}
    standing = {alert_id: seq for seq, alert_id, _, _ in sorted(rows)}
    for alert_id, (seq, state) in _ledger(folder):
        if numbered.get(seq) != (alert_id, state):
            lost.append(f"journal: {alert_id} {seq} {state}")
        lost += [
            f"{who}: {alert_id} {seq} {state}"
            for who, known in ((p.name, p.book.alerts.get(alert_id)) for p in phones)
            if known is None or known["seq"] < seq
        ]
    opened = Counter(alert_id for _, alert_id, state, _ in rows if state == "open")
    twice += [f"journal: {alert_id} opened {times} times" for alert_id, times in opened.items() if times > 1]
    made = Counter(name for _, alert_id, state, body in rows if state == "open" for name in _made(json.loads(body)))
    twice += [f"journal: {name} under {times} names" for name, times in made.items() if times > 1]
    for phone in phones:
        book = phone.book
        twice += [f"{phone.name}: {alert_id} rang {times} times" for alert_id, times in book.rung.items() if times > 1]
        twice += [f"{phone.name}: {key} shown {times} times" for key, times in book.shown.items() if times > 1]
        lost += [f"{phone.name}: stands at {book.alerts[i]['seq']}, not {seq}, of {i}"
                 for i, seq in standing.items() if i in book.alerts and book.alerts[i]["seq"] != seq]  # fmt: skip
        twice += [f"{phone.name}: {i} is unknown to the journal" for i in book.alerts if i not in standing]
    return tuple(lost), tuple(twice)


def _rate(folder: Path) -> float:
    """Alerts a second of each box from its first to its last, the median of those that made ten."""
    with closing(Journal(folder / "journal.sqlite")) as journal:
        rows = journal.database.connection.execute("SELECT alert_id, t_ns FROM changes WHERE state = 'open'").fetchall()
    made: dict[str, list[int]] = {}
    for alert_id, t_ns in rows:
        made.setdefault(alert_id.split("-")[0], []).append(t_ns)
    rates = [(len(times) - 1) / (max(times) - min(times)) * 1e9 for times in made.values() if len(times) >= 10]
    return float(np.median(rates)) if rates else 0.0


def _made(body: dict) -> Iterator[str]:
    yield from (reason["text"] for reason in body["reasons"])
