"""Scenes in an open hall: walks, crossings, crowds, families, and a doorway seen from just above."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from edge.settings import StoreSettings
from edge.simulator import shop
from edge.simulator.bodies import Wardrobe, sample_adult, sample_child, sample_toddler
from edge.simulator.choreography import Role, Stop
from edge.simulator.props import sample_cart
from edge.simulator.stage import Mount, Stage

Point = tuple[float, float]

HALL_M = 4.0
_DOORS = {"w": (-HALL_M, 0.0), "e": (HALL_M, 0.0), "s": (0.0, -HALL_M), "n": (0.0, HALL_M)}


def any_mount(rng: np.random.Generator, *, low_m: float = 2.4, high_m: float = 3.5) -> Mount:
    """Straight down or tilted by 25 to 45 degrees, from a height that suits."""
    if rng.random() < 0.5:
        return Mount(float(rng.uniform(low_m, high_m)), 90.0, float(rng.uniform(-180, 180)))
    tilt = float(rng.uniform(25, 45))
    return Mount(float(rng.uniform(2.4, 2.9)), tilt, float(rng.choice([0, 90, 180, -90]) + rng.uniform(-12, 12)))


def _hall(door_m: float = 1.6) -> tuple[shop.Fixture, ...]:
    return (shop.floor(), *shop.room(-HALL_M, -HALL_M, HALL_M, HALL_M, dict.fromkeys("wesn", 0.0), door_m))


def _outside(side: str, aside_m: float = 0.0, away_m: float = 1.6) -> Point:
    """A place beyond a door of the hall; with ``aside_m`` it is hidden behind the wall."""
    x, y = _DOORS[side]
    return (x + np.sign(x) * away_m, y + aside_m) if side in "we" else (x + aside_m, y + np.sign(y) * away_m)


def _way(
    rng: np.random.Generator, start: str, goal: str, via: Sequence[Point] = (), speed: float | None = None
) -> tuple[Point, tuple[Stop, ...]]:
    """From outside one door, through the middle, to outside another."""
    v = float(np.clip(rng.normal(1.2, 0.15), 0.8, 1.5)) if speed is None else speed
    hide = float(rng.choice([-1.3, 1.3]))
    points = [
        _outside(start, 0.0, 0.35),
        *via,
        _outside(goal, 0.0, 0.35),
        _outside(goal, float(rng.choice([-1.4, 1.4]))),
    ]
    return _outside(start, hide, 0.9), tuple(Stop(x, y, speed_mps=v) for x, y in points)


def drawn(name: str, **tables: object) -> StoreSettings:
    """A ``store.toml`` with these tables."""
    return StoreSettings.model_validate({"store": {"name": name}, **tables})


def _hall_line() -> dict[str, object]:
    return {"id": "middle", "from": (-HALL_M + 0.2, 0.0), "to": (HALL_M - 0.2, 0.0), "in_direction": (0.0, 1.0)}


def walk(rng: np.random.Generator, duration_s: float) -> Stage:
    """One adult who walks about, in at one door and out at another."""
    adult = sample_adult(rng)
    turns = [(float(rng.uniform(-1.6, 1.6)), float(rng.uniform(-1.2, 1.2))) for _ in range(max(2, int(duration_s / 3)))]
    start, stops = _way(rng, "w", "e", turns)
    return Stage(_hall(), (Role(adult, start, stops, 0.5),), any_mount(rng), drawn("walk", line=[_hall_line()]))


def crossing(rng: np.random.Generator, duration_s: float) -> Stage:
    """Waves of two to four people whose paths meet near the middle at the same time."""
    roles: list[Role] = []
    count, period = int(rng.integers(2, 5)), 9.0
    t = 0.3
    while t + 7.5 < duration_s:
        sides = ["s", "n", *rng.permutation(["s", "n", "w", "e"])][:count]
        opposite = {"s": "n", "n": "s", "w": "e", "e": "w"}
        for k, side in enumerate(sides):
            # Those from the sides keep off the line, which lies along their way.
            via = [(float(rng.uniform(-0.5, 0.5)), float(rng.uniform(-0.4, 0.4)))]
            if side in "we":
                y = float(rng.choice([-1.0, 1.0]) * rng.uniform(0.6, 1.0))
                via = [(-2.4, y), (2.4, y)] if side == "w" else [(2.4, y), (-2.4, y)]
            start, stops = _way(rng, side, opposite[side], via, float(rng.uniform(1.0, 1.4)))
            late = 1.2 if k >= 2 and side in sides[:k] else 0.0
            roles.append(Role(sample_adult(rng), start, stops, t + late + float(rng.uniform(0.0, 0.5))))
        t += period
    line = _hall_line() | {"from": (-2.0, 0.0), "to": (2.0, 0.0)}
    return Stage(_hall(), tuple(roles), any_mount(rng, low_m=2.7), drawn("crossing", line=[line]))


def dense(rng: np.random.Generator, duration_s: float) -> Stage:
    """Eight people who wander in 4 x 4 m, children and hats among them."""
    roles = []
    wardrobe = Wardrobe(hat=0.35, backpack=0.25)
    for k in range(8):
        body = sample_child(rng, wardrobe) if rng.random() < 0.2 else sample_adult(rng, wardrobe)
        side = "wesn"[k % 4]
        start, stops = _way(rng, side, str(rng.choice(list("wesn"))))
        wander = []
        for _ in range(int(duration_s / 2.5)):
            stay = float(rng.uniform(0.8, 3.0)) if rng.random() < 0.35 else 0.0
            x, y = float(rng.uniform(-1.75, 1.75)), float(rng.uniform(-1.75, 1.75))
            wander.append(Stop(x, y, stay, float(rng.uniform(-3.1, 3.1)), speed_mps=float(rng.uniform(0.5, 1.2))))
        roles.append(Role(body, start, (stops[0], *wander), 0.4 + 1.7 * (k // 4), leaves=False))
    zone = {"id": "floor", "kind": "aisle", "polygon": [(-2, -2), (2, -2), (2, 2), (-2, 2)]}
    return Stage(_hall(), tuple(roles), any_mount(rng, low_m=3.0), drawn("dense", zone=[zone]))


def family_cart(rng: np.random.Generator, duration_s: float) -> Stage:
    """A family with a cart, twice: adults, children, hats, backpacks; a toddler in the cart's seat."""
    wardrobe = Wardrobe(hat=0.5, backpack=0.4)
    roles: list[Role] = []
    t = 0.3
    while t + 9.0 < duration_s:
        start_side, goal_side = ("s", "n") if rng.random() < 0.5 else ("n", "s")
        y = -1.0 if start_side == "s" else 1.0
        # Straight through the doors, and about the hall between them.
        about = [(float(rng.uniform(-w, w)), y * far) for w, far in ((1.2, 1.4), (0.5, 0.7), (0.5, -0.7), (1.2, -1.4))]
        via = [(0.0, y * 2.6), *about, (0.0, -y * 2.6)]
        start, stops = _way(rng, start_side, goal_side, via, float(rng.uniform(0.75, 1.0)))
        # A cart is turned in the open: it comes and goes straight through the door.
        start = _outside(start_side, 0.0, 1.5)
        stops = (*stops[1:-1], Stop(*_outside(goal_side, 0.0, 2.2), speed_mps=stops[0].speed_mps))
        facing = np.pi / 2 if start_side == "s" else -np.pi / 2
        lead = len(roles)
        rider = sample_toddler(rng) if rng.random() < 0.5 else None
        roles.append(
            Role(
                sample_adult(rng, replace(wardrobe, carried=0.0)),
                start,
                stops,
                t,
                facing,
                cart=sample_cart(rng),
                rider=rider,
            )
        )
        behind = np.array([0.0, -1.0 if start_side == "s" else 1.0])
        for k, side in enumerate([0.55, -0.55, 0.0][: int(rng.integers(1, 4))]):
            beside = (-0.35 - 0.25 * k, side) if side else (-1.1, 0.0)
            place = (start[0] + side * 0.9, float(start[1] + behind[1] * (0.5 + 0.45 * k)))
            body = sample_child(rng, wardrobe) if k != 2 else sample_adult(rng, wardrobe)
            roles.append(Role(body, place, (), t, facing, follows=lead, beside=beside))
        t += 17.0
    line = _hall_line() | {"from": (-2.0, 0.0), "to": (2.0, 0.0)}
    return Stage(_hall(2.4), tuple(roles), any_mount(rng, low_m=2.9), drawn("family_cart", line=[line]))


