"""The volumes in which things that come and go matter: the boxes of shelves, and the space over zones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edge.settings.drawn import Shelf, Zone
from edge.settings.fields import Point2, Point3

LEVEL_M = 0.4
"""Height of a level where no boards are given."""
THINNEST_M = 0.02
OVERLAP_M = 0.01
"""Boxes that share more than this on every axis overlap."""
OVER_SURFACE_M = (-0.04, 0.8)
"""What is watched over the surface of a zone: a little below it, for what is taken away, and as high as a suitcase."""


@dataclass(frozen=True, slots=True)
class WatchedVolume:
    """One volume: a box with upright sides, or a prism over a polygon.

    Attributes
    ----------
    shelf, zone
        Its id as drawn; one of them is set.
    low, high
        Corners of its bounding box, store frame, metres.
    outline
        Its polygon on the floor, metres; None for a box.
    facing
        Unit vector on the floor from a shelf toward the shopper; None where it is open all round.
    levels
        Heights of the boards, rising, metres.
    """

    shelf: str | None
    zone: str | None
    low: Point3
    high: Point3
    outline: tuple[Point2, ...] | None
    facing: Point2 | None
    levels: tuple[float, ...]

    @property
    def key(self) -> str:
        """Names it among all; ids of shelves and zones may be the same."""
        return f"shelf/{self.shelf}" if self.shelf is not None else f"zone/{self.zone}"

    def level(self, z_m: float) -> int:
        """The level that a height belongs to, from 0, the lowest."""
        return max(0, sum(board <= z_m + 0.02 for board in self.levels) - 1)


def shelf_volume(shelf: Shelf) -> WatchedVolume:
    """The box of a shelf."""
    low_m, high_m = shelf.min[2], shelf.max[2]
    parts = max(1, round((high_m - low_m) / LEVEL_M))
    levels = shelf.levels or tuple(low_m + k * (high_m - low_m) / parts for k in range(parts))
    return WatchedVolume(shelf.id, None, shelf.min, shelf.max, None, shelf.facing, levels)


def zone_volume(zone: Zone) -> WatchedVolume:
    """The space over a zone's surface."""
    xs, ys = [x for x, _ in zone.polygon], [y for _, y in zone.polygon]
    low, high = (zone.surface_m + offset for offset in OVER_SURFACE_M)
    return WatchedVolume(
        None, zone.id, (min(xs), min(ys), low), (max(xs), max(ys), high), zone.polygon, None, (zone.surface_m,)
    )


def shelf_faults(shelves: Sequence[Shelf]) -> Mapping[str, str]:
    """Why a shelf cannot be watched as it is drawn, by its id: a fault of one does not stop the others.

    Of two that overlap the first is kept.
    """
    faults: dict[str, str] = {}
    kept: list[Shelf] = []
    for shelf in shelves:
        thin = [axis for axis, low, high in zip("xyz", shelf.min, shelf.max, strict=True) if high - low < THINNEST_M]
        over = next((other.id for other in kept if _overlap(shelf, other)), None)
        if thin:
            faults[shelf.id] = (
                f"has no size along {' and '.join(thin)}: max must exceed min by at least {THINNEST_M} m; measure again"
            )
        elif over is not None:
            faults[shelf.id] = f"overlaps shelf {over!r}, which keeps the goods of both; draw them apart"
        else:
            kept.append(shelf)
    return faults


def _overlap(a: Shelf, b: Shelf) -> bool:
    return all(min(a.max[i], b.max[i]) - max(a.min[i], b.min[i]) > OVERLAP_M for i in range(3))
