"""Goods that can be taken and put: single items, and how they stand on the boards of a gondola."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from edge.simulator.shop import Gondola
from edge.simulator.solids import Part, Sculptor, Solids

Place = tuple[float, float, float]


class Goods(StrEnum):
    """Kinds of goods."""

    CAN = "can"
    BOTTLE = "bottle"
    BOX = "box"
    PACK = "pack"
    PARCEL = "parcel"
    BAG = "bag"


SIZES_M: dict[Goods, tuple[float, float, float]] = {
    Goods.CAN: (0.06, 0.06, 0.12),
    Goods.BOTTLE: (0.08, 0.08, 0.25),
    Goods.BOX: (0.25, 0.20, 0.08),
    Goods.PACK: (0.10, 0.03, 0.15),
    Goods.PARCEL: (0.34, 0.24, 0.22),
    Goods.BAG: (0.32, 0.16, 0.28),
}
"""Nominal width, depth and height of each kind, metres."""

SHELVED = (Goods.CAN, Goods.BOTTLE, Goods.BOX, Goods.PACK)
"""Kinds that stand on shelves."""

SPREAD = 0.05
"""Greatest share by which a product's size differs from its kind's."""

_ROUND = (Goods.CAN, Goods.BOTTLE)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that stands somewhere.

    Attributes
    ----------
    size_m
        Width, depth and height.
    place
        Centre of its bottom, store frame, metres.
    yaw_rad
        Where its front looks; its depth lies along this direction, its width across it.
    """

    name: str
    kind: Goods
    size_m: tuple[float, float, float]
    place: Place
    yaw_rad: float = 0.0

    @property
    def centre(self) -> Place:
        """Its middle, store frame, metres."""
        x, y, z = self.place
        return x, y, z + self.size_m[2] / 2

    def solids(self, part: Part = Part.SCENE) -> Solids:
        """What is drawn of it."""
        out = Sculptor()
        w, d, h = self.size_m
        c, s = float(np.cos(self.yaw_rad)), float(np.sin(self.yaw_rad))
        axes = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
        x, y, z = self.place
        if self.kind is Goods.BOTTLE:
            body = 0.68 * h
            out.drum((x, y, z + body / 2), (d / 2, w / 2, body / 2), part, axes)
            out.drum((x, y, z + (body + h) / 2), (0.2 * d, 0.2 * w, (h - body) / 2), part, axes)
        elif self.kind is Goods.CAN:
            out.drum(self.centre, (d / 2, w / 2, h / 2), part, axes)
        elif self.kind is Goods.BAG:
            out.ball((x, y, z + 0.36 * h), (d / 2, w / 2, 0.36 * h), part, axes)
            out.box((x, y, z + 0.45 * h), (0.3 * d, 0.42 * w, 0.45 * h), part, axes)
            out.box((x, y, z + 0.95 * h), (0.02, 0.2 * w, 0.05 * h), part, axes)
        else:
            out.box(self.centre, (d / 2, w / 2, h / 2), part, axes)
        return out.solids()

    def distance_m(self, point: ArrayLike) -> float:
        """How far a store point is from the cylinder or cuboid around it; 0 inside."""
        c, s = float(np.cos(self.yaw_rad)), float(np.sin(self.yaw_rad))
        dx, dy, dz = (np.asarray(point, dtype=np.float64) - self.centre).tolist()
        ahead, left = c * dx + s * dy, -s * dx + c * dy
        w, d, h = self.size_m
        up = max(abs(dz) - h / 2, 0.0)
        if self.kind in _ROUND:
            return float(np.hypot(max(np.hypot(ahead, left) - w / 2, 0.0), up))
        return float(np.linalg.norm([max(abs(ahead) - d / 2, 0.0), max(abs(left) - w / 2, 0.0), up]))


def sampled_size(kind: Goods, rng: np.random.Generator) -> tuple[float, float, float]:
    """Width, depth and height of one product of a kind, to the millimetre."""
    w, d, h = (
        round(float(v * f), 3) for v, f in zip(SIZES_M[kind], rng.uniform(1 - SPREAD, 1 + SPREAD, 3), strict=True)
    )
    return (w, w, h) if kind in _ROUND else (w, d, h)


@dataclass(frozen=True, slots=True)
class Slot:
    """A place on a board for one item of a product."""

    level: int
    column: int
    """Number of the column on the whole gondola; its slots stand behind and on each other."""
    row: int
    """0 is the front."""
    tier: int
    """0 stands on the board."""
    along_m: float
    """Of the middle, along the front, in the gondola's own frame."""
    inset_m: float
    """From the board's front edge to the item's front."""
    kind: Goods
    size_m: tuple[float, float, float]


