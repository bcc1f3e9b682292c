"""Answers that are pressed while the box or its broker is dead arrive once; ``measure_delivery`` presses a thousand."""

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.conftest import ARGS, CHROMIUM, PHONE
from tests.chaos.press import CLOSED, LEFT_OPEN, RELOADED, press_answers
from tests.delivery.conftest import needs_mosquitto


@pytest.mark.browser
@needs_mosquitto
def test_answers_outlive_the_page_and_arrive_when_the_box_or_its_broker_is_back(tmp_path):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        pressed = press_answers(tmp_path, browser.new_context(viewport=PHONE), batches=2, each=6, anew=0.5)
        browser.close()
    assert pressed.pressed == 12
    assert {RELOADED, CLOSED, LEFT_OPEN} < pressed.ways.keys()
    assert pressed.lost == ()
    assert pressed.twice == ()
