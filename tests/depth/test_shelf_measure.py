"""How large and where the things are that came or went, and their pictures: by an eye, from many sides."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from edge.depth.shelf_measure import Gauge
from edge.depth.shelf_sight import watched_pixels
from edge.depth.shelf_watch import Region
from edge.geometry import Pose
from edge.messages import ChangeKind, SurfaceChange
from edge.messages.goods import MAX_PICTURE_PX
from edge.settings import EyeSettings
from edge.simulator.solids import Solids, join
from tests.depth.shelf_stage import (
    BOARD_M,
    OVER_THE_SHOULDER,
    SHELF,
    Film,
    body,
    box,
    can,
    eye_at,
    furniture,
    swaying,
    there,
    watch,
)

SIZE_M = (0.14, 0.12, 0.20)
BOX = box(0.0, 0.12, BOARD_M, SIZE_M)
FROM_THE_SIDE = Pose.looking(-1.1, -1.2, 2.2, -40.0, 40.0)
FROM_LOW = Pose.looking(0.0, -1.5, 1.3, 0.0, 10.0)
LEVEL = Pose.looking(0.0, -1.5, 1.1, 0.0, 0.0)


def taken(thing: Solids, pose: Pose = OVER_THE_SHOULDER, focal_px: float = 150.0, seed: int = 0) -> SurfaceChange:
    told = watch([there(thing, end_s=2.0)], 3.5, film=Film(eye_at(pose, focal_px=focal_px), furniture(), seed))
    _, change = told.only(ChangeKind.RECEDED)
    return change


@pytest.mark.parametrize("pose", [OVER_THE_SHOULDER, FROM_THE_SIDE, FROM_LOW], ids=["over", "side", "low"])
@pytest.mark.parametrize(
    ("x_m", "y_m", "size_m"),
    [(0.0, 0.12, SIZE_M), (0.1, 0.2, (0.2, 0.2, 0.2)), (-0.25, 0.10, (0.10, 0.10, 0.25))],
)
def test_a_box_is_measured(pose: Pose, x_m: float, y_m: float, size_m: tuple[float, float, float]) -> None:
    change = taken(box(x_m, y_m, BOARD_M, size_m), pose, seed=1)
    # From low down hardly anything of its top is seen.
    assert change.volume_l == pytest.approx(float(np.prod(size_m)) * 1000, rel=0.45 if pose is FROM_LOW else 0.25)
    assert (change.x_m, change.y_m) == pytest.approx((x_m, y_m), abs=0.03)
    assert change.z_m == pytest.approx(BOARD_M + size_m[2] / 2, abs=0.04)
    assert change.size_m == pytest.approx(size_m, abs=0.05)
    assert change.confidence > 0.8


def test_a_can_is_measured() -> None:
    change = taken(can(0.0, 0.12, radius_m=0.05, high_m=0.2))
    assert change.volume_l == pytest.approx(1.57, rel=0.3)
    assert (change.x_m, change.y_m) == pytest.approx((0.0, 0.12), abs=0.02)


def test_what_comes_is_as_large_as_what_goes() -> None:
    told = watch([there(BOX, 2.0, 4.0)], 5.5)
    (came,), (went,) = told.of(ChangeKind.ADVANCED), told.of(ChangeKind.RECEDED)
    assert came.volume_l == pytest.approx(went.volume_l, rel=0.15)
    assert (came.x_m, came.y_m, came.z_m) == pytest.approx((went.x_m, went.y_m, went.z_m), abs=0.02)


def test_a_thing_whose_top_is_not_seen_is_taken_to_be_as_deep_as_wide() -> None:
    change = taken(box(0.0, 0.12, BOARD_M, (0.15, 0.15, 0.2)), LEVEL, 300.0)
    assert change.volume_l == pytest.approx(4.5, rel=0.3)
    assert change.size_m[1] == pytest.approx(0.15, abs=0.03)


def test_the_shadow_of_a_thing_is_not_part_of_it() -> None:
    """A wide thing right before the shelf's back is no deeper than the gap that it left; what is far behind is none."""
    thin = taken(box(0.0, 0.37, BOARD_M, (0.25, 0.06, 0.3)), LEVEL, 300.0)
    assert thin.size_m[1] == pytest.approx(0.06, abs=0.03)
    assert thin.volume_l == pytest.approx(4.5, rel=0.3)
    narrow = taken(box(0.0, 0.05, BOARD_M, (0.08, 0.08, 0.2)), LEVEL, 300.0)
    assert narrow.volume_l == pytest.approx(1.28, rel=0.35)


