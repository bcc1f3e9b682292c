from __future__ import annotations

import json
import warnings
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from edge.clock import decimal_seconds
from edge.errors import SessionError
from edge.geometry import Intrinsics, Pose
from edge.messages import CameraModel, DepthFrame
from edge.recording import SessionWriter, open_session
from edge.replay.score import Score, score

LENS = Intrinsics(100, 80, 60.0, 60.0, 49.5, 39.5)
DOWN = Pose.looking(0.0, 0.0, 3.0, yaw_deg=0.0, tilt_deg=90.0)
"""A head at 1.5 m height moves 40 pixels per metre; the border that is not judged is 6 pixels wide."""
FRAMES = 10

Row = tuple[object, ...]


def t(frame: float) -> str:
    return decimal_seconds(round(frame * 100_000_000))


def judge(
    path: Path,
    *,
    heads: Iterable[Row] | None = None,
    pixels: Iterable[Row] | None = None,
    labelled: list[int] | None = None,
    tracks: Iterable[Row] = (),
    true_events: Iterable[Row] | None = None,
    events: Iterable[dict[str, object]] = (),
    alerts: Iterable[dict[str, object]] = (),
    store: str = "",
) -> Score:
    """A session of ten frames at ten a second, with this truth, judged with these results."""
    camera = CameraModel("cam0", LENS, 0.001, DOWN)
    with SessionWriter(
        path / "s", name="s", description="", licence="", fps=10.0, cameras=[camera], labelled_frames=labelled
    ) as writer:
        for frame in range(FRAMES):
            writer.write_frame(DepthFrame("cam0", frame * 100_000_000, np.full((80, 100), 3000, np.uint16)))
        if heads is not None:
            writer.write_truth("heads.csv", ("t", "id", "x", "y", "z", "visible"), heads)
        if pixels is not None:
            writer.write_truth("heads_px.csv", ("t", "camera", "frame", "u", "v", "certain"), pixels)
        if true_events is not None:
            writer.write_truth("events.csv", ("t_start", "t_end", "kind", "person", "note"), true_events)
        writer.write_store(store)
    results = path / "r"
    results.mkdir()
    lines = ["t,id,x,y,z", *(",".join(str(value) for value in row) for row in tracks)]
    (results / "tracks.csv").write_text("\n".join(lines) + "\n")
    (results / "events.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))
    (results / "alerts.jsonl").write_text("".join(json.dumps(alert) + "\n" for alert in alerts))
    return score(open_session(path / "s"), results)


def walk(name: str, x: float = 0.0, y: float = 0.0, frames: Iterable[int] = range(FRAMES)) -> list[Row]:
    return [(t(frame), name, x + 0.01 * frame, y, 1.5) for frame in frames]


def seen(rows: Iterable[Row], visible: float = 1.0) -> list[Row]:
    return [(*row, visible) for row in rows]


def test_the_truth_itself_scores_full_marks(tmp_path: Path) -> None:
    truth = walk("ann") + walk("bob", y=0.5)
    [heads] = judge(tmp_path, heads=seen(truth), tracks=truth).heads
    assert (heads.found, heads.missed, heads.made_up) == (20, 0, 0)
    assert (heads.precision, heads.recall, heads.f1, heads.error_median_m) == (1.0, 1.0, 1.0, 0.0)
    assert heads.identity is not None
    assert (heads.identity.mota, heads.identity.idf1, heads.identity.hota) == pytest.approx((1.0, 1.0, 1.0))
    assert (heads.people, heads.ids_per_person, heads.identity.switches) == (2, 1.0, 0)


@pytest.mark.parametrize(("off", "found"), [(0.249, 10), (0.251, 0)])
def test_a_prediction_counts_within_a_quarter_metre_on_the_floor(tmp_path: Path, off: float, found: int) -> None:
    predictions = [(time, name, x, y + off, z + 0.4) for time, name, x, y, z in walk("a")]  # type: ignore[operator]
    [heads] = judge(tmp_path, heads=seen(walk("ann")), tracks=predictions).heads
    assert (heads.found, heads.missed, heads.made_up) == (found, 10 - found, 10 - found)
    assert heads.error_median_m == (pytest.approx(off) if found else None)


def test_hidden_heads_are_not_judged_nor_what_was_said_of_them(tmp_path: Path) -> None:
    truth = seen(walk("ann")) + seen(walk("behind a shelf", y=0.6), 0.29) + seen(walk("half seen", y=-0.6), 0.3)
    [heads] = judge(tmp_path, heads=truth, tracks=walk("a") + walk("b", y=0.65)).heads
    assert (heads.found, heads.missed, heads.made_up) == (10, 10, 0)


def test_nothing_unmatched_at_the_border_is_judged(tmp_path: Path) -> None:
    near_border = -0.5 + 49.5 / 40 - 3 / 40  # five to one pixels from the right border, as x grows
    matched = walk("ann", x=near_border)
    [heads] = judge(tmp_path, heads=seen(matched), tracks=[]).heads
    assert heads.missed > 0  # sanity: half a metre further in it is judged
    (tmp_path / "b").mkdir()
    at_border = walk("ann", x=49.5 / 40 - 4 / 40)
    [missed] = judge(tmp_path / "b", heads=seen(at_border), tracks=walk("x", y=-49.5 / 60)).heads
    assert (missed.found, missed.missed, missed.made_up) == (0, 0, 10)
    (tmp_path / "c").mkdir()
    [found] = judge(tmp_path / "c", heads=seen(at_border), tracks=at_border + walk("x", y=-0.95)).heads
    assert (found.found, found.missed, found.made_up) == (10, 0, 0)


def test_a_change_of_identity_is_a_switch(tmp_path: Path) -> None:
    predictions = walk("a", frames=range(5)) + walk("b", frames=range(5, 10))
    [heads] = judge(tmp_path, heads=seen(walk("ann")), tracks=predictions).heads
    assert heads.identity is not None
    assert heads.identity.switches == 1
    assert heads.identity.mota == pytest.approx(0.9)
    assert heads.identity.idf1 == pytest.approx(0.5)
    assert heads.identity.hota == pytest.approx(0.5**0.5)
    assert (heads.ids_per_person, heads.ids_used) == (2.0, 2)


def test_frames_without_anybody_in_the_truth_are_judged_as_empty(tmp_path: Path) -> None:
    truth = walk("ann", frames=[0, 1, 2])
    [heads] = judge(tmp_path, heads=seen(truth), tracks=truth + walk("ghost", frames=[7])).heads
    assert (heads.moments, heads.empty_moments, heads.made_up, heads.made_up_when_empty) == (10, 7, 1, 1)


def test_a_truth_at_every_third_frame_says_nothing_about_those_between(tmp_path: Path) -> None:
    truth = walk("ann", frames=[0, 3, 6, 9])
    [heads] = judge(tmp_path, heads=seen(truth), tracks=walk("a")).heads
    assert (heads.moments, heads.found, heads.made_up) == (4, 4, 0)


def test_identity_measures_agree_with_an_independent_library(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import motmetrics

    rng = np.random.default_rng(5)
    truth, predictions = [], []
    accumulator = motmetrics.MOTAccumulator(auto_id=True)
    for frame in range(FRAMES):
        there = {name: (0.3 * column - 0.6 + 0.01 * frame, 0.1 * column) for column, name in enumerate("abcde")}
        swapped = "abcde" if frame < 4 else "acbde"
        said = {
            f"p{swapped[column]}": (x + rng.normal(0, 0.05), y + rng.normal(0, 0.05))
            for column, (x, y) in enumerate(there.values())
            if rng.random() < 0.8
        }
        truth += [(t(frame), name, x, y, 1.5, 1.0) for name, (x, y) in there.items()]
        predictions += [(t(frame), name, x, y, 1.5) for name, (x, y) in said.items()]
        distances = np.array([[np.hypot(x - u, y - v) for u, v in said.values()] for x, y in there.values()])
        accumulator.update(range(5), [ord(name[1]) for name in said], np.where(distances <= 0.25, distances, np.nan))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other = motmetrics.metrics.create().compute(accumulator, metrics=["mota", "idf1", "num_switches"]).iloc[0]
    [heads] = judge(tmp_path, heads=truth, tracks=predictions).heads
    assert heads.identity is not None
    assert heads.identity.switches == other["num_switches"] > 0
    assert heads.identity.mota == pytest.approx(other["mota"])
    assert heads.identity.idf1 == pytest.approx(other["idf1"])


def pixel(x: float, y: float, z: float = 1.5) -> tuple[float, float]:
    u, v = LENS.project(DOWN.to_camera(np.array([[x, y, z]])))[0]
    return float(u), float(v)


@pytest.mark.parametrize(("off", "found"), [(0.24, 1), (0.26, 0)])
def test_in_pictures_the_reach_is_taken_at_the_predictions_depth(tmp_path: Path, off: float, found: int) -> None:
    label = ("0.300000", "cam0", 3, *pixel(0.0, 0.0), 1)
    [heads] = judge(tmp_path, pixels=[label], labelled=[3], tracks=[(t(3), "a", off, 0.0, 1.5)]).heads
    assert (heads.found, heads.missed, heads.made_up) == (found, 1 - found, 1 - found)
    assert heads.identity is None


def test_only_labelled_frames_are_judged_and_uncertain_heads_are_not(tmp_path: Path) -> None:
    labels = [
        (t(2), "cam0", 2, *pixel(0, 0), 1),
        (t(2), "cam0", 2, *pixel(0.6, 0), 0),
        (t(5), "cam0", 5, *pixel(0, 0), 0),
    ]
    predictions = walk("a") + walk("b", x=0.6)
    [heads] = judge(tmp_path, pixels=labels, labelled=[2, 5, 8], tracks=predictions).heads
    assert heads.moments == 3
    assert (heads.found, heads.missed) == (1, 0)
    assert heads.made_up == 3  # b in frame 5 was not labelled; both are made up in frame 8, which is known to be empty
    assert (heads.empty_moments, heads.made_up_when_empty) == (1, 2)


def test_labels_of_a_camera_that_is_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SessionError, match=r"heads_px\.csv: names camera 'cam9'"):
        judge(tmp_path, pixels=[(t(2), "cam9", 2, 10, 10, 1)])


STORE = '[[line]]\nid = "door"\nfrom = [-1, 0]\nto = [1, 0]\nin_direction = [0, 1]\n'


def event(
    kind: str, start: float, end: float, line: str | None = None, direction: str | None = None
) -> dict[str, object]:
    place = {"line": line, "zone": None} if line else None
    return {"t_start": start, "t_end": end, "kind": kind, "person": "a", "place": place, "direction": direction}


def test_events_are_the_same_when_they_overlap_with_three_seconds_slack(tmp_path: Path) -> None:
    truth = [(10.0, 12.0, "dwell", "p", ""), (50.0, 60.0, "dwell", "p", ""), (5.0, 5.0, "enter", "p", "")]
    said = [event("dwell", 14.9, 16.0), event("dwell", 40.0, 46.9), event("enter", 5.2, 5.2), event("exit", 5.2, 5.2)]
    by_kind = {e.kind: e for e in judge(tmp_path, true_events=truth, events=said).events}
    assert (by_kind["dwell"].true, by_kind["dwell"].predicted, by_kind["dwell"].found) == (2, 2, 1)
    assert by_kind["dwell"].delay_median_s == pytest.approx(4.9)
    assert (by_kind["enter"].precision, by_kind["enter"].recall) == (1.0, 1.0)
    assert (by_kind["exit"].precision, by_kind["exit"].recall) == (0.0, None)


def test_crossings_are_counted_by_line_and_direction(tmp_path: Path) -> None:
    truth = [
        (1.0, 1.0, "cross", "p", "in door"),
        (2.0, 2.0, "cross", "q", "in door"),
        (3.0, 3.0, "cross", "p", "out door"),
    ]
    said = [event("cross", 1.1, 1.1, "door", "in"), event("cross", 3.1, 3.1, "door", "out")]
    lines = judge(tmp_path, true_events=truth, events=said, store=STORE).lines
    assert [(line.line, line.direction, line.true, line.counted) for line in lines] == [
        ("door", "in", 2, 1),
        ("door", "out", 1, 1),
    ]


VIEWED = [
    (1.0, 1.0, "enter", "p", "view"), (6.0, 6.0, "cross", "p", "in door"), (9.0, 9.0, "cross", "p", "out door"),
    (14.0, 14.0, "exit", "p", "view"),
]  # fmt: skip
AT_THE_DOOR = [event("enter", 6.1, 6.1), event("exit", 9.1, 9.1)]
ZONE = """[[zone]]
id = "mat"
kind = "entrance"
polygon = [[-1, -1], [1, -1], [1, 0], [-1, 0]]
"""
DOOR = """[[line]]
id = "door"
from = [-1, 0]
to = [1, 0]
in_direction = [0, 1]
"""


@pytest.mark.parametrize(
    ("store", "found"),
    [
        pytest.param(DOOR, {"enter": 1, "exit": 1}, id="line: the truth's passings of it are what counts"),
        pytest.param(ZONE + DOOR, {"enter": 1, "exit": 1}, id="line at an entrance: the same"),
        pytest.param(ZONE, {}, id="entrance only: nothing to compare with, not judged"),
        pytest.param("", {"enter": 0, "exit": 0}, id="nothing: the view's border is the door"),
    ],
)
def test_comings_and_goings_are_judged_where_the_box_tells_them(
    tmp_path: Path, store: str, found: dict[str, int]
) -> None:
    scores = judge(tmp_path, true_events=VIEWED, events=AT_THE_DOOR, store=store).events
    assert {e.kind: e.found for e in scores if e.kind != "cross"} == found


def test_alerts_are_true_or_false_and_ended_or_not(tmp_path: Path) -> None:
    def change(alert: str, kind: str, at: float, state: str) -> dict[str, object]:
        return {"t": at, "alert_id": alert, "level": "red", "state": state, "kind": kind}

    alerts = [
        change("1", "intrusion", 11.0, "open"),
        change("1", "intrusion", 30.0, "ended"),
        change("2", "intrusion", 100.0, "open"),
    ]
    truth = [(10.0, 12.0, "intrusion", "p", ""), (20.0, 30.0, "crowd", "", "")]
    by_kind = {a.kind: a for a in judge(tmp_path, true_events=truth, alerts=alerts, tracks=walk("a")).alerts}
    intrusion, crowd = by_kind["intrusion"], by_kind["crowd"]
    assert (intrusion.true, intrusion.false, intrusion.missed, intrusion.not_ended) == (1, 1, 0, 1)
    assert intrusion.delay_median_s == pytest.approx(1.0)
    assert intrusion.false_per_hour == pytest.approx(3600.0)  # one second of session
    assert intrusion.false_per_1000 == pytest.approx(1000.0)  # one visitor
    assert (crowd.true, crowd.missed) == (0, 1)


def test_a_session_without_truth_cannot_be_judged(tmp_path: Path) -> None:
    with pytest.raises(SessionError, match="nothing to judge by"):
        judge(tmp_path)


def test_results_of_another_session_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SessionError, match="Are the results of this session"):
        judge(tmp_path, heads=seen(walk("ann")), tracks=[("5000.0", "a", 0, 0, 1.5)])


@pytest.mark.parametrize("row", [("x", "a", 0, 0, 1), ("0.1", "a", "nan", 0, 1), ("0.1", "a", 0, 0)])
def test_torn_results_name_the_line(tmp_path: Path, row: Row) -> None:
    with pytest.raises(SessionError, match=r"tracks\.csv line 3: cannot be understood"):
        judge(tmp_path, heads=seen(walk("ann")), tracks=[("0.0", "a", 0, 0, 1), row])
