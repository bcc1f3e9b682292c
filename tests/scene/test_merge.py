"""Observations of several cameras, put in order of event time."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from edge.clock import nanoseconds
from edge.messages import DepthObservation
from edge.scene.merge import EventTimeMerge, Instant
from tests.scene.sightings import at, look

LATENESS_S = 0.25


def merge(*sensors: str, lateness_s: float = LATENESS_S) -> EventTimeMerge:
    return EventTimeMerge(sensors, nanoseconds(lateness_s))


def times(instants: tuple[Instant, ...]) -> list[list[tuple[str, int]]]:
    return [[(one.camera, one.t_ns) for one in instant.looks] for instant in instants]


def test_a_single_camera_never_waits():
    lone = merge("a")
    for k in range(20):
        released = lone.push(look(k / 15, camera="a"))
        assert times(released) == [[("a", at(k / 15))]]


def test_two_cameras_wait_for_each_other_and_come_out_in_order():
    pair = merge("a", "b")
    assert pair.push(look(0.10, camera="a")) == ()
    assert pair.push(look(0.20, camera="a")) == ()
    released = pair.push(look(0.15, camera="b"))
    assert times(released) == [[("a", at(0.10))], [("b", at(0.15))]]
    assert times(pair.push(look(0.30, camera="b"))) == [[("a", at(0.20))]]
    assert times(pair.drain()) == [[("b", at(0.30))]]
    assert pair.late == 0


def test_a_slow_camera_is_waited_for_by_the_lateness_and_no_longer():
    pair = merge("a", "b")
    pair.push(look(0.0, camera="b"))
    pair.push(look(0.1, camera="a"))
    assert pair.push(look(0.1 + LATENESS_S, camera="a")) == ()
    assert times(pair.push(look(0.1 + LATENESS_S + 0.001, camera="a"))) == [[("a", at(0.1))]]


def test_what_comes_after_the_watermark_is_counted_and_left_out():
    pair = merge("a", "b")
    pair.push(look(0.0, camera="b"))
    pair.push(look(0.1, camera="a"))
    pair.push(look(0.6, camera="a"))
    assert pair.push(look(0.05, camera="b")) == ()
    assert pair.late == 1
    pair.push(look(0.5, camera="b"))
    assert pair.late == 1
    assert times(pair.drain())[-1] == [("a", at(0.6))]


def test_a_camera_whose_time_goes_back_or_stands_still_is_late():
    pair = merge("a", "b")
    pair.push(look(1.0, camera="a"))
    pair.push(look(1.0, camera="a"))
    pair.push(look(0.9, camera="a"))
    assert pair.late == 2
    assert times(pair.drain()) == [[("a", at(1.0))]]


def test_a_silent_camera_does_not_slow_the_others():
    pair = merge("a", "b", lateness_s=5.0)
    pair.push(look(0.0, camera="b"))
    pair.push(look(0.0, camera="a"))
    assert pair.push(look(1.9, camera="a")) == ()
    assert times(pair.push(look(2.1, camera="a"))) == [[("a", at(1.9))], [("a", at(2.1))]]


def test_a_camera_that_never_spoke_is_waited_for_only_at_the_start():
    pair = merge("a", "never", lateness_s=5.0)
    assert pair.push(look(0.0, camera="a")) == ()
    assert pair.push(look(1.0, camera="a")) == ()
    assert len(pair.push(look(2.0, camera="a"))) == 3
    assert len(pair.push(look(2.1, camera="a"))) == 1


def test_a_camera_nobody_announced_is_waited_for_from_then_on():
    growing = merge("a")
    growing.push(look(0.0, camera="a"))
    growing.push(look(0.1, camera="new"))
    assert times(growing.push(look(0.2, camera="a"))) == [[("new", at(0.1))]]


def test_looks_a_few_milliseconds_apart_are_one_instant_but_never_two_of_one_camera():
    pair = merge("a", "b")
    pair.push(look(0.000, camera="a"))
    (first,) = pair.push(look(0.010, camera="b"))
    assert [one.camera for one in first.looks] == ["a", "b"]
    assert first.t_ns == at(0.010)
    pair.push(look(0.050, camera="a"))
    pair.push(look(0.060, camera="a"))
    assert times(pair.push(look(0.100, camera="b"))) == [[("a", at(0.050))], [("a", at(0.060))]]


def test_time_that_is_known_to_have_passed_releases_all_up_to_it():
    pair = merge("a", "b", lateness_s=5.0)
    pair.push(look(0.1, camera="a"))
    pair.push(look(0.5, camera="a"))
    assert times(pair.advance(at(0.3))) == [[("a", at(0.1))]]
    pair.push(look(0.2, camera="b"))
    assert pair.late == 1


ARRIVALS = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 3000), st.integers(0, 400)), min_size=1, max_size=40, unique=True
)


def arrived(arrivals: list[tuple[str, int, int]]) -> list[DepthObservation]:
    """Looks in the order in which they arrive: exposure and delay are in milliseconds."""
    ordered = sorted(arrivals, key=lambda a: (a[1] + a[2], a[0], a[1]))
    return [look(t_ms / 1000, camera=camera) for camera, t_ms, _ in ordered]


@given(ARRIVALS)
def test_nothing_is_lost_or_told_twice_and_time_never_goes_back(arrivals: list[tuple[str, int, int]]):
    trio, instants = merge("a", "b", "c"), []
    for one in arrived(arrivals):
        instants.extend(trio.push(one))
    instants.extend(trio.drain())
    told = [one.t_ns for instant in instants for one in instant.looks]
    assert len(told) + trio.late == len(arrivals)
    assert told == sorted(told)
    ends = [instant.t_ns for instant in instants]
    assert all(a < b for a, b in itertools.pairwise(ends))


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 40), st.integers(0, 100)), min_size=1, unique=True))
def test_order_of_arrival_within_the_lateness_changes_nothing(frames: list[tuple[str, int, int]]):
    # Frames of one camera are 50 ms apart and arrive in order; cameras are up to 100 ms slower than each other.
    slow = {"a": 0, "b": frames[0][2], "c": 100}
    told = {(camera, 50 * k + "abc".index(camera) * 7, slow[camera]) for camera, k, _ in frames}
    outcomes = []
    for delays in (True, False):
        trio, instants = merge("a", "b", "c"), []
        for one in arrived([(camera, t_ms, delay if delays else 0) for camera, t_ms, delay in told]):
            instants.extend(trio.push(one))
        outcomes.append([*instants, *trio.drain()])
        assert trio.late == 0
    assert outcomes[0] == outcomes[1]
