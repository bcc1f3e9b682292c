"""Which pixels look into which watched volume, and how much of each volume a camera can see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from edge.messages import CameraModel, VolumeSight
from edge.settings import WatchedVolume, inside_polygon

FRONT_M = 0.04
"""Goods may stand out of their shelf this far."""
TILE = 16
"""Pixels are woken and put to sleep in squares of this side."""
FARTHEST_M = 6.0
"""Beyond it a depth camera's noise is larger than goods."""
SAMPLE_M = 0.05
GRAZING = 0.05
"""A side seen at a sine below this is not seen."""
HIDING_M = 0.1
"""What stands still this far in front of a side hides it."""
MOST_VOLUMES = 255

F64 = NDArray[np.float64]
Point3 = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class WatchedPixels:
    """The part of a picture that holds watched pixels, aligned to tiles.

    Attributes
    ----------
    top, left
        First row and column of the part.
    owner
        uint8 (rows, columns): index of the volume that a pixel looks into, plus one; 0 for none.
    near, far
        float32 (rows, columns): depth, in the camera's unit, at which its ray enters and leaves the volume.
    """

    top: int
    left: int
    owner: NDArray[np.uint8]
    near: NDArray[np.float32]
    far: NDArray[np.float32]


def watched_pixels(camera: CameraModel, volumes: Sequence[WatchedVolume]) -> WatchedPixels | None:
    """The pixels whose rays meet a volume; of several volumes on a ray it belongs to the nearest.

    None where no pixel does.

    Raises
    ------
    ValueError
        If there are more than 255 volumes.
    """
    if len(volumes) > MOST_VOLUMES:
        raise ValueError(f"{len(volumes)} volumes exceed {MOST_VOLUMES}")
    lens, pose = camera.intrinsics, camera.pose
    assert pose is not None
    travel = lens.rays() @ pose.matrix[:3, :3].T
    place = pose.matrix[:3, 3]
    owner = np.zeros((lens.height, lens.width), np.uint8)
    near = np.full(owner.shape, np.inf, np.float32)
    far = np.full(owner.shape, np.inf, np.float32)
    for k, volume in enumerate(volumes):
        enters, leaves = _ray_span(volume, place, travel)
        hit = (leaves > np.maximum(enters, 0.0)) & (enters < FARTHEST_M) & (enters < near * camera.depth_unit_m)
        owner[hit] = k + 1
        near[hit] = np.maximum(enters[hit], 0.0) / camera.depth_unit_m
        far[hit] = leaves[hit] / camera.depth_unit_m
    rows, columns = np.flatnonzero(owner.any(axis=1)), np.flatnonzero(owner.any(axis=0))
    if not rows.size:
        return None
    top, left = int(rows[0]) // TILE * TILE, int(columns[0]) // TILE * TILE
    part = (slice(top, int(rows[-1]) + 1), slice(left, int(columns[-1]) + 1))
    return WatchedPixels(
        top, left, np.ascontiguousarray(owner[part]), np.ascontiguousarray(near[part]), np.ascontiguousarray(far[part])
    )


def _ray_span(volume: WatchedVolume, place: F64, travel: F64) -> tuple[F64, F64]:
    """Depths, metres, at which rays (h, w, 3) from ``place`` enter and leave a volume's box, its front moved out."""
    low, high = _box(volume)
    with np.errstate(divide="ignore", invalid="ignore"):
        first, second = (low - place) / travel, (high - place) / travel
    enters = np.nanmax(np.minimum(first, second), axis=-1)
    leaves = np.nanmin(np.maximum(first, second), axis=-1)
    return enters, leaves


def _box(volume: WatchedVolume) -> tuple[F64, F64]:
    low, high = np.array(volume.low, dtype=np.float64), np.array(volume.high, dtype=np.float64)
    if volume.facing is not None:
        out = FRONT_M * np.array([*volume.facing, 0.0])
        low, high = np.minimum(low, low + out), np.maximum(high, high + out)
    return low, high


def sights(
    camera: CameraModel, volumes: Sequence[WatchedVolume], view: NDArray[np.uint16] | None
) -> tuple[VolumeSight, ...]:
    """How much of each volume a camera can see.

    Parameters
    ----------
    camera
        With its pose.
    volumes
        What is watched.
    view
        What stands still, uint16 (height, width) in depth units, 0 = not known; None for an empty room.
    """
    return tuple(_sight(camera, volume, view) for volume in volumes)


def _sight(camera: CameraModel, volume: WatchedVolume, view: NDArray[np.uint16] | None) -> VolumeSight:
    assert camera.pose is not None
    place = camera.pose.matrix[:3, 3].tolist()
    points = _facing_points(volume, (place[0], place[1], place[2]))
    if not len(points):
        return VolumeSight(volume.key, 0.0, 0.0)
    lens = camera.intrinsics
    seen_from = camera.pose.to_camera(points)
    pixels = np.rint(lens.project(seen_from))
    inside = (seen_from[:, 2] > 0) & (seen_from[:, 2] < FARTHEST_M)
    inside &= (pixels >= 0).all(axis=1) & (pixels[:, 0] < lens.width) & (pixels[:, 1] < lens.height)
    open_ = inside.copy()
    if view is not None:
        u, v = pixels[inside].astype(np.int64).T
        depth_m = view[v, u] * camera.depth_unit_m
        open_[inside] = (depth_m == 0) | (depth_m > seen_from[inside, 2] - HIDING_M)
    return VolumeSight(volume.key, float(inside.mean()), float(open_.mean()))


@lru_cache(maxsize=2 * MOST_VOLUMES)
def _facing_points(volume: WatchedVolume, place: Point3) -> F64:
    """Points (n, 3) all over the sides of a volume through which goods are seen and that face a camera at ``place``.

    Of a shelf these are its front and its top, of a zone its surface.  They stay the same from look to look, and a
    large zone has thousands.
    """
    low, high = _box(volume)
    if volume.facing is None:
        sides = [(2, low[2] - volume.low[2] + volume.levels[0], 1.0)]
    else:
        axis = int(np.argmax(np.abs(volume.facing)))
        sign = float(np.sign(volume.facing[axis]))
        sides = [(axis, high[axis] if sign > 0 else low[axis], sign), (2, high[2], 1.0)]
    kept = []
    for axis, at, sign in sides:
        others = [a for a in range(3) if a != axis]
        steps = [np.arange(low[a] + SAMPLE_M / 2, high[a], SAMPLE_M) for a in others]
        grid = np.stack(np.meshgrid(*steps), axis=-1).reshape(-1, 2)
        points = np.insert(grid, axis, at, axis=1)
        if volume.outline is not None:
            points = points[[inside_polygon(x, y, volume.outline) for x, y, _ in points.tolist()]]
        way = place - points
        facing = sign * way[:, axis] / np.maximum(np.linalg.norm(way, axis=1), 1e-9)
        # The front says most of what a shelf holds; its top counts only where it is seen.
        kept.append(points if axis != 2 or volume.facing is None else points[facing > GRAZING])
        if axis != 2 and not (facing > GRAZING).any():
            return np.empty((0, 3))
    return np.concatenate(kept)
