"""Things left in zones, and things taken away from there."""

import pytest

from edge.messages import Act, EventKind, SceneEvent, Track, TrackState
from edge.scene.object_acts import MOST_THINGS, Objects
from edge.scene.tracker import People
from edge.scene.zones import ZoneMap
from edge.settings import ObjectLeftRule, ObjectRemovedRule
from tests.scene.grasps import picture
from tests.scene.sightings import at

TAKEN, PUT = EventKind.ITEM_TAKEN, EventKind.ITEM_PUT
LEFT, REMOVED = EventKind.OBJECT_LEFT, EventKind.OBJECT_REMOVED
FAR_M = 5.0


class Hall:
    """A zone, stepped twice a second; one person who stands at ``x_m``, or nobody."""

    def __init__(self, left: ObjectLeftRule | None = None, removed: ObjectRemovedRule | None = None) -> None:
        self.objects = Objects(left or ObjectLeftRule(after_s=60.0, near_m=1.2), removed or ObjectRemovedRule())
        self.person_m: float | None = FAR_M
        self.t = 0
        self.due: list[SceneEvent] = []
        self.going: list[tuple[float, Act]] = []
        self.over: list[SceneEvent] = []

    def change(
        self, kind: EventKind, t_s: float, x_m: float = 0.0, litres: float = 20.0, *, who: str | None = "ann",
        zone: str = "hall",
    ) -> "Hall":  # fmt: skip
        """Told 1 s after it happened."""
        place = ZoneMap(()).place(x_m, 0.0, 0.3, zone=zone)
        told = SceneEvent(kind, at(t_s), at(t_s + 1), who, place, 0.8, "cam0", litres, picture=picture("pic1"))
        self.due.append(told)
        return self

    def until(self, t_s: float, person_m: float | None = FAR_M, *, watched: bool = True) -> "Hall":
        while at(self.t / 2) < at(t_s):
            t_ns = at(self.t / 2)
            rows = () if person_m is None else (self.person(t_ns, person_m),)
            due = [event for event in self.due if event.t_end_ns <= t_ns]
            self.due = [event for event in self.due if event.t_end_ns > t_ns]
            acts, over = self.objects.step(People(t_ns, rows), due, watched=watched)
            self.going += [(self.t / 2, act) for act in acts]
            self.over += over
            self.t += 1
        return self

    @staticmethod
    def person(t_ns: int, x_m: float) -> Track:
        return Track("ann", t_ns, x_m, 0.0, 1.7, 0.0, 0.0, TrackState.SEEN, at(0), 0.9)

    def kinds(self) -> set[EventKind]:
        return {act.kind for _, act in self.going}


def test_a_bag_that_nobody_is_near_is_told_after_a_while_and_ends_when_it_is_taken():
    hall = Hall().change(PUT, 10.0).until(15.0, 0.5).until(200.0).change(TAKEN, 200.0).until(250.0)
    assert hall.kinds() == {LEFT}
    assert hall.going[0][0] == pytest.approx(14.5 + 60.0, abs=0.6)
    assert hall.going[-1][0] == pytest.approx(200.5, abs=0.6)
    act = hall.going[0][1]
    assert (act.t_start_ns, act.person, act.count, act.volume_l, act.place.zone) == (at(10.0), "ann", 1, 20.0, "hall")
    assert act.pictures == ("pic1",)
    assert [event.kind for event in act.evidence] == [PUT]
    (over,) = hall.over
    assert (over.kind, over.t_start_ns, over.t_end_ns, over.person) == (LEFT, at(10.0), at(200.0), "ann")


def test_a_bag_that_somebody_stays_near_is_not_left():
    assert not Hall().change(PUT, 10.0).until(300.0, 1.0).going
    assert Hall().change(PUT, 10.0).until(300.0, 1.4).going


def test_coming_back_to_it_in_time_begins_the_wait_anew():
    hall = Hall().change(PUT, 10.0).until(65.0).until(66.0, 0.5).until(120.0)
    assert not hall.going
    assert hall.until(130.0).going


def test_while_no_camera_looks_nobody_is_known_to_be_away():
    hall = Hall().change(PUT, 10.0).until(30.0).until(90.0, None, watched=False).until(140.0)
    assert not hall.going
    assert hall.until(155.0).going


