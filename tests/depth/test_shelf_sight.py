"""Which pixels look into which volume, and how much of each a camera can see."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from edge.depth.shelf_sight import WatchedPixels, sights, watched_pixels
from edge.geometry import Pose
from edge.messages import VolumeSight
from edge.settings import WatchedVolume
from edge.settings.drawn import Shelf
from edge.settings.watched import shelf_volume
from tests.depth.shelf_stage import OVER_THE_SHOULDER, SHELF, Film, box, eye_at, floor, furniture, there, zone


def shelf(
    low: tuple[float, float, float], high: tuple[float, float, float], facing: tuple[float, float]
) -> WatchedVolume:
    return shelf_volume(Shelf(id="a", min=low, max=high, facing=facing))


def sight(pose: Pose, volume: WatchedVolume, *walls: object, focal_px: float = 100.0) -> VolumeSight:
    """How much is seen of a volume among walls, which are boxes, by a camera that has no noise."""
    model = eye_at(pose, focal_px=focal_px)
    film = Film(model, floor(), noise=0.0, holes=0.0)
    (seen,) = sights(model, [volume], film.frame([there(wall) for wall in walls], 0.0).depth)  # type: ignore[arg-type]
    assert seen.volume == volume.key
    return seen


def test_a_shelf_in_full_view_is_seen_whole() -> None:
    seen = sight(OVER_THE_SHOULDER, SHELF)
    assert seen.in_picture == 1.0
    assert seen.seen == 1.0
    filled = sight(OVER_THE_SHOULDER, SHELF, furniture(), box(0.0, 0.1, 0.9, (0.6, 0.2, 0.3)))
    assert filled.seen == 1.0, "its own board and goods do not hide it"


def test_a_shelf_in_an_empty_room_is_as_much_seen_as_in_the_picture() -> None:
    model = eye_at(Pose.looking(0.6, -1.3, 2.4, 0.0, 42.0))
    (seen,) = sights(model, [SHELF], None)
    assert seen.seen == seen.in_picture
    assert 0.3 < seen.in_picture < 1.0


def test_a_shelf_outside_the_picture_is_not_seen() -> None:
    away = Pose.looking(0.0, -1.3, 2.4, 180.0, 42.0)
    assert sight(away, SHELF) == VolumeSight(SHELF.key, 0.0, 0.0)
    assert watched_pixels(eye_at(away), [SHELF]) is None


def test_a_shelf_half_outside_the_picture_is_half_seen() -> None:
    """The edge of the picture runs down the middle of the shelf."""
    beside = Pose.looking(-1.5, -1.3, 2.4, 0.0, 42.0)
    seen = sight(beside, SHELF)
    rows = np.array([[x, 0.0, 1.1] for x in np.linspace(-0.6, 0.6, 50)])
    u = eye_at(beside, focal_px=100.0).intrinsics.project(beside.to_camera(rows))[:, 0]
    assert seen.in_picture == pytest.approx(float((u <= 159.5).mean()), abs=0.12)
    assert 0.2 < seen.in_picture < 0.9, "the stage is set as the test means it"


@pytest.mark.parametrize("facing", [(0.0, 1.0), (0.0, -1.0), (1.0, 0.0), (-1.0, 0.0)])
def test_a_shelf_is_seen_from_its_front_and_not_from_behind(facing: tuple[float, float]) -> None:
    volume = shelf((-0.4, -0.2, 0.4), (0.4, 0.2, 1.6), facing)
    yaw_deg = float(np.degrees(np.arctan2(facing[0], -facing[1])))
    before = Pose.looking(2.0 * facing[0], 2.0 * facing[1], 1.4, yaw_deg, 10.0)
    behind = Pose.looking(-2.0 * facing[0], -2.0 * facing[1], 1.4, yaw_deg + 180.0, 10.0)
    assert sight(before, volume).seen == 1.0
    assert sight(behind, volume) == VolumeSight(volume.key, 0.0, 0.0)


def test_a_shelf_behind_a_wall_is_in_the_picture_but_not_seen() -> None:
    wall = box(0.0, -0.35, 0.0, (4.0, 0.1, 2.2))
    seen = sight(OVER_THE_SHOULDER, SHELF, wall)
    assert seen.in_picture == 1.0
    assert seen.seen == 0.0


def test_a_shelf_inside_a_wall_is_not_seen() -> None:
    """Measured in the wrong place: the wall stands well before it."""
    assert sight(OVER_THE_SHOULDER, SHELF, box(0.0, 0.6, 0.0, (4.0, 1.8, 2.0))).seen == 0.0


def test_a_shelf_a_fifth_of_which_is_visible_says_so() -> None:
    """A level camera, and a wall that ends a fifth of the shelf's width before the right end."""
    level = Pose.looking(0.6, -2.0, 1.1, 0.0, 0.0)
    wall = box(-1.64, -0.5, 0.0, (4.0, 0.02, 2.2))
    # Rays past the wall's end, from 1.5 m away, meet the front after another 0.5 m.
    at_front_m = 0.6 + (0.36 - 0.6) * 2.0 / 1.5
    share = (0.6 - at_front_m) / 1.2
    seen = sight(level, SHELF, wall, focal_px=90.0)
    assert seen.in_picture > 0.98
    assert seen.seen == pytest.approx(share, abs=0.07)
    assert 0.15 < share < 0.3