@pytest.mark.xfail(strict=True, reason="where its top is in view too, a thing is taken to be no less deep than wide")
def test_a_wide_thing_whose_top_is_seen_is_as_deep_as_its_top() -> None:
    change = taken(box(0.0, 0.03, BOARD_M, (0.25, 0.06, 0.2)))
    assert change.volume_l == pytest.approx(3.0, rel=0.25)


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_it_does_not_matter_which_way_a_shelf_faces(quarters: int) -> None:
    """The whole scene turned about the middle of the shop."""
    a = np.pi / 2 * quarters
    turn = np.rint(np.array([[np.cos(a), -np.sin(a), 0.0], [np.sin(a), np.cos(a), 0.0], [0.0, 0.0, 1.0]]))
    corners = np.array([SHELF.low, SHELF.high]) @ turn.T
    out = turn @ np.array([0.0, -1.0, 0.0])
    low, high = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    volume = replace(SHELF, low=tuple(low), high=tuple(high), facing=(float(out[0]), float(out[1])))
    matrix = np.eye(4)
    matrix[:3, :3] = turn
    film = Film(
        eye_at(Pose.from_matrix(matrix @ OVER_THE_SHOULDER.matrix)), furniture().moved(turn, (0.0, 0.0, 0.0)), seed=5
    )
    thing = box(0.2, 0.12, BOARD_M, (0.14, 0.10, 0.20))
    told = watch([there(thing.moved(turn, (0.0, 0.0, 0.0)), end_s=2.0)], 3.5, film=film, volumes=[volume])
    _, change = told.only(ChangeKind.RECEDED)
    place, size = turn @ [0.2, 0.12, BOARD_M + 0.1], np.abs(turn @ [0.14, 0.10, 0.20])
    assert (change.x_m, change.y_m, change.z_m) == pytest.approx(tuple(place), abs=0.04)
    assert change.size_m == pytest.approx(tuple(size), abs=0.05)
    assert change.volume_l == pytest.approx(2.8, rel=0.25)


def test_goods_that_stand_out_of_the_shelf_a_little_are_told_whole() -> None:
    change = taken(box(0.0, 0.04, BOARD_M, SIZE_M))
    assert change.volume_l == pytest.approx(3.36, rel=0.25)
    assert change.y_m == pytest.approx(0.04, abs=0.03)


def test_each_volume_tells_its_own() -> None:
    """Two shelves side by side: what is told names the one that it stood in."""
    left, right = (
        replace(SHELF, shelf=name, low=(low, 0.0, BOARD_M), high=(high, 0.4, 1.35))
        for name, low, high in (("left", -0.6, 0.0), ("right", 0.0, 0.6))
    )
    things = join([box(-0.2, 0.12, BOARD_M, SIZE_M), box(0.2, 0.12, BOARD_M, SIZE_M)])
    told = watch([there(things, end_s=2.0)], 3.5, volumes=[left, right])
    assert sorted((change.volume, change.x_m > 0) for _, change in told.changes) == [
        ("shelf/left", False),
        ("shelf/right", True),
    ]


def test_what_is_smaller_than_the_least_item_is_not_told() -> None:
    """3.4 litres, by three settings; and what was too small is the surface to compare with afterwards."""
    acts = [there(BOX, end_s=2.0), there(BOX, start_s=5.0)]
    assert not watch(acts, 7.0, settings=EyeSettings(least_item_l=5.0)).changes
    assert len(watch(acts, 7.0, settings=EyeSettings(least_item_l=2.0)).changes) == 2
    assert len(watch(acts, 7.0, settings=EyeSettings(least_item_l=0.02)).changes) == 2


