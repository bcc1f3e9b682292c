"""Heads against the truth, moment by moment: which were found, missed, made up, and which do not count.

The order at each moment: true heads that count and predictions are paired (as many as possible, then as near as
possible); predictions that are left over and lie on a head that is not judged are set aside; whatever is unpaired and
near the border of the picture is set aside.  What remains is counted, and handed to TrackEval for the identity
measures: CLEAR MOT (Bernardin and Stiefelhagen 2008), IDF1 (Ristani et al. 2016), HOTA (Luiten et al. 2021).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from edge.errors import SessionError

Array = NDArray[np.float64]

REACH_M = 0.25
"""A prediction counts within this distance."""
BORDER_SHARE = 0.06
"""Nothing unmatched within this share of the image's width from its border is judged."""
FAR = 1e6


@dataclass(frozen=True, slots=True)
class Moment:
    """True heads and predictions of one instant.

    ``distance_m`` is (truths, predictions).  ``counts`` says which truths are judged even when missed; ``inside`` which
    truths and predictions lie away from the border.
    """

    truth_ids: tuple[str, ...]
    predicted_ids: tuple[str, ...]
    distance_m: Array
    counts: NDArray[np.bool_]
    truth_inside: NDArray[np.bool_]
    predicted_inside: NDArray[np.bool_]


@dataclass(slots=True)
class Verdict:
    """All moments together."""

    moments: int = 0
    found: int = 0
    missed: int = 0
    made_up: int = 0
    errors_m: list[float] = field(default_factory=list)
    ids_of: dict[str, set[str]] = field(default_factory=dict)
    """Predicted ids that each true person was seen under."""
    matched_ids: set[str] = field(default_factory=set)
    most_at_once: int = 0
    made_up_when_empty: int = 0
    empty_moments: int = 0
    _sequence: list[_JudgedMoment] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """Share of the judged predictions that were heads."""
        return self.found / max(1, self.found + self.made_up)

    @property
    def recall(self) -> float:
        """Share of the judged heads that were found."""
        return self.found / max(1, self.found + self.missed)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.found / max(1, 2 * self.found + self.made_up + self.missed)

    def error_m(self, percentile: float) -> float | None:
        """Position error of the heads that were found, metres."""
        return float(np.percentile(self.errors_m, percentile)) if self.errors_m else None

    def add(self, moment: Moment) -> None:
        """Judge one moment."""
        pairs = _pairs(moment.distance_m, moment.counts)
        truth_matched, predicted_matched = {t for t, _ in pairs}, {p for _, p in pairs}
        rest = np.array([p not in predicted_matched for p in range(len(moment.predicted_ids))], dtype=np.bool_)
        on_unjudged = {p for _, p in _pairs(np.where(rest[None, :], moment.distance_m, FAR), ~moment.counts)}
        kept_truths = [
            t
            for t in range(len(moment.truth_ids))
            if t in truth_matched or (moment.counts[t] and moment.truth_inside[t])
        ]
        kept_predictions = [
            p
            for p in range(len(moment.predicted_ids))
            if p in predicted_matched or (p not in on_unjudged and moment.predicted_inside[p])
        ]
        self._count(moment, pairs, kept_truths, kept_predictions)

    def _count(self, moment: Moment, pairs: list[tuple[int, int]], truths: list[int], predictions: list[int]) -> None:
        made_up = len(predictions) - len(pairs)
        self.moments += 1
        self.found += len(pairs)
        self.missed += len(truths) - len(pairs)
        self.made_up += made_up
        self.most_at_once = max(self.most_at_once, len(truths))
        if not moment.truth_ids:
            self.empty_moments += 1
            self.made_up_when_empty += made_up
        for t, p in pairs:
            self.errors_m.append(float(moment.distance_m[t, p]))
            self.ids_of.setdefault(moment.truth_ids[t], set()).add(moment.predicted_ids[p])
            self.matched_ids.add(moment.predicted_ids[p])
        self._sequence.append(
            _JudgedMoment(
                tuple(moment.truth_ids[t] for t in truths),
                tuple(moment.predicted_ids[p] for p in predictions),
                np.maximum(0.0, 1.0 - moment.distance_m[np.ix_(truths, predictions)] / (2 * REACH_M)),
            )
        )

    def identity(self) -> IdentityMeasures:
        """The measures that need to know who is who.

        Raises
        ------
        SessionError
            If TrackEval is not installed.
        """
        return _trackeval(self._sequence)


@dataclass(frozen=True, slots=True)
class _JudgedMoment:
    """What is judged of one moment; similarity is 1 at distance 0, 0.5 at ``REACH_M``, 0 at twice that."""

    truth_ids: tuple[str, ...]
    predicted_ids: tuple[str, ...]
    similarity: Array


@dataclass(frozen=True, slots=True)
class IdentityMeasures:
    """How well identities were kept."""

    mota: float
    idf1: float
    hota: float
    switches: int
    fragments: int


def _pairs(distance_m: Array, rows: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The most pairs within reach among the chosen rows, and of those the nearest."""
    allowed = np.where(rows[:, None] & (distance_m <= REACH_M), distance_m, FAR)
    return [(int(t), int(p)) for t, p in zip(*linear_sum_assignment(allowed), strict=True) if allowed[t, p] < FAR]


def _trackeval(sequence: Sequence[_JudgedMoment]) -> IdentityMeasures:
    try:
        from trackeval.metrics import CLEAR, HOTA, Identity
    except ImportError:
        remedy = 'Install it: pip install "miseban[score]".'
        raise SessionError("score", "needs the library TrackEval", remedy) from None
    truth_index = {i: n for n, i in enumerate(sorted({i for moment in sequence for i in moment.truth_ids}))}
    predicted_index = {i: n for n, i in enumerate(sorted({i for moment in sequence for i in moment.predicted_ids}))}
    data = {
        "num_timesteps": len(sequence),
        "num_gt_ids": len(truth_index),
        "num_tracker_ids": len(predicted_index),
        "num_gt_dets": sum(len(moment.truth_ids) for moment in sequence),
        "num_tracker_dets": sum(len(moment.predicted_ids) for moment in sequence),
        "gt_ids": [np.array([truth_index[i] for i in moment.truth_ids], dtype=int) for moment in sequence],
        "tracker_ids": [np.array([predicted_index[i] for i in m.predicted_ids], dtype=int) for m in sequence],
        "similarity_scores": [moment.similarity for moment in sequence],
    }
    quiet = {"PRINT_CONFIG": False}
    clear = CLEAR(quiet).eval_sequence(data)
    return IdentityMeasures(
        mota=float(clear["MOTA"]),
        idf1=float(Identity(quiet).eval_sequence(data)["IDF1"]),
        hota=float(np.mean(HOTA().eval_sequence(data)["HOTA"])),
        switches=int(clear["IDSW"]),
        fragments=int(clear["Frag"]),
    )
