from __future__ import annotations

import csv
import json
import resource
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.errors import SessionError
from edge.geometry import Cell
from edge.messages import (
    Act,
    Alert,
    AlertState,
    DepthPair,
    EventKind,
    Level,
    Place,
    Reason,
    SceneEvent,
    SceneUpdate,
    Track,
    TrackState,
)
from edge.replay.results import LineFile, ResultWriter

SECOND = 1_000_000_000


def track(t_s: float, name: str = "a", x: float = 1.23456) -> Track:
    return Track(name, round(t_s * SECOND), x, -0.5, 1.70001, 0.0, 0.0, TrackState.SEEN, 0, 1.0)


def update(t_s: float, tracks: list[Track], confirmed: list[Track] | None = None, **more: object) -> SceneUpdate:
    return SceneUpdate(round(t_s * SECOND), tuple(tracks), tuple(confirmed or ()), **more)  # type: ignore[arg-type]


def rows(folder: Path) -> list[list[str]]:
    with (folder / "tracks.csv").open(newline="") as file:
        return list(csv.reader(file))


def test_rows_are_in_order_of_time_and_id_though_people_are_confirmed_late(tmp_path: Path) -> None:
    with ResultWriter(tmp_path, horizon_ns=SECOND) as writer:
        writer.write(update(0.0, []), ())
        writer.write(update(0.1, [track(0.1, "b")]), ())
        writer.write(update(0.2, [track(0.2, "b"), track(0.2, "a")], [track(0.0, "a"), track(0.1, "a")]), ())
        writer.write(update(9.0, []), ())
        assert len(rows(tmp_path)) == 6  # on disk before the end
        writer.finish()
    assert [row[:2] for row in rows(tmp_path)] == [
        ["t", "id"], ["0.000000", "a"], ["0.100000", "a"], ["0.100000", "b"], ["0.200000", "a"], ["0.200000", "b"],
    ]  # fmt: skip
    assert rows(tmp_path)[1] == ["0.000000", "a", "1.2346", "-0.5000", "1.7000"]


def test_a_person_confirmed_very_late_is_still_brought_into_order(tmp_path: Path) -> None:
    with ResultWriter(tmp_path, horizon_ns=SECOND) as writer:
        for second in range(2, 14):
            writer.write(update(second, [track(second, "b")]), ())
        writer.write(update(14, [track(14, "a")], [track(second, "a") for second in range(2, 14)]), ())
        assert len(rows(tmp_path)) > 12
        digests = writer.finish()
    keys = [(float(row[0]), row[1]) for row in rows(tmp_path)[1:]]
    assert keys == sorted(keys)
    assert len(keys) == len(set(keys)) == 25
    with ResultWriter(tmp_path / "again", horizon_ns=100 * SECOND) as writer:  # nothing is late here
        for second in range(2, 14):
            writer.write(update(second, [track(second, "b")]), ())
        writer.write(update(14, [track(14, "a")], [track(second, "a") for second in range(2, 14)]), ())
        assert writer.finish() == digests


def test_events_and_alerts_have_the_keys_of_the_format(tmp_path: Path) -> None:
    place = Place(1.0, -0.3, 1.7, Cell(5, -2, 8), zone="hall", line="door")
    event = SceneEvent(EventKind.CROSS, SECOND, SECOND, "a", place, 0.9, "cam0", direction="in")
    reason = Reason("intrusion", SECOND, place, 1.0, "a person while closed")
    alert = Alert("x1", SECOND, Level.RED, AlertState.OPEN, EventKind.INTRUSION, place, "a", 1, (reason,))
    with ResultWriter(tmp_path, SECOND) as writer:
        writer.write(update(1.0, [], events=(event,)), (alert,))
        writer.finish()
    told = json.loads((tmp_path / "events.jsonl").read_text())
    assert told == {
        "t_start": 1.0, "t_end": 1.0, "kind": "cross", "person": "a", "volume_l": None, "confidence": 0.9,
        "sensor": "cam0",
        "place": {"zone": "hall", "shelf": None, "level": None, "line": "door", "cell": [5, -2, 8], "x": 1.0, "y": -0.3,
                  "z": 1.7},
        "direction": "in", "count": None,
    }  # fmt: skip
    said = json.loads((tmp_path / "alerts.jsonl").read_text())
    assert {key: said[key] for key in ("t", "alert_id", "level", "state", "kind", "person")} == {
        "t": 1.0, "alert_id": "x1", "level": "red", "state": "open", "kind": "intrusion", "person": "a",
    }  # fmt: skip
    assert said["reasons"][0]["kind"] == "intrusion"
    assert said["reasons"][0]["place"]["zone"] == "hall"


def goods(name: str = "p1", t_s: float = 1.0) -> SceneEvent:
    before = np.full((12, 20), 1500, np.uint16)
    after = before.copy()
    after[4:8, 4:8] = 1300
    place = Place(1.0, -0.3, 1.2, Cell(5, -2, 6), shelf="A", level=2)
    return SceneEvent(
        EventKind.ITEM_PUT, round(t_s * SECOND), round(t_s * SECOND), "a", place, 0.9, "cam0", volume_l=0.56789,
        count=1, item="tea", size_m=(0.07, 0.08, 0.123456), picture=DepthPair(name, before, after),
    )  # fmt: skip


