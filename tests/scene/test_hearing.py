"""What ears told, as events and acts of the shop."""

from __future__ import annotations

import pytest

from edge.messages import Act, Alert, AlertState, AudioObservation, EventKind, HeardEvent, SceneUpdate
from edge.scene.hearing import MOST_EVIDENCE, MOST_WAITING, Hearing
from edge.scene.pipeline import Scene
from edge.scene.zones import ZoneMap
from edge.settings import StoreSettings
from edge.shop import Shop
from tests.scene.sightings import along, at, drawn, looks

SCREAM, BANG, SPEECH = EventKind.SCREAM, EventKind.BANG, EventKind.SPEECH
HALL = {"id": "hall", "kind": "aisle", "polygon": [[-3, -3], [3, -3], [3, 3], [-3, 3]]}
SETTINGS = drawn(zone=[HALL], microphone=[{"id": "till", "position": [1.0, 2.0, 2.4]}])


def told(
    *events: tuple[EventKind, float, float],
    at_s: float | None = None,
    microphone: str = "till",
    name: str | None = None,
) -> AudioObservation:
    """What an ear tells of sounds (kind, from, to, seconds), when the last of them is over unless said."""
    heard = tuple(HeardEvent(kind, at(a), at(b), 0.8, -20.0, 15.0, name) for kind, a, b in events)
    last_s = max((b for _, _, b in events), default=0.0)
    return AudioObservation(microphone, at(last_s if at_s is None else at_s), events=heard)


def played(*observations: AudioObservation, until_s: float = 200.0, settings: StoreSettings = SETTINGS) -> list[Act]:
    """The acts that go on, second by second."""
    hearing = Hearing(settings, ZoneMap(settings.zone))
    for observation in observations:
        hearing.hear(observation)
    return [act for k in range(round(until_s)) for act in hearing.step(at(float(k))).acts]


def test_a_sound_is_an_event_where_its_microphone_hangs_once_the_shops_time_has_come():
    hearing = Hearing(SETTINGS, ZoneMap(SETTINGS.zone))
    hearing.hear(told((SCREAM, 5.0, 6.0), at_s=6.5))
    assert hearing.step(at(6.4)).events == ()
    (event,) = hearing.step(at(6.5)).events
    assert (event.kind, event.t_start_ns, event.t_end_ns, event.person) == (SCREAM, at(5.0), at(6.0), None)
    assert (event.sensor, event.confidence) == ("till", 0.8)
    assert event.place is not None
    assert (event.place.x_m, event.place.y_m, event.place.z_m, event.place.zone) == (1.0, 2.0, 2.4, "hall")
    assert event.heard is not None
    assert (event.heard.level_dbfs, event.heard.snr_db) == (-20.0, 15.0)
    assert hearing.step(at(6.6)).events == ()


def test_a_microphone_that_is_not_drawn_is_heard_without_a_place():
    hearing = Hearing(StoreSettings(), ZoneMap(()))
    hearing.hear(told((SCREAM, 5.0, 6.0), microphone="anywhere"))
    (event,) = hearing.step(at(7.0)).events
    assert (event.sensor, event.place) == ("anywhere", None)


def test_what_is_heard_again_is_one_act_until_it_was_not_heard_for_long_enough():
    acts = played(told((SCREAM, 5.0, 6.0)), told((SCREAM, 20.0, 21.0)), told((SCREAM, 80.0, 81.0)))
    assert {act.t_start_ns for act in acts} == {at(5.0), at(80.0)}
    first = [act for act in acts if act.t_start_ns == at(5.0)]
    assert [act.count for act in first] == sorted(act.count for act in first)
    assert (first[0].count, first[-1].count) == (1, 2)
    # From the second in which it was told until 30 s after it was last heard.
    assert len(first) == 51 - 6 + 1
    assert len(first[-1].evidence) == 2


def test_sounds_of_different_kinds_microphones_and_machines_are_acts_of_their_own():
    acts = played(
        told((SCREAM, 5.0, 6.0), (BANG, 5.0, 5.2)),
        told((SCREAM, 5.0, 6.0), microphone="door"),
        told((EventKind.MACHINE_ANOMALY, 1.0, 6.0), name="freezer"),
        told((EventKind.MACHINE_ANOMALY, 1.0, 6.0), name="fan"),
        until_s=10.0,
    )
    assert {(act.kind, act.sensor) for act in acts} == {
        (SCREAM, "till"),
        (BANG, "till"),
        (SCREAM, "door"),
        (EventKind.MACHINE_ANOMALY, "freezer"),
        (EventKind.MACHINE_ANOMALY, "fan"),
    }


