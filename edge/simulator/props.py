"""Things that move with people or by themselves: shopping carts and a sign that swings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge.simulator.bodies import Body
from edge.simulator.figure import Reach
from edge.simulator.solids import Array, Part, Sculptor, Solids

CART_DISCS = ((0.58, 0.29), (0.92, 0.30))
"""Floor that a cart takes before its pusher: (metres ahead, radius)."""


@dataclass(frozen=True, slots=True)
class Cart:
    """A shopping cart, as wide as supermarkets have them."""

    handle_m: float
    """Height of the handle."""
    wide_m: float
    long_m: float
    deep_m: float
    """Depth of the basket."""
    fill: float
    """0 to 1: how full of goods."""
    seed: int
    """Which goods."""

    @property
    def seat_m(self) -> float:
        """Height of the child's seat."""
        return self.handle_m - 0.40


HANDLE_AHEAD_M = 0.42
"""Handle before the pusher's feet."""


def sample_cart(rng: np.random.Generator) -> Cart:
    """A cart of one of the usual sizes."""
    return Cart(
        handle_m=float(rng.uniform(0.93, 1.04)),
        wide_m=float(rng.uniform(0.46, 0.58)),
        long_m=float(rng.uniform(0.58, 0.80)),
        deep_m=float(rng.uniform(0.28, 0.42)),
        fill=float(rng.uniform(0.0, 1.0)),
        seed=int(rng.integers(1 << 31)),
    )


def cart_solids(cart: Cart, *, with_rider: bool = False) -> Solids:
    """A cart in its pusher's body frame: handle ``HANDLE_AHEAD_M`` ahead, basket beyond it."""
    out = Sculptor()
    rear, front = HANDLE_AHEAD_M + 0.10, HANDLE_AHEAD_M + 0.10 + cart.long_m
    top, half, mid = cart.handle_m - 0.06, cart.wide_m / 2, (rear + front) / 2
    low = top - cart.deep_m
    out.box((HANDLE_AHEAD_M, 0, cart.handle_m), (0.015, half, 0.015), Part.PROP)
    for y in (-half, half):
        out.box((mid - 0.05, y, top), (cart.long_m / 2 + 0.05, 0.012, 0.012), Part.PROP)
        out.box((mid, y, (top + low) / 2), (cart.long_m / 2, 0.006, cart.deep_m / 2), Part.PROP, mesh=True)
        out.box((mid, y, 0.16), (cart.long_m / 2, 0.015, 0.015), Part.PROP)
        out.limb(np.array([rear, y, low]), np.array([rear - 0.02, y, 0.06]), 0.015, 0.015, Part.PROP)
        for x in (rear, front - 0.05):
            out.ball((x, y, 0.06), (0.06, 0.02, 0.06), Part.PROP)
    for x in (rear, front):
        out.box((x, 0, top), (0.012, half, 0.012), Part.PROP)
        out.box((x, 0, (top + low) / 2), (0.006, half, cart.deep_m / 2), Part.PROP, mesh=True)
    out.box((mid, 0, low), (cart.long_m / 2, half, 0.006), Part.PROP, mesh=True)
    out.box((mid, 0, 0.20), (cart.long_m / 2, half * 0.8, 0.01), Part.PROP, mesh=True)
    _fill(out, cart, (rear + (0.28 if with_rider else 0.0), front), half, low)
    return out.solids()


def _fill(out: Sculptor, cart: Cart, span: tuple[float, float], half: float, low: float) -> None:
    rng = np.random.default_rng(cart.seed)
    for _ in range(round(10 * cart.fill)):
        size = rng.uniform((0.04, 0.03, 0.04), (0.11, 0.08, 0.13))
        x = rng.uniform(span[0] + 0.11, max(span[1] - 0.11, span[0] + 0.12))
        y = rng.uniform(-half + 0.09, half - 0.09)
        z = low + size[2] + rng.uniform(0.0, 0.6 * cart.fill) * cart.deep_m
        if rng.random() < 0.7:
            out.box((x, y, z), size, Part.PROP)
        else:
            out.ball((x, y, z), size, Part.PROP)


def handle_grips(cart: Cart, body: Body) -> tuple[Reach, Reach]:
    """Where both hands hold the handle."""
    y = min(cart.wide_m / 2 - 0.03, body.segment(0.115))
    height = cart.handle_m + 0.015
    return Reach((HANDLE_AHEAD_M, y, height), 1.0), Reach((HANDLE_AHEAD_M, -y, height), 1.0)


@dataclass(frozen=True, slots=True)
class Sign:
    """A board that hangs from the ceiling and swings."""

    pivot: tuple[float, float, float]
    drop_m: float
    half: tuple[float, float, float]
    amplitude_rad: float
    period_s: float

    def solids(self, t_s: float) -> Solids:
        """The board at a time, store frame."""
        angle = self.amplitude_rad * np.sin(2 * np.pi * t_s / self.period_s)
        c, s = np.cos(angle), np.sin(angle)
        axes: Array = np.array([[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]])
        out = Sculptor()
        hang = axes @ np.array([0.0, 0.0, -self.drop_m])
        out.box(hang, self.half, Part.PROP, axes)
        for x in (-0.8 * self.half[0], 0.8 * self.half[0]):
            rope = axes @ np.array([x, 0.0, -self.drop_m])
            out.limb(np.array([x, 0.0, 0.0]), rope, 0.004, 0.004, Part.PROP)
        return out.solids().moved(np.eye(3), self.pivot)
