"""The whole play: at any time, who stands where in which posture, and what solids that makes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from edge.simulator.acts import doing
from edge.simulator.bodies import Body
from edge.simulator.choreography import STEP_HZ, Block, Motion, Role, play
from edge.simulator.figure import Posture, figure, head_centre
from edge.simulator.props import HANDLE_AHEAD_M, cart_solids, handle_grips
from edge.simulator.script import Script
from edge.simulator.solids import Array, Solids


@dataclass(frozen=True, slots=True)
class Presence:
    """A person at one instant."""

    person: int
    """From 1, the same through the session."""
    body: Body
    posture: Posture

    def solids(self) -> Solids:
        """The body, store frame."""
        return figure(self.body, self.posture)

    def head_centre(self) -> Array:
        """Centre of the skull, store frame (3,)."""
        return head_centre(self.body, self.posture)


class Performance:
    """All the roles, walked once; then asked for any instant."""

    def __init__(
        self, roles: Sequence[Role], blocks: Sequence[Block], duration_s: float, rng: np.random.Generator
    ) -> None:
        self._roles = tuple(roles)
        self._idle = rng.uniform(0.0, 2 * np.pi, (len(roles), 3))
        self.motions: tuple[Motion, ...] = play(roles, blocks, duration_s, rng)
        self._carts = [
            None if r.cart is None else cart_solids(r.cart, with_rider=r.rider is not None) for r in self._roles
        ]
        self.scripts: dict[int, Script] = {
            i + 1: Script(i + 1, role.body, motion.handlings, _walk(motion))
            for i, (role, motion) in enumerate(zip(self._roles, self.motions, strict=True))
            if motion.handlings
        }
        riders = [i for i, r in enumerate(self._roles) if r.rider is not None]
        self._rider_person = {i: len(roles) + 1 + k for k, i in enumerate(riders)}

    @property
    def people(self) -> tuple[tuple[int, Body, Motion], ...]:
        """Everybody who has a part, riders too: person, body, the motion that carries it."""
        walkers = [(i + 1, r.body, m) for i, (r, m) in enumerate(zip(self._roles, self.motions, strict=True))]
        riders = [(person, self._roles[i].rider, self.motions[i]) for i, person in self._rider_person.items()]
        return tuple(walkers + [(p, body, m) for p, body, m in riders if body is not None])

    def at(self, t_s: float) -> tuple[Presence, ...]:
        """Everybody who is there at a time."""
        out = []
        for i, (role, motion) in enumerate(zip(self._roles, self.motions, strict=True)):
            posture = self._posture(i, role, motion, t_s)
            if posture is None:
                continue
            out.append(Presence(i + 1, role.body, posture))
            if role.rider is not None and role.cart is not None:
                seat = _ahead(posture, HANDLE_AHEAD_M + 0.24)
                away = posture.heading_rad + np.pi
                look = 0.5 * float(np.sin(0.9 * t_s + self._idle[i, 1]))
                sitting = Posture(*seat, away, head_yaw_rad=look, seat_m=role.cart.seat_m)
                out.append(Presence(self._rider_person[i], role.rider, sitting))
        return tuple(out)

    def carts_at(self, t_s: float) -> tuple[Solids, ...]:
        """The carts that are being pushed at a time, store frame."""
        out = []
        for i, cart in enumerate(self._carts):
            posture = None if cart is None else self._posture(i, self._roles[i], self.motions[i], t_s)
            if cart is not None and posture is not None:
                c, s = np.cos(posture.heading_rad), np.sin(posture.heading_rad)
                turn = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
                out.append(cart.moved(turn, (posture.x_m, posture.y_m, 0.0)))
        return tuple(out)

    def _posture(self, i: int, role: Role, motion: Motion, t_s: float) -> Posture | None:
        k = t_s * STEP_HZ
        low = int(k)
        if low + 1 >= len(motion.present) or not (motion.present[low] and motion.present[low + 1]):
            return None
        f = k - low

        def mix(values: Array) -> float:
            return float(values[low] * (1 - f) + values[low + 1] * f)

        x, y, heading, speed = mix(motion.x_m), mix(motion.y_m), mix(motion.heading_rad), mix(motion.speed_mps)
        now = doing(motion.acts, t_s, role.body, (x, y), heading)
        grips = (now.left, now.right) if role.cart is None else handle_grips(role.cart, role.body)
        still = max(0.0, 1 - speed / 0.4)
        a, b, c = self._idle[i]
        yaw = now.look_rad + 0.22 * np.sin(0.7 * t_s + a) + 0.12 * np.sin(1.9 * t_s + b)
        posture = Posture(
            x_m=x + still * 0.006 * float(np.sin(1.3 * t_s + b)),
            y_m=y + still * 0.006 * float(np.sin(1.1 * t_s + c)),
            heading_rad=heading,
            speed_mps=speed,
            phase=mix(motion.phase),
            crouch=now.crouch,
            bend_rad=now.bend_rad,
            head_yaw_rad=float(yaw),
            head_pitch_rad=0.10 + 0.10 * float(np.sin(0.5 * t_s + c)),
            left=grips[0],
            right=grips[1],
        )
        return self.scripts[i + 1].posed(posture, t_s) if i + 1 in self.scripts else posture


def _walk(motion: Motion) -> Callable[[float], tuple[float, float, float]]:
    """Place and heading at a time."""

    def where(t_s: float) -> tuple[float, float, float]:
        k = min(int(t_s * STEP_HZ), len(motion.present) - 1)
        return float(motion.x_m[k]), float(motion.y_m[k]), float(motion.heading_rad[k])

    return where


def _ahead(posture: Posture, distance_m: float) -> tuple[float, float]:
    c, s = float(np.cos(posture.heading_rad)), float(np.sin(posture.heading_rad))
    return posture.x_m + c * distance_m, posture.y_m + s * distance_m