def test_what_goes_on_is_told_again_with_the_same_start_and_is_one_event_and_one_act():
    hearing = Hearing(SETTINGS, ZoneMap(SETTINGS.zone))
    for end_s in (10.0, 45.0, 80.0):
        hearing.hear(told((EventKind.ALARM_SOUND, 5.0, end_s)))
    steps = [hearing.step(at(float(k))) for k in range(200)]
    assert sum(len(step.events) for step in steps) == 1
    going = [k for k, step in enumerate(steps) if step.acts]
    # Until a minute after it was last heard.
    assert (going[0], going[-1], len(going)) == (10, 140, 131)
    assert {act.count for step in steps for act in step.acts} == {1}


def test_one_machine_that_two_microphones_hear_is_one_act_and_two_events_however_long_it_lasts():
    hearing = Hearing(SETTINGS, ZoneMap(SETTINGS.zone))
    for k in range(10):
        for microphone, start_s in (("till", 5.0), ("door", 9.0)):
            end_s = 200.0 + 240.0 * k
            hearing.hear(told((EventKind.MACHINE_ANOMALY, start_s, end_s), name="freezer", microphone=microphone))
    steps = [hearing.step(at(10.0 * k)) for k in range(240)]
    assert sum(len(step.events) for step in steps) == 2
    assert {(len(step.acts), act.count) for step in steps for act in step.acts} == {(1, 2)}


def test_speech_is_an_event_and_no_act_and_neither_is_what_is_switched_off():
    assert played(told((SPEECH, 5.0, 6.0))) == []
    off = drawn(alerts={"sound": {"scream": {"enabled": False}}})
    assert played(told((SCREAM, 5.0, 6.0)), settings=off) == []


def test_what_is_heard_for_hours_keeps_its_newest_evidence_only():
    acts = played(*(told((BANG, float(k), k + 0.2)) for k in range(60)), until_s=62.0)
    assert acts[-1].count == 60
    assert len(acts[-1].evidence) == MOST_EVIDENCE
    assert acts[-1].evidence[-1].t_start_ns == at(59.0)


def test_an_ear_that_runs_far_ahead_fills_no_memory():
    hearing = Hearing(SETTINGS, ZoneMap(()))
    for k in range(MOST_WAITING + 7):
        hearing.hear(told((BANG, 50.0 + 0.01 * k, 50.1 + 0.01 * k)))
    assert hearing.dropped == 7
    assert hearing.step(at(10.0)).events == ()


def events(updates: list[SceneUpdate]) -> list[EventKind]:
    return [event.kind for update in updates for event in update.events]


def test_a_scene_of_eyes_and_ears_tells_both_in_order_of_time():
    scene, updates = Scene(SETTINGS, ["cam0"]), []
    walk = looks(10.0, 8.0, along((0.0, -2.0, 0.0), (8.0, 2.0, 0.0)))
    scene.hear(told((SCREAM, 3.0, 3.6), at_s=4.0))
    for look in walk:
        updates += scene.step(look)
    updates += scene.finish()
    assert events(updates).count(SCREAM) == 1
    (when,) = [update.t_ns for update in updates if any(event.kind is SCREAM for event in update.events)]
    assert at(4.0) <= when <= at(4.2)


def test_a_shop_with_microphones_only_has_events_and_alerts():
    shop, alerts = Shop(SETTINGS, []), list[Alert]()
    for k in range(60):
        shop.hear(told((SCREAM, 5.0, 6.0)) if k == 6 else told(at_s=float(k)))
        alerts += [alert for step in shop.advance(at(float(k))) for alert in step.alerts]
    alerts += [alert for step in shop.finish() for alert in step.alerts]
    assert [(alert.kind, alert.state) for alert in alerts] == [(SCREAM, AlertState.OPEN), (SCREAM, AlertState.ENDED)]
    assert alerts[0].t_ns == at(6.0)
    assert alerts[1].t_ns == at(37.0)


@pytest.mark.parametrize("told_late", [True, False])
def test_at_the_end_all_that_was_heard_is_told(told_late: bool):
    scene = Scene(SETTINGS, [])
    scene.hear(told((SCREAM, 3.0, 3.6), at_s=100.0 if told_late else 4.0))
    assert events(list(scene.advance(at(5.0)))) == ([] if told_late else [SCREAM])
    assert events(list(scene.finish())) == ([SCREAM] if told_late else [])
