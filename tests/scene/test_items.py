"""What came or went, where, when and by whose hand."""

from dataclasses import replace

import pytest

from edge.clock import seconds
from edge.messages import EventKind, SceneEvent, SceneUpdate
from edge.scene.hands import MOST_REACHES, Hands
from edge.scene.merge import Instant
from edge.scene.tracker import Given, People
from tests.scene.grasps import ADVANCED, RECEDED, SHELF, SHELF_KEY, Film
from tests.scene.sightings import along, at, drawn, events, looks, merged, rows, run, unseen

SETTINGS = drawn(shelf=[SHELF])
TAKEN, PUT = EventKind.ITEM_TAKEN, EventKind.ITEM_PUT
LEFT, MIDDLE, RIGHT = -1.0, 0.0, 1.0
CHANGE = 0.9
"""How sure a change is of itself."""
DOUBTFUL = 0.45
"""Whoever most likely did it by a hand that was not seen is told, and never surely enough for an alert."""


def standing(x_m: float, from_s: float = 0.0, to_s: float = 60.0, y_m: float = 1.5):
    return along((from_s, x_m, y_m), (to_s, x_m, y_m))


def three(duration_s: float = 12.0, fps: float = 15.0) -> Film:
    return Film(looks(fps, duration_s, *(standing(x) for x in (LEFT, MIDDLE, RIGHT))))


def one(updates: list[SceneUpdate], kind: EventKind = TAKEN) -> SceneEvent:
    (event,) = events(updates, kind)
    return event


def name_at(updates: list[SceneUpdate], x_m: float) -> str:
    (name,) = {name for name, track in rows(updates).items() if abs(track[-1].x_m - x_m) < 0.2}
    return name


def test_of_three_it_is_the_one_whose_hand_was_there_even_where_another_stands_nearer():
    film = three().take(5.0, 0.9, of=LEFT)
    updates = run(film.looks, SETTINGS)
    assert one(updates).person == name_at(updates, LEFT)


def test_an_event_tells_where_when_how_much_and_how_sure():
    updates = run(three().take(5.0, 0.5, 0.4, of=MIDDLE, count=1, confidence=0.8).looks, SETTINGS)
    event = one(updates)
    assert event.place is not None
    assert (event.place.shelf, event.place.level, event.place.zone) == ("A", 1, None)
    assert (event.place.x_m, event.place.y_m, event.place.z_m) == (0.5, 2.15, 1.0)
    assert event.place.cell == (2, 10, 5)
    assert (event.volume_l, event.count, event.sensor, event.size_m) == (0.4, 1, "cam0", (0.1, 0.1, 0.15))
    assert event.confidence == pytest.approx(0.8 * 0.9, rel=0.02)
    assert event.picture is not None
    assert event.picture.name == "pic1"
    assert event.t_start_ns == at(5.0)
    assert event.t_end_ns == at(6.0)
    assert event in next(update for update in updates if update.t_ns == at(6.0)).events


def test_the_moment_is_that_of_the_hand_at_the_place_however_long_it_was_hidden():
    film = three().hand(3.0, 0.5, of=MIDDLE).hand(4.0, 0.2, of=MIDDLE).hand(5.0, 0.05, of=MIDDLE)
    film.change(RECEDED, 4.0, 0.2, before_s=2.5, after_s=6.0, told_s=7.0)
    assert one(run(film.looks, SETTINGS)).t_start_ns == at(4.0)


def test_the_surer_hand_does_not_give_the_moment_the_nearer_one_does():
    film = three().hand(3.0, 0.13, of=MIDDLE, confidence=1.0).hand(6.0, 0.01, of=MIDDLE, confidence=0.6)
    film.hand(6.4, 0.0, of=None).change(RECEDED, 6.0, 0.0, before_s=2.5, after_s=7.0, told_s=8.0)
    assert one(run(film.looks, SETTINGS)).t_start_ns == at(6.4)


@pytest.mark.parametrize(("x_m", "blamed"), [(0.0, True), (0.38, False)])
def test_where_a_surface_was_hidden_for_long_a_hand_that_only_passed_by_is_not_blamed(x_m: float, blamed: bool):
    film = three(40.0).hand(20.0, x_m, of=MIDDLE).change(RECEDED, 6.0, 0.0, before_s=6.0, after_s=30.0, told_s=31.0)
    event = one(run(film.looks, SETTINGS))
    assert event.t_start_ns == (at(20.0) if blamed else at(8.5))
    assert event.confidence == pytest.approx(CHANGE * (0.9 * 0.82 if blamed else DOUBTFUL), abs=0.02)


