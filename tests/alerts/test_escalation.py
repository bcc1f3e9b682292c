"""A red alert that nobody answers goes on, step by step; an answer stops it."""

from dataclasses import replace

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from edge.alerts import escalation as rooms
from edge.alerts.escalation import Escalation
from edge.messages import Ack, AckAction, Hush
from edge.settings import EscalationSettings
from tests.alerts.episodes import ENDED, RED, UPDATED, YELLOW, at, ended, episode


def ack(alert_id="a", t_s=0.0):
    return Ack("k1", alert_id, AckAction.SEEN, "staff", at(t_s))


def steps(escalation, until_s, every_s=5.0, from_s=0.0):
    """When it went how far."""
    told, t_s = [], from_s
    while t_s <= until_s:
        told += [(t_s, alert.escalation) for alert in escalation.step(at(t_s), ())]
        t_s += every_s
    return told


def begun(level=RED, **of):
    escalation = Escalation(EscalationSettings(**of))
    first = episode("a", 0.0, level=level)
    assert escalation.step(at(0.0), (first,)) == (first,)
    return escalation, first


def test_a_red_alert_that_nobody_answers_goes_on_step_by_step():
    escalation, _ = begun(after_s=60.0, steps=2)
    assert steps(escalation, 600.0) == [(60.0, 1), (120.0, 2)]


def test_other_levels_stay_where_they_are_and_so_do_all_without_steps():
    assert steps(begun(YELLOW)[0], 600.0) == []
    assert steps(begun(steps=0)[0], 600.0) == []


def test_an_answer_stops_it_for_good():
    escalation, first = begun()
    assert steps(escalation, 60.0) == [(60.0, 1)]
    escalation.answered(ack())
    again = replace(first, t_ns=at(90.0), state=UPDATED, count=9)
    assert escalation.step(at(90.0), (again,)) == (replace(again, escalation=1),)
    assert steps(escalation, 600.0, from_s=91.0) == []
    escalation.answered(ack("unknown"))


def test_an_answer_to_what_was_yellow_is_none_to_what_is_red():
    escalation, first = begun(YELLOW)
    escalation.answered(ack())
    escalation.step(at(30.0), (replace(first, t_ns=at(30.0), state=UPDATED, level=RED),))
    assert steps(escalation, 600.0, from_s=35.0) == [(90.0, 1), (150.0, 2)]


def test_what_rings_nobody_asks_nobody_and_begins_anew_when_it_rings():
    escalation, first = begun()
    escalation.step(at(50.0), (replace(first, t_ns=at(50.0), state=UPDATED, hush=Hush.SNOOZED),))
    assert steps(escalation, 200.0, from_s=55.0) == []
    escalation.step(at(200.0), (replace(first, t_ns=at(200.0), state=UPDATED),))
    assert steps(escalation, 400.0, from_s=205.0) == [(260.0, 1), (320.0, 2)]


def test_one_that_ended_unseen_takes_one_step_and_stays_ended():
    escalation, first = begun()
    escalation.step(at(20.0), (ended(first, 20.0),))
    (further,) = [alert for t_s in range(25, 400, 5) for alert in escalation.step(at(float(t_s)), ())]
    assert (further.state, further.t_ns, further.ended_ns, further.escalation) == (ENDED, at(60.0), at(20.0), 1)


def test_one_that_is_open_again_unanswered_goes_on_from_its_step():
    escalation, first = begun()
    escalation.step(at(20.0), (ended(first, 20.0),))
    assert steps(escalation, 80.0, from_s=25.0) == [(60.0, 1)]
    escalation.step(at(85.0), (replace(first, t_ns=at(85.0), state=UPDATED, episodes=2),))
    assert steps(escalation, 300.0, from_s=90.0) == [(120.0, 2)]


def test_of_many_of_one_kind_one_at_a_time_goes_on():
    escalation = Escalation(EscalationSettings(after_s=60.0, steps=2))
    escalation.step(at(0.0), tuple(episode(f"e{k}", 0.0, level=RED) for k in range(3)))
    told = [
        (float(t_s), alert.alert_id, alert.escalation)
        for t_s in range(5, 400, 5)
        for alert in escalation.step(at(float(t_s)), ())
    ]
    assert told == [(60, "e0", 1), (120, "e0", 2), (120, "e1", 1), (180, "e1", 2), (180, "e2", 1), (240, "e2", 2)]


def test_what_is_remembered_is_bounded(monkeypatch):
    escalation = Escalation(EscalationSettings())
    for k in range(3 * rooms.MAX_WATCHED):
        escalation.step(at(k / 1000), (episode(f"e{k}", k / 1000, level=RED),))
    assert len(escalation._watched) <= rooms.MAX_WATCHED + 1
    monkeypatch.setattr(rooms, "REMEMBERED_NS", 0)
    escalation = Escalation(EscalationSettings())
    one = episode("a", 0.0, level=RED)
    escalation.step(at(0.0), (one,))
    escalation.step(at(1.0), (ended(one, 1.0),))
    escalation.step(at(3.0), ())
    assert not escalation._watched


@given(
    st.lists(
        st.tuples(st.sampled_from(["ack", "hush", "ring", "end", "again", "wait"]), st.floats(0.1, 80.0)), max_size=60
    )
)
@hypothesis_settings(max_examples=200, deadline=None)
def test_a_step_never_falls_is_never_skipped_and_none_follows_an_answer(moves):
    escalation, now = begun(after_s=60.0, steps=3)
    t_s, reached, answered = 0.0, 0, False
    for move, wait_s in moves:
        t_s += wait_s
        changes = ()
        if move == "ack":
            escalation.answered(ack())
            answered = True
        elif move != "wait":
            now = replace(
                now,
                t_ns=at(t_s),
                state=ENDED if move == "end" else UPDATED,
                hush=Hush.SNOOZED if move == "hush" else None,
            )
            changes = (now,)
        for alert in escalation.step(at(t_s), changes):
            assert alert.escalation - reached in ((0,) if answered else (0, 1))
            reached = alert.escalation
            assert reached <= 3
            assert (alert.state is ENDED) == (now.state is ENDED)
