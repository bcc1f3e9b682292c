"""Answers are pressed in a real browser while the box or its broker is dead, and the page is reloaded or closed."""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from playwright.sync_api import BrowserContext, Page

from edge.clock import utc_ns
from edge.delivery.journal import Journal
from edge.messages import AckAction, Alert, AlertState, EventKind, Level, Reason
from tests.chaos.box import PLACE
from tests.chaos.fork import Box

ACTIONS = tuple(AckAction)
ARRIVE_S = 90.0
LOAD_MS = 60_000
RELOADED, CLOSED, LEFT_OPEN = "reloaded", "closed", "left open"


@dataclass(frozen=True, slots=True)
class Pressed:
    """What came of it."""

    pressed: int
    batches: int
    ways: dict[str, int]
    """What was dead, and what became of the page, by batch or press."""
    lost: tuple[str, ...]
    """Pressed, and not in the journal; or another answer is."""
    twice: tuple[str, ...]
    """More answers than were pressed."""
    seconds: float


class DeadBroker:
    """Whatever broker the box starts is killed at once, until the block ends."""

    def __init__(self, box: Box) -> None:
        self._box = box
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._kill, daemon=True)

    def _kill(self) -> None:
        while not self._over.wait(0.02):
            self._box.kill_broker(signal.SIGKILL)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


def press_answers(
    folder: Path, context: BrowserContext, batches: int, each: int, anew: float = 0.2, seed: int = 1
) -> Pressed:
    """So many batches of so many alerts, each answered with one tap.

    Parameters
    ----------
    anew
        After what share of the taps the page is loaded anew, or closed and opened again.
    """
    rng = np.random.default_rng(seed)
    box = Box(folder)
    wanted: dict[str, str] = {}
    ways: Counter[str] = Counter()
    began = time.monotonic()
    try:
        box.start()
        box.wait_until_up()
        page = context.new_page()
        page.goto(f"{box.url}#/alerts")
        page.evaluate("() => navigator.serviceWorker.ready")
        for number in range(batches):
            names = [f"b{number}-{index}" for index in range(each)]
            _record(folder, names)
            page = _opened(context, page, box, names)
            dead = ("box", "broker")[number % 2]
            ways[f"{dead} dead"] += 1
            taps = rng.choice([LEFT_OPEN, RELOADED, CLOSED], each, p=[1 - anew, anew / 2, anew / 2]).tolist()
            ways.update(taps)
            actions = {str(name): str(rng.choice(ACTIONS)) for name in rng.permutation(names)}
            wanted |= actions
            if dead == "box":
                box.kill()
                page = _press(context, page, box, actions, taps)
                box.start()
            else:
                with DeadBroker(box):
                    page = _press(context, page, box, actions, taps)
            _arrive(folder, wanted)
    finally:
        box.close()
    lost, twice = _judge(folder, wanted)
    return Pressed(len(wanted), batches, dict(ways), lost, twice, time.monotonic() - began)


def _record(folder: Path, names: list[str]) -> None:
    with closing(Journal(folder / "journal.sqlite")) as journal:
        for name in names:
            t_ns = utc_ns()
            reason = Reason("crowd", t_ns, PLACE, 1.0, "pressed")
            journal.record(Alert(name, t_ns, Level.YELLOW, AlertState.OPEN, EventKind.CROWD, PLACE, None, 3, (reason,)))


def _opened(context: BrowserContext, page: Page, box: Box, names: list[str]) -> Page:
    """A page that shows them all: a new subscription asks the journal, which is also how it learns of them here."""
    if page.is_closed():
        page = context.new_page()
    box.wait_until_up()
    page.goto(f"{box.url}?{names[0]}#/alerts", timeout=LOAD_MS)
    page.wait_for_function(
        "names => names.every(n => document.querySelector(`[data-alert='${n}'] [data-action]`))",
        arg=names, timeout=LOAD_MS,
    )  # fmt: skip
    page.wait_for_timeout(1500)  # so that what is known is kept, as once a second
    return page


def _press(context: BrowserContext, page: Page, box: Box, actions: dict[str, str], ways: list[str]) -> Page:
    """One tap each; after some of them, at once, the page is loaded anew, or closed and opened again."""
    for (name, action), way in zip(actions.items(), ways, strict=True):
        page.locator(f"[data-alert='{name}'] [data-action='{action}']").click(timeout=LOAD_MS)
        if way == RELOADED:
            page.reload(timeout=LOAD_MS)
        elif way == CLOSED:
            page.close()
            page = context.new_page()
            page.goto(f"{box.url}#/alerts", timeout=LOAD_MS)
    return page


def _answers(folder: Path) -> list[tuple[str, str]]:
    with closing(Journal(folder / "journal.sqlite")) as journal:
        return journal.database.connection.execute("SELECT alert_id, action FROM acks").fetchall()


def _arrive(folder: Path, wanted: dict[str, str]) -> None:
    give_up = time.monotonic() + ARRIVE_S
    while time.monotonic() < give_up and not wanted.keys() <= {name for name, _ in _answers(folder)}:
        time.sleep(0.2)
    # What has not come by now is lost; the judgement says what it is.


def _judge(folder: Path, wanted: dict[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    answers = _answers(folder)
    given = dict(answers)
    times = Counter(name for name, _ in answers)
    lost = [
        f"{name} {action}, stands {given.get(name)}" for name, action in wanted.items() if given.get(name) != action
    ]
    return tuple(lost), tuple(f"{name} {count} times" for name, count in times.items() if count > 1)
