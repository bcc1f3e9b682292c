"""The pose found from the floor is the pose that the picture was taken with."""

import numpy as np
import pytest

from edge.depth.calibration import pose_from_floor
from edge.errors import CalibrationError
from edge.geometry import Pose
from edge.messages import DepthFrame
from tests.depth.standins import Box, Film, camera, person

SHELF = Box((1.2, 1.0, 0.0), (1.7, 4.0, 1.8))
WALL = Box((-6.0, 5.0, 0.0), (6.0, 5.2, 3.0))


def rolled(pose: Pose, roll_deg: float) -> Pose:
    a = np.radians(roll_deg)
    turn = np.eye(4)
    turn[:2, :2] = [[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]
    return Pose.from_matrix(pose.matrix @ turn)


@pytest.mark.parametrize("tilt_deg", [27.0, 45.0, 70.0, 90.0])
@pytest.mark.parametrize("roll_deg", [0.0, 8.0])
def test_tilt_height_and_roll_are_found_among_shelves_and_walkers(tilt_deg: float, roll_deg: float) -> None:
    pose = rolled(Pose.looking(0.0, 0.0, 2.8, 0.0, tilt_deg), roll_deg)
    film = Film(camera(None), pose)
    frames = [film.frame(t, (SHELF, WALL, *person(0.3 * t - 0.5, 2.5, 1.7))) for t in range(6)]
    fit = pose_from_floor(film.model, frames)
    assert fit.tilt_deg == pytest.approx(pose.tilt_deg, abs=0.6)
    assert fit.height_m == pytest.approx(2.8, abs=0.03)
    assert np.abs(np.array(fit.pose.rows[2]) - pose.matrix[2]).max() < 0.03
    assert fit.residual_m < 0.03
    assert fit.inlier_fraction > 0.05


def test_the_store_frame_lies_below_the_camera_with_y_ahead() -> None:
    film = Film(camera(None), Pose.looking(5.0, -3.0, 2.5, 40.0, 40.0))
    pose = pose_from_floor(film.model, [film.frame(0.0, ())]).pose
    assert pose.matrix[:2, 3] == pytest.approx([0.0, 0.0])
    ahead = pose.matrix[:3, 2]
    assert ahead[1] > 0.7
    assert abs(ahead[0]) < 0.02


def test_a_ceiling_is_not_a_floor() -> None:
    film = Film(camera(None), Pose.looking(0.0, 0.0, 1.0, 0.0, -40.0))
    with pytest.raises(CalibrationError, match="no floor"):
        pose_from_floor(film.model, [film.frame(0.0, (Box((-9.0, -9.0, 2.4), (9.0, 9.0, 2.6)),))])


def test_a_covered_camera_says_so() -> None:
    model = camera(None)
    blind = DepthFrame("cam0", 0, np.zeros((240, 424), np.uint16))
    with pytest.raises(CalibrationError, match="hardly any pixel"):
        pose_from_floor(model, [blind])
