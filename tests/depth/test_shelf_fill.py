"""How full shelves are, and pictures of changes: exact racks and goods, before and behind people."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.depth.pipeline import Eye
from edge.depth.shelf_fill import LOOK_S, NEWS, ShelfFill
from edge.depth.shelf_sight import watched_pixels
from edge.geometry import Pose
from edge.messages import CameraModel, DepthFrame, DepthObservation
from edge.settings import EyeSettings, WatchedVolume
from tests.depth.standins import Box, Solid, camera, depth_m, person

LEVELS = (0.2, 0.65, 1.1)
DEEP_M, WIDE_M, TOP_M = 0.4, 1.2, 1.5
SHELF = WatchedVolume(
    "A", None, (-WIDE_M / 2, 0.0, LEVELS[0]), (WIDE_M / 2, DEEP_M, TOP_M), None, (0.0, -1.0), LEVELS
)  # fmt: skip
SIZE, FOCAL_PX = (480, 360), 280.0
OBLIQUE, STEEP = Pose.looking(0.3, -2.3, 2.3, 0.0, 32.0), Pose.looking(0.0, -1.0, 2.8, 0.0, 75.0)
MOUNTS = [pytest.param(OBLIQUE, id="oblique"), pytest.param(STEEP, id="steep")]
CAN, BOX = (0.066, 0.066, 0.12), (0.16, 0.17, 0.36)


def rack() -> tuple[Solid, ...]:
    back = Box((-WIDE_M / 2, DEEP_M, 0.0), (WIDE_M / 2, DEEP_M + 0.03, TOP_M))
    return (back, *(Box((-WIDE_M / 2, 0.0, z - 0.02), (WIDE_M / 2, DEEP_M, z)) for z in LEVELS))


def goods(size: tuple[float, float, float], level: int) -> list[Box]:
    """All that a level holds, two deep, in the order in which it is bought: from the front, left to right."""
    wide, deep, tall = size
    places = np.arange(-WIDE_M / 2 + 0.01, WIDE_M / 2 - wide, wide + 0.006)
    z = LEVELS[level]
    return [
        Box((x, 0.02 + row * (deep + 0.01), z), (x + wide, 0.02 + row * (deep + 0.01) + deep, z + tall))
        for row in (0, 1)
        for x in places.tolist()
    ]


class Looker:
    """Shows racks of goods to a :class:`ShelfFill`, as settled surfaces, one look after another."""

    def __init__(self, pose: Pose) -> None:
        self.model: CameraModel = camera(pose, size=SIZE, focal_px=FOCAL_PX)
        watched = watched_pixels(self.model, [SHELF])
        assert watched is not None
        rows, columns = watched.owner.shape
        self._part = (slice(watched.top, watched.top + rows), slice(watched.left, watched.left + columns))
        self.fill = ShelfFill(self.model, [SHELF], watched)
        self._told: dict[int, float] = {}
        self._drawn: dict[Solid, NDArray[np.float64]] = {}
        self._random = np.random.default_rng(0)
        self.t_s = 0.0
        self.surface = self.see([])
        self.fill.look(1, self.surface, changed=False)

    def see(self, stock: Sequence[Solid]) -> NDArray[np.float32]:
        for solid in (*rack(), *stock):
            if solid not in self._drawn:
                self._drawn[solid] = depth_m(self.model, (solid,))[self._part]
        depth = np.minimum.reduce([self._drawn[solid] for solid in (*rack(), *stock)])
        depth = depth + 0.003 * self._random.standard_normal(depth.shape)
        return np.where(np.isfinite(depth), depth / self.model.depth_unit_m, 0.0).astype(np.float32)

    def shares(self, surface: NDArray[np.float32] | None = None, after_s: float = LOOK_S) -> dict[int, float]:
        """The newest share of each level."""
        self.t_s += after_s
        shown = self.surface if surface is None else surface
        told = self.fill.look(1 + round(self.t_s * 1e9), shown, changed=False)
        self._told |= {each.level: each.share for each in told}
        return dict(self._told)


class Visit:
    """Shows an :class:`Eye` what stands and who comes, ten frames a second; what was drawn once is not drawn again."""

    def __init__(self, *, empty: Sequence[Solid] | None) -> None:
        self.model = camera(OBLIQUE, size=SIZE, focal_px=FOCAL_PX)
        self._random = np.random.default_rng(0)
        self._drawn: dict[tuple[Solid, ...], NDArray[np.float64]] = {}
        view = None if empty is None else self._view([tuple(empty)])
        self.eye = Eye(self.model, EyeSettings(), view, [SHELF])
        self._frames = 0

    def show(self, seconds: float, *groups: Sequence[Solid]) -> list[DepthObservation]:
        seen = []
        for _ in range(round(10 * seconds)):
            self._frames += 1
            depth = self._view([tuple(group) for group in groups])
            seen.append(self.eye.step(DepthFrame("cam0", self._frames * 100_000_000, depth)))
        return seen

    def _view(self, groups: list[tuple[Solid, ...]]) -> NDArray[np.uint16]:
        for group in groups:
            if group not in self._drawn:
                self._drawn[group] = depth_m(self.model, group)
        depth = np.minimum.reduce([self._drawn[group] for group in groups])
        depth = np.where(np.isfinite(depth), depth, 0.0)
        depth = depth + self._random.standard_normal(depth.shape) * 0.0015 * depth**2
        return np.rint(depth / self.model.depth_unit_m).astype(np.uint16)


@pytest.mark.parametrize("size", [pytest.param(CAN, id="cans"), pytest.param(BOX, id="boxes")])
@pytest.mark.parametrize("pose", MOUNTS)
def test_from_full_to_empty_as_goods_are_taken_one_by_one(pose: Pose, size: tuple[float, float, float]) -> None:
    looker = Looker(pose)
    stock = goods(size, 1)
    seen = [looker.shares(looker.see(stock[k:]))[1] for k in range(len(stock) + 1)]
    assert seen[0] >= 0.9
    assert seen[2] < seen[0] - NEWS
    assert seen[-1] <= 0.1
    assert all(after <= before for before, after in pairwise(seen))
    assert 0.4 <= seen[len(stock) // 4] <= 0.9
    # The front row is gone; from steeply above the one behind large boxes is not seen.
    assert (0.0 if (pose, size) == (STEEP, BOX) else 0.2) <= seen[len(stock) // 2] <= 0.75


@pytest.mark.parametrize("pose", MOUNTS)
def test_an_empty_shelf_is_empty_on_its_first_day_and_fills_a_level_at_a_time(pose: Pose) -> None:
    looker = Looker(pose)
    empty = looker.shares()
    assert sorted(empty) == [0, 1, 2]
    assert max(empty.values()) <= 0.1
    shares = looker.shares(looker.see(goods(BOX, 1)))
    assert shares[1] >= 0.9
    assert max(shares[0], shares[2]) <= 0.1


def test_low_goods_are_full_below_a_high_board() -> None:
    looker = Looker(OBLIQUE)
    assert looker.shares(looker.see(goods(CAN, 0)))[0] >= 0.9


def test_the_fullest_that_a_level_was_for_weeks_becomes_full_but_an_empty_one_stays_empty() -> None:
    looker = Looker(OBLIQUE)
    surface = looker.see([*(can for k, can in enumerate(goods(CAN, 0)) if k % 3), *goods(BOX, 1)])
    first = looker.shares(surface)
    for _ in range(100):
        hours = looker.shares(surface, after_s=60.0)
    assert abs(hours[0] - first[0]) <= NEWS
    for _ in range(14 * 24 * 60):
        weeks = looker.shares(surface, after_s=60.0)
    assert first[0] + 0.05 < weeks[0]
    assert weeks[1] >= 0.9
    assert weeks[2] <= 0.1


def test_a_level_is_told_once_and_then_when_it_has_changed() -> None:
    looker = Looker(OBLIQUE)
    full = looker.see(goods(BOX, 1))
    assert len(looker.fill.look(round(1e9 * LOOK_S), full, changed=False)) == 3
    for k in range(2, 40):
        assert looker.fill.look(round(1e9 * LOOK_S * k), looker.see(goods(BOX, 1)), changed=False) == ()
    fewer = looker.see(goods(BOX, 1)[3:])
    assert looker.fill.look(round(1e9 * (LOOK_S * 39 + 1.0)), fewer, changed=False) == ()  # not yet its time
    (told,) = looker.fill.look(round(1e9 * (LOOK_S * 39 + 1.1)), fewer, changed=True)
    assert (told.volume, told.level) == ("shelf/A", 1)
    assert told.share < 1.0 - NEWS


def test_a_level_hidden_or_not_known_says_nothing_and_does_not_change() -> None:
    looker = Looker(OBLIQUE)
    surface = looker.see(goods(BOX, 1))
    hidden = np.where(np.indices(surface.shape)[0] > 0.3 * surface.shape[0], np.float32(800), surface)
    assert sorted(looker.shares(hidden)) == [2]  # something stands before the rest
    assert looker.shares(surface)[1] >= 0.9
    before = looker.shares(surface)
    assert looker.shares(hidden) == before
    assert looker.shares(np.zeros_like(surface)) == before


def test_from_right_above_only_what_is_seen_is_told() -> None:
    assert 0 not in Looker(Pose.looking(0.0, -0.1, 2.8, 0.0, 90.0)).shares()


def test_somebody_before_the_shelf_changes_nothing() -> None:
    scene = (*rack(), *goods(BOX, 1)[2:], *goods(CAN, 2))
    visit = Visit(empty=rack())
    begun = visit.show(8.0, scene)
    assert sorted(fill.level for seen in begun for fill in seen.fills) == [0, 1, 2]
    seen = [each for k in range(5) for each in visit.show(0.2, scene, person(-1.0 + 0.2 * k, -0.35, 1.75))]
    seen += [each for k in range(24) for each in visit.show(0.7, scene, person(0.02 * (k % 3), -0.35, 1.75))]
    assert not [fill for each in seen for fill in each.fills]


def test_somebody_there_from_the_start_is_no_goods() -> None:
    visit = Visit(empty=None)
    seen = visit.show(8.0, rack(), person(0.1, -0.3, 1.75)) + visit.show(12.0, rack())
    told = [fill for each in seen for fill in each.fills]
    assert sorted({fill.level for fill in told}) == [0, 1, 2]
    assert max(fill.share for fill in told) <= 0.12


def test_the_picture_of_a_change_shows_nobody_who_stands_beside_it() -> None:
    stock = goods(BOX, 1)
    visit = Visit(empty=(*rack(), *stock))
    body = person(0.46, -0.35, 1.75)
    visit.show(5.0, (*rack(), *stock))
    visit.show(2.0, (*rack(), *stock), body)
    seen = visit.show(6.0, (*rack(), *stock[:4], *stock[5:]), body)
    (change,) = [change for each in seen for change in each.changes]
    assert change.picture is not None
    around = [(change.x_m + 0.2 * i, -0.05, change.z_m + 0.3 * k) for i in (-1, 1) for k in (-1, 1)]
    assert visit.model.pose is not None
    front_mm = 1000 * visit.model.pose.to_camera(np.array(around))[:, 2].min()
    for half in (change.picture.before, change.picture.after):
        assert (half > 0).mean() > 0.5
        assert half[half > 0].min() > front_mm
    moved = (change.picture.after.astype(int) - change.picture.before) > 30
    assert 0.02 < moved.mean() < 0.6
