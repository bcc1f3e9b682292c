"""Scenes with goods that go far: restocking, sweeping a shelf, paying, things left and taken away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edge.simulator.acts import Act, ActKind
from edge.simulator.bodies import Wardrobe, sample_adult
from edge.simulator.choreography import Role, Stop
from edge.simulator.goods import Item, Slot
from edge.simulator.props import cart_solids, sample_cart
from edge.simulator.shelf_plan import ShelfPlan, beside
from edge.simulator.shelf_stage import SHELF, shelf_scene
from edge.simulator.shelf_visits import staged
from edge.simulator.stage import Stage

RESTOCKED_FILL = 0.35
"""Share of the slots that are full before a clerk comes."""
TAIL_S = 6.0
"""Before the end nobody begins to put anything."""


def shelf_restock(rng: np.random.Generator, duration_s: float) -> Stage:
    """A clerk fills a half-empty shelf, two at a time where they fit one hand, then stands before it."""
    scene = shelf_scene(rng, "shelf_restock", fill=RESTOCKED_FILL)
    goods = scene.stock.items()
    body = replace(sample_adult(rng, Wardrobe(carried=0.0)), backpack=False)
    plan = ShelfPlan(rng, body, scene.stock, scene.face, SHELF, pace=0.8)
    while plan.t_s < duration_s - TAIL_S:
        slots = plan.free()
        if not slots:
            break
        put_some(plan, slots)
        plan.pause(0.0, 0.8)
    stay = plan.stop(max(duration_s - plan.t_s, 1.0))
    looks = [Act(ActKind.LOOK, t, 3.0, float(rng.uniform(-0.8, 0.8))) for t in np.arange(plan.t_s + 1, duration_s, 5.0)]
    come = float(rng.choice([-1.0, 1.0]))
    stops = (Stop(come * 1.0, -1.0), replace(stay, acts=(*stay.acts, *looks)))
    role = Role(body, (come * 2.6, -1.1), stops, 0.5, 0.0 if come < 0 else np.pi, leaves=False)
    cart = cart_solids(replace(sample_cart(rng), fill=1.0))
    parked = cart.moved(np.eye(3), (-come * 1.1 - 0.8, -1.15, 0.0))
    return replace(staged(scene, [role], goods), left_behind=(parked,))


def put_some(plan: ShelfPlan, slots: list[Slot]) -> list[Item]:
    """Put one new item, or two into slots side by side; what stands behind comes first."""
    slot = plan.near(slots)
    column = [s for s in slots if s.column == slot.column]
    slot = max(column, key=lambda s: (s.row, -s.tier))
    second = next((s for s in slots if beside(slot, s)), None)
    chosen = [slot] if second is None else [slot, second]
    return plan.put(*((each, plan.stock.new_item(each)) for each in chosen), show_s=0.1)
