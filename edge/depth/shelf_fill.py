"""How full each level of a shelf is, of what a camera can see of it.

A level is seen through its opening, between its board and the board above.  Each ray that enters there says how far
behind the front the settled surface lies, and stands on a scale between two depths that geometry gives:

- *empty*: where the ray would meet the board, the back wall, a side or the board above;
- *full*: where it would meet goods that stand at the front, as tall as goods are at this place.

The raw share of a level is the mean over its rays, each counting with the area of the opening that it stands for.
Rays that pass over all goods, or that would land on goods too far behind to say whether any should be there, do not
count.

Two things are learnt from full and empty shelves, and start with what is sensible on the first day:

- *how tall goods are*, every 5 cm along each level: the height up to which goods are seen there, rising within a
  minute and sinking over weeks.  Where none were seen yet, they are taken to be as tall as the others on the level;
- *the fullest and the emptiest* that the level was, as raw shares: between goods there are always gaps.  They widen
  within a minute, narrow over weeks, and only so far: a level that nobody fills does not become a full one.

The surface is the one that :class:`edge.depth.shelf_watch.ShelfWatch` compares with, where somebody stands before the
shelf the one behind them.  A level of which too little is known says nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.depth.kernels import F32, F64, I32, kernel
from edge.depth.shelf_sight import WatchedPixels
from edge.messages import CameraModel, LevelFill
from edge.settings import WatchedVolume

FIRST_LOOK_S, LOOK_S, SOON_S = 2.5, 5.0, 0.5
"""The first look after the start, the time between two, and the same after a change."""
NEWS = 0.02
"""A share is told again when it has changed this much."""
EDGE_M, EDGE_PX = 0.035, 2.0
"""A board and its price rail hide this much of the top of the opening below; and a camera sees them some pixels larger,
at either end of an opening."""
INSET_M = 0.05
"""Goods that stand no farther than this behind the front are at the front."""
REACH_M = 0.15
"""Where a ray would land on goods farther behind, a full shelf may have none."""
LEAST_SPAN_M = 0.04
"""A ray whose empty and full lie closer together, in depth, tells noise from goods no more."""
GOODS_M = 0.03
"""What is seen so much before the empty shelf, in depth, is goods, if it is as high over the board."""
COLUMN_M = 0.05
BIN_M, BINS = 0.01, 128
TALL_SHARE = 0.75
"""Of the heights at which goods are seen at a place this quantile, as areas, is how tall they are."""
LEAST_GOODS = 0.08
"""They are as tall as seen where they fill at least this share of what is seen there."""
UNSEEN_TALL = 0.8
"""Share of an opening that goods fill, where none was ever seen."""
MOST_PX = 3000
"""More pixels of a level are not looked at."""
LEAST_PX, LEAST_IN_VIEW = 150, 0.15
"""A level is watched if it has so many pixels, and this share of its opening is in view."""
LEAST_KNOWN, LEAST_TELLING = 0.3, 0.1
"""It is told if this share of what is in view is known, and if that share of it tells."""
START = (0.03, 0.8)
"""The emptiest and the fullest, as raw shares, before anything is learnt."""
LIMITS = (0.15, 0.6)
"""They narrow no farther."""
WIDEN_S, NARROW_S = 60.0, 14 * 86_400.0
MOST_STEP_S = 60.0
"""Between two looks no more was seen than this: where frames were missing, nothing is learnt from the gap."""

# Rows of what is known of each ray, metres.
NEAR_M, FRONT_M, INWARD, HEIGHT_M, DROP, EMPTY_M, AREA_M2 = range(7)
RAY = 7
"""``NEAR_M`` is the depth where it enters the volume, ``FRONT_M`` where it passes the front, ``INWARD`` how far it goes
behind the front with each metre of depth, ``HEIGHT_M`` how high over the board it passes the front, ``DROP`` how far it
sinks with each metre behind, ``EMPTY_M`` how far behind it ends in an empty shelf, ``AREA_M2`` what it stands for."""


@kernel
def tallest(surface: F32, unit_m: float, pixel: I32, ray: F32, column: I32, bins: F64, seen: F64, tall_m: F64) -> None:
    """How tall goods are seen to be in each column along a level, metres, into ``tall_m``; 0 where too few are seen.

    ``surface`` is the flat settled surface, ``bins`` (columns, BINS) and ``seen`` (columns) are scratch space.
    """
    bins[:] = 0
    seen[:] = 0
    for k in range(pixel.size):
        depth_m = surface[pixel[k]] * unit_m
        if depth_m <= 0 or depth_m < ray[NEAR_M, k]:
            continue
        at, area = column[k], np.float64(ray[AREA_M2, k])
        seen[at] += area
        behind_m = max((depth_m - ray[FRONT_M, k]) * ray[INWARD, k], 0.0)
        height_m = ray[HEIGHT_M, k] - ray[DROP, k] * behind_m
        if ray[EMPTY_M, k] - behind_m > GOODS_M * ray[INWARD, k] and height_m > GOODS_M:
            bins[at, min(int(height_m / BIN_M), BINS - 1)] += area
    for at in range(seen.size):
        total = bins[at].sum()
        tall_m[at] = 0
        if total == 0 or total < LEAST_GOODS * seen[at]:
            continue
        below = 0.0
        for k in range(BINS):
            if below + bins[at, k] >= TALL_SHARE * total:
                tall_m[at] = (k + (TALL_SHARE * total - below) / bins[at, k]) * BIN_M
                break
            below += bins[at, k]


@kernel
def raw_share(
    surface: F32, unit_m: float, pixel: I32, ray: F32, column: I32, tall_m: F64
) -> tuple[float, float, float]:
    """How full a level is of goods that are ``tall_m`` (columns) tall; areas, m², that are known, and that tell."""
    known, telling, full = 0.0, 0.0, 0.0
    for k in range(pixel.size):
        depth_m = surface[pixel[k]] * unit_m
        if depth_m <= 0 or depth_m < ray[NEAR_M, k]:
            continue
        area, empty_m = np.float64(ray[AREA_M2, k]), np.float64(ray[EMPTY_M, k])
        known += area
        full_m = min(INSET_M, 0.5 * empty_m)
        over_m = ray[HEIGHT_M, k] - tall_m[column[k]]
        if over_m > 0:
            if ray[DROP, k] <= 0:
                continue
            full_m = max(full_m, over_m / ray[DROP, k])
        if full_m > REACH_M or empty_m - full_m < LEAST_SPAN_M * ray[INWARD, k]:
            continue
        behind_m = (depth_m - ray[FRONT_M, k]) * ray[INWARD, k]
        telling += area
        full += area * min(max((empty_m - behind_m) / (empty_m - full_m), 0.0), 1.0)
    return full / max(telling, 1e-12), known, telling


@dataclass(frozen=True, slots=True)
class _Front:
    """Where rays, ``rows`` and ``columns`` of the watched part, pass the front of a shelf.

    ``points`` (n, 3) are metres, ``behind`` (n, 3) how they go on with each metre behind it, ``pixel_m`` (n,) how high
    a pixel reaches there, ``ray`` (RAY, n) what does not depend on the level.
    """

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    points: F64
    behind: F64
    pixel_m: F64
    ray: F64


@dataclass(slots=True)
class _Level:
    """One level of one shelf: its rays, what is learnt, and what was told."""

    volume: str
    level: int
    pixel: I32
    ray: F32
    column: I32
    area_m2: float
    opening_m: float
    tall_m: F64
    emptiest: float = START[0]
    fullest: float = START[1]
    told: float | None = None

    def look(self, surface: F32, unit_m: float, since_s: float | None) -> float | None:
        """Its share now, and learn from it; None where too little is known.  ``since_s`` is None at the first look."""
        columns = self.tall_m.size
        seen_m = np.zeros(columns)
        bins, seen = np.zeros((columns, BINS)), np.zeros(columns)
        tallest(surface, unit_m, self.pixel, self.ray, self.column, bins, seen, seen_m)
        self._learn_tall(seen_m, since_s)
        known_tall = self.tall_m[self.tall_m > 0]
        usual_m = float(np.median(known_tall)) if known_tall.size else UNSEEN_TALL * self.opening_m
        tall_m = np.where(self.tall_m > 0, self.tall_m, usual_m)
        raw, known, telling = raw_share(surface, unit_m, self.pixel, self.ray, self.column, tall_m)
        if known < LEAST_KNOWN * self.area_m2 or telling < LEAST_TELLING * self.area_m2:
            return None
        self._learn_ends(raw, since_s)
        return min(max((raw - self.emptiest) / (self.fullest - self.emptiest), 0.0), 1.0)

    def _learn_tall(self, seen_m: F64, since_s: float | None) -> None:
        first = (seen_m > 0) & (self.tall_m == 0)
        self.tall_m[first] = seen_m[first]
        over = np.where(seen_m > 0, seen_m - self.tall_m, 0.0)
        self.tall_m += over * np.where(over > 0, _gain(since_s or 0.0, WIDEN_S), _gain(since_s or 0.0, NARROW_S))

    def _learn_ends(self, raw: float, since_s: float | None) -> None:
        # What it is at the first look it has been for long.
        wide = 1.0 if since_s is None else _gain(since_s, WIDEN_S)
        narrow = _gain(since_s or 0.0, NARROW_S)
        self.emptiest += (min(raw, LIMITS[0]) - self.emptiest) * (wide if raw < self.emptiest else narrow)
        self.fullest += (max(raw, LIMITS[1]) - self.fullest) * (wide if raw > self.fullest else narrow)


class ShelfFill:
    """Looks at the levels of all shelves that one camera sees, now and then.

    Parameters
    ----------
    camera
        With its pose.
    volumes
        What is watched, as the owners of ``watched`` count them; those without a facing have no fill.
    watched
        Which part of the picture the surfaces cover.
    """

    def __init__(self, camera: CameraModel, volumes: Sequence[WatchedVolume], watched: WatchedPixels) -> None:
        self._levels = [level for k in range(len(volumes)) for level in _levels(camera, volumes[k], k + 1, watched)]
        self._unit_m = camera.depth_unit_m
        self._start_ns: int | None = None
        self._looked_ns: int | None = None
        self._stirred = False

    def look(self, t_ns: int, surface: NDArray[np.float32], *, changed: bool) -> tuple[LevelFill, ...]:
        """The levels whose fill is news.

        Parameters
        ----------
        t_ns
            Time of the frame.
        surface
            The settled surface, float32 (rows, columns) in depth units, 0 = not known.
        changed
            Whether something has come or gone with this frame.
        """
        self._stirred |= changed
        if self._start_ns is None:
            self._start_ns = t_ns
        since_s = (t_ns - (self._start_ns if self._looked_ns is None else self._looked_ns)) / 1e9
        wait_s = FIRST_LOOK_S if self._looked_ns is None else SOON_S if self._stirred else LOOK_S
        if since_s < wait_s:
            return ()
        elapsed_s = None if self._looked_ns is None else min(since_s, MOST_STEP_S)
        self._looked_ns, self._stirred = t_ns, False
        flat = surface.reshape(-1)
        news = []
        for level in self._levels:
            share = level.look(flat, self._unit_m, elapsed_s)
            if share is not None and (level.told is None or abs(share - level.told) >= NEWS):
                level.told = share
                news.append(LevelFill(level.volume, level.level, round(share, 3)))
        return tuple(news)


def _gain(since_s: float, time_s: float) -> float:
    return float(1.0 - np.exp(-since_s / time_s))


def _levels(camera: CameraModel, volume: WatchedVolume, owner: int, watched: WatchedPixels) -> list[_Level]:
    """The levels of a volume that are seen well enough."""
    if volume.facing is None:
        return []
    axis = int(np.argmax(np.abs(volume.facing)))
    front = _front(camera, volume, axis, float(np.sign(volume.facing[axis])), owner, watched)
    tops = (*(board - EDGE_M for board in volume.levels[1:]), volume.high[2])
    made = [_level(volume, k, (volume.levels[k], tops[k]), axis, front, watched) for k in range(len(tops))]
    return [level for level in made if level is not None]


def _front(
    camera: CameraModel, volume: WatchedVolume, axis: int, outward: float, owner: int, watched: WatchedPixels
) -> _Front:
    """The rays that look into a volume, at its front: across ``axis``, facing ``outward``, -1 or 1."""
    assert camera.pose is not None
    rows, columns = np.nonzero(watched.owner == owner)
    travel = camera.intrinsics.rays()[rows + watched.top, columns + watched.left] @ camera.pose.matrix[:3, :3].T
    place = camera.pose.matrix[:3, 3]
    gap_m = outward * (place[axis] - (volume.high[axis] if outward > 0 else volume.low[axis]))
    inward = -outward * travel[:, axis]
    enters = (inward > 1e-6) & (gap_m > 0)
    rows, columns, travel, inward = rows[enters], columns[enters], travel[enters], inward[enters]
    depth_m, behind = gap_m / inward, travel / inward[:, None]
    lens = camera.intrinsics
    ray = np.zeros((RAY, len(rows)))
    ray[NEAR_M] = watched.near[rows, columns] * camera.depth_unit_m
    ray[FRONT_M] = depth_m
    ray[INWARD] = inward
    ray[DROP] = -behind[:, 2]
    ray[AREA_M2] = depth_m**2 / (lens.fx * lens.fy * inward)
    pixel_m = depth_m * (travel * travel).sum(axis=1) / (lens.fy * inward)
    return _Front(rows, columns, place + depth_m[:, None] * travel, behind, pixel_m, ray)


def _level(
    volume: WatchedVolume, k: int, boards: tuple[float, float], axis: int, front: _Front, watched: WatchedPixels
) -> _Level | None:
    """The opening between two heights, ``boards``; None where too little of it is seen."""
    along = 1 - axis
    low, high = volume.low[along], volume.high[along]
    at, z = front.points[:, along], front.points[:, 2]
    edge_m = EDGE_PX * front.pixel_m
    inside = (z > boards[0] + edge_m) & (z < boards[1] - edge_m) & (at > low) & (at < high)
    empty_m = _empty_m(front, along, (low, high), boards, volume.high[axis] - volume.low[axis])
    inside &= empty_m > LEAST_SPAN_M * front.ray[INWARD]
    step = max(1, int(np.ceil(np.sqrt(inside.sum() / MOST_PX))))
    kept = np.flatnonzero(inside & (front.rows % step == 0) & (front.columns % step == 0))
    ray = front.ray[:, kept]
    opening_m2 = (boards[1] - boards[0]) * (high - low)
    if inside.sum() < LEAST_PX or ray[AREA_M2].sum() * step**2 < LEAST_IN_VIEW * opening_m2:
        return None
    ray[HEIGHT_M] = z[kept] - boards[0]
    ray[EMPTY_M] = empty_m[kept]
    places = max(1, round((high - low) / COLUMN_M))
    return _Level(
        volume=volume.key,
        level=k,
        pixel=(front.rows[kept] * watched.owner.shape[1] + front.columns[kept]).astype(np.int32),
        ray=np.ascontiguousarray(ray, dtype=np.float32),
        column=np.minimum((at[kept] - low) / (high - low) * places, places - 1).astype(np.int32),
        area_m2=float(ray[AREA_M2].sum()),
        opening_m=boards[1] - boards[0],
        tall_m=np.zeros(places),
    )


def _empty_m(front: _Front, along: int, sides: tuple[float, float], boards: tuple[float, float], deep_m: float) -> F64:
    """How far behind the front rays meet the back, a side, the board below or the one above."""
    ends = np.full(len(front.points), deep_m)
    for axis, (low, high) in ((along, sides), (2, boards)):
        way, start = front.behind[:, axis], front.points[:, axis]
        with np.errstate(divide="ignore", invalid="ignore"):
            end = np.where(way > 0, (high - start) / way, (low - start) / way)
        ends = np.where(np.abs(way) > 1e-9, np.minimum(ends, end), ends)
    return ends
