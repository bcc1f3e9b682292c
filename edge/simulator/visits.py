"""Scenes in a small shop: shelves along its walls, a till in the north-east, the door in the south.

The camera hangs over the north wall and looks south over the shop to the door.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from edge.settings import StoreSettings
from edge.simulator import shop
from edge.simulator.acts import Act, ActKind
from edge.simulator.bodies import Body, Carried, Hat, Wardrobe, sample_adult, sample_child, sample_toddler
from edge.simulator.choreography import Role, Stop
from edge.simulator.hall import Point, drawn
from edge.simulator.props import Sign, cart_solids, sample_cart
from edge.simulator.shop import Gondola
from edge.simulator.stage import NIGHT_NS, Mount, Stage

HALF_X, HALF_Y = 3.0, 2.6
SHELVES = (
    Gondola(-2.92, -0.50, 0.0, 1.9),
    Gondola(-1.75, -2.52, np.pi / 2, 1.5),
    Gondola(2.92, -1.15, np.pi, 1.7),
)
TILL = (1.75, 0.55, 2.30, 1.90)
PAY = (1.35, 1.15)
"""Where one stands to pay, looking east."""
CLERK = (2.62, 1.2)
CAMERA = Mount(2.7, 36.0, 180.0, 84.0, 0.0, 2.45)


def small_shop(rng: np.random.Generator) -> tuple[shop.Fixture, ...]:
    """The shop, its shelves stocked anew for each generator."""
    walls = shop.room(-HALF_X, -HALF_Y, HALF_X, HALF_Y, {"s": 0.0}, 1.7)
    racks = [shop.gondola(shelf, rng) for shelf in SHELVES]
    return (shop.floor(), *walls, *racks, shop.counter(*TILL))


def floor_plan(**tables: object) -> StoreSettings:
    """What the installer drew of the shop."""
    line = {"id": "door", "from": (-1.0, -1.75), "to": (1.0, -1.75), "in_direction": (0.0, 1.0)}
    zones = [
        {"id": "entrance", "kind": "entrance", "polygon": [(-1.2, -2.6), (1.2, -2.6), (1.2, -1.4), (-1.2, -1.4)]},
        {"id": "checkout", "kind": "checkout", "polygon": [(-0.8, -1.1), (1.75, -1.1), (1.75, 2.4), (-0.8, 2.4)]},
        {
            "id": "shelves",
            "kind": "aisle",
            "polygon": [(-2.5, -2.0), (-1.2, -2.0), (-0.8, -1.1), (-0.8, 2.4), (-2.5, 2.4)],
        },
    ]
    shelves = []
    for name_of, rack in zip("ABC", SHELVES, strict=True):
        low, high = rack.corners()
        facing = (round(float(np.cos(rack.facing_rad)), 6), round(float(np.sin(rack.facing_rad)), 6))
        shelves.append({"id": name_of, "min": (*low, 0.1), "max": (*high, rack.tall_m), "facing": facing})
    hours = {"open": "08:00", "close": "22:00"}
    return drawn("Corner shop", hours=hours, zone=zones, shelf=shelves, line=[line], **tables)


def _mount(rng: np.random.Generator) -> Mount:
    """The shop's camera, never twice at quite the same place."""
    dh, dt, dy = rng.uniform(-0.12, 0.12), rng.uniform(-2.0, 2.0), rng.uniform(-4.0, 4.0)
    return replace(CAMERA, height_m=2.7 + float(dh), tilt_deg=36.0 + float(dt), yaw_deg=180.0 + float(dy))


def _in_door(rng: np.random.Generator) -> tuple[Point, tuple[Stop, ...]]:
    side = float(rng.choice([-1.5, 1.5]))
    return (side, -3.6), (Stop(0.25, -2.9), Stop(0.2, -1.5))


def _out_door(rng: np.random.Generator, speed: float = 1.2) -> tuple[Stop, ...]:
    side = float(rng.choice([-1.5, 1.5]))
    return tuple(Stop(x, y, speed_mps=speed) for x, y in ((-0.25, -1.5), (-0.25, -3.0), (side, -3.7)))


