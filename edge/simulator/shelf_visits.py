"""Scenes at one shelf: shoppers who take and put, cannot decide, touch, lean."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edge.simulator.acts import Act, ActKind
from edge.simulator.bodies import Body, Carried, Wardrobe, sample_adult
from edge.simulator.choreography import Role, Stop
from edge.simulator.goods import SHELVED, Goods, Item, Slot
from edge.simulator.handling import Keep, grasp_point
from edge.simulator.props import sample_cart
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
        left, right = sorted((slot, beside), key=lambda s: s.along_m)
        return plan.take_with_both([left], [right])
    return plan.take(slot, beside)


def browse_a_bit(plan: ShelfPlan) -> None:
    """Touch an item, point at one, reach in over one or into a gap; nothing moves."""
    rng = plan.rng
    slots, gaps = plan.takeable(), plan.free()
    if not slots:
        plan.pause(1.0, 2.0)
        return
    slot = plan.near(slots)
    item = plan.stock.held[slot]
    if item is None:
        raise ValueError("what can be taken is there")
    what = rng.random()
    if what < 0.45:
        plan.touch(grasp_point(item), hold_s=float(rng.uniform(0.3, 2.0)))
    elif what < 0.7:
        away, up = float(rng.uniform(0.12, 0.3)), item.centre[2]
        plan.touch(plan.place(slot.along_m, -away, up), hold_s=float(rng.uniform(0.4, 2.0)))
    elif gaps and what < 0.85:
        gap = plan.near(gaps)
        up = plan.stock.in_slot(item, gap).place[2] + 0.07
        plan.touch(plan.place(gap.along_m, min(gap.inset_m + 0.08, 0.16), up), hold_s=float(rng.uniform(0.3, 1.0)))
    else:
        plan.touch(plan.place(slot.along_m, 0.05, item.place[2] + item.size_m[2] + 0.045), hold_s=0.6)
    plan.pause(0.2, 1.4)


def lean_on(plan: ShelfPlan, hold_s: float) -> None:
    """Lean on a board's edge, or over the shelf where that is low enough."""
    rng, shelf = plan.rng, plan.stock.shelf
    edges = [z for z in shelf.levels if 0.5 < z < 1.35]
    z = edges[int(rng.integers(len(edges)))] + 0.02
    plan.lean(float(rng.uniform(-0.5, 0.5)), z, float(rng.uniform(0.25, 0.7)), hold_s)
    plan.pause(0.3, 1.2)


def dip_bag(plan: ShelfPlan) -> None:
    """Hold the bag so close to the shelf that it hangs into it."""
    shelf = plan.stock.shelf
    levels = [z for z in shelf.levels if z > 0.4]
    z = levels[int(plan.rng.integers(len(levels)))]
    # What hangs from a hand has its middle about 0.2 m below it.
    point = plan.place(float(plan.rng.uniform(-0.5, 0.5)), -0.08, min(z + 0.35, 1.3))
    plan.touch(point, 1, float(plan.rng.uniform(1.0, 3.0)))
    plan.pause(0.3, 1.0)


def shelf_browse(rng: np.random.Generator, duration_s: float) -> Stage:
    """Two browse and take nothing; a trolley stands in front of the shelf in between."""
    scene = shelf_scene(rng, "shelf_browse")
    goods = scene.stock.items()
    roles = []
    third = duration_s / 3
    for k, bag in enumerate((False, True)):
        body = shopper(rng, bag)
        plan = ShelfPlan(rng, body, scene.stock, scene.face, SHELF, along_m=float(rng.uniform(-0.4, 0.4)))
        while plan.t_s < (1.0 + 0.1 * k) * third:
            what = rng.random()
            if bag and what < 0.3:
                dip_bag(plan)
            elif what < 0.45:
                lean_on(plan, float(rng.uniform(1.5, 3.0)))
            elif what < 0.55:
                plan.look_closely(float(rng.uniform(0.25, 0.5)), float(rng.choice([0.0, 0.5])), 2.5)
            else:
                browse_a_bit(plan)
        roles.append(visit(rng, body, 1.0 + 1.6 * third * k, plan.stop()))
    roles.append(_trolley(rng, third, 0.4 * third))
    return staged(scene, roles, goods)


