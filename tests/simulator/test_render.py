"""The renderer against geometry that can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from edge.geometry import Intrinsics, Pose
from edge.simulator.render import FAR_M, Renderer, blank
from edge.simulator.solids import Part, Sculptor

LENS = Intrinsics(81, 61, 60.0, 60.0, 40.0, 30.0)
DOWN = Renderer(LENS, Pose.looking(0.0, 0.0, 3.0, 0.0, 90.0))


def test_floor_is_flat_and_a_ball_has_its_exact_depth() -> None:
    image = blank(81, 61)
    out = Sculptor()
    out.box((0, 0, -0.1), (10, 10, 0.1), Part.SCENE)
    DOWN.draw(image, out.solids())
    assert np.allclose(image.depth, 3.0, atol=1e-9)
    ball = Sculptor()
    ball.ball((0, 0, 1.5), (0.2, 0.2, 0.25), Part.HEAD)
    DOWN.draw(image, ball.solids(), 1)
    assert image.depth[30, 40] == pytest.approx(3.0 - 1.75, abs=1e-9)
    assert image.depth[30, 70] == pytest.approx(3.0, abs=1e-9)


def test_round_cone_is_the_hull_of_its_balls() -> None:
    """Against the distance to the axis, sampled: every hit lies on the surface, none inside."""
    out = Sculptor()
    a, b, ra, rb = np.array([-0.3, 0.1, 0.8]), np.array([0.4, -0.1, 1.2]), 0.22, 0.10
    out.limb(a, b, ra, rb, Part.BODY)
    image = blank(81, 61)
    DOWN.draw(image, out.solids())
    hit = image.depth < FAR_M
    assert hit.sum() > 200
    points = (LENS.rays() * image.depth[..., None])[hit]
    store = Pose.looking(0.0, 0.0, 3.0, 0.0, 90.0).to_store(points)
    f = np.linspace(0, 1, 2001)
    axis = a + f[:, None] * (b - a)
    gap = np.linalg.norm(store[:, None] - axis[None], axis=-1) - (ra + f * (rb - ra))
    assert np.abs(gap.min(axis=1)).max() < 1e-3


@pytest.mark.parametrize("tilt", [90.0, 40.0])
def test_support_is_what_the_renderer_shows(tilt: float) -> None:
    out = Sculptor()
    out.limb(np.array([0.0, 0, 1.0]), np.array([0.2, 0.1, 1.4]), 0.2, 0.1, Part.BODY, depth=0.6, cap=0.5)
    out.drum((0.1, -0.3, 1.2), (0.2, 0.1, 0.3), Part.HAT)
    lens = Intrinsics(640, 480, 500.0, 500.0, 319.5, 239.5)
    pose = Pose.looking(0.0, -2.0 if tilt < 90 else 0.0, 3.0, 0.0, tilt)
    image = blank(640, 480)
    Renderer(lens, pose).draw(image, out.solids())
    hit = image.depth < FAR_M
    top = pose.to_store((lens.rays() * image.depth[..., None])[hit])[:, 2].max()
    assert top == pytest.approx(out.solids().support((0, 0, 1)).max(), abs=0.005)


def test_area_counts_what_the_border_cuts_off() -> None:
    out = Sculptor()
    out.ball((0.0, 0.0, 1.5), (0.2, 0.2, 0.2), Part.HEAD)
    whole = DOWN.area_px(out.solids())
    assert whole == pytest.approx(np.pi * (60 * 0.2 / np.sqrt(1.5**2 - 0.2**2)) ** 2, rel=0.05)
    edge_x = 1.0 * 1.5 / 1.5 * (40.5 / 60.0) * 1.5
    half = out.solids().moved(np.eye(3), (edge_x, 0.0, 0.0))
    image = blank(81, 61)
    DOWN.draw(image, half, 1)
    assert (image.label >= 0).sum() == pytest.approx(DOWN.area_px(half) / 2, rel=0.2)


def test_a_lens_with_distortion_is_refused() -> None:
    with pytest.raises(ValueError, match="distortion"):
        Renderer(Intrinsics(80, 60, 50, 50, 40, 30, (0.1,)), Pose.looking(0, 0, 3, 0, 90))
