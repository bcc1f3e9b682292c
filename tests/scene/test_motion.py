"""The motion filter against its textbook form, and what it promises at any frame rate."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.clock import nanoseconds, seconds
from edge.messages import Head
from edge.scene import motion
from tests.scene.sightings import at, head


def textbook(state, covariance, dt, measured, sigma):
    """One cycle of the Kalman filter in matrix form; rows of the state are place and speed, columns x and y."""
    keep = math.exp(-dt / motion.SPEED_FADE_S)
    F = np.array([[1.0, motion.SPEED_FADE_S * (1.0 - keep)], [0.0, keep]])
    Q = motion.ACCELERATION_PSD * np.array([[dt**3 / 3, dt**2 / 2], [dt**2 / 2, dt]])
    H, R = np.array([[1.0, 0.0]]), np.array([[sigma**2]])
    state, covariance = F @ state, F @ covariance @ F.T + Q
    K = covariance @ H.T @ np.linalg.inv(H @ covariance @ H.T + R)
    state = state + K @ (measured[None] - H @ state)
    return state, (np.eye(2) - K @ H) @ covariance


def test_it_is_the_kalman_filter():
    rng = np.random.default_rng(3)
    place, t_s = np.array([0.3, -0.2]), 0.0
    now = motion.begin(head(*place), at(0.0))
    state = np.array([place, [0.0, 0.0]])
    covariance = np.diag([motion.MIN_SIGMA_M**2, motion.START_SPEED_SIGMA_MPS**2])
    for _ in range(200):
        t_s += float(rng.uniform(0.02, 0.4))
        place = place + rng.normal(0, 0.1, 2)
        sigma = float(rng.uniform(0.03, 0.1))
        seen = Head(float(place[0]), float(place[1]), 1.7, sigma, 0.9, False)
        dt = seconds(at(t_s) - now.t_ns)
        now = motion.update(motion.predict(now, at(t_s)), seen)
        state, covariance = textbook(state, covariance, dt, place, sigma)
        np.testing.assert_allclose(
            [now.x_m, now.y_m, now.vx_mps, now.vy_mps, now.position_var, now.cross_var, now.speed_var],
            [*state.ravel(), covariance[0, 0], covariance[0, 1], covariance[1, 1]],
            rtol=1e-8,
            atol=1e-12,
        )


@pytest.mark.parametrize("fps", [4.5, 10.0, 15.0, 30.0])
def test_the_speed_of_a_walk_is_found_within_a_second_at_any_frame_rate(fps: float):
    now = motion.begin(head(0.0, 0.0), at(0.0))
    for k in range(1, math.ceil(fps) + 1):
        t_s = k / fps
        now = motion.update(motion.predict(now, at(t_s)), head(1.2 * t_s, -0.5 * t_s))
    assert now.vx_mps == pytest.approx(1.2, abs=0.12)
    assert now.vy_mps == pytest.approx(-0.5, abs=0.06)
    assert now.x_m == pytest.approx(1.2 * t_s, abs=0.04)


def test_a_look_ahead_in_many_steps_ends_where_one_step_does():
    now = motion.update(motion.predict(motion.begin(head(0.0, 0.0), at(0)), at(0.2)), head(0.2, 0.1))
    once, often = motion.predict(now, at(1.7)), now
    for k in range(1, 16):
        often = motion.predict(often, at(0.2 + 0.1 * k))
    for name in ("x_m", "y_m", "vx_mps", "vy_mps"):
        assert getattr(often, name) == pytest.approx(getattr(once, name), rel=1e-9)
    assert often.position_var == pytest.approx(once.position_var, rel=0.25)


def test_no_time_or_time_back_changes_nothing():
    now = motion.begin(head(0.1, 0.2), at(5.0))
    assert motion.predict(now, at(5.0)) is now
    assert motion.predict(now, at(4.0)) is now


def test_somebody_unseen_slows_down_and_does_not_walk_on_for_ever():
    now = motion.begin(head(0.0, 0.0), at(0.0))
    for k in range(1, 31):
        now = motion.update(motion.predict(now, at(k / 15)), head(k / 15, 0.0))
    far = motion.predict(now, at(62.0))
    assert far.x_m - now.x_m < motion.SPEED_FADE_S * 1.1
    assert far.speed_mps < 1e-4


def test_a_head_that_the_border_cuts_moves_a_person_less():
    now = motion.predict(motion.begin(head(0.0, 0.0), at(0.0)), at(0.1))
    whole = motion.update(now, head(0.1, 0.0, at_border=False))
    cut = motion.update(now, head(0.1, 0.0, at_border=True))
    assert 0.0 < cut.x_m < whole.x_m < 0.1


def test_bobbing_is_smoothed_and_crouching_is_followed():
    now = motion.begin(head(0.0, 0.0, 1.70), at(0.0))
    heights = []
    for k in range(1, 61):
        now = motion.update(motion.predict(now, at(k / 15)), head(0.0, 0.0, 1.70 + 0.03 * (-1) ** k))
        heights.append(now.z_m)
    assert max(abs(z - 1.70) for z in heights[15:]) < 0.02
    for k in range(61, 76):
        now = motion.update(motion.predict(now, at(k / 15)), head(0.0, 0.0, 1.10))
    assert now.z_m == pytest.approx(1.10, abs=0.05)


@given(st.lists(st.tuples(st.floats(0.001, 5.0), st.floats(0.01, 0.5), st.booleans()), min_size=1, max_size=60))
def test_uncertainty_stays_a_covariance(steps: list[tuple[float, float, bool]]):
    now = motion.begin(head(0.0, 0.0), at(0.0))
    for gap_s, sigma, seen in steps:
        before = now
        now = motion.predict(now, now.t_ns + nanoseconds(gap_s))
        assert now.position_var >= before.position_var
        if seen:
            after = motion.update(now, Head(0.0, 0.0, 1.7, sigma, 0.9, False))
            assert after.position_var < now.position_var
            now = after
        assert now.position_var > 0.0
        assert now.speed_var > 0.0
        assert now.height_var > 0.0
        assert now.cross_var**2 < now.position_var * now.speed_var
