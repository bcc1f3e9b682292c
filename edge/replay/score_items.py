"""Goods taken and put against the true ones.

A true move and a told one may be the same when they are of one kind, :data:`REACH_M` apart or less, and the true
moment is within :data:`SLACK_US` of the told start or within the told span.  Of all ways to pair them one to one, that
with the most pairs is taken, and of those the nearest.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from edge.replay.item_tables import ITEM_KINDS, ToldItem, TrueItem
from edge.replay.tables import US_PER_S, HeadRow

REACH_M = 0.45
"""A told place counts within this distance, in space."""
SLACK_US = 2.5 * US_PER_S
BIG_L = 0.6
"""Goods from this volume on, litres, are asked for however little of them is seen."""
TRACK_REACH_M = 0.4
"""The track nearest to a true head, on the floor, is that person's when it is within this distance."""
TRACK_LOOK_US = 1 * US_PER_S
"""So long before and after a move it is looked up which track is whose."""
TOGETHER_US = 0.5 * US_PER_S
"""What one person moves within this time was moved at once."""
FAR = 1e6

Heads = Mapping[int, Sequence[HeadRow]]
"""True heads, or tracks, by frame time in microseconds."""


@dataclass(frozen=True, slots=True)
class ItemCase:
    """One true move and what was told of it."""

    true: TrueItem
    count: int
    """Things that this person moved at once."""
    told: ToldItem | None
    track: str | None
    """Under which id the person was tracked; None where no track was near the head, or heads are not known."""
    person_known: bool
    """Whether the truth knows the person and where the head was."""


@dataclass(frozen=True, slots=True)
class ItemVerdict:
    """All true moves of one or several sessions, and what was told beyond them."""

    cases: tuple[ItemCase, ...]
    extra: tuple[ToldItem, ...]

    def of(self, kind: str) -> ItemVerdict:
        """The same for events of one kind."""
        cases = tuple(case for case in self.cases if case.true.kind == kind)
        return ItemVerdict(cases, tuple(told for told in self.extra if told.kind == kind))


@dataclass(frozen=True, slots=True)
class ItemScore:
    """Goods taken, goods put, or both."""

    kind: str
    """``item_taken``, ``item_put`` or ``all``."""
    true: int
    told: int
    found: int
    precision: float | None
    recall: float | None
    f1: float | None
    big: int
    """True goods of at least :data:`BIG_L`."""
    big_recall: float | None
    small: int
    """Smaller ones of which enough could be seen."""
    small_recall: float | None
    hidden: int
    """Smaller ones of which too little could be seen; they are part of ``recall`` all the same."""
    error_median_m: float | None
    """Of the place, in space."""
    error_p95_m: float | None
    volume_error_median: float | None
    """As a share of the true volume."""
    persons: int
    """Found ones whose person and head the truth knows."""
    person_right: float | None
    unattributed: float | None
    """Share of the found ones that was told of nobody."""
    delay_median_s: float | None
    """From the moment the hand was gone to the told end."""
    delay_p95_s: float | None
    count_right: float | None
    """Of those with a told count."""


def judge_items(
    truth: Sequence[TrueItem], told: Sequence[ToldItem], heads: Heads | None = None, tracks: Heads | None = None
) -> ItemVerdict:
    """Pair true moves with told ones, and find out who each true person is among the tracks.

    Parameters
    ----------
    truth, told
        Moves of one session.
    heads, tracks
        True heads and the results' tracks by the same frame times; without heads, persons are not judged.
    """
    partner = dict(_pair(truth, told))
    cases = []
    for number, true in enumerate(truth):
        match = told[partner[number]] if number in partner else None
        known = true.person is not None and heads is not None and _stands(heads, true)
        track = _track_of(true, match, heads or {}, tracks or {}) if known else None
        cases.append(ItemCase(true, _moved_at_once(true, truth), match, track, known))
    extra = tuple(item for number, item in enumerate(told) if number not in partner.values())
    return ItemVerdict(tuple(cases), extra)


def together(verdicts: Iterable[ItemVerdict]) -> ItemVerdict:
    """Several sessions as one."""
    every = list(verdicts)
    return ItemVerdict(tuple(c for v in every for c in v.cases), tuple(t for v in every for t in v.extra))


def item_scores(verdict: ItemVerdict) -> tuple[ItemScore, ...]:
    """All, and each kind."""
    return (item_score(verdict), *(item_score(verdict.of(kind), kind) for kind in ITEM_KINDS.values()))


