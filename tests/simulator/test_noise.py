"""The noise has the statistics that it is said to have."""

from __future__ import annotations

import numpy as np
import pytest

from edge.geometry import Intrinsics
from edge.simulator.noise import Stereo, StereoCamera, Tof, TofCamera, smooth_field
from edge.simulator.render import Image
from edge.simulator.solids import PARTS, Part

LENS = Intrinsics(320, 240, 184.0, 184.0, 159.5, 119.5)


def _wall(z: float, label: int = 0) -> Image:
    return Image(np.full((240, 320), z), np.full((240, 320), label, dtype=np.int32))


def _step() -> Image:
    image = _wall(3.0)
    image.depth[60:180, 120:200] = 1.2
    return image


def _deviation(sensor: Stereo | Tof, image: Image, rows: slice = slice(80, 160)) -> float:
    rng = np.random.default_rng(5)
    shots = np.stack([sensor.sense(image, {}, rng) for _ in range(30)])[:, rows, 120:200]
    return float(np.median(np.nanstd(np.where(shots > 0, shots, np.nan), axis=0)))


@pytest.mark.parametrize("z", [1.5, 3.0])
def test_stereo_noise_grows_with_the_square_of_the_distance(z: float) -> None:
    camera = StereoCamera()
    focal = 184.0 * camera.native_width_px / 320
    expected = z * z / (focal * camera.baseline_m) * np.hypot(camera.noise_px, 1 / camera.steps_per_px / np.sqrt(12))
    assert _deviation(Stereo(camera, LENS, np.random.default_rng(1)), _wall(z)) == pytest.approx(expected, rel=0.15)


def test_stereo_noise_is_correlated_and_quantised() -> None:
    camera = StereoCamera(far_holes=0.0)
    depth = Stereo(camera, LENS, np.random.default_rng(1)).sense(_wall(2.0), {}, np.random.default_rng(2))
    fb = 184.0 * camera.native_width_px / 320 * camera.baseline_m
    steps = fb / depth * camera.steps_per_px
    assert np.abs(steps - np.rint(steps)).max() < 1e-3
    residual = depth - depth.mean()
    near = (residual[:, 1:] * residual[:, :-1]).mean() / residual.var()
    far = (residual[:, 30:] * residual[:, :-30]).mean() / residual.var()
    assert near > 0.5
    assert abs(far) < 0.3


def test_stereo_hides_what_the_other_imager_cannot_see_on_the_left() -> None:
    camera = StereoCamera(noise_px=0.0, pattern_px=0.0, far_holes=0.0, fattening_px=0.5)
    depth = Stereo(camera, LENS, np.random.default_rng(1)).sense(_step(), {}, np.random.default_rng(2))
    shadow = LENS.fx * camera.baseline_m * (1 / 1.2 - 1 / 3.0)
    left = (depth[80:160, 90:120] == 0).sum(axis=1)
    assert left.mean() == pytest.approx(shadow, abs=1.5)
    assert (depth[80:160, 203:240] == 0).sum() == 0


def test_stereo_fattens_the_nearer_surface() -> None:
    camera = StereoCamera(noise_px=0.0, pattern_px=0.0, far_holes=0.0)
    depth = Stereo(camera, LENS, np.random.default_rng(1)).sense(_step(), {}, np.random.default_rng(2))
    wide = (np.abs(depth[80:160] - 1.2) < 0.05).sum(axis=1)
    assert 80.3 < wide.mean() <= 84.5


def test_dark_hair_gives_fewer_returns() -> None:
    head = _wall(2.0, PARTS + Part.HAIR)
    sensor = Stereo(StereoCamera(), LENS, np.random.default_rng(1))
    black, fair = (float((sensor.sense(head, {1: d}, np.random.default_rng(3)) == 0).mean()) for d in (1.0, 0.0))
    assert fair < 0.02
    assert black == pytest.approx(StereoCamera().hair_holes, abs=0.08)


def test_tof_noise_is_that_of_the_measured_camera() -> None:
    """A Kinect v2 shows about 5 mm at 3.3 m."""
    assert _deviation(Tof(TofCamera(), LENS), _wall(3.3)) == pytest.approx(0.0055, abs=0.0015)
    assert _deviation(Tof(TofCamera(), LENS), _wall(1.0)) < 0.003


def test_tof_pixels_fly_between_the_surfaces_and_only_at_edges() -> None:
    depth = Tof(TofCamera(), LENS).sense(_step(), {}, np.random.default_rng(2))
    flying = (depth > 1.3) & (depth < 2.9)
    assert flying.sum() > 100
    assert flying[70:170, 130:190].sum() == 0
    assert flying[100:140, 130:190].sum() == 0


def test_tof_is_biased_in_a_corner() -> None:
    """A wall that meets another one at a right angle, seen along the middle."""
    u = np.abs(np.arange(320) - 160) / 184.0
    image = Image(np.tile(3.0 / (1 + u), (240, 1)), np.zeros((240, 320), dtype=np.int32))
    rng = np.random.default_rng(4)
    sensor = Tof(TofCamera(), LENS)
    shots = np.stack([sensor.sense(image, {}, rng) for _ in range(20)])
    bias = np.where(shots > 0, shots - image.depth, np.nan)[:, 80:160]
    assert np.nanmean(bias[..., 158:162]) > 0.015
    assert abs(np.nanmean(bias[..., 60:80])) < 0.005


def test_tof_loses_the_dim_corners_of_the_picture_first() -> None:
    lens = Intrinsics(320, 240, 150.0, 150.0, 159.5, 119.5)
    lost = Tof(TofCamera(), lens).sense(_wall(3.4), {}, np.random.default_rng(1)) == 0
    assert lost[100:140, 140:180].mean() < 0.02
    assert lost[:10, :10].mean() > 0.3


def test_smooth_field_keeps_its_variance() -> None:
    for sigma in (0.5, 2.0, 6.0):
        assert smooth_field(np.random.default_rng(1), (240, 320), sigma).std() == pytest.approx(1.0, abs=0.12)