class Stock:
    """The slots of one gondola, and what stands in them as a plan goes on."""

    def __init__(self, shelf: Gondola, slots: Sequence[Slot], filled: Sequence[bool], prefix: str) -> None:
        self.shelf = shelf
        self.slots = tuple(slots)
        self.held: dict[Slot, Item | None] = {}
        self._made = 0
        self._prefix = prefix
        for slot, full in zip(self.slots, filled, strict=True):
            # Nothing stands on air.
            below = slot.tier == 0 or self._at(slot, slot.row, slot.tier - 1) is not None
            self.held[slot] = self.new_item(slot) if full and below else None

    def items(self) -> tuple[Item, ...]:
        """All that stands on the gondola."""
        return tuple(item for item in self.held.values() if item is not None)

    def new_item(self, slot: Slot) -> Item:
        """An item that was not here before, of the product that the slot is for, standing in it."""
        self._made += 1
        name = f"{self._prefix}{slot.kind.value}{self._made:03d}"
        return self.in_slot(Item(name, slot.kind, slot.size_m, (0.0, 0.0, 0.0)), slot)

    def in_slot(self, item: Item, slot: Slot) -> Item:
        """The item as it stands in a slot."""
        x, y = self.shelf.front(slot.along_m, -(slot.inset_m + item.size_m[1] / 2))
        z = self.shelf.levels[slot.level] + slot.tier * slot.size_m[2]
        return replace(item, place=(x, y, z), yaw_rad=self.shelf.facing_rad)

    def takeable(self) -> list[Slot]:
        """Slots whose item can be taken out: nothing before it, nothing on it."""
        return [slot for slot, item in self.held.items() if item is not None and self._open(slot)]

    def free(self) -> list[Slot]:
        """Empty slots that can be filled: nothing before them, nothing missing below."""
        return [
            slot
            for slot, item in self.held.items()
            if item is None
            and self._open(slot)
            and (slot.tier == 0 or self._at(slot, slot.row, slot.tier - 1) is not None)
        ]

    def put(self, slot: Slot, item: Item) -> Item:
        """Stand an item into a slot; the item as it stands there."""
        placed = self.in_slot(item, slot)
        self.held[slot] = placed
        return placed

    def take(self, slot: Slot) -> Item:
        """Take the item out of a slot."""
        item = self.held[slot]
        if item is None:
            raise ValueError("the slot is empty")
        self.held[slot] = None
        return item

    def _at(self, slot: Slot, row: int, tier: int) -> Item | None:
        return next(
            (i for s, i in self.held.items() if s.column == slot.column and s.row == row and s.tier == tier), None
        )

    def _open(self, slot: Slot) -> bool:
        """No item before it or on it."""
        return not any(
            item is not None
            and other.column == slot.column
            and (other.row < slot.row or (other.row == slot.row and other.tier > slot.tier))
            for other, item in self.held.items()
        )


def sample_gondola(rng: np.random.Generator, x_m: float, y_m: float, facing_rad: float, wide_m: float) -> Gondola:
    """A gondola of 3 to 5 levels, 1.2 to 1.8 m high and 0.3 to 0.5 m deep; ``x_m``, ``y_m`` is the middle of its front.

    A bottle fits between any two boards.
    """
    tall, low = float(rng.uniform(1.2, 1.8)), float(rng.uniform(0.12, 0.22))
    most = min(int((tall - low) / 0.30), 5)
    count = int(rng.integers(3, most + 1))
    spaces = rng.uniform(0.9, 1.1, count)
    spaces = np.maximum(spaces / spaces.sum() * (tall - low), 0.29)
    levels = tuple(round(float(low + z), 3) for z in np.concatenate([[0.0], np.cumsum(spaces)[:-1]]))
    deep = round(float(rng.uniform(0.3, 0.5)), 3)
    back = (x_m - deep * float(np.cos(facing_rad)), y_m - deep * float(np.sin(facing_rad)))
    return Gondola(*back, facing_rad, wide_m, deep, levels, round(tall, 3))


def stocked(shelf: Gondola, rng: np.random.Generator, *, fill: float = 0.85, prefix: str = "") -> Stock:
    """A gondola's stock: products side by side on each level, two deep and stacked where there is room.

    Parameters
    ----------
    fill
        Share of the slots with an item.
    prefix
        Of the items' names.
    """
    slots: list[Slot] = []
    column = 0
    for level, z in enumerate(shelf.levels):
        above = shelf.levels[level + 1] - 0.024 if level + 1 < len(shelf.levels) else z + 0.45
        y = -shelf.wide_m / 2 + 0.03
        while True:
            kind = SHELVED[int(rng.choice(len(SHELVED), p=[0.32, 0.26, 0.18, 0.24]))]
            size = sampled_size(kind, rng)
            facings = int(rng.integers(1, 3)) if kind is Goods.BOX else int(rng.integers(3, 6))
            if y + size[0] > shelf.wide_m / 2 - 0.03:
                break
            for _ in range(facings):
                if y + size[0] > shelf.wide_m / 2 - 0.03:
                    break
                slots += _column(shelf, level, column, y + size[0] / 2, above - z, kind, size, rng)
                column += 1
                y += size[0] + float(rng.uniform(0.005, 0.014))
            y += float(rng.uniform(0.01, 0.03))
    return Stock(shelf, slots, (rng.random(len(slots)) < fill).tolist(), prefix)


def _column(
    shelf: Gondola,
    level: int,
    column: int,
    along_m: float,
    room_m: float,
    kind: Goods,
    size: tuple[float, float, float],
    rng: np.random.Generator,
) -> list[Slot]:
    inset = float(rng.uniform(0.01, 0.035))
    rows = 2 if inset + 2 * size[1] + 0.05 < shelf.deep_m else 1
    stack = {Goods.BOX: 0.6, Goods.PACK: 0.25}.get(kind, 0.0)
    tiers = 2 if 2 * size[2] + 0.06 < room_m and rng.random() < stack else 1
    return [
        Slot(level, column, row, tier, along_m, inset + row * (size[1] + 0.012), kind, size)
        for row in range(rows)
        for tier in range(tiers)
    ]
