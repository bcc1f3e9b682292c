"""Heads among the hills of the height map, by shape: a top, a round patch the size of a head, shoulders below it.

What is compared with what people measure: a head is 14 to 16 cm wide and 18 to 20 cm long (NASA-STD-3000, 5th to 95th
percentile), hair and hats make it up to 40 cm; shoulders lie 22 to 38 cm below its top.  A hand, a stick or a bag held
up is thinner; a trolley, a table or a shelf board is flat and wide; a shoulder, a backpack or a bent back does not
stand out from the head beside it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from edge.depth import relief
from edge.depth.optics import Ground, View
from edge.messages import Head

CROWN_M = 0.08
"""The crown of a hill, whose middle is the head's place."""
CAP_M = 0.12
"""The cap of a hill: what lies within this of its top."""
PROMINENCE_M = 0.09
"""Tops that stand out less than this from a higher neighbour belong to it."""
BIN_M = 0.01
TOP_M2 = 0.0025
"""The top of a hill is where this much of it is reached: a few stray points do not lift it."""
SUMMIT_M2 = 0.009
"""The mean of the highest part of this size is near a head's true top."""

THIN_CAP_M2, HEAD_CAP_M2 = 0.006, 0.014
"""Caps from a raised hand to a head half hidden."""
WIDE_CAP_M2, VAST_CAP_M2 = 0.13, 0.22
"""Caps from a bent back or a wide hat to a trolley or a table."""
WIDE_LEVEL_M2, VAST_LEVEL_M2 = 0.09, 0.15
"""The same for what is level with the top within :data:`relief.BAND_M`."""
THIN_M, HEAD_M = 0.05, 0.09
"""Widths of caps across, from a stick or an arm to a head seen from the side."""
LONG_M, VAST_M = 0.42, 0.65
"""Lengths of caps, from a head in a wide hat to the rim of a basket."""
SLENDER, ROUND = 0.22, 0.42
"""Width over length of caps."""
LOOSE, SOLID = 0.36, 0.56
"""Share of the cap's ellipse that is filled, from a wire basket or a few stray fingers to a head."""
RING_M = (0.17, 0.30)
LEVEL_M = (0.06, 0.07)
"""What lies in this ring about a top, and so little above or below it, is level with it."""
ENDS, GOES_ON = 0.14, 0.40
"""Share of the directions in which a head does not end, but a rim, a board or a back does go on."""
SHOULDER_M2 = 0.03
"""So much of a body below the cap is shoulders enough."""
NO_BODY = 0.45
"""Confidence left to a cap with nothing below it: a head behind somebody else, or a hand, a ball, a box."""
FEW_POINTS, ENOUGH_POINTS = 4, 16
APART_M = 0.22
"""Two heads cannot be nearer than this to each other."""
BESIDE_M = (0.28, 0.46)
"""So near to a higher head there are shoulders, rucksacks and arms; from the second distance on, somebody else."""
BELOW_M = (0.08, 0.70)
"""And so far below its top."""
OWN_BODY = 0.25
"""Confidence left to what may be part of the body beside it."""
LEAST_CONFIDENCE = 0.2
POSITION_SIGMA_M = 0.035
HIDDEN_SIGMA_M = 0.06
BORDER_M = 0.22
"""A head this close to the edge of the picture may be cut by it."""
ALONE_CONFIDENCE = 0.8
ALONE_HEIGHT_M = (1.4, 2.0)
ALONE_AREA_M2 = 0.5
ALONE_PROMINENCE_M = 0.3


@dataclass(frozen=True, slots=True)
class Hill:
    """One top of the height map and the shape below it.

    Areas are seen from above, m².  ``saddle_m`` is the height of the pass to a higher neighbour, 0 where there is none.
    ``level_ring`` is the share of the directions around it in which something level with it goes on.
    """

    label: int
    x_m: float
    y_m: float
    top_m: float
    summit_m: float
    cap_m2: float
    level_m2: float
    body_m2: float
    length_m: float
    width_m: float
    points: int
    saddle_m: float
    area_m2: float
    level_ring: float


