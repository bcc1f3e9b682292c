"""From the windows of some minutes to what a machine normally sounds like.

What is usual is taken from windows that were held out: those that a judge was made from always look well to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d

from edge.audio.machine_features import Floats, WindowFeatures
from edge.audio.machine_model import MOST_COMPONENTS, Lines, MachineModel, Spread
from edge.audio.machine_windows import WINDOW_BLOCKS, Window

COMPONENT_SHARE = 0.05
"""A component is kept for at least this share of the variance: what is less may as well be chance."""
EVEN = 0.3
"""No number counts as much steadier than this part of the median one: in a short time, some seem steady by chance."""
USUAL = 0.95
"""What lies beyond this part of the learnt windows is seldom."""
SPREAD_SLACK = 0.4
"""Seldom is at least this part beyond the usual distance, however alike the learnt windows were."""
LINES_SLACK_DB = 3.0
"""The same for lines: one that never varied while it was learnt may still vary by a just audible step or two."""
LOW_NEAR, LOW_AROUND = 1, 40
"""A hum is compared with what was learnt within 2 Hz, and with what was learnt within 80 Hz, half each: a line at a new
place is worse where there were none than where lines come and go."""
HIGH_NEAR, HIGH_AROUND = 1, 8
"""31 Hz and 250 Hz for whines."""
FOLDS = 5
"""The learnt time is held out in so many parts, one after the other."""

AnyJudge = TypeVar("AnyJudge", Spread, Lines)
Fold = tuple[NDArray[np.bool_], slice]
"""Which windows to learn from, and which to judge."""


def fit_machine(name: str, learnt_s: float, windows: Sequence[Window]) -> MachineModel:
    """The model of a machine.

    Parameters
    ----------
    windows
        In the order of time, a few dozen at least.
    """
    table = WindowFeatures(*(np.stack(rows) for rows in zip(*(window.features for window in windows), strict=True)))
    folds = list(_held_out(np.array([window.first_block for window in windows])))
    return MachineModel(
        name=name,
        learnt_s=learnt_s,
        tone=_spread(table.tone, folds),
        beat=_spread(table.beat, folds),
        low=_lines(table.low, folds, LOW_NEAR, LOW_AROUND),
        high=_lines(table.high, folds, HIGH_NEAR, HIGH_AROUND),
        drift=WindowFeatures(*(np.zeros(rows.shape[1], np.float32) for rows in table)),
    )


def _spread(rows: Floats, folds: Sequence[Fold]) -> Spread:
    """A centre, its components, and a rest that is as wide as held-out windows show it."""
    whole = _narrow_spread(rows)
    parts = [(_narrow_spread(rows[kept]), rows[held]) for kept, held in folds]
    told = [(part, *part.split(row)) for part, held in parts for row in held]
    rest = _even(np.sqrt(np.mean([left**2 for _, _, left in told], axis=0)))
    # Components of few windows are too narrow for others.  Each part has its own, so all are widened alike.
    along = [float(np.mean(along**2 / part.variances)) for part, along, _ in told if along.size]
    wider = max(1.0, float(np.mean(along))) if along else 1.0

    def widened(part: Spread) -> Spread:
        return replace(part, rest=rest, variances=part.variances * np.float32(wider))

    usual, seldom = _usual([(widened(part), held) for part, held in parts])
    return replace(widened(whole), usual=usual, seldom=seldom + SPREAD_SLACK * usual)


def _narrow_spread(rows: Floats) -> Spread:
    """The spread of these very rows, without a rest."""
    centre = rows.mean(axis=0)
    scale = _even(rows.std(axis=0))
    _, singular, axes = np.linalg.svd((rows - centre) / scale, full_matrices=False)
    variances = singular**2 / len(rows)
    kept = min(MOST_COMPONENTS, int(np.sum(variances > COMPONENT_SHARE * variances.sum())))
    ones = np.ones_like(centre)
    return Spread(centre, scale, axes[:kept].astype(np.float32), variances[:kept].astype(np.float32), ones, 0.0, 1.0)


def _even(spread: Floats) -> Floats:
    """Standard deviations of which none is very small beside the others, nor zero."""
    usual = max(float(np.median(spread)), 1e-3)
    return np.hypot(spread, EVEN * usual).astype(np.float32)


def _lines(rows: Floats, folds: Sequence[Fold], near: int, around: int) -> Lines:
    """How far lines stood above their neighbours, widened to where they may move."""

    def allowed(learnt: Floats) -> Lines:
        often = np.maximum(np.quantile(learnt, USUAL, axis=0), 0.0)
        both = [maximum_filter1d(often, 2 * reach + 1, mode="nearest") for reach in (near, around)]
        return Lines(np.mean(both, axis=0).astype(np.float32), 0.0, 1.0)

    usual, seldom = _usual([(allowed(rows[kept]), rows[held]) for kept, held in folds])
    return replace(allowed(rows), usual=usual, seldom=seldom + LINES_SLACK_DB)


def _usual(parts: Sequence[tuple[AnyJudge, Floats]]) -> tuple[float, float]:
    """The usual and the seldom distance of windows from what was learnt without them."""
    distances = [part.distance(row, np.zeros_like(row)) for part, held in parts for row in held]
    usual, seldom = np.quantile(distances, (0.5, USUAL))
    return float(usual), float(seldom)


def _held_out(first_blocks: NDArray[np.intp]) -> Iterator[Fold]:
    """The learnt time in parts, each held out from all windows that share no sound with it."""
    edges = np.linspace(0, len(first_blocks), FOLDS + 1).astype(int)
    for start, stop in pairwise(edges.tolist()):
        before = first_blocks <= first_blocks[start] - WINDOW_BLOCKS
        after = first_blocks >= first_blocks[stop - 1] + WINDOW_BLOCKS
        yield before | after, slice(start, stop)