def told_s(settle_s: float, gone_s: float = 2.0) -> float:
    settings = EyeSettings(settle_s=settle_s)
    return watch([there(BOX, end_s=gone_s)], gone_s + 2.0 + 2 * settle_s, settings=settings).only(ChangeKind.RECEDED)[0]


def test_it_settles_as_long_as_it_is_told_to() -> None:
    assert 2.3 <= told_s(0.3) < told_s(0.6) < told_s(1.0) < 4.5


@pytest.mark.parametrize("settle_s", [2.0, 5.0])
def test_it_settles_as_long_as_it_is_told_to_however_long_that_is(settle_s: float) -> None:
    """The surface that was there has to have settled as well, before it can go."""
    gone_s = 2.0 + 2 * settle_s
    assert gone_s + settle_s <= told_s(settle_s, gone_s) < gone_s + 1.5 + 1.5 * settle_s


def test_a_part_that_is_seen_for_long_is_told_with_less_confidence() -> None:
    """Somebody covers half of what has gone, and does not go away."""
    told = watch([there(BOX, end_s=5.0), swaying(body(0.17, -0.3), 3.0)], 25.0, fps=10.0)
    told_s, change = told.only(ChangeKind.RECEDED)
    assert told_s > 8.0
    assert change.confidence < 0.95 * taken(BOX).confidence


# ------------------------------------------------------------------------------------------------------ pictures


def test_the_picture_shows_the_thing_and_then_what_was_behind_it() -> None:
    went, came = taken(BOX), watch([there(BOX, 2.0)], 4.0).only(ChangeKind.ADVANCED)[1]
    for change, with_it in ((went, "before"), (came, "after")):
        assert change.picture is not None
        before, after = change.picture.before.astype(int), change.picture.after.astype(int)
        shown, bare = (before, after) if with_it == "before" else (after, before)
        # Millimetres: the box hides board and back that lie 5 to 30 cm behind it.
        differs = bare - shown > 30
        rows, columns = np.nonzero(differs)
        assert 0.05 < differs.mean() < 0.6
        assert (bare - shown)[differs].max() < 400
        middle = (np.array(before.shape) - 1) / 2
        assert (rows.mean(), columns.mean()) == pytest.approx(tuple(middle), abs=4.0), "it is in the middle"
        assert not (shown - bare > 30)[np.minimum(shown, bare) > 0].any(), "and nothing else changed"


def test_a_picture_of_a_large_thing_is_made_small() -> None:
    model = eye_at(OVER_THE_SHOULDER, size=(480, 360), focal_px=520.0)
    large = box(0.0, 0.12, BOARD_M, (0.6, 0.2, 0.3))
    told = watch([there(large, end_s=4.0)], 5.5, fps=6.0, film=Film(model, furniture()))
    picture = told.only(ChangeKind.RECEDED)[1].picture
    assert picture is not None
    assert MAX_PICTURE_PX / 2 < max(picture.before.shape) <= MAX_PICTURE_PX
    height, width = picture.before.shape
    assert width / height == pytest.approx(2.0, abs=0.5), "it keeps its shape"


def test_pictures_are_in_millimetres_whatever_the_camera_counts_in() -> None:
    pictures = []
    for unit_m in (0.00025, 0.001):
        told = watch([there(BOX, end_s=2.0)], 3.5, film=Film(eye_at(unit_m=unit_m), furniture()))
        picture = told.only(ChangeKind.RECEDED)[1].picture
        assert picture is not None
        pictures.append(picture)
    fine, coarse = (float(np.median(picture.after[picture.after > 0])) for picture in pictures)
    assert fine == pytest.approx(coarse, rel=0.02)
    assert 1000 < coarse < 2500


