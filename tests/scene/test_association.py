"""Which head is given to whom."""

import itertools

from edge.messages import Head
from edge.scene.association import assign
from edge.scene.person import Person
from tests.scene.sightings import at, head

GATE_M = 0.6


def known(ordinal: int, *steps: Head, fps: float = 15.0, confirmed: bool = True) -> Person:
    """A person seen once a frame, the last time at the last frame before ``NOW``."""
    first = -len(steps) / fps
    person = Person.begin(ordinal, at(first), "cam0", steps[0], early=False)
    for k, seen in enumerate(steps[1:], start=1):
        person.see(at(first + k / fps), "cam0", seen, 1.0)
    person.confirmed = confirmed
    return person


def standing(ordinal: int, x_m: float, y_m: float, z_m: float = 1.7, *, confirmed: bool = True) -> Person:
    return known(ordinal, *[head(x_m, y_m, z_m)] * 15, confirmed=confirmed)


def walking(ordinal: int, x_m: float, y_m: float, vx_mps: float, fps: float = 15.0) -> Person:
    """Somebody who would be at (x, y) now."""
    return known(ordinal, *[head(x_m - vx_mps * k / fps, y_m) for k in range(15, 0, -1)], fps=fps)


def given(people: list[Person], heads: list[Head]) -> dict[int, int]:
    """Index of the head that each person got."""
    return {pair.person: pair.head for pair in assign(people, heads, at(0.0), GATE_M)}


def test_nobody_and_nothing():
    assert given([], [head(0, 0)]) == {}
    assert given([standing(0, 0, 0)], []) == {}


def test_each_gets_their_own_in_whatever_order_heads_are_told():
    people = [standing(0, 0.0, 0.0), standing(1, 0.5, 0.0), standing(2, 0.0, 0.5)]
    places = [(0.02, 0.01), (0.48, -0.02), (0.03, 0.52)]
    for order in itertools.permutations(range(3)):
        heads = [head(*places[i]) for i in order]
        assert {person: order[j] for person, j in given(people, heads).items()} == {0: 0, 1: 1, 2: 2}


def test_a_head_is_given_once_and_the_other_person_goes_without():
    pairs = given([standing(0, 0.0, 0.0), standing(1, 0.25, 0.0)], [head(0.05, 0.0)])
    assert pairs == {0: 0}


def test_the_whole_is_best_rather_than_the_nearest_pair():
    # Person 0 is nearer to head 0 than person 1 is, but only by leaving person 1 with nothing near.
    people = [standing(0, 0.0, 0.0), standing(1, -0.16, 0.0)]
    assert given(people, [head(-0.06, 0.0), head(0.14, 0.0)]) == {1: 0, 0: 1}


def test_a_head_out_of_reach_is_somebody_else():
    assert given([standing(0, 0.0, 0.0)], [head(GATE_M + 0.1, 0.0)]) == {}


def test_two_who_pass_each_other_keep_their_ways():
    # They are 0.1 m apart now; by place alone each head could be either's, by motion it could not.
    people = [walking(0, 0.05, 0.0, 1.2), walking(1, -0.05, 0.0, -1.2)]
    assert given(people, [head(-0.05, 0.0), head(0.05, 0.0)]) == {0: 1, 1: 0}


def test_height_tells_a_child_from_a_parent():
    people = [standing(0, 0.0, 0.0, 1.75), standing(1, 0.3, 0.0, 1.1)]
    assert given(people, [head(0.15, 0.05, 1.1), head(0.15, -0.05, 1.75)]) == {0: 1, 1: 0}
    assert given([standing(0, 0.0, 0.0, 1.75)], [head(0.05, 0.0, 1.1)]) == {}


def test_one_who_is_sure_has_the_better_claim():
    people = [standing(0, 0.1, 0.0, confirmed=False), standing(1, -0.1, 0.0)]
    assert given(people, [head(0.01, 0.0)]) == {1: 0}


def test_one_who_was_just_seen_has_the_better_claim_than_one_long_lost():
    lost = known(0, *[head(0.0, 0.0)] * 15)
    lost.motion = standing(2, 0.0, 0.0).motion.__class__(
        **{name: getattr(lost.motion, name) for name in lost.motion.__slots__} | {"t_ns": at(-1.5)}
    )
    lost.seen_ns = at(-1.5)
    assert given([lost, standing(1, 0.1, 0.0)], [head(0.05, 0.0)]) == {1: 0}
    assert given([lost], [head(0.05, 0.0)]) == {0: 0}


def test_height_decides_between_two_who_are_as_near():
    people = [standing(0, -0.1, 0.0, 1.75), standing(1, 0.1, 0.0, 1.6)]
    assert given(people, [head(0.02, 0.0, 1.6), head(-0.02, 0.0, 1.75)]) == {0: 1, 1: 0}
    assert given(people, [head(-0.02, 0.0, 1.6), head(0.02, 0.0, 1.75)]) == {0: 1, 1: 0}
