"""Scenes with goods that go far: restocking, sweeping a shelf, paying, things left and taken away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edge.simulator import shop
from edge.simulator.acts import Act, ActKind
from edge.simulator.bodies import Body, Wardrobe, sample_adult
from edge.simulator.choreography import Role, Stop
from edge.simulator.goods import Goods, Item, Slot, sampled_size
from edge.simulator.hall import drawn
from edge.simulator.handling import Deed, Face, Handling, Keep, both_hands, one_hand
from edge.simulator.props import cart_solids, sample_cart
from edge.simulator.reaching import Opening
from edge.simulator.shelf_plan import ShelfPlan, beside
from edge.simulator.shelf_stage import SHELF, TILL, ShelfScene, any_shelf_mount, shelf_scene, till_zones, zone
from edge.simulator.shelf_visits import browse_a_bit, shopper, staged
from edge.simulator.stage import Stage

OPEN = Opening((), 0.0, 0.0)
"""No boards: the floor, or a table's edge."""
SWEEP_S = 11.0
"""No new grab after as long."""
HALF_FULL, NEARLY_EMPTY, LONG_S = 0.35, 0.08, 150.0
"""Shares of the slots that are full before a clerk comes, for a short session and one from ``LONG_S`` on."""
TAIL_S = 8.0
"""Before the end nobody begins to put anything."""


def shelf_restock(rng: np.random.Generator, duration_s: float) -> Stage:
    """A clerk fills a half-empty shelf, two at a time where they fit one hand; then stands there, touching things."""
    fill = HALF_FULL if duration_s < LONG_S else NEARLY_EMPTY
    scene = shelf_scene(rng, "shelf_restock", fill=fill)
    goods = scene.stock.items()
    body = replace(sample_adult(rng, Wardrobe(carried=0.0)), backpack=False)
    plan = ShelfPlan(rng, body, scene.stock, scene.face, SHELF, pace=0.8)
    while plan.t_s < duration_s - TAIL_S:
        slots = plan.free()
        if slots:
            put_some(plan, slots)
            plan.pause(0.0, 0.8)
        else:
            plan.pause(3.0, 15.0)
            browse_a_bit(plan)
    stay = plan.stop(max(duration_s - plan.t_s, 1.0))
    come = float(rng.choice([-1.0, 1.0]))
    stops = (Stop(come * 1.0, -1.0), stay)
    role = Role(body, (come * 2.6, -1.1), stops, 0.5, 0.0 if come < 0 else np.pi, leaves=False)
    cart = cart_solids(replace(sample_cart(rng), fill=1.0))
    parked = cart.moved(np.eye(3), (-come * 1.1 - 0.8, -1.15, 0.0))
    return replace(staged(scene, [role], goods), left_behind=(parked,))


def shelf_sweep(rng: np.random.Generator, duration_s: float) -> Stage:
    """Somebody sweeps six to twelve items into a bag within seconds, and walks straight out."""
    scene = shelf_scene(rng, "shelf_sweep", fill=0.95, zones=till_zones())
    goods = scene.stock.items()
    body = shopper(rng, False)
    along = float(rng.uniform(-0.4, 0.4))
    span = (along - 0.4, along + 0.4)
    plan = ShelfPlan(rng, body, scene.stock, scene.face, SHELF, along_m=along, span_m=span, pace=0.5)
    plan.pause(0.0, 4.0)
    begin, wanted, got = plan.t_s, int(rng.integers(6, 13)), 0
    level: int | None = None
    while got < wanted and plan.t_s - begin < SWEEP_S:
        slots = plan.takeable()
        on_level = [slot for slot in slots if slot.level == level]
        slot = plan.near(on_level or slots)
        level = slot.level
        most = int(rng.choice([1, 2, 3, 4], p=[0.3, 0.45, 0.1, 0.15]))
        got += len(grab(plan, slot, min(wanted - got, most)))
    role = _through(rng, body, [plan.stop(0.3)])
    return staged(_with_till(scene), [role], goods)


def grab(plan: ShelfPlan, slot: Slot, most: int) -> list[Item]:
    """Up to two neighbours with each hand, straight into the bag."""
    row = [slot]
    while len(row) < most and (more := plan.neighbour(row[-1], row)) is not None:
        row.append(more)
    row.sort(key=lambda s: s.along_m)
    if len(row) < 3:
        return plan.take(*row, show_s=0.0)
    half = len(row) // 2
    return plan.take_with_both(row[:half][-2:], row[half:][:2], show_s=0.0)


def shelf_pay(rng: np.random.Generator, duration_s: float) -> Stage:
    """One takes one to three items, stands at the till, and leaves."""
    scene = shelf_scene(rng, "shelf_pay", zones=till_zones())
    goods = scene.stock.items()
    body = shopper(rng)
    plan = ShelfPlan(rng, body, scene.stock, scene.face, SHELF, along_m=float(rng.uniform(-0.3, 0.3)))
    for _ in range(int(rng.integers(1, 4))):
        if plan.t_s < duration_s - 22.0:
            plan.take(plan.near(plan.takeable()))
            plan.pause(0.2, 1.0)
    hand = Act(ActKind.REACH_LEFT, 1.0, 2.0, target=(0.1, TILL[3] - 0.15, 1.0))
    till = Stop(float(rng.uniform(-0.3, 0.3)), TILL[3] + 0.42, float(rng.uniform(5.0, 8.0)), -np.pi / 2, (hand,))
    return staged(_with_till(scene), [_through(rng, body, [plan.stop(), till])], goods)