def test_every_picture_has_a_name_of_its_own() -> None:
    told = watch(
        [there(join([can(-0.05, 0.1), can(0.05, 0.1)]), end_s=2.0), there(BOX.moved(np.eye(3), (0.3, 0, 0)), 3.0)], 5.0
    )
    names = [change.picture.name for _, change in told.changes if change.picture is not None]
    assert len(set(names)) == 3
    assert all(name.isalnum() and len(name) >= 12 for name in names), "fit for a file and a topic"


def region_of(film: Film, thing: Solids, monkeypatch: pytest.MonkeyPatch) -> tuple[Gauge, Region, np.ndarray]:
    """The region that a thing which was taken leaves, with a gauge that has measured nothing yet."""
    regions: list[Region] = []
    measure = Gauge.measure

    def noted(gauge: Gauge, region: Region, least_l: float, surface: np.ndarray) -> tuple[SurfaceChange, ...]:
        regions.append(region)
        return measure(gauge, region, least_l, surface)

    with monkeypatch.context() as patch:
        patch.setattr(Gauge, "measure", noted)
        watch([there(thing, end_s=2.0)], 3.5, film=film)
    watched = watched_pixels(film.model, (SHELF,))
    assert watched is not None
    (region,) = regions
    surface = np.zeros(watched.owner.shape, np.float32)
    return Gauge(film.model, (SHELF,), watched), region, surface


def part_of(region: Region, mask: np.ndarray, **changed: int) -> Region:
    """Some of the pixels of a region, all of them wholly seen."""
    pixels = {name: getattr(region, name)[mask] for name in ("rows", "columns", "before", "after")}
    return replace(region, seen=int(mask.sum()), **pixels, **changed)


def test_the_half_that_comes_into_view_later_is_the_rest_of_what_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    film = Film(eye_at(focal_px=250.0), furniture(), 0)
    gauge, region, surface = region_of(film, box(0.0, 0.12, BOARD_M, (0.3, 0.12, 0.2)), monkeypatch)
    left = region.columns <= np.median(region.columns)
    assert len(gauge.measure(part_of(region, left), 0.1, surface)) == 1
    assert gauge.measure(part_of(region, ~left, after_ns=region.after_ns + 5_000_000_000), 0.1, surface) == ()


def test_the_edge_of_a_neighbour_makes_no_event_and_the_thing_no_wider(monkeypatch: pytest.MonkeyPatch) -> None:
    film = Film(eye_at(focal_px=250.0), furniture(), 0)
    pair = join([can(-0.055, 0.12, radius_m=0.055), can(0.055, 0.12, radius_m=0.055)])
    gauge, region, surface = region_of(film, pair, monkeypatch)
    both = Gauge.measure(gauge, region, 0.02, surface)
    assert len(both) == 2
    order = np.argsort(region.columns)
    cut = np.ones(len(order), np.bool_)
    cut[order[: int(0.36 * len(order))]] = False  # of the left can only its right edge is left
    gauge, _, surface = region_of(film, pair, monkeypatch)
    (change,) = gauge.measure(part_of(region, cut), 0.02, surface)
    assert change.x_m == pytest.approx(0.055, abs=0.02)
    assert change.size_m[0] == pytest.approx(0.11, abs=0.03)


def test_what_lies_flat_under_a_board_is_as_deep_as_its_width_says(monkeypatch: pytest.MonkeyPatch) -> None:
    film = Film(eye_at(focal_px=250.0), furniture(), 0)
    gauge, region, surface = region_of(film, box(0.0, 0.12, BOARD_M, (0.25, 0.06, 0.08)), monkeypatch)
    (seen,) = gauge.measure(region, 0.1, surface)
    gauge, _, _ = region_of(film, box(0.0, 0.12, BOARD_M, (0.25, 0.06, 0.08)), monkeypatch)
    hides = np.full_like(surface, float(region.before.min()) / 2)
    (hidden,) = gauge.measure(region, 0.1, hides)
    assert seen.size_m[1] < 0.13
    assert hidden.size_m[1] == pytest.approx(0.8 * hidden.size_m[0], abs=0.02)
    assert hidden.volume_l > 1.3 * seen.volume_l
