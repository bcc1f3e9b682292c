"""How one head moves: a Kalman filter with nearly constant velocity on the floor, and a slow one for its height.

Both axes of the floor share one covariance, because the noise of process and of measurement is the same along both; so
the filter is three numbers wide and exact.  Speed fades over seconds while nothing is seen (Ornstein-Uhlenbeck): people
who are hidden stop more often than they walk on for ever.
(Bar-Shalom, Li, Kirubarajan, *Estimation with Applications to Tracking and Navigation*, 2001, ch. 6.)
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from edge.clock import seconds
from edge.messages import Head

ACCELERATION_PSD = 1.0
"""Spectral density of the unknown acceleration, m²/s³: a walk begins, ends or turns within half a second."""
START_SPEED_SIGMA_MPS = 1.0
SPEED_FADE_S = 4.0
HEIGHT_PSD = 0.02
"""Spectral density of the unknown change of height, m²/s: bobbing always, bending sometimes."""
MIN_SIGMA_M = 0.03
"""A head sways by this much on a body that walks straight."""
HEIGHT_SIGMA_M = 0.05
BORDER_SIGMA_FACTOR = 2.0
"""A head that is cut by the picture's border has its centre elsewhere than it seems."""


@dataclass(frozen=True, slots=True)
class Motion:
    """Position, velocity and their uncertainty at one time, SI units, store frame."""

    t_ns: int
    x_m: float
    y_m: float
    z_m: float
    vx_mps: float
    vy_mps: float
    position_var: float
    cross_var: float
    speed_var: float
    height_var: float

    @property
    def speed_mps(self) -> float:
        """Speed over the floor."""
        return math.hypot(self.vx_mps, self.vy_mps)


def begin(head: Head, t_ns: int) -> Motion:
    """The motion of a head seen for the first time."""
    return Motion(
        t_ns, head.x_m, head.y_m, head.z_m, 0.0, 0.0,
        floor_sigma_m(head) ** 2, 0.0, START_SPEED_SIGMA_MPS**2, HEIGHT_SIGMA_M**2,
    )  # fmt: skip


def floor_sigma_m(head: Head) -> float:
    """Standard deviation of a head's place on the floor, as the filter takes it."""
    return max(head.sigma_m, MIN_SIGMA_M) * (BORDER_SIGMA_FACTOR if head.at_border else 1.0)


def predict(motion: Motion, t_ns: int) -> Motion:
    """Carry a motion to a later time."""
    dt = seconds(t_ns - motion.t_ns)
    if dt <= 0.0:
        return motion
    keep = math.exp(-dt / SPEED_FADE_S)
    reach = SPEED_FADE_S * (1.0 - keep)
    p, c, v = motion.position_var, motion.cross_var, motion.speed_var
    return Motion(
        t_ns,
        motion.x_m + reach * motion.vx_mps,
        motion.y_m + reach * motion.vy_mps,
        motion.z_m,
        keep * motion.vx_mps,
        keep * motion.vy_mps,
        p + 2.0 * reach * c + reach * reach * v + ACCELERATION_PSD * dt**3 / 3.0,
        keep * (c + reach * v) + ACCELERATION_PSD * dt**2 / 2.0,
        keep * keep * v + ACCELERATION_PSD * dt,
        motion.height_var + HEIGHT_PSD * dt,
    )


def walk_along(motion: Motion, other: Motion) -> Motion:
    """Somebody out of sight goes on at the pace of a companion who is seen."""
    return replace(motion, vx_mps=other.vx_mps, vy_mps=other.vy_mps)


def update(motion: Motion, head: Head) -> Motion:
    """Correct a motion, predicted to the head's time, by the head that was seen."""
    noise = floor_sigma_m(head) ** 2
    total = motion.position_var + noise
    gain, speed_gain = motion.position_var / total, motion.cross_var / total
    off_x, off_y = head.x_m - motion.x_m, head.y_m - motion.y_m
    height_gain = motion.height_var / (motion.height_var + HEIGHT_SIGMA_M**2)
    return Motion(
        motion.t_ns,
        motion.x_m + gain * off_x,
        motion.y_m + gain * off_y,
        motion.z_m + height_gain * (head.z_m - motion.z_m),
        motion.vx_mps + speed_gain * off_x,
        motion.vy_mps + speed_gain * off_y,
        (1.0 - gain) * motion.position_var,
        (1.0 - gain) * motion.cross_var,
        motion.speed_var - speed_gain * motion.cross_var,
        (1.0 - height_gain) * motion.height_var,
    )
