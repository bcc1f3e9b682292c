"""The app in a real browser, against the real broker, journal and web server."""

from __future__ import annotations

import gzip
import re
import time

import pytest
from playwright.sync_api import Page, expect

from edge.clock import utc_ns
from edge.messages import AlertState, EventKind, Level
from edge.web.app import STATIC
from tests.browser import shop_floor
from tests.browser.conftest import DESK, PHONE, Box, OpenPage

pytestmark = pytest.mark.browser

LOOKS = [
    (size, locale, scheme) for size in (PHONE, DESK) for locale in ("ja-JP", "en-GB") for scheme in ("light", "dark")
]


def wait_live(page: Page) -> None:
    expect(page.locator('[data-condition="live"]')).to_be_visible(timeout=15_000)


def test_before_the_first_connection_the_page_says_what_it_waits_for(box: Box, open_page: OpenPage) -> None:
    page = open_page()
    expect(page.get_by_role("heading", level=1)).to_have_text("店番")
    expect(page.locator("[data-condition]")).to_be_visible()
    wait_live(page)
    expect(page.get_by_text("みせばん 本町店")).to_be_visible()


def test_people_are_counted_and_drawn(box: Box, open_page: OpenPage) -> None:
    page = open_page()
    wait_live(page)
    t_ms = box.show_shop()
    expect(page.locator("[data-inside]")).to_have_attribute("data-inside", "4")
    page.wait_for_function("t => window.__miseban.lastDraw?.t_ms === t", arg=t_ms)
    assert coloured_pixels(page) > 400
    box.mqtt.publish_live("people", shop_floor.people(t_ms + 200, ()))
    expect(page.locator("[data-inside]")).to_have_attribute("data-inside", "0")
    expect(page.get_by_text("店内に人はいません")).to_be_visible()
    time.sleep(0.8)
    assert coloured_pixels(page) == 0


def coloured_pixels(page: Page) -> int:
    return int(
        page.evaluate(
            """() => { const c = document.querySelector('.map-people');
            const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
            let n = 0; for (let i = 3; i < d.length; i += 4) if (d[i] > 40) n += 1; return n; }"""
        )
    )


def test_nothing_is_drawn_while_nothing_changes(box: Box, open_page: OpenPage) -> None:
    page = open_page()
    wait_live(page)
    still = (shop_floor.Walker("k3f9", (4.0, 3.2), 0.0, 30.0),)
    box.show_shop(still)
    expect(page.locator("[data-inside]")).to_have_attribute("data-inside", "1")
    time.sleep(1.0)
    page.evaluate(
        """() => { window.frames_asked = 0; const ask = window.requestAnimationFrame;
        window.requestAnimationFrame = (f) => { window.frames_asked += 1; return ask(f); }; }"""
    )
    time.sleep(1.5)
    assert page.evaluate("() => window.frames_asked") <= 3


def test_drawn_soon_after_the_frame(box: Box, open_page: OpenPage) -> None:
    page = open_page()
    wait_live(page)
    box.show_shop()
    latencies = []
    for _ in range(25):
        t_ms = utc_ns() // 1_000_000
        box.mqtt.publish_live("people", shop_floor.people(t_ms))
        page.wait_for_function("t => window.__miseban.lastDraw?.t_ms === t", arg=t_ms, timeout=5_000)
        latencies.append(page.evaluate("() => window.__miseban.lastDraw.drawn_ms") - t_ms)
    latencies.sort()
    assert latencies[12] < 150, f"published -> drawn, ms: {latencies}"


def test_comings_and_goings_are_the_boxs_own_on_every_phone(box: Box, open_page: OpenPage) -> None:
    mine = open_page()
    wait_live(mine)
    box.count(entered=3, left=2)
    expect(mine.locator("[data-entered]")).to_have_text("3")
    box.count(entered=4, left=2)
    expect(mine.locator("[data-entered]")).to_have_text("4")
    # A phone that has only come now says the same.
    theirs = open_page(locale="en-GB")
    expect(theirs.locator("[data-entered]")).to_have_text("4")
    expect(theirs.locator("[data-left]")).to_have_text("2")
    expect(theirs.locator(".line-flow")).to_contain_text("in 4")


