"""Paths of people who keep out of each other's way.

One step, thirty times a second:

1. each person has a velocity it would like: toward its next stop, slower as the stop comes near;
2. it is bent by whom it would bump into, and how soon (Karamouzas, Skinner & Guy, *Universal power law governing
   pedestrian interactions*, PRL 2014);
3. the body turns toward where it goes, no faster than a body turns;
4. discs that still overlap (bodies, carts, walls) are moved apart (position-based dynamics).

At the end the paths are smoothed, and speed, heading and strides follow from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from edge.simulator.acts import Act
from edge.simulator.bodies import Body
from edge.simulator.figure import stride_hz
from edge.simulator.props import CART_DISCS, Cart
from edge.simulator.solids import Array

if TYPE_CHECKING:
    from edge.simulator.handling import Handling

STEP_HZ = 30.0
SMOOTH_S = 0.12
_TURN_RADPS, _CART_TURN_RADPS = 3.0, 1.6
_RELAX_S = 0.45
_BRAKE_MPS2 = 0.9
_TTC_GAIN, _TTC_HORIZON_S, _MAX_FORCE_MPS2 = 1.5, 2.0, 4.0


@dataclass(frozen=True, slots=True)
class Stop:
    """A place to go to, and what is done there."""

    x_m: float
    y_m: float
    stay_s: float = 0.0
    """0 passes through."""
    facing_rad: float | None = None
    acts: tuple[Act, ...] = ()
    """Their times count from the arrival."""
    speed_mps: float = 1.2
    handlings: tuple[Handling, ...] = ()
    """In their order; their times count from the arrival."""


@dataclass(frozen=True, slots=True)
class Role:
    """One person's part."""

    body: Body
    start: tuple[float, float]
    stops: tuple[Stop, ...] = ()
    start_s: float = 0.0
    facing_rad: float = 0.0
    leaves: bool = True
    """Gone after the last stop; else it stays there to the end."""
    cart: Cart | None = None
    rider: Body | None = None
    """A child in the cart's seat."""
    follows: int | None = None
    """Index of the role beside which this one walks."""
    beside: tuple[float, float] = (-0.45, 0.4)
    """Where, in the other's body frame (ahead, left), metres."""


@dataclass(frozen=True, slots=True)
class Block:
    """A rectangle of the floor where nobody can stand."""

    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class Motion:
    """One person's path, ``STEP_HZ`` samples a second from the session's start.

    Attributes
    ----------
    present
        (n,) whether the person is there.
    x_m, y_m, heading_rad, speed_mps, phase
        (n,) each; heading is continuous (not wrapped), phase counts strides.
    acts, handlings
        With times from the session's start.
    """

    present: NDArray[np.bool_]
    x_m: Array
    y_m: Array
    heading_rad: Array
    speed_mps: Array
    phase: Array
    acts: tuple[Act, ...]
    handlings: tuple[Handling, ...] = ()


@dataclass(slots=True)
class _Walker:
    """A role while it is played."""

    role: Role
    next_stop: int = 0
    stay_left_s: float = 0.0
    slow_s: float = 0.0
    here: bool = False
    gone: bool = False
    acts: list[Act] = field(default_factory=list)
    handlings: list[Handling] = field(default_factory=list)


def play(
    roles: Sequence[Role], blocks: Sequence[Block], duration_s: float, rng: np.random.Generator
) -> tuple[Motion, ...]:
    """Walk all the roles for ``duration_s`` seconds."""
    crowd = _Crowd(roles, blocks, rng)
    steps = int(np.ceil(duration_s * STEP_HZ)) + 2
    place = np.zeros((steps, len(roles), 2))
    heading = np.zeros((steps, len(roles)))
    present = np.zeros((steps, len(roles)), dtype=bool)
    for k in range(steps):
        crowd.step(k / STEP_HZ)
        place[k], heading[k], present[k] = crowd.place, crowd.heading, crowd.here
    return tuple(_motion(walker, present[:, i], place[:, i], heading[:, i]) for i, walker in enumerate(crowd.walkers))


