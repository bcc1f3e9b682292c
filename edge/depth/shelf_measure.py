"""How large a thing that came or went is, and where: from the surface before and the surface after.

The nearer of the two surfaces is the thing's own; behind it lies its shadow, up to the farther surface.  What each
pixel's ray passes between the two, ``(far³ - near³) / 3 fx fy``, but no farther back than the thing can reach (its
shadow on a wall far behind is not part of it), adds up to the volume that was seen.  That misses what hides: the frayed
edge, the foot near the board, what lies behind something else.  So the volume is the larger of what was seen and of
what goods commonly fill of the box around them.  How deep a thing is, is seen where its top is in view; else it is
taken to be about as deep as wide, or as deep as the gap it left.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.depth.shelf_pieces import Piece, Pieces
from edge.depth.shelf_shape import FAR_PX, fill_out, goes_on_hidden
from edge.depth.shelf_sight import WatchedPixels
from edge.depth.shelf_split import is_sliver, split
from edge.depth.shelf_watch import Region
from edge.messages import CameraModel, DepthPair, SurfaceChange
from edge.messages.goods import MAX_PICTURE_PX
from edge.settings import WatchedVolume, inside_polygon

SPREAD = (2.0, 98.0)
"""Percentiles between which a thing extends: a few stray pixels do not make it larger."""
GAP_PERCENTILE = 35.0
"""So much of a thing's shadow is shorter than the gap it left: beside it the look goes on past what stood behind it."""
TRIMMED = 0.04
"""What the percentiles cut off, as a share of the rest."""
STANDS_M = 0.05
"""What seems to begin this little over a board stands on it."""
BODY_SHARE, MOST_HIDDEN = 0.9, 4.0
"""Goods fill so much of the box around them: a carton all of it, a can three quarters; but what is seen of a thing is
never so many times less than all of it."""
MOST_SHADOW_M = 0.6
"""Nothing on a shelf is deeper than this, metres."""
THIN_M, THIN_NEEDS = 0.04, 2.0
"""What is thinner has to be so many times as large: the frayed edge of a board is thin as well."""
OUTSIDE_M = 0.06
"""The middle of a thing lies within its volume, or hardly outside."""
LEAST_EXTENT_M, LEAST_FILL = 0.02, 0.15
"""A thing fills at least this share of the box around it; what is strewn along an edge does not."""
MARGIN_PX = 12
FULL_L = 0.25
"""A change this large is sure."""
TOUCHED_DOUBT = 0.4

F64 = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Body:
    """The points of a region: axes (3, 3), depths (n,), ways of the rays (n, 3) and the nearer surface (n, 3)."""

    axes: F64
    near_m: F64
    far_m: F64
    way: F64
    surface: F64


@dataclass(frozen=True, slots=True)
class _Part:
    """One thing among the points of a region: those wholly seen, and all with its frayed edge."""

    seen: Indices
    all: Indices


