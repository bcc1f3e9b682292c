"""Drawing: the calm colours of the app, text, soft lines and discs, on images in OpenCV's order of colours."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Colour = tuple[int, int, int]
"""Blue, green, red: 0 to 255."""
Point = tuple[float, float]

SUBPIXEL_BITS = 4


def colour(hexadecimal: str) -> Colour:
    """A colour written as on the web, e.g. ``"#2f7d78"``."""
    red, green, blue = (int(hexadecimal[i : i + 2], 16) for i in (1, 3, 5))
    return blue, green, red


PAPER = colour("#f5f3ee")
PANEL = colour("#e4e0d8")
INK = colour("#2a2e33")
MUTED = colour("#80848a")
FLOOR = colour("#fbfaf7")
GRID = colour("#ece9e2")
THINGS = (colour("#dcd7cc"), colour("#c3bcae"), colour("#a39a8b"))
"""What stands there: up to the knee, up to the waist, taller."""
MOVING = colour("#bcdcd8")
SHELF = colour("#7d6f5a")
LINE = colour("#3f6fa8")
CAMERA = colour("#55595f")
HOLE = colour("#171b20")
TAKEN, PUT = colour("#b4532a"), colour("#2a6db0")
"""Goods that went and goods that came; told apart without red or green too."""
TINT = colour("#f2b55c")
"""Over what moves, in a depth picture."""
ZONES = {
    "entrance": colour("#cfe3cf"),
    "exit": colour("#cfe3cf"),
    "checkout": colour("#d5dcec"),
    "staff_only": colour("#ecd6cf"),
    "aisle": colour("#ece6d6"),
}
LEVELS = {"white": colour("#8a9097"), "yellow": colour("#d39a14"), "red": colour("#c43d2b")}
PEOPLE = tuple(
    colour(c)
    for c in (
        "#1f7f7a", "#b0562f", "#4a63b0", "#8a7a1c", "#8c4a8f", "#3c8a4c", "#b03a5e", "#2f7fae", "#7a5a3c", "#5f5fa8",
    )
)  # fmt: skip
"""One after the other in order of appearance, so that a change of identity is seen."""
WHITE = (255, 255, 255)

_FONT = cv2.FontFace("sans")
REGULAR, SEMIBOLD = 400, 600


def blank(width: int, height: int, fill: Colour) -> Picture:
    """A picture of one colour."""
    return np.full((height, width, 3), fill, np.uint8)


def text_width(words: str, size: int, weight: int = REGULAR) -> int:
    """Width of a line of text, pixels."""
    x, _, width, _ = cv2.getTextSize((4096, 256), words, (0, 0), _FONT, size, weight)
    return int(x + width)


def text(
    picture: Picture, words: str, at: Point, size: int, ink: Colour, weight: int = REGULAR, halo: Colour | None = None
) -> int:
    """Write a line of text whose baseline begins at ``at``; return the x where it ends."""
    x, y = round(at[0]), round(at[1])
    if halo is not None:
        for dx, dy in ((-1, -1), (1, -1), (-1, 1), (1, 1), (-2, 0), (2, 0), (0, -2), (0, 2)):
            cv2.putText(picture, words, (x + dx, y + dy), halo, _FONT, size, weight)
    cv2.putText(picture, words, (x, y), ink, _FONT, size, weight)
    return x + text_width(words, size, weight)


def lines(picture: Picture, points: Iterable[Point], ink: Colour, thickness: int = 1, *, closed: bool = False) -> None:
    """A smooth line through points."""
    fixed = _fixed(points)
    if len(fixed) >= 2:
        cv2.polylines(picture, [fixed], closed, ink, thickness, cv2.LINE_AA, SUBPIXEL_BITS)


def polygon(picture: Picture, points: Iterable[Point], fill: Colour, opacity: float = 1.0) -> None:
    """A filled polygon."""
    if opacity >= 1.0:
        cv2.fillPoly(picture, [_fixed(points)], fill, cv2.LINE_AA, SUBPIXEL_BITS)
        return
    layer = picture.copy()
    cv2.fillPoly(layer, [_fixed(points)], fill, cv2.LINE_AA, SUBPIXEL_BITS)
    cv2.addWeighted(layer, opacity, picture, 1.0 - opacity, 0.0, picture)


def disc(picture: Picture, at: Point, radius: float, fill: Colour, thickness: int = -1) -> None:
    """A filled disc, or a ring when a thickness is given."""
    scale = 1 << SUBPIXEL_BITS
    centre = (round(at[0] * scale), round(at[1] * scale))
    cv2.circle(picture, centre, round(radius * scale), fill, thickness, cv2.LINE_AA, SUBPIXEL_BITS)


def trail(picture: Picture, points: list[Point], ink: Colour, background: Colour, thickness: int = 2) -> None:
    """A way that fades toward its beginning."""
    for number, (a, b) in enumerate(pairwise(points), 1):
        share = number / max(1, len(points) - 1)
        faded = mix(ink, background, 0.15 + 0.6 * share)
        lines(picture, (a, b), faded, thickness)


def mix(a: Colour, b: Colour, share_of_a: float) -> Colour:
    """A colour between two."""
    first, second, third = (round(share_of_a * x + (1 - share_of_a) * y) for x, y in zip(a, b, strict=True))
    return first, second, third


def _fixed(points: Iterable[Point]) -> NDArray[np.int32]:
    array = np.array(list(points), dtype=np.float64).reshape(-1, 2)
    return np.round(np.clip(array, -30_000, 30_000) * (1 << SUBPIXEL_BITS)).astype(np.int32)
