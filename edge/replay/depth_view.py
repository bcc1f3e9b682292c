"""A camera's depth as a picture: near is light, moving things are tinted, heads are ringed, goods are framed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.geometry import CELL_M
from edge.messages import CameraModel, GridSnapshot, Head
from edge.replay import canvas
from edge.replay.canvas import Colour, Picture, Point
from edge.replay.goods_view import MarkedGoods, MarkedHand, Place, draw_goods, draw_hand

HEAD_RADIUS_M = 0.13
FLOOR_M = 0.25
"""What is lower is not tinted: the floor and its noise."""
OPACITY = 0.45
"""Of the tint over what moves."""
RAMP = tuple(canvas.colour(c) for c in ("#f4f0e6", "#c9d3d3", "#8fa6ad", "#66808d", "#4a606e", "#384956"))
"""From near to far."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A person as drawn: where, in which colour, under which name."""

    id: str
    x_m: float
    y_m: float
    z_m: float
    ink: Colour
    level: str | None


class DepthView:
    """Draws the frames of one camera at a given width.

    Parameters
    ----------
    camera
        With its pose.
    first
        A frame to choose the range of depths from, uint16 (height, width).
    width
        Of the drawn picture, pixels.
    """

    def __init__(self, camera: CameraModel, first: NDArray[np.uint16], width: int) -> None:
        if camera.pose is None:
            raise ValueError(f"camera {camera.id!r} has no pose")
        self._camera, self._pose = camera, camera.pose
        self._scale = width / camera.intrinsics.width
        self.size = (width, round(camera.intrinsics.height * self._scale))
        seen = first[first > 0]
        near, far = np.percentile(seen, [0.5, 99.5]) if seen.size else (500.0, 5000.0)
        self._colours = _colours(0.8 * float(near), float(far))
        self._rays = (camera.intrinsics.rays() @ camera.pose.matrix[:3, :3].T * camera.depth_unit_m).astype(np.float32)
        self._farthest = np.zeros(first.shape, np.uint16)

    def draw(
        self,
        depth: NDArray[np.uint16],
        heads: Sequence[Head],
        people: Sequence[Marked],
        grid: GridSnapshot | None,
        goods: Sequence[MarkedGoods] = (),
        hands: Sequence[MarkedHand] = (),
    ) -> Picture:
        """The picture of one frame, (height, width, 3)."""
        picture = self._colours[np.minimum(depth, len(self._colours) - 1)]
        if grid is not None:
            self._tint(picture, depth, grid)
        method = cv2.INTER_NEAREST if self._scale > 3 else cv2.INTER_AREA if self._scale < 1 else cv2.INTER_LINEAR
        enlarged = np.asarray(cv2.resize(picture, self.size, interpolation=method), dtype=np.uint8)
        for hand in hands:
            draw_hand(enlarged, hand, self._points)
        for head in heads:
            self._mark_found(enlarged, head)
        for person in people:
            self._mark_person(enlarged, person)
        for thing in goods:
            draw_goods(enlarged, thing, self._points)
        return enlarged

    def _tint(self, picture: Picture, depth: NDArray[np.uint16], grid: GridSnapshot) -> None:
        """Tint what stands in a column with something moving and is nearer than the farthest that was seen there."""
        np.maximum(self._farthest, depth, out=self._farthest)
        ahead = (depth > 0) & (depth.astype(np.float32) < 0.96 * self._farthest)
        v, u = np.nonzero(ahead)
        points = self._rays[v, u] * depth[v, u, None] + self._pose.matrix[:3, 3].astype(np.float32)
        ix = np.floor(points[:, 0] / CELL_M).astype(np.int64) - grid.origin.ix
        iy = np.floor(points[:, 1] / CELL_M).astype(np.int64) - grid.origin.iy
        tops = grid.foreground_top_m
        inside = (ix >= 0) & (iy >= 0) & (ix < tops.shape[0]) & (iy < tops.shape[1]) & (points[:, 2] > FLOOR_M)
        moving = np.zeros(len(v), dtype=np.bool_)
        near = cv2.dilate(tops, np.ones((3, 3), np.uint8))  # feet and elbows reach into the next column
        moving[inside] = near[ix[inside], iy[inside]] > 0
        chosen = picture[v[moving], u[moving]].astype(np.float32)
        tint = np.array(canvas.TINT, np.float32)
        picture[v[moving], u[moving]] = ((1 - OPACITY) * chosen + OPACITY * tint).astype(np.uint8)

    def _mark_found(self, picture: Picture, head: Head) -> None:
        """What the eye alone found: a small cross."""
        spot = self._spot(head.x_m, head.y_m, head.z_m)
        if spot is not None:
            (u, v), _ = spot
            for ink, thickness in ((canvas.INK, 3), (canvas.WHITE, 1)):
                canvas.lines(picture, ((u - 4, v), (u + 4, v)), ink, thickness)
                canvas.lines(picture, ((u, v - 4), (u, v + 4)), ink, thickness)

    def _mark_person(self, picture: Picture, person: Marked) -> None:
        spot = self._spot(person.x_m, person.y_m, person.z_m)
        if spot is None:
            return
        (u, v), radius = spot
        canvas.disc(picture, (u, v), radius, canvas.WHITE, 4)
        canvas.disc(picture, (u, v), radius, person.ink, 2)
        if person.level is not None:
            canvas.disc(picture, (u, v), radius + 5, canvas.LEVELS[person.level], 2)
        name = person.id[:4]
        x = min(max(2.0, u - canvas.text_width(name, 15, canvas.SEMIBOLD) / 2), self.size[0] - 44.0)
        y = v - radius - 8 if v - radius > 26 else v + radius + 20
        canvas.text(picture, name, (x, y), 15, person.ink, canvas.SEMIBOLD, halo=canvas.WHITE)

    def _points(self, places: Sequence[Place]) -> list[Point] | None:
        """Where store points are drawn; None where one is behind the camera, or none is in the picture."""
        seen = self._camera.intrinsics.project(self._pose.to_camera(np.array(places)))
        u, v = ((seen + 0.5) * self._scale).T
        inside = (u >= 0) & (u < self.size[0]) & (v >= 0) & (v < self.size[1])
        return list(zip(u.tolist(), v.tolist(), strict=True)) if np.isfinite(seen).all() and inside.any() else None

    def _spot(self, x_m: float, y_m: float, z_m: float) -> tuple[tuple[float, float], float] | None:
        """Where a store point is drawn, and a head's radius there; None outside the picture."""
        point = self._pose.to_camera(np.array([[x_m, y_m, z_m]]))
        u, v = ((self._camera.intrinsics.project(point)[0] + 0.5) * self._scale).tolist()
        if not (0 <= u < self.size[0] and 0 <= v < self.size[1]):
            return None
        radius = HEAD_RADIUS_M * self._camera.intrinsics.fx / float(point[0, 2]) * self._scale
        return (u, v), min(max(radius, 6.0), 90.0)


def _colours(near: float, far: float) -> Picture:
    """A colour for each depth in depth units: from near to far, and that of a hole for 0."""
    units = np.arange(round(far) + 2)
    at = np.clip((units - near) / max(1.0, far - near), 0.0, 1.0) * (len(RAMP) - 1)
    channels = [np.interp(at, range(len(RAMP)), [c[channel] for c in RAMP]) for channel in range(3)]
    colours = np.stack(channels, axis=1).round().astype(np.uint8)
    colours[0] = canvas.HOLE
    return colours
