"""Sweeps and unpaid exits: on exact bookings, and once through the whole shop."""

import pytest

from edge.messages import Act, EventKind, SceneEvent, Track, TrackState
from edge.scene.checkout import Checkout
from edge.scene.goods_acts import MOST_EVIDENCE, Sweep, UnpaidExit
from edge.scene.ledger import Ledger
from edge.scene.tracker import People
from edge.scene.zones import ZoneMap
from edge.settings import SweepRule, UnpaidExitRule, Zone
from tests.scene.sightings import at, square

TAKEN, PUT = EventKind.ITEM_TAKEN, EventKind.ITEM_PUT
TILL = Zone.model_validate(square("till", "checkout", 2.0, -1.0, 4.0, 1.0))
ZONES = ZoneMap((TILL,))
AISLE_M, TILL_M = 0.0, 3.0
RULE = SweepRule(items=5, volume_l=8.0, within_s=30.0, red_items=10, end_after_s=20.0)
UNPAID = UnpaidExitRule(checkout_s=2.0, end_after_s=30.0)


class Till:
    """A ledger, a checkout and both acts, stepped ten times a second; everybody stands where ``where`` has them."""

    def __init__(self, sweep: SweepRule = RULE, unpaid: UnpaidExitRule = UNPAID, zones: ZoneMap = ZONES) -> None:
        self.ledger = Ledger(unpaid.least_confidence)
        self.checkout = Checkout(unpaid, zones)
        self.sweep, self.unpaid = Sweep(sweep), UnpaidExit(unpaid, enabled=self.checkout.drawn)
        self.where: dict[str, float] = {"ann": AISLE_M, "bob": AISLE_M}
        self.t = 0
        self.due: list[tuple[int, SceneEvent]] = []
        self.moves: list[tuple[int, SceneEvent]] = []
        self.going: list[tuple[float, Act]] = []
        self.over: list[SceneEvent] = []

    def handle(
        self, kind: EventKind, t_s: float, who: str | None = "ann", litres: float = 0.5, *, told_s: float | None = None,
        count: int | None = None, confidence: float = 0.9,
    ) -> "Till":  # fmt: skip
        """Something goes or comes at ``t_s``; told 1 s later unless said."""
        told_ns = at(t_s + 1.0 if told_s is None else told_s)
        place = ZONES.place(t_s / 10, 2.1, 1.0)
        place = type(place)(place.x_m, place.y_m, place.z_m, place.cell, shelf="A", level=0)
        event = SceneEvent(kind, at(t_s), told_ns, who, place, confidence, "cam0", litres, count=count)
        self.due.append((told_ns, event))
        return self

    def move(self, kind: EventKind, t_s: float, who: str = "ann") -> "Till":
        place = ZONES.place(-2.0, 0.0, 1.7, line="door")
        self.moves.append((at(t_s), SceneEvent(kind, at(t_s), at(t_s), who, place, 0.9)))
        return self

    def until(self, t_s: float, **where: float) -> "Till":
        """Time passes, with people where they are told to be."""
        self.where.update(where)
        while at(self.t / 10) < at(t_s):
            t_ns = at(self.t / 10)
            rows = tuple(
                Track(name, t_ns, x_m, 0.0, 1.7, 0.0, 0.0, TrackState.SEEN, at(0), 0.9)
                for name, x_m in self.where.items()
            )
            people = People(t_ns, rows)
            due = sorted((one for one in self.due if one[0] <= t_ns), key=lambda one: one[0])
            self.due = [one for one in self.due if one[0] > t_ns]
            moves = [move for when_ns, move in self.moves if when_ns <= t_ns]
            self.moves = [one for one in self.moves if one[0] > t_ns]
            self.ledger.step(people, [event for _, event in due])
            self.checkout.step(people, self.ledger)
            for acts, over in (self.sweep.step(t_ns, self.ledger), self.unpaid.step(t_ns, moves, self.ledger)):
                self.going += [(self.t / 10, act) for act in acts]
                self.over += over
            self.t += 1
        return self

    def acts(self, kind: EventKind) -> list[tuple[float, Act]]:
        return [(t_s, act) for t_s, act in self.going if act.kind is kind]


# ---------------------------------------------------------------------------------------------------- sweep


def swept(n: int, every_s: float = 2.0, litres: float = 0.5, **told: object) -> Till:
    till = Till()
    for k in range(n):
        till.handle(TAKEN, 5.0 + every_s * k, litres=litres, **told)
    return till.until(5.0 + every_s * n + 60.0)