def test_an_alert_arrives_is_answered_and_both_phones_see_it(box: Box, open_page: OpenPage) -> None:
    mine, theirs = open_page(), open_page(locale="en-GB")
    wait_live(mine)
    wait_live(theirs)
    box.raise_alert(shop_floor.alert("a-1", utc_ns(), Level.RED, EventKind.INTRUSION))
    card = mine.locator('[data-alert="a-1"]')
    expect(card).to_contain_text("至急")
    expect(card).to_contain_text("営業時間外に人がいる")
    expect(card).to_contain_text("通路 · C-4")
    expect(theirs.locator('[data-alert="a-1"]')).to_contain_text("Aisle · C-4")
    mine.get_by_role("link", name="お知らせ").click()
    expect(mine.locator(".reasons li")).to_have_count(2)
    card.get_by_role("button", name="声をかけた").click()
    expect(card.locator(".answered")).to_contain_text("声をかけた · スタッフ")
    expect(theirs.locator('[data-alert="a-1"] .answered')).to_contain_text("Spoke to them")
    (stored,) = box.journal.since(0, 10)
    assert stored.ack is not None
    assert stored.ack.action.value == "spoke"
    box.raise_alert(shop_floor.alert("a-1", utc_ns(), Level.RED, EventKind.INTRUSION, AlertState.ENDED))
    expect(mine.locator('[data-alert="a-1"]')).to_have_attribute("data-state", "ended")
    expect(mine.get_by_text("いま、対応が必要なことはありません")).to_be_visible()


def test_what_happened_before_the_page_was_opened_is_caught_up(box: Box, open_page: OpenPage) -> None:
    for index in range(3):
        box.raise_alert(
            shop_floor.alert(f"a-{index}", utc_ns() - index * 60_000_000_000, Level.YELLOW, EventKind.CROWD)
        )
    page = open_page()
    page.get_by_role("link", name="お知らせ").click()
    expect(page.locator("[data-alert]")).to_have_count(3)


def test_an_answer_given_without_a_broker_arrives_after_the_page_was_closed(box: Box, open_page: OpenPage) -> None:
    page = open_page()
    wait_live(page)
    box.raise_alert(shop_floor.alert("a-1", utc_ns(), Level.YELLOW, EventKind.CROWD))
    card = page.locator('[data-alert="a-1"]')
    expect(card).to_be_visible()
    box.lose_broker()
    expect(page.locator('[data-condition="no-broker"]')).to_be_visible(timeout=20_000)
    card.get_by_role("button", name="確認した").click()
    expect(card.locator(".is-waiting")).to_be_visible()
    # Closed before it could be sent: the answer waits in the phone's database.
    context = page.context
    page.close()
    (stored,) = box.journal.since(0, 10)
    assert stored.ack is None
    box.find_broker()
    page = context.new_page()
    page.goto(box.web.url)
    expect(page.locator('[data-alert="a-1"] .answered:not(.is-waiting)')).to_contain_text("確認した", timeout=20_000)
    (stored,) = box.journal.since(0, 10)
    assert stored.ack is not None
    assert stored.ack.action.value == "seen"


def test_without_a_broker_the_box_itself_is_asked(box: Box, open_page: OpenPage) -> None:
    box.lose_broker()
    box.journal.record(shop_floor.alert("a-1", utc_ns(), Level.RED, EventKind.INTRUSION))
    page = open_page()
    expect(page.locator('[data-alert="a-1"]')).to_be_visible(timeout=15_000)
    expect(page.locator('[data-condition="no-broker"]')).to_be_visible(timeout=20_000)
    box.journal.record(shop_floor.alert("a-2", utc_ns(), Level.RED, EventKind.INTRUSION))
    expect(page.locator('[data-alert="a-2"]')).to_be_visible(timeout=15_000)


def test_a_silent_box_and_a_lost_broker_are_said(box: Box, open_page: OpenPage) -> None:
    page = open_page()
    wait_live(page)
    box.mqtt.stop()
    expect(page.locator('[data-condition="box-off"]')).to_be_visible(timeout=15_000)
    box.broker.stop()
    expect(page.locator('[data-condition="no-broker"]')).to_be_visible(timeout=20_000)


