"""Every page in both languages and colours: nothing hinders anybody, it can be installed, and it is there soon."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from edge.clock import utc_ns
from edge.messages import AlertState, EventKind, Level
from tests.browser import shop_floor
from tests.browser.checks import PAGES, first_load, hindrances, installation_faults, serious
from tests.browser.conftest import ARGS, CHROMIUM, PHONE, Box, OpenPage
from tests.browser.test_app import wait_live

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("locale", "scheme"), [("ja-JP", "light"), ("en-GB", "dark"), ("ja-JP", "dark"), ("en-GB", "light")]
)
def test_nothing_hinders_anybody(box: Box, open_page: OpenPage, locale: str, scheme: str) -> None:
    page = open_page(locale=locale, scheme=scheme)
    wait_live(page)
    box.show_shop(watched=shop_floor.UNWATCHED)
    box.count(entered=23, left=19)
    box.fill_shelves()
    box.raise_alert(shop_floor.alert("a-1", utc_ns(), Level.RED, EventKind.INTRUSION))
    box.raise_alert(shop_floor.alert("a-2", utc_ns(), Level.YELLOW, EventKind.CROWD))
    box.raise_alert(shop_floor.alert("a-2", utc_ns(), Level.YELLOW, EventKind.CROWD, AlertState.ENDED))
    expect(page.locator('[data-alert="a-1"]')).to_be_visible()
    for name in PAGES:
        page.evaluate("name => { location.hash = `#/${name}` }", name)
        expect(page.locator("main h2").first).to_be_visible()
        assert serious(hindrances(page)) == [], name


def test_what_hinders_is_found(open_page: OpenPage) -> None:
    page = open_page()
    wait_live(page)
    page.evaluate("() => document.querySelector('main').append(document.createElement('button'))")
    assert any("button-name" in one for one in serious(hindrances(page)))


@pytest.mark.sign_in
def test_nothing_hinders_anybody_who_signs_in(box: Box, open_page: OpenPage) -> None:
    page = open_page(scheme="dark")
    expect(page.locator("form")).to_be_visible()
    assert serious(hindrances(page)) == []


def test_it_can_be_installed_and_is_there_soon(box: Box, chromium: Browser, tmp_path: Path) -> None:
    # Nothing can be installed from the windows of other tests, which are incognito.
    context = chromium.browser_type.launch_persistent_context(
        str(tmp_path / "profile"), executable_path=CHROMIUM, args=ARGS, viewport=PHONE, locale="ja-JP"
    )
    speed = first_load(context, box.web.url, settle_ms=3000)
    page = context.new_page()
    page.goto(box.web.url)
    page.evaluate("() => navigator.serviceWorker.ready")
    faults = installation_faults(page)
    context.close()
    assert faults == []
    assert speed.bytes_before_mqtt <= 200_000
    assert 0 < speed.first_paint_ms <= speed.largest_paint_ms
    assert speed.shift < 0.1
