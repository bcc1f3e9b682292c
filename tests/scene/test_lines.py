"""Counting lines: each passing once, and nothing that is none."""

import math

import numpy as np
import pytest

from edge.clock import seconds
from edge.messages import EventKind, SceneEvent
from tests.scene.sightings import Walker, along, at, drawn, events, looks, run

RATES_FPS = (4.5, 10.0, 15.0, 30.0)
DOOR = {"id": "door", "from": [-1.0, 0.0], "to": [1.0, 0.0], "in_direction": [0.0, 1.0]}


def passings(
    *walkers: Walker, fps: float = 15.0, duration_s: float = 20.0, jitter_m: float = 0.02, seed: int = 1,
    line: dict[str, object] = DOOR,
) -> list[SceneEvent]:  # fmt: skip
    told = looks(fps, duration_s, *walkers, jitter_m=jitter_m, seed=seed)
    return events(run(told, drawn(line=[line])), EventKind.CROSS)


def ways(crossings: list[SceneEvent]) -> list[str | None]:
    return [crossing.direction for crossing in crossings]


@pytest.mark.parametrize("fps", RATES_FPS)
def test_in_and_out_are_counted_once_each_where_and_when_they_happened(fps: float):
    inward = along((2.0, 0.3, -3.6), (8.0, 0.3, 3.6))
    outward = along((10.0, -0.4, 3.6), (16.0, -0.4, -3.6))
    first, second = passings(inward, outward, fps=fps)
    assert ways([first, second]) == ["in", "out"]
    for crossing, t_s, x_m in ((first, 5.0, 0.3), (second, 13.0, -0.4)):
        assert seconds(abs(crossing.t_start_ns - at(t_s))) < 0.1
        assert crossing.t_end_ns == crossing.t_start_ns
        assert crossing.place is not None
        assert (crossing.place.x_m, crossing.place.y_m) == pytest.approx((x_m, 0.0), abs=0.06)
        assert crossing.place.line == "door"
    assert first.person != second.person


def test_in_and_out_by_the_same_person_are_two_passings():
    crossings = passings(along((2.0, 0.0, -3.6), (6.0, 0.0, 1.0), (9.0, 0.0, 1.0), (13.0, 0.0, -3.6)))
    assert ways(crossings) == ["in", "out"]
    assert crossings[0].person == crossings[1].person


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("fps", RATES_FPS)
def test_one_who_stands_on_the_line_is_not_counted_however_the_head_sways(fps: float, seed: int):
    stander = along((2.0, 0.0, -3.6), (6.0, 0.0, 0.0), (40.0, 0.0, 0.0), (44.0, 0.0, -3.6))
    assert passings(stander, fps=fps, duration_s=46.0, jitter_m=0.06, seed=seed) == []


@pytest.mark.parametrize("seed", range(5))
def test_one_who_stands_on_the_line_and_goes_on_is_counted_once(seed: int):
    stander = along((2.0, 0.0, -3.6), (6.0, 0.0, 0.02), (30.0, 0.0, -0.02), (34.0, 0.0, 3.6))
    assert ways(passings(stander, duration_s=36.0, jitter_m=0.06, seed=seed)) == ["in"]


@pytest.mark.parametrize("fps", RATES_FPS)
@pytest.mark.parametrize("beyond_m", [-0.15, -0.05, 0.05, 0.1])
def test_one_who_turns_back_at_the_line_is_not_counted(beyond_m: float, fps: float):
    turner = along((2.0, 0.0, -3.6), (5.0, 0.0, beyond_m), (6.0, 0.0, beyond_m), (9.0, 0.0, -3.6))
    assert passings(turner, fps=fps) == []


def test_one_who_turns_back_well_beyond_the_line_went_in_and_out():
    assert ways(passings(along((2.0, 0.0, -3.6), (6.0, 0.0, 0.5), (10.0, 0.0, -3.6)))) == ["in", "out"]


