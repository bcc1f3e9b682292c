"""What the scene told of generated heads, judged by CLEAR MOT and identity measures."""

from __future__ import annotations

import math
import warnings
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import motmetrics
import numpy as np

from edge.messages import EventKind, SceneUpdate, Track
from tests.scene.sightings import drawn, run
from tests.scene.walkers import SCENARIOS, VIEW_M, Detector, Recorded, Scenario, detect

REACH_M = 0.25
LINE_END_M = 1.6
LINE = {"id": "door", "from": [-LINE_END_M, 0.0], "to": [LINE_END_M, 0.0], "in_direction": [0.0, 1.0]}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What CLEAR MOT (Bernardin 2008) and the identity measures (Ristani 2016) say."""

    mota: float
    idf1: float
    switches: int
    misses: int
    false: int
    truth: int


@dataclass(frozen=True, slots=True)
class Pooled:
    """Several verdicts as one: errors and truth added up, IDF1 as the mean."""

    mota: float
    idf1: float
    switches: int

    @classmethod
    def of(cls, verdicts: Sequence[Verdict]) -> Pooled:
        wrong = sum(v.misses + v.false + v.switches for v in verdicts)
        return cls(
            1.0 - wrong / sum(v.truth for v in verdicts),
            sum(v.idf1 for v in verdicts) / len(verdicts),
            sum(v.switches for v in verdicts),
        )


@dataclass(frozen=True, slots=True)
class Trial:
    """One scenario with one seed: the verdict, and passings of the line by the scene and in truth."""

    verdict: Verdict
    told_in: int
    told_out: int
    true_in: int
    true_out: int


def try_out(name: str, fps: float, seed: int, *, still_false: int = 1) -> Trial:
    """Generate, run and judge; ``still_false`` is the number of things that look a little like a head and stand."""
    rng = np.random.default_rng([seed, round(fps * 10)])
    scenario = SCENARIOS[name](rng)
    detector = Detector(fps=fps, jitter_m=rng.uniform(0.02, 0.06), still_false=still_false)
    recorded = detect(rng, scenario, detector)
    updates = run(recorded.observations, drawn(line=[LINE]))
    passings = true_passings(scenario, (-LINE_END_M, LINE_END_M), clear_m=0.2)
    return Trial(judge(recorded, updates), *counted(updates), *passings)


def judge(recorded: Recorded, updates: list[SceneUpdate]) -> Verdict:
    """Rows against the truth at each frame; what is hidden or at the border is not judged."""
    rows: dict[int, list[Track]] = defaultdict(list)
    for update in updates:
        for row in (*update.confirmed, *update.tracks):
            rows[row.t_ns].append(row)
    numbers: dict[str, int] = defaultdict(lambda: len(numbers))
    book = motmetrics.MOTAccumulator(auto_id=True)
    for observation, truth in zip(recorded.observations, recorded.truth, strict=True):
        told = rows[observation.t_ns]
        gap = np.array([[np.hypot(a.x_m - b.x_m, a.y_m - b.y_m) for b in told] for a in truth]).reshape(
            len(truth), len(told)
        )
        judged = [i for i, row in enumerate(truth) if not row.hidden and _inner(row.x_m, row.y_m)]
        near_other = [
            any(gap[i, j] < REACH_M for i in range(len(truth)) if i not in judged)
            and not any(gap[i, j] < REACH_M for i in judged)
            for j in range(len(told))
        ]
        found = [any(gap[i, j] < REACH_M for i in judged) for j in range(len(told))]
        counted = [j for j, row in enumerate(told) if found[j] or (not near_other[j] and _inner(row.x_m, row.y_m, 0.1))]
        part = gap[np.ix_(judged, counted)] if judged and counted else np.zeros((len(judged), len(counted)))
        book.update(
            [numbers[truth[i].name] for i in judged],
            [numbers[told[j].id] for j in counted],
            np.where(part < REACH_M, part, np.nan),
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        names = ["mota", "idf1", "num_switches", "num_misses", "num_false_positives", "num_objects"]
        result = motmetrics.metrics.create().compute(book, metrics=names).iloc[0]
    return Verdict(
        float(result["mota"]), float(result["idf1"]), *(int(result[name]) for name in names[2:])
    )  # fmt: skip


def _inner(x_m: float, y_m: float, more_m: float = 0.0) -> bool:
    return max(abs(x_m), abs(y_m)) < VIEW_M - 0.25 - more_m


def true_passings(scenario: Scenario, line: tuple[float, float], *, clear_m: float) -> tuple[int, int]:
    """People in view who passed y = 0 between two x, inward (toward +y) and outward.

    A passing counts once its walker is ``clear_m`` beyond, where the path met the line last.
    """
    inward = outward = 0
    for path in scenario.paths:
        side, met_x, last = 0, math.nan, None
        for x, y in zip(path.x_m, path.y_m, strict=True):
            if np.isnan(x) or max(abs(x), abs(y)) > VIEW_M:
                continue
            now = 1 if y > 0 else -1
            if last is not None and last != now:
                met_x = x
            last = now
            if side == 0:
                side = now
            elif now != side and abs(y) >= clear_m:
                side = now
                if line[0] <= met_x <= line[1]:
                    inward, outward = inward + (now > 0), outward + (now < 0)
    return inward, outward


def counted(updates: list[SceneUpdate]) -> tuple[int, int]:
    """Passings that the scene told."""
    told = [event.direction for update in updates for event in update.events if event.kind is EventKind.CROSS]
    return told.count("in"), told.count("out")
