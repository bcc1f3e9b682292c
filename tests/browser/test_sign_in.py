"""Signing in, in a real browser: the first owner, an invited member of staff, and those who may only look."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from edge.clock import utc_ns
from edge.messages import EventKind, Level
from edge.web.rights import Role
from tests.browser import shop_floor
from tests.browser.conftest import Box, OpenPage
from tests.browser.test_app import wait_live
from tests.delivery.phone import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.sign_in]

PASSWORD = "the 7 blue lanterns"


def come_in(page: Page, code: str, name: str) -> None:
    """Use a code as a person does."""
    page.locator(".sign-in input[name=code]").fill(code)
    page.locator(".sign-in input[name=name]").fill(name)
    page.locator(".sign-in input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="はじめる").click()


def invited(box: Box, open_page: OpenPage, name: str, role: Role) -> Page:
    """A phone whose user has come in by an invitation."""
    assert box.accounts is not None
    if not box.accounts.has_owner():
        own = open_page()
        come_in(own, box.accounts.new_setup_code(), "店長")
        wait_live(own)
    page = open_page()
    code = box.accounts.invite(name, role).code
    page.get_by_role("button", name="招待コードを持っている").click()
    come_in(page, code, name)
    wait_live(page)
    return page


def test_the_first_owner_comes_in_with_the_code_of_the_console(box: Box, open_page: OpenPage) -> None:
    assert box.accounts is not None
    code = box.accounts.new_setup_code()
    page = open_page()
    expect(page.get_by_role("heading", name="はじめての設定")).to_be_visible()
    come_in(page, "AAAA-AAAA-AAAA", "店長")
    expect(page.get_by_role("alert")).to_contain_text("コードが違うか")
    come_in(page, code, "店長")
    wait_live(page)
    page.reload()
    wait_live(page)
    page.get_by_role("link", name="設定").click()
    expect(page.locator(".account-who")).to_have_text(re.compile("店長.*店主"))
    page.get_by_role("button", name="サインアウト").click()
    expect(page.get_by_role("heading", name="サインイン")).to_be_visible()
    page.locator(".sign-in input[name=name]").fill("店長")
    page.locator(".sign-in input[name=password]").fill("not this one")
    page.get_by_role("button", name="サインイン").click()
    expect(page.get_by_role("alert")).to_contain_text("名前かパスワードが違います")
    page.locator(".sign-in input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="サインイン").click()
    wait_live(page)


def test_the_code_in_an_address_is_filled_in(box: Box, open_page: OpenPage) -> None:
    assert box.accounts is not None
    code = box.accounts.new_setup_code()
    page = open_page()
    page.goto(f"{box.web.url}#setup={code}")
    page.reload()
    expect(page.locator(".sign-in input[name=code]")).to_have_value(code)
    page.locator(".sign-in input[name=name]").fill("店長")
    page.locator(".sign-in input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="はじめる").click()
    wait_live(page)
    assert code not in page.url


def test_an_owner_invites_staff_whose_answers_carry_their_name(box: Box, open_page: OpenPage) -> None:
    assert box.accounts is not None
    own = open_page()
    come_in(own, box.accounts.new_setup_code(), "店長")
    wait_live(own)
    own.get_by_role("link", name="設定").click()
    own.locator("input[name=name]").fill("佐藤")
    own.get_by_role("button", name="招待する").click()
    expect(own.locator('[data-member="佐藤"]')).to_contain_text("招待中")
    code = own.locator(".invitation-code").inner_text()

    staff = open_page()
    staff.get_by_role("button", name="招待コードを持っている").click()
    come_in(staff, code, "佐藤")
    wait_live(staff)
    box.raise_alert(shop_floor.alert("a-1", utc_ns(), Level.RED, EventKind.INTRUSION))
    staff.locator('[data-alert="a-1"] [data-action="spoke"]').click()
    expect(staff.locator('[data-alert="a-1"]')).to_contain_text("声をかけた · 佐藤")
    own.get_by_role("link", name="お知らせ").click()
    expect(own.locator('[data-alert="a-1"]')).to_contain_text("声をかけた · 佐藤")


def test_those_who_only_look_are_offered_no_answer(box: Box, open_page: OpenPage) -> None:
    page = invited(box, open_page, "見学", Role.VIEWER)
    box.raise_alert(shop_floor.alert("a-1", utc_ns(), Level.RED, EventKind.INTRUSION))
    page.get_by_role("link", name="お知らせ").click()
    expect(page.locator('[data-alert="a-1"]')).to_be_visible()
    expect(page.locator("[data-action]")).to_have_count(0)
    page.get_by_role("link", name="本体").click()
    expect(page.get_by_text("サポート用の資料")).to_have_count(0)


def test_a_page_whose_user_was_removed_asks_to_sign_in(box: Box, open_page: OpenPage) -> None:
    page = invited(box, open_page, "佐藤", Role.STAFF)
    assert box.accounts is not None
    box.accounts.remove("佐藤")
    expect(page.get_by_role("heading", name="サインイン")).to_be_visible(timeout=20_000)


def test_an_answer_of_one_is_not_sent_as_that_of_another(box: Box, open_page: OpenPage) -> None:
    page = invited(box, open_page, "佐藤", Role.STAFF)
    assert box.accounts is not None
    box.raise_alert(shop_floor.alert("a-1", utc_ns(), Level.RED, EventKind.INTRUSION))
    expect(page.locator('[data-alert="a-1"]')).to_be_visible()
    box.lose_broker()
    page.locator('[data-alert="a-1"] [data-action="spoke"]').click()
    expect(page.locator('[data-alert="a-1"]')).to_contain_text("送信中")
    page.get_by_role("link", name="設定").click()
    page.get_by_role("button", name="サインアウト").click()
    box.find_broker()
    page.locator(".sign-in input[name=name]").fill("店長")
    page.locator(".sign-in input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="サインイン").click()
    wait_live(page)
    page.wait_for_timeout(6_000)
    assert box.journal.since(0, 10)[-1].ack is None
    page.get_by_role("link", name="設定").click()
    page.get_by_role("button", name="サインアウト").click()
    page.locator(".sign-in input[name=name]").fill("佐藤")
    page.locator(".sign-in input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="サインイン").click()
    wait_for(lambda: (ack := box.journal.since(0, 10)[-1].ack) is not None and ack.by == "佐藤", 15)
