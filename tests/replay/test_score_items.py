from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from edge.errors import SessionError
from edge.geometry import Intrinsics, Pose
from edge.messages import CameraModel, DepthFrame
from edge.recording import SessionWriter, open_session
from edge.replay.score import Score, score
from edge.replay.score_items import ItemScore
from edge.replay.score_table import score_tables

LENS = Intrinsics(100, 80, 60.0, 60.0, 49.5, 39.5)
DOWN = Pose.looking(0.0, 0.0, 3.0, yaw_deg=0.0, tilt_deg=90.0)
FPS = 5.0
FRAMES = 150
HEADS = {"ann": (-0.5, 0.0), "bob": (0.5, 0.0)}
TRACKS = {"ann": "a", "bob": "b"}

Event = dict[str, object]


@dataclass(frozen=True)
class Move:
    """One true move; the thing stands at ``x, y, z`` and is a cube of ``side`` metres."""

    t: float
    kind: str
    item: str
    person: str
    x: float
    y: float = 0.8
    z: float = 1.0
    side: float = 0.1
    visible: float = 1.0
    pixels: int = 400
    gone_after: float | None = 0.6
    """When the place is free again; None if never."""

    def told(self, **other: object) -> Event:
        """The event that tells of it exactly."""
        place = {"shelf": "A", "level": 1, "cell": [0, 0, 0], "x": self.x, "y": self.y, "z": self.z}
        event: Event = {
            "t_start": self.t, "t_end": self.t + (self.gone_after or 0.0) + 0.4, "kind": f"item_{self.kind}",
            "person": TRACKS[self.person], "place": place, "volume_l": 1000 * self.side**3, "count": None,
        }  # fmt: skip
        return event | other

    def told_at(self, dx: float, **other: object) -> Event:
        return replace(self, x=self.x + dx).told(**other)


MOVES = (
    Move(4.0, "taken", "tea", "ann", -0.6),
    Move(8.0, "taken", "rice", "bob", 0.5, side=0.2, gone_after=0.8),
    Move(14.0, "put", "tea", "ann", -0.6),
    Move(20.0, "taken", "can", "bob", 0.7, side=0.07),
)


@dataclass
class Truth:
    moves: tuple[Move, ...] = MOVES
    heads: bool = True
    extra_files: bool = True
    tracks: dict[str, str] = field(default_factory=lambda: dict(TRACKS))


def judge(path: Path, told: Iterable[Event], truth: Truth | None = None) -> Score:
    truth = truth or Truth()
    camera = CameraModel("cam0", LENS, 0.001, DOWN)
    with SessionWriter(path / "s", name="s", description="", licence="", fps=FPS, cameras=[camera]) as writer:
        blank = np.full((80, 100), 3000, np.uint16)
        for frame in range(FRAMES):
            writer.write_frame(DepthFrame("cam0", round(frame / FPS * 1e9), blank))
        rows = [
            (m.t, m.kind, "A", m.x, m.y, m.z, m.person, m.item, m.side, m.side, m.side)
            for m in sorted(truth.moves, key=lambda m: m.t)
        ]
        writer.write_truth("items.csv", ("t", "kind", "shelf", "x", "y", "z", "person", "item", "w", "d", "h"), rows)
        if truth.extra_files:
            seen = [(m.t, m.item, m.visible, m.pixels) for m in truth.moves]
            writer.write_truth("items_seen.csv", ("t", "item", "visible", "pixels"), seen)
            gone = [(m.t + m.gone_after, m.item, m.kind) for m in truth.moves if m.gone_after is not None]
            writer.write_truth("hands.csv", ("t_gone", "item", "kind"), gone)
        there = [(f / FPS, name, x, y, 1.6, 1.0) for f in range(FRAMES) for name, (x, y) in HEADS.items()]
        if truth.heads:
            writer.write_truth("heads.csv", ("t", "id", "x", "y", "z", "visible"), there)
        writer.write_store("")
    results = path / "r"
    results.mkdir()
    lines = [f"{t},{truth.tracks[name]},{x},{y},{z}" for t, name, x, y, z, _ in there if name in truth.tracks]
    (results / "tracks.csv").write_text("\n".join(["t,id,x,y,z", *lines]) + "\n")
    (results / "events.jsonl").write_text("".join(json.dumps(event) + "\n" for event in told))
    (results / "alerts.jsonl").write_text("")
    return score(open_session(path / "s"), results)