def test_what_is_not_known_hides_nothing() -> None:
    model = eye_at()
    nothing = np.zeros((model.intrinsics.height, model.intrinsics.width), np.uint16)
    (seen,) = sights(model, [SHELF], nothing)
    assert seen.seen == seen.in_picture > 0.0


def test_a_shelf_too_far_to_measure_is_not_in_the_picture() -> None:
    assert sight(Pose.looking(0.0, -9.0, 2.4, 0.0, 10.0), SHELF).in_picture == 0.0


def test_the_depth_unit_does_not_matter() -> None:
    fine, coarse = eye_at(unit_m=0.00025), eye_at(unit_m=0.001)
    half = box(-0.5, -0.4, 0.0, (1.0, 0.1, 2.0))
    found = []
    for model in (fine, coarse):
        view = Film(model, floor(), noise=0.0, holes=0.0).frame([there(half)], 0.0).depth
        found.append(sights(model, [SHELF], view)[0])
    assert 0.1 < found[0].seen < 0.9
    assert found[0].seen == pytest.approx(found[1].seen, abs=0.03)


def test_a_zone_is_seen_by_its_surface() -> None:
    table = zone((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5), surface_m=0.7)
    above = Pose.looking(0.0, 0.0, 2.8, 0.0, 90.0)
    assert sight(above, table).seen == 1.0
    assert sight(above, table, box(0.0, 0.0, 0.0, (1.2, 1.2, 0.7))).seen == 1.0, "a table stands there"
    covered = sight(above, table, box(-0.25, 0.0, 0.0, (0.5, 1.2, 1.5)))
    assert covered.in_picture == 1.0
    assert covered.seen == pytest.approx(0.5, abs=0.06)
    assert sight(Pose.looking(0.0, 0.0, 2.8, 0.0, -60.0), table).in_picture == 0.0


def test_what_stands_beside_a_zone_does_not_hide_it() -> None:
    """A post in the corner that the rectangle around a triangle has, and the triangle has not."""
    triangle = zone((-0.6, -0.6), (0.6, -0.6), (-0.6, 0.6))
    above = Pose.looking(0.0, 0.0, 2.8, 0.0, 90.0)
    assert sight(above, triangle, box(0.4, 0.4, 0.0, (0.3, 0.3, 1.2))).seen == 1.0


def into(pixels: WatchedPixels, k: int, shape: tuple[int, int]) -> np.ndarray:
    """The pixels of a whole picture that look into volume ``k``."""
    whole = np.zeros(shape, bool)
    rows, columns = pixels.owner.shape
    whole[pixels.top : pixels.top + rows, pixels.left : pixels.left + columns] = pixels.owner == k + 1
    return whole