def item_score(verdict: ItemVerdict, kind: str = "all") -> ItemScore:
    """The figures of a verdict."""
    found = [(case, case.told) for case in verdict.cases if case.told is not None]
    count, told, true = len(found), len(found) + len(verdict.extra), len(verdict.cases)
    big = [case for case in verdict.cases if case.true.volume_l >= BIG_L]
    small = [case for case in verdict.cases if case.true.volume_l < BIG_L]
    visible = [case for case in small if case.true.visible]
    errors = [_distance_m(case.true, item) for case, item in found]
    volumes = [abs(i.volume_l - c.true.volume_l) / c.true.volume_l for c, i in found if i.volume_l is not None]
    delays = [(i.t_end_us - c.true.gone_us) / US_PER_S for c, i in found if c.true.gone_us is not None]
    persons = [case.track is not None and item.person == case.track for case, item in found if case.person_known]
    return ItemScore(
        kind=kind,
        true=true,
        told=told,
        found=count,
        precision=_share(count, told),
        recall=_share(count, true),
        f1=_share(2 * count, told + true),
        big=len(big),
        big_recall=_recall(big),
        small=len(visible),
        small_recall=_recall(visible),
        hidden=len(small) - len(visible),
        error_median_m=_percentile(errors, 50),
        error_p95_m=_percentile(errors, 95),
        volume_error_median=_percentile(volumes, 50),
        persons=len(persons),
        person_right=_share(sum(persons), len(persons)),
        unattributed=_share(sum(item.person is None for _, item in found), count),
        delay_median_s=_percentile(delays, 50),
        delay_p95_s=_percentile(delays, 95),
        count_right=_mean([item.count == case.count for case, item in found if item.count is not None]),
    )


def _pair(truth: Sequence[TrueItem], told: Sequence[ToldItem]) -> list[tuple[int, int]]:
    cost = np.full((len(truth), len(told)), FAR)
    for t, true in enumerate(truth):
        for p, item in enumerate(told):
            distance_m, apart_us = _distance_m(true, item), abs(item.t_start_us - true.t_us)
            in_time = apart_us <= SLACK_US or item.t_start_us <= true.t_us <= item.t_end_us
            if item.kind == true.kind and in_time and distance_m <= REACH_M:
                cost[t, p] = distance_m / REACH_M + min(1.0, apart_us / SLACK_US)
    return [(int(t), int(p)) for t, p in zip(*linear_sum_assignment(cost), strict=True) if cost[t, p] < FAR]


def _distance_m(true: TrueItem, told: ToldItem) -> float:
    return float(np.linalg.norm((true.x_m - told.x_m, true.y_m - told.y_m, true.z_m - told.z_m)))


def _stands(heads: Heads, true: TrueItem) -> bool:
    """Whether the truth knows where the person's head was at about that time."""
    return any(head.id == true.person for _, rows in _around(heads, true.t_us, true.t_us) for head in rows)


def _track_of(true: TrueItem, told: ToldItem | None, heads: Heads, tracks: Heads) -> str | None:
    """The id that was most often the nearest to the person's head around that time; of equals the nearer one."""
    near_m: defaultdict[str, list[float]] = defaultdict(list)
    first_us = min(true.t_us, told.t_start_us) if told is not None else true.t_us
    for t_us, rows in _around(heads, first_us, true.t_us):
        there = tracks.get(t_us, ())
        for head in (row for row in rows if row.id == true.person):
            apart = {row.id: float(np.hypot(row.x_m - head.x_m, row.y_m - head.y_m)) for row in there}
            nearest = min(apart, key=lambda name: (apart[name], name), default=None)
            if nearest is not None and apart[nearest] <= TRACK_REACH_M:
                near_m[nearest].append(apart[nearest])
    return min(near_m, key=lambda name: (-len(near_m[name]), sum(near_m[name]) / len(near_m[name])), default=None)


def _around(rows: Heads, first_us: int, last_us: int) -> list[tuple[int, Sequence[HeadRow]]]:
    return [(t, rows[t]) for t in rows if first_us - TRACK_LOOK_US <= t <= last_us + TRACK_LOOK_US]


def _moved_at_once(true: TrueItem, truth: Sequence[TrueItem]) -> int:
    alike = Counter(
        (other.kind, other.shelf, other.person) for other in truth if abs(other.t_us - true.t_us) <= TOGETHER_US
    )
    return alike[true.kind, true.shelf, true.person]


def _recall(cases: Sequence[ItemCase]) -> float | None:
    return _share(sum(case.told is not None for case in cases), len(cases))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _mean(values: Sequence[bool]) -> float | None:
    return _share(sum(values), len(values))


def _percentile(values: Sequence[float], percent: float) -> float | None:
    return float(np.percentile(values, percent)) if values else None
