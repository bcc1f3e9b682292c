"""Heads of all cameras in, people and alerts out: the whole understanding of a shop."""

import hashlib
import os
import subprocess
import sys
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from edge.clock import seconds
from edge.messages import Alert, AlertState, DepthObservation, EventKind, Hush, Level, Sent, Snooze
from edge.settings import StoreSettings
from edge.shop import Shop, ShopStep
from tests.scene.grasps import SHELF, Film
from tests.scene.sightings import along, at, drawn, looks, merged

# 22:14 UTC, when these sessions begin, is 07:14 in Tokyo.
NIGHT = drawn(hours={"open": "09:00", "close": "21:00"}, alerts={"intrusion": {"end_after_s": 5.0}})
CROWDED = drawn(alerts={"crowd": {"people": 3, "red_people": 5, "after_s": 5.0, "end_after_s": 5.0}})
THIEF = along((3.0, -3.5, 0.1), (8.0, 0.1, 0.1), (12.0, 0.1, 0.1), (17.0, 3.5, 0.1))


def whole(session: list[DepthObservation], settings: StoreSettings, sensors: tuple[str, ...] = ("cam0",)):
    shop = Shop(settings, sensors)
    steps = [step for one in session for step in shop.step(one)]
    return [*steps, *shop.finish()]


def alerts(steps: list[ShopStep]) -> list[Alert]:
    return [alert for step in steps for alert in step.alerts]


def crowd(sizes: list[tuple[float, float]]):
    """People who come and go one by one through different places; each from one second to another."""
    return [
        along((begin, -2.5 + k, -3.5), (begin + 3.0, -2.5 + k, 0.0), (end, -2.5 + k, 0.0), (end + 3.0, -2.5 + k, 3.5))
        for k, (begin, end) in enumerate(sizes)
    ]


@pytest.mark.parametrize("fps", [4.5, 15.0, 30.0])
def test_a_break_in_is_one_red_alert_that_opens_at_once_and_ends(fps: float):
    told = alerts(whole(looks(fps, 30.0, THIEF, jitter_m=0.01), NIGHT))
    assert [alert.state for alert in told] == [AlertState.OPEN, AlertState.ENDED]
    opened, ended = told
    assert (opened.kind, opened.level, opened.count) == (EventKind.INTRUSION, Level.RED, 1)
    assert opened.alert_id == ended.alert_id
    first_seen_s = 3.0 + 5.0 * 0.5 / 3.6
    assert 1.0 <= seconds(opened.t_ns - at(first_seen_s)) <= 1.1 + 2.0 / fps
    assert seconds(ended.t_ns - at(16.3)) == pytest.approx(5.0, abs=0.8)


def test_the_same_in_opening_hours_is_none():
    settings = NIGHT.model_copy(update={"hours": None})
    assert alerts(whole(looks(15.0, 30.0, THIEF), settings)) == []


def test_a_session_that_ends_during_an_episode_ends_its_alert():
    told = alerts(whole(looks(15.0, 10.0, THIEF), NIGHT))
    assert [alert.state for alert in told] == [AlertState.OPEN, AlertState.ENDED]
    assert told[-1].t_ns == at(149 / 15)


def test_a_crowd_rises_to_red_as_one_alert():
    people = crowd([(2.0, 40.0), (2.5, 40.0), (3.0, 40.0), (15.0, 30.0), (15.5, 30.0)])
    told = alerts(whole(looks(15.0, 60.0, *people, jitter_m=0.01), CROWDED))
    assert told[0].state is AlertState.OPEN
    assert told[-1].state is AlertState.ENDED
    assert {alert.state for alert in told[1:-1]} == {AlertState.UPDATED}
    assert len({alert.alert_id for alert in told}) == 1
    assert [alert.level.rank for alert in told] == sorted(alert.level.rank for alert in told)
    assert (told[0].level, told[0].count) == (Level.YELLOW, 3)
    assert (told[-1].level, told[-1].count) == (Level.RED, 5)


def test_an_alert_is_told_with_the_update_that_made_it():
    for step in whole(looks(15.0, 30.0, THIEF), NIGHT):
        assert all(alert.t_ns == step.update.t_ns for alert in step.alerts)


def test_silence_ends_an_episode_as_looking_does():
    shop = Shop(NIGHT, ["cam0"])
    for one in looks(15.0, 10.0, THIEF):
        shop.step(one)
    told = [alert for k in range(20) for step in shop.advance(at(10.0 + k / 2)) for alert in step.alerts]
    assert [alert.state for alert in told] == [AlertState.ENDED]
    assert seconds(told[0].t_ns - at(10.0)) == pytest.approx(5.0, abs=0.6)
    assert alerts(list(shop.finish())) == []


def twice() -> list[DepthObservation]:
    """One thief after the other, at the same place of the closed shop."""
    second = along((33.0, -3.5, 0.1), (38.0, 0.1, 0.1), (42.0, 0.1, 0.1), (47.0, 3.5, 0.1))
    return looks(15.0, 60.0, THIEF, second)