def test_the_page_reconnects_by_itself(box: Box, open_page: OpenPage) -> None:
    page = open_page()
    wait_live(page)
    box.lose_broker()
    expect(page.locator('[data-condition="no-broker"]')).to_be_visible(timeout=20_000)
    box.raise_alert(shop_floor.alert("a-1", utc_ns(), Level.RED, EventKind.INTRUSION))
    box.find_broker()
    wait_live(page)
    expect(page.locator('[data-alert="a-1"]')).to_be_visible()


def test_the_app_can_be_installed(box: Box, open_page: OpenPage) -> None:
    page = open_page()
    page.evaluate("() => navigator.serviceWorker.ready")
    devtools = page.context.new_cdp_session(page)
    manifest = devtools.send("Page.getAppManifest")
    assert manifest["errors"] == []
    # A test's private window is the one thing that may stand in the way.
    reasons = {item["errorId"] for item in devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]}
    assert reasons <= {"in-incognito"}


def test_the_first_load_is_small() -> None:
    page = (STATIC / "index.html").read_text(encoding="utf-8")
    files = ["index.html", *(path.lstrip("/") for path in re.findall(r'(?:src|href)="(/[^"]+\.(?:js|css))"', page))]
    assert len(files) == 4
    total = sum(len(gzip.compress((STATIC / name).read_bytes())) for name in files)
    assert total <= 60_000


def test_everything_is_reached_by_keyboard(box: Box, open_page: OpenPage) -> None:
    page = open_page(DESK)
    wait_live(page)
    box.show_shop()
    box.raise_alert(shop_floor.alert("a-1", utc_ns(), Level.RED, EventKind.INTRUSION))
    expect(page.locator('[data-alert="a-1"]')).to_be_visible()
    focused = []
    for _ in range(16):
        page.keyboard.press("Tab")
        label = "e => e === document.body ? '' : (e.getAttribute('aria-label') ?? e.textContent.trim())"
        focused.append(page.evaluate(f"() => ({label})(document.activeElement)"))
        outline = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
        assert focused[-1] == "" or outline == "solid", focused[-1]
    for name in ("本文へ進む", "設定", "声をかけた", "確認した", "拡大"):
        assert name in focused, (name, focused)


def test_goods_are_told_with_pictures_of_before_and_after(box: Box, open_page: OpenPage) -> None:
    page = open_page()
    wait_live(page)
    box.pictures.keep(shop_floor.depth_pair("packets3", 3))
    box.raise_alert(shop_floor.sweep(utc_ns()))
    page.get_by_role("link", name="お知らせ").click()
    card = page.locator('[data-alert="a-sweep"]')
    expect(card).to_contain_text("短い時間に多くの商品が取られた")
    expect(card.locator(".alert-where")).to_have_text(re.compile("棚 A · 下から2段目 · C-6.*7点 · 約4.9 L"))
    small = card.get_by_role("img", name="変化前後の奥行きの図:商品が取られた、棚 A · 下から2段目 · C-6")
    expect(small).to_have_count(1)
    page.wait_for_function("() => document.querySelector('.picture img').naturalWidth > 100")
    expect(card.get_by_text("この図はもう残っていません")).to_have_count(1)
    card.get_by_role("button", name="大きく見る").click()
    large = page.get_by_role("dialog")
    expect(large).to_contain_text("変化前")
    assert large.locator("img").bounding_box()["width"] > 300
    page.keyboard.press("Escape")
    expect(large).to_be_hidden()


def test_a_picture_comes_when_the_box_is_back(box: Box, open_page: OpenPage) -> None:
    page = open_page(locale="en-GB")
    wait_live(page)
    box.pictures.keep(shop_floor.depth_pair("packets3", 3))
    page.route("**/api/pictures/*", lambda route: route.abort())
    box.raise_alert(shop_floor.sweep(utc_ns()))
    page.get_by_role("link", name="Alerts").click()
    expect(page.locator(".picture-gone")).to_have_count(2)
    page.unroute("**/api/pictures/*")
    box.lose_broker()
    expect(page.get_by_text("The picture appears once there is a connection")).to_have_count(2, timeout=15_000)
    box.find_broker()
    expect(page.locator(".picture img")).to_have_count(1, timeout=20_000)
    expect(page.get_by_text("This picture is no longer kept")).to_have_count(1)


