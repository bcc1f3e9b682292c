"""Events, line counts and alerts against the true events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import linear_sum_assignment

from edge.replay.item_tables import ITEM_KINDS
from edge.replay.tables import US_PER_S, AlertEpisode, EventRow
from edge.scene.presence import DOOR_KINDS, door_lines
from edge.settings import AlertSettings, SoundRules, StoreSettings

SLACK_US = 3 * US_PER_S
"""Two events of one kind are the same when they overlap in time with this slack."""
FAR = 1e18


@dataclass(frozen=True, slots=True)
class EventScore:
    """Events of one kind."""

    kind: str
    true: int
    predicted: int
    found: int
    precision: float | None
    recall: float | None
    delay_median_s: float | None
    """From the true start to the predicted start."""
    delay_worst_s: float | None


@dataclass(frozen=True, slots=True)
class LineScore:
    """People counted over one line in one direction."""

    line: str
    direction: str
    true: int
    counted: int


@dataclass(frozen=True, slots=True)
class AlertScore:
    """Alerts of one kind: ``true`` ones tell of something that happened, ``false`` ones do not."""

    kind: str
    true: int
    false: int
    missed: int
    """True events of this kind without an alert."""
    not_ended: int
    delay_median_s: float | None
    """From the true start to the alert's opening."""
    true_per_hour: float
    false_per_hour: float
    true_per_1000: float | None
    """Per 1,000 visitors."""
    false_per_1000: float | None


@dataclass(frozen=True, slots=True)
class Comparable:
    """Events of the truth and of the results that can be held against each other."""

    truth: tuple[EventRow, ...]
    told: tuple[EventRow, ...]


def comparable(truth: Sequence[EventRow], told: Sequence[EventRow], store: StoreSettings) -> Comparable:
    """Bring comings and goings to the same place, as far as that can be done.

    The box tells them at the door.  A truth that tells them when a head came into view means another moment, a second
    or two away, unless the picture's border is the door because nothing is drawn.  Where a counting line is the door,
    the truth's passings of it are what to compare with; where only zones are drawn there is nothing to compare with,
    and comings and goings are not judged.
    """
    if not any(event.by_view for event in truth):
        return Comparable(tuple(truth), tuple(told))
    doors = {line.id for line in door_lines(store)}
    if doors:
        passings = [event for event in truth if event.kind == "cross" and event.line in doors]
        moved = [
            replace(p, kind="enter" if p.direction == "in" else "exit", line=None, direction=None) for p in passings
        ]
        return Comparable((*(event for event in truth if not event.by_view), *moved), tuple(told))
    if any(zone.kind in DOOR_KINDS for zone in store.zone):
        return Comparable(_without_comings(truth), _without_comings(told))
    return Comparable(tuple(truth), tuple(told))


def _without_comings(events: Sequence[EventRow]) -> tuple[EventRow, ...]:
    return tuple(event for event in events if event.kind not in ("enter", "exit"))


def score_events(truth: Sequence[EventRow], predicted: Sequence[EventRow]) -> tuple[EventScore, ...]:
    """Each kind that the truth or the results know, but for goods, which are judged by their places."""
    kinds = {event.kind for event in (*truth, *predicted)} - set(ITEM_KINDS.values())
    return tuple(_score_kind(kind, truth, predicted) for kind in sorted(kinds))


def _score_kind(kind: str, truth: Sequence[EventRow], predicted: Sequence[EventRow]) -> EventScore:
    there = [event for event in truth if event.kind == kind]
    said = [event for event in predicted if event.kind == kind]
    pairs = _pair([(e.t_start_us, e.t_end_us) for e in there], [(e.t_start_us, e.t_end_us) for e in said])
    delays = [(said[p].t_start_us - there[t].t_start_us) / US_PER_S for t, p in pairs]
    return EventScore(
        kind=kind,
        true=len(there),
        predicted=len(said),
        found=len(pairs),
        precision=len(pairs) / len(said) if said else None,
        recall=len(pairs) / len(there) if there else None,
        delay_median_s=float(np.median(delays)) if delays else None,
        delay_worst_s=max(delays, key=abs) if delays else None,
    )


def score_lines(
    truth: Sequence[EventRow], predicted: Sequence[EventRow], lines: Sequence[str]
) -> tuple[LineScore, ...]:
    """Crossings of each line in each direction; lines that nobody crossed are there too."""
    there, said = _crossings(truth), _crossings(predicted)
    drawn = {(line, direction) for line in lines for direction in ("in", "out")}
    keys = sorted(drawn | set(there) | set(said))
    return tuple(LineScore(line, direction, there[line, direction], said[line, direction]) for line, direction in keys)


def score_alerts(
    truth: Sequence[EventRow], alerts: Sequence[AlertEpisode], *, hours: float, visitors: int
) -> tuple[AlertScore, ...]:
    """Each kind of alert that was opened, or that the truth says should have been.

    Parameters
    ----------
    truth, alerts
        True events and the alerts' episodes.
    hours
        Length of the session.
    visitors
        People in it.
    """
    wanted = {event.kind for event in truth} & {*AlertSettings.model_fields, *SoundRules.model_fields}
    kinds = sorted(wanted | {alert.kind for alert in alerts})
    return tuple(_score_alert_kind(kind, truth, alerts, hours, visitors) for kind in kinds)


def _score_alert_kind(
    kind: str, truth: Sequence[EventRow], alerts: Sequence[AlertEpisode], hours: float, visitors: int
) -> AlertScore:
    there = [event for event in truth if event.kind == kind]
    said = [alert for alert in alerts if alert.kind == kind]
    pairs = _pair([(e.t_start_us, e.t_end_us) for e in there], [(a.t_open_us, a.t_last_us) for a in said])
    delays = [(said[p].t_open_us - there[t].t_start_us) / US_PER_S for t, p in pairs]
    true, false = len(pairs), len(said) - len(pairs)
    return AlertScore(
        kind=kind,
        true=true,
        false=false,
        missed=len(there) - len(pairs),
        not_ended=sum(not alert.ended for alert in said),
        delay_median_s=float(np.median(delays)) if delays else None,
        true_per_hour=true / hours,
        false_per_hour=false / hours,
        true_per_1000=1000 * true / visitors if visitors else None,
        false_per_1000=1000 * false / visitors if visitors else None,
    )


def _pair(truth: Sequence[tuple[int, int]], said: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The most pairs that overlap with slack, and of those the nearest in their starts."""
    cost = np.full((len(truth), len(said)), FAR)
    for t, (start, end) in enumerate(truth):
        for p, (opened, last) in enumerate(said):
            if opened <= end + SLACK_US and last >= start - SLACK_US:
                cost[t, p] = abs(opened - start)
    return [(int(t), int(p)) for t, p in zip(*linear_sum_assignment(cost), strict=True) if cost[t, p] < FAR]


def _crossings(events: Sequence[EventRow]) -> Counter[tuple[str, str]]:
    return Counter((e.line, e.direction) for e in events if e.kind == "cross" and e.line and e.direction)
