"""What an owner sees adds up: inside, entered and left, through every mishap of seeing."""

from collections import defaultdict
from itertools import pairwise

import pytest

from edge.clock import nanoseconds, seconds
from edge.messages import DayCounts, FlowCounts, SceneUpdate
from edge.scene.flow import DayTotals
from edge.scene.headcount import GIVEN_UP_S, LASTING_NS, OUT_OF_VIEW_S, Headcount
from edge.scene.pipeline import Scene
from tests.scene.sightings import Walker, along, at, drawn, looks, merged, run, unseen

LINE = {"id": "door", "from": [-1.5, -1.5], "to": [1.5, -1.5], "in_direction": [0.0, 1.0]}
WITH_LINE = drawn(line=[LINE], scene={"counts_window_s": 5.0})
NOTHING_DRAWN = drawn(scene={"counts_window_s": 5.0})
LASTING_S = seconds(LASTING_NS)


def last(updates: list[SceneUpdate]) -> tuple[int, int, int]:
    """Entered, left and inside, as told last."""
    today = next(update.today for update in reversed(updates) if update.today is not None)
    return today.entered, today.left, updates[-1].inside


def watch(headcount: Headcount, seen: int, start_s: float, duration_s: float) -> None:
    for k in range(round(duration_s * 10) + 1):
        headcount.hold_against(at(start_s + k / 10), seen)


def numbers(headcount: Headcount) -> tuple[int, int, int]:
    return headcount.entered, headcount.left, headcount.inside


# ----------------------------------------------------------------------------------------------- the balance


def test_inside_is_what_came_in_less_what_went_out():
    shop = Headcount(can_be_out_of_view=True)
    shop.was_there()
    for _ in range(3):
        shop.enter()
    shop.leave()
    assert numbers(shop) == (3, 1, 3)


def test_one_who_leaves_an_empty_shop_had_entered_unseen():
    shop = Headcount(can_be_out_of_view=True)
    shop.leave()
    assert numbers(shop) == (1, 1, 0)


def test_one_whose_leaving_was_not_seen_is_not_inside_an_empty_shop_and_has_left_in_the_end():
    shop = Headcount(can_be_out_of_view=True)
    shop.enter()
    watch(shop, 1, 0.0, 10.0)
    watch(shop, 0, 10.1, LASTING_S - 0.2)
    assert numbers(shop) == (1, 0, 1)
    watch(shop, 0, 10.1 + LASTING_S, 0.2)
    assert numbers(shop) == (1, 0, 0)
    watch(shop, 0, 20.0, GIVEN_UP_S)
    assert numbers(shop) == (1, 1, 0)


def test_one_who_is_found_again_is_inside_and_did_not_enter_twice():
    shop = Headcount(can_be_out_of_view=True)
    shop.enter()
    watch(shop, 1, 0.0, 1.0)
    watch(shop, 0, 1.1, 60.0)
    assert numbers(shop) == (1, 0, 0)
    watch(shop, 1, 61.2, LASTING_S + 0.2)
    assert numbers(shop) == (1, 0, 1)
    shop.leave()
    watch(shop, 0, 70.0, GIVEN_UP_S + 10.0)
    assert numbers(shop) == (1, 1, 0)


def test_one_who_is_missing_and_walks_out_is_one_leaving():
    shop = Headcount(can_be_out_of_view=True)
    shop.enter()
    watch(shop, 0, 0.0, LASTING_S + 0.2)
    shop.leave()
    assert numbers(shop) == (1, 1, 0)


def test_one_seen_inside_whom_no_door_counted_has_entered_after_a_while():
    shop = Headcount(can_be_out_of_view=True)
    watch(shop, 1, 0.0, LASTING_S - 0.2)
    assert numbers(shop) == (0, 0, 0)
    watch(shop, 1, LASTING_S, 0.1)
    assert numbers(shop) == (1, 0, 1)


def test_what_is_taken_for_a_second_person_for_a_moment_changes_nothing():
    shop = Headcount(can_be_out_of_view=True)
    shop.enter()
    for start_s in (0.0, 10.0, 20.0):
        watch(shop, 1, start_s, LASTING_S)
        watch(shop, 2, start_s + LASTING_S, LASTING_S - 0.5)
        watch(shop, 1, start_s + 2 * LASTING_S - 0.4, 0.3)
    assert numbers(shop) == (1, 0, 1)


def test_one_hidden_while_others_are_seen_stays_inside():
    shop = Headcount(can_be_out_of_view=True)
    shop.enter()
    shop.enter()
    watch(shop, 1, 0.0, 600.0)
    assert numbers(shop) == (2, 0, 2)


def test_one_out_of_view_stays_inside_for_long_but_not_for_ever():
    shop = Headcount(can_be_out_of_view=True)
    shop.enter()
    watch(shop, 1, 0.0, 1.0)
    shop.walk_out_of_view()
    watch(shop, 0, 1.1, OUT_OF_VIEW_S - 10.0)
    assert numbers(shop) == (1, 0, 1)
    watch(shop, 0, OUT_OF_VIEW_S, LASTING_S + 20.0)
    assert numbers(shop) == (1, 0, 0)


def test_where_nobody_can_be_out_of_view_inside_follows_who_is_seen():
    shop = Headcount(can_be_out_of_view=False)
    for _ in range(3):
        shop.enter()
    watch(shop, 1, 0.0, LASTING_S + 0.2)
    assert numbers(shop) == (3, 0, 1)


# ------------------------------------------------------------------------------------------- the whole scene