def test_where_a_surface_was_hidden_for_a_moment_only_a_hand_would_have_been_seen():
    event = one(run(three().change(RECEDED, 5.0, 0.0, before_s=4.6, after_s=5.2, told_s=9.0).looks, SETTINGS))
    assert (event.person, event.t_start_ns, event.confidence) == (None, at(5.2), CHANGE)


def test_without_a_hand_whoever_stood_there_is_the_likeliest_but_others_could_have_reached_it():
    film = three().change(RECEDED, 5.0, 0.1, before_s=4.0, after_s=8.0, told_s=9.0)
    updates = run(film.looks, SETTINGS)
    assert one(updates).person == name_at(updates, MIDDLE)
    assert one(updates).t_start_ns == pytest.approx(at(6.0), abs=at(0.2) - at(0.0))
    assert one(updates).confidence == pytest.approx(CHANGE * DOUBTFUL, abs=0.02)


def test_between_two_it_is_nobodys():
    film = three().change(RECEDED, 5.0, 0.5, before_s=4.0, after_s=8.0, told_s=9.0)
    assert one(run(film.looks, SETTINGS)).person is None


@pytest.mark.parametrize(("other_x_m", "alone"), [(1.5, True), (0.9, False)])
def test_what_was_hidden_is_that_of_the_only_one_who_could_reach_it(other_x_m: float, alone: bool):
    film = Film(looks(15.0, 14.0, standing(0.0), standing(other_x_m)))
    film.change(RECEDED, 5.0, 0.0, before_s=4.0, after_s=8.0, told_s=9.0)
    updates = run(film.looks, SETTINGS)
    assert one(updates).person == name_at(updates, 0.0)
    assert (one(updates).confidence > 0.5) is alone


def test_whoever_came_and_went_while_it_was_hidden_could_have_done_it_too():
    passing = along((0.0, 3.0, 0.0), (5.0, 0.4, 1.2), (6.0, 0.4, 1.2), (11.0, 3.0, 0.0))
    film = Film(looks(15.0, 14.0, standing(-0.3), passing))
    film.change(RECEDED, 5.0, 0.0, before_s=4.0, after_s=10.0, told_s=11.0)
    assert one(run(film.looks, SETTINGS)).confidence < CHANGE * DOUBTFUL + 0.01


def test_nobody_is_within_reach_of_what_went_while_nobody_stood_there():
    film = Film(looks(15.0, 14.0, standing(0.0, y_m=0.5)))
    film.change(RECEDED, 5.0, 0.0, before_s=4.0, after_s=8.0, told_s=9.0)
    event = one(run(film.looks, SETTINGS))
    assert (event.person, event.t_start_ns, event.confidence) == (None, at(6.0), CHANGE)


def test_two_who_reach_there_share_it_and_the_likelier_is_named():
    sure = one(run(three().take(5.0, 0.0, of=LEFT).looks, SETTINGS))
    film = three().hand(4.9, 0.12, of=MIDDLE, confidence=0.5).take(5.0, 0.0, of=LEFT)
    updates = run(film.looks, SETTINGS)
    shared = one(updates)
    assert shared.person == name_at(updates, LEFT)
    assert 0.5 * sure.confidence < shared.confidence < 0.8 * sure.confidence
    even = one(run(three().hand(4.9, 0.0, of=MIDDLE).take(5.0, 0.0, of=LEFT).looks, SETTINGS))
    assert even.confidence == pytest.approx(0.5 * sure.confidence, abs=0.01)


@pytest.mark.parametrize(("confidence", "named"), [(0.9, True), (0.5, False)])
def test_who_is_hardly_likelier_than_another_is_not_named(confidence: float, named: bool):
    film = three().hand(4.9, 0.0, of=MIDDLE, confidence=confidence).hand(5.0, 0.0, of=LEFT, confidence=confidence)
    event = one(run(film.change(RECEDED, 5.0, 0.0).looks, SETTINGS))
    assert (event.person is not None) is named
    assert event.t_start_ns == pytest.approx(at(4.95), abs=at(0.1) - at(0.0))


def test_a_hand_without_a_head_names_nobody_whoever_stands_there():
    film = three().hand(5.0, 0.0, of=None).change(RECEDED, 5.0, 0.0, before_s=4.0, after_s=8.0, told_s=9.0)
    assert one(run(film.looks, SETTINGS)).person is None


def test_a_hand_elsewhere_says_nothing():
    film = three().hand(5.0, 1.0, of=MIDDLE).change(RECEDED, 5.0, 0.0, after_s=5.2)
    assert one(run(film.looks, SETTINGS)).person is None


def test_a_nearer_hand_that_is_nobodys_is_not_blamed_on_somebody():
    film = three().hand(4.8, 0.4, of=LEFT).hand(6.0, 0.0, of=None)
    film.change(RECEDED, 6.0, 0.0, before_s=4.6, after_s=6.4, told_s=7.0)
    assert one(run(film.looks, SETTINGS)).person is None


