"""Zones of the floor, and how long people stay in them."""

import pytest

from edge.clock import seconds
from edge.messages import EventKind, SceneEvent
from edge.scene.zones import ZoneMap
from tests.scene.sightings import Walker, along, at, drawn, events, looks, run, square

RATES_FPS = (4.5, 15.0, 30.0)
SHELVES = drawn(zone=[square("cakes", "aisle", -1.0, -1.0, 1.0, 1.0)], scene={"dwell_s": 5.0})


def stays(*walkers: Walker, fps: float = 15.0, duration_s: float = 30.0) -> list[SceneEvent]:
    return events(run(looks(fps, duration_s, *walkers, jitter_m=0.01), SHELVES), EventKind.DWELL)


def test_a_place_is_named_by_the_smallest_zone_that_holds_it():
    zones = ZoneMap(
        drawn(zone=[square("shop", "aisle", -3, -3, 3, 3), square("till", "checkout", 0, 0, 1, 1)]).zone
    )  # fmt: skip
    assert zones.at(0.5, 0.5) == ("till", "shop")
    assert zones.place(0.5, 0.5, 1.0).zone == "till"
    assert zones.place(-0.5, 0.5, 1.0).zone == "shop"
    assert zones.place(9.0, 0.5, 1.0).zone is None
    assert zones.place(0.5, 0.5, 1.05, zone="shop", line="door").zone == "shop"
    assert zones.place(0.5, -0.1, 1.05).cell == (2, -1, 5)


@pytest.mark.parametrize("fps", RATES_FPS)
def test_a_stay_is_told_once_with_its_begin_end_and_place(fps: float):
    # In the zone from 4.5 s (y = -1) to 16.5 s (y = 1).
    (stay,) = stays(along((2.0, 0.2, -3.5), (5.5, 0.2, 0.0), (15.5, 0.2, 0.0), (19.0, 0.2, 3.5)), fps=fps)
    assert seconds(stay.t_start_ns - at(0)) == pytest.approx(4.5, abs=1.0 / fps + 0.1)
    assert seconds(stay.t_end_ns - at(0)) == pytest.approx(16.5, abs=1.0 / fps + 0.1)
    assert stay.place is not None
    assert stay.place.zone == "cakes"
    assert (stay.place.x_m, stay.place.y_m) == pytest.approx((0.2, 0.0), abs=0.1)
    assert stay.person


def test_one_who_walks_through_does_not_stay():
    assert stays(along((2.0, 0.0, -3.5), (9.0, 0.0, 3.5))) == []


def test_stepping_out_for_a_moment_does_not_end_a_stay():
    stepper = along((2.0, 0.0, -3.5), (5.0, 0.0, 0.8), (9.0, 0.0, 0.8), (9.3, 0.0, 1.15), (10.0, 0.0, 1.15),
                    (10.3, 0.0, 0.8), (15.0, 0.0, 0.8), (18.0, 0.0, -3.5))  # fmt: skip
    assert len(stays(stepper)) == 1


def test_coming_back_later_is_another_stay():
    back = along((2.0, 0.0, -3.5), (5.0, 0.0, 0.0), (11.0, 0.0, 0.0), (12.5, 0.0, 1.8), (15.0, 0.0, 1.8),
                 (16.5, 0.0, 0.0), (23.0, 0.0, 0.0), (26.0, 0.0, -3.5))  # fmt: skip
    first, second = stays(back)
    assert first.t_end_ns < second.t_start_ns
    assert first.person == second.person


def test_a_stay_that_goes_on_at_the_end_is_told_then():
    (stay,) = stays(along((2.0, 0.0, -3.5), (5.0, 0.0, 0.0), (60.0, 0.0, 0.0)), duration_s=20.0)
    assert seconds(at(20.0) - stay.t_end_ns) < 0.1


def test_two_people_stay_each_for_themselves_in_every_zone_that_holds_them():
    settings = drawn(
        zone=[square("shop", "aisle", -2.5, -2.5, 2.5, 2.5), square("till", "checkout", 0.0, -0.5, 1.0, 0.5)]
    )
    at_till = along((2.0, 0.5, -3.5), (5.0, 0.5, 0.0), (12.0, 0.5, 0.0), (15.0, 0.5, -3.5))
    elsewhere = along((2.0, -1.0, -3.5), (5.0, -1.0, 0.0), (12.0, -1.0, 0.0), (15.0, -1.0, -3.5))
    told = events(run(looks(15.0, 20.0, at_till, elsewhere), settings), EventKind.DWELL)
    assert sorted(str(stay.place.zone) for stay in told if stay.place) == ["shop", "shop", "till"]
    assert len({stay.person for stay in told}) == 2
