"""Goods taken and put against the true ones.

A true move and a told one may be the same when they are of one kind, :data:`REACH_M` apart or less, and the true
moment is within :data:`SLACK_US` of the told start or within the told span.  Of all ways to pair them, that with the
most pairs is taken, and of those the nearest.  A told move is paired with one true one, and one that is told of several
things with up to so many.  True moves that no camera could observe are not judged, nor is what was told of them.
"""

from __future__ import annotations

import math
from collections import defaultdict
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
TOGETHER_US, TOGETHER_M = 0.5 * US_PER_S, 0.15
"""What one person moves within this time and distance was moved at once, with one hand."""
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
    same_told: tuple[TrueItem, ...]
    """All true moves that are paired with that told one, this one among them."""
    track: str | None
    """Under which id the person was tracked; None where no track was near the head, or heads are not known."""
    person_known: bool
    """Whether the truth knows the person and where the head was."""


@dataclass(frozen=True, slots=True)
class ItemVerdict:
    """All true moves of one or several sessions, and what was told beyond them."""

    cases: tuple[ItemCase, ...]
    extra: tuple[ToldItem, ...]
    unjudged: tuple[TrueItem, ...] = ()
    """Moves that no camera could observe."""

    def of(self, kind: str) -> ItemVerdict:
        """The same for events of one kind."""
        cases = tuple(case for case in self.cases if case.true.kind == kind)
        extra = tuple(told for told in self.extra if told.kind == kind)
        return ItemVerdict(cases, extra, tuple(true for true in self.unjudged if true.kind == kind))


@dataclass(frozen=True, slots=True)
class ItemScore:
    """Goods taken, goods put, or both."""

    kind: str
    """``item_taken``, ``item_put`` or ``all``."""
    unjudged: int
    """Moves that no camera could observe; they are part of no other figure."""
    true: int
    told: int
    """Things told of."""
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
        if not true.observable:
            continue
        match = partner.get(number)
        item = None if match is None else told[match]
        known = true.person is not None and heads is not None and _stands(heads, true)
        cases.append(
            ItemCase(
                true=true,
                count=_moved_at_once(true, truth),
                told=item,
                same_told=tuple(truth[n] for n, k in partner.items() if k == match) if item is not None else (),
                track=_track_of(true, item, heads or {}, tracks or {}) if known else None,
                person_known=known,
            )
        )
    paired = set(partner.values())
    extra = tuple(item for number, item in enumerate(told) if number not in paired)
    return ItemVerdict(tuple(cases), extra, tuple(true for true in truth if not true.observable))


def together(verdicts: Iterable[ItemVerdict]) -> ItemVerdict:
    """Several sessions as one."""
    every = list(verdicts)
    return ItemVerdict(
        tuple(case for verdict in every for case in verdict.cases),
        tuple(told for verdict in every for told in verdict.extra),
        tuple(true for verdict in every for true in verdict.unjudged),
    )


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
    errors = [_distance_m(case.same_told, item) for case, item in found]
    volumes = [_volume_error(case.same_told, item.volume_l) for case, item in found if item.volume_l is not None]
    delays = [(i.t_end_us - c.true.gone_us) / US_PER_S for c, i in found if c.true.gone_us is not None]
    persons = [case.track is not None and item.person == case.track for case, item in found if case.person_known]
    return ItemScore(
        kind=kind,
        unjudged=len(verdict.unjudged),
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
    """Pairs of places in ``truth`` and ``told``."""
    columns = [number for number, item in enumerate(told) for _ in range(min(item.count or 1, len(truth)))]
    cost = np.full((len(truth), len(columns)), FAR)
    for t, true in enumerate(truth):
        for column, number in enumerate(columns):
            item = told[number]
            distance_m, apart_us = _distance_m((true,), item), abs(item.t_start_us - true.t_us)
            in_time = apart_us <= SLACK_US or item.t_start_us <= true.t_us <= item.t_end_us
            if item.kind == true.kind and in_time and distance_m <= REACH_M:
                # What is asked for comes first: what is not may take what is left over.
                cost[t, column] = distance_m / REACH_M + min(1.0, apart_us / SLACK_US) + 10.0 * (not true.observable)
    chosen = zip(*linear_sum_assignment(cost), strict=True)
    return [(int(t), columns[column]) for t, column in chosen if cost[t, column] < FAR]


def _distance_m(true: Sequence[TrueItem], told: ToldItem) -> float:
    """From the middle of true things to the told place."""
    middle = np.mean([(item.x_m, item.y_m, item.z_m) for item in true], axis=0)
    return float(np.linalg.norm(middle - (told.x_m, told.y_m, told.z_m)))


def _volume_error(true: Sequence[TrueItem], told_l: float) -> float:
    """As a share of what the true things take together."""
    true_l = sum(item.volume_l for item in true)
    return abs(told_l - true_l) / true_l


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
    return sum(
        (other.kind, other.shelf, other.person) == (true.kind, true.shelf, true.person)
        and abs(other.t_us - true.t_us) <= TOGETHER_US
        and math.dist((other.x_m, other.y_m, other.z_m), (true.x_m, true.y_m, true.z_m)) <= TOGETHER_M
        for other in truth
    )


def _recall(cases: Sequence[ItemCase]) -> float | None:
    return _share(sum(case.told is not None for case in cases), len(cases))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _mean(values: Sequence[bool]) -> float | None:
    return _share(sum(values), len(values))


def _percentile(values: Sequence[float], percent: float) -> float | None:
    return float(np.percentile(values, percent)) if values else None