@pytest.mark.parametrize(("x_m", "counted"), [(0.9, 1), (-0.9, 1), (1.03, 1), (1.4, 0), (-1.4, 0), (2.2, 0)])
def test_who_passes_beside_the_end_of_a_line_does_not_pass_the_line(x_m: float, counted: int):
    assert len(passings(along((2.0, x_m, -3.6), (8.0, x_m, 3.6)))) == counted


def test_one_who_walks_round_the_end_and_back_through_is_counted_once():
    walker = along((2.0, 1.8, -3.6), (5.5, 1.8, 0.8), (7.0, 0.0, 0.8), (10.0, 0.0, -3.6))
    assert ways(passings(walker)) == ["out"]


def test_a_walk_along_the_line_is_no_passing():
    assert passings(along((2.0, -3.6, -0.25), (9.0, 3.6, -0.25)), jitter_m=0.05) == []


@pytest.mark.parametrize("turn_deg", [0, 37, 90, 180, 251])
def test_a_line_counts_the_same_however_it_lies_and_from_whichever_end_it_was_drawn(turn_deg: float):
    c, s = math.cos(math.radians(turn_deg)), math.sin(math.radians(turn_deg))

    def turned(x_m: float, y_m: float) -> list[float]:
        return [c * x_m - s * y_m, s * x_m + c * y_m]

    walkers = [
        along(*((t_s, *turned(x_m, y_m)) for t_s, x_m, y_m in stops))
        for stops in ([(2.0, 0.5, -2.7), (8.0, -0.2, 2.7)], [(5.0, -0.5, 2.7), (11.0, -0.6, -2.7)])
    ]
    ends = [turned(-1.0, 0.0), turned(1.0, 0.0)]
    for begin, end in (ends, ends[::-1]):
        line = {"id": "slanted", "from": begin, "to": end, "in_direction": turned(0.2, 1.0)}
        assert ways(passings(*walkers, line=line)) == ["in", "out"]


@pytest.mark.parametrize("fps", RATES_FPS)
def test_several_at_once_are_each_counted(fps: float):
    walkers = [along((2.0 + 0.3 * k, -0.6 + 0.6 * k, -3.6), (7.0 + 0.3 * k, -0.6 + 0.6 * k, 3.6)) for k in range(3)]
    back = along((9.0, 0.0, 3.6), (14.0, 0.0, -3.6))
    crossings = passings(*walkers, back, fps=fps)
    assert ways(crossings) == ["in", "in", "in", "out"]
    assert len({crossing.person for crossing in crossings}) == 4


def test_one_who_is_hidden_while_passing_is_counted_once():
    walker = along((2.0, 0.0, -3.6), (8.0, 0.0, 3.6))
    assert ways(passings(lambda t_s: None if 4.7 < t_s < 5.4 else walker(t_s))) == ["in"]


def test_one_whose_head_is_found_only_beyond_the_line_was_there_all_along():
    """A person who stands on the inner side from the first frame has passed nothing."""
    assert passings(along((0.0, 0.0, 0.4), (20.0, 0.0, 0.4))) == []


@pytest.mark.parametrize("seed", range(3))
def test_a_busy_door_is_counted_to_the_last_person(seed: int):
    rng = np.random.default_rng(seed)
    walkers, true = [], []
    for k in range(20):
        side = 1.0 if rng.random() < 0.5 else -1.0
        x_m, t_s, takes_s = float(rng.uniform(-0.8, 0.8)), 2.0 + 3.0 * k, float(rng.uniform(4.5, 7.0))
        walkers.append(along((t_s, x_m, -3.6 * side), (t_s + takes_s, x_m + float(rng.normal(0, 0.1)), 3.6 * side)))
        true.append("in" if side > 0 else "out")
    told = ways(passings(*walkers, duration_s=70.0, jitter_m=0.03, seed=seed))
    assert (told.count("in"), told.count("out")) == (true.count("in"), true.count("out"))


def test_a_passing_under_way_when_the_session_ends_is_counted():
    """The last frame shows the walker 0.1 m beyond the line."""
    assert ways(passings(along((2.0, 0.0, -2.9), (5.0, 0.0, 0.1)), duration_s=5.01, jitter_m=0.0)) == ["in"]