def test_many_taken_in_a_short_time_are_one_sweep_from_the_first_to_the_last():
    till = swept(7)
    (over,) = till.over
    assert (over.kind, over.person, over.count, over.volume_l) == (EventKind.SWEEP, "ann", 7, 3.5)
    assert (over.t_start_ns, over.t_end_ns) == (at(5.0), at(17.0))
    going = till.acts(EventKind.SWEEP)
    assert going[0][0] == 14.0  # the fifth is told a second after it was taken
    assert {act.t_start_ns for _, act in going} == {at(5.0)}
    assert {act.person for _, act in going} == {"ann"}
    assert going[-1][0] == pytest.approx(18.0 + 20.0, abs=0.11)
    assert [act.count for t_s, act in going if t_s in (14.0, 16.0, 18.0)] == [5, 6, 7]
    assert [event.t_start_ns for event in going[-1][1].evidence] == [at(5.0 + 2 * k) for k in range(7)]


@pytest.mark.parametrize(
    ("n", "every_s", "litres", "is_one"),
    [
        (4, 2.0, 0.5, False),
        (5, 7.0, 0.5, True),
        (5, 8.0, 0.5, False),
        (9, 8.0, 0.5, False),
        (3, 2.0, 2.7, True),
        (3, 2.0, 2.6, False),
        (2, 2.0, 9.0, False),
    ],
)
def test_how_many_or_how_much_in_how_long_makes_a_sweep(n: int, every_s: float, litres: float, is_one: bool):
    assert bool(swept(n, every_s, litres).over) is is_one


def test_a_grasp_of_several_counts_as_several():
    assert swept(2, count=3).over[0].count == 6
    assert not swept(2, count=2).over


def test_what_is_put_back_is_not_swept():
    till = Till()
    for k in range(8):
        till.handle(TAKEN, 5.0 + 3 * k).handle(PUT, 6.5 + 3 * k)
    assert not till.until(60.0).going


def test_what_is_hardly_theirs_or_anybodys_is_not_swept():
    assert not swept(8, confidence=0.4).going
    assert not swept(8, who=None).going


def test_two_people_do_not_sweep_together():
    till = Till()
    for k in range(8):
        till.handle(TAKEN, 5.0 + k, "ann" if k % 2 else "bob")
    assert not till.until(60.0).going


def test_goods_told_late_and_together_are_a_sweep_by_when_they_were_taken():
    till = Till()
    for k in range(5):
        till.handle(TAKEN, 5.0 + k, told_s=50.0).handle(TAKEN, 20.0 * k, "bob", told_s=90.0)
    till.until(120.0)
    assert [over.person for over in till.over] == ["ann"]


def test_a_sweep_that_is_over_is_not_told_again_for_one_thing_more():
    till = Till()
    for k in range(5):
        till.handle(TAKEN, 5.0 + k)
    till.handle(TAKEN, 33.0).until(120.0)
    assert len(till.over) == 1


def test_what_was_put_back_meanwhile_is_no_longer_counted():
    till = Till()
    for k in range(5):
        till.handle(TAKEN, 5.0 + k)
    for k in range(5):
        till.handle(PUT, 15.0 + k)
    till.until(25.0)
    assert till.acts(EventKind.SWEEP)[-1][1].count == 0
    assert till.until(60.0).over[0].count == 5


def test_a_very_long_sweep_keeps_a_bounded_number_of_reasons():
    till = swept(MOST_EVIDENCE + 30, every_s=1.0)
    assert max(len(act.evidence) for _, act in till.going) == MOST_EVIDENCE
    assert len(till.over) == 1


def test_a_sweep_goes_on_to_the_end_of_a_session():
    till = Till()
    for k in range(5):
        till.handle(TAKEN, 5.0 + k)
    till.until(15.0)
    assert [event.kind for event in till.sweep.finish()] == [EventKind.SWEEP]
    assert till.sweep.finish() == ()


# ---------------------------------------------------------------------------------------------------- unpaid exit

UNPAID_EXIT = EventKind.UNPAID_EXIT


def test_who_goes_out_with_goods_from_no_checkout_is_told_at_once():
    till = Till().handle(TAKEN, 5.0).handle(TAKEN, 8.0, litres=0.7).move(EventKind.EXIT, 20.0).until(80.0)
    going = till.acts(UNPAID_EXIT)
    assert going[0][0] == 20.0
    assert going[-1][0] == pytest.approx(50.0, abs=0.11)
    act = going[0][1]
    assert (act.person, act.count, act.volume_l, act.place.line) == ("ann", 2, 1.2, "door")
    assert [event.t_start_ns for event in act.evidence] == [at(5.0), at(8.0)]
    (over,) = till.over
    assert (over.t_start_ns, over.t_end_ns, over.count, over.confidence) == (at(20.0), at(20.0), 2, 0.9)


def test_who_was_at_the_checkout_with_them_has_paid():
    till = Till().handle(TAKEN, 5.0).until(10.0).until(13.0, ann=TILL_M).until(20.0, ann=AISLE_M)
    till.move(EventKind.EXIT, 20.0).until(60.0)
    assert not till.going


