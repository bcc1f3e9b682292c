"""Hills of a height map: tops, saddles, caps."""

import numpy as np
import pytest

from edge.depth.heads import HeightMap
from edge.depth.optics import Ground


def hills_of(*bumps: tuple[float, float, float, float], ground: float = 0.0) -> list:
    """Cut a landscape of round domes (x, y, top, radius in metres) into hills, highest first."""
    relief = HeightMap(Ground(0.0, 0.0, 4.0, 3.0), 0.025)
    ys, xs = np.mgrid[0 : relief.top_m.shape[0], 0 : relief.top_m.shape[1]]
    x, y = (xs + 0.5) * 0.025, (ys + 0.5) * 0.025
    height = np.full(relief.top_m.shape, ground)
    for bx, by, top, radius in bumps:
        inside = 1 - ((x - bx) ** 2 + (y - by) ** 2) / radius**2
        height = np.maximum(height, np.where(inside > 0, top - radius + radius * np.sqrt(np.maximum(inside, 0)), 0))
    cells = np.flatnonzero(height > 0)
    relief.top_m[:] = height
    relief.weight[height > 0] = 4
    relief.cells = len(cells)
    relief.touched[: len(cells)] = cells
    return sorted(relief.hills(0.5), key=lambda hill: -hill.top_m)


def test_one_dome_is_one_hill_with_its_top_and_place() -> None:
    (hill,) = hills_of((1.0, 1.5, 1.7, 0.12))
    assert hill.top_m == pytest.approx(1.69, abs=0.02)
    assert (hill.x_m, hill.y_m) == pytest.approx((1.0, 1.5), abs=0.005)
    assert hill.cap_m2 == pytest.approx(np.pi * 0.12**2, rel=0.15)
    assert hill.saddle_m == 0.0


def test_two_heads_over_shoulders_are_two_hills_with_a_saddle() -> None:
    first, second = hills_of((1.0, 1.0, 1.75, 0.12), (1.35, 1.0, 1.6, 0.12), ground=1.35)
    assert (first.x_m, second.x_m) == pytest.approx((1.0, 1.35), abs=0.02)
    assert second.saddle_m == pytest.approx(1.35, abs=0.03)


def test_a_shoulder_is_no_hill_of_its_own() -> None:
    assert len(hills_of((1.0, 1.0, 1.75, 0.2), (1.2, 1.0, 1.66, 0.16))) == 1


def test_a_spike_does_not_lift_a_top() -> None:
    plain = hills_of((1.0, 1.0, 1.6, 0.15))[0]
    spiked = hills_of((1.0, 1.0, 1.6, 0.15), (1.0, 1.0, 2.1, 0.02), ground=0.3)[0]
    assert spiked.top_m == pytest.approx(plain.top_m, abs=0.04)


def test_elongation_is_measured() -> None:
    (hill,) = hills_of(*[(1.0 + 0.02 * k, 1.0, 1.2, 0.06) for k in range(15)])
    assert hill.length_m > 2.0 * hill.width_m


def test_a_flat_top_is_measured_whole_however_its_cells_are_ordered() -> None:
    """A hat: noise of a few millimetres decides which cell of a level top comes first."""
    relief = HeightMap(Ground(0.0, 0.0, 2.0, 2.0), 0.025)
    random = np.random.default_rng(3)
    for _ in range(20):
        level = np.zeros(relief.top_m.shape)
        level[30:36, 30:36] = 1.704 + random.uniform(0.0, 0.005, (6, 6))
        cells = np.flatnonzero(level > 0)
        random.shuffle(cells)
        relief.top_m[:] = level
        relief.weight[level > 0] = 4
        relief.cells = len(cells)
        relief.touched[: len(cells)] = cells
        (hill,) = relief.hills(0.5)
        assert hill.cap_m2 == pytest.approx(36 * 0.025**2)
        assert hill.points == 36 * 4
        relief.clear()