def judged(path: Path, told: Iterable[Event], truth: Truth | None = None) -> ItemScore:
    return judge(path, told, truth).items[0]


def exact() -> list[Event]:
    return [move.told() for move in MOVES]


def test_the_truth_itself_scores_full_marks(tmp_path: Path) -> None:
    every, taken, put = judge(tmp_path, exact()).items
    assert every == ItemScore(
        kind="all", unjudged=0, true=4, told=4, found=4, precision=1.0, recall=1.0, f1=1.0, big=3, big_recall=1.0,
        small=1, small_recall=1.0, hidden=0, error_median_m=0.0, error_p95_m=0.0,
        volume_error_median=pytest.approx(0.0), persons=4, person_right=1.0, unattributed=0.0,
        delay_median_s=pytest.approx(0.4), delay_p95_s=pytest.approx(0.4), count_right=None,
    )  # fmt: skip
    assert (taken.kind, taken.true, taken.found) == ("item_taken", 3, 3)
    assert (put.kind, put.true, put.found) == ("item_put", 1, 1)


def test_a_missed_one_costs_recall(tmp_path: Path) -> None:
    got = judged(tmp_path, exact()[:3])
    assert (got.found, got.precision, got.recall, got.f1) == (3, 1.0, 0.75, pytest.approx(6 / 7))
    assert (got.big_recall, got.small_recall) == (1.0, 0.0), "it was the can of 0.34 l"


def test_an_extra_one_costs_precision(tmp_path: Path) -> None:
    got = judged(tmp_path, [*exact(), Move(26.0, "taken", "?", "ann", -0.6).told()])
    assert (got.told, got.found, got.precision, got.recall, got.f1) == (5, 4, 0.8, 1.0, pytest.approx(8 / 9))


def test_the_same_thing_told_twice_is_one_found_and_one_extra(tmp_path: Path) -> None:
    got = judged(tmp_path, [MOVES[0].told_at(0.1), *exact()])
    assert (got.told, got.found) == (5, 4)
    assert got.error_p95_m == pytest.approx(0.0), "the nearer one is the pair"


def test_the_other_kind_is_both_missed_and_extra(tmp_path: Path) -> None:
    got = judged(tmp_path, [MOVES[0].told(kind="item_put"), *exact()[1:]])
    assert (got.found, got.told, got.true) == (3, 4, 4)


def test_as_many_as_possible_are_paired_before_the_nearest(tmp_path: Path) -> None:
    moves = (Move(4.0, "taken", "one", "ann", 0.0), Move(4.0, "taken", "two", "ann", 0.4))
    told = [moves[0].told_at(0.35), moves[1].told_at(0.35)]  # greedy pairs "two" with the first, 5 cm away
    assert judged(tmp_path, told, Truth(moves)).found == 2


@pytest.mark.parametrize(("off", "found"), [(0.3, 4), (0.449, 4), (0.451, 3)])
def test_the_place_counts_in_space(tmp_path: Path, off: float, found: int) -> None:
    low = replace(MOVES[0], z=MOVES[0].z - off)
    got = judged(tmp_path, [low.told(), *exact()[1:]])
    assert got.found == found
    if found == 4:
        assert got.error_p95_m == pytest.approx(float(np.percentile([0, 0, 0, off], 95)))


def test_all_30_cm_off_is_a_median_error_of_30_cm(tmp_path: Path) -> None:
    got = judged(tmp_path, [move.told_at(0.3) for move in MOVES])
    assert (got.found, got.error_median_m) == (4, pytest.approx(0.3))


@pytest.mark.parametrize(("late", "found"), [(-2.49, 4), (2.49, 4), (2.51, 3), (-2.51, 3)])
def test_the_start_counts_within_two_and_a_half_seconds(tmp_path: Path, late: float, found: int) -> None:
    start = MOVES[2].t + late
    assert judged(tmp_path, [*exact()[:2], MOVES[2].told(t_start=start, t_end=start), exact()[3]]).found == found