@pytest.mark.parametrize(("stay_s", "paid"), [(1.5, False), (2.5, True)])
def test_a_stay_must_be_long_enough(stay_s: float, paid: bool):
    till = Till().handle(TAKEN, 5.0).until(10.0).until(10.0 + stay_s, ann=TILL_M).until(20.0, ann=AISLE_M)
    till.move(EventKind.EXIT, 20.0).until(40.0)
    assert bool(till.going) is not paid


def test_a_stay_before_they_took_it_or_of_somebody_else_does_not_pay():
    till = Till().until(5.0, ann=TILL_M).until(8.0, ann=AISLE_M).handle(TAKEN, 9.0).until(12.0)
    till.until(16.0, bob=TILL_M).move(EventKind.EXIT, 20.0).until(40.0)
    assert till.acts(UNPAID_EXIT)


def test_goods_taken_after_paying_count_anew():
    till = Till().handle(TAKEN, 5.0).until(10.0).until(13.0, ann=TILL_M).until(15.0, ann=AISLE_M)
    till.handle(TAKEN, 16.0, litres=0.7).move(EventKind.EXIT, 20.0).until(40.0)
    assert [event.volume_l for event in till.acts(UNPAID_EXIT)[0][1].evidence] == [0.7]


def test_goods_that_are_told_only_after_they_were_paid_are_paid():
    till = Till().handle(TAKEN, 5.0, told_s=15.0).until(7.0).until(12.0, ann=TILL_M).until(16.0, ann=AISLE_M)
    assert not till.move(EventKind.EXIT, 17.0).until(40.0).going


def test_a_thing_from_beside_the_till_is_paid_by_the_rest_of_the_stay():
    till = Till().until(5.0, ann=TILL_M).handle(TAKEN, 5.0).until(9.0).until(12.0, ann=AISLE_M)
    assert not till.move(EventKind.EXIT, 12.0).until(40.0).going


def test_who_put_everything_back_has_nothing():
    till = Till().handle(TAKEN, 5.0).handle(TAKEN, 8.0).handle(PUT, 12.0).handle(PUT, 14.0)
    assert not till.move(EventKind.EXIT, 20.0).until(40.0).going


def test_what_is_hardly_theirs_is_not_held_against_them():
    assert not Till().handle(TAKEN, 5.0, confidence=0.49).move(EventKind.EXIT, 20.0).until(40.0).going


@pytest.mark.parametrize("what", ["enters", "somebody else leaves", "nothing drawn", "switched off"])
def test_no_exit_or_no_checkout_is_no_unpaid_exit(what: str):
    rule = UnpaidExitRule(enabled=what != "switched off")
    till = Till(unpaid=rule, zones=ZoneMap(()) if what == "nothing drawn" else ZONES).handle(TAKEN, 5.0)
    if what == "enters":
        till.move(EventKind.ENTER, 20.0)
    else:
        till.move(EventKind.EXIT, 20.0, "bob" if what == "somebody else leaves" else "ann")
    assert not till.until(40.0).going


@pytest.mark.parametrize(("told_s", "known"), [(30.0, True), (40.0, False)])
def test_what_is_known_a_little_later_still_counts(told_s: float, known: bool):
    till = Till().handle(TAKEN, 19.0, told_s=told_s).move(EventKind.EXIT, 20.0).until(60.0)
    assert bool(till.going) is known
    assert {act.t_start_ns for _, act in till.going} <= {at(20.0)}


def test_what_they_take_outside_they_did_not_take_out():
    assert not Till().move(EventKind.EXIT, 10.0).handle(TAKEN, 12.0).until(40.0).going


def test_who_came_back_in_has_not_left_with_what_they_take_then():
    till = Till().move(EventKind.EXIT, 10.0).move(EventKind.ENTER, 12.0).handle(TAKEN, 9.0, told_s=14.0)
    assert not till.until(40.0).going


def test_goods_are_told_once_however_often_one_goes_out():
    till = Till().handle(TAKEN, 5.0).move(EventKind.EXIT, 10.0)
    till.move(EventKind.ENTER, 50.0).move(EventKind.EXIT, 60.0).until(120.0)
    assert len(till.over) == 1


def test_memory_of_who_left_and_who_stood_at_a_till_is_bounded():
    till = swept(6)
    assert till.sweep._told_ns
    till.where = {}
    start_s = till.t / 10
    for k in range(50):
        till.move(EventKind.EXIT, start_s + k, f"p{k}")
        till.until(start_s + k + 1, **{f"p{k}": TILL_M})
        till.where = {}
    assert till.unpaid._gone
    assert till.checkout._stays
    till.until(start_s + 300.0)
    assert not till.unpaid._gone
    assert not till.checkout._stays
    assert not till.sweep._told_ns
