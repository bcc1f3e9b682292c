"""From the exposure of the depth frame that raises an alert to its card in Chromium, through the whole box.

Somebody walks through a shop at night, again and again; each time is an alert of its own.  An alert's time is the
exposure of its frame; box and browser share this machine's clock.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from tests.benchmarks.measure import Measure, at_least, at_most, told
from tests.benchmarks.measure_latency import phone
from tests.daemon.conftest import running
from tests.daemon.walker import write_session

WALK_S = 1.4
LOOK_S, FEWEST = 200.0, 100
FLOOR_MEDIAN_MS, FLOOR_P99_MS = 150.0, 400.0
NIGHT = """
[store]
name = "night shop"
timezone = "Asia/Tokyo"
[hours]
open = "20:00"
close = "20:30"
[alerts.intrusion]
after_s = 0.1
end_after_s = 0.1
[alerts.restraint]
red_cool_down_s = 0.0
flood_per_minute = 1000
flood_all_per_minute = 1000
"""
# The second of two animation frames begins when the first is on the screen.
WATCH = """() => {
  window.cards = [];
  const known = new Set([...document.querySelectorAll("[data-alert]")].map((card) => card.dataset.alert));
  new MutationObserver(() => {
    for (const card of document.querySelectorAll("[data-alert]")) {
      if (known.has(card.dataset.alert)) continue;
      known.add(card.dataset.alert);
      const opened_ms = Date.parse(card.querySelector("time").dateTime);
      requestAnimationFrame(() => requestAnimationFrame(() => {
        window.cards.push(performance.timeOrigin + performance.now() - opened_ms);
      }));
    }
  }).observe(document.body, { childList: true, subtree: true });
}"""


@dataclass(frozen=True, slots=True)
class Cards:
    """Milliseconds from exposure to card."""

    count: int
    median_ms: float
    p99_ms: float
    load: float


def measure(seconds: float = LOOK_S) -> Cards:
    """Watch the page for a while."""
    with TemporaryDirectory(prefix="miseban-cards-") as name:
        folder = Path(name)
        session = write_session(folder / "session", seconds=WALK_S, store=NIGHT)
        with running(session, folder / "var", folder / "log") as box, phone(f"{box.url}#/alerts") as page:
            page.wait_for_selector("[data-alert]", timeout=90_000)
            page.evaluate(WATCH)
            give_up = time.monotonic() + seconds
            while time.monotonic() < give_up and page.evaluate("() => window.cards.length") < FEWEST + 20:
                page.wait_for_timeout(500)
            seen = page.evaluate("() => window.cards")
    median, p99 = np.percentile(seen, [50, 99])
    return Cards(len(seen), float(median), float(p99), os.getloadavg()[0])


def card_measures() -> Iterator[Measure]:
    """Exposure to card."""
    cards = measure()
    on = "exposure of the frame → card drawn in Chromium"
    yield at_least(on, "cards", FEWEST, cards.count, 0)
    yield at_most(on, "median, ms", FLOOR_MEDIAN_MS, cards.median_ms, 0)
    yield at_most(on, "p99, ms", FLOOR_P99_MS, cards.p99_ms, 0)
    yield told(on, "load of the machine", f"{cards.load:.1f}")
