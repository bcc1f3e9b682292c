"""Bodies have the sizes they say, and postures do what they are named for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from edge.simulator.bodies import ADULT_M, CHILD_M, Hair, Hat, head_size_m, sample_adult, sample_child
from edge.simulator.figure import Posture, Reach, figure, head_centre, skeleton_of

UP = (0.0, 0.0, 1.0)


@pytest.mark.parametrize("seed", range(20))
def test_bare_head_of_a_standing_body_is_at_its_stature(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for body in (sample_adult(rng), sample_child(rng)):
        bare = replace(body, hair=Hair.BALD, hair_m=0.0, hat=Hat.NONE)
        assert figure(bare, Posture(1.0, 2.0, 0.7)).support(UP).max() == pytest.approx(bare.stature_m, abs=0.015)
    assert CHILD_M[0] <= body.stature_m <= CHILD_M[1]


def test_adults_of_all_statures_have_human_shoulders_and_heads() -> None:
    rng = np.random.default_rng(0)
    for _ in range(100):
        body = sample_adult(rng)
        assert ADULT_M[0] <= body.stature_m <= ADULT_M[1]
        assert 0.13 < body.head_breadth_m < 0.18
        assert 0.17 < body.head_length_m < 0.22
        solids = figure(replace(body, carried=type(body.carried).NOTHING, backpack=False), Posture(0, 0, np.pi / 2))
        width = solids.support((1, 0, 0)).max() + solids.support((-1, 0, 0)).max()
        assert 0.36 < width < 0.75


def test_head_size_keeps_its_circumference() -> None:
    _, breadth, length = head_size_m(1.7, 0.56, 0.8)
    angle = np.linspace(0, 2 * np.pi, 20001)
    x, y = length / 2 * np.cos(angle), breadth / 2 * np.sin(angle)
    assert np.hypot(np.diff(x), np.diff(y)).sum() == pytest.approx(0.56, abs=0.001)


@pytest.mark.parametrize("hat", [h for h in Hat if h is not Hat.NONE])
def test_a_hat_is_part_of_the_head_and_reaches_over_it(hat: Hat) -> None:
    bare = replace(sample_adult(np.random.default_rng(1)), hair=Hair.SHORT, hat=Hat.NONE)
    still = Posture(0.0, 0.0, 0.0)
    without, with_hat = (figure(b, still).heads().support(UP).max() for b in (bare, replace(bare, hat=hat)))
    assert without < with_hat < without + 0.15


def test_crouching_bending_and_raising() -> None:
    body = replace(sample_adult(np.random.default_rng(2)), hat=Hat.NONE)
    tall = figure(body, Posture(0, 0, 0)).support(UP).max()
    assert figure(body, Posture(0, 0, 0, crouch=0.9)).heads().support(UP).max() < 0.75 * tall
    assert figure(body, Posture(0, 0, 0, bend_rad=1.0)).heads().support(UP).max() < 0.85 * tall
    raised = Reach((0.15, 0.2, 1.15 * body.stature_m), 1.0)
    assert figure(body, Posture(0, 0, 0, left=raised)).support(UP).max() > tall + 0.08


def test_a_standing_foot_does_not_slide() -> None:
    body = sample_adult(np.random.default_rng(3))
    speed, dt = 1.2, 0.01
    from edge.simulator.figure import stride_hz

    places = []
    for k in range(30):
        at = Posture(0, 0, 0, speed_mps=speed, phase=0.05 + k * dt * stride_hz(body, speed))
        places.append(skeleton_of(body, at).ankles[0][0] + speed * k * dt)
    assert np.ptp(places) < 0.005


def test_head_centre_follows_the_heading() -> None:
    body = sample_adult(np.random.default_rng(4))
    east, north = head_centre(body, Posture(0, 0, 0)), head_centre(body, Posture(0, 0, np.pi / 2))
    assert np.allclose(north, [-east[1], east[0], east[2]])
