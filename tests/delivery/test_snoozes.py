"""Snoozes survive the box, end on time, and are few."""

import signal
import subprocess
import sys

import pytest

from edge.delivery.journal import Journal
from edge.delivery.snoozes import MAX_SNOOZES, TooManySnoozes
from edge.messages import EventKind, Snooze

T0 = 1_795_478_400_000_000_000
S = 1_000_000_000


def snooze(name="s1", until_s=60, at_s=0, **what):
    asked = {"kind": EventKind.BANG, "zone": None, "sensor": "till"} | what
    return Snooze(name, until_ns=T0 + until_s * S, by="田中", at_ns=T0 + at_s * S, **asked)


def test_a_snooze_is_what_was_asked_for_until_it_is_over(journal):
    asked = snooze("b", 60), snooze("a", 30, kind=None, zone="hall", sensor=None)
    for one in asked:
        journal.snoozes.add(one)
    assert journal.snoozes.standing(T0) == asked[::-1]
    assert journal.snoozes.standing(T0 + 30 * S) == asked[:1]
    assert journal.snoozes.standing(T0 + 60 * S) == ()


def test_one_can_be_ended_by_hand_and_each_change_is_seen(journal):
    journal.snoozes.add(snooze())
    first = journal.snoozes.version
    assert journal.snoozes.remove("s1")
    assert journal.snoozes.version > first
    assert not journal.snoozes.remove("s1")
    assert journal.snoozes.standing(T0) == ()


def test_there_are_only_so_many_and_those_that_are_over_make_room(journal):
    for k in range(MAX_SNOOZES):
        journal.snoozes.add(snooze(f"s{k}", 60 + k))
    with pytest.raises(TooManySnoozes):
        journal.snoozes.add(snooze("one more"))
    journal.snoozes.add(snooze("later", 200, 60))
    assert len(journal.snoozes.standing(T0 + 60 * S)) == MAX_SNOOZES


KILLED = """
import sys, time
from pathlib import Path
from edge.delivery.journal import Journal
from edge.messages import EventKind, Snooze
Journal(Path(sys.argv[1])).snoozes.add(Snooze("s1", EventKind.BANG, None, None, 2000, "staff", 1000))
print("kept", flush=True)
time.sleep(60)
"""


def test_it_survives_kill_9(tmp_path):
    path = tmp_path / "journal.sqlite"
    child = subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == "kept\n"
    child.send_signal(signal.SIGKILL)
    child.wait()
    journal = Journal(path)
    assert [one.snooze_id for one in journal.snoozes.standing(1999)] == ["s1"]
    assert journal.snoozes.standing(2000) == ()
    journal.close()
