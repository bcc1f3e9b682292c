"""What happens again is one alert, what is snoozed rings nobody, a flood is counted, and no episode is lost."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from edge.messages import Alert, EventKind, Hush, Level, Sent
from tests.alerts.episodes import ENDED, OPEN, RED, UPDATED, WHITE, YELLOW, Told, at, ended, episode, snooze


def told_of(alerts):
    return [(alert.alert_id, alert.state, alert.episodes) for alert in alerts]


def test_a_single_episode_is_told_as_it_is():
    told = Told()
    begun = episode("a", 0.0)
    risen = replace(begun, t_ns=at(1.0), state=UPDATED, count=7)
    assert told.step(0.0, begun) == (begun,)
    assert told.step(1.0, risen) == (risen,)
    assert told.step(2.0, ended(risen, 2.0)) == (ended(risen, 2.0),)


def test_what_happens_again_at_the_same_place_belongs_to_the_alert_before():
    told = Told()
    told.episode("a", 0.0, 5.0)
    again = told.step(60.0, episode("b", 60.0, count=8))
    assert told_of(again) == [("a", UPDATED, 2)]
    assert (again[0].count, again[0].hush) == (8, None)
    assert [reason.text for reason in again[0].reasons] == ["a at 0.0.", "b at 60.0."]
    assert told_of(told.step(80.0, ended(episode("b", 60.0), 80.0))) == [("a", ENDED, 2)]


def test_it_cools_down_from_its_first_end_so_that_trouble_that_goes_on_rings_again():
    told = Told(cool_down_s=300.0)
    for k in range(10):
        told.episode(f"e{k}", 100.0 * k, 100.0 * k + 5.0)
    assert Counter(alert.alert_id for alert in told.all if alert.state is OPEN) == {"e0": 1, "e4": 1, "e8": 1}
    assert {name: alert.episodes for name, alert in told.standing.items()} == {"e0": 4, "e4": 4, "e8": 2}


def test_another_place_another_kind_or_a_higher_level_is_another_alert():
    told = Told()
    told.episode("a", 0.0, 5.0)
    assert told_of(told.episode("b", 10.0, 11.0, zone="till")) == [("b", OPEN, 1), ("b", ENDED, 1)]
    assert told_of(told.episode("c", 20.0, 21.0, kind=EventKind.CROWD)) == [("c", OPEN, 1), ("c", ENDED, 1)]
    assert told_of(told.episode("d", 30.0, 31.0, level=RED)) == [("d", OPEN, 1), ("d", ENDED, 1)]
    assert told.episode("e", 40.0, 41.0)[0].alert_id == "d"


def test_two_at_once_are_two():
    told = Told()
    assert told_of(told.step(0.0, episode("a", 0.0), episode("b", 0.0))) == [("a", OPEN, 1), ("b", OPEN, 1)]


def test_a_red_alert_cools_down_sooner():
    told = Told(cool_down_s=300.0, red_cool_down_s=60.0)
    told.episode("a", 0.0, 5.0, level=RED)
    assert told.episode("b", 60.0, 62.0, level=RED)[0].alert_id == "a"
    assert told.episode("c", 90.0, 92.0, level=RED)[-1].alert_id == "c"


def test_what_has_not_left_the_box_keeps_nothing_from_ringing():
    told = Told(delivered=False)
    told.episode("a", 0.0, 5.0)
    assert told.episode("b", 10.0, 11.0)[0].alert_id == "b"
    told.restraint.sent(Sent("b", at(100.0)))
    assert told.episode("c", 390.0, 391.0)[0].alert_id == "b"  # sent late, it cools down from then
    assert told.episode("d", 401.0, 402.0)[-1].alert_id == "d"


def test_of_what_is_unknown_nothing_was_sent():
    told = Told(delivered=False)
    told.restraint.sent(Sent("never", at(0.0)))
    assert told_of(told.episode("a", 1.0, 2.0)) == [("a", OPEN, 1), ("a", ENDED, 1)]


def test_an_alert_of_many_is_told_now_and_then_but_a_rise_at_once():
    told = Told(pace_s=10.0)
    told.episode("a", 0.0, 1.0)
    second = episode("b", 5.0)
    assert told.step(5.0, second) == ()
    assert told_of(told.step(11.0)) == [("a", UPDATED, 2)]
    assert told.step(12.0, replace(second, t_ns=at(12.0), state=UPDATED, count=6)) == ()
    rise = told.step(13.0, replace(second, t_ns=at(13.0), state=UPDATED, count=9, level=RED))
    assert [(alert.level, alert.count) for alert in rise] == [(RED, 9)]
    assert told.step(14.0, ended(second, 14.0)) == ()
    assert told_of(told.step(23.0)) == [("a", ENDED, 2)]


def test_what_waits_is_told_at_the_end():
    told = Told()
    told.episode("a", 0.0, 1.0)
    told.step(2.0, episode("b", 2.0))
    assert told_of(told.finish(3.0, ended(episode("b", 2.0), 3.0))) == [("a", ENDED, 2)]
    assert told.finish(4.0) == ()


def test_an_alert_that_is_snoozed_is_told_and_hushed_and_keeps_no_other_from_ringing():
    told = Told()
    told.restraint.snooze([snooze(0.0, 600.0, zone="hall")])
    assert {alert.hush for alert in told.episode("a", 1.0, 5.0)} == {Hush.SNOOZED}
    assert {alert.hush for alert in told.episode("b", 20.0, 25.0)} == {Hush.SNOOZED}
    told.finish(26.0)
    assert told.standing["a"].episodes == 2
    assert [alert.hush for alert in told.episode("c", 700.0, 701.0)] == [None, None]


def test_an_alert_that_outlasts_its_snooze_rings_then():
    told = Told()
    told.restraint.snooze([snooze(0.0, 60.0, kind=EventKind.SWEEP)])
    told.step(1.0, episode("a", 1.0))
    assert told.step(59.0) == ()
    (back,) = told.step(60.0)
    assert (back.alert_id, back.state, back.hush) == ("a", UPDATED, None)


def test_a_snooze_hushes_what_is_open_and_its_end_by_hand_is_an_end():
    told = Told()
    told.step(0.0, episode("a", 0.0), episode("b", 0.0, zone="till"))
    told.restraint.snooze([snooze(1.0, 600.0, zone="hall")])
    assert [(alert.alert_id, alert.hush) for alert in told.step(1.0)] == [("a", Hush.SNOOZED)]
    told.restraint.snooze([])
    assert [(alert.alert_id, alert.hush) for alert in told.step(2.0)] == [("a", None)]


def test_a_snooze_means_all_that_it_names_and_safety_for_half_an_hour_at_most():
    told = Told()
    told.restraint.snooze([snooze(0.0, 4 * 3600.0, kind=EventKind.BANG, sensor="till")])
    told.step(1.0, episode("a", 1.0, kind=EventKind.BANG, sensor="door"))
    told.step(1.0, episode("b", 1.0, kind=EventKind.BANG, sensor="till"))
    told.restraint.snooze([snooze(0.0, 4 * 3600.0, zone="hall")])
    told.step(2.0, episode("c", 2.0, kind=EventKind.INTRUSION, level=RED))
    told.step(1801.0)
    assert {name: alert.hush for name, alert in told.standing.items()} == {
        "a": Hush.SNOOZED,
        "b": Hush.SNOOZED,
        "c": None,
    }


def camera_lost(told, name, from_s, to_s):
    return told.episode(name, from_s, to_s, kind=EventKind.CAMERA_LOST, zone=None, sensor="cam0")


def test_a_camera_that_comes_and_goes_has_one_alert_until_it_has_worked_for_a_while():
    told = Told(flaps=3, flap_half_life_s=600.0)
    for k in range(5):
        camera_lost(told, f"e{k}", 100.0 * k, 100.0 * k + 40.0)
    assert told.standing["e0"].state is UPDATED
    assert told.standing["e0"].episodes == 5
    assert told.step(700.0) == ()
    done = [alert for t_s in range(800, 2000, 10) for alert in told.step(float(t_s))]
    assert told_of(done) == [("e0", ENDED, 5)]
    assert 800.0 < (done[0].t_ns - at(440.0)) / 1e9 < 850.0
    assert camera_lost(told, "later", 3000.0, 3010.0)[0].alert_id == "later"


def test_the_worse_a_camera_was_the_longer_it_must_work_up_to_half_an_hour():
    stable_s = []
    for losses in (3, 6, 30):
        told = Told(flaps=3, flap_half_life_s=600.0)
        for k in range(losses):
            camera_lost(told, f"e{k}", 60.0 * k, 60.0 * k + 30.0)
        last_s = 60.0 * (losses - 1) + 30.0
        done = [alert for t_s in range(0, 3600, 10) for alert in told.step(last_s + t_s)]
        assert [alert.state for alert in done if alert.state is ENDED] == [ENDED]
        stable_s.append((done[-1].t_ns - at(last_s)) / 1e9)
    assert stable_s[0] < stable_s[1] < stable_s[2] <= 1800.0


def flood(told, number, from_s=0.0, every_s=0.006, **of):
    for k in range(number):
        begun = episode(f"e{k}", from_s + k * every_s, zone=f"z{k}", **of)
        told.step(from_s + k * every_s, begun)
        told.step(from_s + k * every_s + every_s / 2, ended(begun, from_s + k * every_s + every_s / 2))


def test_ten_thousand_in_a_minute_are_a_few_alerts_and_a_true_count():
    told = Told()
    flood(told, 10_000)
    told.step(59.9)
    for t_s in range(60, 180):
        told.step(float(t_s))
    assert sum(alert.episodes for alert in told.standing.values()) == 10_000
    assert len(told.standing) == 7  # six, and the one that counts
    assert len(told.all) < 25
    (counting,) = [alert for alert in told.standing.values() if alert.episodes > 1]
    assert (counting.kind, counting.place, counting.state) == (EventKind.SWEEP, None, ENDED)
    assert counting.reasons[0].kind == "flood"
    assert len(counting.reasons) <= 20
    assert len(told.restraint._of) == 0
    assert len(told.restraint._alive) < 10


def test_many_kinds_at_once_are_counted_together():
    told = Told(flood_per_minute=6, flood_all_per_minute=10)
    for number, kind in enumerate((EventKind.SWEEP, EventKind.CROWD, EventKind.BANG)):
        for k in range(5):
            told.step(number + k / 10, episode(f"{kind}{k}", number + k / 10, kind=kind, zone=f"z{k}"))
    opened = Counter(alert.kind for alert in told.all if alert.state is OPEN)
    assert opened == {EventKind.SWEEP: 5, EventKind.CROWD: 5, EventKind.FLOOD: 1}
    told.step(60.0)
    assert sum(alert.episodes for alert in told.standing.values()) == 15


def test_a_flood_of_what_asks_for_little_hides_nothing_red():
    told = Told()
    flood(told, 500, level=WHITE)
    alone = told.step(4.0, episode("red", 4.0, level=RED))
    assert told_of(alone) == [("red", OPEN, 1)]


def test_a_flood_in_which_something_turns_red_rings_at_once():
    told = Told(flood_per_minute=1)
    flood(told, 3)
    first = episode("r", 1.0, zone="far")
    told.step(1.0, first)
    (rung,) = told.step(2.0, replace(first, t_ns=at(2.0), state=UPDATED, level=RED))
    assert (rung.level, rung.episodes) == (RED, 3)


def test_a_flood_that_is_snoozed_is_counted_apart_and_rings_when_that_is_over():
    told = Told(flood_per_minute=2)
    told.restraint.snooze([snooze(0.0, 30.0, kind=EventKind.SWEEP)])
    flood(told, 50)
    told.step(25.0)
    assert {alert.hush for alert in told.all} == {Hush.SNOOZED}
    told.step(31.0)
    (ringing,) = [alert for alert in told.standing.values() if alert.hush is None]
    assert ringing.episodes == 48


KINDS = (EventKind.SWEEP, EventKind.CROWD, EventKind.CAMERA_LOST, EventKind.INTRUSION)
MOVES = st.lists(
    st.tuples(
        st.sampled_from(["begin", "begin", "rise", "end", "end", "wait", "sent", "snooze", "wake"]),
        st.integers(0, 3),
        st.sampled_from(list(Level)),
        st.floats(0.01, 90.0),
    ),
    max_size=120,
)


@given(MOVES, st.booleans())
@hypothesis_settings(max_examples=300, deadline=None)
def test_whatever_happens_no_episode_is_lost_levels_never_fall_and_every_alert_ends(moves, delivered):
    told, going, begun, t_s = Told(delivered=delivered, flood_per_minute=3, flood_all_per_minute=5), [], 0, 0.0
    for move, number, level, wait_s in moves:
        t_s += wait_s / 10 if move == "begin" else wait_s
        changes: list[Alert] = []
        if move == "begin":
            kind = KINDS[number]
            sensor = "cam" if kind is EventKind.CAMERA_LOST else None
            going.append(episode(f"e{begun}", t_s, kind=kind, level=level, sensor=sensor))
            begun += 1
            changes = [going[-1]]
        elif move == "rise" and going:
            at_index = number % len(going)
            higher = max(level, going[at_index].level, key=lambda one: one.rank)
            going[at_index] = replace(going[at_index], t_ns=at(t_s), state=UPDATED, level=higher)
            changes = [going[at_index]]
        elif move == "end" and going:
            changes = [ended(going.pop(number % len(going)), t_s)]
        elif move == "sent" and told.all:
            told.restraint.sent(Sent(told.all[-1].alert_id, at(t_s)))
        elif move in ("snooze", "wake"):
            told.restraint.snooze([snooze(t_s, t_s + 100.0, kind=KINDS[number])] if move == "snooze" else [])
        told.step(t_s, *changes)
    told.finish(t_s, *(ended(one, t_s) for one in going))
    check_lives(told.all)
    assert sum(alert.episodes for alert in told.standing.values()) == begun


def check_lives(changes):
    """Of each alert: opened once and first, ended at last; its level, its episodes and its time never fall."""
    lives: dict[str, list[Alert]] = {}
    for alert in changes:
        lives.setdefault(alert.alert_id, []).append(alert)
    for life in lives.values():
        assert [alert.state for alert in life].index(OPEN) == 0
        assert [alert.state for alert in life].count(OPEN) == 1
        assert life[-1].state is ENDED
        for before, after in pairwise(life):
            assert after.level.rank >= before.level.rank
            assert after.episodes >= before.episodes
            assert after.t_ns >= before.t_ns
            assert replace(after, t_ns=before.t_ns) != before  # each change says something new


@given(MOVES)
@hypothesis_settings(max_examples=30, deadline=None)
def test_the_same_again_is_told_the_same(moves):
    def play():
        told, names = Told(), []
        t_s = 0.0
        for k, (move, number, level, wait_s) in enumerate(moves):
            t_s += wait_s
            if move == "begin":
                names.append(episode(f"e{k}", t_s, kind=KINDS[number], level=level))
                told.step(t_s, names[-1])
            elif move == "end" and names:
                told.step(t_s, ended(names.pop(), t_s))
        return told.all

    assert play() == play()


def test_yellow_and_white_are_told_apart_from_nothing():
    """A level below that of the alert before belongs to it as well."""
    told = Told()
    told.episode("a", 0.0, 5.0, level=YELLOW)
    assert told.episode("b", 20.0, 25.0, level=WHITE)[0].level is YELLOW