@pytest.mark.parametrize(("sent", "episodes"), [(True, [2]), (False, [1, 1])])
def test_what_comes_again_is_one_alert_when_the_first_was_sent(sent: bool, episodes: list[int]):
    shop, standing = Shop(NIGHT, ["cam0"]), {}
    for one in twice():
        for alert in alerts(list(shop.step(one))):
            standing[alert.alert_id] = alert
            if sent:
                shop.sent(Sent(alert.alert_id, alert.t_ns))
    standing |= {alert.alert_id: alert for alert in alerts(list(shop.finish()))}
    assert [alert.episodes for alert in standing.values()] == episodes
    assert {alert.state for alert in standing.values()} == {AlertState.ENDED}


def test_what_is_snoozed_is_told_and_hushed():
    shop = Shop(NIGHT, ["cam0"])
    shop.snooze([Snooze("s1", EventKind.INTRUSION, None, None, at(600.0), "staff", at(0.0))])
    told = [alert for one in looks(15.0, 30.0, THIEF) for alert in alerts(list(shop.step(one)))]
    assert [(alert.state, alert.hush) for alert in told] == [
        (AlertState.OPEN, Hush.SNOOZED),
        (AlertState.ENDED, Hush.SNOOZED),
    ]


def test_a_shop_that_saw_nothing_has_nothing_to_tell():
    shop = Shop(NIGHT, ["cam0"])
    assert shop.advance(at(1.0)) == ()
    assert shop.finish() == ()
    assert shop.floor_use() == ()


def test_the_rooms_can_be_timed():
    rooms: list[str] = []

    @contextmanager
    def noted(room: str):
        rooms.append(room)
        yield

    def measure(room: str) -> AbstractContextManager[None]:
        return noted(room)

    shop = Shop(NIGHT, ["cam0"], measure)
    shop.step(looks(15.0, 0.1)[0])
    assert rooms == ["scene", "alerts"]


def test_the_floor_that_was_used_is_where_people_were():
    shop = Shop(NIGHT, ["cam0"])
    for one in looks(15.0, 20.0, THIEF):
        shop.step(one)
    assert {cell.iy for cell in shop.floor_use()} == {0}
    assert max(shop.floor_use(), key=lambda cell: cell.people_s).ix == 0


# -------------------------------------------------------------------------------------------- the same each time


def busy_night() -> tuple[list[DepthObservation], StoreSettings]:
    """Two cameras, five people, a door, a zone, closed hours, a crowd, and goods that one takes from a shelf."""
    people = [*crowd([(2.0, 20.0), (2.5, 18.0), (3.0, 22.0)]), THIEF, along((6.0, 3.5, -1.0), (12.0, -3.5, -1.0))]
    settings = drawn(
        hours={"open": "09:00", "close": "21:00"},
        zone=[{"id": "cakes", "kind": "aisle", "polygon": [[-2.9, -1.5], [2.9, -1.5], [2.9, 1.5], [-2.9, 1.5]]}],
        line=[{"id": "door", "from": [-3.0, -2.0], "to": [3.0, -2.0], "in_direction": [0.0, 1.0]}],
        shelf=[SHELF],
        alerts={"crowd": {"people": 3, "red_people": 4, "after_s": 3.0}},
        scene={"counts_window_s": 10.0},
    )
    a = looks(15.0, 30.0, *people, camera="a", jitter_m=0.02)
    b = looks(10.0, 30.0, *people, camera="b", jitter_m=0.02, seed=2, offset_s=0.013)
    goods = Film(a)
    for k in range(6):
        goods.take(8.3 + 0.5 * k, -0.5 + 0.2 * k, of=0.1)
    return merged(goods.looks, b), settings


def digest() -> str:
    """Of all that a busy night tells, to the last bit."""
    session, settings = busy_night()
    return hashlib.sha256(repr(whole(session, settings, ("a", "b"))).encode()).hexdigest()


def test_alert_ids_are_equal_at_each_replay():
    session, settings = busy_night()
    first, second = (alerts(whole(session, settings, ("a", "b"))) for _ in range(2))
    assert first == second
    assert {alert.kind for alert in first} == {EventKind.INTRUSION, EventKind.CROWD, EventKind.SWEEP}
    opened = [alert.alert_id for alert in first if alert.state is AlertState.OPEN]
    ended = [alert.alert_id for alert in first if alert.state is AlertState.ENDED]
    assert len(set(opened)) == len(opened)
    assert sorted(opened) == sorted(ended)


@pytest.mark.parametrize("hash_seed", ["1", "4242"])
def test_another_process_tells_the_same_bytes(hash_seed: str):
    root = Path(__file__).resolve().parents[1]
    told = subprocess.run(
        [sys.executable, "-c", "from tests.test_shop import digest; print(digest())"],
        cwd=root,
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(root)},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert told.stdout.strip() == digest()