def test_a_span_that_holds_the_moment_counts_however_early_it_began(tmp_path: Path) -> None:
    assert judged(tmp_path, [*exact()[:2], MOVES[2].told(t_start=9.0, t_end=14.1), exact()[3]]).found == 4
    (tmp_path / "b").mkdir()
    assert judged(tmp_path / "b", [*exact()[:2], MOVES[2].told(t_start=9.0, t_end=13.9), exact()[3]]).found == 3


def test_twice_the_volume_is_an_error_of_100_percent(tmp_path: Path) -> None:
    got = judged(tmp_path, [move.told(volume_l=2000 * move.side**3) for move in MOVES])
    assert got.volume_error_median == pytest.approx(1.0)
    (tmp_path / "b").mkdir()
    half = [MOVES[0].told(volume_l=0.5), MOVES[1].told(volume_l=None), *exact()[2:]]
    assert judged(tmp_path / "b", half).volume_error_median == pytest.approx(0.0), "of three that have one"


def test_the_wrong_person_and_nobody_are_two_things(tmp_path: Path) -> None:
    got = judged(tmp_path, [MOVES[0].told(person="b"), MOVES[1].told(person=None), *exact()[2:]])
    assert (got.persons, got.person_right, got.unattributed) == (4, 0.5, 0.25)


def test_whose_track_it_is_is_told_by_the_nearest_head(tmp_path: Path) -> None:
    swapped = Truth(tracks={"ann": "b", "bob": "a"})
    assert judged(tmp_path, exact(), swapped).person_right == 0.0
    (tmp_path / "b").mkdir()
    lost = Truth(tracks={"ann": "a"})
    assert judged(tmp_path / "b", exact(), lost).person_right == 0.5, "bob was not tracked: nobody else is right"
    (tmp_path / "c").mkdir()
    unknown = judged(tmp_path / "c", exact(), Truth(heads=False))
    assert (unknown.persons, unknown.person_right) == (0, None)


def test_lateness_is_measured_from_the_moment_the_hand_was_gone(tmp_path: Path) -> None:
    late = [
        move.told(t_end=move.t + move.gone_after + seconds) for move, seconds in zip(MOVES, (1, 2, 3, 9), strict=True)
    ]
    got = judged(tmp_path, late)
    assert got.delay_median_s == pytest.approx(2.5)
    assert got.delay_p95_s == pytest.approx(float(np.percentile([1, 2, 3, 9], 95)))
    (tmp_path / "b").mkdir()
    assert judged(tmp_path / "b", late, Truth(extra_files=False)).delay_median_s is None


def test_small_things_that_can_hardly_be_seen_are_not_asked_for(tmp_path: Path) -> None:
    for name, hidden in (("a", {"visible": 0.49}), ("b", {"pixels": 29})):
        (tmp_path / name).mkdir()
        moves = (*MOVES[:3], replace(MOVES[3], **hidden), Move(25.0, "taken", "gum", "bob", 0.2, side=0.08))
        got = judged(tmp_path / name, [*exact()[:3], moves[4].told()], Truth(moves))
        assert (got.small, got.small_recall, got.hidden) == (1, 1.0, 1)
        assert got.recall == 0.8


def test_big_things_are_asked_for_however_little_is_seen(tmp_path: Path) -> None:
    moves = (replace(MOVES[0], visible=0.1), *MOVES[1:])
    got = judged(tmp_path, exact()[1:], Truth(moves))
    assert (got.big, got.big_recall, got.hidden) == (3, pytest.approx(2 / 3), 0)


def test_what_no_camera_could_observe_is_neither_asked_for_nor_extra(tmp_path: Path) -> None:
    covered = replace(MOVES[3], gone_after=None)
    for name, told in (("silent", exact()[:3]), ("told", exact())):
        (tmp_path / name).mkdir()
        got = judged(tmp_path / name, told, Truth((*MOVES[:3], covered)))
        assert (got.unjudged, got.true, got.told, got.found, got.precision, got.recall) == (1, 3, 3, 3, 1.0, 1.0)


