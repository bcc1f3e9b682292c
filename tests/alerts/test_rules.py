"""What each kind of act asks of the staff."""

import pytest

from edge.alerts.rules import judge_crowd, judge_intrusion, rules
from edge.geometry import Cell
from edge.messages import Act, EventKind, Level, Place
from edge.settings import CrowdRule, IntrusionRule, StoreSettings


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


def test_a_rule_that_is_switched_off_is_not_there():
    assert set(rules(StoreSettings())) == {EventKind.INTRUSION, EventKind.CROWD}
    off = StoreSettings.model_validate({"alerts": {"intrusion": {"enabled": False}}})
    assert set(rules(off)) == {EventKind.CROWD}