def test_a_hand_that_loses_its_head_for_a_moment_is_still_the_same_hand():
    film = three().hand(4.8, 0.1, of=LEFT).hand(5.0, 0.0, of=None).hand(5.2, 0.1, of=LEFT).change(RECEDED, 5.0, 0.0)
    updates = run(film.looks, SETTINGS)
    assert one(updates).person == name_at(updates, LEFT)


@pytest.mark.parametrize(("hand_s", "named"), [(3.0, False), (4.4, True), (5.9, True), (6.3, False)])
def test_only_a_hand_within_its_time_counts(hand_s: float, named: bool):
    film = three().hand(hand_s, 0.0, of=LEFT).change(RECEDED, 5.0, 0.0, before_s=4.8, after_s=6.0, told_s=7.0)
    updates = run(film.looks, SETTINGS)
    assert (one(updates).person == name_at(updates, LEFT)) is named


def test_while_the_camera_did_not_look_anybody_may_have_done_it():
    film = three(20.0).hand(5.0, 0.0, of=LEFT).change(RECEDED, 5.0, 0.0, before_s=4.8, after_s=12.0, told_s=13.0)
    assert one(run(film.looks, SETTINGS)).person is not None
    gap = [look for look in film.looks if not at(5.5) < look.t_ns < at(10.0)]
    event = one(run(gap, SETTINGS))
    assert event.person is None
    assert event.t_start_ns == at(7.3)


def test_a_hand_without_a_head_between_those_of_two_is_neithers():
    film = three().hand(4.8, 0.15, of=LEFT).hand(5.0, 0.0, of=None).hand(5.2, -0.15, of=RIGHT)
    film.change(RECEDED, 5.0, 0.0, before_s=4.7, after_s=5.4)
    alone = one(run(film.looks, SETTINGS))
    assert alone.confidence < 0.4


def test_two_hands_at_one_time_are_two():
    film = three().hand(5.0, 0.3, of=LEFT).hand(5.0, 0.0, of=None).change(RECEDED, 5.0, 0.0)
    assert one(run(film.looks, SETTINGS)).person is None


# ------------------------------------------------------------------------------------------- under a final name


def test_who_is_confirmed_only_later_is_named_once_they_are():
    # A doubtful head in the middle of the floor needs longer than the change.
    doubtful = along((4.0, 0.0, 1.0), (12.0, 0.0, 1.4), confidence=0.5)
    film = Film(looks(15.0, 12.0, doubtful)).take(4.6, 0.0, of=0.0, told_s=5.2)
    updates = run(film.looks, SETTINGS)
    (name,) = rows(updates)
    told = next(update for update in updates if events([update], TAKEN))
    confirmed_ns = next(update.t_ns for update in updates if update.tracks)
    assert at(5.2) < confirmed_ns <= told.t_ns < at(6.3)
    assert one(updates).person == name
    assert one(updates).t_end_ns == at(5.2)


def test_a_head_that_is_never_confirmed_is_nobody_and_is_not_waited_for_long():
    bag = along((4.0, 0.0, 1.4), (12.0, 0.0, 1.4), confidence=0.3)
    updates = run(Film(looks(15.0, 12.0, bag)).take(4.6, 0.0, of=0.0, told_s=5.2).looks, SETTINGS)
    assert one(updates).person is None
    told = next(update for update in updates if events([update], TAKEN))
    assert 1.0 <= seconds(told.t_ns - at(5.2)) < 1.2


def test_a_doubtful_head_that_has_hardly_a_part_in_it_is_not_waited_for():
    bag = along((4.0, 0.6, 1.4), (12.0, 0.6, 1.4), confidence=0.3)
    film = Film(looks(15.0, 12.0, standing(-0.6), bag)).hand(5.0, 0.45, of=0.6).take(5.0, 0.0, of=-0.6)
    updates = run(film.looks, SETTINGS)
    assert next(update.t_ns for update in updates if events([update], TAKEN)) == one(updates).t_end_ns


def test_a_head_that_came_up_on_an_arm_takes_no_share():
    arm = along((4.0, 0.5, 1.9), (12.0, 0.5, 1.9), z_m=1.2, confidence=0.3)
    film = Film(looks(15.0, 12.0, standing(0.0), arm)).hand(4.8, 0.3, of=0.0).hand(5.0, 0.3, of=0.5)
    updates = run(film.change(RECEDED, 5.0, 0.3).looks, SETTINGS)
    assert one(updates).person == name_at(updates, 0.0)
    assert one(updates).confidence > 0.75


