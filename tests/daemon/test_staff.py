"""What came back from staff and channels: answers stop an escalation, snoozes hush, what was sent cools down."""

import json

import pytest

from edge.clock import utc_ns
from edge.daemon.staff import Heard, Staff
from edge.daemon.teller import Teller
from edge.delivery.journal import Journal
from edge.delivery.wire import Topics
from edge.geometry import Cell
from edge.messages import Ack, AckAction, Act, EventKind, Place, SceneUpdate, Sent, Snooze
from edge.recording.pictures import PictureFolder
from edge.settings import EscalationSettings, StoreSettings
from edge.shop import Shop, ShopStep
from tests.daemon.test_teller import Recorder

S = 1_000_000_000
HALL = Place(0.0, 0.0, 1.0, Cell(0, 0, 5), zone="hall")


class Box:
    """A box without eyes: acts are put before its rules as if they had been seen."""

    def __init__(self, folder):
        self.heard = heard = Heard()
        self.journal = Journal(folder / "journal.sqlite", heard.tell)
        self.mqtt = Recorder(Topics("store", "box"), self.journal, lambda: None)
        self.shop = Shop(StoreSettings(), [])
        self.staff = Staff(EscalationSettings(after_s=60.0, steps=2), heard, self.shop, self.journal, self.mqtt)
        self.teller = Teller(self.journal, self.mqtt, PictureFolder(folder / "pictures"))
        self.begun_ns = utc_ns()

    def at(self, t_s, *kinds):
        """What goes on at a time, since the same second of the same minute of each kind."""
        t_ns = self.begun_ns + round(t_s * S)
        acts = tuple(Act(kind, self.begun_ns + since * S, HALL, None, 1, sensor="till") for kind, since in kinds)
        update = SceneUpdate(t_ns, (), acts=acts)
        self.staff.tick()
        step = ShopStep(update, self.shop._restraint.step(t_ns, self.shop._alerts.step(update)))
        for judged in self.staff.judged([step]):
            self.teller.step(judged)

    @property
    def standing(self):
        return [json.loads(stored.body) for stored in self.journal.since(0, 500)]

    def send(self):
        """The broker takes everything."""
        for stored in self.journal.unsent(100):
            self.journal.mark_sent(stored.seq, self.begun_ns)


@pytest.fixture
def box(tmp_path):
    one = Box(tmp_path)
    yield one
    one.journal.close()


def test_a_red_alert_that_nobody_answers_goes_on_and_an_answer_stops_it(box):
    box.at(0.0, (EventKind.SCREAM, 0))
    box.at(61.0, (EventKind.SCREAM, 0))
    assert [(alert["state"], alert["escalation"]) for alert in box.standing] == [("updated", 1)]
    box.journal.acknowledge(Ack("k1", box.standing[0]["alert_id"], AckAction.SEEN, "staff", utc_ns()), utc_ns())
    for t_s in (121.0, 200.0):
        box.at(t_s, (EventKind.SCREAM, 0))
    box.at(201.0)
    assert [(alert["state"], alert["escalation"]) for alert in box.standing] == [("ended", 1)]


def test_what_comes_again_is_folded_only_after_something_was_sent(box):
    box.at(0.0, (EventKind.BANG, 0))
    box.at(5.0)
    box.at(10.0, (EventKind.BANG, 10))
    box.at(15.0)
    assert [alert["episodes"] for alert in box.standing] == [1, 1]
    box.send()
    box.at(30.0, (EventKind.BANG, 30))
    box.at(45.0)
    assert sorted(alert["episodes"] for alert in box.standing) == [1, 2]


def test_a_channel_that_told_it_is_as_good_as_the_broker(box):
    box.at(0.0, (EventKind.BANG, 0))
    box.heard.tell(Sent(box.standing[0]["alert_id"], box.begun_ns))
    box.at(5.0)
    box.at(20.0, (EventKind.BANG, 20))
    assert [alert["episodes"] for alert in box.standing] == [2]


def test_a_snooze_is_told_to_phones_hushes_and_returns_by_itself(box):
    box.at(0.0)
    assert json.loads(box.mqtt._retained["snoozes"])["snoozes"] == []
    now_ns = utc_ns()
    box.journal.snoozes.add(Snooze("s1", EventKind.BANG, None, None, now_ns + S // 5, "staff", now_ns))
    box.at(0.01, (EventKind.BANG, 0))
    assert [alert["hush"] for alert in box.standing] == ["snoozed"]
    assert [one["id"] for one in json.loads(box.mqtt._retained["snoozes"])["snoozes"]] == ["s1"]
    while utc_ns() < now_ns + S // 5:
        pass
    box.at(1.0, (EventKind.BANG, 0))
    assert [alert["hush"] for alert in box.standing] == [None]
    assert json.loads(box.mqtt._retained["snoozes"])["snoozes"] == []


def test_a_snooze_outlives_the_box_and_one_that_ended_meanwhile_is_over(box, tmp_path):
    now_ns = utc_ns()
    box.journal.snoozes.add(Snooze("long", EventKind.BANG, None, None, now_ns + 600 * S, "staff", now_ns))
    box.journal.snoozes.add(Snooze("short", EventKind.CROWD, None, None, now_ns + 1, "staff", now_ns))
    box.journal.close()
    again = Box(tmp_path)
    again.at(0.0, (EventKind.BANG, 0))
    assert [one["id"] for one in json.loads(again.mqtt._retained["snoozes"])["snoozes"]] == ["long"]
    assert [alert["hush"] for alert in again.standing] == ["snoozed"]
    again.journal.close()


def test_a_red_alert_that_a_kill_left_unanswered_still_goes_on(box, tmp_path):
    box.at(0.0, (EventKind.SCREAM, 0), (EventKind.BANG, 0))
    box.journal.close()
    again = Box(tmp_path)
    again.journal.end_open(again.begun_ns)
    again.staff.resume()
    for t_s in (30.0, 61.0, 300.0):
        again.at(t_s)
    standing = {alert["kind"]: alert for alert in again.standing}
    assert [(one["escalation"], one["state"]) for one in (standing["scream"], standing["bang"])] == [
        (1, "ended"),
        (0, "ended"),
    ]
    assert standing["scream"]["ended_ms"] == again.begun_ns // 10**6
    again.journal.close()


def test_alerts_of_many_episodes_that_a_kill_left_open_are_ended(box, tmp_path):
    box.at(0.0, (EventKind.BANG, 0))
    box.send()
    box.staff.tick()
    box.at(5.0)
    box.at(20.0, (EventKind.BANG, 20))
    assert [(alert["state"], alert["episodes"]) for alert in box.standing] == [("updated", 2)]
    box.journal.close()
    again = Box(tmp_path)
    again.journal.end_open(utc_ns())
    assert [(alert["state"], alert["episodes"]) for alert in again.standing] == [("ended", 2)]
    again.journal.close()
