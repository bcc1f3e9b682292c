"""How well people are followed through thousands of encounters with an eye that errs, as floors that only rise."""

import numpy as np
import pytest

from tests.scene.judging import Pooled, Trial, judge, try_out
from tests.scene.sightings import drawn, run
from tests.scene.walkers import SCENARIOS, Detector, detect

SEEDS = range(3)

# Measured with these seeds and rates, less a little for what another machine rounds otherwise.  Where a change makes
# the tracker better the floor is raised with it; it is never lowered.  (MOTA, IDF1)
FLOORS = {"crossings": (0.992, 0.965), "dense": (0.993, 0.975), "families": (0.983, 0.975), "doorway": (0.993, 0.915)}
FLOORS_BESIDE_A_FALSE_HEAD = {
    "crossings": (0.993, 0.99), "dense": (0.988, 0.975), "families": (0.975, 0.975), "doorway": (0.993, 0.92),
}  # fmt: skip
MOST_MISCOUNTED = {"crossings": 4, "dense": 15, "families": 5, "doorway": 1}


def trials(name: str, *rates_fps: float, still_false: int) -> list[Trial]:
    return [try_out(name, fps, seed, still_false=still_false) for fps in rates_fps for seed in SEEDS]


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_people_are_followed_and_counted_no_worse_than_before(name: str):
    tried = trials(name, 4.5, 15.0, still_false=0)
    pooled = Pooled.of([trial.verdict for trial in tried])
    miscounted = sum(abs(t.told_in - t.true_in) + abs(t.told_out - t.true_out) for t in tried)
    mota, idf1 = FLOORS[name]
    assert pooled.mota >= mota, pooled
    assert pooled.idf1 >= idf1, pooled
    assert miscounted <= MOST_MISCOUNTED[name]


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_nor_where_something_looks_a_little_like_a_head(name: str):
    pooled = Pooled.of([trial.verdict for trial in trials(name, 15.0, still_false=1)])
    mota, idf1 = FLOORS_BESIDE_A_FALSE_HEAD[name]
    assert pooled.mota >= mota, pooled
    assert pooled.idf1 >= idf1, pooled


def test_the_judge_finds_what_is_wrong():
    rng = np.random.default_rng(0)
    recorded = detect(rng, SCENARIOS["crossings"](rng), Detector(still_false=0))
    updates = run(recorded.observations, drawn())
    good = judge(recorded, updates)
    half = judge(recorded, updates[: len(updates) // 2])
    assert half.misses > good.misses + good.truth // 4
    assert half.mota < good.mota - 0.25
    assert judge(recorded, []).mota == 0.0
