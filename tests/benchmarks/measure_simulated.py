"""Tracking and counting in the simulated shop, whose truth is exact: ten seeds of each scenario."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory

from edge.replay.score import Score
from edge.simulator.simulation import simulate
from tests.benchmarks.measure import Measure, at_least, told
from tests.benchmarks.measure_real import judged

SEEDS = range(100, 110)
"""Seeds that no test uses."""
FLOORS = {"crossing": 0.985, "dense": 0.95, "family_cart": 0.95}
EXACT_COUNTS = 0.99


@dataclass(frozen=True, slots=True)
class Task:
    """One simulated session to judge."""

    scenario: str
    seed: int


def judge(task: Task) -> Score:
    """Simulate, replay, score."""
    with TemporaryDirectory(prefix="miseban-measure-") as folder:
        path = Path(folder) / "session"
        simulate(task.scenario, task.seed, path, compression=0)
        return judged(path)


def simulated_measures(seeds: Sequence[int] = SEEDS) -> Iterator[Measure]:
    """All scenarios with a floor, and the counts at their lines."""
    tasks = [Task(scenario, seed) for scenario in FLOORS for seed in seeds]
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        scores: dict[Task, Score] = {}
        for task, score in zip(tasks, pool.map(judge, tasks), strict=True):
            scores[task] = score
            print(f"  {task.scenario} {task.seed}: {_line(score)}", file=sys.stderr, flush=True)
    for scenario, floor in FLOORS.items():
        yield from _scenario_measures(scenario, floor, [s for t, s in scores.items() if t.scenario == scenario])
    counts = [line for score in scores.values() for line in score.lines]
    exact = sum(line.counted == line.true for line in counts)
    on = f"simulated, {len(seeds)} seeds each"
    yield at_least(on, f"counts exact, of {len(counts)} (line, direction)", EXACT_COUNTS, exact / len(counts))
    wrong = sum(abs(line.counted - line.true) for line in counts)
    yield told(on, "people counted wrongly, of all who crossed", f"{wrong} of {sum(line.true for line in counts)}")


def _line(score: Score) -> str:
    """One session in one line."""
    heads = score.heads[0]
    identity = heads.identity
    tracking = f"MOTA {identity.mota:.3f} IDF1 {identity.idf1:.3f}" if identity else "no identities"
    lines = " ".join(f"{line.line} {line.direction} {line.counted}/{line.true}" for line in score.lines)
    return f"{tracking}, {heads.missed} missed, {heads.made_up} made up; {lines}"


def _scenario_measures(scenario: str, floor: float, scores: Sequence[Score]) -> Iterator[Measure]:
    on = f"simulated {scenario}, {len(scores)} seeds"
    heads = [next(h for h in score.heads if h.truth == "heads") for score in scores]
    identity = [h.identity for h in heads if h.identity is not None]
    assert len(identity) == len(scores)
    for name in ("mota", "idf1"):
        values = [getattr(measures, name) for measures in identity]
        yield at_least(on, f"{name.upper()}, mean (worst {min(values):.3f})", floor, fmean(values), 4)
    yield told(on, "HOTA, mean; identity switches", f"{fmean(m.hota for m in identity):.3f}; "
               f"{sum(m.switches for m in identity)}")  # fmt: skip
    errors = [h.error_median_m for h in heads if h.error_median_m is not None]
    yield told(on, "F1, mean; median error, m", f"{fmean(h.f1 for h in heads):.4f}; {fmean(errors):.3f}")
