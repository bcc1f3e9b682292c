"""The tracker over many seeds, frame rates and scenarios: ``python -m tests.scene.bench_tracker [seeds]``."""

from __future__ import annotations

import sys

import numpy as np

from tests.scene.judging import Trial, try_out
from tests.scene.walkers import SCENARIOS

RATES_FPS = (4.5, 10.0, 15.0, 30.0)


def summary(trials: list[Trial]) -> str:
    """Means, worst cases and totals of some trials, on one line."""
    verdicts = [trial.verdict for trial in trials]
    mota, idf1 = [v.mota for v in verdicts], [v.idf1 for v in verdicts]
    wrong = sum((t.told_in != t.true_in) + (t.told_out != t.true_out) for t in trials)
    return (
        f"MOTA {np.mean(mota):.4f} (worst {min(mota):.3f})  IDF1 {np.mean(idf1):.4f} (worst {min(idf1):.3f})"
        f"  switches {sum(v.switches for v in verdicts)}"
        f"  FN {sum(v.misses for v in verdicts)} FP {sum(v.false for v in verdicts)}"
        f" of {sum(v.truth for v in verdicts)}"
        f"  counts wrong {wrong} of {2 * len(trials)} ({sum(t.true_in + t.true_out for t in trials)} passings)\n"
    )


def main(seeds: int) -> None:
    """Write one line for each scenario and frame rate."""
    for name in SCENARIOS:
        for fps in RATES_FPS:
            trials = [try_out(name, fps, seed) for seed in range(seeds)]
            sys.stdout.write(f"{name:10} {fps:4} fps  {summary(trials)}")
            sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
