"""The life of an alert: one per episode, it only rises, it always ends."""

from dataclasses import replace

import pytest

from edge.alerts.pipeline import Alerts
from edge.alerts.reasons import MAX_REASONS
from edge.clock import nanoseconds
from edge.geometry import cell_of
from edge.messages import Act, Alert, AlertState, EventKind, Level, Place, SceneEvent, SceneUpdate
from edge.settings import StoreSettings

SETTINGS = StoreSettings.model_validate({"alerts": {"crowd": {"people": 4, "red_people": 6}}})
OPEN, UPDATED, ENDED = AlertState.OPEN, AlertState.UPDATED, AlertState.ENDED


def at(t_s: float) -> int:
    return 1_700_000_040_000_000_000 + nanoseconds(t_s)


def place(x_m: float = 0.0, zone: str | None = None) -> Place:
    return Place(x_m, 0.0, 1.7, cell_of(x_m, 0.0, 1.7), zone=zone)


def crowd(count: int, zone: str | None = None, since_s: float = 0.0) -> Act:
    return Act(EventKind.CROWD, at(since_s), place(zone=zone), None, count)


def intrusion(count: int, person: str | None = "k3f9", x_m: float = 0.0, zone: str | None = None) -> Act:
    return Act(EventKind.INTRUSION, at(0.0), place(x_m, zone), person, count)


def told(*steps: tuple[Act, ...], settings: StoreSettings = SETTINGS, finish: bool = True) -> list[Alert]:
    """What is told of acts that go on at 0 s, 1 s, 2 s ..."""
    alerts = Alerts(settings)
    changes = [alert for k, acts in enumerate(steps) for alert in alerts.step(SceneUpdate(at(k), (), acts=acts))]
    return [*changes, *(alerts.finish(at(len(steps))) if finish else ())]


def states(changes: list[Alert]) -> list[AlertState]:
    return [alert.state for alert in changes]


def test_nothing_going_on_is_nothing_told():
    assert told((), (), ()) == []


def test_an_act_that_goes_on_unchanged_is_one_alert_that_opens_and_ends():
    changes = told((crowd(4),), (crowd(4),), (crowd(4),), ())
    assert states(changes) == [OPEN, ENDED]
    assert len({alert.alert_id for alert in changes}) == 1
    assert [alert.t_ns for alert in changes] == [at(0), at(3)]


def test_an_alert_rises_and_never_falls():
    changes = told(*((crowd(n),) for n in (4, 5, 6, 4, 4, 5)), ())
    assert [(a.state, a.level, a.count) for a in changes] == [
        (OPEN, Level.YELLOW, 4), (UPDATED, Level.YELLOW, 5), (UPDATED, Level.RED, 6), (ENDED, Level.RED, 6),
    ]  # fmt: skip
    assert [len(a.reasons) for a in changes] == [1, 2, 3, 3]
    assert changes[-1].reasons[-1].text == "6 people at once."
    assert [reason.t_ns for reason in changes[-1].reasons] == [at(0), at(1), at(2)]


def test_every_alert_that_is_open_ends_with_the_session():
    changes = told((crowd(4, "a"), crowd(5, "b"), intrusion(1)))
    assert states(changes) == [OPEN, OPEN, OPEN, ENDED, ENDED, ENDED]
    assert [a.alert_id for a in changes[:3]] == [a.alert_id for a in changes[3:]]
    assert {a.t_ns for a in changes[3:]} == {at(1)}


def test_finishing_twice_ends_once():
    alerts = Alerts(SETTINGS)
    alerts.step(SceneUpdate(at(0), (), acts=(crowd(4),)))
    assert len(alerts.finish(at(1))) == 1
    assert alerts.finish(at(2)) == ()


def test_a_later_episode_is_another_alert():
    changes = told((crowd(4),), (), (crowd(4, since_s=2.0),), ())
    assert states(changes) == [OPEN, ENDED, OPEN, ENDED]
    assert changes[0].alert_id == changes[1].alert_id != changes[2].alert_id == changes[3].alert_id


def test_crowds_in_two_zones_are_two_alerts():
    changes = told((crowd(4, "a"), crowd(4, "b")), (crowd(4, "b"),))
    assert states(changes) == [OPEN, OPEN, ENDED, ENDED]
    assert [a.place.zone for a in changes if a.place] == ["a", "b", "a", "b"]


def test_an_intruder_who_walks_from_zone_to_zone_is_one_alert():
    changes = told((intrusion(1, zone="a"),), (intrusion(1, x_m=2.0, zone="b"),), (intrusion(1, x_m=4.0),))
    assert states(changes) == [OPEN, ENDED]


def test_when_the_intruder_in_view_is_another_one_the_alert_names_the_new_one():
    changes = told((intrusion(1, "a"),), (intrusion(0, "a"),), (intrusion(1, "b", 3.0),), ())
    assert [(a.state, a.person) for a in changes] == [(OPEN, "a"), (UPDATED, "b"), (ENDED, "b")]
    assert changes[1].place == place(3.0)
    assert len(changes[-1].reasons) == 1


