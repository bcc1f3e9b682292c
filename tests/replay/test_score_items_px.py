"""Goods against boxes in the picture: three states of a table, seen from above, each held for two seconds."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from edge.errors import SessionError
from edge.geometry import Intrinsics, Pose
from edge.messages import CameraModel, DepthFrame
from edge.recording import SessionWriter, open_session
from edge.replay.score import score
from edge.replay.score_items_px import PixelItemScore

LENS = Intrinsics(100, 80, 60.0, 60.0, 49.5, 39.5)
DOWN = Pose.looking(0.0, 0.0, 3.0, yaw_deg=0.0, tilt_deg=90.0)
FPS, HELD = 5, 10

Event = dict[str, object]


def judge(path: Path, labels: Iterable[tuple[object, ...]], told: Iterable[Event], cameras: int = 1) -> PixelItemScore:
    models = [CameraModel(f"cam{k}", LENS, 0.001, DOWN) for k in range(cameras)]
    with SessionWriter(path / "s", name="s", description="", licence="", fps=FPS, cameras=models) as writer:
        for model in models:
            for state in range(3):
                writer.write_frame(DepthFrame(model.id, state * 1_000_000, np.full((80, 100), 2000, np.uint16)))
        writer.write_truth("items_px.csv", ("frame_before", "frame_after", "change", "u", "v", "w", "h"), labels)
        writer.write_store("")
    for model in models:  # each state is one file, told many times
        lines = [f"{k / FPS:.6f} depth/{k // HELD:06d}.png" for k in range(3 * HELD)]
        (path / "s" / model.id / "depth.txt").write_text("\n".join(lines) + "\n")
    results = path / "r"
    results.mkdir()
    (results / "tracks.csv").write_text("t,id,x,y,z\n")
    (results / "events.jsonl").write_text("".join(json.dumps(event) + "\n" for event in told))
    (results / "alerts.jsonl").write_text("")
    judged = score(open_session(path / "s"), results).items_px
    assert judged is not None
    return judged


def event(t: float, kind: str, u: float, v: float) -> Event:
    """Seen at pixel (u, v), one metre over the floor."""
    x, y = (u - LENS.cx) / LENS.fx * 2.0, -(v - LENS.cy) / LENS.fy * 2.0
    place = {"shelf": "table", "level": 0, "x": x, "y": y, "z": 1.0}
    return {"t_start": t, "t_end": t, "kind": kind, "person": None, "place": place, "volume_l": 1.0}


CAME = (HELD - 1, HELD, "appeared", 20, 30, 10, 20)
WENT = (2 * HELD - 1, 2 * HELD, "disappeared", 20, 30, 10, 20)
BOTH = [event(2.6, "item_put", 25, 40), event(4.6, "item_taken", 25, 40)]


def test_what_was_labelled_is_found(tmp_path: Path) -> None:
    assert judge(tmp_path, [CAME, WENT], BOTH) == PixelItemScore(2, 2, 2, 0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("told", "found"),
    [
        pytest.param(event(2.6, "item_taken", 25, 40), 0, id="other kind"),
        pytest.param(event(2.6, "item_put", 25 + 7.4, 40), 1, id="in the box grown by half"),
        pytest.param(event(2.6, "item_put", 25 + 7.6, 40), 0, id="beside it"),
        pytest.param(event(2.6, "item_put", 25, 40 - 15.1), 0, id="above it"),
        pytest.param(event(1.8, "item_put", 25, 40), 1, id="at the last look at the state before"),
        pytest.param(event(1.7, "item_put", 25, 40), 0, id="before it happened"),
        pytest.param(event(3.8, "item_put", 25, 40), 1, id="at the last look at the state"),
        pytest.param(event(3.9, "item_put", 25, 40), 0, id="in the state after"),
    ],
)
def test_kind_time_and_place_must_be_right(tmp_path: Path, told: Event, found: int) -> None:
    got = judge(tmp_path, [CAME], [told])
    assert (got.found, got.extra) == (found, 1 - found)


def test_one_told_change_is_one_labelled_one(tmp_path: Path) -> None:
    beside = (HELD - 1, HELD, "appeared", 24, 30, 10, 20)
    got = judge(tmp_path, [CAME, beside], [event(2.6, "item_put", 27, 40)])
    assert (got.true, got.found, got.extra, got.recall) == (2, 1, 0, 0.5)


@pytest.mark.parametrize("told", [[], [event(2.6, "item_put", 25, 70)]])
def test_a_box_that_the_border_cuts_off_is_not_judged(tmp_path: Path, told: list[Event]) -> None:
    cut_off = (HELD - 1, HELD, "appeared", 20, 60, 10, 20)
    assert judge(tmp_path, [cut_off, WENT], [*told, BOTH[1]]) == PixelItemScore(1, 1, 1, 0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("label", "message"),
    [
        ((1, 30, "appeared", 1, 1, 5, 5), "names frame 30"),
        ((5, 4, "appeared", 1, 1, 5, 5), "does not come before"),
        ((1, 2, "moved", 1, 1, 5, 5), r"items_px\.csv line 2"),
        ((1, 2, "appeared", 1, 1, 0, 5), "holds nothing"),
    ],
)
def test_labels_that_cannot_be_are_refused(tmp_path: Path, label: tuple[object, ...], message: str) -> None:
    with pytest.raises(SessionError, match=message):
        judge(tmp_path, [label], [])


def test_boxes_in_the_pictures_of_two_cameras_cannot_be_told_apart(tmp_path: Path) -> None:
    with pytest.raises(SessionError, match="the session has 2"):
        judge(tmp_path, [CAME], [], cameras=2)
