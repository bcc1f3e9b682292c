"""Goods in a depth picture: what was just taken or put, and hands while they reach."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

from edge.messages import DepthObservation, EventKind
from edge.replay import canvas
from edge.replay.canvas import Colour, Picture, Point
from edge.replay.item_tables import ToldItem

SHOWN_US = 3_000_000
"""A move of goods is shown for so long after it was told."""
HAND_US = 400_000
"""Hands are told a few times a second, and stay in the picture in between."""
LEAST_SIDE_PX = 14.0
INKS = {EventKind.ITEM_TAKEN.value: canvas.TAKEN, EventKind.ITEM_PUT.value: canvas.PUT}

Place = tuple[float, float, float]
"""Store frame, metres."""
Project = Callable[[Sequence[Place]], list[Point] | None]
"""Store points to points of the picture; None where one of them lies behind the camera or none lies in the picture."""


@dataclass(frozen=True, slots=True)
class MarkedGoods:
    """Goods as drawn: where, how large, in which colour, with which words."""

    at: Place
    size_m: Place
    ink: Colour
    words: str


@dataclass(frozen=True, slots=True)
class MarkedHand:
    """A hand as drawn, and the head that it belongs to."""

    t_us: int
    at: Place
    head: Place | None


def fresh_goods(told: Sequence[ToldItem], t_us: int) -> list[MarkedGoods]:
    """What was told during the last moments."""
    return [_marked(item) for item in told if item.t_end_us <= t_us < item.t_end_us + SHOWN_US]


def hands_of(observation: DepthObservation, t_us: int) -> list[MarkedHand]:
    """The hands of one frame."""
    heads = [(head.x_m, head.y_m, head.z_m) for head in observation.heads]
    return [
        MarkedHand(t_us, (hand.x_m, hand.y_m, hand.z_m), None if hand.head is None else heads[hand.head])
        for hand in observation.hands
    ]


def draw_goods(picture: Picture, goods: MarkedGoods, project: Project) -> None:
    """A frame round the thing as the camera sees it, and its words."""
    corners = project([_corner(goods, sides) for sides in product((-0.5, 0.5), repeat=3)])
    if corners is None:
        return
    (left, right), (top, bottom) = (_widened([point[axis] for point in corners]) for axis in (0, 1))
    frame = ((left, top), (right, top), (right, bottom), (left, bottom))
    canvas.lines(picture, frame, canvas.WHITE, 5, closed=True)
    canvas.lines(picture, frame, goods.ink, 2, closed=True)
    width = canvas.text_width(goods.words, 15, canvas.SEMIBOLD)
    x = min(max(2.0, (left + right - width) / 2), picture.shape[1] - width - 2.0)
    y = top - 8 if top > 26 else bottom + 20
    canvas.text(picture, goods.words, (x, y), 15, goods.ink, canvas.SEMIBOLD, halo=canvas.WHITE)


def draw_hand(picture: Picture, hand: MarkedHand, project: Project) -> None:
    """A small ring, and a thin line to the head."""
    spots = project([hand.at])
    if spots is None:
        return
    body = None if hand.head is None else project([hand.head])
    if body is not None:
        canvas.lines(picture, (spots[0], body[0]), canvas.WHITE, 3)
        canvas.lines(picture, (spots[0], body[0]), canvas.INK, 1)
    canvas.disc(picture, spots[0], 6, canvas.WHITE, 4)
    canvas.disc(picture, spots[0], 6, canvas.INK, 2)


def _marked(item: ToldItem) -> MarkedGoods:
    sign = "-" if item.kind == EventKind.ITEM_TAKEN.value else "+"
    litres = "" if item.volume_l is None else f"{item.volume_l:.1f} l"
    level = "" if item.level is None else f"level {item.level}"
    words = " ".join(part for part in (sign, litres, level) if part)
    return MarkedGoods((item.x_m, item.y_m, item.z_m), item.size_m or (0.0, 0.0, 0.0), INKS[item.kind], words)


def _corner(goods: MarkedGoods, sides: tuple[float, ...]) -> Place:
    x, y, z = (at + side * extent for at, side, extent in zip(goods.at, sides, goods.size_m, strict=True))
    return x, y, z


def _widened(values: Sequence[float]) -> tuple[float, float]:
    """The span of values, no shorter than can be seen."""
    low, high = min(values), max(values)
    more = max(0.0, LEAST_SIDE_PX - (high - low)) / 2
    return low - more, high + more
