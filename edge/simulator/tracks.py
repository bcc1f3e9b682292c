"""Where a body stands, how it leans and where its hands are over time: keys, and what lies between them, eased."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TypeVar

import numpy as np

from edge.simulator.bodies import Body, Carried
from edge.simulator.figure import Posture, Reach, Skeleton, skeleton_of


class Anchor(IntEnum):
    """What a hand's key is fixed to."""

    REST = 0
    """The hand hangs."""
    STORE = 1
    CHEST = 2
    HIP = 3


@dataclass(frozen=True, slots=True)
class HandKey:
    """Where a hand is at a time.

    ``point`` is a store point for ``STORE``; for ``CHEST`` its second number, if not 0, says how far to the left.
    ``pole`` is where the elbow points, body frame; all 0 leaves it to the arm.
    """

    t_s: float
    anchor: Anchor
    point: tuple[float, float, float] = (0.0, 0.0, 0.0)
    pole: tuple[float, float, float] = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class BodyKey:
    """How a body leans at a time."""

    t_s: float
    bend_rad: float
    crouch: float


@dataclass(frozen=True, slots=True)
class FootKey:
    """Where a body stands at a time."""

    t_s: float
    x_m: float
    y_m: float
    heading_rad: float
    weight: float
    """0 where the walk has it, 1 where the handling has it."""


Key = TypeVar("Key", HandKey, BodyKey, FootKey)


class Tracks:
    """The keys of one person; they override the walk's posture from ``start_s`` on.

    Attributes
    ----------
    foot, posture, hands
        In the order of time; ``hands`` left and right.
    """

    def __init__(self, body: Body, start_s: float) -> None:
        self._body = body
        self.start_s = start_s
        self.foot: list[FootKey] = []
        self.posture: list[BodyKey] = []
        self.hands: tuple[list[HandKey], list[HandKey]] = ([], [])

    def posed(self, posture: Posture, t_s: float) -> Posture:
        """The walk's posture with what the hands do at a time."""
        if not self.foot or t_s < self.start_s or (t_s > self.foot[-1].t_s and not self._busy()):
            return posture
        placed = self._placed(posture, t_s)
        bend, crouch = self._leaning(t_s)
        bare = replace(placed, bend_rad=max(placed.bend_rad, bend), crouch=max(placed.crouch, crouch))
        joints = skeleton_of(self._body, replace(bare, left=None, right=None))
        reaches = [self._reach(side, joints, bare, t_s) for side in (0, 1)]
        return replace(bare, left=reaches[0] or posture.left, right=reaches[1] or posture.right)

    def _busy(self) -> bool:
        """Whether a hand is never taken down again."""
        return any(track and track[-1].anchor is not Anchor.REST for track in self.hands)

    def _placed(self, posture: Posture, t_s: float) -> Posture:
        a, b, f = _between(self.foot, t_s)
        weight = a.weight * (1 - f) + b.weight * f
        x, y = a.x_m * (1 - f) + b.x_m * f, a.y_m * (1 - f) + b.y_m * f
        if a.weight == 0.0:
            x, y = b.x_m, b.y_m
        turn = (b.heading_rad - posture.heading_rad + np.pi) % (2 * np.pi) - np.pi
        return replace(
            posture,
            x_m=posture.x_m * (1 - weight) + x * weight,
            y_m=posture.y_m * (1 - weight) + y * weight,
            heading_rad=posture.heading_rad + weight * turn,
        )

    def _leaning(self, t_s: float) -> tuple[float, float]:
        a, b, f = _between(self.posture, t_s)
        return a.bend_rad * (1 - f) + b.bend_rad * f, a.crouch * (1 - f) + b.crouch * f

    def _reach(self, side: int, joints: Skeleton, posture: Posture, t_s: float) -> Reach | None:
        track = self.hands[side]
        if not track or t_s < track[0].t_s:
            return None
        a, b, f = _between(track, t_s)
        if a.anchor is Anchor.REST and b.anchor is Anchor.REST:
            return None
        pole = _pole(a, b, f)
        if a.anchor is Anchor.REST or b.anchor is Anchor.REST:
            key, weight = (b, f) if a.anchor is Anchor.REST else (a, 1 - f)
            return Reach(self._point(key, side, joints, posture), weight, pole)
        ends = [np.array(self._point(key, side, joints, posture)) for key in (a, b)]
        x, y, z = (ends[0] * (1 - f) + ends[1] * f).tolist()
        return Reach((x, y, z), 1.0, pole)

    def _point(self, key: HandKey, side: int, joints: Skeleton, posture: Posture) -> tuple[float, float, float]:
        """Where a key has the hand, body frame."""
        sign = 1.0 if side == 0 else -1.0
        s = self._body.segment
        if key.anchor is Anchor.STORE:
            dx, dy = key.point[0] - posture.x_m, key.point[1] - posture.y_m
            c, n = float(np.cos(posture.heading_rad)), float(np.sin(posture.heading_rad))
            return c * dx + n * dy, -n * dx + c * dy, key.point[2]
        if key.anchor is Anchor.CHEST:
            x, _, z = joints.shoulders[side].tolist()
            return x + s(0.20), key.point[1] or sign * s(0.06), z - s(0.13)
        if side == 0 and self._body.carried is not Carried.NOTHING:
            # Into what hangs from the other hand.
            x, y, z = joints.hands[1].tolist()
            return x + s(0.06), y + 0.05, z + 0.06
        x, _, z = joints.pelvis.tolist()
        return x + s(0.09), sign * s(0.125), z


def _pole(a: HandKey, b: HandKey, f: float) -> tuple[float, float, float] | None:
    """Where the elbow points between two keys; None where neither says."""
    poles = [np.array(key.pole) for key in (a, b)]
    given = [bool(pole.any()) for pole in poles]
    if not any(given):
        return None
    both = [poles[k] if given[k] else poles[1 - k] for k in (0, 1)]
    x, y, z = (both[0] * (1 - f) + both[1] * f).tolist()
    return x, y, z


def _between(track: Sequence[Key], t_s: float) -> tuple[Key, Key, float]:
    """The keys around a time, and how far it is from the first to the second, eased."""
    after = bisect_right(track, t_s, key=lambda key: key.t_s)
    a, b = track[max(after - 1, 0)], track[min(after, len(track) - 1)]
    x = (t_s - a.t_s) / (b.t_s - a.t_s) if b.t_s > a.t_s else 0.0
    x = min(max(x, 0.0), 1.0)
    return a, b, x * x * (3 - 2 * x)
