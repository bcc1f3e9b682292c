"""The journal keeps what it promised, through kill -9, full disks and repeated words."""

import json
import signal
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace

import pytest

from edge.delivery import wire
from edge.delivery.database import DiskFull
from edge.delivery.journal import MAX_ACKS_PER_ALERT, NS_PER_HOUR, Journal, TooManyPins, UnknownAlert
from edge.errors import DeliveryError
from edge.messages import Ack, AckAction, Alert, AlertState, EventKind, Level, Pin, Reason, Sent
from tests.delivery import disks

T0 = 1_795_478_400_000_000_000
S = 1_000_000_000


def alert(alert_id="a", t_ns=T0, state=AlertState.OPEN, level=Level.RED):
    return Alert(alert_id, t_ns, level, state, EventKind.INTRUSION, None, None, 1)


def ack(ack_id="k1", alert_id="a", at_ns=T0 + S, action=AckAction.SEEN):
    return Ack(ack_id, alert_id, action, "staff", at_ns)


@pytest.fixture
def journal(tmp_path):
    opened = Journal(tmp_path / "journal.sqlite")
    yield opened
    opened.close()


def shown(stored):
    return json.loads(wire.alert(stored))


def test_changes_are_numbered_and_carry_the_episodes_start_and_end(journal):
    first = journal.record(alert())
    second = journal.record(alert(t_ns=T0 + 5 * S, state=AlertState.ENDED))
    assert second > first
    (standing,) = journal.since(0, 10)
    assert shown(standing)["seq"] == second
    assert shown(standing)["opened_ms"] == T0 // 10**6
    assert shown(standing)["ended_ms"] == T0 // 10**6 + 5000


def test_the_same_change_twice_is_one_change(journal):
    assert journal.record(alert()) == journal.record(alert())
    assert len(journal.unsent(10)) == 1


def test_since_gives_each_alert_once_as_it_stands(journal):
    journal.record(alert("a"))
    cursor = journal.record(alert("b"))
    journal.record(alert("a", T0 + S, AlertState.UPDATED))
    journal.record(alert("a", T0 + 2 * S, AlertState.ENDED))
    assert [s.alert_id for s in journal.since(0, 10)] == ["b", "a"]
    assert [shown(s)["state"] for s in journal.since(cursor, 10)] == ["ended"]
    assert journal.since(journal.since(0, 10)[-1].seq, 10) == ()


def test_pages_follow_one_another_without_gaps(journal):
    for i in range(25):
        journal.record(alert(f"a{i}"))
    seen, cursor = [], 0
    while page := journal.since(cursor, 10):
        seen += [s.alert_id for s in page]
        cursor = page[-1].seq
    assert seen == [f"a{i}" for i in range(25)]


def test_sent_changes_stay_for_phones_that_ask(journal):
    seq = journal.record(alert())
    journal.mark_sent(seq, T0)
    assert journal.unsent(10) == ()
    assert len(journal.since(0, 10)) == 1


def test_what_a_killed_broker_may_have_forgotten_is_sent_again(journal):
    early, late = journal.record(alert("a")), journal.record(alert("b"))
    journal.mark_sent(early, T0)
    journal.mark_sent(late, T0 + 10 * S)
    assert journal.doubt_sent(T0 + 5 * S) == 1
    assert [s.seq for s in journal.unsent(10)] == [late]


