"""What rings and what does not; nothing is lost, whoever is killed; nobody waits for a channel."""

import json
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from edge.clock import utc_ns
from edge.delivery import notify
from edge.delivery.notify import Notifier
from edge.messages import Ack, AckAction, AlertState, Hush, Level
from tests.delivery.phone import wait_for
from tests.delivery.sayings import Notebook, alert, settings

DOORS_BEHIND_S = 0.6
"""A worker looks every quarter of a second: what has not come after this long does not come."""


@pytest.fixture
def notebook():
    return Notebook()


@pytest.fixture
def running(journal, notebook):
    """Starts a notifier with one channel; all are ended."""
    notifiers = []

    def start(**more):
        notifier = Notifier([(settings(**more), notebook)], journal)
        notifiers.append(notifier)
        notifier.start()
        return notifier

    yield start
    for notifier in notifiers:
        notifier.stop()


def answer(journal, alert_id, at_ns=None):
    journal.acknowledge(Ack(f"x-{alert_id}", alert_id, AckAction.SPOKE, "Mori", at_ns or utc_ns()), utc_ns())


def test_a_new_alert_rings_once_and_only_more_of_it_rings_again(journal, notebook, running):
    running(levels=["yellow", "red"])
    first = alert("a", Level.YELLOW)
    journal.record(first)
    wait_for(lambda: notebook.ids() == ["a"])
    journal.record(replace(first, t_ns=first.t_ns + 1_000_000, count=3, state=AlertState.UPDATED))
    answer(journal, "a")
    time.sleep(DOORS_BEHIND_S)
    assert notebook.ids() == ["a"]
    red = replace(first, t_ns=utc_ns() + 1_000_000, level=Level.RED, state=AlertState.UPDATED)
    journal.record(red)
    wait_for(lambda: notebook.ids() == ["a", "a"])
    journal.record(replace(red, t_ns=red.t_ns + 1_000_000, state=AlertState.ENDED))
    time.sleep(DOORS_BEHIND_S)
    assert [notice.level for notice in notebook.told] == [Level.YELLOW, Level.RED]
    assert notebook.seen[-1].notice.state == "ended"  # known, though it rings nobody


def test_a_channel_tells_its_levels_only_and_an_alert_that_rises_to_one_of_them(journal, notebook, running):
    running(levels=["red"])
    journal.record(alert("white", Level.WHITE))
    rising = alert("rising", Level.YELLOW)
    journal.record(rising)
    wait_for(lambda: len(notebook.seen) >= 2)
    assert notebook.told == []
    journal.record(replace(rising, t_ns=utc_ns(), level=Level.RED, state=AlertState.UPDATED))
    wait_for(lambda: notebook.ids() == ["rising"])


def test_what_is_hushed_rings_nobody_until_it_is_not(journal, notebook, running):
    running()
    quiet = alert("quiet", hush=Hush.SNOOZED)
    journal.record(quiet)
    journal.record(alert("loud"))
    wait_for(lambda: notebook.ids() == ["loud"])
    journal.record(replace(quiet, t_ns=utc_ns(), hush=None, state=AlertState.UPDATED))
    wait_for(lambda: notebook.ids() == ["loud", "quiet"])


def test_a_later_step_waits_for_escalation_and_each_step_rings_again(journal, notebook):
    first = Notebook()
    notifier = Notifier([(settings("first"), first), (settings("later", step=2), notebook)], journal)
    notifier.start()
    made = alert("a")
    journal.record(made)
    wait_for(lambda: len(first.told) == 1)
    for step in (1, 2):
        journal.record(replace(made, t_ns=utc_ns(), escalation=step, state=AlertState.UPDATED))
        wait_for(lambda step=step: len(first.told) == step + 1)
    wait_for(lambda: len(notebook.told) == 1)
    assert [notice.escalation for notice in first.told] == [0, 1, 2]
    assert [notice.escalation for notice in notebook.told] == [2]
    notifier.stop()


def test_what_the_disk_does_not_take_is_not_told_twice_while_the_box_runs(journal, notebook, running, monkeypatch):
    monkeypatch.setattr(notify, "FIRST_BACK_OFF_S", 0.05)
    notifier = running()
    db = notifier._cursors._db
    db.execute("CREATE TEMP TRIGGER full BEFORE UPDATE ON channel_cursors BEGIN SELECT RAISE(FAIL, 'full'); END")
    journal.record(alert("a"))
    wait_for(lambda: notebook.ids() == ["a"])
    journal.record(alert("b"))
    wait_for(lambda: "b" in notebook.ids())
    time.sleep(DOORS_BEHIND_S)
    assert notebook.ids() == ["a", "b"]
    db.execute("DROP TRIGGER full")
    journal.record(alert("c"))
    wait_for(lambda: "c" in notebook.ids())
    notifier.stop()
    running()
    time.sleep(DOORS_BEHIND_S)
    assert notebook.ids() == ["a", "b", "c"]


def test_an_alert_that_was_answered_before_it_could_be_told_is_not_told(journal, notebook, running):
    notebook.fails = True
    running()
    journal.record(alert("answered"))
    wait_for(lambda: notebook.tries)
    answer(journal, "answered")
    journal.record(alert("open"))
    notebook.fails = False
    wait_for(lambda: notebook.ids() == ["open"])


