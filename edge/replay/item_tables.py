"""Goods of the truth and of the results as they lie on disk, read into typed rows."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from edge.messages import EventKind
from edge.replay.tables import US_PER_S, finite, microseconds, read_csv, read_jsonl

ITEM_KINDS = {"taken": EventKind.ITEM_TAKEN.value, "put": EventKind.ITEM_PUT.value}
"""The truth's word for each kind of event."""
CHANGES = {"disappeared": EventKind.ITEM_TAKEN.value, "appeared": EventKind.ITEM_PUT.value}
"""The same for changes that were labelled in pictures."""
LEAST_VISIBLE, LEAST_PIXELS = 0.5, 30
"""Small goods of which less than this can be seen are not asked for."""
SAME_MOMENT_US = 1.5 * US_PER_S
"""What is said of one thing at two times, no farther apart than this, is said of one move of it."""
SAME_PLACE_M = 0.03


@dataclass(frozen=True, slots=True)
class TrueItem:
    """Something that was really taken or put: ``truth/items.csv``, with what the tables beside it say of it."""

    t_us: int
    kind: str
    """``item_taken`` or ``item_put``."""
    shelf: str
    x_m: float
    y_m: float
    z_m: float
    """Its middle while it stands on the shelf."""
    person: str | None
    item: str
    volume_l: float
    """Of the box round it: width times depth times height."""
    visible: bool = True
    """Whether enough of it could be seen: :data:`LEAST_VISIBLE` of its front, :data:`LEAST_PIXELS`."""
    gone_us: int | None = None
    """When nothing was before its place any more."""
    observable: bool = True
    """Whether any camera could see that it came or went: not where its place stayed covered to the end, nor where it
    was taken and put back while the place was covered."""


@dataclass(frozen=True, slots=True)
class ToldItem:
    """An event of the results that tells of goods."""

    t_start_us: int
    t_end_us: int
    kind: str
    person: str | None
    x_m: float
    y_m: float
    z_m: float
    shelf: str | None
    level: int | None
    volume_l: float | None
    count: int | None
    size_m: tuple[float, float, float] | None = None
    """Extent along store x, y and z."""


@dataclass(frozen=True, slots=True)
class PixelChange:
    """A change that was labelled in a picture: ``truth/items_px.csv``.

    ``u, v`` is the upper left corner of its box, ``width, height`` its size, pixels.
    """

    frame_before: int
    frame_after: int
    kind: str
    u: float
    v: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class _Look:
    t_us: int
    item: str
    visible: bool


@dataclass(frozen=True, slots=True)
class _Hand:
    gone_us: int
    item: str
    kind: str


def read_true_items(truth: Path) -> tuple[TrueItem, ...]:
    """``items.csv`` of a truth folder, joined with ``items_seen.csv`` and ``hands.csv`` where they are.

    Raises
    ------
    SessionError
        If one of them is torn, or there is no ``items.csv``.
    """
    columns = ("t", "kind", "shelf", "x", "y", "z", "person", "item", "w", "d", "h")
    items = read_csv(truth / "items.csv", columns, _true_item)
    seen, hands = truth / "items_seen.csv", truth / "hands.csv"
    if seen.is_file():
        items = _with_looks(items, read_csv(seen, ("t", "item", "visible", "pixels"), _look))
    if hands.is_file():
        items = _with_hands(items, read_csv(hands, ("t_gone", "item", "kind"), _hand))
    return items


def read_told_items(path: Path) -> tuple[ToldItem, ...]:
    """The events of ``events.jsonl`` that tell of goods taken or put.

    Raises
    ------
    SessionError
        If it is missing or torn.
    """
    return tuple(row for row in read_jsonl(path, _told_item) if row is not None)


def read_pixel_changes(path: Path) -> tuple[PixelChange, ...]:
    """``truth/items_px.csv``.

    Raises
    ------
    SessionError
        If it is missing or torn.
    """
    return read_csv(path, ("frame_before", "frame_after", "change", "u", "v", "w", "h"), _pixel_change)