@pytest.mark.parametrize(
    ("x", "gone_after", "unjudged"),
    [
        pytest.param(-0.6, 6.0, 2, id="back where it was, unseen"),
        pytest.param(-0.6, 1.9, 0, id="its place was seen empty"),
        pytest.param(-0.4, 6.0, 0, id="it stands elsewhere now"),
    ],
)
def test_what_is_undone_while_it_is_covered_cannot_be_observed(
    tmp_path: Path, x: float, gone_after: float, unjudged: int
) -> None:
    taken = Move(4.0, "taken", "tea", "ann", -0.6, gone_after=gone_after)
    back = Move(6.0, "put", "tea", "ann", x, gone_after=4.0)
    got = judged(tmp_path, [], Truth((taken, back, MOVES[1])))
    assert (got.unjudged, got.true) == (unjudged, 3 - unjudged)


AT_ONCE = (Move(4.0, "taken", "one", "ann", -0.6), Move(4.0, "taken", "two", "ann", -0.5))


def test_two_taken_with_one_hand_may_be_told_as_one_event_of_two(tmp_path: Path) -> None:
    got = judged(tmp_path, [AT_ONCE[0].told_at(0.05, count=2, volume_l=2.0)], Truth(AT_ONCE))
    assert (got.true, got.told, got.found, got.precision, got.recall) == (2, 2, 2, 1.0, 1.0)
    assert got.error_median_m == pytest.approx(0.0), "between the two"
    assert got.volume_error_median == pytest.approx(0.0), "of both together"
    assert got.count_right == 1.0


@pytest.mark.parametrize("count", [None, 1])
def test_two_told_as_one_are_one_found_and_one_missed(tmp_path: Path, count: int | None) -> None:
    got = judged(tmp_path, [AT_ONCE[0].told(count=count)], Truth(AT_ONCE))
    assert (got.told, got.found) == (1, 1)
    assert got.count_right == (None if count is None else 0.0)


def test_one_with_each_hand_are_two_counts_of_one(tmp_path: Path) -> None:
    apart = (AT_ONCE[0], replace(AT_ONCE[1], x=0.0))
    assert judged(tmp_path, [move.told(count=1) for move in apart], Truth(apart)).count_right == 1.0


def test_one_told_as_many_is_found_once_with_a_wrong_count(tmp_path: Path) -> None:
    got = judged(tmp_path, [MOVES[0].told(count=7), MOVES[1].told(count=1), *exact()[2:]])
    assert (got.told, got.found, got.count_right) == (4, 4, 0.5)


def test_goods_are_not_judged_among_the_events_again(tmp_path: Path) -> None:
    judged_all = judge(tmp_path, exact())
    assert judged_all.events == ()
    console = Console(width=120, record=True, file=StringIO())
    console.print(score_tables(judged_all))
    shown = console.export_text()
    assert "told of the right person" in shown
    assert "+0.40 s" in shown


@pytest.mark.parametrize(
    ("name", "row", "message"),
    [
        ("items.csv", "1.0,stolen,A,0,0,1,ann,tea,0.1,0.1,0.1", r"items\.csv line 6: cannot be understood"),
        ("items.csv", "1.0,taken,A,0,0,1,ann,tea,0.1,0,0.1", "has no volume"),
        ("items_seen.csv", "1.0,tea,much,400", r"items_seen\.csv line 6"),
        ("hands.csv", "-1,tea,taken", r"hands\.csv line 6"),
    ],
)
def test_a_torn_truth_names_the_line(tmp_path: Path, name: str, row: str, message: str) -> None:
    judge(tmp_path, exact())
    with (tmp_path / "s/truth" / name).open("a") as file:
        file.write(row + "\n")
    with pytest.raises(SessionError, match=message):
        score(open_session(tmp_path / "s"), tmp_path / "r")


def test_a_torn_event_names_the_line(tmp_path: Path) -> None:
    with pytest.raises(SessionError, match=r"events\.jsonl line 2: cannot be understood"):
        judge(tmp_path, [exact()[0], exact()[1] | {"place": None}])
