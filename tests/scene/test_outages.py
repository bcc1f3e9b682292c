"""Sensors that are lost, as events and acts of the shop, and as alerts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from edge.clock import nanoseconds
from edge.messages import Act, Alert, AlertState, EventKind, Level, SceneEvent, SensorCondition, SensorState
from edge.scene.outages import Outages
from edge.scene.pipeline import Scene
from edge.scene.zones import ZoneMap
from edge.settings import StoreSettings
from edge.shop import Shop
from tests.scene.sightings import at, drawn, looks

OK, LOST, STALLED, STARTING = SensorState.OK, SensorState.LOST, SensorState.STALLED, SensorState.STARTING
MICROPHONE, CAMERA = EventKind.MICROPHONE_LOST, EventKind.CAMERA_LOST
HALL = {"id": "hall", "kind": "aisle", "polygon": [[-3, -3], [3, -3], [3, 3], [-3, 3]]}
SETTINGS = drawn(zone=[HALL], microphone=[{"id": "till", "position": [1.0, 2.0, 2.4]}])
STEP_S = 0.2

States = Callable[[float], SensorState | None]
"""How a sensor does, by the second; None where nothing is expected of it."""


def reports(states: States, until_s: float, kind: str = "microphone") -> list[tuple[int, list[SensorCondition]]]:
    position_m = (0.0, 0.0, 2.7) if kind == "camera" else None
    told = []
    for k in range(round(until_s / STEP_S)):
        state = states(k * STEP_S)
        there = [] if state is None else [SensorCondition("till", kind, state, position_m)]
        told.append((at(k * STEP_S), there))
    return told


def played(
    states: States, until_s: float = 120.0, settings: StoreSettings = SETTINGS, kind: str = "microphone"
) -> tuple[list[SceneEvent], list[tuple[int, Act]]]:
    """All events, and the acts of each moment."""
    outages = Outages(settings, ZoneMap(settings.zone))
    events, acts = [], []
    for t_ns, there in reports(states, until_s, kind):
        outages.report(t_ns, there)
        step = outages.step(t_ns)
        events += step.events
        acts += [(t_ns, act) for act in step.acts]
    return events, acts


def alerted(states: States, until_s: float = 120.0, settings: StoreSettings = SETTINGS) -> list[Alert]:
    """The changes of alerts, of a shop whose only sensor it is."""
    shop = Shop(settings, [])
    changes: list[Alert] = []
    for t_ns, there in reports(states, until_s):
        shop.report(t_ns, there)
        changes += [alert for step in shop.advance(t_ns - nanoseconds(1.0)) for alert in step.alerts]
    return changes


def lost_between(a_s: float, b_s: float, how: SensorState = LOST) -> States:
    return lambda t_s: how if a_s <= t_s < b_s else OK


def test_a_sensor_that_works_is_neither_event_nor_act():
    assert played(lambda t_s: OK) == ([], [])
    assert played(lambda t_s: STARTING) == ([], []), "the first start may take minutes"


@pytest.mark.parametrize("kind", ["microphone", "camera"])
def test_one_that_stays_away_is_an_event_at_once_and_an_act_after_ten_seconds(kind: str):
    (event,), acts = played(lost_between(20.0, 60.0), kind=kind)
    assert (event.kind.value, event.sensor, event.t_start_ns) == (f"{kind}_lost", "till", at(20.0))
    assert event.place is not None
    assert event.place.zone == "hall"
    times = [t_ns for t_ns, _ in acts]
    assert at(30.0) <= times[0] <= at(30.0 + STEP_S)
    assert at(90.0 - STEP_S) <= times[-1] <= at(90.0 + STEP_S), "thirty seconds after it came back"
    assert {(act.t_start_ns, act.count, act.sensor) for _, act in acts} == {(at(20.0), 1, "till")}


def test_a_restart_that_succeeds_is_an_event_and_no_act():
    events, acts = played(lambda t_s: LOST if 20.0 <= t_s < 21.0 else STARTING if 21.0 <= t_s < 25.0 else OK)
    assert ([event.kind for event in events], acts) == ([MICROPHONE], [])


def test_one_that_is_started_again_and_again_in_vain_is_away_all_the_time():
    events, acts = played(lambda t_s: OK if t_s < 20.0 else LOST if t_s % 20.0 < 5.0 else STARTING)
    assert len(events) == 1
    assert acts[0][0] <= at(30.0 + STEP_S)
    assert acts[-1][0] >= at(119.0)


def test_one_that_stalls_is_told_only_when_that_lasts():
    assert played(lost_between(20.0, 25.0, STALLED)) == ([], [])
    (event,), acts = played(lost_between(20.0, 60.0, STALLED))
    assert at(30.0) <= event.t_start_ns <= at(30.0 + STEP_S)
    assert acts


def test_one_that_comes_and_goes_is_one_calm_alert():
    opened, ended = alerted(lambda t_s: LOST if t_s % 6.0 < 3.0 and t_s < 120.0 else OK, until_s=200.0)
    assert (opened.state, ended.state) == (AlertState.OPEN, AlertState.ENDED)
    assert opened.alert_id == ended.alert_id
    assert (opened.kind, opened.level, opened.count) == (MICROPHONE, Level.YELLOW, 4)
    assert opened.reasons[-1].text == "The microphone till was lost 4 times."
    assert at(145.5) < ended.t_ns < at(147.5), "thirty seconds after it came back for good"


def test_two_outages_that_are_far_apart_are_two_alerts():
    changes = alerted(lambda t_s: LOST if 10.0 <= t_s < 30.0 or 80.0 <= t_s < 100.0 else OK, until_s=140.0)
    assert [change.state for change in changes] == [AlertState.OPEN, AlertState.ENDED] * 2
    assert changes[0].alert_id != changes[2].alert_id
    assert changes[0].reasons[-1].text == "Nothing comes from microphone till."


def test_a_box_that_slept_or_whose_clock_was_set_has_lost_nothing():
    outages = Outages(SETTINGS, ZoneMap(()))
    for t_s in (0.0, 3600.0, 3600.2, 10.0, 10.2):
        outages.report(at(t_s), [SensorCondition("till", "microphone", STALLED)])
        assert outages.step(at(t_s)).acts == ()


def test_a_session_that_was_played_to_its_end_ends_the_act():
    _, acts = played(lambda t_s: LOST if t_s < 50.0 else None)
    assert at(49.5) < acts[-1][0] < at(50.0)


def test_settings_say_when_how_grave_and_whether_at_all():
    def with_rule(**rule: object) -> StoreSettings:
        return drawn(alerts={"sensor_lost": rule})

    quick = alerted(lost_between(20.0, 25.0), settings=with_rule(after_s=2.0, end_after_s=5.0, level="red"))
    assert [(change.level, change.state) for change in quick] == [
        (Level.RED, AlertState.OPEN),
        (Level.RED, AlertState.ENDED),
    ]
    assert quick[0].place is None, "it is not drawn"
    events, acts = played(lost_between(20.0, 60.0), settings=with_rule(enabled=False))
    assert (len(events), acts) == (1, [])


def test_a_microphone_that_is_lost_while_a_camera_sees_is_told_in_the_shops_time():
    scene, updates = Scene(SETTINGS, ["cam0"]), []
    for (t_ns, there), seen in zip(reports(lost_between(2.0, 20.0), 20.0), looks(5.0, 20.0), strict=True):
        scene.report(t_ns, there)
        updates += scene.step(seen)
    (told,) = [update for update in updates if update.events]
    assert told.t_ns >= told.events[0].t_start_ns == at(2.0)
    first = next(update for update in updates if update.acts)
    assert at(11.0) < first.t_ns <= at(12.0 + STEP_S)
