"""A machine that sounds wrong is told once it has lasted, again while it lasts, and its alert ends after it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

import numpy as np

from edge.audio.machine_episode import AGAIN_S, OVER_S, Episodes
from edge.audio.machine_features import SIZES, WindowFeatures
from edge.audio.machine_windows import Window
from edge.clock import nanoseconds, seconds
from edge.messages import Alert, AlertState, AudioObservation, EventKind, HeardEvent
from edge.settings import StoreSettings
from edge.shop import Shop

HOP_S, WINDOW_S = 5.0, 10.0
SUSTAIN_S = 180.0
FEATURES = WindowFeatures(*(np.zeros(size, np.float32) for size in SIZES.values()))
Part = tuple[float, float | None]
"""So many seconds with a score; None is talk, in which nothing counts."""


def windows(*parts: Part) -> Iterator[tuple[int, float | None]]:
    """When each window ends, and its score."""
    t_ns = nanoseconds(WINDOW_S)
    for lasts_s, score in parts:
        for _ in range(round(lasts_s / HOP_S)):
            yield t_ns, score
            t_ns += nanoseconds(HOP_S)


def hear(scored: Iterable[tuple[int, float | None]]) -> Iterator[tuple[int, HeardEvent | None]]:
    episodes = Episodes("freezer", SUSTAIN_S, 0.5, nanoseconds(HOP_S))
    for t_ns, score in scored:
        if score is None:
            yield t_ns, None
        else:
            yield t_ns, episodes.step(Window(t_ns - nanoseconds(WINDOW_S), t_ns, 0, -40.0, FEATURES), score)


def told(*parts: Part) -> list[HeardEvent]:
    return [event for _, event in hear(windows(*parts)) if event is not None]


def alerts(*parts: Part) -> list[Alert]:
    """What the staff are told of it, live: each event with the window that made it certain."""
    shop, changes = Shop(StoreSettings(), []), list[Alert]()
    for t_ns, event in hear(windows(*parts)):
        shop.hear(AudioObservation("till", t_ns, events=() if event is None else (event,)))
        changes += [alert for step in shop.advance(t_ns) for alert in step.alerts]
    return changes


def test_what_goes_on_is_told_again_with_the_same_start_and_a_later_end():
    events = told((60.0, 0.1), (1800.0, 0.8))
    assert {event.t_start_ns for event in events} == {nanoseconds(60.0)}
    ends_s = [seconds(event.t_end_ns) for event in events]
    assert ends_s[0] <= 60.0 + SUSTAIN_S + WINDOW_S
    assert {later - sooner for sooner, later in pairwise(ends_s)} == {AGAIN_S}
    assert 1860.0 - ends_s[-1] < AGAIN_S
    assert {(event.kind, event.name) for event in events} == {(EventKind.MACHINE_ANOMALY, "freezer")}


def test_the_alert_stays_while_the_fault_lasts_and_ends_after_it():
    end_after_s = StoreSettings().alerts.sound.machine_anomaly.end_after_s
    opened, ended = alerts((60.0, 0.1), (7200.0, 0.8), (2 * end_after_s, 0.1))
    assert (opened.state, opened.kind, ended.state) == (AlertState.OPEN, EventKind.MACHINE_ANOMALY, AlertState.ENDED)
    assert seconds(opened.t_ns) < 60.0 + SUSTAIN_S + 2 * WINDOW_S
    assert -AGAIN_S - WINDOW_S < seconds(ended.t_ns) - (7260.0 + end_after_s) <= 2 * WINDOW_S


def test_a_compressor_that_fails_at_each_run_and_rests_between_is_one_alert():
    runs: list[Part] = [(600.0, 0.8), (1200.0, 0.1)] * 6
    first, *more, last = alerts(*runs, (3600.0, 0.1))
    assert {alert.alert_id for alert in (first, *more, last)} == {first.alert_id}
    assert [alert.state for alert in (first, last)] == [AlertState.OPEN, AlertState.ENDED]
    assert [alert.count for alert in more] == [2, 3, 4, 5, 6]


def test_talk_beside_a_fault_does_not_end_it_sooner_and_no_alert_is_opened_twice():
    """While people talk nothing counts; a fault that is found again after that is another event."""
    changes = alerts((600.0, 0.8), (3600.0, None), (600.0, 0.8))
    assert [alert.state for alert in changes] == [AlertState.OPEN, AlertState.ENDED, AlertState.OPEN]
    assert changes[0].alert_id != changes[2].alert_id


def test_short_pauses_belong_to_it_and_long_ones_end_it():
    short = told((300.0, 0.8), (OVER_S - WINDOW_S, 0.1), (300.0, 0.8))
    assert len({event.t_start_ns for event in short}) == 1
    long = told((300.0, 0.8), (OVER_S + 2 * WINDOW_S, 0.1), (300.0, 0.8))
    assert [seconds(event.t_start_ns) for event in long][-1] == 300.0 + OVER_S + 2 * WINDOW_S


def test_what_does_not_last_is_not_told():
    assert told((SUSTAIN_S - HOP_S, 0.8), (600.0, 0.1), (SUSTAIN_S - HOP_S, 0.8)) == []


def test_an_alert_waits_longer_than_an_event_is_told_again():
    assert StoreSettings().alerts.sound.machine_anomaly.end_after_s > AGAIN_S + OVER_S