def test_what_was_sent_is_told_and_what_nobody_wanted_is_not(journal, notebook):
    sent = []
    unwanted = Notebook()
    unwanted.deliver = lambda notice: None
    notifier = Notifier([(settings(), notebook), (settings("unwanted"), unwanted)], journal, sent.append)
    notifier.start()
    journal.record(alert("a"))
    wait_for(lambda: sent)
    time.sleep(DOORS_BEHIND_S)
    assert [one.alert_id for one in sent] == ["a"]
    assert {one.id: one.state for one in notifier.health()} == {"notebook": "ok", "unwanted": "untried"}
    notifier.stop()


def test_a_failing_channel_says_so_is_tried_again_and_then_works(journal, notebook, running, monkeypatch):
    monkeypatch.setattr(notify, "FIRST_BACK_OFF_S", 0.05)
    notebook.fails = True
    notifier = running()
    assert [one.state for one in notifier.health()] == ["untried"]
    journal.record(alert("a"))
    wait_for(lambda: notebook.tries >= 3)
    (state,) = notifier.health()
    assert (state.state, state.fault) == ("failing", "notebook: has no page left. Buy another.")
    assert state.told_ns is None
    notebook.fails = False
    wait_for(lambda: notebook.ids() == ["a"])
    wait_for(lambda: notifier.health()[0].state == "ok")
    assert notifier.health()[0].fault is None
    assert abs(notifier.health()[0].told_ns - utc_ns()) < 5e9


def test_back_off_grows_to_its_bound(journal, notebook, running, monkeypatch):
    monkeypatch.setattr(notify, "FIRST_BACK_OFF_S", 0.1)
    monkeypatch.setattr(notify, "LAST_BACK_OFF_S", 0.4)
    notebook.fails = True
    running()
    journal.record(alert("a"))
    wait_for(lambda: notebook.tries)
    time.sleep(1.5)
    assert 4 <= notebook.tries <= 6  # after 0, 0.1, 0.3, 0.7, 1.1, 1.5 s


def test_a_test_tells_the_true_result_and_wakes_what_waits(journal, notebook, running, monkeypatch):
    monkeypatch.setattr(notify, "FIRST_BACK_OFF_S", 30.0)
    notebook.fails = True
    notifier = running()
    journal.record(alert("a"))
    wait_for(lambda: notebook.tries)
    failed = notifier.test("notebook")
    assert (failed.ok, failed.fault, failed.detail) == (False, "notebook: has no page left. Buy another.", None)
    notebook.fails = False
    worked = notifier.test("notebook")
    assert (worked.ok, worked.fault, worked.detail) == (True, None, "written down")
    assert worked.took_ms < 1000
    wait_for(lambda: "a" in notebook.ids(), timeout_s=2)
    assert notebook.told[0].kind == "test"
    assert notifier.test("another") is None


def test_what_became_too_old_while_the_channel_was_away_is_one_silent_word(journal, notebook, running):
    notifier = running()
    notifier.stop()
    for number in range(120):
        journal.record(alert(f"old-{number}", Level.RED if number == 3 else Level.YELLOW, ago_s=3600))
    journal.record(alert("fresh"))
    journal.record(alert("old-last", ago_s=3600))
    second = Notifier([(settings(levels=["red", "yellow"]), notebook)], journal)
    second.start()
    wait_for(lambda: len(notebook.told) == 3)
    away, fresh, last = notebook.told
    assert (away.kind, away.count, away.silent, away.level, away.alert_id) == ("away", 120, True, Level.RED, None)
    assert (fresh.alert_id, fresh.silent) == ("fresh", False)
    assert (last.kind, last.count) == ("away", 1)
    second.stop()
    third = Notifier([(settings(levels=["red", "yellow"]), notebook)], journal)
    third.start()
    time.sleep(DOORS_BEHIND_S)
    assert len(notebook.told) == 3
    third.stop()


def test_a_new_channel_is_not_told_of_history_and_one_that_was_off_begins_anew(journal, notebook, running):
    journal.record(alert("before"))
    running().stop()
    off = running(enabled=False)
    journal.record(alert("while off"))
    time.sleep(DOORS_BEHIND_S)
    assert [one.state for one in off.health()] == ["off"]
    assert off.test("notebook").ok  # the button works all the same
    off.stop()
    running()
    journal.record(alert("now"))
    wait_for(lambda: notebook.ids()[-1] == "now")
    assert notebook.ids() == [None, "now"]


def test_a_channel_that_hangs_holds_up_nobody(journal, notebook):
    class Hanging(Notebook):
        def deliver(self, notice):
            threading.Event().wait(20)

    notifier = Notifier([(settings("hangs"), Hanging()), (settings(), notebook)], journal)
    notifier.start()
    began = time.monotonic()
    for number in range(50):
        journal.record(alert(f"a-{number}"))
    assert time.monotonic() - began < 2.0
    wait_for(lambda: len(notebook.told) == 50)
    began = time.monotonic()
    notifier.stop(0.5)
    assert time.monotonic() - began < 1.0


def test_kill_9_loses_nothing(journal, tmp_path):
    child = Path("tests/delivery/sayings.py")
    assert child.is_file()

    def start():
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.delivery.sayings", tmp_path], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout.readline() == "up\n"
        return process

    made, process = 0, start()
    for killed in range(5):
        for _ in range(40):
            journal.record(alert(f"a-{made}"))
            made += 1
        time.sleep(0.05 + 0.017 * killed)
        process.kill()
        process.communicate()
        process = start()
    page = tmp_path / "page"

    def told():
        lines = [line for line in page.read_text().splitlines(keepends=True) if line.endswith("\n")]
        return [json.loads(line)[0] for line in lines]

    wait_for(lambda: len(set(told())) == made, timeout_s=30)
    process.kill()
    process.communicate()
    assert len(told()) <= made + 5  # at most the one that was being told at each kill is told twice
