"""What a thing's shape says of the part that is not in view."""

from __future__ import annotations

import numpy as np
import pytest

from edge.depth.shelf_shape import fill_out, goes_on_hidden


def size(*seen_m: float, hidden: bool = False) -> np.ndarray:
    low, high = fill_out(np.array([1.0, 0.0, 0.5]) - np.array(seen_m), np.array([1.0, 0.0, 0.5]), hidden=hidden)
    assert high[0] == 1.0, "the front stays where it is seen"
    assert high[2] == 0.5
    return high - low


def test_a_bottle_is_as_deep_as_wide_and_a_little_wider_than_it_is_seen() -> None:
    deep, wide, high = size(0.03, 0.07, 0.25)
    assert (deep, wide) == pytest.approx((0.0742, 0.0742))
    assert high == 0.25
    assert size(0.12, 0.07, 0.25)[0] == pytest.approx(0.12), "never less deep than it is seen"


def test_what_lies_flat_goes_on_only_behind_what_hides_it() -> None:
    assert size(0.06, 0.25, 0.08, hidden=True) == pytest.approx([0.2, 0.25, 0.08])
    assert size(0.06, 0.25, 0.08) == pytest.approx([0.06, 0.25, 0.08])
    assert size(0.22, 0.25, 0.08, hidden=True) == pytest.approx([0.22, 0.25, 0.08])


def test_what_stands_upright_is_as_deep_as_it_is_seen() -> None:
    assert size(0.03, 0.1, 0.15, hidden=True) == pytest.approx([0.03, 0.1, 0.15])


@pytest.mark.parametrize("above", [True, False])
@pytest.mark.parametrize(("hides_m", "hidden"), [(1.5, True), (1.98, False), (2.6, False), (0.0, False)])
def test_a_thing_goes_on_behind_what_is_nearer_above_or_below_it(above: bool, hides_m: float, hidden: bool) -> None:
    depth_m = np.full((20, 24), 2.4)
    inside = np.zeros(depth_m.shape, np.bool_)
    inside[8:14, 8:16] = True
    depth_m[inside] = 2.0
    depth_m[slice(0, 7) if above else slice(15, 20), :] = hides_m
    up_m, along_m = np.meshgrid(np.linspace(0.2, 0.0, 20), np.linspace(0.0, 0.24, 24), indexing="ij")
    assert goes_on_hidden(inside, depth_m, 2.0, along_m, up_m) is hidden


def test_what_stands_nearer_beside_it_hides_nothing_of_it() -> None:
    depth_m = np.full((20, 24), 2.4)
    inside = np.zeros(depth_m.shape, np.bool_)
    inside[8:14, 8:16] = True
    depth_m[:, :7] = 1.5
    up_m, along_m = np.meshgrid(np.linspace(0.2, 0.0, 20), np.linspace(0.0, 0.24, 24), indexing="ij")
    assert not goes_on_hidden(inside, depth_m, 2.0, along_m, up_m)
