"""One thing that comes into view piece by piece is told once: the rest of it is known by its front that goes on."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.depth.shelf_split import is_whole
from edge.messages import ChangeKind

APART_M = (0.06, 0.03, 0.03)
"""Pieces of one thing lie no farther apart than this: out of the shelf, along it, and up."""
SPREAD = (2.0, 98.0)
TOGETHER_NS = 4_000_000_000
"""What lies above what was told is another thing on top of it, unless it went so shortly before or after."""
MOST_PIECES = 32

F64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Piece:
    """What was seen of a thing that came or went."""

    volume: int
    kind: ChangeKind
    before_ns: int
    after_ns: int
    points: F64
    """(n, 3) of the nearer surface, store frame, metres."""


class Pieces:
    """The things that one camera told lately."""

    def __init__(self) -> None:
        self._told: deque[Piece] = deque(maxlen=MOST_PIECES)

    def add(self, piece: Piece) -> None:
        """Remember what is told now."""
        self._told.append(piece)

    def is_rest(self, piece: Piece, axes: F64, pitch_m: float) -> bool:
        """Whether a piece belongs to something that is told already.

        Parameters
        ----------
        axes
            (3, 3) unit vectors as rows: out of the shelf, along it, up.
        pitch_m
            Distance between neighbouring points, metres.
        """
        return any(_one(told, piece, axes, pitch_m) for told in self._told)


def _one(told: Piece, piece: Piece, axes: F64, pitch_m: float) -> bool:
    """Whether two pieces may have come or gone at one time, lie together, and have one front."""
    if (told.volume, told.kind) != (piece.volume, piece.kind):
        return False
    if piece.before_ns >= told.after_ns or told.before_ns >= piece.after_ns:
        return False
    first, second = told.points @ axes.T, piece.points @ axes.T
    (low, high), (other_low, other_high) = np.percentile(first, SPREAD, axis=0), np.percentile(second, SPREAD, axis=0)
    apart_m = np.maximum(low - other_high, other_low - high)
    if (apart_m > APART_M).any():
        return False
    if apart_m[2] > apart_m[1] and abs(told.after_ns - piece.after_ns) > TOGETHER_NS:
        return False
    both = np.concatenate([first, second])
    return is_whole(both[:, 0], both[:, 1], pitch_m)
