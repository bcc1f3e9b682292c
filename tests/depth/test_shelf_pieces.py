"""The rest of a thing that is told already is no second thing; what stands beside it or on it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from edge.depth.shelf_pieces import Piece, Pieces
from edge.messages import ChangeKind

AXES = np.eye(3)
PITCH_M = 0.006
S = 1_000_000_000


def piece(
    along: tuple[float, float], up: tuple[float, float] = (0.0, 0.2), *, out_m: float = 0.1,
    before_s: float = 2.0, after_s: float = 9.0, seed: int = 0,
) -> Piece:  # fmt: skip
    """What was seen of a flat front."""
    random = np.random.default_rng(seed)
    y, z = (a.ravel() for a in np.meshgrid(np.arange(*along, PITCH_M), np.arange(*up, PITCH_M)))
    points = np.stack([out_m + 0.002 * random.standard_normal(y.size), y, z], axis=1)
    return Piece(0, ChangeKind.RECEDED, round(before_s * S), round(after_s * S), points)


def is_rest(second: Piece, first: Piece | None = None) -> bool:
    told = Pieces()
    told.add(piece((0.0, 0.12)) if first is None else first)
    return told.is_rest(second, AXES, PITCH_M)


def test_the_other_half_of_a_front_is_the_rest_of_it() -> None:
    assert is_rest(piece((0.12, 0.24), after_s=20.0))
    assert is_rest(piece((0.0, 0.12), (0.2, 0.3), after_s=9.4))


@pytest.mark.parametrize(
    "other",
    [
        piece((0.2, 0.3)),
        piece((0.12, 0.24), out_m=0.3),
        piece((0.12, 0.24), before_s=9.0, after_s=15.0),
        replace(piece((0.12, 0.24)), kind=ChangeKind.ADVANCED),
        replace(piece((0.12, 0.24)), volume=1),
    ],
    ids=["apart", "behind", "later", "the other kind", "another shelf"],
)
def test_what_is_elsewhere_or_at_another_time_is_another_thing(other: Piece) -> None:
    assert not is_rest(other)


def test_neighbours_with_a_gap_between_them_are_two_though_they_were_hidden_together() -> None:
    assert not is_rest(piece((0.14, 0.26), after_s=20.0))


def test_what_stood_on_top_and_went_long_before_is_another_thing() -> None:
    assert not is_rest(piece((0.0, 0.12), (0.2, 0.4), after_s=20.0))


def test_only_what_was_told_lately_is_remembered() -> None:
    told = Pieces()
    told.add(piece((0.0, 0.12)))
    for k in range(40):
        told.add(piece((1.0 + k, 1.1 + k)))
    assert not told.is_rest(piece((0.12, 0.24)), AXES, PITCH_M)
