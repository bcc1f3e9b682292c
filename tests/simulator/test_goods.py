"""Goods on shelves, and hands that take and put them: what is written is what is drawn."""

from __future__ import annotations

import csv
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from edge.messages import DepthFrame
from edge.recording.folder import open_session
from edge.simulator import simulate
from edge.simulator.figure import hands_of
from edge.simulator.goods import SHELVED, SIZES_M, sample_gondola, stocked
from edge.simulator.handling import Deed
from edge.simulator.inventory import Inventory
from edge.simulator.performance import Performance
from edge.simulator.scenarios import SCENARIOS
from edge.simulator.stage import Stage

GRASP_M = 0.03


@dataclass(frozen=True, slots=True)
class Played:
    """A scenario walked, but not drawn."""

    stage: Stage
    performance: Performance
    inventory: Inventory


def played(scenario: str, seed: int, duration_s: float | None = None) -> Played:
    length = SCENARIOS[scenario].duration_s if duration_s is None else duration_s
    cast, path, _ = np.random.default_rng([seed, zlib.crc32(scenario.encode())]).spawn(3)
    stage = SCENARIOS[scenario].build(cast, length)
    performance = Performance(stage.roles, stage.blocks(), length, path)
    return Played(stage, performance, Inventory(stage.goods, performance.scripts.values(), length))


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


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / "truth" / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("mount", ["shelf_tilted", "shelf_above"])
def test_a_taken_item_is_in_the_picture_before_and_gone_after(tmp_path: Path, mount: str) -> None:
    simulate("shelf_single", 3, tmp_path / "s", noise="none", mount=mount, fps=10.0)
    session = open_session(tmp_path / "s")
    camera = session.cameras[0]
    empty = session.empty("cam0")
    assert camera.pose is not None
    assert empty is not None
    *_, last = session.frames()
    assert isinstance(last, DepthFrame)
    first = empty * camera.depth_unit_m
    after = last.depth * camera.depth_unit_m
    seen = {(row["t"], row["item"]): int(row["pixels"]) for row in rows(tmp_path / "s", "items_seen.csv")}
    net: dict[str, list[str]] = {}
    for row in rows(tmp_path / "s", "items.csv"):
        net.setdefault(row["item"], []).append(row["kind"])
    checked = 0
    rays = camera.intrinsics.rays()
    for row in rows(tmp_path / "s", "items.csv"):
        if net[row["item"]] != ["taken"] or seen[row["t"], row["item"]] < 30:
            continue
        place = np.array([float(row[k]) for k in "xyz"])
        # Its board, which shows once it is gone, is not part of it.
        half = np.array([float(row["w"]), float(row["d"]), float(row["h"])]) / 2 + (0.003, 0.003, -0.01)
        inside = [
            (np.abs(camera.pose.to_store((rays * d[..., None]).reshape(-1, 3)) - place) < half).all(axis=1).sum()
            for d in (first, after)
        ]
        assert inside[0] >= 30
        assert inside[1] < 0.2 * inside[0]
        checked += 1
    assert checked >= 2
