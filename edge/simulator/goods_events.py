"""What happens with goods over more than one moment: sweeps, leaving unpaid, things left and taken away."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge.clock import nanoseconds
from edge.settings import Zone, ZoneKind, inside_polygon
from edge.simulator.choreography import STEP_HZ, Motion
from edge.simulator.handling import Deed
from edge.simulator.inventory import Inventory
from edge.simulator.performance import Performance
from edge.simulator.script import Change
from edge.simulator.truth import EventTruth

SWEPT_ITEMS, SWEEP_S = 5, 15.0
"""A sweep: one person takes as many items from one shelf within as long."""
PAID_S = 2.0
"""Who stands in a checkout zone for as long after the last take has paid."""


def goods_events(
    inventory: Inventory, performance: Performance, zones: Sequence[Zone], first_ns: int, length_s: float
) -> list[EventTruth]:
    """``sweep``, ``unpaid_exit``, ``object_left`` and ``object_removed``.

    ``sweep`` lasts from the first grasp to the last, ``unpaid_exit`` from the first step into an exit zone to the
    last one there; for objects the moment is the release or the grasp, and the note is the object's name.
    """
    out: list[EventTruth] = []

    def add(start_s: float, end_s: float, kind: str, person: int, note: str) -> None:
        start_ns, end_ns = (first_ns + nanoseconds(t) for t in (start_s, min(end_s, length_s)))
        out.append(EventTruth(start_ns, end_ns, kind, person, note))

    for change in inventory.changes:
        if not change.shelf:
            kind = "object_left" if change.deed is Deed.PUT else "object_removed"
            add(change.t_s, change.t_s, kind, change.person, change.item.name)
    for person, _, motion in performance.people:
        mine = [change for change in inventory.changes if change.person == person and change.shelf]
        for first, last, count in _sweeps([c for c in mine if c.deed is Deed.TAKE]):
            add(first.t_s, last.t_s, "sweep", person, f"{count} items of {first.shelf}")
        kept = sum(1 if c.deed is Deed.TAKE else -1 for c in mine)
        way = _unpaid(motion, zones, mine[-1].t_s) if kept > 0 else None
        if way is not None and way[0] < length_s:
            add(*way, "unpaid_exit", person, f"{kept} items")
    return out


def _sweeps(takes: Sequence[Change]) -> list[tuple[Change, Change, int]]:
    """First and last take of each sweep, and how many it has."""
    out = []
    k = 0
    while k < len(takes):
        run = [c for c in takes[k:] if c.t_s - takes[k].t_s <= SWEEP_S and c.shelf == takes[k].shelf]
        if len(run) >= SWEPT_ITEMS:
            out.append((run[0], run[-1], len(run)))
            k += len(run)
        else:
            k += 1
    return out


def _unpaid(motion: Motion, zones: Sequence[Zone], since_s: float) -> tuple[float, float] | None:
    """When somebody was in an exit zone after a time, without a stay at the checkout before; None if never."""
    after = motion.present & (np.arange(len(motion.present)) / STEP_HZ > since_s)
    leaving = np.flatnonzero(after & _in(motion, zones, ZoneKind.EXIT))
    if len(leaving) == 0:
        return None
    paying = np.flatnonzero(after & _in(motion, zones, ZoneKind.CHECKOUT))
    if (paying < leaving[0]).sum() / STEP_HZ >= PAID_S:
        return None
    return float(leaving[0]) / STEP_HZ, float(leaving[-1]) / STEP_HZ


def _in(motion: Motion, zones: Sequence[Zone], kind: ZoneKind) -> NDArray[np.bool_]:
    mine = [zone.polygon for zone in zones if zone.kind is kind]
    places = zip(motion.x_m.tolist(), motion.y_m.tolist(), strict=True)
    return np.array([any(inside_polygon(x, y, polygon) for polygon in mine) for x, y in places], dtype=bool)
