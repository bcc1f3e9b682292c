"""How a body stands, leans and crouches so that its hands come to a place on a shelf.

A coarse search over distance, bend, crouch and elbow: the least effort with which the hand arrives and the arm passes
the boards.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge.simulator.bodies import Body
from edge.simulator.figure import Posture, Skeleton, middle_joint, skeleton_of
from edge.simulator.solids import Array

DISTANCES_M = (0.24, 0.30, 0.36, 0.44, 0.54)
BENDS_RAD = (0.0, 0.15, 0.3, 0.45, 0.6, 0.8, 1.0, 1.2)
CROUCHES = (0.0, 0.25, 0.5, 0.75, 1.0)
POLES = ((-0.6, 0.8, -0.6), (-0.2, 1.0, 0.0), (0.0, 0.5, -1.0), (-0.3, 0.8, 0.7))
"""Where the elbow points, left arm."""

BOARD_M = 0.024
_ALONG = np.linspace(0.0, 1.0, 8)[:, None]


@dataclass(frozen=True, slots=True)
class Opening:
    """The face of a rack, as one who stands before it meets it: boards one above the other, open between them."""

    levels: tuple[float, ...]
    deep_m: float
    tall_m: float


@dataclass(frozen=True, slots=True)
class Stance:
    """How a body stands while its hands are at their places.

    Attributes
    ----------
    distance_m
        From the middle between the feet to the rack's front.
    poles
        Where the elbows point, body frame.
    missed_m
        How far the worse hand stays from its place.
    """

    distance_m: float
    bend_rad: float
    crouch: float
    poles: tuple[tuple[float, float, float], tuple[float, float, float]]
    missed_m: float


def stance_for(
    body: Body, opening: Opening, targets: dict[int, tuple[float, float, float]], least_bend_rad: float = 0.0
) -> Stance:
    """The stance with the least effort.

    Parameters
    ----------
    targets
        For each hand (0 left, 1 right): metres behind the rack's front (negative before it), to the body's left, and
        above the floor.
    least_bend_rad
        Bend at least as much.
    """
    best, least = None, np.inf
    for crouch in CROUCHES:
        for bend in np.maximum(BENDS_RAD, least_bend_rad).tolist():
            joints = skeleton_of(body, Posture(0.0, 0.0, 0.0, crouch=crouch, bend_rad=bend))
            effort = 0.7 * bend + 0.8 * crouch
            if effort >= least:
                continue
            for distance in DISTANCES_M:
                cost = effort + 0.5 * abs(distance - 0.40) + _bumps(body, joints, distance, opening)
                if cost >= least:
                    continue
                poles, missed = [(0.0, 0.0, 0.0), (0.0, 0.0, 0.0)], 0.0
                for side, (depth, left, up) in targets.items():
                    aim = np.array([distance + depth, left, up])
                    poles[side], spent, short = _arm(body, joints, side, aim, distance, opening)
                    cost, missed = cost + spent, max(missed, short)
                if cost < least:
                    least = cost
                    best = Stance(distance, bend, crouch, (poles[0], poles[1]), missed)
    if best is None:
        raise ValueError("a reach needs a target")
    return best


def _bumps(body: Body, joints: Skeleton, distance: float, opening: Opening) -> float:
    """Cost of a head, knees or toes inside the rack."""
    head = float(joints.head[0]) + 0.5 * body.head_length_m + 0.04 - distance
    cost = 12.0 * max(head, 0.0) if joints.head[2] < opening.tall_m + 0.2 else 2.0 * max(head - 0.1, 0.0)
    knee = max(float(k[0]) for k in joints.knees) + 0.06 - distance
    toe = max(float(a[0]) for a in joints.ankles) + body.segment(0.115) - distance
    return cost + 12.0 * max(knee, 0.0) + 12.0 * max(toe, 0.0)


def _arm(
    body: Body, joints: Skeleton, side: int, aim: Array, distance: float, opening: Opening
) -> tuple[tuple[float, float, float], float, float]:
    """Best pole of an elbow, what it costs, and how far the hand stays from its aim."""
    upper, lower = body.segment(0.186), body.segment(0.196)
    shoulder = joints.shoulders[side]
    span = float(np.linalg.norm(aim - shoulder))
    missed = max(span - (upper + lower), 0.22 * (upper + lower) - span, 0.0)
    stretch = max(span / (upper + lower) - 0.95, 0.0)
    sign = 1.0 if side == 0 else -1.0
    chosen, least = POLES[0], np.inf
    for k, (x, y, z) in enumerate(POLES):
        pole = (x, sign * y, z)
        elbow = middle_joint(shoulder, aim, upper, lower, np.array(pole))
        cost = 0.1 * k + 25.0 * _through(shoulder, elbow, aim, distance, opening)
        if cost < least:
            chosen, least = pole, cost
    return chosen, least + 100.0 * missed + 4.0 * stretch, missed


def _through(shoulder: Array, elbow: Array, hand: Array, distance: float, opening: Opening) -> float:
    """How deep an arm goes into the boards, metres: the worst of points along it, summed over both bones."""
    points = np.concatenate([shoulder + _ALONG * (elbow - shoulder), elbow + _ALONG[:-1] * (hand - elbow)])
    radius = np.concatenate([np.full(8, 0.045), np.linspace(0.045, 0.025, 7)])
    x, z = points[:, 0] - distance, points[:, 2]
    total = 0.0
    for level in opening.levels:
        dx = np.maximum(-x, x - opening.deep_m)
        dz = np.abs(z - (level - BOARD_M / 2)) - BOARD_M / 2
        outside = np.hypot(np.maximum(dx, 0.0), np.maximum(dz, 0.0))
        gap = np.where(np.maximum(dx, dz) < 0.0, np.maximum(dx, dz), outside)
        total += float(np.maximum(radius - gap - 0.01, 0.0).max())
    return total
