"""What stands still: floor, walls with doorways, gondolas full of goods, a till."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge.simulator.choreography import Block
from edge.simulator.solids import Part, Sculptor, Solids, join


@dataclass(frozen=True, slots=True)
class Fixture:
    """Something that stands still: its solids, and the floor it takes."""

    solids: Solids
    blocks: tuple[Block, ...]


def floor(half_m: float = 15.0) -> Fixture:
    """A level floor."""
    out = Sculptor()
    out.box((0, 0, -0.05), (half_m, half_m, 0.05), Part.SCENE)
    return Fixture(out.solids(), ())


def wall(x0: float, y0: float, x1: float, y1: float, height_m: float = 2.7, thick_m: float = 0.12) -> Fixture:
    """A straight wall along one of the axes."""
    t = thick_m / 2
    block = Block(min(x0, x1) - t, min(y0, y1) - t, max(x0, x1) + t, max(y0, y1) + t)
    return _standing_box(block, height_m)


def room(
    x0: float, y0: float, x1: float, y1: float, doors: dict[str, float], door_m: float = 1.6
) -> tuple[Fixture, ...]:
    """Four walls; ``doors`` maps a side (``w e s n``) to the place of its doorway along the wall."""
    walls = []
    for side in "wesn":
        low, high = (y0, y1) if side in "we" else (x0, x1)
        fixed = {"w": x0, "e": x1, "s": y0, "n": y1}[side]
        spans = [(low, high)]
        if side in doors:
            spans = [(low, doors[side] - door_m / 2), (doors[side] + door_m / 2, high)]
        for a, b in spans:
            walls.append(wall(fixed, a, fixed, b) if side in "we" else wall(a, fixed, b, fixed))
    return tuple(walls)


@dataclass(frozen=True, slots=True)
class Gondola:
    """A rack of shelves with one open face."""

    x_m: float
    y_m: float
    """Middle of its back's foot."""
    facing_rad: float
    wide_m: float = 1.8
    deep_m: float = 0.45
    levels: tuple[float, ...] = (0.15, 0.55, 0.95, 1.30)
    tall_m: float = 1.65

    def corners(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Lower and upper corner of its floor, for a facing along an axis."""
        c, s = np.cos(self.facing_rad), np.sin(self.facing_rad)
        ahead, left = np.array([c, s]), np.array([-s, c])
        back = np.array([self.x_m, self.y_m])
        ends = np.array(
            [back + a * ahead + b * left for a in (0, self.deep_m) for b in (-self.wide_m / 2, self.wide_m / 2)]
        )
        low, high = ends.min(axis=0), ends.max(axis=0)
        return (float(low[0]), float(low[1])), (float(high[0]), float(high[1]))

    def front(self, along_m: float, distance_m: float) -> tuple[float, float]:
        """A place on the floor before it."""
        c, s = float(np.cos(self.facing_rad)), float(np.sin(self.facing_rad))
        d = self.deep_m + distance_m
        return self.x_m + c * d - s * along_m, self.y_m + s * d + c * along_m

    def item_place(self, along_m: float, level: int) -> tuple[float, float, float]:
        """A place among the goods of a level."""
        x, y = self.front(along_m, -0.12)
        return x, y, self.levels[level] + 0.10


def gondola(shelf: Gondola, rng: np.random.Generator, *, stock: float = 0.85) -> Fixture:
    """A gondola with goods: boards, a back, boxes, bottles and bags in rows."""
    out = Sculptor()
    _carcass(out, shelf)
    for k, z in enumerate(shelf.levels):
        above = shelf.levels[k + 1] if k + 1 < len(shelf.levels) else shelf.tall_m + 0.05
        _stock(out, shelf, z, above - z - 0.06, stock, rng)
    return _stood(out.solids(), shelf)


def rack(shelf: Gondola) -> Fixture:
    """An empty gondola: back, sides and boards."""
    out = Sculptor()
    _carcass(out, shelf)
    return _stood(out.solids(), shelf)


def _carcass(out: Sculptor, shelf: Gondola) -> None:
    half_w, half_d = shelf.wide_m / 2, shelf.deep_m / 2
    out.box((0.015, 0, shelf.tall_m / 2), (0.015, half_w, shelf.tall_m / 2), Part.SCENE)
    for side in (-half_w, half_w):
        out.box((half_d, side, shelf.tall_m / 2), (half_d, 0.012, shelf.tall_m / 2), Part.SCENE)
    for z in shelf.levels:
        out.box((half_d, 0, z - 0.012), (half_d, half_w, 0.012), Part.SCENE)


def _stood(solids: Solids, shelf: Gondola) -> Fixture:
    """What was made in a gondola's own frame, where it stands."""
    c, s = np.cos(shelf.facing_rad), np.sin(shelf.facing_rad)
    turn = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    (x0, y0), (x1, y1) = shelf.corners()
    return Fixture(solids.moved(turn, (shelf.x_m, shelf.y_m, 0.0)), (Block(x0, y0, x1, y1),))


def _stock(out: Sculptor, shelf: Gondola, z: float, room_m: float, stock: float, rng: np.random.Generator) -> None:
    y = -shelf.wide_m / 2 + 0.03
    while y < shelf.wide_m / 2 - 0.10:
        wide, tall = float(rng.uniform(0.06, 0.20)), float(rng.uniform(0.45, 1.0) * room_m)
        deep = float(rng.uniform(0.10, 0.17))
        kind = rng.random()
        if rng.random() < stock:
            front = shelf.deep_m - 0.02 - float(rng.exponential(0.03))
            place = (max(front - deep, deep), min(y + wide / 2, shelf.wide_m / 2 - wide / 2), z + tall / 2)
            if kind < 0.65:
                out.box(place, (deep, wide / 2 * 0.96, tall / 2), Part.SCENE)
            elif kind < 0.9:
                r = wide / 2 * 0.94
                out.drum((max(front - r, r), place[1], place[2]), (r, r, tall / 2), Part.SCENE)
            else:
                out.ball(place, (deep * 0.8, wide / 2, tall / 2), Part.SCENE)
        y += wide + float(rng.uniform(0.003, 0.02))


def counter(x0: float, y0: float, x1: float, y1: float, height_m: float = 0.92) -> Fixture:
    """A till's counter with a register and a screen on it."""
    base = _standing_box(Block(x0, y0, x1, y1), height_m)
    out = Sculptor()
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    out.box((x, y, height_m + 0.06), (0.17, 0.17, 0.06), Part.SCENE)
    out.box((x, y, height_m + 0.25), (0.16, 0.02, 0.12), Part.SCENE)
    return Fixture(join([base.solids, out.solids()]), base.blocks)


def table(x0: float, y0: float, x1: float, y1: float, height_m: float) -> Fixture:
    """A table: a top on four legs."""
    out = Sculptor()
    x, y, half_x, half_y = (x0 + x1) / 2, (y0 + y1) / 2, (x1 - x0) / 2, (y1 - y0) / 2
    out.box((x, y, height_m - 0.015), (half_x, half_y, 0.015), Part.SCENE)
    for dx in (-half_x + 0.03, half_x - 0.03):
        for dy in (-half_y + 0.03, half_y - 0.03):
            out.box((x + dx, y + dy, height_m / 2), (0.025, 0.025, height_m / 2), Part.SCENE)
    return Fixture(out.solids(), (Block(x0, y0, x1, y1),))


def _standing_box(block: Block, height_m: float) -> Fixture:
    out = Sculptor()
    half = ((block.x1 - block.x0) / 2, (block.y1 - block.y0) / 2, height_m / 2)
    out.box(((block.x0 + block.x1) / 2, (block.y0 + block.y1) / 2, height_m / 2), half, Part.SCENE)
    return Fixture(out.solids(), (block,))
