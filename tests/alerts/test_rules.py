"""What each kind of act asks of the staff."""

from dataclasses import replace

import numpy as np
import pytest

from edge.alerts.rules import (
    evidence,
    judge_crowd,
    judge_intrusion,
    judge_object_left,
    judge_object_removed,
    judge_sweep,
    judge_unpaid_exit,
    rules,
)
from edge.geometry import Cell
from edge.messages import Act, DepthPair, EventKind, HeardEvent, Level, Place, SceneEvent
from edge.settings import (
    CrowdRule,
    IntrusionRule,
    ObjectLeftRule,
    ObjectRemovedRule,
    StoreSettings,
    SweepRule,
    UnpaidExitRule,
)


def act(kind: EventKind, count: int, zone: str | None = None) -> Act:
    return Act(kind, 0, Place(0.0, 0.0, 1.7, Cell(0, 0, 8), zone=zone), "k3f9", count)


@pytest.mark.parametrize("level", list(Level))
def test_an_intrusion_is_at_once_as_grave_as_the_owner_chose(level: Level):
    judgement = judge_intrusion(IntrusionRule(level=level.value), act(EventKind.INTRUSION, 1))
    assert judgement.level is level
    assert judgement.weight == 1.0


def test_a_crowd_is_yellow_and_red_from_the_greater_number_on():
    rule = CrowdRule(people=8, red_people=15)
    levels = {n: judge_crowd(rule, act(EventKind.CROWD, n)).level for n in (8, 14, 15, 30)}
    assert levels == {8: Level.YELLOW, 14: Level.YELLOW, 15: Level.RED, 30: Level.RED}
    weights = [judge_crowd(rule, act(EventKind.CROWD, n)).weight for n in range(8, 20)]
    assert weights == sorted(weights)
    assert (weights[-1], weights[0]) == (1.0, pytest.approx(8 / 15, abs=1e-3))


def test_it_is_said_in_one_sentence_that_tells_how_many_and_where():
    intrusion = IntrusionRule()
    assert judge_intrusion(intrusion, act(EventKind.INTRUSION, 1)).text == "Somebody is in the closed shop."
    assert (
        judge_intrusion(intrusion, act(EventKind.INTRUSION, 3, "till")).text
        == "3 people are in the closed shop, in till."
    )
    assert judge_crowd(CrowdRule(), act(EventKind.CROWD, 9, "cakes")).text == "9 people at once, in cakes."


def goods(kind: EventKind, count: int, volume_l: float, **place: object) -> Act:
    return replace(act(kind, count), volume_l=volume_l, place=Place(0.0, 0.0, 1.0, Cell(0, 0, 5), **place))


def test_a_sweep_is_yellow_and_red_from_the_greater_number_on():
    rule = SweepRule(items=5, red_items=10)
    levels = {n: judge_sweep(rule, goods(EventKind.SWEEP, n, 4.0)).level for n in (5, 9, 10, 12)}
    assert levels == {5: Level.YELLOW, 9: Level.YELLOW, 10: Level.RED, 12: Level.RED}


@pytest.mark.parametrize("level", list(Level))
def test_leaving_without_paying_and_things_left_and_removed_are_as_grave_as_the_owner_chose(level: Level):
    one = goods(EventKind.UNPAID_EXIT, 1, 0.4)
    assert judge_unpaid_exit(UnpaidExitRule(level=level.value), one).level is level
    assert judge_object_left(ObjectLeftRule(level=level.value), one).level is level
    assert judge_object_removed(ObjectRemovedRule(level=level.value), one).level is level


def test_goods_are_told_with_how_many_how_much_and_where():
    sweep = goods(EventKind.SWEEP, 6, 3.21, shelf="A", level=1)
    assert judge_sweep(SweepRule(), sweep).text == (
        "6 items taken in a short time, about 3.2 litres, from shelf A, level 2."
    )
    unpaid = goods(EventKind.UNPAID_EXIT, 1, 0.44, line="door")
    assert judge_unpaid_exit(UnpaidExitRule(), unpaid).text == (
        "Somebody left with 1 item, about 0.4 litres, and was not at a checkout."
    )
    left = goods(EventKind.OBJECT_LEFT, 1, 21.4, zone="hall")
    assert judge_object_left(ObjectLeftRule(), left).text == "Something was left, about 21 litres, in hall."
    assert judge_object_removed(ObjectRemovedRule(), left).text == (
        "Something was taken away, about 21 litres, in hall."
    )


def test_each_thing_that_happened_is_a_reason_with_its_picture():
    patch = np.zeros((2, 2), np.uint16)
    shelf = Place(1.0, 2.0, 1.0, Cell(5, 10, 5), shelf="A", level=0)
    taken = SceneEvent(
        EventKind.ITEM_TAKEN, 5, 9, "k3f9", shelf, 0.8, volume_l=0.5, picture=DepthPair("p1", patch, patch)
    )
    hall = replace(shelf, shelf=None, level=None, zone="hall")
    put = replace(taken, kind=EventKind.ITEM_PUT, place=hall, count=2, picture=None)
    first, second = evidence(replace(act(EventKind.SWEEP, 5), evidence=(taken, put)))
    assert (first.kind, first.t_ns, first.place, first.weight, first.picture) == ("item_taken", 5, shelf, 0.8, "p1")
    assert first.text == "Something taken, about 0.5 litres, from shelf A, level 1."
    assert (second.kind, second.picture) == ("item_put", None)
    assert second.text == "2 items put down, about 0.5 litres, in hall."


RULES = {
    "intrusion": EventKind.INTRUSION,
    "crowd": EventKind.CROWD,
    "sweep": EventKind.SWEEP,
    "unpaid_exit": EventKind.UNPAID_EXIT,
    "object_left": EventKind.OBJECT_LEFT,
    "object_removed": EventKind.OBJECT_REMOVED,
}


SOUNDS = {
    "raised_voice": (EventKind.RAISED_VOICE, Level.YELLOW),
    "scream": (EventKind.SCREAM, Level.RED),
    "glass_break": (EventKind.GLASS_BREAK, Level.RED),
    "alarm_sound": (EventKind.ALARM_SOUND, Level.RED),
    "bang": (EventKind.BANG, Level.WHITE),
    "machine_anomaly": (EventKind.MACHINE_ANOMALY, Level.YELLOW),
    "microphone_silent": (EventKind.MICROPHONE_SILENT, Level.YELLOW),
}
LOST = {EventKind.CAMERA_LOST, EventKind.MICROPHONE_LOST}
BOX = {
    "disk_low": (EventKind.DISK_LOW, Level.YELLOW, "Little room is left on the disk of the box."),
    "clock_jump": (EventKind.CLOCK_JUMP, Level.WHITE, "The clock of the box was set back by 3600 seconds."),
}
ALL_KINDS = {*RULES.values(), *(kind for kind, _ in SOUNDS.values()), *LOST, *(kind for kind, _, _ in BOX.values())}


@pytest.mark.parametrize("name", RULES)
def test_a_rule_that_is_switched_off_is_not_there(name: str):
    assert set(rules(StoreSettings())) == ALL_KINDS
    off = StoreSettings.model_validate({"alerts": {name: {"enabled": False}}})
    assert set(rules(off)) == ALL_KINDS - {RULES[name]}


def test_a_lost_sensor_is_told_as_the_owner_chose_or_not_at_all():
    lost = Act(EventKind.CAMERA_LOST, 0, None, None, 1, sensor="door")
    judgement = rules(StoreSettings())[EventKind.CAMERA_LOST](lost)
    assert (judgement.level, judgement.text) == (Level.YELLOW, "Nothing comes from camera door.")
    again = Act(EventKind.MICROPHONE_LOST, 0, None, None, 3, sensor="till")
    white = StoreSettings.model_validate({"alerts": {"sensor_lost": {"level": "white"}}})
    judgement = rules(white)[EventKind.MICROPHONE_LOST](again)
    assert (judgement.level, judgement.text) == (Level.WHITE, "The microphone till was lost 3 times.")
    off = StoreSettings.model_validate({"alerts": {"sensor_lost": {"enabled": False}}})
    assert set(rules(off)) == ALL_KINDS - LOST


@pytest.mark.parametrize("name", BOX)
def test_what_ails_the_box_is_told_as_the_owner_chose_or_not_at_all(name: str):
    kind, level, text = BOX[name]
    ailing = Act(kind, 0, None, None, 1, moved_s=-3600.2)
    judgement = rules(StoreSettings())[kind](ailing)
    assert (judgement.level, judgement.text) == (level, text)
    red = StoreSettings.model_validate({"alerts": {name: {"level": "red"}}})
    assert rules(red)[kind](ailing).level is Level.RED
    off = StoreSettings.model_validate({"alerts": {name: {"enabled": False}}})
    assert set(rules(off)) == ALL_KINDS - {kind}


def heard(kind: EventKind, count: int = 1, name: str | None = None) -> Act:
    sound = HeardEvent(kind, 0, 1, 0.9, -23.4, 12.0, name)
    event = SceneEvent(kind, 0, 1, None, None, 0.9, sensor="till", heard=sound)
    return Act(kind, 0, None, None, count, evidence=(event,), sensor=name or "till")


@pytest.mark.parametrize("name", SOUNDS)
def test_a_sound_asks_at_once_for_what_the_owner_chose_and_can_be_switched_off(name: str):
    kind, level = SOUNDS[name]
    assert rules(StoreSettings())[kind](heard(kind)).level is level
    white = StoreSettings.model_validate({"alerts": {"sound": {name: {"level": "white"}}}})
    assert rules(white)[kind](heard(kind)).level is Level.WHITE
    off = StoreSettings.model_validate({"alerts": {"sound": {name: {"enabled": False}}}})
    assert set(rules(off)) == ALL_KINDS - {kind}


def test_a_sound_is_said_in_words_with_how_often_and_which_machine():
    said = rules(StoreSettings())
    assert said[EventKind.SCREAM](heard(EventKind.SCREAM)).text == "A scream."
    assert said[EventKind.BANG](heard(EventKind.BANG, 3)).text == "A bang, 3 times."
    freezer = heard(EventKind.MACHINE_ANOMALY, name="freezer")
    assert said[EventKind.MACHINE_ANOMALY](freezer).text == "freezer sounds unusual."
    (reason,) = evidence(freezer)
    assert (reason.kind, reason.text, reason.weight) == ("machine_anomaly", "freezer sounds unusual, -23 dBFS.", 0.9)


def test_speech_as_such_is_no_alert():
    assert EventKind.SPEECH not in rules(StoreSettings())