def _look_at_shelf(
    rng: np.random.Generator, body: Body, shelf: Gondola, stay_s: float, along_m: float | None = None
) -> Stop:
    """Stand before a shelf, reach to one or two levels, crouching for the low ones."""
    along = float(rng.uniform(-0.6, 0.6)) if along_m is None else along_m
    x, y = shelf.front(along, 0.42)
    acts: list[Act] = []
    t = 0.8
    while t + 2.6 < stay_s:
        level = int(rng.integers(0, len(shelf.levels)))
        if body.is_child:
            level = min(level, 1)
        hold = float(rng.uniform(2.0, 2.6))
        side = ActKind.REACH_RIGHT if rng.random() < 0.65 else ActKind.REACH_LEFT
        sign = -1.0 if side is ActKind.REACH_RIGHT else 1.0
        acts.append(Act(side, t, hold, target=shelf.item_place(along + sign * 0.12, level)))
        if shelf.levels[level] < 0.3 * body.stature_m:
            if rng.random() < 0.6:
                acts.append(Act(ActKind.CROUCH, t - 0.2, hold + 0.4, 0.85, ramp_s=0.9))
            else:
                acts.append(Act(ActKind.BEND, t - 0.2, hold + 0.4, 1.0, ramp_s=0.9))
        t += hold + float(rng.uniform(0.4, 1.2))
    return Stop(x, y, stay_s, shelf.facing_rad + np.pi, tuple(acts))


def _visitor(rng: np.random.Generator, body: Body, t: float, middle: Sequence[Stop], speed: float = 1.15) -> Role:
    start, come = _in_door(rng)
    stops = tuple(replace(stop, speed_mps=speed) for stop in (*come, *middle))
    return Role(body, start, (*stops, *_out_door(rng, speed)), t)


def _pay(rng: np.random.Generator, stay_s: float) -> Stop:
    hand = Act(ActKind.REACH_RIGHT, 0.8, min(1.8, stay_s), target=(TILL[0] + 0.1, PAY[1] + 0.1, 1.0))
    return Stop(*PAY, stay_s, float(rng.normal(0.0, 0.1)), (hand,))


def browse(rng: np.random.Generator, duration_s: float) -> Stage:
    """Three or four shoppers stand at shelves: reach, crouch, bend, raise a hand, look round."""
    roles = []
    for k in range(int(rng.integers(3, 5))):
        body = sample_adult(rng, Wardrobe(hat=0.3, backpack=0.25))
        shelf = SHELVES[k % 3]
        along = -0.5 if k < 3 else 0.55
        stop = _look_at_shelf(rng, body, shelf, float(rng.uniform(0.45, 0.6)) * duration_s, along)
        side = ActKind.RAISE_LEFT if rng.random() < 0.5 else ActKind.RAISE_RIGHT
        extra = (Act(side, 0.8 * stop.stay_s, 1.8), Act(ActKind.LOOK, 0.5 * stop.stay_s, 2.5, 0.9))
        roles.append(_visitor(rng, body, 0.4 + 1.6 * k, [replace(stop, acts=(*stop.acts, *extra))]))
    return Stage(small_shop(rng), tuple(roles), _mount(rng), floor_plan())


_SLOTS: tuple[Point, ...] = (PAY, (0.55, 1.05), (-0.2, 0.85), (-0.55, 0.1), (-0.45, -0.65), (0.3, -0.75))


def queue(rng: np.random.Generator, duration_s: float) -> Stage:
    """Five people queue at the till and move up; each is served in turn."""
    serve = duration_s / 8.0
    roles = [_clerk(rng)]
    for k in range(5):
        come = 0.4 + 1.5 * k
        served = 4.5 + serve * (k + 1)
        stops, at = [], come + 3.0
        for slot in range(k, -1, -1):
            leave = served - serve * slot if slot else served
            stay = max(leave - at, 0.8)
            x, y = _SLOTS[slot]
            ahead = _SLOTS[slot - 1] if slot else (TILL[0] + 0.3, PAY[1])
            stops.append(Stop(x, y, stay, float(np.arctan2(ahead[1] - y, ahead[0] - x)), speed_mps=0.8))
            at = leave + 1.0
        roles.append(_visitor(rng, sample_adult(rng), come, stops, 1.0))
    return Stage(small_shop(rng), tuple(roles), _mount(rng), floor_plan())


def _clerk(rng: np.random.Generator) -> Role:
    body = replace(sample_adult(rng), backpack=False, carried=Carried.NOTHING, hat=Hat.NONE)
    return Role(body, CLERK, (Stop(*CLERK, 1e6, np.pi),), 0.0, np.pi, leaves=False)