def test_what_its_owner_takes_away_again_is_nothing():
    assert not Hall().change(PUT, 10.0).change(TAKEN, 40.0, 0.1, 17.0).until(300.0).going


def test_what_was_there_before_and_has_gone_is_told_at_once_with_who_took_it_and_for_a_while():
    hall = Hall().change(TAKEN, 10.0, litres=3.0).until(100.0)
    assert hall.kinds() == {REMOVED}
    assert (hall.going[0][0], hall.going[-1][0]) == (11.0, 71.0)
    act = hall.going[0][1]
    assert (act.t_start_ns, act.person, act.count, act.volume_l, act.pictures) == (at(10.0), "ann", 1, 3.0, ("pic1",))
    (over,) = hall.over
    assert (over.kind, over.t_start_ns, over.person) == (REMOVED, at(10.0), "ann")


def test_it_is_over_as_soon_as_it_is_back_and_what_is_back_was_not_left():
    hall = Hall().change(TAKEN, 10.0).change(PUT, 30.0, 0.2, 25.0).until(300.0)
    assert hall.kinds() == {REMOVED}
    assert hall.going[-1][0] == 30.5
    assert [over.t_end_ns for over in hall.over] == [at(30.0)]
    late = Hall().change(TAKEN, 10.0).change(PUT, 200.0).until(400.0)
    assert late.kinds() == {REMOVED}
    assert len(late.over) == 1


@pytest.mark.parametrize("other", [{"x_m": 1.0}, {"litres": 60.0}, {"zone": "yard"}])
def test_another_thing_elsewhere_does_not_bring_it_back(other: dict[str, object]):
    hall = Hall().change(TAKEN, 10.0).change(PUT, 30.0, **other).until(300.0)
    assert hall.kinds() == {REMOVED, LEFT}
    assert max(t_s for t_s, act in hall.going if act.kind is REMOVED) == 71.0


def test_what_goes_from_another_zone_is_not_this_thing():
    hall = Hall().change(PUT, 10.0).until(100.0).change(TAKEN, 100.0, zone="yard").until(110.0)
    assert hall.kinds() == {LEFT, REMOVED}
    assert not hall.over


def test_a_thing_that_is_pushed_aside_is_neither_left_nor_removed():
    first_gone = Hall().change(TAKEN, 10.0, 0.0).change(PUT, 10.5, 1.0).until(300.0)
    assert first_gone.kinds() == {REMOVED}
    assert first_gone.going[-1][0] == 11.0
    first_there = Hall().change(PUT, 10.0, 1.0).change(TAKEN, 10.5, 0.0).until(300.0)
    assert not first_there.going


def test_what_is_taken_out_of_a_bag_does_not_end_it():
    hall = Hall().change(PUT, 10.0, litres=20.0).until(100.0).change(TAKEN, 100.0, litres=4.0).until(110.0)
    assert hall.kinds() == {LEFT}
    assert not hall.over


@pytest.mark.parametrize("off", [LEFT, REMOVED])
def test_a_rule_that_is_switched_off_tells_nothing(off: EventKind):
    hall = Hall(ObjectLeftRule(enabled=off is not LEFT), ObjectRemovedRule(enabled=off is not REMOVED))
    hall.change(PUT, 10.0).change(TAKEN, 20.0, 2.0).until(300.0)
    assert hall.kinds() == {LEFT, REMOVED} - {off}
    assert {over.kind for over in hall.over} <= {LEFT, REMOVED} - {off}


def test_at_the_end_everything_ends_once():
    hall = Hall().change(PUT, 10.0).until(100.0).change(TAKEN, 100.0, 2.0).until(105.0)
    assert {event.kind for event in hall.objects.finish(at(105.0))} == {LEFT, REMOVED}
    assert hall.objects.finish(at(105.0)) == ()


def test_memory_is_bounded_and_what_is_let_go_of_ends():
    hall = Hall(ObjectLeftRule(after_s=1.0))
    for k in range(MOST_THINGS + 20):
        hall.change(PUT, 10.0 + 5 * k, 1.0 * k).change(TAKEN, 12.5 + 5 * k, -1.0 * k - 9.0, 3.0)
    hall.until(20.0 + 5 * (MOST_THINGS + 20), None)
    assert len(hall.objects._things) == MOST_THINGS
    assert len(hall.objects._gaps) == MOST_THINGS
    assert sum(over.kind is LEFT for over in hall.over) == 20
