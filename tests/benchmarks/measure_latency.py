"""From the exposure of a depth frame to the picture that shows it, in Chromium, through the whole box.

A bundled session is played as a camera through the real daemon, broker and page.  The page says for each update of
people when it was drawn and from which exposure it came; box and browser share this machine's clock.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from playwright.sync_api import Page, sync_playwright

from tests.benchmarks.measure import Measure, at_most, told

ROOT = Path(__file__).resolve().parents[2]
SESSION = ROOT / "recordings" / "shop-day"
ADDRESS = re.compile(r"http://[\w.\[\]:-]+")
PHONE = {"width": 390, "height": 844}
CHROMIUM = "/usr/bin/chromium"
START_S, WARM_S, LOOK_S = 60.0, 3.0, 20.0
FLOOR_MS = 150.0

WATCH = """() => {
  window.seen = [];
  let last = -1;
  const look = () => {
    const draw = window.__miseban?.lastDraw;
    if (draw && draw.t_ms !== last) { last = draw.t_ms; window.seen.push(draw.drawn_ms - draw.t_ms); }
    requestAnimationFrame(look);
  };
  look();
}"""


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds from exposure to picture."""

    updates: int
    median_ms: float
    p95_ms: float


@contextmanager
def running_box(session: Path = SESSION) -> Iterator[str]:
    """A whole box that plays a session, for the length of the block; gives its address.

    Raises
    ------
    TimeoutError
        If it does not print an address.
    """
    with TemporaryDirectory(prefix="miseban-box-") as folder:
        command = [sys.executable, "-u", "-m", "edge", "replay", str(session), "--serve", "--port", "0"]
        log = Path(folder) / "log"
        with log.open("w") as output:
            box = subprocess.Popen(command, cwd=folder, stdout=output, stderr=subprocess.STDOUT, env=environment())
            try:
                yield _address(log, box)
            finally:
                box.terminate()
                box.wait(20)


def environment() -> dict[str, str]:
    """The box's own surroundings: without the benchmarks' limits on threads, with the sources importable."""
    limits = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
    return {k: v for k, v in os.environ.items() if k not in limits} | {"PYTHONPATH": str(ROOT)}


def _address(log: Path, box: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and box.poll() is None:
        if found := ADDRESS.search(log.read_text()):
            return found.group()
        time.sleep(0.1)
    raise TimeoutError(f"the box did not print its address:\n{log.read_text()}")


@contextmanager
def phone(address: str, *, scheme: str = "light", locale: str = "en-GB") -> Iterator[Page]:
    """A phone-sized page of a box in Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(viewport=PHONE, device_scale_factor=2, color_scheme=scheme, locale=locale)  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(address)
        yield page
        browser.close()


def measure() -> Latency:
    """Watch the page for a while."""
    with running_box() as address, phone(address) as page:
        page.wait_for_function("() => (window.__miseban?.draws ?? 0) > 5", timeout=START_S * 1000)
        page.wait_for_timeout(WARM_S * 1000)
        page.evaluate(WATCH)
        page.wait_for_timeout(LOOK_S * 1000)
        seen = page.evaluate("() => window.seen")
    median, p95 = np.percentile(seen, [50, 95])
    return Latency(len(seen), float(median), float(p95))


def latency_measures() -> Iterator[Measure]:
    """Exposure to picture."""
    latency = measure()
    on = f"frame time stamp → drawn in Chromium, {latency.updates} updates"
    yield at_most(on, "median, ms", FLOOR_MS, latency.median_ms, 0)
    yield told(on, "95th percentile, ms", f"{latency.p95_ms:.0f}")
