"""Hands and changes as an exact eye would tell them, added to what it tells of walkers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from edge.messages import ChangeKind, DepthObservation, DepthPair, Hand, SurfaceChange
from tests.scene.sightings import at

SHELF = {
    "id": "A",
    "min": [-2.5, 2.0, 0.2],
    "max": [2.5, 2.4, 1.8],
    "facing": [0.0, -1.0],
    "levels": [0.2, 0.8, 1.4],
}
"""Along the north side of the view; who stands at y = 1.5 reaches it."""
SHELF_KEY = "shelf/A"
INSIDE_Y_M = 2.15
RECEDED, ADVANCED = ChangeKind.RECEDED, ChangeKind.ADVANCED


def picture(name: str) -> DepthPair:
    patch = np.full((4, 6), 900, np.uint16)
    return DepthPair(name, patch, patch + np.uint16(80))


class Film:
    """What one camera tells, to which a test adds hands and changes at times in seconds since the start."""

    def __init__(self, looks: Sequence[DepthObservation]) -> None:
        self.looks = list(looks)
        self._pictures = 0

    def hand(
        self, t_s: float, x_m: float, *, of: float | None, y_m: float = INSIDE_Y_M, z_m: float = 1.0,
        confidence: float = 0.9, volume: str = SHELF_KEY,
    ) -> Film:  # fmt: skip
        """A hand, connected to the head that is nearest to ``x = of``, or to none."""
        k = self._nearest(t_s)
        heads = self.looks[k].heads
        index = None if of is None else min(range(len(heads)), key=lambda j: abs(heads[j].x_m - of))
        hand = Hand(volume, x_m, y_m, z_m, index, confidence)
        self.looks[k] = replace(self.looks[k], hands=(*self.looks[k].hands, hand))
        return self

    def change(
        self, kind: ChangeKind, t_s: float, x_m: float, litres: float = 0.5, *, before_s: float | None = None,
        after_s: float | None = None, told_s: float | None = None, y_m: float = INSIDE_Y_M, z_m: float = 1.0,
        count: int | None = None, confidence: float = 0.9, volume: str = SHELF_KEY,
    ) -> Film:  # fmt: skip
        """A change at ``t_s``, hidden from 0.3 s before to 0.4 s after it and told 0.6 s later, unless said."""
        k = self._nearest(t_s + 1.0 if told_s is None else told_s)
        self._pictures += 1
        change = SurfaceChange(
            volume,
            kind,
            at(t_s - 0.3 if before_s is None else before_s),
            at(t_s + 0.4 if after_s is None else after_s),
            x_m,
            y_m,
            z_m,
            (0.1, 0.1, 0.15),
            litres,
            count,
            confidence,
            picture(f"pic{self._pictures}"),
        )
        self.looks[k] = replace(self.looks[k], changes=(*self.looks[k].changes, change))
        return self

    def take(self, t_s: float, x_m: float, litres: float = 0.5, *, of: float | None = None, **told: object) -> Film:
        """A hand at the place, and what it took is gone."""
        return self.hand(t_s, x_m, of=of).change(RECEDED, t_s, x_m, litres, **told)

    def put(self, t_s: float, x_m: float, litres: float = 0.5, *, of: float | None = None, **told: object) -> Film:
        """A hand at the place, and what it put is there."""
        return self.hand(t_s, x_m, of=of).change(ADVANCED, t_s, x_m, litres, **told)

    def _nearest(self, t_s: float) -> int:
        return min(range(len(self.looks)), key=lambda k: abs(self.looks[k].t_ns - at(t_s)))
