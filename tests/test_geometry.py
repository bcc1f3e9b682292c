from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.clock import decimal_seconds, nanoseconds
from edge.geometry import CELL_M, Intrinsics, Pose, cell_of, crosses_itself

PLAIN = Intrinsics(640, 480, 570.0, 571.0, 312.0, 242.0)
BENT = Intrinsics(640, 480, 570.0, 571.0, 312.0, 242.0, (0.09, -0.2, 0.001, -0.002, 0.05))


@pytest.mark.parametrize("lens", [PLAIN, BENT])
def test_rays_project_back_onto_their_pixels(lens: Intrinsics) -> None:
    pixels = lens.project(lens.rays().reshape(-1, 3) * 2.5)
    v, u = np.divmod(np.arange(640 * 480), 640)
    assert np.abs(pixels - np.stack([u, v], axis=1)).max() < 1e-3


def test_distortion_is_that_of_opencv() -> None:
    points = np.random.default_rng(1).uniform((-0.5, -0.4, 1.0), (0.5, 0.4, 4.0), (200, 3))
    matrix = np.array([[BENT.fx, 0, BENT.cx], [0, BENT.fy, BENT.cy], [0, 0, 1]])
    expected, _ = cv2.projectPoints(points, np.zeros(3), np.zeros(3), matrix, np.array(BENT.distortion))
    assert np.allclose(BENT.project(points), expected[:, 0], atol=1e-6)


def test_points_behind_the_camera_have_no_pixel() -> None:
    assert np.isnan(PLAIN.project(np.array([[0.1, 0.1, -1.0], [0.0, 0.0, 0.0]]))).all()


def test_a_barrel_lens_does_not_fold_what_is_far_aside_into_the_picture() -> None:
    barrel = Intrinsics(640, 480, 400.0, 400.0, 320.0, 240.0, (-0.3, 0.0, 0.0, 0.0))
    pixels = barrel.project(np.array([[0.5, 0.0, 1.0], [1.8, 0.0, 1.0]]))  # unguarded, the second lands at u = 340
    assert pixels[0, 0] == pytest.approx(320 + 400 * 0.5 * (1 - 0.3 * 0.25))
    assert np.isnan(pixels[1]).all()


@pytest.mark.parametrize(
    "change",
    [
        {"width": 0},
        {"height": 9000},
        {"fx": 0.0},
        {"fy": float("inf")},
        {"cx": float("nan")},
        {"distortion": (0.1,) * 6},
    ],
)
def test_impossible_intrinsics_are_refused(change: dict[str, object]) -> None:
    values: dict[str, object] = {"width": 640, "height": 480, "fx": 570.0, "fy": 570.0, "cx": 320.0, "cy": 240.0}
    with pytest.raises(ValueError, match=r"must be|not within"):
        Intrinsics(**(values | change))  # type: ignore[arg-type]


def test_a_camera_that_looks_down_sees_the_floor_below_it() -> None:
    pose = Pose.looking(1.0, 2.0, 3.0, yaw_deg=30.0, tilt_deg=90.0)
    assert pose.height_m == pytest.approx(3.0)
    assert pose.tilt_deg == pytest.approx(90.0)
    assert pose.to_store(np.array([[0.0, 0.0, 3.0]])) == pytest.approx(np.array([[1.0, 2.0, 0.0]]))


def test_yaw_and_tilt_mean_what_they_say() -> None:
    ahead = Pose.looking(0.0, 0.0, 2.0, yaw_deg=0.0, tilt_deg=0.0).to_store(np.array([[0.5, 0.25, 3.0]]))
    assert ahead == pytest.approx(np.array([[0.5, 3.0, 1.75]]))  # x right, y down, z forward
    left = Pose.looking(0.0, 0.0, 2.0, yaw_deg=90.0, tilt_deg=0.0).to_store(np.array([[0.0, 0.0, 3.0]]))
    assert left == pytest.approx(np.array([[-3.0, 0.0, 2.0]]))
    tilted = Pose.looking(0.0, 0.0, 2.0, yaw_deg=0.0, tilt_deg=30.0)
    assert tilted.tilt_deg == pytest.approx(30.0)
    assert tilted.to_store(np.array([[0.0, 0.0, 4.0]])) == pytest.approx(np.array([[0.0, 4 * np.cos(np.pi / 6), 0.0]]))


@given(
    st.floats(-20, 20), st.floats(-20, 20), st.floats(0.5, 10), st.floats(-180, 180), st.floats(0, 90),
)  # fmt: skip
def test_store_and_camera_are_inverse(x: float, y: float, height: float, yaw: float, tilt: float) -> None:
    pose = Pose.looking(x, y, height, yaw, tilt)
    points = np.array([[0.3, -1.2, 2.0], [0.0, 0.0, 1.0]])
    assert np.allclose(pose.to_camera(pose.to_store(points)), points, atol=1e-9)
    assert Pose.from_matrix(pose.matrix) == pose


@pytest.mark.parametrize(
    ("matrix", "says"),
    [
        (np.diag([1.0, 1.0, -1.0, 1.0]), "rotation"),
        (np.diag([2.0, 1.0, 1.0, 1.0]), "rotation"),
        (np.diag([1.0, 1.0, 1.0, 2.0]), "last row"),
        (np.full((4, 4), np.nan), "finite"),
        (np.eye(3), "four rows"),
    ],
)
def test_what_is_no_rigid_transform_is_refused(matrix: np.ndarray, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Pose.from_matrix(matrix)


@given(st.floats(-500, 500), st.floats(-500, 500), st.floats(-1, 20))
def test_a_point_lies_in_its_cell(x: float, y: float, z: float) -> None:
    cell = cell_of(x, y, z)
    for value, index in zip((x, y, z), cell, strict=True):
        assert index * CELL_M - 1e-9 <= value <= (index + 1) * CELL_M + 1e-9


def test_cells_below_zero_do_not_fold() -> None:
    assert cell_of(-0.01, 0.01, 0.39) == (-1, 0, 1)


def test_polygons_that_cross_themselves() -> None:
    assert crosses_itself([(0, 0), (2, 2), (2, 0), (0, 3)])
    assert not crosses_itself([(0, 0), (2, 0), (2, 1), (1, 1), (1, 2), (0, 2)])
    assert not crosses_itself([(0, 0), (1, 0), (0, 1)])


@given(st.integers(0, 9_000_000_000 * 1_000_000))
def test_times_are_written_to_the_microsecond(t_us: int) -> None:
    text = decimal_seconds(t_us * 1000)
    assert int(text.replace(".", "")) == t_us
    assert decimal_seconds(t_us * 1000 + 499) == text


def test_times_before_the_epoch_keep_their_sign() -> None:
    assert decimal_seconds(nanoseconds(-0.25)) == "-0.250000"
    assert decimal_seconds(-1) == "0.000000"