def crowd(rng: np.random.Generator, duration_s: float) -> Stage:
    """Eight people gather before the till, stay, and go."""
    places = [(1.2, 0.9), (0.5, 0.75), (-0.15, 0.6), (1.1, 0.2), (0.4, 0.05), (-0.35, -0.1), (0.9, -0.5), (0.15, -0.65)]
    roles = []
    for k, (x, y) in enumerate(places):
        come = 0.8 + 1.1 * k
        stay = 0.78 * duration_s - 6.0 - 0.25 * k - come
        facing = float(np.arctan2(PAY[1] - y, TILL[0] + 0.3 - x))
        look = Act(ActKind.LOOK, float(rng.uniform(1.0, 6.0)), 3.0, float(rng.uniform(-1.0, 1.0)))
        stop = Stop(x, y, max(stay, 3.0), facing, (look,))
        body = sample_child(rng) if k == 6 else sample_adult(rng)
        roles.append(_visitor(rng, body, come, [stop]))
    rule = {"crowd": {"people": 5, "red_people": 12, "after_s": 4.0, "end_after_s": 3.0}}
    return Stage(small_shop(rng), tuple(roles), _mount(rng), floor_plan(alerts=rule))


def night(rng: np.random.Generator, duration_s: float) -> Stage:
    """One person comes at half past two, looks into the shelves and the till, and goes."""
    body = replace(sample_adult(rng), hat=Hat(rng.choice(["hood", "beanie", "cap"])), backpack=True)
    stay = 0.2 * duration_s
    crouch = Act(ActKind.CROUCH, 0.6, stay - 0.8, 0.8)
    reach = Act(ActKind.REACH_RIGHT, 0.8, stay - 1.0, target=SHELVES[1].item_place(0.0, 0))
    look = Act(ActKind.LOOK, 0.2, 2.0, 1.0)
    shelf = Stop(*SHELVES[1].front(0.0, 0.45), stay, np.pi, (crouch, reach))
    till = Stop(*PAY, 0.15 * duration_s, 0.0, (look,))
    role = _visitor(rng, body, 1.2, [shelf, till], 1.25)
    return Stage(small_shop(rng), (role,), _mount(rng), floor_plan(), start_ns=NIGHT_NS)


def empty_shop(rng: np.random.Generator, duration_s: float) -> Stage:
    """Nobody; a sign swings in the draught, and a cart stands where none stood at installation."""
    place = (float(rng.uniform(-1.0, 0.6)), float(rng.uniform(-0.8, 0.6)), 0.0)
    angle = float(rng.uniform(-np.pi, np.pi))
    c, s = np.cos(angle), np.sin(angle)
    cart = cart_solids(sample_cart(rng)).moved(np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]]), place)
    sign = Sign(
        (float(rng.uniform(-1.0, 1.0)), -1.2, 2.7), 0.45, (0.45, 0.015, 0.16), 0.18, float(rng.uniform(1.6, 2.6))
    )
    return Stage(small_shop(rng), (), _mount(rng), floor_plan(), left_behind=(cart,), signs=(sign,))


def shop_day(rng: np.random.Generator, duration_s: float) -> Stage:
    """A short day: shoppers browse and pay, a family pushes a cart round; it begins and ends with nobody there."""
    scale = (duration_s - 4.0) / 40.0
    wardrobe = Wardrobe(hat=0.4, backpack=0.3, carried=0.35)
    a, b, c, d = (sample_adult(rng, wardrobe) for _ in range(4))
    roles = [
        _visitor(rng, a, 1.0, [_look_at_shelf(rng, a, SHELVES[0], 9 * scale, -0.3), _pay(rng, 4 * scale)]),
        _visitor(rng, b, 5.0 * scale, [_look_at_shelf(rng, b, SHELVES[2], 11 * scale, 0.1), _pay(rng, 3 * scale)]),
    ]
    lead = len(roles)
    round_trip = [(0.1, -2.0), (0.1, -0.9), (-0.7, 0.2), (-0.5, 1.1), (0.3, 0.9), (0.45, 0.0), (0.0, -1.2), (0.0, -2.2)]
    stops = tuple(Stop(x, y, speed_mps=0.75) for x, y in (*round_trip, (0.0, -3.2), (0.0, -5.0)))
    parent = replace(c, carried=Carried.NOTHING)
    cart = replace(sample_cart(rng), long_m=0.6, wide_m=0.48, fill=0.7)
    t = 14.0 * scale
    roles += [
        Role(parent, (0.1, -4.6), stops, t, np.pi / 2, cart=cart, rider=sample_toddler(rng)),
        Role(sample_child(rng, wardrobe), (0.1, -5.6), (), t, np.pi / 2, follows=lead, beside=(-0.45, 0.45)),
        _visitor(rng, d, 19.0 * scale, [_look_at_shelf(rng, d, SHELVES[1], 9 * scale, 0.2)]),
    ]
    return Stage(small_shop(rng), tuple(roles), CAMERA, floor_plan())
