"""The whole eye on exact scenes: heads where heads are, and nowhere else."""

import subprocess
import sys

import numpy as np
import pytest

from edge.depth.pipeline import Eye
from edge.errors import CalibrationError, FrameError
from edge.geometry import Pose
from edge.messages import DepthFrame, DepthObservation
from edge.settings import EyeSettings
from tests.depth.standins import Box, Ellipsoid, Film, Solid, camera, person, straight_down

SETTINGS = EyeSettings()


def last_seen(film: Film, scenes: list[tuple[Solid, ...]], fps: float = 15.0, empty: bool = True) -> DepthObservation:
    eye = Eye(film.model, SETTINGS, film.view(()) if empty else None)
    return [eye.step(film.frame(1.0 + k / fps, solids)) for k, solids in enumerate(scenes)][-1]


def sure(observation: DepthObservation) -> list[tuple[float, float, float]]:
    return sorted((h.x_m, h.y_m, h.z_m) for h in observation.heads if h.confidence >= 0.5)


@pytest.mark.parametrize("height_m", [0.95, 1.2, 1.55, 1.9])
@pytest.mark.parametrize("tilt_deg", [90.0, 60.0, 45.0, 27.0])
def test_people_of_all_sizes_from_all_mounts(height_m: float, tilt_deg: float) -> None:
    pose = Pose.looking(0.0, 0.0, 2.8, 0.0, tilt_deg)
    y_m = 0.3 if tilt_deg == 90 else 2.6 if tilt_deg < 40 else 1.4
    film = Film(camera(pose))
    (head,) = sure(last_seen(film, [person(0.1, y_m, height_m)] * 3))
    assert head[:2] == pytest.approx((0.1, y_m), abs=0.10)
    assert head[2] == pytest.approx(height_m, abs=0.04)


@pytest.mark.parametrize(
    ("size", "focal_px", "unit_m"),
    [((80, 60), 50.0, 0.001), ((424, 240), 212.0, 0.00025), ((848, 480), 424.0, 0.001), ((1280, 720), 640.0, 0.0001)],
)
def test_any_resolution_and_depth_unit(size: tuple[int, int], focal_px: float, unit_m: float) -> None:
    film = Film(camera(straight_down(2.6), unit_m, size, focal_px))
    heads = sure(last_seen(film, [(*person(-0.5, 0.2, 1.7), *person(0.6, -0.2, 1.6))] * 2))
    assert [head[0] for head in heads] == pytest.approx([-0.5, 0.6], abs=0.06)


def test_trolley_hand_and_shelf_are_not_heads() -> None:
    trolley: tuple[Solid, ...] = (Box((-1.3, -0.6, 0.5), (-0.7, 0.3, 1.0)),)
    arm: tuple[Solid, ...] = (Ellipsoid((0.25, 0.0, 1.6), (0.04, 0.04, 0.35)),)
    board: tuple[Solid, ...] = (Box((1.2, -0.8, 0.0), (1.6, 0.8, 1.4)),)
    film = Film(camera(straight_down()))
    heads = sure(last_seen(film, [(*person(0.0, 0.0, 1.7), *trolley, *arm, *board)] * 3))
    assert len(heads) == 1
    assert heads[0][:2] == pytest.approx((0.0, 0.0), abs=0.08)


def test_people_in_the_very_first_frame_are_seen_without_an_empty_view() -> None:
    film = Film(camera(straight_down()))
    first = last_seen(film, [person(-0.4, 0.2, 1.7)], empty=False)
    assert len(sure(first)) == 1
    walked = last_seen(film, [person(-0.4 + 0.05 * k, 0.2, 1.7) for k in range(30)], empty=False)
    assert [head[0] for head in sure(walked)] == pytest.approx([1.05], abs=0.08)


def test_somebody_who_has_walked_in_and_stands_still_stays_seen_for_minutes() -> None:
    film = Film(camera(straight_down(), size=(106, 60), focal_px=53.0))
    eye = Eye(film.model, SETTINGS, film.view(()))
    for k in range(20):
        eye.step(film.frame(k / 5, person(-0.8 + 0.05 * k, 0.0, 1.7)))
    seen = [len(sure(eye.step(film.frame(4.0 + k / 5, person(0.2, 0.0, 1.7))))) for k in range(5 * 400)]
    assert sum(seen) >= 0.99 * len(seen)


