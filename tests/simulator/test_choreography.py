"""People keep apart, walk at human speed, and get where they are going."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from edge.simulator.bodies import sample_adult
from edge.simulator.choreography import STEP_HZ, Block, Role, Stop, play
from edge.simulator.performance import Performance
from edge.simulator.scenarios import SCENARIOS


@pytest.mark.parametrize("scenario", ["crossing", "dense", "family_cart", "crowd", "shop_day"])
@pytest.mark.parametrize("seed", [0, 1])
def test_bodies_do_not_interpenetrate(scenario: str, seed: int) -> None:
    rng = np.random.default_rng([seed, 7])
    it = SCENARIOS[scenario]
    stage = it.build(rng, it.duration_s)
    play_ = Performance(stage.roles, stage.blocks(), it.duration_s, rng)
    for (a, m), (b, n) in combinations(zip(stage.roles, play_.motions, strict=True), 2):
        both = m.present & n.present
        if both.any():
            gap = np.hypot(m.x_m - n.x_m, m.y_m - n.y_m)[both] - a.body.radius_m - b.body.radius_m
            assert gap.min() > -0.04


def test_two_who_meet_head_on_pass_at_walking_speed() -> None:
    rng = np.random.default_rng(0)
    roles = [
        Role(sample_adult(rng), (-4.0, 0.0), (Stop(4.0, 0.0),)),
        Role(sample_adult(rng), (4.0, 0.0), (Stop(-4.0, 0.0),), facing_rad=np.pi),
    ]
    for motion in play(roles, [], 9.0, rng):
        assert not motion.present[-1]
        speed = motion.speed_mps[motion.present]
        assert speed.max() < 1.95
        assert np.median(speed) == pytest.approx(1.2, abs=0.15)
        turn = np.abs(np.diff(motion.heading_rad)[motion.present[1:]]) * STEP_HZ
        assert turn.max() < 4.0


def test_walls_are_walked_round_not_through() -> None:
    rng = np.random.default_rng(1)
    body = sample_adult(rng)
    wall = Block(-0.1, -0.5, 0.1, 3.0)
    (motion,) = play([Role(body, (-2.0, 0.2), (Stop(-0.6, -1.0), Stop(2.0, -0.6)))], [wall], 8.0, rng)
    there = motion.present
    x, y = motion.x_m[there], motion.y_m[there]
    gap = np.hypot(np.maximum(np.abs(x) - 0.1, 0.0), np.maximum(np.maximum(-0.5 - y, y - 3.0), 0.0))
    assert gap.min() > body.radius_m - 0.05
    assert not motion.present[-1]
