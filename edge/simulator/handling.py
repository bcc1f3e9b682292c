"""What hands do with goods: take, put, touch; each a plan with human times that :mod:`script` brings to a body."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from edge.simulator.goods import Goods, Item, Place
from edge.simulator.reaching import Opening
from edge.simulator.shop import Gondola

HAND_GAP_M = 0.012
"""The end of the arm stays this far before the surface it grasps; the palm around it touches."""
APPROACH_M = 0.06
"""Before a rack's front, where a hand on its way in or out passes."""
SHOW_S, BAG_S, REST_S = 0.45, 0.5, 0.4
"""From the rack to before the chest; from there into the bag; to hanging at the side."""

_GRASP = {Goods.BOTTLE: 0.40}
"""Height of the grasp over an item's; half of it for the others."""


class Deed(StrEnum):
    """What a handling does."""

    TAKE = "take"
    PUT = "put"
    TOUCH = "touch"
    """Nothing moves."""


class Keep(StrEnum):
    """Where goods are after a take, or before a put."""

    BAG = "bag"
    """Out of sight, in a bag or basket at the hip."""
    SHOWN = "shown"
    """In the hand, before the chest."""
    HANGING = "hanging"
    """In the hand, at the side."""


@dataclass(frozen=True, slots=True)
class Face:
    """The open side toward which one stands: a rack's, or a table's edge.

    ``x_m``, ``y_m`` is the middle of its foot; ``facing_rad`` points out of it.
    """

    x_m: float
    y_m: float
    facing_rad: float
    opening: Opening

    @classmethod
    def of(cls, shelf: Gondola) -> Face:
        """A gondola's."""
        x, y = shelf.front(0.0, 0.0)
        return cls(x, y, shelf.facing_rad, Opening(shelf.levels, shelf.deep_m, shelf.tall_m))

    def inward(self, point: Place) -> tuple[float, float]:
        """Metres behind the face, and metres along it (to its own left), of a store point."""
        c, s = float(np.cos(self.facing_rad)), float(np.sin(self.facing_rad))
        dx, dy = point[0] - self.x_m, point[1] - self.y_m
        return -(c * dx + s * dy), -s * dx + c * dy

    def before(self, along_m: float, distance_m: float) -> tuple[float, float]:
        """A place on the floor before it."""
        c, s = float(np.cos(self.facing_rad)), float(np.sin(self.facing_rad))
        return self.x_m + c * distance_m - s * along_m, self.y_m + s * distance_m + c * along_m


@dataclass(frozen=True, slots=True)
class Grip:
    """One hand, or both together, on the same goods.

    Attributes
    ----------
    hands
        0 left, 1 right, and for each the store point where it is at contact.
    items
        As they stand at their place: before a take, after a put.
    """

    hands: tuple[tuple[int, Place], ...]
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Handling:
    """One reach to a shelf and back.  Its times: ``prep_s`` the body leans in, then the hand reaches, is in contact and
    withdraws; then the goods are shown and kept.
    """

    deed: Deed
    face: Face
    shelf: str
    """Its id in ``store.toml``; empty for a table or the floor."""
    grips: tuple[Grip, ...]
    start_s: float = 0.0
    prep_s: float = 0.4
    reach_s: float = 0.7
    contact_s: float = 0.4
    withdraw_s: float = 0.7
    show_s: float = 0.8
    keep: Keep = Keep.BAG
    pace: float = 1.0
    """Factor on the times between rack, chest, bag and side."""
    least_bend_rad: float = 0.0
    """One leans in by as much, even where the arm would do."""
    stand_m: float | None = None
    """Where along the face one stands, whatever one reaches for; None steps aside as far as it takes."""

    def shifted(self, t_s: float) -> Handling:
        """The same, ``t_s`` later."""
        return replace(self, start_s=self.start_s + t_s)

    @property
    def show_move_s(self) -> float:
        """From the rack to before the chest."""
        return SHOW_S * self.pace

    @property
    def bag_s(self) -> float:
        """From before the chest into the bag, or out of it."""
        return BAG_S * self.pace

    @property
    def rest_s(self) -> float:
        """From anywhere to hanging at the side."""
        return REST_S * self.pace

    @property
    def lead_s(self) -> float:
        """From the start until the body leans in: goods for a put come out of the bag first."""
        if self.deed is not Deed.PUT or self.keep is Keep.SHOWN:
            return 0.0
        return (self.bag_s if self.keep is Keep.BAG else 0.0) + self.show_move_s + self.show_s

    @property
    def reached_s(self) -> float:
        """When the hand is there."""
        return self.start_s + self.lead_s + self.prep_s + self.reach_s

    @property
    def moment_s(self) -> float:
        """Of the grasp or the release."""
        return self.reached_s + self.contact_s / 2

    @property
    def out_s(self) -> float:
        """When the hand is out of the rack again."""
        return self.reached_s + self.contact_s + self.withdraw_s

    @property
    def end_s(self) -> float:
        """When everything about it is over."""
        if self.deed is not Deed.TAKE:
            return self.out_s + self.rest_s + 0.5 * self.prep_s
        after = {Keep.BAG: self.bag_s + self.rest_s, Keep.SHOWN: 0.0, Keep.HANGING: self.rest_s}[self.keep]
        return self.out_s + self.show_move_s + 0.5 * self.prep_s + self.show_s + after


def grasp_point(item: Item) -> Place:
    """Where a hand holds an item: just before its front, or a bag over its handle."""
    x, y, z = item.place
    if item.kind is Goods.BAG:
        return x, y, z + item.size_m[2] + HAND_GAP_M
    half = item.size_m[1] / 2 + HAND_GAP_M
    up = _GRASP.get(item.kind, 0.5) * item.size_m[2]
    return x + half * float(np.cos(item.yaw_rad)), y + half * float(np.sin(item.yaw_rad)), z + max(up, 0.045)


def one_hand(side: int, *items: Item) -> Grip:
    """A hand on an item, or between two neighbours, where it reaches in a little farther."""
    points = np.array([grasp_point(item) for item in items])
    if len(items) > 1:
        yaw, inner = items[0].yaw_rad, 0.2 * items[0].size_m[1]
        points[:, :2] -= inner * np.array([np.cos(yaw), np.sin(yaw)])
    x, y, z = points.mean(axis=0).tolist()
    return Grip(((side, (x, y, z)),), items)


def both_hands(item: Item) -> Grip:
    """Both hands at an item's sides, of one who stands before its front."""
    x, y, z = item.place
    half = item.size_m[0] / 2 + HAND_GAP_M
    up = z + item.size_m[2] / 2
    # Across its front; one who looks at it has the item's left on the own right.
    dx, dy = -half * float(np.sin(item.yaw_rad)), half * float(np.cos(item.yaw_rad))
    return Grip(((0, (x - dx, y - dy, up)), (1, (x + dx, y + dy, up))), (item,))
