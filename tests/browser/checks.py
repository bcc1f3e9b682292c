"""What others look at in a web page: what hinders people, whether it can be installed, how soon it is there.

No Lighthouse: axe-core, Chromium's own judgement of what can be installed, and Chromium's own clocks, rated with
Lighthouse's published curves for a phone where it has one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext, Page

AXE = Path(__file__).resolve().parents[2] / "alerts_app/node_modules/axe-core/axe.min.js"
PAGES = ("now", "alerts", "shelves", "day", "box", "settings", "sign")
SERIOUS = {"serious", "critical"}
MQTT = "/assets/mqtt"
"""Start of the path of the connection's library, which is loaded after the first picture."""
CPU_SLOWER = 4
ROUND_TRIP_MS, BYTES_PER_S = 150, 1_638_400 / 8
"""What Lighthouse takes for a phone: slow 4G, and a processor four times slower."""

_LOOK = """() => {
  window.paints = { lcp: 0, cls: 0, long: [] };
  const watch = (type, take) => new PerformanceObserver((list) => list.getEntries().forEach(take))
    .observe({ type, buffered: true });
  watch("largest-contentful-paint", (entry) => { window.paints.lcp = entry.startTime; });
  watch("layout-shift", (entry) => { if (!entry.hadRecentInput) window.paints.cls += entry.value; });
  watch("longtask", (entry) => { window.paints.long.push([entry.startTime, entry.duration]); });
}"""


@dataclass(frozen=True, slots=True)
class Speed:
    """How soon a page is there."""

    first_paint_ms: float
    largest_paint_ms: float
    blocked_ms: float
    """Long tasks after the first paint, each without its first 50 ms."""
    shift: float
    bytes_before_mqtt: int
    """On the wire, compressed, without the connection's library."""

    @property
    def score(self) -> float:
        """Lighthouse's weights and curves for a phone, 0 to 100; without its Speed Index, which is its own."""
        rated = (
            (10, _rated(self.first_paint_ms, 1800, 3000)),
            (25, _rated(self.largest_paint_ms, 2500, 4000)),
            (30, _rated(self.blocked_ms, 200, 600)),
            (25, _rated(self.shift, 0.1, 0.25)),
        )
        return 100 * sum(weight * one for weight, one in rated) / sum(weight for weight, _ in rated)


def _rated(value: float, good: float, median: float) -> float:
    """A log-normal curve: 0.9 at ``good``, 0.5 at ``median``."""
    if value <= 0:
        return 1.0
    sigma = (math.log(median) - math.log(good)) / 1.2815515655446004
    return 0.5 * math.erfc((math.log(value) - math.log(median)) / (sigma * math.sqrt(2)))


def hindrances(page: Page) -> list[str]:
    """What axe-core finds on the page as it stands, with its impact and the first place."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("async () => (await axe.run(document, { resultTypes: ['violations'] })).violations")
    return [f"{one['impact']}: {one['id']} at {one['nodes'][0]['target']} {_why(one)}" for one in found]


def _why(violation: dict) -> str:
    return str(violation["nodes"][0].get("failureSummary", ""))[:200].replace("\n", " ")


def serious(found: list[str]) -> list[str]:
    """Those that keep somebody from using it."""
    return [one for one in found if one.split(":")[0] in SERIOUS]


def installation_faults(page: Page) -> list[str]:
    """Why Chromium would not offer to install it; the page must not be in an incognito window."""
    chrome = page.context.new_cdp_session(page)
    manifest = chrome.send("Page.getAppManifest")
    faults = [str(error["message"]) for error in manifest.get("errors", [])]
    for _ in range(20):  # the service worker is looked at a little later
        errors = chrome.send("Page.getInstallabilityErrors")["installabilityErrors"]
        if not errors:
            break
        page.wait_for_timeout(250)
    return faults + [str(error["errorId"]) for error in errors]


def first_load(context: BrowserContext, url: str, *, settle_ms: int = 6000) -> Speed:
    """Open it as a phone that was never here, on a slow network and processor."""
    page = context.new_page()
    chrome = context.new_cdp_session(page)
    sizes: dict[str, int] = {}
    names: dict[str, str] = {}
    chrome.on("Network.responseReceived", lambda told: names.update({told["requestId"]: told["response"]["url"]}))
    chrome.on("Network.loadingFinished", lambda told: sizes.update({told["requestId"]: int(told["encodedDataLength"])}))
    chrome.send("Network.enable")
    chrome.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": ROUND_TRIP_MS,
            "downloadThroughput": BYTES_PER_S,
            "uploadThroughput": BYTES_PER_S / 2,
        },
    )
    chrome.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWER})
    page.add_init_script(f"({_LOOK})()")
    page.goto(url, timeout=60_000)
    page.wait_for_timeout(settle_ms)
    paints = page.evaluate("() => window.paints")
    first = page.evaluate("() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 1e9")
    blocked = sum(max(0.0, length - 50) for begun, length in paints["long"] if begun + length > first)
    loaded = sum(size for request, size in sizes.items() if MQTT not in names.get(request, ""))
    page.close()
    return Speed(first, paints["lcp"], blocked, paints["cls"], loaded)