VISIT = along((2.0, 0.0, -3.6), (6.0, 0.0, 0.5), (22.0, 0.0, 0.5), (26.0, 0.0, -3.6))


def test_a_track_that_is_lost_and_found_again_inflates_nothing():
    updates = run(looks(15.0, 40.0, unseen(VISIT, (9.0, 13.5), (15.0, 19.5)), jitter_m=0.01), WITH_LINE)
    assert len({track.id for update in updates for track in update.tracks}) == 3
    assert last(updates) == (1, 1, 0)
    assert max(update.inside for update in updates) == 1


def test_one_lost_before_the_door_does_not_stay_inside():
    updates = run(looks(15.0, 40.0, unseen(VISIT, (21.0, 30.0)), jitter_m=0.01), WITH_LINE)
    assert last(updates) == (1, 0, 0)


def ghost(t0_s: float, x_m: float, y_m: float) -> Walker:
    """Somebody who was nobody: two seconds in the middle of the shop."""
    return along((t0_s, x_m, y_m), (t0_s + 2.0, x_m + 0.4, y_m))


def test_ghosts_inflate_nothing():
    ghosts = [ghost(8.0 + 3.0 * k, 1.5 - k, 1.5) for k in range(4)]
    updates = run(looks(15.0, 40.0, VISIT, *ghosts, jitter_m=0.01), WITH_LINE)
    assert len({track.id for update in updates for track in update.tracks}) > 2
    assert last(updates) == (1, 1, 0)
    assert max(update.inside for update in updates) == 1


@pytest.mark.parametrize("settings", [WITH_LINE, NOTHING_DRAWN], ids=["line", "nothing"])
def test_inside_is_never_negative_and_always_the_balance(settings):
    walkers = [
        VISIT,
        unseen(along((4.0, 0.8, -3.6), (8.0, 0.8, 1.0), (15.0, 0.8, 1.0), (19.0, 0.8, -3.6)), (4.0, 9.0)),
        unseen(along((5.0, -0.8, -3.6), (9.0, -0.8, 1.0), (16.0, -0.8, 1.0), (20.0, -0.8, -3.6)), (15.5, 30.0)),
        along((0.0, 2.0, 2.0), (7.0, 2.0, 2.0), (10.0, 0.0, -3.6)),
    ]
    updates = run(looks(15.0, 200.0, *walkers, jitter_m=0.01), settings)
    assert min(update.inside for update in updates) == 0
    entered, left, inside = last(updates)
    assert inside == 0
    there = 1
    assert there + entered - left == 0
    # Three came in.  One who was first seen inside and one who was last seen inside may make up for each other.
    assert entered in (2, 3)


def test_a_camera_that_is_silent_says_nothing_about_who_is_there():
    scene = Scene(WITH_LINE, ["cam0"])
    updates = [u for look in looks(15.0, 10.0, VISIT) for u in scene.step(look)]
    for k in range(60):
        updates += scene.advance(at(11.0 + k))
    assert updates[-1].inside == 1


def test_two_cameras_count_one_person_once():
    pair = merged(looks(15.0, 40.0, VISIT, jitter_m=0.01), looks(15.0, 40.0, VISIT, camera="cam1", offset_s=0.03))
    updates = run(pair, WITH_LINE, ["cam0", "cam1"])
    assert last(updates) == (1, 1, 0)


# ------------------------------------------------------------------------------------- what is told, and when


def test_a_count_is_told_when_it_changes_and_windows_add_up_to_the_day():
    updates = run(looks(15.0, 40.0, VISIT, jitter_m=0.01), WITH_LINE)
    told = [u.counts_so_far for u in updates if u.counts_so_far is not None]
    assert [(w.entered, w.left, w.inside) for w in told] == [(0, 0, 0), (1, 0, 1), (0, 1, 0)]
    by_start: dict[int, FlowCounts] = defaultdict()
    for update in updates:
        for window in (update.counts, update.counts_so_far):
            if window is not None:
                by_start[window.t_start_ns] = window
    assert (sum(w.entered for w in by_start.values()), sum(w.left for w in by_start.values())) == (1, 1)
    assert all(u.today is not None for u in updates if u.counts is not None or u.counts_so_far is not None)
    assert updates[-1].today == DayCounts(at(0), 1, 1, (("door", 1),), (("door", 1),))


def test_the_day_begins_at_the_shops_midnight():
    settings = drawn(store={"timezone": "Atlantic/Azores"})
    midnight_ns = at(0) + nanoseconds(
        (2 * 60 + 46) * 60
    )  # the session starts at 22:14 UTC, the Azores are an hour behind
    assert settings.day_start_ns(midnight_ns) == midnight_ns
    assert settings.day_start_ns(midnight_ns - 1) == midnight_ns - nanoseconds(86_400)
    day = DayTotals(["door"], settings.day_start_ns)
    assert day.counts(0, 0) is None
    day.step(at(0), 0, 0)
    assert day.counts(5, 3) == DayCounts(at(0), 5, 3, (("door", 0),), (("door", 0),))
    day.step(midnight_ns, 5, 3)
    assert day.counts(6, 5) == DayCounts(midnight_ns, 1, 2, (("door", 0),), (("door", 0),))


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
def test_days_are_whole_even_when_clocks_change(zone):
    settings = drawn(store={"timezone": zone})
    starts = sorted({settings.day_start_ns(at(3600.0 * hour)) for hour in range(24 * 366)})
    lengths = {round(seconds(b - a) / 3600, 1) for a, b in pairwise(starts)}
    assert lengths <= {23.0, 23.5, 24.0, 24.5, 25.0}
    assert len(starts) == 367
