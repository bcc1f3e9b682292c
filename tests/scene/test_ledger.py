"""What each person holds: taken, put back, moved."""

import pytest

from edge.messages import EventKind, SceneEvent, Track, TrackState
from edge.scene.ledger import KEEP_NS, MOST_HELD, Ledger
from edge.scene.tracker import People
from edge.scene.zones import ZoneMap
from tests.scene.sightings import at

TAKEN, PUT = EventKind.ITEM_TAKEN, EventKind.ITEM_PUT
NOBODY: str | None = None
ZONES = ZoneMap(())


def person(name: str, t_s: float, x_m: float = 0.0) -> Track:
    return Track(name, at(t_s), x_m, 1.5, 1.7, 0.0, 0.0, TrackState.SEEN, at(0), 0.9)


class Shelf:
    """Steps a ledger; times in seconds.  Everybody in ``here`` stands at their place all the time."""

    def __init__(self, least: float = 0.5, **here: float) -> None:
        self.ledger = Ledger(least)
        self.here = here or {"ann": 0.0, "bob": 2.0}

    def at(self, t_s: float, *events: SceneEvent) -> list[str | None]:
        rows = tuple(person(name, t_s, x_m) for name, x_m in self.here.items())
        return [event.item for event in self.ledger.step(People(at(t_s), rows), events)]

    def act(
        self, kind: EventKind, t_s: float, who: str | None, litres: float = 0.5, x_m: float = 0.0, *,
        count: int | None = None, confidence: float = 0.9, shelf: str = "A",
    ) -> str | None:  # fmt: skip
        """Something went or came at ``t_s`` and is told 1 s later."""
        place = ZONES.place(x_m, 2.1, 1.0)
        place = type(place)(place.x_m, place.y_m, place.z_m, place.cell, shelf=shelf, level=0)
        event = SceneEvent(kind, at(t_s), at(t_s + 1), who, place, confidence, "cam0", litres, count=count)
        (item,) = self.at(t_s + 1, event)
        return item

    def held(self, name: str = "ann") -> list[tuple[str, float, int]]:
        return [(held.item, held.volume_l, held.count) for held in self.ledger.held(name)]


def test_what_is_taken_is_held_under_its_own_name():
    shelf = Shelf()
    first, second = shelf.act(TAKEN, 0, "ann", 0.5), shelf.act(TAKEN, 5, "ann", 0.7, count=3)
    assert first != second
    assert shelf.held() == [(first, 0.5, 1), (second, 0.7, 3)]
    assert shelf.held("bob") == []
    assert shelf.ledger.people() == ("ann",)


def test_what_is_put_back_is_the_most_alike_of_what_is_held_and_has_its_name():
    shelf = Shelf()
    small, large = shelf.act(TAKEN, 0, "ann", 0.4), shelf.act(TAKEN, 5, "ann", 2.0)
    assert shelf.act(PUT, 10, "ann", 1.6, x_m=1.8) == large
    assert [held[0] for held in shelf.held()] == [small]


@pytest.mark.parametrize(("litres", "same"), [(0.26, True), (0.95, True), (0.2, False), (1.1, False)])
def test_a_thing_of_another_size_is_another_thing(litres: float, same: bool):
    shelf = Shelf()
    item = shelf.act(TAKEN, 0, "ann", 0.5)
    assert (shelf.act(PUT, 5, "ann", litres) == item) is same
    assert len(shelf.held()) == (0 if same else 1)


def test_the_undecided_hold_one_in_the_end():
    shelf = Shelf()
    first = shelf.act(TAKEN, 0, "ann")
    assert shelf.act(PUT, 2, "ann") == first
    last = shelf.act(TAKEN, 3.5, "ann")
    assert shelf.held() == [(last, 0.5, 1)]


def test_restocking_is_held_by_nobody_and_each_thing_has_its_own_name():
    shelf = Shelf()
    names = {shelf.act(PUT, k, "bob") for k in range(10)}
    assert len(names) == 10
    assert None not in names
    assert shelf.held("bob") == []


@pytest.mark.parametrize("first", [TAKEN, PUT])
@pytest.mark.parametrize("who", [(None, None), ("ann", None), (None, "ann"), ("ann", "ann")])
def test_what_goes_and_comes_in_one_moment_was_moved(first: EventKind, who: tuple[str | None, str | None]):
    shelf = Shelf()
    second = PUT if first is TAKEN else TAKEN
    assert shelf.act(first, 0, who[0], x_m=0.0) == shelf.act(second, 1.5, who[1], 0.6, x_m=0.5)
    assert shelf.held() == []