def _with_till(scene: ShelfScene) -> ShelfScene:
    return replace(scene, fixtures=(*scene.fixtures, shop.counter(*TILL)))


def _through(rng: np.random.Generator, body: Body, stays: list[Stop]) -> Role:
    """In by the entrance, and out by the exit."""
    y = float(rng.uniform(-0.9, -0.6))
    stops = (Stop(-1.5, y), *stays, Stop(1.4, y), Stop(3.6, y))
    return Role(body, (-3.4, y), stops, 0.8, 0.0)


TABLE = (0.5, 0.15, 1.6, 0.75)
TABLE_M = 0.74


def table_objects(rng: np.random.Generator, duration_s: float) -> Stage:
    """One leaves a bag or a box on the floor and walks off; another takes away a box from a table."""
    table = shop.table(*TABLE, TABLE_M)
    zones = [
        zone("floor", "aisle", -1.6, -1.8, 0.4, 0.6, objects=True),
        zone("table", "aisle", *TABLE, objects=True, surface_m=TABLE_M),
    ]
    kind = Goods.PARCEL if rng.random() < 0.4 else Goods.BAG
    spot = (float(rng.uniform(-1.0, -0.2)), float(rng.uniform(-0.9, 0.2)))
    left = Item("left", kind, sampled_size(kind, rng), (*spot, 0.0), -np.pi / 2)
    size = sampled_size(Goods.PARCEL, rng)
    stands = (float(rng.uniform(TABLE[0] + 0.3, TABLE[2] - 0.3)), TABLE[1] + size[1] / 2 + 0.05, TABLE_M)
    taken = Item("taken", Goods.PARCEL, size, stands, -np.pi / 2)
    roles = [_leaves(rng, left, 0.5), _takes_away(rng, taken, max(0.4 * duration_s, 2.0))]
    fixtures = (shop.floor(), shop.wall(-4.0, 1.2, 4.0, 1.2), table)
    store = drawn("table_objects", zone=zones)
    return Stage(fixtures, tuple(roles), any_shelf_mount(rng), store, goods=(taken,))


def _leaves(rng: np.random.Generator, item: Item, start_s: float) -> Role:
    """Comes with something, puts it down, lingers, and goes without it."""
    x, y, _ = item.place
    face = Face(x, y - item.size_m[1] / 2, -np.pi / 2, OPEN)
    grip = one_hand(1, item) if item.kind is Goods.BAG else both_hands(item)
    keep = Keep.HANGING if item.kind is Goods.BAG else Keep.SHOWN
    put = Handling(Deed.PUT, face, "", (grip,), 0.8, prep_s=1.0, show_s=0.2, keep=keep)
    stay = Stop(x, y - 0.55, put.end_s + float(rng.uniform(1.0, 4.0)), np.pi / 2, handlings=(put,))
    come, go = (float(v) for v in rng.permutation([-1.0, 1.0]))
    stops = (Stop(come * 1.2, -1.3), stay, Stop(go * 1.2, -1.3), Stop(go * 3.8, -1.4))
    return Role(shopper(rng, False), (come * 3.2, -1.4), stops, start_s, 0.0 if come < 0 else np.pi)


def _takes_away(rng: np.random.Generator, item: Item, start_s: float) -> Role:
    """Comes with empty hands and goes with the box from the table."""
    x = item.place[0]
    face = Face(x, TABLE[1], -np.pi / 2, OPEN)
    take = Handling(Deed.TAKE, face, "", (both_hands(item),), float(rng.uniform(1.0, 3.0)), show_s=0.3, keep=Keep.SHOWN)
    stay = Stop(x, TABLE[1] - 0.5, take.end_s + 0.5, np.pi / 2, handlings=(take,))
    go = float(rng.choice([-1.0, 1.0]))
    stops = (Stop(1.0, -1.2), stay, Stop(go * 1.3, -1.2), Stop(go * 3.8, -1.3))
    return Role(shopper(rng, False), (3.2, -1.3), stops, start_s, np.pi)


def put_some(plan: ShelfPlan, slots: list[Slot]) -> list[Item]:
    """Put one new item, or two into slots side by side; what stands behind comes first."""
    slot = plan.near(slots)
    column = [s for s in slots if s.column == slot.column]
    slot = max(column, key=lambda s: (s.row, -s.tier))
    second = next((s for s in slots if beside(slot, s)), None)
    chosen = [slot] if second is None else [slot, second]
    return plan.put(*((each, plan.stock.new_item(each)) for each in chosen), show_s=0.1)
