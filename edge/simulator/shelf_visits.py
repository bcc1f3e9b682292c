"""Scenes at one shelf: shoppers who take and put, touch, lean, cannot decide."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edge.simulator.bodies import Body, Carried, Wardrobe, sample_adult
from edge.simulator.choreography import Role, Stop
from edge.simulator.goods import SHELVED, Goods, Item, Slot
from edge.simulator.handling import Keep
from edge.simulator.shelf_plan import ShelfPlan
from edge.simulator.shelf_stage import SHELF, ShelfScene, shelf_scene
from edge.simulator.stage import Stage


def shopper(rng: np.random.Generator, bag: bool | None = None) -> Body:
    """An adult; with a bag or basket in the right hand, or both hands free."""
    body = sample_adult(rng, Wardrobe(carried=0.0))
    carries = bool(rng.random() < 0.45) if bag is None else bag
    if not carries:
        return body
    kinds = [Carried.HANDBAG.value, Carried.CARRIER_BAG.value, Carried.BASKET.value]
    return replace(body, carried=Carried(rng.choice(kinds)))


def visit(rng: np.random.Generator, body: Body, start_s: float, stay: Stop, *, side: float | None = None) -> Role:
    """Walk in from one end of the aisle, stay, and leave by either end."""
    come = float(rng.choice([-1.0, 1.0])) if side is None else side
    go = float(rng.choice([-1.0, 1.0]))
    y = float(rng.uniform(-1.5, -1.1))
    stops = (Stop(come * 1.4, y), stay, Stop(go * 1.4, y), Stop(go * 3.6, y))
    return Role(body, (come * 3.2, y), stops, start_s, 0.0 if come < 0 else np.pi)


def staged(scene: ShelfScene, roles: list[Role], goods: tuple[Item, ...]) -> Stage:
    """A stage with the goods as they stood at installation."""
    return Stage(scene.fixtures, tuple(roles), scene.mount, scene.store, goods=goods)


def take_some(plan: ShelfPlan, slot: Slot, rng: np.random.Generator) -> list[Item]:
    """Take an item, now and then two at once: with one hand, or one with each."""
    beside = plan.neighbour(slot)
    if beside is None or rng.random() < 0.65:
        return plan.take(slot)
    if plan.body.carried is Carried.NOTHING and rng.random() < 0.5:
        # One who looks at the shelf has its left on the own right.
        right, left = (slot, beside) if slot.along_m > beside.along_m else (beside, slot)
        return plan.take_with_both(right, left)
    return plan.take(slot, beside)


def shelf_single(rng: np.random.Generator, duration_s: float) -> Stage:
    """One shopper takes three to six items, and sometimes puts one back or elsewhere."""
    scene = shelf_scene(rng, "shelf_single")
    goods = scene.stock.items()
    body = shopper(rng)
    plan = ShelfPlan(rng, body, scene.stock, scene.face, SHELF, along_m=float(rng.uniform(-0.3, 0.3)))
    kinds: list[Goods] = [SHELVED[int(k)] for k in rng.permutation(4)]
    wanted = int(rng.integers(3, 7))
    taken: list[tuple[Slot, Item]] = []
    while len(taken) < wanted and plan.t_s < duration_s - 13.0:
        choice = plan.takeable(kinds[len(taken) % 4]) or plan.takeable()
        if not choice:
            break
        slot = plan.near(choice)
        if rng.random() < 0.25:
            item = plan.take(slot, keep=Keep.SHOWN)[0]
            plan.pause(0.5, 1.5)
            _put_back(plan, slot, item, rng)
            continue
        taken += [(slot, item) for item in take_some(plan, slot, rng)]
        plan.pause(0.2, 1.2)
    role = visit(rng, body, 1.0, plan.stop())
    return staged(scene, [role], goods)


def _put_back(plan: ShelfPlan, slot: Slot, item: Item, rng: np.random.Generator) -> None:
    """Where it was, or now and then elsewhere, where its like stands."""
    side = plan.handlings[-1].grips[0].hands[0][0]
    others = [
        s
        for s in plan.free()
        if s.kind is item.kind and s.column != slot.column and s.size_m[0] > item.size_m[0] - 0.004
    ]
    goal = plan.near(others) if others and rng.random() < 0.4 else slot
    plan.put((goal, item), keep=Keep.SHOWN, side=side)