class HeightMap:
    """The fine height map of one camera's foreground, and its hills."""

    def __init__(self, ground: Ground, cell_m: float) -> None:
        shape = (int(np.ceil(ground.depth_m / cell_m)), int(np.ceil(ground.width_m / cell_m)))
        self.cell_m = cell_m
        self._area_m2 = cell_m**2
        self._top_cells = max(2, round(TOP_M2 / self._area_m2))
        self._summit_cells = max(3, round(SUMMIT_M2 / self._area_m2))
        self.origin = np.array([ground.x_m, ground.y_m], np.float32)
        self.top_m = np.zeros(shape, np.float32)
        self.weight = np.zeros(shape, np.int32)
        self.touched = np.zeros(shape[0] * shape[1] + 1, np.int32)
        self.label = np.zeros(shape, np.int32)
        self._height = np.zeros(shape, np.float32)
        self._kept = np.zeros(shape[0] * shape[1] + 1, np.int32)
        self._order = np.zeros(shape[0] * shape[1] + 1, np.int32)
        self._bins = np.zeros(int(3.0 / BIN_M), np.int32)
        self._parent = np.zeros(4096, np.int32)
        self._peak = np.zeros(4096, np.float32)
        self._table = np.zeros((4096, relief.COLUMNS), np.float32)
        self.cells = 0

    def hills(self, lowest_m: float) -> tuple[Hill, ...]:
        """Cut what has been raised (``cells`` entries of ``touched``) into hills.

        Those below ``lowest_m``, or too thin or sparse to be a head, are left out.
        """
        kept = relief.smooth(self.top_m, self.touched, self.cells, self._height, self._kept)
        relief.descending(self._height, self._kept, kept, BIN_M, self._bins, self._order)
        labels = relief.flood(
            self._height, self._order, kept, PROMINENCE_M, self.label, self._parent, self._peak, self._table
        )
        thin = round(THIN_CAP_M2 / self._area_m2)
        relief.find_tops(
            self._height, self._order, kept, thin, self._top_cells, self._summit_cells,
            self.label, self._parent, self._peak, labels, self._table,
        )  # fmt: skip
        relief.survey(
            self._height, self.weight, self._order, kept, CROWN_M, CAP_M, self.label, self._parent, labels, self._table
        )
        table = self._table[1 : labels + 1]
        alive = (
            (self._parent[1 : labels + 1] == np.arange(1, labels + 1))
            & (table[:, relief.TOP] >= lowest_m)
            & (table[:, relief.CAP_CELLS] > THIN_CAP_M2 / self._area_m2)
            & (table[:, relief.POINTS] > FEW_POINTS)
        )
        return tuple(self._hill(int(i) + 1, table[i].tolist()) for i in np.flatnonzero(alive))

    def clear(self) -> None:
        """Make ready for the next frame."""
        relief.clear(self.touched, self.cells, self.top_m, self.weight, self._height, self.label)
        self.cells = 0

    def _hill(self, label: int, row: list[float]) -> Hill:
        cell_m, area_m2 = self.cell_m, self._area_m2
        bands, gx, gy = row[relief.BAND0 :], row[relief.X], row[relief.Y]
        half = (row[relief.SXX] + row[relief.SYY]) / 2
        apart = math.hypot((row[relief.SXX] - row[relief.SYY]) / 2, row[relief.SXY])
        ring = relief.level_ring(
            self.top_m, gx, gy, row[relief.TOP], RING_M[0] / cell_m, RING_M[1] / cell_m, LEVEL_M[0], LEVEL_M[1]
        )
        return Hill(
            label=label,
            x_m=float(self.origin[0]) + (gx + 0.5) * cell_m,
            y_m=float(self.origin[1]) + (gy + 0.5) * cell_m,
            top_m=row[relief.TOP],
            summit_m=row[relief.SUMMIT],
            cap_m2=row[relief.CAP_CELLS] * area_m2,
            level_m2=bands[0] * area_m2,
            body_m2=sum(bands[3:10]) * area_m2,
            # An ellipse of even density has a variance of (half axis / 2)² along each axis; 1/12 is the cell's own.
            length_m=4 * cell_m * math.sqrt(max(half + apart, 0.0) + 1 / 12),
            width_m=4 * cell_m * math.sqrt(max(half - apart, 0.0) + 1 / 12),
            points=int(row[relief.POINTS]),
            saddle_m=row[relief.SADDLE],
            area_m2=row[relief.CELLS] * area_m2,
            level_ring=ring,
        )