def test_goods_have_their_volume_size_name_and_picture(tmp_path: Path) -> None:
    with ResultWriter(tmp_path, SECOND) as writer:
        writer.write(update(1.0, [], events=(goods(),)), ())
        writer.finish()
    told = json.loads((tmp_path / "events.jsonl").read_text())
    assert (told["volume_l"], told["item"], told["size"]) == (0.5679, "tea", [0.07, 0.08, 0.1235])
    assert told["picture"] == "pictures/p1.png"
    picture = cv2.imread(str(tmp_path / told["picture"]))
    assert picture is not None
    assert picture.shape[1] > 2 * 20, "before and after side by side"
    assert sorted(path.name for path in (tmp_path / "pictures").iterdir()) == ["p1.png"], "nothing half written stays"


def test_events_and_reasons_without_goods_have_no_new_keys(tmp_path: Path) -> None:
    plain = SceneEvent(EventKind.ENTER, SECOND, SECOND, "a", None, 0.9)
    reasons = (
        Reason("sweep", SECOND, None, 1.0, "five goods", picture="p1"),
        Reason("intrusion", SECOND, None, 1.0, "x"),
    )
    alert = Alert("x1", SECOND, Level.RED, AlertState.OPEN, EventKind.SWEEP, None, "a", 5, reasons)
    with ResultWriter(tmp_path, SECOND) as writer:
        writer.write(update(1.0, [], events=(plain,)), (alert,))
        writer.finish()
    assert "volume_l" not in json.loads((tmp_path / "alerts.jsonl").read_text())
    assert not {"item", "size", "picture"} & json.loads((tmp_path / "events.jsonl").read_text()).keys()
    with_picture, without = json.loads((tmp_path / "alerts.jsonl").read_text())["reasons"]
    assert with_picture["picture"] == "pictures/p1.png"
    assert "picture" not in without
    assert not (tmp_path / "pictures").exists()


def left_behind(name: str) -> tuple[Act, Alert]:
    """A thing that is told of by its act alone, as long as that goes on."""
    put = goods(name)
    assert put.place is not None
    act = Act(EventKind.OBJECT_LEFT, SECOND, put.place, None, 1, put.volume_l, (name,), (put,))
    reason = Reason("item_put", SECOND, put.place, 0.9, "Something put down.", picture=name)
    opened = Alert("x1", SECOND, Level.YELLOW, AlertState.OPEN, act.kind, put.place, None, 1, (reason,), 20.123456)
    return act, opened


def test_what_a_reason_of_an_alert_shows_is_there(tmp_path: Path) -> None:
    act, opened = left_behind("p1")
    with ResultWriter(tmp_path, SECOND) as writer:
        writer.write(update(1.0, [], acts=(act,)), (opened,))
        told = json.loads((tmp_path / "alerts.jsonl").read_text())
        file = tmp_path / told["reasons"][0]["picture"]
        assert cv2.imread(str(file)) is not None
        file.unlink()
        writer.write(update(1.1, [], acts=(act,)), ())
        assert not file.exists(), "it is drawn once, not at each instant at which the act goes on"
        writer.finish()
    assert told["volume_l"] == 20.1235
    assert (tmp_path / "events.jsonl").read_text() == ""


def test_pictures_that_only_an_alert_of_the_replay_before_names_are_replaced_too(tmp_path: Path) -> None:
    for name in ("old", "new"):
        act, opened = left_behind(name)
        with ResultWriter(tmp_path, SECOND) as writer:
            writer.write(update(1.0, [], acts=(act,)), (opened,))
            writer.finish()
    assert [path.name for path in (tmp_path / "pictures").iterdir()] == ["new.png"]


def test_pictures_of_the_replay_before_are_replaced_and_no_others(tmp_path: Path) -> None:
    for name in ("old", "new"):
        with ResultWriter(tmp_path, SECOND) as writer:
            writer.write(update(1.0, [], events=(goods(name),)), ())
            writer.finish()
        (tmp_path / "pictures/mine.png").write_text("holiday")
    assert sorted(path.name for path in (tmp_path / "pictures").iterdir()) == ["mine.png", "new.png"]


def test_all_four_files_are_there_from_the_start(tmp_path: Path) -> None:
    (tmp_path / "tracks.csv").write_text("results of last week")
    with ResultWriter(tmp_path, SECOND):
        names = sorted(path.name for path in tmp_path.iterdir())
        assert names == ["alerts.jsonl", "events.jsonl", "summary.json", "tracks.csv"]
        assert json.loads((tmp_path / "summary.json").read_text()) == {"complete": False}
        assert (tmp_path / "tracks.csv").read_text() == "t,id,x,y,z\n"


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SessionError, match=r"cannot be written .* Free some space"):
        ResultWriter(tmp_path / "file" / "out", SECOND)


FULL_DISK = """
import sys
from pathlib import Path
from edge.replay.results import LineFile
file = LineFile(Path(sys.argv[1]))
try:
    for number in range(1000):
        file.write(f"{number:06d},0123456789012345678901234567890123456789\\n" * 3)
except OSError as error:
    sys.exit(7)
"""


def test_a_disk_that_fills_in_the_middle_of_a_line_leaves_whole_lines(tmp_path: Path) -> None:
    limit = 10_000  # no multiple of a line: the last write is cut by the system

    def full_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    path = tmp_path / "lines"
    done = subprocess.run([sys.executable, "-c", FULL_DISK, str(path)], preexec_fn=full_disk, check=False)
    assert done.returncode == 7
    text = path.read_text()
    assert limit - 200 < len(text) <= limit
    assert text.endswith("\n")
    assert {len(line) for line in text.splitlines()} == {47}


def test_lines_are_on_disk_as_soon_as_they_are_written(tmp_path: Path) -> None:
    file = LineFile(tmp_path / "lines")
    file.write("one\ntwo\n")
    assert (tmp_path / "lines").read_text() == "one\ntwo\n"
    file.close()
