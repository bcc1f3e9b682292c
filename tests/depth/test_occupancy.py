"""The grid against brute force: hits, carving, what is unknown."""

import numpy as np
import pytest

from edge.depth.occupancy import HIGHEST, LOWEST, Occupancy
from edge.depth.optics import look_through
from edge.geometry import CELL_M, Pose
from tests.depth.standins import Box, Film, camera, straight_down

CRATE = Box((0.41, 0.21, 0.0), (0.79, 0.59, 0.7))
LOW, HIGH = np.array([-2.0, -1.0, -0.4]), np.array([2.0, 1.0, 3.2])


def grid_after(
    pose: Pose, solids: tuple, seconds: float, fps: float, low=LOW, high=HIGH
) -> tuple[Occupancy, np.ndarray]:
    model = camera(pose)
    film = Film(model, noise=0.0005)
    occupancy = Occupancy(model, look_through(model), 9.0, low, high)
    for k in range(round(seconds * fps)):
        occupancy.update(film.frame(k / fps, solids))
    return occupancy, occupancy.log_odds()


@pytest.mark.parametrize("fps", [5.0, 15.0, 30.0])
def test_a_crate_is_full_the_air_is_free_and_its_inside_unknown(fps: float) -> None:
    occupancy, grid = grid_after(straight_down(), (CRATE,), 2.0, fps)

    def at(x: float, y: float, z: float) -> float:
        i, j, k = np.floor(np.array([x, y, z]) / CELL_M).astype(int) - np.array(occupancy.origin)
        return float(grid[i, j, k])

    assert at(0.5, 0.3, 0.65) == pytest.approx(HIGHEST, abs=1e-5), "its lid"
    assert at(0.7, 0.5, 0.3) == 0.0, "nobody sees inside"
    assert at(0.5, 0.3, 1.1) == pytest.approx(LOWEST, abs=1e-5)
    assert at(-1.0, -0.3, 0.5) == pytest.approx(LOWEST, abs=1e-5)
    assert max(at(-1.0, -0.3, 0.05), at(-1.0, -0.3, -0.05)) > 0.0, "the floor"


def test_what_leaves_is_carved_away() -> None:
    model = camera(straight_down())
    film = Film(model, noise=0.0005)
    occupancy = Occupancy(model, look_through(model), 9.0, LOW, HIGH)
    cell = tuple(np.floor(np.array([0.5, 0.3, 0.65]) / CELL_M).astype(int) - np.array(occupancy.origin))
    for k in range(30):
        occupancy.update(film.frame(k / 15, (CRATE,)))
    assert occupancy.log_odds()[cell] > 0
    for k in range(30, 50):
        occupancy.update(film.frame(k / 15, ()))
    assert occupancy.log_odds()[cell] < 0


def test_hits_are_where_the_points_are() -> None:
    """Against brute force over every pixel of a tilted view."""
    pose = Pose.looking(0.3, -0.2, 2.6, 15.0, 40.0)
    low, high = np.array([-4.0, -0.6, -0.4]), np.array([4.0, 6.0, 3.2])
    model = camera(pose)
    film = Film(model, noise=0.0)
    occupancy = Occupancy(model, look_through(model), 9.0, low, high)
    frames = [film.frame(k / 5, (CRATE, Box((-1.5, 2.0, 0.0), (-0.5, 2.4, 1.7)))) for k in range(6)]
    for frame in frames:
        occupancy.update(frame)
    depth = frames[-1].depth.astype(float) * model.depth_unit_m
    points = pose.to_store((model.intrinsics.rays() * depth[..., None])[(depth > 0) & (depth < 9.0)])
    cells = np.floor(points / CELL_M).astype(int) - np.array(occupancy.origin)
    inside = ((cells >= 0) & (cells < np.array(occupancy.shape))).all(axis=1)
    counts = np.zeros(occupancy.shape, int)
    np.add.at(counts, tuple(cells[inside].T), 1)
    grid = occupancy.log_odds()
    assert (grid[counts >= 5] > 0).mean() > 0.995
    assert (counts[grid > 0] > 0).mean() > 0.97


def test_one_frame_long_ago_weighs_as_much_as_one_now() -> None:
    """Evidence grows with time, not with the frame rate."""
    _, slow = grid_after(straight_down(), (CRATE,), 0.2, 15.0)
    _, fast = grid_after(straight_down(), (CRATE,), 0.2, 60.0)
    known = (slow != 0) & (fast != 0)
    assert np.median(np.abs(slow[known] - fast[known])) < 0.35
