"""The page as a stranger's phone meets it: what hinders people, whether it can be installed, how soon it is there.

No Lighthouse: see :mod:`tests.browser.checks`.  People's eyes are measured on a box that plays the bundled shop; how
soon the page is there, on one without cameras, for no phone shares its processor with the box's eyes.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from playwright.sync_api import BrowserType, sync_playwright

from edge.clock import utc_ns
from edge.messages import EventKind, Level
from tests.benchmarks.measure import Measure, at_least, at_most, exactly, told
from tests.benchmarks.measure_latency import START_S, running_box
from tests.browser import shop_floor
from tests.browser.checks import (
    CPU_SLOWER,
    PAGES,
    Speed,
    first_load,
    hindrances,
    installation_faults,
    serious,
)
from tests.browser.conftest import ARGS, CHROMIUM, PHONE, Box
from tests.delivery.phone import wait_for

LOADS = 5
FLOOR_BYTES, FLOOR_SCORE = 200_000, 95.0
LOCALES, SCHEMES = ("ja-JP", "en-GB"), ("light", "dark")


def page_measures() -> Iterator[Measure]:
    """A box that plays the bundled shop, seen by Chromium."""
    with running_box() as address, sync_playwright() as playwright:
        chromium = playwright.chromium
        found = [
            fault for pair in itertools.product(LOCALES, SCHEMES) for fault in _looked_at(chromium, address, *pair)
        ]
        faults, speeds = [], []
        for _ in range(LOADS):
            installed, speed = _met(chromium, address)
            faults, speeds = installed, [*speeds, speed]
    on = f"axe-core: {len(PAGES)} pages × {len(LOCALES)} languages × {len(SCHEMES)} schemes"
    yield exactly(on, "serious or critical violations", 0, len(serious(found)))
    yield told(on, "lesser ones", str(len(found) - len(serious(found))))
    for one in dict.fromkeys(found):
        yield told(on, "violation", one)
    yield exactly("Chromium", "why it cannot be installed", [], faults)
    on = f"first load, slow 4G, processor {CPU_SLOWER} × slower, median of {LOADS}; not Lighthouse"
    yield at_most(on, "bytes on the wire without mqtt.js", FLOOR_BYTES, _median(speeds, "bytes_before_mqtt"), 0)
    yield at_least(on, "score without Speed Index", FLOOR_SCORE, _median(speeds, "score"), 0)
    paints = f"{_median(speeds, 'first_paint_ms'):.0f}; {_median(speeds, 'largest_paint_ms'):.0f}"
    yield told(on, "first; largest paint, ms", paints)
    blocked = f"{_median(speeds, 'blocked_ms'):.0f}; {_median(speeds, 'shift'):.3f}"
    yield told(on, "total blocking time, ms; layout shift", blocked)
    yield told(on, "load of the machine", f"{os.getloadavg()[0]:.1f}")


@contextmanager
def _calm_box() -> Iterator[str]:
    """A box without cameras, with people, shelves and one alert."""
    with TemporaryDirectory(prefix="miseban-calm-") as folder:
        box = Box(Path(folder))
        box.start()
        try:
            wait_for(lambda: box.mqtt.counters().connected)
            box.show_shop()
            box.fill_shelves()
            box.raise_alert(shop_floor.alert("a-1", utc_ns(), Level.YELLOW, EventKind.CROWD))
            yield box.web.url
        finally:
            box.stop()


def _median(speeds: list[Speed], name: str) -> float:
    return float(np.median([getattr(speed, name) for speed in speeds]))


def _looked_at(chromium: BrowserType, address: str, locale: str, scheme: str) -> list[str]:
    browser = chromium.launch(executable_path=CHROMIUM, args=ARGS)
    page = browser.new_page(viewport=PHONE, locale=locale, color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(address)
    page.wait_for_function("() => (window.__miseban?.draws ?? 0) > 5", timeout=START_S * 1000)
    found = []
    for name in PAGES:
        page.evaluate("name => { location.hash = `#/${name}` }", name)
        page.wait_for_timeout(1000)
        found += [f"{fault} on {name}" for fault in hindrances(page)]
    browser.close()
    return found


def _met(chromium: BrowserType, address: str) -> tuple[list[str], Speed]:
    """By a phone that was never here; in a window that is not incognito, from which nothing can be installed."""
    with TemporaryDirectory(prefix="miseban-profile-") as folder:
        context = chromium.launch_persistent_context(
            str(Path(folder)), executable_path=CHROMIUM, args=ARGS, viewport=PHONE, locale="ja-JP"
        )
        speed = first_load(context, address)
        page = context.new_page()
        page.goto(address)
        page.evaluate("() => navigator.serviceWorker.ready")
        faults = installation_faults(page)
        context.close()
    return faults, speed
