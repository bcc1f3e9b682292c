"""What ails the box itself, as events and acts of the shop, and as alerts."""

from __future__ import annotations

from edge.messages import AlertState, BoxCondition, EventKind, SensorCondition, SensorState
from edge.scene.box import BoxTroubles
from edge.settings import StoreSettings
from edge.shop import Shop
from tests.scene.sightings import at

LOW, ENOUGH = BoxCondition(disk_low=True), BoxCondition()


def test_little_room_is_one_event_and_an_act_until_there_was_room_for_a_while():
    troubles = BoxTroubles(StoreSettings())
    troubles.report(at(0.0), ENOUGH)
    assert not troubles.going
    events, going = [], []
    for k in range(60):
        troubles.report(at(k), LOW if 5 <= k < 20 or k == 25 else ENOUGH)
        step = troubles.step(at(k))
        events += step.events
        going += [k for act in step.acts if act.kind is EventKind.DISK_LOW]
    assert [(event.kind, event.t_start_ns) for event in events] == [(EventKind.DISK_LOW, at(5))]
    assert going == list(range(5, 35))  # ten seconds after it was last low


def test_a_clock_that_was_set_is_an_event_at_once_and_an_act_for_a_minute():
    troubles = BoxTroubles(StoreSettings())
    troubles.report(at(0.0), BoxCondition(clock_jumped_ns=-3_600_000_000_000))
    (event,) = troubles.step(at(0.0)).events
    assert event.kind is EventKind.CLOCK_JUMP
    troubles.report(at(59.0), ENOUGH)
    (act,) = troubles.step(at(59.0)).acts
    assert (act.kind, act.moved_s) == (EventKind.CLOCK_JUMP, -3600.0)
    troubles.report(at(60.0), ENOUGH)
    assert not troubles.going


def test_a_box_whose_cameras_see_nothing_yet_tells_of_its_disk_all_the_same():
    shop = Shop(StoreSettings(), ["door"])
    changes = []
    starting = [SensorCondition("door", "camera", SensorState.STARTING)]
    for k in range(40):
        shop.report(at(k), starting, LOW if k < 10 else ENOUGH)
        changes += [alert for step in shop.advance(at(k - 1)) for alert in step.alerts]
    assert [(alert.kind, alert.state) for alert in changes] == [
        (EventKind.DISK_LOW, AlertState.OPEN),
        (EventKind.DISK_LOW, AlertState.ENDED),
    ]
    assert changes[0].reasons[-1].text == "Little room is left on the disk of the box."
