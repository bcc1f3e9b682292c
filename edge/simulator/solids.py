"""Analytic solids: everything the simulator draws is a set of affinely mapped unit shapes.

An affine map keeps the ray parameter, so a ray given per metre of depth meets the unit shape and the real one at the
same depth.  Four shapes are enough for people, carts, shelves and goods:

- ``BALL``: the unit ball (ellipsoids),
- ``BOX``: the cube -1..1 (boards, goods),
- ``DRUM``: the unit cylinder, z within -1..1 (brims, cans, poles),
- ``ROUND_CONE``: the hull of two balls on the z axis (limbs, torsos).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


class Shape(IntEnum):
    """Unit shapes the renderer knows."""

    BALL = 0
    BOX = 1
    DRUM = 2
    ROUND_CONE = 3
    MESH = 4
    """A box of wire: about half of it lets the light through."""


class Part(IntEnum):
    """What a solid is part of; ``HEAD`` to ``HAT`` together are a head."""

    SCENE = 0
    PROP = 1
    HEAD = 2
    HAIR = 3
    HAT = 4
    BODY = 5


PARTS = 8
"""A label is ``owner * PARTS + part``; owner 0 is the shop, people count from 1."""

HEAD_PARTS = (Part.HEAD, Part.HAIR, Part.HAT)


@dataclass(frozen=True, slots=True)
class Solids:
    """A set of n solids.

    Attributes
    ----------
    shape
        (n,) int64, values of :class:`Shape`.
    linear
        (n, 3, 3): columns are the images of the unit axes, metres.
    centre
        (n, 3): image of the unit shape's origin, metres.
    params
        (n, 3): radius at the origin, radius at the far end, distance between them for ``ROUND_CONE`` (unit space);
        half extents in metres for ``MESH``.
    part
        (n,) int64, values of :class:`Part`.
    """

    shape: NDArray[np.int64]
    linear: Array
    centre: Array
    params: Array
    part: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.shape)

    def moved(self, rotation: Array, offset: ArrayLike) -> Solids:
        """The same solids after ``rotation @ p + offset``."""
        return Solids(
            self.shape, rotation @ self.linear, self.centre @ rotation.T + np.asarray(offset), self.params, self.part
        )

    def only(self, keep: NDArray[np.bool_]) -> Solids:
        """The solids where ``keep`` (n,) is true."""
        return Solids(self.shape[keep], self.linear[keep], self.centre[keep], self.params[keep], self.part[keep])

    def heads(self) -> Solids:
        """The head itself, with hair and hat."""
        return self.only(np.isin(self.part, HEAD_PARTS))

    def support(self, direction: ArrayLike) -> Array:
        """How far each solid reaches along a unit ``direction`` (3,), metres from the frame's origin: (n,)."""
        n = np.asarray(direction, dtype=np.float64)
        local = np.einsum("nij,i->nj", self.linear, n)
        length = np.linalg.norm(local, axis=1)
        flat = np.hypot(local[:, 0], local[:, 1])
        r1, r2, h = self.params.T
        cone = np.maximum(r1 * length, h * local[:, 2] + r2 * length)
        box = np.abs(local).sum(axis=1)
        reach = np.select(
            [self.shape == Shape.BALL, self.shape == Shape.DRUM, self.shape == Shape.ROUND_CONE],
            [length, flat + np.abs(local[:, 2]), cone],
            box,
        )
        return np.asarray(self.centre @ n + reach)

    def local_bounds(self) -> tuple[Array, Array]:
        """Lower and upper corners (n, 3) of the unit shapes."""
        low, high = np.full((len(self), 3), -1.0), np.ones((len(self), 3))
        cone = self.shape == Shape.ROUND_CONE
        r1, r2, h = self.params[cone].T
        widest = np.maximum(r1, r2)
        low[cone] = np.stack([-widest, -widest, np.minimum(-r1, h - r2)], axis=1)
        high[cone] = np.stack([widest, widest, np.maximum(r1, h + r2)], axis=1)
        return low, high


