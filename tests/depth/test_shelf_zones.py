"""Things that are left in a zone, or taken away from it: within its polygon, and on its surface."""

from __future__ import annotations

import pytest

from edge.geometry import Pose
from edge.messages import CameraModel, ChangeKind
from edge.simulator.solids import join
from tests.depth.shelf_stage import Film, Told, box, eye_at, floor, there, watch, zone

SOON_S = 1.5
CORNER = zone((-0.6, -0.6), (0.6, -0.6), (0.6, 0.0), (0.0, 0.0), (0.0, 0.6), (-0.6, 0.6))
"""The shape of an L: its rectangle has a corner that it has not."""
ASLANT = Pose.looking(0.0, -1.6, 2.3, 0.0, 55.0)
BAG_M = (0.35, 0.22, 0.40)


def bag_in_a_zone(model: CameraModel, x_m: float, y_m: float, start_s: float, end_s: float = 1e9) -> Told:
    film = Film(model, floor(), noise=0.001)
    return watch([there(box(x_m, y_m, 0.0, BAG_M), start_s, end_s)], 6.0, film=film, volumes=[CORNER])


@pytest.mark.parametrize(
    "model",
    [eye_at(Pose.looking(0.0, 0.0, 2.8, 0.0, 90.0), focal_px=110.0), eye_at(ASLANT, focal_px=95.0)],
    ids=["from above", "aslant"],
)
def test_a_bag_in_a_zone_is_told_and_one_beside_its_polygon_is_not(model: CameraModel) -> None:
    told_s, change = bag_in_a_zone(model, -0.3, -0.3, 3.0).only(ChangeKind.ADVANCED)
    assert 3.0 < told_s < 3.0 + SOON_S
    assert change.volume == "zone/z"
    assert (change.x_m, change.y_m) == pytest.approx((-0.3, -0.3), abs=0.08)
    _, change = bag_in_a_zone(model, -0.3, -0.3, -1.0, 4.0).only(ChangeKind.RECEDED)
    assert (change.x_m, change.y_m) == pytest.approx((-0.3, -0.3), abs=0.08)
    for x_m, y_m in ((0.3, 0.3), (0.0, 0.95), (-0.95, 0.0)):
        beside = bag_in_a_zone(model, x_m, y_m, 3.0, 4.5)
        assert not beside.changes, beside.brief()


@pytest.mark.parametrize(
    "height_m",
    [pytest.param(2.4, marks=pytest.mark.xfail(strict=True, reason="so near its middle is not told")), 2.8],
)
def test_a_bag_seen_from_straight_above_reaches_down_to_the_floor(height_m: float) -> None:
    model = eye_at(Pose.looking(0.0, 0.0, height_m, 0.0, 90.0), focal_px=110.0)
    _, change = bag_in_a_zone(model, -0.3, -0.3, 3.0).only(ChangeKind.ADVANCED)
    assert change.volume_l == pytest.approx(30.8, rel=0.35)
    assert change.z_m == pytest.approx(0.2, abs=0.06)


def test_what_is_put_on_a_table_is_told() -> None:
    table = zone((-0.5, -0.4), (0.5, -0.4), (0.5, 0.4), (-0.5, 0.4), surface_m=0.75)
    film = Film(eye_at(ASLANT, focal_px=95.0), join([floor(), box(0.0, 0.0, 0.0, (1.0, 0.8, 0.75))]), noise=0.001)
    told = watch([there(box(0.1, 0.0, 0.75, BAG_M), 3.0)], 6.0, film=film, volumes=[table])
    _, change = told.only(ChangeKind.ADVANCED)
    assert (change.x_m, change.y_m, change.z_m) == pytest.approx((0.1, 0.0, 0.95), abs=0.08)
