"""Where goods are handled: a gondola with movable goods against a wall, and a camera that looks at its face.

The gondola's front is on the line y = 0 and looks along -y; shoppers stand south of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edge.settings import StoreSettings
from edge.simulator import shop
from edge.simulator.goods import Stock, sample_gondola, stocked
from edge.simulator.hall import drawn
from edge.simulator.handling import Face
from edge.simulator.shop import Gondola
from edge.simulator.stage import Mount

SHELF = "A"
FACING_RAD = -np.pi / 2
WIDE_M = 1.8
AISLE_M = 2.2
"""Depth of the aisle before the face."""


@dataclass(frozen=True, slots=True)
class ShelfScene:
    """What every scene at a shelf has."""

    stock: Stock
    face: Face
    fixtures: tuple[shop.Fixture, ...]
    mount: Mount
    store: StoreSettings


def shelf_scene(
    rng: np.random.Generator, name: str, *, fill: float | None = None, zones: Sequence[dict[str, object]] = ()
) -> ShelfScene:
    """Sample a gondola, its goods, its neighbours and a mount; ``zones`` are drawn instead of one aisle."""
    mount = any_shelf_mount(rng)
    shelf = sample_gondola(rng, 0.0, 0.0, FACING_RAD, WIDE_M)
    stock = stocked(shelf, rng, fill=float(rng.uniform(0.7, 0.95)) if fill is None else fill)
    fixtures = [shop.floor(), shop.wall(-4.0, shelf.deep_m + 0.25, 4.0, shelf.deep_m + 0.25), shop.rack(shelf)]
    if rng.random() < 0.5:
        beside = [Gondola(x, shelf.deep_m, FACING_RAD, 0.95, shelf.deep_m, shelf.levels) for x in (-1.4, 1.4)]
        fixtures += [shop.gondola(each, rng) for each in beside]
    zones = zones or [zone("aisle", "aisle", -1.4, -AISLE_M, 1.4, 0.0)]
    store = drawn(name, zone=zones, shelf=[drawn_shelf(shelf)])
    return ShelfScene(stock, Face.of(shelf), tuple(fixtures), mount, store)


def till_zones() -> list[dict[str, object]]:
    """An aisle before the shelf, the way in at its west end, the way out at its east end, a till opposite."""
    return [
        zone("entrance", "entrance", -2.6, -1.2, -1.0, -0.2),
        zone("aisle", "aisle", -1.0, -1.2, 1.0, 0.0),
        zone("exit", "exit", 1.0, -1.2, 2.6, -0.2),
        zone("checkout", "checkout", -0.9, -2.1, 0.9, -1.2),
    ]


TILL = (-0.9, -2.7, 0.9, -2.2)
"""The counter's floor, for :func:`edge.simulator.shop.counter`."""


def drawn_shelf(shelf: Gondola) -> dict[str, object]:
    """The box of a gondola's goods, as an installer draws it."""
    low, high = shelf.corners()
    facing = (round(float(np.cos(shelf.facing_rad)), 6), round(float(np.sin(shelf.facing_rad)), 6))
    return {
        "id": SHELF,
        "min": (*low, round(shelf.levels[0] - 0.02, 3)),
        "max": (*high, max(shelf.tall_m, round(shelf.levels[-1] + 0.40, 3))),
        "facing": facing,
        "levels": shelf.levels,
    }


def any_shelf_mount(rng: np.random.Generator) -> Mount:
    """Half of the time tilted, 25 to 45 degrees below the horizon; else straight down over the aisle."""
    tilted = bool(rng.random() < 0.5)
    height, away = float(rng.uniform(2.2, 2.9)), float(rng.uniform(1.8, 3.2))
    aside, aim = float(rng.uniform(-40.0, 40.0)), float(rng.uniform(0.5, 1.1))
    above, before = float(rng.uniform(2.6, 3.2)), float(rng.uniform(0.5, 1.2))
    if not tilted:
        return Mount(above, 90.0, aside + float(rng.choice([0.0, 180.0])), x_m=0.01 * aside, y_m=-before)
    tilt = float(np.clip(np.degrees(np.arctan2(height - aim, away)), 25.0, 45.0))
    yaw = np.radians(aside)
    return Mount(height, tilt, aside, x_m=away * float(np.sin(yaw)), y_m=-away * float(np.cos(yaw)))


def zone(name: str, kind: str, x0: float, y0: float, x1: float, y1: float, **more: object) -> dict[str, object]:
    """A rectangle of the floor, for ``store.toml``."""
    return {"id": name, "kind": kind, "polygon": [(x0, y0), (x1, y0), (x1, y1), (x0, y1)], **more}