def _motion(walker: _Walker, present: NDArray[np.bool_], place: Array, heading: Array) -> Motion:
    body, acts, handlings = walker.role.body, tuple(walker.acts), tuple(walker.handlings)
    index = np.flatnonzero(present)
    if len(index) == 0:
        empty = np.zeros(len(present))
        return Motion(present, empty, empty, empty, empty, empty, acts, handlings)
    sigma = SMOOTH_S * STEP_HZ
    span = slice(int(index[0]), int(index[-1]) + 1)
    xy, angle = place.copy(), np.unwrap(heading)
    xy[span] = gaussian_filter1d(place[span], sigma, axis=0, mode="nearest")
    angle[span] = gaussian_filter1d(angle[span], sigma, mode="nearest")
    speed = np.zeros(len(present))
    if len(index) > 2:
        speed[span] = np.linalg.norm(np.gradient(xy[span], 1 / STEP_HZ, axis=0), axis=1)
    speed[speed < 0.05] = 0.0
    phase = np.cumsum([stride_hz(body, v) / STEP_HZ for v in speed]) + body.darkness
    return Motion(present, xy[:, 0], xy[:, 1], angle, speed, phase, acts, handlings)


class _Crowd:
    """Everybody's place, velocity and heading at the present step."""

    def __init__(self, roles: Sequence[Role], blocks: Sequence[Block], rng: np.random.Generator) -> None:
        n = len(roles)
        self.walkers = [_Walker(role) for role in roles]
        self.place = np.array([r.start for r in roles], dtype=np.float64).reshape(n, 2)
        self.velocity = np.zeros((n, 2))
        self.heading = np.array([r.facing_rad for r in roles], dtype=np.float64)
        self.here = np.zeros(n, dtype=bool)
        self._blocks = np.array([[b.x0, b.y0, b.x1, b.y1] for b in blocks], dtype=np.float64).reshape(-1, 4)
        self._rng = rng
        discs = [(i, 0.0, r.body.radius_m) for i, r in enumerate(roles)]
        discs += [(i, ahead, radius) for i, r in enumerate(roles) if r.cart for ahead, radius in CART_DISCS]
        self._owner = np.array([d[0] for d in discs], dtype=np.int64)
        self._ahead = np.array([d[1] for d in discs])
        self._radius = np.array([d[2] for d in discs])

    def step(self, t_s: float) -> None:
        """Advance everybody by one step."""
        dt = 1 / STEP_HZ
        for i in range(len(self.walkers)):
            self._come_and_go(i, t_s)
        want = np.array([self._wish(i, t_s, dt) for i in range(len(self.walkers))]).reshape(-1, 2)
        force = (want - self.velocity) / _RELAX_S + self._avoidance()
        self.velocity = np.where(self.here[:, None], self.velocity + force * dt, 0.0)
        speed = np.linalg.norm(self.velocity, axis=1, keepdims=True)
        self.velocity *= np.minimum(1.0, 1.9 / np.maximum(speed, 1e-9))
        before = self.place.copy()
        self.place = self.place + self.velocity * dt
        self._turn(want, dt)
        for _ in range(6):
            self._part()
        # What had to be moved apart has lost that part of its speed.
        moved = (self.place - before) / dt
        self.velocity = np.where(self.here[:, None], 0.5 * self.velocity + 0.5 * moved, 0.0)

    def _come_and_go(self, i: int, t_s: float) -> None:
        w = self.walkers[i]
        leader = w.role.follows
        if not w.here and not w.gone and t_s >= w.role.start_s and (leader is None or self.here[leader]):
            gap = np.linalg.norm(self.place[self.here] - self.place[i], axis=1)
            if t_s == 0.0 or not (gap < 0.6).any():
                w.here = True
        if w.here and leader is not None and self.walkers[leader].gone:
            w.here, w.gone = False, True
        self.here[i] = w.here

    def _wish(self, i: int, t_s: float, dt: float) -> Array:
        """The velocity that a person would like."""
        w = self.walkers[i]
        if not w.here:
            return np.zeros(2)
        if w.role.follows is not None:
            return self._follow(i, w.role.follows, w.role.beside)
        if w.stay_left_s > 0.0:
            w.stay_left_s -= dt
            if w.stay_left_s <= 0.0:
                w.next_stop += 1
            return np.zeros(2)
        if w.next_stop >= len(w.role.stops):
            if w.role.leaves and w.role.stops:
                w.here, w.gone, self.here[i] = False, True, False
            return np.zeros(2)
        stop = w.role.stops[w.next_stop]
        way = np.array([stop.x_m, stop.y_m]) - self.place[i]
        distance = float(np.linalg.norm(way))
        w.slow_s = w.slow_s + dt if np.linalg.norm(self.velocity[i]) < 0.25 else 0.0
        patient = 0.14 if stop.stay_s > 0 else 0.45
        if distance < patient or (w.slow_s > 1.5 and distance < 0.9):
            self._arrive(w, stop, t_s)
            return np.zeros(2) if stop.stay_s > 0 else way / max(distance, 1e-9) * stop.speed_mps
        speed = stop.speed_mps
        if stop.stay_s > 0:
            speed = min(speed, float(np.sqrt(2 * _BRAKE_MPS2 * distance)))
        if w.role.cart is not None:
            # A cart goes where it points.
            off = np.arctan2(way[1], way[0]) - self.heading[i]
            speed *= max(0.25, float(np.cos(off)))
        return np.asarray(way / distance * speed)

    def _arrive(self, w: _Walker, stop: Stop, t_s: float) -> None:
        if stop.stay_s > 0:
            w.stay_left_s = stop.stay_s
            w.acts += [act.shifted(t_s) for act in stop.acts]
            w.handlings += [handling.shifted(t_s) for handling in stop.handlings]
        else:
            w.next_stop += 1
        w.slow_s = 0.0

    def _follow(self, i: int, leader: int, beside: tuple[float, float]) -> Array:
        c, s = np.cos(self.heading[leader]), np.sin(self.heading[leader])
        goal = self.place[leader] + (c * beside[0] - s * beside[1], s * beside[0] + c * beside[1])
        want = self.velocity[leader] + (goal - self.place[i]) / 0.8
        speed = float(np.linalg.norm(want))
        if speed < 0.12:
            return np.zeros(2)
        return np.asarray(want * min(1.0, 1.7 / speed))

    def _discs(self) -> tuple[Array, NDArray[np.bool_]]:
        angle = self.heading[self._owner]
        ahead = np.stack([np.cos(angle), np.sin(angle)], axis=1) * self._ahead[:, None]
        return self.place[self._owner] + ahead, self.here[self._owner]

    def _avoidance(self) -> Array:
        """Acceleration away from collisions to come, (n, 2), m/s²."""
        discs, here = self._discs()
        x = discs[None, :] - discs[:, None]
        v = self.velocity[self._owner][:, None] - self.velocity[self._owner][None, :]
        reach = self._radius[:, None] + self._radius[None, :] + 0.06
        gap = np.maximum((x * x).sum(-1), 1e-6)
        reach = np.minimum(reach, 0.98 * np.sqrt(gap))
        a, b, c = (v * v).sum(-1), (x * v).sum(-1), gap - reach * reach
        disc = b * b - a * c
        other = (self._owner[:, None] != self._owner[None, :]) & here[:, None] & here[None, :]
        root = np.sqrt(np.maximum(disc, 1e-9))
        tau = np.where(a > 1e-6, (b - root) / np.maximum(a, 1e-6), 1e9)
        soon = other & (disc > 1e-6) & (a > 1e-4) & (tau > 0.0) & (tau < 4.0)
        t = np.maximum(tau, 0.15)
        size = _TTC_GAIN * np.exp(-t / _TTC_HORIZON_S) / (np.maximum(a, 1e-4) * t * t) * (2 / t + 1 / _TTC_HORIZON_S)
        pull = -size[..., None] * (v - (b[..., None] * v - a[..., None] * x) / root[..., None])
        total = np.zeros((len(self.walkers), 2))
        np.add.at(total, self._owner, np.where(soon[..., None], pull, 0.0).sum(axis=1))
        # A breath of chance, so that two who meet head-on choose a side.
        total += self._rng.normal(0.0, 0.15, total.shape)
        length = np.linalg.norm(total, axis=1, keepdims=True)
        return np.asarray(total * np.minimum(1.0, _MAX_FORCE_MPS2 / np.maximum(length, 1e-9)))

    def _turn(self, want: Array, dt: float) -> None:
        for i, w in enumerate(self.walkers):
            if not w.here:
                continue
            pushes = w.role.cart is not None
            going = want[i] if pushes else 0.5 * self.velocity[i] + 0.5 * want[i]
            if np.linalg.norm(going) > (0.05 if pushes else 0.25):
                goal = float(np.arctan2(going[1], going[0]))
            else:
                stop = w.role.stops[w.next_stop] if w.next_stop < len(w.role.stops) else None
                facing = stop.facing_rad if stop is not None and w.stay_left_s > 0 else None
                if facing is None:
                    continue
                goal = facing
            off = (goal - self.heading[i] + np.pi) % (2 * np.pi) - np.pi
            rate = _CART_TURN_RADPS if pushes else _TURN_RADPS
            self.heading[i] += float(np.clip(off * 0.25, -rate * dt, rate * dt))

    def _part(self) -> None:
        """Move overlapping discs apart; who stands gives way less than who walks."""
        discs, here = self._discs()
        x = discs[None, :] - discs[:, None]
        distance = np.maximum(np.linalg.norm(x, axis=-1), 1e-6)
        lap = self._radius[:, None] + self._radius[None, :] - distance
        other = (self._owner[:, None] != self._owner[None, :]) & here[:, None] & here[None, :]
        staying = np.array([w.stay_left_s > 0 for w in self.walkers], dtype=bool)[self._owner]
        ease = np.where(staying, 0.3, 1.0)
        share = ease[:, None] / (ease[:, None] + ease[None, :])
        push = np.where(other & (lap > 0), lap * share * 0.5, 0.0)
        shift = -(x / distance[..., None] * push[..., None]).sum(axis=1)
        shift += self._out_of_blocks(discs, here)
        np.add.at(self.place, self._owner, shift)

    def _out_of_blocks(self, discs: Array, here: NDArray[np.bool_]) -> Array:
        shift = np.zeros_like(discs)
        x, y, r = discs[:, :1], discs[:, 1:], self._radius[:, None]
        bx0, by0, bx1, by1 = self._blocks.T
        near = (x > bx0 - r) & (x < bx1 + r) & (y > by0 - r) & (y < by1 + r) & here[:, None]
        for x0, y0, x1, y1 in self._blocks[near.any(axis=0)]:
            nearest = np.stack([np.clip(discs[:, 0], x0, x1), np.clip(discs[:, 1], y0, y1)], axis=1)
            off = discs - nearest
            distance = np.linalg.norm(off, axis=1)
            outside = here & (distance > 1e-9) & (distance < self._radius)
            scale = np.where(outside, (self._radius - distance) / np.maximum(distance, 1e-9), 0.0)
            shift += off * scale[:, None]
            inside = here & (distance <= 1e-9)
            sides = np.stack([discs[:, 0] - x0, x1 - discs[:, 0], discs[:, 1] - y0, y1 - discs[:, 1]], axis=1)
            way = np.array([[-1.0, 0.0], [1.0, 0.0], [0.0, -1.0], [0.0, 1.0]])[sides.argmin(axis=1)]
            shift += np.where(inside[:, None], way * (sides.min(axis=1) + self._radius)[:, None], 0.0)
        return shift
