"""A phone that trusts the box's own CA, as a real Chromium does: no warning, a service worker, a session over https."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, sync_playwright

from edge.daemon.front_door import FrontDoor
from edge.daemon.welcome import Welcome
from edge.delivery.broker import Broker
from edge.delivery.journal import Journal
from edge.delivery.wire import Topics
from edge.recording.pictures import PictureFolder
from edge.settings import BrokerSettings, DeviceSettings, WebSettings
from edge.web.answers import answer_routes
from edge.web.app import BoxParts
from tests.browser import shop_floor
from tests.browser.conftest import ARGS, CHROMIUM

PASSWORD = "correct horse 店番"
CERTUTIL = shutil.which("certutil")
ASK = """async ([method, path, body]) => {
    const csrf = (await (await fetch("/api/session")).json()).csrf;
    const headers = { "x-miseban-csrf": csrf, "content-type": "application/json" };
    const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
    return [answer.status, await answer.json()];
}"""
SOCKET = """() => new Promise((done) => {
    const socket = new WebSocket(`wss://${location.host}/mqtt`, "mqtt");
    socket.onopen = () => done("open");
    socket.onclose = (event) => done(`closed ${event.code}`);
})"""


class Shop:
    """A box that the shop's network reaches."""

    def __init__(self, folder: Path) -> None:
        topics = Topics("store", "box")
        self.data_dir = folder / "var"
        self.data_dir.mkdir()
        self.greeted: list[Welcome] = []
        self.journal = Journal(self.data_dir / "journal.sqlite")
        self.broker = Broker(BrokerSettings(), topics, self.data_dir / "broker")
        self.broker.start()
        pictures = PictureFolder(self.data_dir / "pictures")
        parts = BoxParts(shop_floor.STORE, topics, self.journal, pictures, tuple, self.broker.address)
        device = DeviceSettings(data_dir=self.data_dir, web=WebSettings(host="0.0.0.0", port=0, trust_port=0))
        self.door = FrontDoor(device, parts, tuple(answer_routes(self.journal, lambda: None)))
        self.door.open(self.greeted.append)

    def close(self) -> None:
        """End everything."""
        self.door.close(3.0)
        self.broker.stop()
        self.journal.close()


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A box with its own CA and nobody in it yet."""
    made = Shop(tmp_path)
    yield made
    made.close()


def chromium_of(home: Path) -> Iterator[Browser]:
    """A browser with a home of its own, where it keeps whom it trusts."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS, env={"HOME": str(home)})
        yield browser
        browser.close()


@pytest.fixture
def trusting(shop: Shop, tmp_path: Path) -> Iterator[Browser]:
    """A Chromium whose user has installed the CA."""
    if CHROMIUM is None or CERTUTIL is None:
        pytest.skip("no chromium or no certutil on PATH (apt-get install chromium libnss3-tools)")
    home = tmp_path / "home"
    store = home / ".pki/nssdb"
    store.mkdir(parents=True)
    database = ["-d", f"sql:{store}"]
    subprocess.run([CERTUTIL, *database, "-N", "--empty-password"], check=True, timeout=30)
    add = ["-A", "-t", "C,,", "-n", "miseban", "-i", str(shop.data_dir / "tls/ca.pem")]
    subprocess.run([CERTUTIL, *database, *add], check=True, timeout=30)
    yield from chromium_of(home)


@pytest.fixture
def wary(tmp_path: Path) -> Iterator[Browser]:
    """A Chromium that has never heard of the box."""
    if CHROMIUM is None:
        pytest.skip("no chromium on PATH (apt-get install chromium)")
    (tmp_path / "elsewhere").mkdir()
    yield from chromium_of(tmp_path / "elsewhere")


def test_a_phone_that_trusts_the_box_has_the_whole_app(shop: Shop, trusting: Browser) -> None:
    page = trusting.new_page()
    page.goto(shop.door.url)
    assert shop.door.url.startswith("https://localhost:")
    assert page.evaluate("isSecureContext")
    scope = page.evaluate("navigator.serviceWorker.ready.then((worker) => worker.scope)")
    assert scope == shop.door.url
    assert page.evaluate(SOCKET).startswith("closed")

    (welcome,) = shop.greeted
    setup = {"code": welcome.code, "name": "森", "password": PASSWORD}
    status, told = page.evaluate(ASK, ["POST", "/api/setup", setup])
    assert (status, told["user"]) == (200, {"name": "森", "role": "owner"})
    (cookie,) = page.context.cookies()
    assert cookie["name"] == "__Host-miseban"
    assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, True, "Strict", "/")
    assert page.evaluate("document.cookie") == ""
    assert page.evaluate(ASK, ["POST", "/api/users", {"name": "由紀", "role": "staff"}])[0] == 201
    assert page.evaluate(SOCKET) == "open"
    assert page.evaluate(ASK, ["DELETE", "/api/session", None])[1]["state"] == "signed_out"
    assert page.context.cookies() == []


def test_a_phone_that_does_not_is_led_there(shop: Shop, wary: Browser) -> None:
    refused = wary.new_page()
    with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
        refused.goto(shop.door.url)
    refused.close()  # its page of complaint comes a moment later, and would break in
    page = wary.new_page(locale="ja-JP", viewport={"width": 390, "height": 844})
    (welcome,) = shop.greeted
    assert welcome.trust_url is not None
    page.goto(welcome.trust_url)
    assert "証明書" in page.inner_text("main")
    assert page.inner_text("code") == welcome.fingerprint
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    with page.expect_download() as download:
        page.get_by_text("Android").locator("xpath=following-sibling::a").first.click()
    assert download.value.suggested_filename == "miseban-ca.crt"
    assert page.get_by_text("店番を開く").get_attribute("href") == welcome.url