def likeness(hill: Hill, lowest_m: float, highest_m: float) -> float:
    """How much a hill looks like a head on shoulders, 0 to 1: the product of what each measure says."""
    return (
        _rise(hill.cap_m2, THIN_CAP_M2, HEAD_CAP_M2)
        * _fall(hill.cap_m2, WIDE_CAP_M2, VAST_CAP_M2)
        * _fall(hill.level_m2, WIDE_LEVEL_M2, VAST_LEVEL_M2)
        * _rise(hill.width_m, THIN_M, HEAD_M)
        * _fall(hill.length_m, LONG_M, VAST_M)
        * _rise(hill.width_m / hill.length_m, SLENDER, ROUND)
        * _rise(hill.cap_m2 / (math.pi / 4 * hill.length_m * hill.width_m), LOOSE, SOLID)
        * _fall(hill.level_ring, ENDS, GOES_ON)
        * (NO_BODY + (1 - NO_BODY) * _rise(hill.body_m2, 0.0, SHOULDER_M2))
        * _rise(float(hill.points), FEW_POINTS, ENOUGH_POINTS)
        * _rise(hill.top_m, lowest_m - 0.05, lowest_m + 0.05)
        * _fall(hill.top_m, highest_m, highest_m + 0.15)
    )


def _apart_from_others(score: float, hill: Hill, scored: list[tuple[float, Hill]]) -> float:
    """1 for a hill that stands by itself, less for one that may be part of the body under a better head.

    Shoulders and rucksacks are lower than the head. A raised hand is higher, but clearly less like a head.
    """
    left = 1.0
    for other_score, other in scored:
        lower_m = other.top_m - hill.top_m
        part = (other_score >= score - 0.2 and BELOW_M[0] < lower_m < BELOW_M[1]) or (
            other_score >= score + 0.1 and -BELOW_M[1] < lower_m < 0.0
        )
        if part:
            distance_m = math.hypot(hill.x_m - other.x_m, hill.y_m - other.y_m)
            left = min(left, OWN_BODY + (1 - OWN_BODY) * _rise(distance_m, *BESIDE_M))
    return left


@dataclass(frozen=True, slots=True)
class FoundHead:
    """A head and the hill that it is."""

    head: Head
    hill: Hill


def find_heads(hills: tuple[Hill, ...], view: View, lowest_m: float, highest_m: float) -> tuple[FoundHead, ...]:
    """Heads among hills, best first; of two that are too close, the better one."""
    scored = [(likeness(hill, lowest_m, highest_m), hill) for hill in hills]
    scored = [(score * _apart_from_others(score, hill, scored), hill) for score, hill in scored]
    scored.sort(key=lambda pair: (-pair[0], -pair[1].top_m, pair[1].label))
    kept: list[tuple[float, Hill]] = []
    for score, hill in scored:
        if score < LEAST_CONFIDENCE:
            break
        if all(math.hypot(hill.x_m - other.x_m, hill.y_m - other.y_m) >= APART_M for _, other in kept):
            kept.append((score, hill))
    return tuple(FoundHead(_head(score, hill, view), hill) for score, hill in kept)


def stands_alone(found: FoundHead) -> bool:
    """Whether a head seen before anything is known of the background is surely an adult on his own feet.

    Furniture has tops like heads too; but hardly any that is as high as an adult, stands out all round and ends at the
    width of a body.  Everybody else shows by moving that he is not furniture.
    """
    hill = found.hill
    return (
        found.head.confidence >= ALONE_CONFIDENCE
        and ALONE_HEIGHT_M[0] <= hill.top_m <= ALONE_HEIGHT_M[1]
        and hill.area_m2 <= ALONE_AREA_M2
        and hill.top_m - hill.saddle_m >= ALONE_PROMINENCE_M
    )


def _head(score: float, hill: Hill, view: View) -> Head:
    inside = view.holds(hill.x_m, hill.y_m, hill.summit_m, BORDER_M)
    sigma = HIDDEN_SIGMA_M - (HIDDEN_SIGMA_M - POSITION_SIGMA_M) * score
    return Head(hill.x_m, hill.y_m, hill.summit_m, sigma, score, not inside)


def _rise(value: float, low: float, high: float) -> float:
    """0 up to ``low``, 1 from ``high``, linear between."""
    return min(max((value - low) / (high - low), 0.0), 1.0)


def _fall(value: float, low: float, high: float) -> float:
    return 1.0 - _rise(value, low, high)