def _trolley(rng: np.random.Generator, start_s: float, stay_s: float) -> Role:
    """One who parks a trolley before the shelf for a while."""
    come = float(rng.choice([-1.0, 1.0]))
    facing = 0.0 if come < 0 else np.pi
    stops = (
        Stop(come * 1.6, -0.7, speed_mps=0.9),
        Stop(come * 0.7, -0.55, stay_s, facing, (Act(ActKind.LOOK, 1.0, stay_s - 1.5, 0.9 * come),), 0.7),
        Stop(-come * 1.2, -0.8, speed_mps=0.8),
        Stop(-come * 3.8, -0.9, speed_mps=1.0),
    )
    body = replace(shopper(rng, False), backpack=False)
    return Role(body, (come * 3.6, -0.9), stops, start_s, facing, cart=sample_cart(rng))


def shelf_lean(rng: np.random.Generator, duration_s: float) -> Stage:
    """Somebody leans on the shelf, over it, and into it."""
    scene = shelf_scene(rng, "shelf_lean")
    goods = scene.stock.items()
    body = shopper(rng, bool(rng.random() < 0.3))
    plan = ShelfPlan(rng, body, scene.stock, scene.face, SHELF, along_m=float(rng.uniform(-0.3, 0.3)))
    while plan.t_s < duration_s - 16.0:
        lean_on(plan, float(rng.uniform(2.0, 6.0)))
    return staged(scene, [visit(rng, body, 1.0, plan.stop())], goods)


def shelf_undecided(rng: np.random.Generator, duration_s: float) -> Stage:
    """One who takes things, holds them, puts them back and takes them again."""
    scene = shelf_scene(rng, "shelf_undecided")
    goods = scene.stock.items()
    body = shopper(rng)
    plan = ShelfPlan(rng, body, scene.stock, scene.face, SHELF, along_m=float(rng.uniform(-0.3, 0.3)))
    slot: Slot | None = None
    while plan.t_s < duration_s - 20.0:
        if rng.random() < 0.3:
            browse_a_bit(plan)
            continue
        if slot is None or rng.random() < 0.5:
            slot = plan.near(plan.takeable())
        item = plan.take(slot, keep=Keep.SHOWN, show_s=float(min(0.5 + rng.exponential(1.6), 6.0)))[0]
        plan.put((slot, item), keep=Keep.SHOWN, side=plan.handlings[-1].grips[0].hands[0][0])
        plan.pause(0.2, 2.0)
    return staged(scene, [visit(rng, body, 1.0, plan.stop())], goods)


def shelf_three(rng: np.random.Generator, duration_s: float) -> Stage:
    """Three stand shoulder to shoulder, touch and point; one of them takes something, sometimes a second one."""
    scene = shelf_scene(rng, "shelf_three")
    goods = scene.stock.items()
    takers = set(rng.permutation(3)[: 2 if rng.random() < 0.3 else 1].tolist())
    roles = []
    apart = float(rng.uniform(0.48, 0.56))
    for k, along in enumerate((apart, 0.0, -apart)):
        body = shopper(rng, False)
        # Each has the own part of the shelf: what one plans holds whatever the others do.
        span = (along - 0.46 * apart, along + 0.46 * apart)
        plan = ShelfPlan(rng, body, scene.stock, scene.face, SHELF, span_m=span, along_m=along, stay=True)
        plan.pause(0.0, 1.5)
        wanted = int(rng.integers(1, 4)) if k in takers else 0
        while plan.t_s < duration_s - 17.0 - 1.5 * k:
            slots = plan.takeable()
            if wanted and slots and rng.random() < 0.4:
                plan.take(plan.near(slots))
                plan.pause(0.2, 1.0)
                wanted -= 1
            else:
                browse_a_bit(plan)
        # The far ones come from their own ends, so that nobody has to pass behind.
        roles.append(visit(rng, body, 0.5 + 0.8 * k, plan.stop(), side=(-1.0, 1.0, 1.0)[k]))
    return staged(scene, roles, goods)


def shelf_single(rng: np.random.Generator, duration_s: float) -> Stage:
    """One shopper takes three to six items, and sometimes puts one back or elsewhere."""
    scene = shelf_scene(rng, "shelf_single")
    goods = scene.stock.items()
    body = shopper(rng)
    plan = ShelfPlan(rng, body, scene.stock, scene.face, SHELF, along_m=float(rng.uniform(-0.3, 0.3)))
    kinds: list[Goods] = [SHELVED[int(k)] for k in rng.permutation(4)]
    wanted = int(rng.integers(3, 7))
    taken: list[tuple[Slot, Item]] = []
    while len(taken) < wanted and plan.t_s < duration_s - 18.0:
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
    small = plan.takeable(Goods.CAN) + plan.takeable(Goods.BOTTLE)
    if small and rng.random() < 0.3:
        plan.take(plan.near(small), keep=Keep.HANGING)
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