def test_an_answer_is_a_new_change_of_its_alert(journal):
    seq = journal.record(alert())
    assert journal.acknowledge(ack(), T0 + 2 * S)
    (standing,) = journal.since(seq, 10)
    assert shown(standing)["ack"] == {"ack_id": "k1", "action": "seen", "by": "staff", "at_ms": T0 // 10**6 + 1000}
    assert shown(standing)["state"] == "open"
    assert not journal.acknowledge(ack(), T0 + 3 * S)
    assert journal.since(standing.seq, 10) == ()


def test_a_late_answer_does_not_undo_a_newer_one_and_a_fast_clock_is_not_believed(journal):
    journal.record(alert())
    journal.acknowledge(ack("new", at_ns=T0 + 60 * S, action=AckAction.STAFF), T0 + 61 * S)
    journal.acknowledge(ack("offline", at_ns=T0 + 10 * S, action=AckAction.FALSE), T0 + 90 * S)
    assert shown(journal.since(0, 1)[0])["ack"]["action"] == "staff"
    journal.acknowledge(ack("fast", at_ns=T0 + 10**6 * S), T0 + 100 * S)
    assert shown(journal.since(0, 1)[0])["ack"]["at_ms"] == T0 // 10**6 + 100_000


def test_answers_to_unknown_alerts_and_floods_are_refused(journal):
    with pytest.raises(DeliveryError, match="no such alert"):
        journal.acknowledge(ack(alert_id="forged"), T0)
    journal.record(alert())
    for i in range(MAX_ACKS_PER_ALERT):
        journal.acknowledge(ack(f"k{i}"), T0)
    with pytest.raises(DeliveryError, match="answers already"):
        journal.acknowledge(ack("one more"), T0)
    assert len(journal.since(0, 10)) == 1


def test_alerts_left_open_by_a_killed_run_are_ended(journal):
    journal.record(alert("open"))
    journal.acknowledge(ack(alert_id="open"), T0 + S)
    journal.record(alert("over"))
    journal.record(alert("over", T0 + S, AlertState.ENDED))
    assert journal.end_open(T0 + 9 * S) == ("open",)
    assert journal.end_open(T0 + 9 * S) == ()
    standing = {s.alert_id: shown(s) for s in journal.since(0, 10)}
    assert standing["open"]["state"] == "ended"
    assert standing["open"]["ended_ms"] == T0 // 10**6 + 9000
    assert standing["open"]["ack"]["action"] == "seen"


def test_old_alerts_are_forgotten_and_seq_never_comes_again(journal):
    journal.record(alert("old", T0 - 100 * NS_PER_HOUR))
    last = journal.record(alert("old", T0 - 73 * NS_PER_HOUR, AlertState.ENDED))
    assert journal.prune(T0) == 2
    assert journal.record(alert("new")) > last
    for i in range(20):
        journal.record(alert(f"n{i}"))
    journal.prune(T0, max_changes=5)
    assert [s.alert_id for s in journal.since(0, 100)] == [f"n{i}" for i in range(15, 20)]


def pin(alert_id="a", reason="for the police", t_ns=T0 + S):
    return Pin(alert_id, reason, "owner", t_ns)


def test_an_alert_that_is_pinned_is_a_new_change_and_stays_with_its_pictures(journal):
    shows = Reason("item_taken", T0, None, 1.0, "taken", "x3kd09tq")
    seq = journal.record(replace(alert("kept", T0 - 100 * NS_PER_HOUR), reasons=(shows,)))
    journal.record(alert("gone", T0 - 100 * NS_PER_HOUR))
    assert journal.pin(pin("kept"))
    assert not journal.pin(pin("kept", t_ns=T0 + 9 * S))
    (standing,) = journal.since(seq + 1, 10)
    assert shown(standing)["pin"] == {"reason": "for the police", "by": "owner", "at_ms": T0 // 10**6 + 1000}
    assert journal.pinned_pictures() == {"x3kd09tq"}
    assert set(journal.end_open(T0 + S)) == {"kept", "gone"}
    far_ns = T0 + 1000 * NS_PER_HOUR
    journal.prune(far_ns)
    assert [s.alert_id for s in journal.since(0, 10)] == ["kept"]
    for i in range(20):
        journal.record(alert(f"n{i}", far_ns))
    journal.prune(far_ns, max_changes=3)
    assert [s.alert_id for s in journal.since(0, 10)] == ["kept", "n17", "n18", "n19"]
    assert journal.unpin("kept", far_ns)
    assert not journal.unpin("kept", far_ns)
    assert shown(journal.since(0, 10)[-1])["pin"] is None
    assert journal.pinned_pictures() == frozenset()
    journal.prune(far_ns + 73 * NS_PER_HOUR)
    assert journal.since(0, 10) == ()


def test_pins_of_nothing_and_too_many_are_refused(journal, monkeypatch):
    monkeypatch.setattr("edge.delivery.journal.MAX_PINS", 2)
    with pytest.raises(UnknownAlert):
        journal.pin(pin("forged"))
    for name in "abc":
        journal.record(alert(name))
    journal.pin(pin("a"))
    journal.pin(pin("b"))
    with pytest.raises(TooManyPins):
        journal.pin(pin("c"))
    assert journal.pin(pin("b", "another reason"))


def test_a_pin_leaves_an_alert_that_is_open_open(journal):
    journal.record(alert())
    journal.pin(pin())
    assert [shown(s)["state"] for s in journal.since(0, 10)] == ["open"]
    assert journal.end_open(T0 + 2 * S) == ("a",)
    assert shown(journal.since(0, 10)[0])["pin"]["reason"] == "for the police"


def test_whoever_looks_after_the_alerts_hears_what_others_did(tmp_path):
    heard = []
    journal = Journal(tmp_path / "journal.sqlite", heard.append)
    seq = journal.record(alert())
    journal.mark_sent(seq, T0 + S)
    journal.mark_sent(10**6, T0 + S)
    journal.acknowledge(ack(), T0 + 2 * S)
    journal.acknowledge(ack(), T0 + 3 * S)
    assert heard == [Sent("a", T0 + S), ack()]
    journal.close()


def test_what_nobody_has_answered_lately_is_known(journal):
    journal.record(alert("old", T0 - 9 * S))
    journal.record(alert("answered"))
    journal.acknowledge(ack(alert_id="answered"), T0 + S)
    journal.record(alert("risen"))
    journal.record(alert("risen", T0 + S, AlertState.UPDATED))
    assert journal.unanswered(T0) == (alert("risen", T0 + S, AlertState.UPDATED),)


def test_threads_do_not_lose_each_others_changes(journal):
    def write(name):
        for i in range(20):
            journal.record(alert(f"{name}-{i}"))

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({s.alert_id for s in journal.since(0, 500)}) == 80


KILLED = """
import sys
from pathlib import Path
from edge.delivery.journal import Journal
from edge.messages import Alert, AlertState, EventKind, Level
journal = Journal(Path(sys.argv[1]))
i = 0
while True:
    journal.record(Alert(f"a{i}", 1000 + i, Level.RED, AlertState.OPEN, EventKind.INTRUSION, None, None, 1))
    print(f"a{i}", flush=True)
    i += 1
"""


def test_what_was_promised_survives_kill_9(tmp_path):
    path = tmp_path / "journal.sqlite"
    promised = []
    for _ in range(3):
        child = subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, text=True)
        promised = [child.stdout.readline().strip() for _ in range(50)]
        child.send_signal(signal.SIGKILL)
        promised += child.stdout.read().split()
        child.wait()
        journal = Journal(path)
        held, cursor = set(), 0
        while page := journal.since(cursor, 500):
            held |= {s.alert_id for s in page}
            cursor = page[-1].seq
        journal.close()
        assert set(promised) <= held


def record_many(journal):
    for i in range(500):
        journal.record(alert(f"x{i}"))


def test_a_full_disk_is_an_error_that_can_be_told_and_the_journal_goes_on_after_it(journal):
    journal.record(alert("before"))
    journal.database.connection.execute(
        f"PRAGMA max_page_count={journal.database.connection.execute('PRAGMA page_count').fetchone()[0]}"
    )

    with pytest.raises(DeliveryError, match=r"journal failed.*full"):
        record_many(journal)
    held = len(journal.since(0, 500))
    journal.database.connection.execute("PRAGMA max_page_count=100000")
    journal.record(alert("after"))
    assert len(journal.since(0, 500)) == held + 1


@pytest.fixture
def small_disk(tmp_path):
    with disks.small_disk(tmp_path / "disk") as folder:
        yield folder


def test_a_full_disk_still_takes_alerts_and_the_reserve_comes_back_when_there_is_room(small_disk):
    journal = Journal(small_disk / "journal.sqlite", reserve_bytes=4 * 2**20)
    assert journal.database.reserve.held
    journal.record(alert("before"))
    disks.fill(small_disk)
    for i in range(500):
        journal.record(alert(f"a{i}"))
    journal.acknowledge(ack(alert_id="a7"), T0 + S)
    assert len(journal.since(0, 500)) == 500
    assert not journal.database.reserve.held
    journal.prune(T0)
    assert not journal.database.reserve.held  # there is no room yet
    (small_disk / "ballast").unlink()
    journal.prune(T0)
    assert journal.database.reserve.held
    journal.close()


def test_a_box_that_is_started_on_a_full_disk_takes_alerts(small_disk):
    Journal(small_disk / "journal.sqlite", reserve_bytes=4 * 2**20).close()
    disks.fill(small_disk)
    journal = Journal(small_disk / "journal.sqlite", reserve_bytes=4 * 2**20)
    for i in range(100):
        journal.record(alert(f"a{i}"))
    assert len(journal.since(0, 500)) == 100
    journal.close()


def test_a_reserve_that_does_not_help_is_a_fault_that_can_be_told(journal):
    assert journal.database.reserve.held
    journal.database.connection.execute("PRAGMA max_page_count=1")  # the least that it takes is what is there
    with pytest.raises(DiskFull):
        record_many(journal)
    assert not journal.database.reserve.held
    journal.database.connection.execute("PRAGMA max_page_count=100000")
    journal.prune(T0)
    assert journal.database.reserve.held


def test_without_room_for_it_nothing_is_set_aside(tmp_path):
    journal = Journal(tmp_path / "journal.sqlite", reserve_bytes=2**60)
    assert not journal.database.reserve.held
    journal.record(alert())
    journal.close()


def test_a_foreign_file_or_format_is_refused(tmp_path):
    (tmp_path / "text").write_text("not a database, " * 100)
    with pytest.raises(DeliveryError, match="not a database"):
        Journal(tmp_path / "text")
    db = sqlite3.connect(tmp_path / "newer")
    db.execute("PRAGMA user_version=99")
    db.close()
    with pytest.raises(DeliveryError, match="format 99"):
        Journal(tmp_path / "newer")