def test_an_act_waiting_to_see_whether_it_is_over_does_not_change_its_alert():
    assert states(told((intrusion(2),), (intrusion(0, None),), (intrusion(0, None),), ())) == [OPEN, ENDED]


def test_reasons_are_bounded_and_keep_the_first_and_the_newest():
    changes = told(*((intrusion(n),) for n in range(1, 101)), ())
    last = changes[-1]
    assert len(last.reasons) == MAX_REASONS
    assert last.reasons[0].t_ns == at(0)
    assert last.reasons[-1].t_ns == at(99)
    assert [r.t_ns for r in last.reasons] == sorted(r.t_ns for r in last.reasons)


@pytest.mark.parametrize("kind", ["intrusion", "crowd"])
def test_a_kind_that_is_switched_off_makes_no_alert(kind: str):
    settings = StoreSettings.model_validate({"alerts": {kind: {"enabled": False}}})
    changes = told((intrusion(1), crowd(9)), settings=settings)
    assert {alert.kind.value for alert in changes} == {"intrusion", "crowd"} - {kind}


def test_ids_are_equal_at_each_replay_differ_by_episode_and_can_be_part_of_a_topic():
    steps = [(crowd(4, "a"), crowd(4, "b"), intrusion(1)), (crowd(6, "a"), crowd(4, "b", since_s=1.0))]
    assert told(*steps) == told(*steps)
    names = {alert.alert_id for alert in told(*steps)}
    assert len(names) == 4
    assert all(name.isalnum() and name.islower() and 8 <= len(name) <= 32 for name in names)


def test_what_an_alert_says_is_what_the_act_is():
    (opened,) = told((intrusion(2, "k3f9", 1.5, "till"),), finish=False)
    assert (opened.kind, opened.level, opened.person, opened.count) == (EventKind.INTRUSION, Level.RED, "k3f9", 2)
    assert opened.place == place(1.5, "till")
    (reason,) = opened.reasons
    assert (reason.kind, reason.t_ns, reason.place, reason.weight) == ("intrusion", at(0), place(1.5, "till"), 1.0)


def sweep(count: int, person: str = "k3f9", since_s: float = 0.0) -> Act:
    """As many things taken, one each second."""
    taken = tuple(
        SceneEvent(EventKind.ITEM_TAKEN, at(k), at(k + 1), person, place(k / 10), 0.8, volume_l=0.5)
        for k in range(count)
    )
    return Act(EventKind.SWEEP, at(since_s), place(), person, count, 0.5 * count, evidence=taken)


def test_each_thing_that_was_taken_is_a_reason_once_before_what_is_said_of_it_all():
    changes = told((sweep(5),), (sweep(5),), (sweep(7),), ())
    assert states(changes) == [OPEN, UPDATED, ENDED]
    assert [reason.kind for reason in changes[0].reasons] == ["item_taken"] * 5 + ["sweep"]
    assert [reason.kind for reason in changes[1].reasons] == ["item_taken"] * 5 + ["sweep"] + ["item_taken"] * 2 + [
        "sweep"
    ]
    taken = [reason.t_ns for reason in changes[1].reasons if reason.kind == "item_taken"]
    assert taken == [at(k) for k in range(7)]


def test_an_alert_tells_the_litres_of_its_count_and_keeps_them_to_the_end():
    changes = told((sweep(5),), (sweep(7),), (sweep(6),), ())
    assert [(alert.count, alert.volume_l) for alert in changes] == [(5, 2.5), (7, 3.5), (7, 3.5)]
    swapped = [replace(sweep(count), volume_l=litres) for count, litres in ((5, 9.0), (6, 4.0))]
    assert [alert.volume_l for alert in told(*((act,) for act in swapped))] == [9.0, 4.0, 4.0]
    renamed = [(intrusion(1, "a"),), (intrusion(1, "b"),)]
    assert {alert.volume_l for alert in told(*renamed)} == {None}


def test_of_very_many_things_none_comes_twice():
    changes = told(*((sweep(n),) for n in range(5, 30)))
    for change in changes:
        assert len(change.reasons) <= MAX_REASONS
        taken = [reason.t_ns for reason in change.reasons if reason.kind == "item_taken"]
        assert taken == sorted(set(taken))


def test_two_who_begin_at_one_time_are_two_alerts_and_so_are_two_things():
    changes = told((sweep(5, "ann"), sweep(5, "bob")))
    assert len({alert.alert_id for alert in changes}) == 2
    left = [Act(EventKind.OBJECT_LEFT, at(0), place(x_m, "hall"), None, 1, 20.0) for x_m in (0.0, 1.0)]
    assert len({alert.alert_id for alert in told((left[0], left[1]))}) == 2