def join(sets: Sequence[Solids]) -> Solids:
    """All the solids of several sets."""
    if not sets:
        return Sculptor().solids()
    return Solids(
        np.concatenate([s.shape for s in sets]),
        np.concatenate([s.linear for s in sets]),
        np.concatenate([s.centre for s in sets]),
        np.concatenate([s.params for s in sets]),
        np.concatenate([s.part for s in sets]),
    )


class Sculptor:
    """Collects solids one by one."""

    def __init__(self) -> None:
        self._shape: list[int] = []
        self._linear: list[Array] = []
        self._centre: list[Array] = []
        self._params: list[tuple[float, float, float]] = []
        self._part: list[int] = []

    def _add(
        self, shape: Shape, linear: Array, centre: ArrayLike, part: Part, params: tuple[float, float, float]
    ) -> None:
        self._shape.append(int(shape))
        self._linear.append(linear)
        self._centre.append(np.asarray(centre, dtype=np.float64))
        self._params.append(params)
        self._part.append(int(part))

    def ball(self, centre: ArrayLike, radii: ArrayLike, part: Part, axes: Array | None = None) -> None:
        """An ellipsoid; ``axes`` (3, 3) holds its directions as columns."""
        frame = np.eye(3) if axes is None else axes
        self._add(Shape.BALL, frame * np.asarray(radii, dtype=np.float64), centre, part, (0.0, 0.0, 0.0))

    def box(
        self, centre: ArrayLike, half: ArrayLike, part: Part, axes: Array | None = None, *, mesh: bool = False
    ) -> None:
        """A box of half extents ``half`` (3,); of wire when ``mesh``."""
        frame = np.eye(3) if axes is None else axes
        size = np.asarray(half, dtype=np.float64)
        extents = (float(size[0]), float(size[1]), float(size[2]))
        self._add(Shape.MESH if mesh else Shape.BOX, frame * size, centre, part, extents)

    def drum(self, centre: ArrayLike, radii: ArrayLike, part: Part, axes: Array | None = None) -> None:
        """An elliptic cylinder: two radii and the half height along the third axis."""
        frame = np.eye(3) if axes is None else axes
        self._add(Shape.DRUM, frame * np.asarray(radii, dtype=np.float64), centre, part, (0.0, 0.0, 0.0))

    def limb(
        self,
        start: Array,
        end: Array,
        r_start: float,
        r_end: float,
        part: Part,
        *,
        side: Array | None = None,
        depth: float = 1.0,
        cap: float = 1.0,
    ) -> None:
        """A tapered capsule from ``start`` to ``end``.

        Parameters
        ----------
        side
            Direction in which the radii are full; across it they are ``depth`` times as large.
        cap
            Height of the rounded ends over their radius.
        """
        along = end - start
        length = float(np.sqrt(along @ along))
        w = along / length if length > 1e-9 else np.array([0.0, 0.0, 1.0])
        hint = np.array([0.0, 1.0, 0.0]) if side is None else side
        u = hint - (hint @ w) * w
        size = float(np.sqrt(u @ u))
        if size < 1e-6:
            u = np.array([1.0, 0.0, 0.0]) - w[0] * w
            size = float(np.sqrt(u @ u))
        u = u / size
        v = np.array([w[1] * u[2] - w[2] * u[1], w[2] * u[0] - w[0] * u[2], w[0] * u[1] - w[1] * u[0]])
        linear = np.stack([u, v * depth, w * cap], axis=1)
        self._add(Shape.ROUND_CONE, linear, start, part, (r_start, r_end, max(length, 1e-9) / cap))

    def solids(self) -> Solids:
        """Everything collected so far."""
        n = len(self._shape)
        return Solids(
            np.array(self._shape, dtype=np.int64),
            np.array(self._linear, dtype=np.float64).reshape(n, 3, 3),
            np.array(self._centre, dtype=np.float64).reshape(n, 3),
            np.array(self._params, dtype=np.float64).reshape(n, 3),
            np.array(self._part, dtype=np.int64),
        )
