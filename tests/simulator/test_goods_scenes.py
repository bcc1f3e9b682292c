"""What happens at simulated shelves, as their scenarios promise it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from edge.settings import load_store
from edge.simulator import simulate
from edge.simulator.figure import skeleton_of
from edge.simulator.goods_events import goods_events
from edge.simulator.handling import Deed, Handling
from edge.simulator.reaching import BOARD_M
from edge.simulator.scenarios import SCENARIOS
from edge.simulator.solids import Array
from edge.simulator.stage import Mount
from tests.simulator.playing import digest, played, rows

SHELVES = ["shelf_single", "shelf_three", "shelf_undecided", "shelf_restock", "shelf_sweep", "shelf_pay"]
STILL = ["shelf_browse", "shelf_lean"]


@pytest.mark.parametrize("scenario", SHELVES)
def test_each_item_is_taken_where_it_stands_and_put_where_nothing_stands(scenario: str) -> None:
    for seed in (0, 1):
        it = played(scenario, seed)
        standing = {item.name: item for item in it.stage.goods}
        assert it.inventory.changes
        for change in it.inventory.changes:
            if change.deed is Deed.TAKE:
                assert standing.pop(change.item.name) == change.item
                continue
            assert change.item.name not in standing
            assert min(np.linalg.norm(np.subtract(o.centre, change.item.centre)) for o in standing.values()) > 0.02
            standing[change.item.name] = change.item
        taken = sum(change.deed is Deed.TAKE for change in it.inventory.changes)
        put = len(it.inventory.changes) - taken
        assert len(standing) == len(it.stage.goods) - taken + put
        assert len(it.inventory.standing(len(it.inventory.changes))) == len(standing)


@pytest.mark.parametrize("scenario", [*SHELVES, *STILL])
def test_arms_come_through_the_open_front_and_not_through_boards(scenario: str) -> None:
    it = played(scenario, 1)
    worst = 0.0
    for person, _, motion in it.performance.people:
        for handling in motion.handlings:
            for t in np.linspace(handling.reached_s - 0.4 * handling.reach_s, handling.out_s, 6):
                for who in it.performance.at(float(t)):
                    if who.person == person:
                        joints = skeleton_of(who.body, who.posture)
                        bones = zip(joints.elbows, joints.hands, strict=True)
                        c, s = np.cos(who.posture.heading_rad), np.sin(who.posture.heading_rad)
                        turn = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
                        foot = np.array([who.posture.x_m, who.posture.y_m, 0.0])
                        worst = max(worst, *(_in_boards(handling, turn @ a + foot, turn @ b + foot) for a, b in bones))
    assert worst < 0.005


def _in_boards(handling: Handling, elbow: Array, hand: Array) -> float:
    """How deep the middle of a forearm runs into a board, metres."""
    deep = 0.0
    for f in np.linspace(0.0, 1.0, 15):
        x, y, z = (elbow + f * (hand - elbow)).tolist()
        depth, along = handling.face.inward((x, y, z))
        if not 0.0 < depth < handling.face.opening.deep_m or abs(along) > 0.9:
            continue
        for level in handling.face.opening.levels:
            deep = max(deep, BOARD_M / 2 - abs(z - (level - BOARD_M / 2)))
    return deep


@pytest.mark.parametrize("scenario", STILL)
@pytest.mark.parametrize("seed", range(3))
def test_who_browses_or_leans_moves_nothing(scenario: str, seed: int) -> None:
    it = played(scenario, seed)
    touches = sum(len(motion.handlings) for motion in it.performance.motions)
    assert touches >= 4
    assert it.inventory.changes == ()


def test_a_clerk_only_puts_every_few_seconds_until_the_shelf_is_full() -> None:
    it = played("shelf_restock", 1, 200.0)
    assert {change.deed for change in it.inventory.changes} == {Deed.PUT}
    moments = sorted({change.t_s for change in it.inventory.changes})
    assert len(moments) >= 20
    gaps = [b - a for a, b in pairwise(moments)]
    assert 2.5 < np.median(gaps) < 5.0
    assert any(a.t_s == b.t_s for a, b in pairwise(it.inventory.changes))


def test_three_stand_shoulder_to_shoulder_and_not_all_take() -> None:
    takers = []
    for seed in range(3):
        it = played("shelf_three", seed)
        takers.append(len({change.person for change in it.inventory.changes}))
        people = it.performance.at(22.0)
        x = sorted(p.posture.x_m for p in people)
        assert len(x) == 3
        assert all(0.4 < b - a < 0.7 for a, b in pairwise(x))
        assert all(p.posture.y_m > -0.7 for p in people)
    assert set(takers) <= {1, 2}


def test_the_undecided_return_each_thing_they_take() -> None:
    it = played("shelf_undecided", 0)
    kinds: dict[str, list[Deed]] = {}
    for change in it.inventory.changes:
        kinds.setdefault(change.item.name, []).append(change.deed)
    assert kinds
    assert all(deeds == [Deed.TAKE, Deed.PUT] * (len(deeds) // 2) for deeds in kinds.values())


@pytest.mark.parametrize("seed", range(3))
def test_events_tell_sweeps_and_who_leaves_unpaid(seed: int) -> None:
    found = {}
    for scenario in ("shelf_sweep", "shelf_pay", "shelf_restock"):
        it = played(scenario, seed)
        length = SCENARIOS[scenario].duration_s
        events = goods_events(it.inventory, it.performance, it.stage.store.zone, 0, length)
        found[scenario] = {event.kind: event for event in events}
    assert set(found["shelf_sweep"]) == {"sweep", "unpaid_exit"}
    assert found["shelf_pay"] == found["shelf_restock"] == {}
    sweep, leaving = found["shelf_sweep"]["sweep"], found["shelf_sweep"]["unpaid_exit"]
    assert sweep.t_start_ns < sweep.t_end_ns < sweep.t_start_ns + 15_000_000_000
    assert sweep.t_end_ns < leaving.t_start_ns < leaving.t_end_ns
    assert 6 <= len(played("shelf_sweep", seed).inventory.changes) <= 12


def test_a_bag_is_left_and_a_box_taken_from_a_table(tmp_path: Path) -> None:
    made = simulate("table_objects", 0, tmp_path / "s", size=(160, 120), fps=4.0)
    kinds = [(event.kind, event.person) for event in made.events if event.kind.startswith("object")]
    assert kinds == [("object_left", 1), ("object_removed", 2)]
    assert rows(tmp_path / "s", "items.csv") == []
    assert [zone.surface_m for zone in load_store(tmp_path / "s" / "store.toml").zone if zone.objects] == [0.0, 0.74]


def test_same_seed_same_bytes_with_goods(tmp_path: Path) -> None:
    for name in "ab":
        simulate("shelf_single", 5, tmp_path / name, size=(160, 120), fps=4.0, name="x")
    assert digest(tmp_path / "a") == digest(tmp_path / "b")


def test_goods_do_not_depend_on_the_camera_and_levels_are_drawn(tmp_path: Path) -> None:
    simulate("shelf_single", 5, tmp_path / "a", size=(160, 120), fps=4.0)
    simulate("shelf_single", 5, tmp_path / "b", size=(80, 60), fps=7.0, mount=Mount(2.5, 90.0), noise="tof")
    items = rows(tmp_path / "a", "items.csv")
    assert items == rows(tmp_path / "b", "items.csv")
    shelf = load_store(tmp_path / "a" / "store.toml").shelf[0]
    assert 3 <= len(shelf.levels) <= 5
    for row in items:
        bottom = float(row["z"]) - float(row["h"]) / 2
        assert min(abs(bottom - z) for z in shelf.levels) < 0.002 or row["item"].startswith(("box", "pack"))
        assert all(shelf.min[i] < float(row[k]) < shelf.max[i] for i, k in enumerate("xyz"))


def test_how_well_places_are_seen_and_when_hands_are_gone(tmp_path: Path) -> None:
    simulate("shelf_single", 1, tmp_path / "s", size=(320, 240), fps=10.0, noise="none")
    items, seen = rows(tmp_path / "s", "items.csv"), rows(tmp_path / "s", "items_seen.csv")
    assert [(row["t"], row["item"]) for row in items] == [(row["t"], row["item"]) for row in seen]
    assert all(0.0 <= float(row["visible"]) <= 1.0 for row in seen)
    assert sum(float(row["visible"]) > 0.5 and int(row["pixels"]) > 10 for row in seen) >= len(seen) / 2
    gone = rows(tmp_path / "s", "hands.csv")
    assert len(gone) >= len(items) / 2
    for row in gone:
        moments = [float(i["t"]) for i in items if i["item"] == row["item"] and i["kind"] == row["kind"]]
        assert any(0.2 < float(row["t_gone"]) - t < 25.0 for t in moments)
