"""A real box without cameras: journal, broker, MQTT client and web server; and a real Chromium to look at it."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from starlette.routing import Route

from edge.clock import monotonic_ns, utc_ns
from edge.delivery.broker import Broker
from edge.delivery.history import History
from edge.delivery.journal import Journal
from edge.delivery.mqtt import Mqtt
from edge.delivery.wire import Topics
from edge.geometry import Intrinsics, Pose
from edge.messages import Alert, CameraModel
from edge.recording.pictures import PictureFolder
from edge.settings import BrokerSettings, DeviceSettings, WebSettings
from edge.web.accounts import Accounts
from edge.web.app import BoxParts, create_app
from edge.web.box_page import BoxView, box_routes
from edge.web.day import day_routes
from edge.web.server import WebServer
from edge.web.sign_in import Doorkeeper
from tests.browser import shop_floor

CHROMIUM = shutil.which("chromium")
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}


def camera() -> CameraModel:
    """A camera over the till, looking along +y."""
    lens = Intrinsics(width=640, height=480, fx=380.0, fy=380.0, cx=320.0, cy=240.0)
    return CameraModel("till", lens, 0.001, Pose.looking(5.0, 0.2, 2.7, 0.0, 35.0))


class Box:
    """What the daemon puts together, fed by the test instead of by cameras."""

    def __init__(self, folder: Path, *, sign_in: bool = False) -> None:
        self._folder = folder
        self.topics = Topics("store", "box")
        self.journal = Journal(folder / "journal.db")
        self.broker = Broker(BrokerSettings(), self.topics, folder / "broker")
        self.mqtt = Mqtt(self.topics, self.journal, self.broker.address)
        settings = WebSettings(port=0, sign_in=sign_in)
        self.accounts = Accounts(folder / "accounts.sqlite") if sign_in else None
        self.pictures = PictureFolder(folder / "pictures")
        self.history = History(folder / "history.sqlite", lambda _: "2026-11-24")
        app = create_app(
            settings,
            BoxParts(
                shop_floor.STORE,
                self.topics,
                self.journal,
                self.pictures,
                lambda: (camera(),),
                lambda: self.broker.address(),
            ),
            more=(*day_routes(self.history, self.journal, lambda: "2026-11-24"), *self._box_routes(folder)),
            door=Doorkeeper(self.accounts),
        )
        self.web = WebServer(settings, app)

    @staticmethod
    def _box_routes(folder: Path) -> Iterator[Route]:
        device = DeviceSettings(data_dir=folder)
        health = b'{"v":1}'
        view = BoxView(device, shop_floor.STORE, lambda: health, lambda _: None, lambda *_: None, monotonic_ns())
        return box_routes(view)

    def start(self) -> None:
        """Bring everything up."""
        self.broker.start()
        self.mqtt.start()
        self.web.start()

    def stop(self) -> None:
        """End everything."""
        self.web.stop()
        self.mqtt.stop()
        self.broker.stop()
        self.journal.close()
        self.history.close()
        if self.accounts is not None:
            self.accounts.close()

    def lose_broker(self) -> None:
        """End the box's MQTT and its broker; the web server goes on."""
        self.mqtt.stop()
        self.broker.stop()

    def find_broker(self) -> None:
        """A new broker that remembers nothing, and the box on it."""
        self.broker = Broker(BrokerSettings(), self.topics, self._folder / "broker-2")
        self.mqtt = Mqtt(self.topics, self.journal, self.broker.address)
        self.broker.start()
        self.mqtt.start()

    def show_shop(
        self, walkers: tuple[shop_floor.Walker, ...] = shop_floor.WALKERS, watched: Sequence[dict[str, object]] = ()
    ) -> int:
        """Map, health and people of this moment; the time of the people, ms."""
        t_ms = utc_ns() // 1_000_000
        self.mqtt.publish_retained("map", shop_floor.floor_map(t_ms))
        sensor = {"id": "till", "kind": "camera", "state": "ok", "fps": 15.0, "frame_age_ms": 60, "lag_ms": 12}
        sensor |= {"drops": 0, "bad_frames": 0, "model": "simulated", "fault": None, "level_dbfs": None}
        health = {"v": 1, "t_ms": t_ms, "broker": "mosquitto", "late": 0, "sensors": [sensor]}
        health["watched"] = list(watched)
        self.mqtt.publish_retained("health", json.dumps(health).encode())
        self.mqtt.publish_live("people", shop_floor.people(t_ms, walkers))
        return t_ms

    def walk(self, duration_s: float, walkers: tuple[shop_floor.Walker, ...] = shop_floor.WALKERS) -> None:
        """Five updates a second."""
        end = time.monotonic() + duration_s
        while time.monotonic() < end:
            self.mqtt.publish_live("people", shop_floor.people(utc_ns() // 1_000_000, walkers))
            time.sleep(0.2)

    def count(self, entered: int, left: int) -> None:
        """Comings and goings of the day so far, told with the last minute's."""
        end_ms = utc_ns() // 1_000_000
        lines = [{"id": "door", "in": entered, "out": left}]
        today = {"since_ms": end_ms - 60_000, "entered": entered, "left": left, "lines": lines}
        window = {"t_start_ms": end_ms - 60_000, "t_end_ms": end_ms, "closed": True, "entered": 1, "left": 0}
        body = {"v": 1, **window, "inside": 4, "lines": [{"id": "door", "in": 1, "out": 0}], "today": today}
        self.mqtt.publish_retained("counts", json.dumps(body).encode())

    def fill_shelves(self) -> None:
        """How full the shelves are now."""
        self.mqtt.publish_retained("shelves", shop_floor.shelves(utc_ns() // 1_000_000))

    def raise_alert(self, alert: Alert) -> None:
        """Into the journal first, then out, as the daemon does."""
        self.journal.record(alert)
        self.mqtt.alerts_changed()


@pytest.fixture
def box(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Box]:
    """A running box; one where people sign in for tests that are marked ``sign_in``."""
    made = Box(tmp_path, sign_in=request.node.get_closest_marker("sign_in") is not None)
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for all tests of a file; others may start Playwright in their own way afterwards."""
    if CHROMIUM is None:
        pytest.skip("no chromium on PATH (apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield browser
        browser.close()


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(chromium: Browser, box: Box) -> Iterator[OpenPage]:
    """Open the app as a given phone would; every fault of the page fails the test."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def opened(size: dict[str, int] = PHONE, locale: str = "ja-JP", scheme: str = "light", **options: object) -> Page:
        context = chromium.new_context(
            viewport=size, locale=locale, color_scheme=scheme, device_scale_factor=2, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        # A refused script, style or request shows up here too: the page must live within its own security policy.
        page.on("console", lambda line: faults.append(line.text) if "Content Security" in line.text else None)
        page.goto(box.web.url)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []
