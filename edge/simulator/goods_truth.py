"""What really happened to goods: who took or put what and when, how well it could be seen, when the hand was gone."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.clock import decimal_seconds, nanoseconds
from edge.simulator.goods import Item
from edge.simulator.handling import Deed
from edge.simulator.inventory import Inventory
from edge.simulator.render import Image, Renderer
from edge.simulator.script import Change
from edge.simulator.solids import PARTS, Part

ITEMS_HEADER = ("t", "kind", "shelf", "x", "y", "z", "person", "item", "w", "d", "h")
ITEMS_SEEN_HEADER = ("t", "item", "visible", "pixels")
HANDS_HEADER = ("t_gone", "item", "kind")

CLEAR_NS = nanoseconds(1.0)
"""A hand is gone when nothing covers the place for this long from then on: a glimpse between arm and body is none."""

_KINDS = {Deed.TAKE: "taken", Deed.PUT: "put"}


@dataclass(frozen=True, slots=True)
class ItemTruth:
    """An item taken from a shelf or put to one, at the moment of the grasp or the release."""

    t_ns: int
    kind: str
    shelf: str
    person: int
    item: Item
    """At its place on the shelf."""

    def row(self) -> tuple[str | int, ...]:
        """A row of ``items.csv``."""
        place, size = ([f"{v:.4f}" for v in values] for values in (self.item.centre, self.item.size_m))
        return decimal_seconds(self.t_ns), self.kind, self.shelf, *place, self.person, self.item.name, *size


def item_truth(inventory: Inventory, first_ns: int) -> list[ItemTruth]:
    """Everything taken from and put to shelves."""
    return [
        ItemTruth(first_ns + nanoseconds(c.t_s), _KINDS[c.deed], c.shelf, c.person, c.item)
        for c in inventory.changes
        if c.shelf
    ]


@dataclass(slots=True)
class _Pending:
    """A place that a hand has been at, in the picture of the camera that sees it best."""

    change: Change
    camera: int
    pixels: NDArray[np.intp]
    """Flat indices of the pixels that show the item when nobody is before it."""
    since_ns: int | None = None
    over: bool = False


class GoodsWatch:
    """Looks at every place that is changed, through all cameras.

    Parameters
    ----------
    cameras
        Each one's renderer, and its scenery without movable goods.
    """

    def __init__(self, inventory: Inventory, cameras: Sequence[tuple[Renderer, Image]]) -> None:
        self._inventory, self._cameras = inventory, tuple(cameras)
        self._seen: list[tuple[Change, float, int]] = []
        self._gone: list[tuple[int, Change]] = []
        self._pending: list[_Pending] = []
        self._next = 0
        self._times = [change.t_s for change in inventory.changes]

    def look(self, dt_ns: int, images: Sequence[Image]) -> None:
        """One frame of every camera, ``dt_ns`` after the first."""
        while self._next < len(self._times) and nanoseconds(self._times[self._next]) < dt_ns:
            self._add(self._inventory.changes[self._next])
            self._next += 1
        for pending in self._pending:
            label = images[pending.camera].label.reshape(-1)[pending.pixels]
            covered = ((label >= PARTS) | (label % PARTS == Part.PROP)).any()
            if covered:
                pending.since_ns = None
                continue
            pending.since_ns = dt_ns if pending.since_ns is None else pending.since_ns
            if dt_ns - pending.since_ns >= CLEAR_NS:
                pending.over = True
                self._gone.append((pending.since_ns, pending.change))
        self._pending = [pending for pending in self._pending if not pending.over]

    def seen_rows(self, first_ns: int) -> list[tuple[str, str, str, int]]:
        """Rows of ``items_seen.csv``, in the order of ``items.csv``."""
        return [
            (decimal_seconds(first_ns + nanoseconds(change.t_s)), change.item.name, f"{share:.3f}", pixels)
            for change, share, pixels in self._seen
            if change.shelf
        ]

    def gone_rows(self, first_ns: int) -> list[tuple[str, str, str]]:
        """Rows of ``hands.csv``; none for a place that no camera sees, or that stays covered to the end."""
        return [
            (decimal_seconds(first_ns + t_ns), change.item.name, _KINDS[change.deed])
            for t_ns, change in sorted(self._gone, key=lambda gone: (gone[0], gone[1].t_s, gone[1].item.name))
            if change.shelf
        ]

    def _add(self, change: Change) -> None:
        """See the item at its place with nobody about: before a take, after a put."""
        before = bisect_left(self._times, change.t_s)
        version = before if change.deed is Deed.TAKE else self._inventory.version(change.t_s)
        goods = self._inventory.standing(version)
        best, pixels, share = 0, np.zeros(0, dtype=np.intp), 0.0
        for camera, (renderer, bare) in enumerate(self._cameras):
            image = bare.copy()
            for item in goods:
                renderer.draw(image, item.solids(), 1 if item.name == change.item.name else 0)
            mine = np.flatnonzero(image.label.reshape(-1) >= PARTS)
            if len(mine) >= len(pixels):
                alone = renderer.area_px(change.item.solids())
                best, pixels, share = camera, mine, min(len(mine) / alone, 1.0) if alone else 0.0
        self._seen.append((change, share, len(pixels)))
        if len(pixels):
            self._pending.append(_Pending(change, best, pixels))
