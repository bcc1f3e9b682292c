"""Which heads have moved since they were first seen: people do, mannequins and displays do not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge.depth.heads import FoundHead

NEAR_M = 0.4
"""A head is the same one from frame to frame within this distance."""
MOVED_M = 0.15
"""Further than noise moves a head that stands still, less than people sway and shift in a few minutes."""
GONE_S = 3.0


@dataclass(slots=True)
class _Spot:
    first_x_m: float
    first_y_m: float
    x_m: float
    y_m: float
    seen_ns: int
    moved: bool


class Stillness:
    """Remembers where heads were first seen in one camera; identity is not needed here."""

    def __init__(self) -> None:
        self._spots: list[_Spot] = []

    def moved(self, heads: tuple[FoundHead, ...], t_ns: int) -> tuple[bool, ...]:
        """For each head, whether it (or who stood there a moment ago) has moved."""
        self._spots = [spot for spot in self._spots if t_ns - spot.seen_ns <= GONE_S * 1e9]
        return tuple(self._follow(found.head.x_m, found.head.y_m, t_ns) for found in heads)

    def _follow(self, x_m: float, y_m: float, t_ns: int) -> bool:
        near = [spot for spot in self._spots if np.hypot(spot.x_m - x_m, spot.y_m - y_m) <= NEAR_M]
        if not near:
            self._spots.append(_Spot(x_m, y_m, x_m, y_m, t_ns, moved=False))
            return False
        spot = min(near, key=lambda s: float(np.hypot(s.x_m - x_m, s.y_m - y_m)))
        spot.x_m, spot.y_m, spot.seen_ns = x_m, y_m, t_ns
        spot.moved = spot.moved or float(np.hypot(x_m - spot.first_x_m, y_m - spot.first_y_m)) > MOVED_M
        return spot.moved
