"""Who entered, who left, and how many are inside."""

import pytest

from edge.clock import seconds
from edge.messages import EventKind, FlowCounts, SceneUpdate
from edge.settings import StoreSettings
from tests.scene.sightings import Walker, along, at, drawn, events, looks, rows, run, square

RATES_FPS = (4.5, 15.0, 30.0)
LINE = {"id": "door", "from": [-1.5, -1.5], "to": [1.5, -1.5], "in_direction": [0.0, 1.0]}
WITH_LINE = drawn(line=[LINE], scene={"counts_window_s": 5.0})
WITH_ZONE = drawn(zone=[square("mat", "entrance", -1.0, -3.5, 1.0, -2.0)], scene={"counts_window_s": 5.0})
NOTHING_DRAWN = drawn(scene={"counts_window_s": 5.0})
VISIT = along((2.0, 0.0, -3.6), (6.0, 0.0, 0.5), (12.0, 0.0, 0.5), (16.0, 0.0, -3.6))
"""Comes in through the door, looks at a shelf, and leaves through the door."""


def visit(settings: StoreSettings, *walkers: Walker, fps: float = 15.0, duration_s: float = 20.0) -> list[SceneUpdate]:
    return run(looks(fps, duration_s, *walkers, jitter_m=0.01), settings)


def came_and_went(updates: list[SceneUpdate]) -> tuple[int, int]:
    return len(events(updates, EventKind.ENTER)), len(events(updates, EventKind.EXIT))


def windows(updates: list[SceneUpdate]) -> list[FlowCounts]:
    return [update.counts for update in updates if update.counts is not None]


def inside(updates: list[SceneUpdate]) -> list[int]:
    """People inside at the end of each window of 5 s, the last one being the end of the session."""
    return [counts.inside for counts in windows(updates)]


@pytest.mark.parametrize("fps", RATES_FPS)
@pytest.mark.parametrize("settings", [WITH_LINE, WITH_ZONE, NOTHING_DRAWN], ids=["line", "zone", "nothing"])
def test_a_visit_is_one_entering_and_one_leaving(settings: StoreSettings, fps: float):
    updates = visit(settings, VISIT, fps=fps)
    (enter,), (leave,) = events(updates, EventKind.ENTER), events(updates, EventKind.EXIT)
    assert enter.person == leave.person
    assert 2.0 < seconds(enter.t_start_ns - at(0)) < 5.0
    assert 13.0 < seconds(leave.t_start_ns - at(0)) < 16.0
    assert (inside(updates)[1], inside(updates)[-1]) == (1, 0)
    assert (sum(w.entered for w in windows(updates)), sum(w.left for w in windows(updates))) == (1, 1)


def test_entering_is_told_at_the_line():
    updates = visit(WITH_LINE, VISIT)
    (enter,) = events(updates, EventKind.ENTER)
    assert enter.place is not None
    assert enter.place.line == "door"
    assert (enter.place.x_m, enter.place.y_m) == pytest.approx((0.0, -1.5), abs=0.05)


@pytest.mark.parametrize("settings", [WITH_LINE, WITH_ZONE, NOTHING_DRAWN], ids=["line", "zone", "nothing"])
def test_one_who_is_there_when_the_camera_begins_is_inside_but_did_not_enter(settings: StoreSettings):
    updates = visit(settings, along((0.0, 0.5, 0.5), (30.0, 0.5, 0.5)))
    assert came_and_went(updates) == (0, 0)
    assert inside(updates) == [1, 1, 1, 1]


@pytest.mark.parametrize("settings", [WITH_ZONE, NOTHING_DRAWN], ids=["zone", "nothing"])
def test_one_who_stands_in_the_door_when_the_camera_begins_did_not_enter_then(settings: StoreSettings):
    updates = visit(settings, along((0.0, 0.5, -2.9), (4.0, 0.5, -2.9), (8.0, 0.5, 0.5), (30.0, 0.5, 0.5)))
    assert came_and_went(updates) == (0, 0)
    assert inside(updates)[-1] == 1


def test_one_outside_the_line_is_not_inside():
    passer = along((2.0, -3.6, -2.2), (5.0, 0.0, -2.2), (12.0, 0.0, -2.2), (15.0, 3.6, -2.2))
    updates = visit(WITH_LINE, passer)
    assert len(rows(updates)) == 1
    assert came_and_went(updates) == (0, 0)
    assert set(inside(updates)) == {0}


def test_one_who_walks_on_into_an_aisle_without_camera_is_still_inside():
    away = along((2.0, 0.0, -3.6), (8.0, 0.0, 3.6))
    updates = visit(WITH_LINE, away)
    assert came_and_went(updates) == (1, 0)
    assert inside(updates)[-1] == 1


def test_one_who_comes_back_out_of_an_aisle_is_not_counted_twice():
    away, back = along((2.0, 0.0, -3.6), (8.0, 0.0, 3.6)), along((14.0, 0.0, 3.6), (20.0, 0.0, -3.6))
    updates = visit(WITH_LINE, away, back, duration_s=25.0)
    assert came_and_went(updates) == (1, 1)
    assert max(inside(updates)) == 1
    assert inside(updates)[-1] == 0


def test_with_nothing_drawn_the_border_is_the_door_and_inside_is_who_is_seen():
    updates = visit(NOTHING_DRAWN, along((2.0, 0.0, -3.6), (8.0, 0.0, 3.6)))
    assert came_and_went(updates) == (1, 1)
    assert inside(updates)[-1] == 0


def test_a_line_far_from_the_entrance_only_counts_passings():
    settings = drawn(
        zone=[square("mat", "entrance", -1.0, -3.5, 1.0, -2.0)],
        line=[{"id": "aisle", "from": [-1.5, 1.5], "to": [1.5, 1.5], "in_direction": [0.0, 1.0]}],
        scene={"counts_window_s": 5.0},
    )
    updates = visit(settings, along((2.0, 0.0, -3.6), (8.0, 0.0, 3.0 - 0.4), (14.0, 0.0, -3.6)))
    assert [event.direction for event in events(updates, EventKind.CROSS)] == ["in", "out"]
    assert came_and_went(updates) == (1, 1)
    assert inside(updates)[-1] == 0


def test_everybody_of_a_family_is_counted():
    family = [along((2.0 + 0.2 * k, -0.5 + 0.5 * k, -3.6), (7.0 + 0.2 * k, -0.5 + 0.5 * k, 1.0),
                    (30.0, -0.5 + 0.5 * k, 1.0), z_m=z_m) for k, z_m in enumerate((1.7, 1.1, 1.65))]  # fmt: skip
    updates = visit(WITH_LINE, *family)
    assert came_and_went(updates) == (3, 0)
    assert inside(updates)[-1] == 3


def test_going_out_for_a_smoke_and_in_again_is_told_each_time():
    smoker = along((0.0, 0.0, 1.0), (5.0, 0.0, 1.0), (8.0, 0.0, -2.2), (11.0, 0.0, -2.2), (14.0, 0.0, 1.0),
                   (20.0, 0.0, 1.0))  # fmt: skip
    updates = visit(WITH_LINE, smoker)
    assert came_and_went(updates) == (1, 1)
    assert inside(updates) == [1, 0, 1, 1]
