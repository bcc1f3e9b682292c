"""Goods on shelves, and hands that take and put them: what is written is what is drawn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edge.recording.folder import open_session
from edge.recording.png import read_depth_png
from edge.simulator import simulate
from edge.simulator.figure import hands_of
from edge.simulator.goods import SHELVED, SIZES_M, sample_gondola, stocked
from edge.simulator.handling import Deed
from tests.simulator.playing import played, rows

GRASP_M = 0.03


@pytest.mark.parametrize("seed", range(6))
def test_a_gondola_s_goods_stand_on_its_boards_and_beside_each_other(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shelf = sample_gondola(rng, 0.0, 0.0, -np.pi / 2, 1.8)
    items = stocked(shelf, rng).items()
    assert 3 <= len(shelf.levels) <= 5
    assert 1.2 <= shelf.tall_m <= 1.8
    assert 0.3 <= shelf.deep_m <= 0.5
    assert {item.kind for item in items} <= set(SHELVED)
    boxes = []
    for item in items:
        w, d, h = item.size_m
        assert np.abs(np.array(item.size_m) / SIZES_M[item.kind] - 1).max() < 0.06
        x, y, z = item.place
        boxes.append((x - w / 2, y - d / 2, z, x + w / 2, y + d / 2, z + h))
        assert -0.9 < x - w / 2 < x + w / 2 < 0.9
        assert 0.0 < y - d / 2 < y + d / 2 < shelf.deep_m
        assert not any(z < level - 0.024 < z + h for level in shelf.levels)
        on_board = min(abs(z - level) for level in shelf.levels) < 1e-9
        below = any(np.allclose((x, y, z - h), other.place) for other in items)
        assert on_board or below
    low, high = np.array(boxes)[:, None, :3], np.array(boxes)[:, None, 3:]
    lap = np.minimum(high, high.swapaxes(0, 1)) - np.maximum(low, low.swapaxes(0, 1)) > 1e-6
    assert (lap.all(axis=2).sum(axis=1) == 1).all()


@pytest.mark.parametrize("seed", range(4))
def test_the_hand_is_at_the_item_at_the_grasp_and_the_release(seed: int) -> None:
    it = played("shelf_single", seed)
    assert it.inventory.changes
    for change in it.inventory.changes:
        who = next(p for p in it.performance.at(change.t_s) if p.person == change.person)
        assert min(change.item.distance_m(hand) for hand in hands_of(who.body, who.posture)) < GRASP_M


@pytest.mark.parametrize("seed", range(4))
def test_an_item_in_the_hand_goes_on_from_where_it_stood(seed: int) -> None:
    it = played("shelf_single", seed)
    for change in it.inventory.changes:
        just = change.t_s + (0.01 if change.deed is Deed.TAKE else -0.01)
        held = {item.name: item for _, item in it.inventory.held(just, it.performance.at(just))}
        assert np.linalg.norm(np.subtract(held[change.item.name].place, change.item.place)) < 0.015
        standing = {item.name for item in it.inventory.standing(it.inventory.version(just))}
        assert change.item.name not in standing


@pytest.mark.parametrize("mount", ["shelf_tilted", "shelf_above"])
@pytest.mark.parametrize(("scenario", "seed", "kind"), [("shelf_single", 5, "taken"), ("shelf_restock", 1, "put")])
def test_the_picture_has_what_the_truth_says(tmp_path: Path, mount: str, scenario: str, seed: int, kind: str) -> None:
    """At the place of an item are its points, or none: before, and once the hand is gone."""
    fps = 5.0
    made = simulate(scenario, seed, tmp_path / "s", noise="none", mount=mount, fps=fps, duration_s=40.0)
    camera = open_session(tmp_path / "s").cameras[0]
    assert camera.pose is not None
    rays = camera.intrinsics.rays()
    files = sorted((tmp_path / "s/cam0/depth").iterdir())
    first_s = float((tmp_path / "s/cam0/depth.txt").read_text().split()[0])

    def points_at(row: dict[str, str], t_s: float) -> int:
        frame = min(max(round((t_s - first_s) * fps), 0), made.frames - 1)
        depth = read_depth_png(files[frame], 640, 480, "frame") * camera.depth_unit_m
        place = np.array([float(row[k]) for k in "xyz"])
        # Its board, which shows where nothing stands, is not part of it.
        half = np.array([float(row["w"]), float(row["d"]), float(row["h"])]) / 2 + (0.003, 0.003, -0.01)
        store = camera.pose.to_store((rays * depth[..., None]).reshape(-1, 3))
        return int((np.abs(store - place) < half).all(axis=1).sum())

    # What others hide in part may be hidden wholly a moment later.
    plain = {
        row["item"]: int(row["pixels"]) for row in rows(tmp_path / "s", "items_seen.csv") if row["visible"] > "0.9"
    }
    gone = {row["item"]: float(row["t_gone"]) for row in rows(tmp_path / "s", "hands.csv") if row["kind"] == kind}
    checked = 0
    for row in rows(tmp_path / "s", "items.csv"):
        if row["kind"] == kind and row["item"] in plain and row["item"] in gone:
            before, after = points_at(row, first_s), points_at(row, gone[row["item"]])
            there, not_there = (before, after) if kind == "taken" else (after, before)
            assert there >= 0.35 * plain[row["item"]] > 10
            assert not_there < 0.1 * there
            checked += 1
    assert checked >= 3
