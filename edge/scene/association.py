"""Which head belongs to whom: a gate, a cost, and the assignment of least total cost.

The cost of a pair is its negative log likelihood under the person's predicted place and height, so that a person lost
for long, whose place is vague, does not take the head of one just seen.  Leaving a person or a head alone has a cost
too, hence nobody is forced on anybody.
(Bar-Shalom et al. 2001, ch. 6; Crouse, *On implementing 2D rectangular assignment algorithms*, IEEE TAES 2016, is the
method of :func:`scipy.optimize.linear_sum_assignment`.)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from edge.clock import seconds
from edge.messages import Head
from edge.scene import motion
from edge.scene.person import Person

ALONE_COST = 12.0
"""Cost of a pair left apart, in nats."""
DOUBT_COST = 3.0
"""Cost of a head that may be none, times the negative logarithm of its confidence."""
DOUBT_COST_PER_S = 4.0
"""It grows while somebody is unseen: who was lost is not found again in a hand."""
MOST_DOUBT_COST = 10.0
LEAST_CONFIDENCE = 0.05
TENTATIVE_COST = 2.0
"""A person who is sure has the better claim on a head."""
GATE_SIGMAS = 4.0
MIN_GATE_M = 0.3
HURRY_MPS = 1.0
"""The gate grows by this while somebody is unseen, who may have turned meanwhile."""
BORDER_HURRY_MPS = 0.5
"""The same toward a head at the picture's border, where newcomers are met."""
LEAVING_GATE_M = 0.25
TURN_MPS2 = 1.5
"""The gate of somebody on the way out, to a head at the border, grows only as fast as they can slow down and turn."""
LOST_S = 0.4
"""Who is unseen for longer was not just missed."""
RISE_M = 0.22
"""Heads bob, hats tilt, and a noisy camera errs: height may differ by this from one look to the next."""
BEND_MPS = 1.0
"""Speed of the head of somebody who crouches or rises."""
LONGEST_BEND_M = 0.45
"""However long unseen, a head that is further off in height is somebody else's."""
TAIL = 5.0
"""Degrees of freedom of the Student t distribution of a head about where it was expected: people swerve."""
HEIGHT_COST_CAP = 6.0
OUT_OF_REACH = 1e6


Seconds = TypeVar("Seconds", float, NDArray[np.float64])


class Pair(NamedTuple):
    """Indices of a person and of the head that was given to it."""

    person: int
    head: int


def assign(people: Sequence[Person], heads: Sequence[Head], t_ns: int, gate_m: float) -> tuple[Pair, ...]:
    """Give heads of one look to people, each at most one.

    Parameters
    ----------
    people, heads
        Who is known, and what was seen at ``t_ns`` by one camera.
    gate_m
        Furthest a head may lie from where a person was just now expected.
    """
    if not people or not heads:
        return ()
    cost = _costs(people, heads, t_ns, gate_m)
    n, m = cost.shape
    # Square form with one column of its own per person and one row per head for "left alone".
    square = np.full((n + m, m + n), OUT_OF_REACH)
    square[:n, :m] = cost
    square[np.arange(n), m + np.arange(n)] = ALONE_COST
    square[n + np.arange(m), np.arange(m)] = 0.0
    square[n:, m:] = 0.0
    rows, columns = linear_sum_assignment(square)
    return tuple(
        Pair(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if i < n and j < m and cost[i, j] < ALONE_COST
    )


def furthest_m(unseen_s: Seconds, gate_m: float) -> Seconds:
    """How far from where they were expected a person may be after a time unseen."""
    return gate_m + HURRY_MPS * unseen_s


def furthest_at_border_m(person: Person, unseen_s: float, gate_m: float) -> float:
    """The same for a head at the picture's border, which may be a newcomer's."""
    if person.leaving:
        return min(MIN_GATE_M + BORDER_HURRY_MPS * unseen_s, LEAVING_GATE_M + TURN_MPS2 * unseen_s**2 / 2)
    return MIN_GATE_M + BORDER_HURRY_MPS * unseen_s if unseen_s > LOST_S else furthest_m(unseen_s, gate_m)


def _costs(people: Sequence[Person], heads: Sequence[Head], t_ns: int, gate_m: float) -> NDArray[np.float64]:
    """Costs (people, heads), ``OUT_OF_REACH`` beyond the gates."""
    seen = np.array([(h.x_m, h.y_m, h.z_m, motion.floor_sigma_m(h) ** 2) for h in heads])
    doubt = np.array([-math.log(max(h.confidence, LEAST_CONFIDENCE)) for h in heads])
    expected = [motion.predict(p.motion, t_ns) for p in people]
    place = np.array([(e.x_m, e.y_m, e.z_m, e.position_var, e.height_var) for e in expected])
    unseen_s = np.array([seconds(t_ns - p.seen_ns) for p in people])
    tentative = np.array([0.0 if p.confirmed else TENTATIVE_COST for p in people])
    standing = np.array([p.standing_m for p in people])
    # A head cut by the picture's border is doubtful by itself, not because it may be a hand.
    lost_s = np.where([h.at_border for h in heads], 0.0, unseen_s[:, None])

    square_m2 = (seen[:, 0] - place[:, 0, None]) ** 2 + (seen[:, 1] - place[:, 1, None]) ** 2
    variance = seen[:, 3] + place[:, 3, None]
    taller = seen[:, 2] - place[:, 2, None]
    height_variance = place[:, 4, None] + motion.HEIGHT_SIGMA_M**2
    cost = (
        (TAIL + 2.0) / 2.0 * np.log1p(square_m2 / variance / TAIL)
        + np.log(variance)
        + np.minimum(taller**2 / (2.0 * height_variance), HEIGHT_COST_CAP)
        + 0.5 * np.log(height_variance)
        - math.log(motion.MIN_SIGMA_M**2 * motion.HEIGHT_SIGMA_M)
        - 2.0
        + tentative[:, None]
        + doubt[None, :] * np.minimum(DOUBT_COST + DOUBT_COST_PER_S * lost_s, MOST_DOUBT_COST)
    )
    anywhere_m = furthest_m(unseen_s, gate_m)
    at_border_m = np.array([furthest_at_border_m(p, u, gate_m) for p, u in zip(people, unseen_s, strict=True)])
    at_border = np.array([h.at_border for h in heads])
    furthest = np.where(at_border[None, :], at_border_m[:, None], anywhere_m[:, None])
    reach = np.minimum(furthest, np.maximum(MIN_GATE_M, GATE_SIGMAS * np.sqrt(variance)))
    bend = np.minimum(RISE_M + BEND_MPS * unseen_s[:, None], LONGEST_BEND_M)
    fits = (square_m2 <= reach**2) & (np.abs(taller) <= bend) & (seen[:, 2] <= standing[:, None] + LONGEST_BEND_M)
    return np.where(fits, cost, OUT_OF_REACH)