def _with_looks(items: tuple[TrueItem, ...], looks: tuple[_Look, ...]) -> tuple[TrueItem, ...]:
    def joined(item: TrueItem) -> TrueItem:
        mine = [look for look in looks if look.item == item.item and abs(look.t_us - item.t_us) <= SAME_MOMENT_US]
        nearest = min(mine, key=lambda look: abs(look.t_us - item.t_us), default=None)
        return item if nearest is None else replace(item, visible=nearest.visible)

    return tuple(joined(item) for item in items)


def _with_hands(items: tuple[TrueItem, ...], hands: tuple[_Hand, ...]) -> tuple[TrueItem, ...]:
    def joined(item: TrueItem) -> TrueItem:
        mine = (hand.gone_us for hand in hands if (hand.item, hand.kind) == (item.item, item.kind))
        return replace(item, gone_us=min((t for t in mine if t >= item.t_us - SAME_MOMENT_US), default=None))

    known = [joined(item) for item in items]
    undone = {id(half) for pair in _undone(known) for half in pair}
    return tuple(replace(i, observable=i.gone_us is not None and id(i) not in undone) for i in known)


def _undone(items: list[TrueItem]) -> list[tuple[TrueItem, TrueItem]]:
    """Moves of one thing, and back to where it was, before its place could be seen again."""
    pairs = []
    last: dict[str, TrueItem] = {}
    for item in sorted(items, key=lambda item: item.t_us):
        before = last.pop(item.item, None)
        if before is not None and before.kind != item.kind and _undoes(item, before):
            pairs.append((before, item))
        else:
            last[item.item] = item
    return pairs


def _undoes(item: TrueItem, before: TrueItem) -> bool:
    apart_m = math.dist((before.x_m, before.y_m, before.z_m), (item.x_m, item.y_m, item.z_m))
    return apart_m <= SAME_PLACE_M and (before.gone_us is None or before.gone_us >= item.t_us)


def _true_item(row: dict[str, str]) -> TrueItem:
    x, y, z = (finite(row[axis]) for axis in "xyz")
    width, depth, height = (finite(row[side]) for side in "wdh")
    if min(width, depth, height) <= 0.0:
        raise ValueError(f"a thing of {width} x {depth} x {height} m has no volume")
    litres = 1000.0 * width * depth * height
    return TrueItem(
        microseconds(row["t"]),
        ITEM_KINDS[row["kind"]],
        row["shelf"],
        x,
        y,
        z,
        row["person"] or None,
        row["item"],
        litres,
    )


def _look(row: dict[str, str]) -> _Look:
    enough = finite(row["visible"]) >= LEAST_VISIBLE and finite(row["pixels"]) >= LEAST_PIXELS
    return _Look(microseconds(row["t"]), row["item"], enough)


def _hand(row: dict[str, str]) -> _Hand:
    return _Hand(microseconds(row["t_gone"]), row["item"], ITEM_KINDS[row["kind"]])


def _told_item(record: dict[str, Any]) -> ToldItem | None:
    if record["kind"] not in ITEM_KINDS.values():
        return None
    place = record["place"]
    x, y, z = (finite(place[axis]) for axis in "xyz")
    litres, count = record.get("volume_l"), record.get("count")
    return ToldItem(
        t_start_us=microseconds(record["t_start"]),
        t_end_us=microseconds(record["t_end"]),
        kind=str(record["kind"]),
        person=record.get("person"),
        x_m=x,
        y_m=y,
        z_m=z,
        shelf=place.get("shelf"),
        level=place.get("level"),
        volume_l=None if litres is None else finite(litres),
        count=None if count is None else int(count),
        size_m=_size(record.get("size")),
    )


def _size(sides: list[object] | None) -> tuple[float, float, float] | None:
    if sides is None:
        return None
    x, y, z = (finite(side) for side in sides)
    return x, y, z


def _pixel_change(row: dict[str, str]) -> PixelChange:
    before, after = int(row["frame_before"]), int(row["frame_after"])
    if not 0 <= before < after:
        raise ValueError(f"frame {before} does not come before frame {after}")
    u, v, width, height = (finite(row[key]) for key in ("u", "v", "w", "h"))
    if min(width, height) <= 0.0:
        raise ValueError(f"a box of {width} x {height} pixels holds nothing")
    return PixelChange(before, after, CHANGES[row["change"]], u, v, width, height)