def start_occupied(rng: np.random.Generator, duration_s: float) -> Stage:
    """People are already there in the first frame, and nobody ever took a picture of the empty hall."""
    roles = []
    for k in range(int(rng.integers(2, 5))):
        place = (float(-1.2 + 0.8 * k + rng.uniform(-0.1, 0.1)), float(rng.uniform(-1.0, 1.0)))
        _, out = _way(rng, "s", str(rng.choice(list("wen"))))
        facing = float(rng.uniform(-np.pi, np.pi))
        stay = float(rng.uniform(0.15, 0.6)) * duration_s if k % 2 == 0 else 0.0
        wander = [Stop(*place, stay, facing)] if stay else []
        for _ in range(2):
            x, y = float(rng.uniform(-1.5, 1.5)), float(rng.uniform(-1.2, 1.2))
            wander.append(Stop(x, y, speed_mps=float(rng.uniform(0.7, 1.2))))
        roles.append(Role(sample_adult(rng), place, (*wander, *out[1:]), 0.0, facing))
    return Stage(_hall(), tuple(roles), any_mount(rng), drawn("start_occupied"), empty=False)


DOORWAY_MAX_M = 1.85
"""Under a camera at 2.05 m nobody taller is sampled."""


def doorway(rng: np.random.Generator, duration_s: float) -> Stage:
    """A low camera over a door: singly, side by side, opposite ways, with a cart."""
    walls = (shop.wall(-4.0, -0.35, -0.85, -0.35, 2.2), shop.wall(0.85, -0.35, 4.0, -0.35, 2.2))
    roles: list[Role] = []
    t = 0.4
    while t + 4.5 < duration_s:
        kind = str(rng.choice(["one", "beside", "opposite", "cart"]))
        way = float(rng.choice([-1.0, 1.0]))
        for k in range(1 if kind in ("one", "cart") else 2):
            body = sample_adult(rng)
            body = replace(body, stature_m=min(body.stature_m, DOORWAY_MAX_M))
            x = float(rng.uniform(-0.15, 0.15)) if kind in ("one", "cart") else (-0.38 if k else 0.38)
            ahead = -way if kind == "opposite" and k else way
            cart = sample_cart(rng) if kind == "cart" else None
            stops = tuple(Stop(x, ahead * y, speed_mps=0.9 if cart else 1.1) for y in (-0.9, 0.9, 3.4))
            start = t + (0.3 * k if kind == "opposite" else 0.15 * k)
            roles.append(Role(body, (x, -ahead * 3.2), stops, start, ahead * np.pi / 2, cart=cart))
        t += float(rng.uniform(5.5, 7.0))
    line = {"id": "door", "from": (-0.85, 0.0), "to": (0.85, 0.0), "in_direction": (0.0, 1.0)}
    mount = Mount(2.05, 90.0, float(rng.choice([0.0, 90.0])), hfov_deg=77.0)
    return Stage((shop.floor(), *walls), tuple(roles), mount, drawn("doorway", line=[line]))
