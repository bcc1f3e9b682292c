"""Ray-cast depth: one ray through each pixel centre, the nearest solid wins.

What stands still is drawn once per camera; each frame draws only what moves, inside the screen box of each solid.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

from edge.geometry import Intrinsics, Pose
from edge.simulator.solids import PARTS, Array, Shape, Solids

NEAR_M = 0.05
FAR_M = 1e9
"""Depth of a pixel whose ray meets nothing."""

MESH_CELL_M = 0.03
"""Openings of a wire basket, metres."""

_BALL, _BOX, _DRUM, _ROUND_CONE = int(Shape.BALL), int(Shape.BOX), int(Shape.DRUM), int(Shape.ROUND_CONE)

F = TypeVar("F", bound=Callable[..., object])


def _compiled(function: F) -> F:
    return cast(F, numba.njit(cache=True, nogil=True, fastmath=False)(function))


@dataclass(frozen=True, slots=True)
class Image:
    """What one camera would see without noise.

    Attributes
    ----------
    depth
        (height, width) float64, metres along the optical axis; ``FAR_M`` where nothing is met.
    label
        (height, width) int32: ``owner * PARTS + part``; -1 where nothing is met.
    """

    depth: Array
    label: NDArray[np.int32]

    def copy(self) -> Image:
        """The same picture in its own memory."""
        return Image(self.depth.copy(), self.label.copy())


def blank(width: int, height: int) -> Image:
    """A picture of nothing."""
    return Image(np.full((height, width), FAR_M), np.full((height, width), -1, dtype=np.int32))


class Renderer:
    """Draws solids (store frame) as one camera sees them.

    Raises
    ------
    ValueError
        If the intrinsics have lens distortion, which is not drawn.
    """

    def __init__(self, intrinsics: Intrinsics, pose: Pose) -> None:
        if any(intrinsics.distortion):
            raise ValueError("the simulator draws pinhole cameras without distortion")
        self._intrinsics = intrinsics
        matrix = pose.matrix
        self._rotation = matrix[:3, :3].T
        self._position = matrix[:3, 3]

    def draw(self, image: Image, solids: Solids, owner: int = 0) -> None:
        """Draw ``solids`` into ``image``, in front of what is farther."""
        lens = self._intrinsics
        self._draw(image, solids, owner, lens.cx, lens.cy)

    def area_px(self, solids: Solids) -> int:
        """Pixels that ``solids`` alone would cover on a sensor without borders (at most three times the real one)."""
        lens = self._intrinsics
        height, width = lens.height, lens.width
        boxes = self._screen_boxes(self._camera_space(solids), 3 * width, 3 * height, lens.cx + width, lens.cy + height)
        boxes = boxes[(boxes[:, 1] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 2])]
        if len(boxes) == 0:
            return 0
        u0, v0 = int(boxes[:, 0].min()), int(boxes[:, 2].min())
        patch = blank(int(boxes[:, 1].max()) - u0, int(boxes[:, 3].max()) - v0)
        self._draw(patch, solids, 0, lens.cx + width - u0, lens.cy + height - v0)
        return int((patch.label >= 0).sum())

    def _camera_space(self, solids: Solids) -> Solids:
        return solids.moved(self._rotation, -self._rotation @ self._position)

    def _draw(self, image: Image, solids: Solids, owner: int, cx: float, cy: float) -> None:
        if len(solids) == 0:
            return
        height, width = image.depth.shape
        seen = self._camera_space(solids)
        boxes = self._screen_boxes(seen, width, height, cx, cy)
        inverse: Array = np.linalg.inv(seen.linear).astype(np.float64)
        origin = -np.einsum("nij,nj->ni", inverse, seen.centre)
        labels = (owner * PARTS + solids.part).astype(np.int32)
        lens = self._intrinsics
        _draw_solids(
            seen.shape, inverse, origin, seen.params, labels, boxes, lens.fx, lens.fy, cx, cy, image.depth, image.label
        )

    def _screen_boxes(self, seen: Solids, width: int, height: int, cx: float, cy: float) -> NDArray[np.int64]:
        """Pixels that each solid may touch: (n, 4) as u0, u1, v0, v1, upper bounds excluded."""
        lens = self._intrinsics
        low, high = seen.local_bounds()
        pick = np.array([[(k >> a) & 1 for a in range(3)] for k in range(8)], dtype=bool)
        local = np.where(pick[None], high[:, None], low[:, None])
        corners = np.einsum("nij,nkj->nki", seen.linear, local) + seen.centre[:, None]
        z = corners[..., 2]
        safe = np.maximum(z, NEAR_M)
        u = lens.fx * corners[..., 0] / safe + cx
        v = lens.fy * corners[..., 1] / safe + cy
        boxes = np.stack([u.min(1), u.max(1) + 1, v.min(1), v.max(1) + 1], axis=1)
        boxes[(z < NEAR_M).any(axis=1)] = (0, width, 0, height)
        boxes[(z < NEAR_M).all(axis=1)] = 0
        limit = np.array([width, width, height, height])
        return np.asarray(np.clip(np.ceil(boxes), 0, limit), dtype=np.int64)


@_compiled
def _quadratic(a: float, b: float, c: float, near: float) -> float:
    """Smallest root above ``near`` of a t² + 2 b t + c, or -1."""
    disc = b * b - a * c
    if disc < 0.0 or a == 0.0:
        return -1.0
    root = math.sqrt(disc)
    t0, t1 = (-b - root) / a, (-b + root) / a
    if t0 > t1:
        t0, t1 = t1, t0
    if t0 > near:
        return t0
    if t1 > near:
        return t1
    return -1.0


@_compiled
def _ball(o: Array, d: Array, z: float, r: float, near: float) -> float:
    oz = o[2] - z
    a = d[0] * d[0] + d[1] * d[1] + d[2] * d[2]
    b = o[0] * d[0] + o[1] * d[1] + oz * d[2]
    return _quadratic(a, b, o[0] * o[0] + o[1] * o[1] + oz * oz - r * r, near)


@_compiled
def _slabs(o: Array, d: Array, near: float) -> float:
    enter, leave = -1e30, 1e30
    for k in range(3):
        if abs(d[k]) < 1e-12:
            if abs(o[k]) > 1.0:
                return -1.0
        else:
            t0, t1 = (-1.0 - o[k]) / d[k], (1.0 - o[k]) / d[k]
            enter, leave = max(enter, min(t0, t1)), min(leave, max(t0, t1))
    if leave < enter or leave < near:
        return -1.0
    return enter if enter > near else leave


@_compiled
def _solid_wire(o: Array, d: Array, t: float, half: Array) -> bool:
    """Whether the ray meets wire, not an opening, where it meets the box."""
    key = 0
    for k in range(3):
        cell = int(np.floor((o[k] + t * d[k]) * half[k] * 0.999 / MESH_CELL_M)) + 1000
        key = key * 2654435761 + cell * 40503
    return ((key >> 7) & 7) < 4


@_compiled
def _drum(o: Array, d: Array, near: float) -> float:
    enter, leave = -1e30, 1e30
    a = d[0] * d[0] + d[1] * d[1]
    c = o[0] * o[0] + o[1] * o[1] - 1.0
    if a < 1e-14:
        if c > 0.0:
            return -1.0
    else:
        b = o[0] * d[0] + o[1] * d[1]
        disc = b * b - a * c
        if disc < 0.0:
            return -1.0
        root = np.sqrt(disc)
        enter, leave = (-b - root) / a, (-b + root) / a
    if abs(d[2]) < 1e-12:
        if abs(o[2]) > 1.0:
            return -1.0
    else:
        t0, t1 = (-1.0 - o[2]) / d[2], (1.0 - o[2]) / d[2]
        enter, leave = max(enter, min(t0, t1)), min(leave, max(t0, t1))
    if leave < enter or leave < near:
        return -1.0
    return enter if enter > near else leave


@_compiled
def _round_cone(o: Array, d: Array, p: Array, near: float) -> float:
    """Hull of the balls (0, r1) and (h, r2): the balls, and the cone that touches both between its two circles."""
    r1, r2, h = p[0], p[1], p[2]
    if h <= abs(r1 - r2):
        return _ball(o, d, 0.0 if r1 >= r2 else h, max(r1, r2), near)
    best = _ball(o, d, 0.0, r1, near)
    t = _ball(o, d, h, r2, near)
    if t > 0.0 and (best < 0.0 or t < best):
        best = t
    s = (r1 - r2) / h
    k2 = 1.0 / (1.0 - s * s)
    # x² + y² = (r1 - s z)² / (1 - s²) on the touching cone
    g, gd = r1 - s * o[2], -s * d[2]
    a = d[0] * d[0] + d[1] * d[1] - k2 * gd * gd
    b = o[0] * d[0] + o[1] * d[1] - k2 * g * gd
    c = o[0] * o[0] + o[1] * o[1] - k2 * g * g
    disc = b * b - a * c
    if disc >= 0.0 and a != 0.0:
        root = np.sqrt(disc)
        for sign in (-1.0, 1.0):
            t = (-b + sign * root) / a
            z = o[2] + t * d[2]
            if t > near and r1 * s <= z <= h + r2 * s and (best < 0.0 or t < best):
                best = t
    return best


@_compiled
def _draw_solids(
    shape: NDArray[np.int64],
    inverse: Array,
    origin: Array,
    params: Array,
    labels: NDArray[np.int32],
    boxes: NDArray[np.int64],
    fx: float,
    fy: float,
    cx: float,
    cy: float,
    depth: Array,
    label: NDArray[np.int32],
) -> None:
    d = np.empty(3)
    for i in range(len(shape)):
        m, o, p, kind = inverse[i], origin[i], params[i], shape[i]
        for v in range(boxes[i, 2], boxes[i, 3]):
            y = (v - cy) / fy
            for u in range(boxes[i, 0], boxes[i, 1]):
                x = (u - cx) / fx
                for k in range(3):
                    d[k] = m[k, 0] * x + m[k, 1] * y + m[k, 2]
                if kind == _BALL:
                    t = _ball(o, d, 0.0, 1.0, NEAR_M)
                elif kind == _BOX:
                    t = _slabs(o, d, NEAR_M)
                elif kind == _DRUM:
                    t = _drum(o, d, NEAR_M)
                elif kind == _ROUND_CONE:
                    t = _round_cone(o, d, p, NEAR_M)
                else:
                    t = _slabs(o, d, NEAR_M)
                    if t > 0.0 and not _solid_wire(o, d, t, p):
                        t = -1.0
                if t > 0.0 and t < depth[v, u]:
                    depth[v, u] = t
                    label[v, u] = labels[i]