@pytest.mark.parametrize(
    "other",
    [{"t_s": 3.0}, {"litres": 1.2}, {"shelf": "B"}, {"who": "bob"}],
    ids=["later", "larger", "another shelf", "somebody else"],
)
def test_what_cannot_be_the_same_thing_is_not_taken_as_moved(other: dict[str, object]):
    shelf = Shelf(ann=0.0, bob=0.5)
    item = shelf.act(TAKEN, 0, "ann", x_m=-1.0)
    told = {"t_s": 1.5, "who": None, "litres": 0.5, "x_m": 1.0, **other}
    assert shelf.act(PUT, **told) != item
    assert [held[0] for held in shelf.held()] == [item]


def test_a_thing_that_was_moved_once_is_not_half_of_another_move():
    shelf = Shelf()
    first = shelf.act(TAKEN, 0, None)
    assert shelf.act(PUT, 0.5, None) == first
    assert shelf.act(PUT, 1.0, None) != first


def test_a_thing_that_was_put_back_is_not_half_of_a_move():
    shelf = Shelf()
    item = shelf.act(TAKEN, 0, "ann")
    assert shelf.act(PUT, 0.5, "ann") == item
    assert shelf.act(PUT, 1.0, None) != item


def test_several_taken_one_by_one_and_put_back_at_once_are_all_back():
    shelf = Shelf()
    items = [shelf.act(TAKEN, 3 * k, "ann", 0.5) for k in range(4)]
    assert shelf.act(PUT, 20, "ann", 1.9) in items
    assert shelf.held() == []


def test_one_of_two_alike_put_back_leaves_one():
    shelf = Shelf()
    shelf.act(TAKEN, 0, "ann", 0.5)
    shelf.act(TAKEN, 3, "ann", 0.5)
    shelf.act(PUT, 20, "ann", 0.6)
    assert len(shelf.held()) == 1


def test_several_taken_at_once_can_be_put_back_one_by_one():
    shelf = Shelf()
    item = shelf.act(TAKEN, 0, "ann", 1.8, count=3)
    assert shelf.act(PUT, 5, "ann", 0.5) == item
    assert shelf.held() == [(item, pytest.approx(1.2), 2)]
    assert shelf.act(PUT, 10, "ann", 0.6) == item
    assert shelf.act(PUT, 15, "ann", 0.6) == item
    assert shelf.held() == []


def test_a_large_thing_that_is_put_down_does_not_account_for_a_small_one():
    shelf = Shelf()
    item = shelf.act(TAKEN, 0, "ann", 0.5)
    assert shelf.act(PUT, 5, "ann", 8.0) != item
    assert len(shelf.held()) == 1


def test_what_is_put_by_a_hand_not_seen_beside_who_took_it_there_is_put_back():
    shelf = Shelf(ann=0.0, bob=9.0)
    item = shelf.act(TAKEN, 0, "ann", x_m=0.0)
    assert shelf.act(PUT, 10, None, 0.6, x_m=0.2) == item
    assert shelf.held() == []


@pytest.mark.parametrize(("ann_m", "put_m"), [(6.0, 0.0), (0.0, 1.0)], ids=["went away", "another place"])
def test_what_is_put_where_they_are_not_or_took_nothing_is_not_theirs(ann_m: float, put_m: float):
    shelf = Shelf(ann=0.0)
    item = shelf.act(TAKEN, 0, "ann", x_m=0.0)
    shelf.here = {"ann": ann_m}
    assert shelf.act(PUT, 10, None, x_m=put_m) != item
    assert len(shelf.held()) == 1


def test_what_is_hardly_theirs_is_not_held_against_them_but_known_when_put_back():
    shelf = Shelf(least=0.5)
    item = shelf.act(TAKEN, 0, "ann", confidence=0.49)
    assert shelf.held() == []
    assert shelf.act(PUT, 5, "ann") == item
    shelf.act(TAKEN, 10, "ann", confidence=0.5)
    assert len(shelf.held()) == 1


def test_names_are_equal_at_each_replay_and_differ_within_one():
    def names() -> list[str | None]:
        shelf = Shelf()
        return [shelf.act(kind, 0, None, 10.0**k) for k in range(3) for kind in (TAKEN, PUT, PUT)]

    assert names() == names()
    assert len(set(names())) == 6
    assert all(name and name.isalnum() and len(name) == 8 for name in names())


def test_who_is_not_seen_any_longer_is_forgotten_with_all_they_held():
    shelf = Shelf(ann=0.0)
    shelf.act(TAKEN, 0, "ann")
    shelf.here = {}
    shelf.at(KEEP_NS / 1e9)
    assert len(shelf.held()) == 1
    shelf.at(KEEP_NS / 1e9 + 1.5)
    assert shelf.held() == []
    assert shelf.ledger.people() == ()


def test_nobody_holds_without_end():
    shelf = Shelf(ann=0.0)
    for k in range(MOST_HELD + 50):
        last = shelf.act(TAKEN, 3 * k, "ann")
    assert len(shelf.held()) == MOST_HELD
    assert shelf.held()[-1][0] == last