def test_an_empty_shop_is_empty() -> None:
    shelf: tuple[Solid, ...] = (Box((0.8, -0.5, 0.0), (1.2, 0.7, 1.6)),)
    film = Film(camera(straight_down()), noise=0.003, holes=0.05)
    eye = Eye(film.model, SETTINGS)
    found = [len(sure(eye.step(film.frame(k / 15, shelf)))) for k in range(60)]
    assert sum(found) == 0


def test_a_bad_frame_is_refused_and_changes_nothing() -> None:
    film = Film(camera(straight_down()))
    eye, twin = (Eye(film.model, SETTINGS, film.view(())) for _ in range(2))
    twin = Eye(film.model, SETTINGS, Film(film.model).view(()))
    eye = Eye(film.model, SETTINGS, Film(film.model).view(()))
    frames = [film.frame(1.0 + k / 15, person(0.05 * k, 0.0, 1.7)) for k in range(8)]
    for frame in frames:
        with pytest.raises(FrameError, match="not uint16"):
            eye.step(DepthFrame("cam0", frame.t_ns, np.zeros((10, 10), np.uint16)))
        with pytest.raises(FrameError, match="got a frame of"):
            eye.step(DepthFrame("other", frame.t_ns, frame.depth))
        assert eye.step(frame).heads == twin.step(frame).heads
        with pytest.raises(FrameError, match="not later"):
            eye.step(frame)


def test_warm_up_changes_nothing() -> None:
    film = Film(camera(straight_down()))
    empty = film.view(())
    warm, cold = Eye(film.model, SETTINGS, empty), Eye(film.model, SETTINGS, empty)
    warm.warm_up()
    for k in range(4):
        frame = film.frame(1.0 + k / 15, person(0.1 * k, 0.0, 1.7))
        one, two = warm.step(frame), cold.step(frame)
        assert one.heads == two.heads
        assert (one.grid is None) == (two.grid is None)
        if one.grid is not None and two.grid is not None:
            assert np.array_equal(one.grid.log_odds, two.grid.log_odds)


def test_the_map_comes_a_few_times_a_second_with_what_moves() -> None:
    film = Film(camera(straight_down()))
    eye = Eye(film.model, SETTINGS, film.view(()))
    grids = [eye.step(film.frame(k / 30, person(0.3, 0.1, 1.7))).grid for k in range(60)]
    sent = [grid for grid in grids if grid is not None]
    assert 4 <= len(sent) <= 5
    ix, iy = 1 - sent[-1].origin.ix, 0 - sent[-1].origin.iy
    assert sent[-1].foreground_top_m[ix, iy] == pytest.approx(1.7, abs=0.08)


def test_a_camera_without_a_pose_or_under_the_floor_is_refused() -> None:
    with pytest.raises(CalibrationError, match="no pose"):
        Eye(camera(None), SETTINGS)
    with pytest.raises(CalibrationError, match=r"-1\.00 m"):
        Eye(camera(Pose.looking(0, 0, -1.0, 0, 90)), SETTINGS)


def test_warm_up_compiles_every_kernel_that_a_person_in_view_needs() -> None:
    """In a process of its own: no camera may stall when the first person walks in."""
    script = """
from edge.depth import kernels, rays, relief
from edge.depth.pipeline import Eye
from edge.settings import EyeSettings
from tests.depth.standins import Film, camera, person, straight_down

def compiled():
    found = {}
    for module in (kernels, rays, relief):
        for name, kernel in vars(module).items():
            if hasattr(kernel, "signatures"):
                found[module.__name__, name] = len(kernel.signatures)
    return found

film = Film(camera(straight_down()))
eye = Eye(film.model, EyeSettings(), film.view(()))
eye.warm_up()
before = compiled()
for k in range(30):
    eye.step(film.frame(1 + k / 15, person(-0.6 + 0.05 * k, 0.0, 1.7)))
late = {name for name, count in compiled().items() if count != before[name]}
assert not late, late
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=120)
