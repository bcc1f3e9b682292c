"""Things that stand side by side are parted, one thing is not: whatever the noise."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from edge.depth.shelf_split import is_sliver, split
from edge.messages import ChangeKind
from edge.simulator.solids import join
from tests.depth.shelf_stage import BOARD_M, Film, box, can, eye_at, furniture, there, watch

Front = Callable[[np.ndarray], np.ndarray]
"""How far things stand out at places along the shelf, metres; NaN where there is nothing."""


def cans(*middles_m: float, radius_m: float = 0.035) -> Front:
    def front(along: np.ndarray) -> np.ndarray:
        out = np.full(along.shape, np.nan)
        for middle in middles_m:
            lifted = radius_m**2 - (along - middle) ** 2
            out = np.fmax(out, np.where(lifted > 0, np.sqrt(np.maximum(lifted, 0.0)), np.nan))
        return out

    return front


def boxes(*spans_m: tuple[float, float]) -> Front:
    def front(along: np.ndarray) -> np.ndarray:
        inside = np.any([(along >= low) & (along <= high) for low, high in spans_m], axis=0)
        return np.where(inside, 0.1, np.nan)

    return front


def points(front: Front, pitch_m: float, noise_m: float = 0.003, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Front and place of the points of a region 20 cm high, as a camera sees them."""
    random = np.random.default_rng(seed)
    along = np.tile(np.arange(-0.6, 0.6, pitch_m), max(3, round(0.2 / pitch_m)))
    along = along + random.uniform(-0.3, 0.3, along.size) * pitch_m
    out = front(along)
    there_ = ~np.isnan(out)
    return out[there_] + random.standard_normal(int(there_.sum())) * noise_m, along[there_]


def middles(front: Front, pitch_m: float, noise_m: float = 0.003, seed: int = 0) -> list[float]:
    """Where the parts are, from left to right; every point is in just one of them."""
    out, along = points(front, pitch_m, noise_m, seed)
    parts = split(out, along, pitch_m)
    assert sorted(np.concatenate(parts).tolist()) == list(range(len(out)))
    return [float(along[part].mean()) for part in parts]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("pitch_m", [0.003, 0.006, 0.01])
def test_cans_side_by_side_are_parted(pitch_m: float, seed: int) -> None:
    assert middles(cans(-0.037, 0.037), pitch_m, seed=seed) == pytest.approx([-0.037, 0.037], abs=0.01)
    three = middles(cans(-0.075, 0.0, 0.075), pitch_m, seed=seed)
    assert three == pytest.approx([-0.075, 0.0, 0.075], abs=0.012)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("noise_m", [0.001, 0.006, 0.012])
@pytest.mark.parametrize("pitch_m", [0.004, 0.01])
def test_one_thing_is_one_thing(pitch_m: float, noise_m: float, seed: int) -> None:
    assert len(middles(boxes((-0.3, 0.3)), pitch_m, noise_m, seed)) == 1
    assert len(middles(cans(0.0, radius_m=0.06), pitch_m, noise_m, seed)) == 1
    assert len(middles(lambda along: np.where(np.abs(along) < 0.2, 0.3 * along, np.nan), pitch_m, noise_m, seed)) == 1


@pytest.mark.parametrize("seed", range(4))
def test_boxes_with_a_gap_between_them_are_parted_where_the_gap_is(seed: int) -> None:
    found = middles(boxes((-0.16, -0.02), (0.02, 0.16)), 0.006, seed=seed)
    assert found == pytest.approx([-0.09, 0.09], abs=0.012)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("depth_m", [0.012, 0.03])
def test_a_gap_of_one_pixel_parts_two_flat_packs(depth_m: float, seed: int) -> None:
    """A stereo camera smears it: it lies back a little only."""
    pitch_m = 0.008

    def front(along: np.ndarray) -> np.ndarray:
        return np.where(np.abs(along) < 0.105, 0.1 - depth_m * (np.abs(along) < 0.5 * pitch_m), np.nan)

    assert middles(front, pitch_m, 0.002, seed) == pytest.approx([-0.053, 0.053], abs=0.01)


def test_the_edge_of_a_neighbour_is_a_sliver_and_what_is_as_large_is_not() -> None:
    assert is_sliver(np.linspace(0.0, 0.03, 20), most=100)
    assert not is_sliver(np.linspace(0.0, 0.06, 20), most=100)
    assert not is_sliver(np.linspace(0.0, 0.03, 60), most=100)


def test_what_is_too_narrow_or_too_unlike_is_not_a_thing_of_its_own() -> None:
    """A label that stands out, a handle: less than anything on a shelf is wide."""
    bump = middles(lambda along: np.where(np.abs(along) < 0.15, 0.05 * (np.abs(along - 0.13) < 0.008), np.nan), 0.005)
    assert len(bump) == 1
    sliver = middles(boxes((-0.3, 0.1), (0.13, 0.15)), 0.005)
    assert len(sliver) == 1


def test_there_is_an_end_to_parting() -> None:
    """A comb of a dozen fronts is a few things at most, and every point is in one of them."""
    assert 1 <= len(middles(cans(*np.arange(-0.5, 0.51, 0.08).tolist()), 0.005)) <= 8


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_hardly_any_points_are_one_thing(count: int) -> None:
    along = np.linspace(0.0, 0.5, count)
    (part,) = split(np.zeros(count), along, 0.01)
    assert part.tolist() == list(range(count))


@pytest.mark.parametrize("kind", list(ChangeKind))
def test_an_eye_tells_three_cans_from_one_wide_box(kind: ChangeKind) -> None:
    when = {"end_s": 2.0} if kind is ChangeKind.RECEDED else {"start_s": 2.0}
    film = Film(eye_at(), furniture(), seed=7)
    row = join([can(0.09 * k, 0.12) for k in (-1, 0, 1)])
    three = watch([there(row, **when)], 4.0, film=film).of(kind)
    assert sorted(change.x_m for change in three) == pytest.approx([-0.09, 0.0, 0.09], abs=0.02)
    wide = watch([there(box(0.0, 0.12, BOARD_M, (0.27, 0.12, 0.16)), **when)], 4.0, film=film).of(kind)
    assert [change.x_m for change in wide] == pytest.approx([0.0], abs=0.02)