def test_shelves_are_listed_the_emptiest_first_and_what_is_not_watched(box: Box, open_page: OpenPage) -> None:
    page = open_page()
    wait_live(page)
    box.show_shop(watched=shop_floor.UNWATCHED)
    page.get_by_text("見守れていない場所:棚 C、スタッフ専用").click()
    expect(page.get_by_text("棚の埋まり具合は")).to_be_visible()
    box.fill_shelves()
    levels = page.locator("[data-percent]")
    expect(levels).to_have_count(9)
    expect(levels.first).to_have_text(re.compile("棚 A · 下から2段目.*8%"))
    assert levels.evaluate_all("l => l.map(e => +e.dataset.percent)") == [8, 20, 35, 47, 55, 64, 72, 90, 100]
    expect(page.locator(".unwatched")).to_contain_text("12%しか見えません")
    expect(page.locator(".unwatched")).to_contain_text("どのカメラからも見えません")
    box.show_shop()
    expect(page.locator(".unwatched")).to_have_count(0)


def test_language_and_colours_are_switched_and_kept(box: Box, open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_role("link", name="設定").click()
    page.get_by_text("English").click()
    page.get_by_text("Dark", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Miseban")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Miseban")
    assert page.evaluate("() => document.documentElement.lang + document.documentElement.dataset.theme") == "endark"


def test_the_page_opens_without_a_network(box: Box, open_page: OpenPage) -> None:
    page = open_page()
    wait_live(page)
    page.evaluate("() => navigator.serviceWorker.ready")
    box.web.stop()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("店番")
    expect(page.locator('[data-condition="offline"]')).to_be_visible(timeout=15_000)


@pytest.mark.parametrize(("size", "locale", "scheme"), LOOKS)
def test_it_looks_right(
    box: Box,
    open_page: OpenPage,
    size: dict[str, int],
    locale: str,
    scheme: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    red = shop_floor.Walker("k3f9", (4.0, 3.2), 2.3, 26.0, level="red")
    walkers = (red, *shop_floor.WALKERS[1:])
    page = open_page(size, locale, scheme)
    wait_live(page)
    box.show_shop(walkers, shop_floor.UNWATCHED)
    box.count(entered=23, left=19)
    box.raise_alert(shop_floor.alert("a-0", utc_ns() - 4_000_000_000_000, Level.YELLOW, EventKind.CROWD))
    box.raise_alert(
        shop_floor.alert("a-0", utc_ns() - 3_800_000_000_000, Level.YELLOW, EventKind.CROWD, AlertState.ENDED)
    )
    box.raise_alert(shop_floor.alert("a-1", utc_ns() - 130_000_000_000, Level.RED, EventKind.INTRUSION))
    expect(page.locator('[data-alert="a-1"]')).to_be_visible()
    box.fill_shelves()
    box.walk(4.0, walkers)
    folder = tmp_path_factory.getbasetemp() / "looks"
    folder.mkdir(exist_ok=True)
    name = f"{size['width']}-{locale[:2]}-{scheme}"
    page.screenshot(path=folder / f"now-{name}.png", full_page=True)
    # Nothing sticks out of the page at its side.
    assert page.evaluate("() => document.documentElement.scrollWidth") <= size["width"]
    box.raise_alert(shop_floor.alert("a-2", utc_ns() - 700_000_000_000, Level.YELLOW, EventKind.CROWD))
    box.raise_alert(shop_floor.alert("a-3", utc_ns() - 20_000_000_000, Level.WHITE, EventKind.DWELL))
    box.pictures.keep(shop_floor.depth_pair("packets3", 3))
    box.raise_alert(shop_floor.sweep(utc_ns() - 40_000_000_000))
    page.goto(f"{box.web.url}#/alerts")
    expect(page.locator("[data-alert]")).to_have_count(5)
    expect(page.locator(".picture-gone")).to_have_count(1)
    page.screenshot(path=folder / f"alerts-{name}.png", full_page=True)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= size["width"]
    page.locator(".picture").click()
    page.screenshot(path=folder / f"picture-{name}.png")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="棚" if locale == "ja-JP" else "Shelves", exact=True).click()
    expect(page.locator("[data-percent]")).to_have_count(9)
    page.screenshot(path=folder / f"shelves-{name}.png", full_page=True)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= size["width"]
