"""Use of each cell, and counts over windows."""

import pytest

from edge.clock import seconds
from edge.messages import FlowCounts, SceneUpdate
from edge.scene.flow import CellFlow, CountWindows
from edge.scene.pipeline import Scene
from edge.settings import StoreSettings
from tests.scene.sightings import Walker, along, at, drawn, look, looks, run, square

RATES_FPS = (4.5, 15.0, 30.0)
DOOR = {"id": "door", "from": [-1.5, 0.0], "to": [1.5, 0.0], "in_direction": [0.0, 1.0]}
BACK = {"id": "back", "from": [-1.5, 2.0], "to": [1.5, 2.0], "in_direction": [0.0, 1.0]}


def used(*walkers: Walker, fps: float = 15.0, duration_s: float = 30.0) -> dict[tuple[int, int], CellFlow]:
    scene = Scene(StoreSettings(), ["cam0"])
    for one in looks(fps, duration_s, *walkers):
        scene.step(one)
    scene.finish()
    return {(cell.ix, cell.iy): cell for cell in scene.floor_use()}


def windows(updates: list[SceneUpdate]) -> list[FlowCounts]:
    return [update.counts for update in updates if update.counts is not None]


# ------------------------------------------------------------------------------------------- use of the floor


@pytest.mark.parametrize("fps", RATES_FPS)
def test_one_who_stands_uses_the_cell_for_that_long(fps: float):
    # Stands on cell (1, 0) from 5 s to 17 s.
    cells = used(along((2.0, 0.3, -3.5), (5.0, 0.3, 0.1), (17.0, 0.3, 0.1), (20.0, 0.3, -3.5)), fps=fps)
    assert cells[1, 0].people_s == pytest.approx(12.0, abs=0.7)
    assert cells[1, 0].passes == 1


@pytest.mark.parametrize("fps", [15.0, 30.0])
def test_a_walk_is_one_pass_over_each_cell_and_its_time_is_all_there(fps: float):
    cells = used(along((2.0, 0.3, -3.5), (9.0, 0.3, 3.5)), fps=fps)
    assert {ix for ix, _ in cells} == {1}
    assert sorted(iy for _, iy in cells) == list(range(-15, 15))
    assert {cell.passes for cell in cells.values()} == {1}
    assert sum(cell.people_s for cell in cells.values()) == pytest.approx(6.0, abs=0.15)


def test_two_who_stand_together_count_twice():
    pair = [along((0.0, x_m, 0.1), (10.0, x_m, 0.1)) for x_m in (0.05, 0.55)]
    cells = used(*pair, duration_s=10.0)
    assert sum(cell.people_s for cell in cells.values()) == pytest.approx(20.0, abs=0.3)


def test_time_that_nobody_saw_is_not_counted():
    stander = along((0.0, 0.3, 0.1), (20.0, 0.3, 0.1))
    cells = used(lambda t_s: None if 8.0 < t_s < 9.8 else stander(t_s), duration_s=20.0)
    assert sum(cell.people_s for cell in cells.values()) == pytest.approx(18.2, abs=0.3)


# ------------------------------------------------------------------------------------------------- windows


def test_windows_are_aligned_whole_and_their_sums_are_what_happened():
    # The entrance makes the one line a door; the other one only counts.
    mat = square("mat", "entrance", -1.5, -0.9, 1.5, -0.1)
    settings = drawn(line=[DOOR, BACK], zone=[mat], scene={"counts_window_s": 10.0})
    walkers = [
        along((2.0, 0.0, -3.6), (8.0, 0.0, 3.6)),
        along((13.0, 0.5, -3.6), (19.0, 0.5, 3.6)),
        along((23.0, -0.5, 3.6), (28.0, -0.5, -3.6)),
    ]
    told = windows(run(looks(15.0, 35.0, *walkers), settings))
    assert [(w.t_start_ns, w.t_end_ns) for w in told[:3]] == [(at(10 * k), at(10 * k + 10)) for k in range(3)]
    assert told[3].t_start_ns == at(30)
    assert seconds(at(35) - told[3].t_end_ns) < 0.1
    assert [dict(w.crossed_in) for w in told] == [
        {"door": 1, "back": 1}, {"door": 1, "back": 1}, {"door": 0, "back": 0}, {"door": 0, "back": 0},
    ]  # fmt: skip
    assert [dict(w.crossed_out)["door"] for w in told] == [0, 0, 1, 0]
    assert [w.entered for w in told] == [1, 1, 0, 0]
    assert [w.left for w in told] == [0, 0, 1, 0]
    assert [w.inside for w in told] == [1, 2, 1, 1]


def test_a_window_is_told_as_soon_as_it_is_over():
    updates = run(looks(15.0, 25.0), drawn(scene={"counts_window_s": 10.0}))
    closed_ns = [update.t_ns for update in updates if update.counts is not None][:2]
    assert all(0.0 <= seconds(t_ns - at(10 * k + 10)) < 0.1 for k, t_ns in enumerate(closed_ns))


def test_lines_are_told_in_the_order_drawn_even_when_nobody_passed():
    (last,) = windows(run(looks(15.0, 5.0), drawn(line=[DOOR, BACK])))
    assert last.crossed_in == (("door", 0), ("back", 0))
    assert last.crossed_out == (("door", 0), ("back", 0))


def test_windows_in_which_nothing_was_observed_are_not_told():
    told = windows(run([look(1.0), look(2.0), look(45.0), look(46.0)], drawn(scene={"counts_window_s": 10.0})))
    assert [(w.t_start_ns, w.t_end_ns) for w in told] == [(at(0), at(10)), (at(40), at(46))]


def test_totals_become_what_happened_within_each_window():
    counting = CountWindows(["door"], 10_000_000_000)
    assert counting.step(at(1), 0, 0, 0) is None
    first = counting.step(at(11), 3, 1, 2)
    assert first is not None
    assert (first.entered, first.left, first.inside) == (3, 1, 2)
    second = counting.step(at(21), 4, 1, 3)
    assert second is not None
    assert (second.entered, second.left, second.inside) == (1, 0, 3)


def test_nothing_observed_is_no_window():
    assert CountWindows(["door"], 10_000_000_000).finish(0, 0, 0, 0) is None
    assert run([]) == []