class Gauge:
    """Measures the regions of one camera.

    Parameters
    ----------
    camera
        With its pose.
    volumes
        What is watched, as the owners of ``watched`` count them.
    watched
        Which part of the picture the regions count in.
    """

    def __init__(self, camera: CameraModel, volumes: Sequence[WatchedVolume], watched: WatchedPixels) -> None:
        assert camera.pose is not None
        self._camera = camera
        self._volumes = tuple(volumes)
        self._watched = watched
        self._travel = camera.intrinsics.rays() @ camera.pose.matrix[:3, :3].T
        self._place = camera.pose.matrix[:3, 3]
        self._pieces = Pieces()

    def measure(self, region: Region, least_l: float, surface: NDArray[np.float32]) -> tuple[SurfaceChange, ...]:
        """The changes that a region is: one for each thing that came or went; none where it is too small.

        ``surface`` (rows, columns) is the settled surface, in depth units, for the picture.
        """
        volume = self._volumes[region.volume]
        body = self._body(region, volume)
        pitch_m = float(np.median(body.near_m)) / self._camera.intrinsics.fx
        parts = split(body.surface[: region.seen, 0], body.surface[: region.seen, 1], pitch_m)
        most = max(len(part) for part in parts)
        changes: list[SurfaceChange] = []
        for part in _with_edges(parts, body, region.seen):
            if is_sliver(body.surface[part.seen, 1], most):
                continue
            change = self._change(region, volume, body, part, least_l, surface)
            points = body.surface[part.seen] @ body.axes
            piece = Piece(region.volume, region.kind, region.before_ns, region.after_ns, points)
            if change is None or self._pieces.is_rest(piece, body.axes, pitch_m):
                continue
            self._pieces.add(piece)
            changes.append(change)
        return tuple(changes)

    def _body(self, region: Region, volume: WatchedVolume) -> _Body:
        rows, columns = region.rows + self._watched.top, region.columns + self._watched.left
        unit = self._camera.depth_unit_m
        near_m = np.minimum(region.before, region.after).astype(np.float64) * unit
        leaves_m = self._watched.far[region.rows, region.columns].astype(np.float64) * unit
        far_m = np.minimum(np.maximum(region.before, region.after).astype(np.float64) * unit, leaves_m)
        travel = self._travel[rows, columns]
        axes = _axes(volume, travel)
        surface = (self._place + near_m[:, None] * travel) @ axes.T
        return _Body(axes, near_m, np.maximum(far_m, near_m), travel @ axes.T, surface)

    def _change(
        self,
        region: Region,
        volume: WatchedVolume,
        body: _Body,
        part: _Part,
        least_l: float,
        surface: NDArray[np.float32],
    ) -> SurfaceChange | None:
        """One thing, of the points ``part`` of a region, unless it is too small."""
        low, high = self._extent(volume, body, part)
        seen_l = self._seen_l(body, part, low, high)
        thin = float(min(high[1] - low[1], high[2] - low[2])) < THIN_M
        if seen_l < max(least_l * (THIN_NEEDS if thin else 1.0), LEAST_FILL * _around_l(low, high)):
            return None
        low, high = fill_out(low, high, hidden=self._goes_on_hidden(region, body, part, surface))
        middle = ((low + high) / 2) @ body.axes
        if not _within(volume, middle):
            return None
        seen_l = self._seen_l(body, part, low, high)
        filled_l = min(BODY_SHARE * _around_l(low, high), MOST_HIDDEN * seen_l)
        sureness = min(1.0, 0.6 + 0.4 * seen_l / FULL_L) * (1.0 - TOUCHED_DOUBT * min(region.touched, 1.0))
        extent = np.abs(body.axes.T) @ (high - low)
        return SurfaceChange(
            volume=volume.key,
            kind=region.kind,
            before_ns=region.before_ns,
            after_ns=region.after_ns,
            x_m=float(middle[0]),
            y_m=float(middle[1]),
            z_m=float(middle[2]),
            size_m=(float(extent[0]), float(extent[1]), float(extent[2])),
            volume_l=round(max(seen_l, filled_l), 4),
            count=None,
            confidence=round(sureness, 4),
            picture=self._picture(region, part.all, surface),
        )

    def _seen_l(self, body: _Body, part: _Part, low: F64, high: F64) -> float:
        """What the rays pass of a thing within the box around it, litres."""
        near_m, far_m = body.near_m[part.all], body.far_m[part.all]
        stop_m = np.minimum(far_m, near_m + _way_out(body.surface[part.all], body.way[part.all], low, high))
        lens = self._camera.intrinsics
        return float((stop_m**3 - near_m**3).sum() / (3 * lens.fx * lens.fy) * 1000)

    def _goes_on_hidden(self, region: Region, body: _Body, part: _Part, surface: NDArray[np.float32]) -> bool:
        rows, columns = region.rows[part.seen], region.columns[part.seen]
        y0, x0, y1, x1 = _around(rows, columns, FAR_PX + 1, surface.shape)
        inside = np.zeros((y1 - y0, x1 - x0), np.bool_)
        inside[rows - y0, columns - x0] = True
        at_m = float(np.median(body.near_m[part.seen]))
        top, left = self._watched.top, self._watched.left
        place = (self._place + at_m * self._travel[top + y0 : top + y1, left + x0 : left + x1]) @ body.axes.T
        depth_m = surface[y0:y1, x0:x1].astype(np.float64) * self._camera.depth_unit_m
        return goes_on_hidden(inside, depth_m, at_m, place[..., 1], place[..., 2])

    def _extent(self, volume: WatchedVolume, body: _Body, part: _Part) -> tuple[F64, F64]:
        """Lower and upper corner of a thing along the axes, metres: with what the frayed edge and the board hide."""
        surface = body.surface[part.seen]
        low, high = np.percentile(surface, SPREAD, axis=0)
        lost_m = (high - low) * TRIMMED + 0.5 * float(np.median(body.near_m[part.seen])) / self._camera.intrinsics.fx
        low[1:] -= lost_m[1:] / 2
        high[1:] += lost_m[1:] / 2
        shadow_m = (body.near_m[part.all] - body.far_m[part.all]) * body.way[part.all, 0]
        low[0] = high[0] - self._depth_m(high - low, shadow_m)
        # Near the board a thing and what was behind it differ too little to be told apart.
        boards = [board for board in volume.levels if -STANDS_M / 2 < low[2] - board < STANDS_M]
        if boards:
            low[2] = max(boards)
        elif volume.facing is None:
            # Nothing hangs over a floor or a table.
            low[2] = min(low[2], volume.levels[0])
        return low, high

    @staticmethod
    def _depth_m(extent: F64, shadow_m: F64) -> float:
        """How far back a thing reaches: as far as it is seen to, or about as far as it is wide, or as its shadow."""
        seen_m, wide_m = float(extent[0]), float(extent[1])
        gap_m = float(np.percentile(shadow_m, GAP_PERCENTILE))
        return min(max(seen_m, min(wide_m, gap_m)), MOST_SHADOW_M)

    def _picture(self, region: Region, part: Indices, surface: NDArray[np.float32]) -> DepthPair:
        """The patch around a thing, with the region as it was before and as it is now.

        Around it lies the settled surface, not the frame: somebody who stands there is not in the picture.
        """
        rows, columns = region.rows[part], region.columns[part]
        y0, x0, y1, x1 = _around(rows, columns, MARGIN_PX, surface.shape)
        around = surface[y0:y1, x0:x1].astype(np.float64)
        # What stood before the volume when the watch began may have been taken for a surface.
        around[around < self._watched.near[y0:y1, x0:x1]] = 0
        before, after = around.copy(), around
        before[rows - y0, columns - x0] = region.before[part]
        after[rows - y0, columns - x0] = region.after[part]
        step = -(-max(before.shape) // MAX_PICTURE_PX)
        scale = self._camera.depth_unit_m * 1000
        pair = [
            np.clip(np.rint(image[::step, ::step] * scale), 0, 65_535).astype(np.uint16) for image in (before, after)
        ]
        y, x = int(rows[0]) + self._watched.top, int(columns[0]) + self._watched.left
        told = f"{self._camera.id}:{region.after_ns}:{y}:{x}:{region.kind.value}"
        name = base64.b32encode(hashlib.blake2b(told.encode(), digest_size=10).digest()).decode().lower()
        return DepthPair(name, pair[0], pair[1])


def _with_edges(parts: list[Indices], body: _Body, seen: int) -> list[_Part]:
    """Give the frayed edge to the thing that it lies beside."""
    edge = np.arange(seen, len(body.near_m))
    if len(parts) == 1:
        return [_Part(parts[0], np.concatenate([parts[0], edge]))]
    middles = np.array([np.median(body.surface[part, 1]) for part in parts])
    nearest = np.abs(body.surface[edge, 1][:, None] - middles).argmin(axis=1)
    return [_Part(part, np.concatenate([part, edge[nearest == k]])) for k, part in enumerate(parts)]


def _axes(volume: WatchedVolume, travel: F64) -> F64:
    """Unit vectors (3, 3) as rows: toward the shopper or the camera, sideways, up."""
    if volume.facing is not None:
        out = np.array([*volume.facing, 0.0])
    else:
        out = -np.append(travel[:, :2].mean(axis=0), 0.0)
        length = float(np.linalg.norm(out))
        out = out / length if length > 0.2 else np.array([1.0, 0.0, 0.0])
    up = np.array([0.0, 0.0, 1.0])
    return np.stack([out, np.cross(up, out), up])


def _around(rows: Indices, columns: Indices, margin: int, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """First row and column, and one past the last, of a patch around pixels."""
    first_row, first_column = max(int(rows.min()) - margin, 0), max(int(columns.min()) - margin, 0)
    return (
        first_row,
        first_column,
        min(int(rows.max()) + margin + 1, shape[0]),
        min(int(columns.max()) + margin + 1, shape[1]),
    )


def _around_l(low: F64, high: F64) -> float:
    """Litres of a box."""
    return float(np.prod(np.maximum(high - low, LEAST_EXTENT_M))) * 1000


def _way_out(start: F64, way: F64, low: F64, high: F64) -> F64:
    """How far, in metres of depth, rays (n, 3) from points within or near a box go until they leave it."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = np.where(way > 0, (high - start) / way, (low - start) / way)
    ends[~np.isfinite(ends)] = np.inf
    return np.asarray(np.maximum(ends.min(axis=1), 0.0))


def _within(volume: WatchedVolume, middle: F64) -> bool:
    low, high = np.array(volume.low) - OUTSIDE_M, np.array(volume.high) + OUTSIDE_M
    if volume.outline is not None and not inside_polygon(float(middle[0]), float(middle[1]), volume.outline):
        return False
    return bool((middle >= low).all() and (middle <= high).all())
