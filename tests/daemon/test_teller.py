"""What is told: alerts only after they are on disk, people at most five times a second, the map when it changed."""

import json

import numpy as np
import pytest

from edge.daemon.teller import OpenAlerts, Teller
from edge.delivery.journal import Journal
from edge.delivery.mqtt import Mqtt
from edge.delivery.wire import Topics
from edge.geometry import Cell
from edge.messages import (
    Act,
    Alert,
    AlertState,
    DayCounts,
    DepthObservation,
    DepthPair,
    EventKind,
    FlowCounts,
    GridSnapshot,
    Level,
    LevelFill,
    Place,
    SceneEvent,
    SceneUpdate,
    Track,
    TrackState,
)
from edge.recording.pictures import PictureFolder
from edge.shop import ShopStep

T0 = 1_795_478_400_000_000_000


class Recorder(Mqtt):
    """The real client, never started: what it is given stays in its queues, where a test can look."""

    @property
    def people(self):
        return json.loads(self._live["people"])

    @property
    def queued(self):
        return [(m.topic, json.loads(m.payload)) for m in self._queue]

    @property
    def map(self):
        return self._retained.get("map")

    @property
    def shelves(self):
        told = self._retained.get("shelves")
        return None if told is None else json.loads(told)


@pytest.fixture
def journal(tmp_path):
    opened = Journal(tmp_path / "journal.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def pictures(tmp_path):
    return PictureFolder(tmp_path / "pictures")


@pytest.fixture
def mqtt(journal):
    return Recorder(Topics("store", "box"), journal, lambda: None)


def alert(alert_id="a", state=AlertState.OPEN, level=Level.RED, person="p"):
    return Alert(alert_id, T0, level, state, EventKind.INTRUSION, None, person, 1)


def step(alerts=(), events=(), x_m=0.0, **counted):
    track = Track("p", T0, x_m, 0.0, 1.7, 0.0, 0.0, TrackState.SEEN, T0, 1.0)
    return ShopStep(SceneUpdate(T0, (track,), (), tuple(events), late=3, **counted), tuple(alerts))


def seen(moving=False, camera="c"):
    tops = np.full((1, 1), 1.5 if moving else 0.0, np.float32)
    grid = GridSnapshot(Cell(0, 0, 0), np.full((1, 1, 1), -1.0, np.float32), tops)
    return DepthObservation(camera, T0, (), 1.0, 0.0, grid)


def test_an_alert_is_on_disk_when_its_level_is_shown(journal, mqtt, pictures):
    Teller(journal, mqtt, pictures).step(step([alert()]))
    assert [s.alert_id for s in journal.unsent(9)] == ["a"]
    assert mqtt.people["people"][0]["level"] == "red"


def test_the_highest_open_alert_of_a_person_counts():
    alerts = OpenAlerts()
    alerts.take(alert("a", level=Level.YELLOW))
    alerts.take(alert("b", level=Level.RED))
    alerts.take(alert("c", level=Level.WHITE, person=None))
    assert alerts.levels() == {"p": Level.RED}
    alerts.take(alert("b", AlertState.ENDED))
    assert alerts.levels() == {"p": Level.YELLOW}
    alerts.take(alert("a", AlertState.ENDED))
    assert alerts.levels() == {}


def test_alerts_that_a_full_disk_refused_are_recorded_later_in_order(journal, mqtt, pictures, monkeypatch):
    monkeypatch.setattr("edge.daemon.teller.JOURNAL_RETRY_NS", 0)
    teller = Teller(journal, mqtt, pictures)
    pages = journal.database.connection.execute("PRAGMA page_count").fetchone()[0]
    journal.database.connection.execute(f"PRAGMA max_page_count={pages}")
    for i in range(300):
        teller.step(step([alert(f"a{i}")]))
    held = len(journal.since(0, 500))
    assert held < 300
    journal.database.connection.execute("PRAGMA max_page_count=100000")
    teller.tick()
    assert [s.alert_id for s in journal.since(0, 500)] == [f"a{i}" for i in range(300)]


def test_people_are_paced(journal, mqtt, pictures):
    teller = Teller(journal, mqtt, pictures)
    for i in range(50):
        teller.step(step(x_m=float(i)))
    assert mqtt.people["people"][0]["x"] < 5.0
    assert mqtt.counters().live_replaced < 5


def test_events_and_counts_are_all_told_and_late_ones_counted(journal, mqtt, pictures):
    teller = Teller(journal, mqtt, pictures)
    enter = SceneEvent(EventKind.ENTER, T0, T0, "p", None, 1.0)
    closed, begun = FlowCounts(T0, T0 + 1, 1, 0, 1, (), ()), FlowCounts(T0 + 1, T0 + 2, 0, 1, 0, (), ())
    today = DayCounts(T0, 4, 4, (), ())
    teller.step(step(events=[enter, enter], counts=closed, counts_so_far=begun, today=today))
    assert [topic for topic, _ in mqtt.queued] == ["events", "events", "counts", "counts"]
    assert [body["closed"] for topic, body in mqtt.queued if topic == "counts"] == [True, False]
    assert [body["today"]["entered"] for topic, body in mqtt.queued if topic == "counts"] == [4, 4]
    assert teller.late == 3


def test_inside_is_what_the_scene_says_not_who_is_in_view(journal, mqtt, pictures):
    Teller(journal, mqtt, pictures).step(step(inside=7))
    assert mqtt.people["inside"] == 7
    assert len(mqtt.people["people"]) == 1


def test_the_map_is_told_when_it_changed_and_not_too_often(journal, mqtt, pictures, monkeypatch):
    teller = Teller(journal, mqtt, pictures)
    teller.grid(seen(moving=True))
    teller.tick()
    first = mqtt.map
    teller.grid(seen(moving=False))
    teller.tick()
    assert mqtt.map is first  # half a second has not passed
    monkeypatch.setattr("edge.daemon.teller.MAP_NS", 0)
    teller.tick()
    second = mqtt.map
    assert json.loads(second)["columns"] != json.loads(first)["columns"]
    teller.grid(seen(moving=False))
    teller.tick()
    assert mqtt.map is second


def taken(name):
    patch = np.full((12, 16), 1500, np.uint16)
    return SceneEvent(EventKind.ITEM_TAKEN, T0, T0, "p", None, 0.9, picture=DepthPair(name, patch, patch))


def test_a_picture_is_on_disk_before_its_event_or_alert_is_told(journal, mqtt, pictures, monkeypatch):
    on_disk = []
    monkeypatch.setattr(journal, "record", lambda alert: on_disk.append(("alert", pictures.read("a") is not None)))
    monkeypatch.setattr(mqtt, "publish", lambda name, _: on_disk.append((name, pictures.read("a") is not None)))
    Teller(journal, mqtt, pictures).step(step([alert()], [taken("a")]))
    assert on_disk == [("alert", True), ("events", True)]


def test_the_pictures_of_an_act_s_evidence_are_kept_too(journal, mqtt, pictures):
    """A thing that was left is told as an event when it is over; its alert shows the picture before."""
    place = Place(0.0, 0.0, 0.0, Cell(0, 0, 0), zone="hall")
    act = Act(EventKind.OBJECT_LEFT, T0, place, None, 1, pictures=("b",), evidence=(taken("b"),))
    Teller(journal, mqtt, pictures).step(step(acts=(act,)))
    assert pictures.read("b") is not None


def test_a_disk_without_room_for_pictures_stops_nothing(journal, mqtt, tmp_path):
    (tmp_path / "blocked").write_text("no folder")
    Teller(journal, mqtt, PictureFolder(tmp_path / "blocked")).step(step([alert()], [taken("a")]))
    assert [body["picture"] for _, body in mqtt.queued] == ["a"]
    assert [s.alert_id for s in journal.unsent(9)] == ["a"]


def test_shelves_are_told_when_they_changed_and_not_too_often(journal, mqtt, pictures, monkeypatch):
    teller = Teller(journal, mqtt, pictures)
    teller.tick()
    assert mqtt.shelves is None, "nothing is known yet"
    teller.step(step(fills=(LevelFill("shelf/A", 0, 0.5), LevelFill("shelf/A", 1, 0.75))))
    teller.tick()
    first = mqtt.shelves
    assert first == {"v": 1, "t_ms": T0 // 10**6, "shelves": [{"id": "A", "levels": [50, 75]}]}
    teller.step(step(fills=(LevelFill("shelf/A", 0, 0.25),)))
    teller.tick()
    assert mqtt.shelves == first, "ten seconds have not passed"
    monkeypatch.setattr("edge.daemon.teller.SHELVES_NS", 0)
    teller.tick()
    assert mqtt.shelves["shelves"] == [{"id": "A", "levels": [25, 75]}], "of the others what was known stays"
    told = mqtt.counters().live_replaced
    teller.step(step(fills=(LevelFill("shelf/A", 0, 0.2501),)))
    teller.tick()
    assert mqtt.counters().live_replaced == told, "the same in percent"


def test_a_lost_camera_shows_nothing_that_moves(journal, mqtt, pictures, monkeypatch):
    monkeypatch.setattr("edge.daemon.teller.MAP_NS", 0)
    teller = Teller(journal, mqtt, pictures)
    teller.grid(seen(moving=True))
    teller.tick()
    before = json.loads(mqtt.map)["columns"]
    teller.silent("c")
    teller.silent("unknown")
    teller.tick()
    assert json.loads(mqtt.map)["columns"] != before