def traced(pose: Pose, volumes: list[WatchedVolume], focal_px: float) -> tuple[np.ndarray, np.ndarray]:
    """By brute force: which volume each pixel's ray comes into first (0 for none, else index plus one), and where."""
    model = eye_at(pose, focal_px=focal_px)
    way = model.intrinsics.rays() @ pose.matrix[:3, :3].T
    owner = np.zeros(way.shape[:2], int)
    where = np.full(owner.shape, np.inf)
    for depth_m in np.arange(0.2, 5.0, 0.01):
        points = pose.matrix[:3, 3] + depth_m * way
        for k, volume in enumerate(volumes):
            inside = ((points >= volume.low) & (points <= volume.high)).all(axis=-1) & (owner == 0)
            owner[inside], where[inside] = k + 1, depth_m
    return owner, where


@pytest.mark.parametrize(("yaw_deg", "order"), [(0.0, 1), (37.0, 1), (-120.0, -1)])
def test_pixels_belong_to_the_nearest_volume_on_their_way(yaw_deg: float, order: int) -> None:
    """Two volumes, one behind the other as the camera sees them, wherever it looks to; in either order."""
    a = np.radians(yaw_deg)
    ahead, left = np.array([-np.sin(a), np.cos(a)]), np.array([np.cos(a), np.sin(a)])

    def block(far_m: float, aside_m: float, low_m: float, high_m: float) -> WatchedVolume:
        x, y = far_m * ahead + aside_m * left
        return replace(SHELF, low=(x - 0.3, y - 0.3, low_m), high=(x + 0.3, y + 0.3, high_m), facing=None)

    volumes = [block(2.4, 0.2, 0.5, 2.0), block(1.4, -0.2, 0.3, 1.3)][::order]
    pose = Pose.looking(0.0, 0.0, 1.6, yaw_deg, 12.0)
    pixels = watched_pixels(eye_at(pose, focal_px=100.0), volumes)
    assert pixels is not None
    owner, where = traced(pose, volumes, 100.0)
    for k in range(2):
        found = into(pixels, k, owner.shape)
        assert (owner == k + 1).sum() > 500
        assert (found == (owner == k + 1)).mean() > 0.995
    rows, columns = pixels.owner.shape
    part = (slice(pixels.top, pixels.top + rows), slice(pixels.left, pixels.left + columns))
    both = (pixels.owner > 0) & (owner[part] == pixels.owner)
    assert np.abs(pixels.near[both] * 0.001 - where[part][both]).max() < 0.02
    assert (pixels.far[both] > pixels.near[both]).all()


def test_goods_that_stand_out_of_their_shelf_a_little_are_watched() -> None:
    """A pixel that looks just over the front edge of the board still belongs to the shelf, one well before it not."""
    pixels = watched_pixels(eye_at(), [SHELF])
    assert pixels is not None
    owned = into(pixels, 0, (120, 160))

    def looks(y_m: float) -> bool:
        u, v = np.rint(eye_at().intrinsics.project(OVER_THE_SHOULDER.to_camera(np.array([[0.0, y_m, 0.9]])))[0])
        return bool(owned[int(v), int(u)])

    assert looks(0.1)
    assert looks(-0.02)
    assert not looks(-0.15)


def test_a_ray_that_meets_no_volume_is_not_watched() -> None:
    pixels = watched_pixels(eye_at(focal_px=100.0), [SHELF])
    assert pixels is not None
    owned = into(pixels, 0, (120, 160))
    assert 0.1 < owned.mean() < 0.6
    assert np.isinf(pixels.near[pixels.owner == 0]).all()


def test_more_volumes_than_can_be_counted_are_refused() -> None:
    with pytest.raises(ValueError, match="256 volumes"):
        watched_pixels(eye_at(), [SHELF] * 256)