def test_who_was_lost_and_found_again_is_named_as_before():
    # Hidden for a moment, then a doubtful head that has to prove itself: it takes, and only then is known.
    walker = along((0.0, 0.0, 1.0), (30.0, 0.0, 1.0))
    found = unseen(along((0.0, 0.0, 1.0), (30.0, 0.0, 1.0), confidence=0.5), (0.0, 5.5))
    film = Film(looks(15.0, 12.0, unseen(walker, (4.0, 30.0)), found)).take(5.6, 0.0, of=0.0, told_s=5.9)
    updates = run(film.looks, SETTINGS)
    (name,) = rows(updates)
    assert one(updates).person == name


def test_at_the_end_of_a_session_what_waits_is_told():
    bag = along((4.0, 0.0, 1.4), (12.0, 0.0, 1.4), confidence=0.3)
    updates = run(Film(looks(15.0, 5.4, bag)).take(4.6, 0.0, of=0.0, told_s=5.2).looks, SETTINGS)
    assert one(updates).person is None
    assert one(updates) in updates[-1].events


# ------------------------------------------------------------------------------------------- several cameras


def test_only_the_camera_that_tells_a_change_must_have_looked():
    told = three(20.0).take(5.0, 0.0, of=LEFT, before_s=4.8, after_s=12.0, told_s=13.0).looks
    other = [replace(look, camera="b", heads=()) for look in three(20.0).looks if not at(5.5) < look.t_ns < at(10.0)]
    assert one(run(merged(told, other), SETTINGS, ("cam0", "b"))).person is not None


def both(b: Film, *, take_a: bool = True, told_a_s: float = 6.0) -> list[SceneUpdate]:
    a = three(20.0)
    if take_a:
        a.take(5.0, 0.0, of=LEFT, told_s=told_a_s)
    b.looks = [replace(look, camera="b") for look in b.looks]
    return run(merged(a.looks, b.looks), SETTINGS, ("cam0", "b"))


def test_what_two_cameras_tell_is_one_event():
    b = three(20.0).change(RECEDED, 5.1, 0.15, 0.7, before_s=4.0, after_s=7.0, told_s=8.0)
    updates = both(b)
    assert one(updates).sensor == "cam0"
    assert one(updates).person == name_at(updates, LEFT)


@pytest.mark.parametrize(
    "change",
    [{"t_s": 5.0, "x_m": 0.6}, {"t_s": 12.0, "x_m": 0.0}, {"t_s": 5.0, "x_m": 0.0, "kind": ADVANCED}],
    ids=["elsewhere", "later", "the other kind"],
)
def test_what_differs_in_place_time_or_kind_is_another_event(change: dict[str, float]):
    updates = both(three(20.0).change(**{"kind": RECEDED, **change}))
    assert sum(len(events(updates, kind)) for kind in (TAKEN, PUT)) == 2


def test_two_things_seen_as_one_by_the_other_camera_are_two_and_two_seen_by_one_are_two():
    b = three(20.0).take(5.0, 0.0, of=LEFT).take(6.5, 0.1, of=LEFT)
    updates = both(b, told_a_s=5.8)
    assert len(events(updates, TAKEN)) == 2
    b = three(20.0).change(RECEDED, 5.0, 0.05, 1.0, before_s=4.0, after_s=7.5, told_s=8.5)
    a = three(20.0).take(5.0, 0.0, of=LEFT).take(6.5, 0.1, of=LEFT)
    b.looks = [replace(look, camera="b") for look in b.looks]
    assert len(events(run(merged(a.looks, b.looks), SETTINGS, ("cam0", "b")), TAKEN)) == 2


def test_a_hand_that_only_the_other_camera_sees_names_the_person():
    b = three(20.0).hand(5.0, 0.0, of=RIGHT)
    updates = run(
        merged(three(20.0).change(RECEDED, 5.0, 0.0).looks, [replace(look, camera="b") for look in b.looks]),
        SETTINGS,
        ("cam0", "b"),
    )
    assert one(updates).person == name_at(updates, RIGHT)


# ------------------------------------------------------------------------------------------- bounds


def test_hands_and_changes_of_long_ago_are_forgotten():
    hands, first = Hands(), three(0.05).hand(0.0, 0.0, of=LEFT).looks[0]
    for k in range(5000):
        look = replace(first, t_ns=at(k * 0.01))
        given = Given("cam0", look.t_ns, ("a", "b", "c"))
        hands.step(Instant(look.t_ns, (look,)), People(look.t_ns, (), given=(given,)))
    assert len(hands._reaches[SHELF_KEY]) == MOST_REACHES
    hands.step(Instant(at(1000.0), ()), People(at(1000.0), ()))
    assert len(hands._reaches[SHELF_KEY]) == 0
