"""A shelf with goods, people and arms before it, rendered exactly, with a sensor's noise: to test the watch over goods.

The shelf's board lies at ``BOARD_M``; its front is at y = 0 and faces -y, where shoppers and the camera are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from edge.depth.pipeline import Eye
from edge.geometry import Intrinsics, Pose
from edge.messages import CameraModel, ChangeKind, DepthFrame, DepthObservation, Hand, SurfaceChange
from edge.settings import EyeSettings, WatchedVolume
from edge.settings.drawn import Shelf, Zone, ZoneKind
from edge.settings.watched import shelf_volume, zone_volume
from edge.simulator.render import FAR_M, Image, Renderer, blank
from edge.simulator.solids import Part, Sculptor, Solids, join

BOARD_M = 0.9
WIDE_M, DEEP_M, HIGH_M = 1.2, 0.4, 0.45
SHELF = shelf_volume(
    Shelf(
        id="a",
        min=(-WIDE_M / 2, 0.0, BOARD_M),
        max=(WIDE_M / 2, DEEP_M, BOARD_M + HIGH_M),
        facing=(0.0, -1.0),
        levels=(BOARD_M,),
    )
)
OVER_THE_SHOULDER = Pose.looking(0.0, -1.3, 2.4, 0.0, 42.0)
SIZE, FOCAL_PX = (160, 120), 150.0

Act = Callable[[float], Solids | None]
"""What is there at a time, seconds."""
Spoil = Callable[[float, NDArray[np.float64]], NDArray[np.float64]]
"""What a sensor makes of exact depths (height, width) at a time."""


def eye_at(
    pose: Pose = OVER_THE_SHOULDER,
    size: tuple[int, int] = SIZE,
    focal_px: float = FOCAL_PX,
    unit_m: float = 0.001,
) -> CameraModel:
    width, height = size
    intrinsics = Intrinsics(width, height, focal_px, focal_px, (width - 1) / 2, (height - 1) / 2)
    return CameraModel("cam0", intrinsics, unit_m, pose)


def box(x_m: float, y_m: float, z_m: float, size_m: Sequence[float]) -> Solids:
    """A box that stands on ``z_m``, its middle over (x, y)."""
    half = np.array(size_m) / 2
    return _made(lambda s: s.box((x_m, y_m, z_m + half[2]), half, Part.PROP))


def can(x_m: float, y_m: float, z_m: float = BOARD_M, radius_m: float = 0.04, high_m: float = 0.16) -> Solids:
    return _made(lambda s: s.drum((x_m, y_m, z_m + high_m / 2), (radius_m, radius_m, high_m / 2), Part.PROP))


def arm(shoulder: Sequence[float], hand: Sequence[float]) -> Solids:
    return _made(lambda s: s.limb(np.array(shoulder), np.array(hand), 0.055, 0.04, Part.BODY))


def body(x_m: float, y_m: float, height_m: float = 1.7, lean_m: float = 0.0) -> Solids:
    """Somebody who stands at (x, y); ``lean_m``: how far his head is bent forward, toward +y."""
    hip, neck = np.array([x_m, y_m, 0.55 * height_m]), np.array([x_m, y_m + lean_m, 0.80 * height_m])

    def carve(s: Sculptor) -> None:
        s.limb(np.array([x_m, y_m, 0.1]), hip, 0.13, 0.15, Part.BODY)
        s.limb(hip, neck, 0.19, 0.20, Part.BODY, side=np.array([1.0, 0.0, 0.0]), depth=0.65, cap=0.6)
        s.ball((x_m, y_m + 1.2 * lean_m, height_m - 0.12), (0.08, 0.10, 0.12), Part.HEAD)

    return _made(carve)


def bent_over(x_m: float, y_m: float = -0.25) -> Solids:
    """Somebody who bends forward until his head and shoulders are between the boards."""
    hip, neck = np.array([x_m, y_m, 0.95]), np.array([x_m, y_m + 0.42, 1.12])

    def carve(s: Sculptor) -> None:
        s.limb(np.array([x_m, y_m, 0.1]), hip, 0.13, 0.15, Part.BODY)
        s.limb(hip, neck, 0.17, 0.18, Part.BODY, side=np.array([1.0, 0.0, 0.0]), depth=0.65, cap=0.6)
        s.ball((x_m, y_m + 0.55, 1.12), (0.08, 0.12, 0.10), Part.HEAD)

    return _made(carve)


def furniture() -> Solids:
    """The floor, the shelf's board and its back."""

    def carve(s: Sculptor) -> None:
        s.box((0.0, 0.0, -0.05), (8.0, 8.0, 0.05), Part.SCENE)
        s.box((0.0, DEEP_M / 2, BOARD_M - 0.015), (WIDE_M / 2, DEEP_M / 2, 0.015), Part.SCENE)
        s.box((0.0, DEEP_M + 0.02, 0.75), (WIDE_M / 2, 0.02, 0.75), Part.SCENE)

    return _made(carve)


def floor() -> Solids:
    return _made(lambda s: s.box((0.0, 0.0, -0.05), (8.0, 8.0, 0.05), Part.SCENE))


def swaying(solids: Solids, start_s: float = -1.0, end_s: float = 1e9) -> Act:
    """Somebody who stands there, as still as people can."""

    def act(t_s: float) -> Solids | None:
        if not start_s <= t_s < end_s:
            return None
        return solids.moved(np.eye(3), (0.006 * np.sin(2.1 * t_s), 0.008 * np.sin(1.3 * t_s), 0.0))

    return act


def _made(carve: Callable[[Sculptor], None]) -> Solids:
    sculptor = Sculptor()
    carve(sculptor)
    return sculptor.solids()


def there(solids: Solids, start_s: float = -1.0, end_s: float = 1e9) -> Act:
    """It is there from ``start_s`` until just before ``end_s``."""
    return lambda t_s: solids if start_s <= t_s < end_s else None


@dataclass(frozen=True)
class Reach:
    """Somebody who stands before the shelf and reaches in: in and out take ``way_s`` each.

    ``thing`` is carried out (``takes``) or in (``puts``), by the offset of the hand from ``inside``.
    """

    start_s: float
    inside: tuple[float, float, float]
    outside: tuple[float, float, float]
    stay_s: float = 0.25
    way_s: float = 0.4
    stands_m: tuple[float, float] = (0.45, -0.55)
    takes: Solids | None = None
    puts: Solids | None = None
    comes_s: float = 0.5
    """He stands there this long before and after he reaches."""

    @property
    def grasp_s(self) -> float:
        return self.start_s + self.way_s + self.stay_s / 2

    @property
    def end_s(self) -> float:
        return self.start_s + 2 * self.way_s + self.stay_s

    def __call__(self, t_s: float) -> Solids | None:
        parts = []
        if self.takes is not None and t_s < self.grasp_s:
            parts.append(self.takes)
        if self.puts is not None and t_s >= self.grasp_s:
            parts.append(self.puts)
        if self.start_s - self.comes_s <= t_s < self.end_s + self.comes_s:
            parts.append(body(*self.stands_m))
        if self.start_s <= t_s < self.end_s:
            outside, inside = np.array(self.outside), np.array(self.inside)
            hand = outside + self._share(t_s) * (inside - outside)
            x_m, y_m = self.stands_m
            parts.append(arm((x_m - 0.2 * np.sign(x_m - outside[0]), y_m, 1.35), hand))
            carried = self.takes if t_s >= self.grasp_s else self.puts
            if carried is not None:
                parts.append(carried.moved(np.eye(3), hand - inside))
        return join(parts) if parts else None

    def _share(self, t_s: float) -> float:
        return min(max(min(t_s - self.start_s, self.end_s - t_s) / self.way_s, 0.0), 1.0)


@dataclass
class Told:
    """What an eye told, with the times in seconds at which it did."""

    changes: list[tuple[float, SurfaceChange]] = field(default_factory=list)
    hands: list[tuple[float, Hand]] = field(default_factory=list)
    seen: list[DepthObservation] = field(default_factory=list)

    def of(self, kind: ChangeKind) -> list[SurfaceChange]:
        return [change for _, change in self.changes if change.kind == kind]

    def only(self, kind: ChangeKind) -> tuple[float, SurfaceChange]:
        """The one change that was told, which is of this kind."""
        assert [change.kind for _, change in self.changes] == [kind], self.brief()
        return self.changes[0]

    def brief(self) -> str:
        return "; ".join(
            f"{t_s:.2f} s {c.kind} {c.volume_l:.2f} l at ({c.x_m:.2f}, {c.y_m:.2f}, {c.z_m:.2f})"
            for t_s, c in self.changes
        )


class Film:
    """Frames of one camera: noise that grows with the square of the distance, and holes."""

    def __init__(
        self,
        model: CameraModel,
        still: Solids,
        seed: int = 0,
        noise: float = 0.0015,
        holes: float = 0.005,
        spoil: Spoil | None = None,
    ) -> None:
        assert model.pose is not None
        self.model = model
        self._renderer = Renderer(model.intrinsics, model.pose)
        self._still = blank(model.intrinsics.width, model.intrinsics.height)
        self._renderer.draw(self._still, still)
        self._drawn: tuple[list[Solids], Image] = ([], self._still)
        # Chance is dear: each frame reads a piece of one long strip, from anywhere in it.
        self._random = np.random.default_rng(seed)
        pixels = self._still.depth.size
        self._grain = noise * self._random.standard_normal(20 * pixels)
        self._gone = self._random.random(20 * pixels) < holes
        self._spoil = spoil

    def exact(self, acts: Sequence[Act], t_s: float) -> Image:
        """What the camera would see without noise; not to be written to."""
        there_now = [solids for solids in (act(t_s) for act in acts) if solids is not None]
        before, image = self._drawn
        if len(before) == len(there_now) and all(one is other for one, other in zip(before, there_now, strict=True)):
            return image
        image = self._still.copy()
        for solids in there_now:
            self._renderer.draw(image, solids)
        self._drawn = (there_now, image)
        return image

    def frame(self, acts: Sequence[Act], t_s: float) -> DepthFrame:
        depth = self.exact(acts, t_s).depth
        depth = np.where(depth < FAR_M, depth, 0.0)
        if self._spoil is not None:
            depth = self._spoil(t_s, depth)
        start = int(self._random.integers(19 * depth.size))
        piece = slice(start, start + depth.size)
        depth = depth + self._grain[piece].reshape(depth.shape) * depth**2
        units = np.round(depth / self.model.depth_unit_m)
        units[self._gone[piece].reshape(depth.shape) | (units > 65_535)] = 0
        return DepthFrame(self.model.id, round(t_s * 1e9), units.astype(np.uint16))


def watch(
    acts: Sequence[Act],
    seconds: float,
    *,
    film: Film | None = None,
    fps: float = 15.0,
    volumes: Sequence[WatchedVolume] = (SHELF,),
    pause: tuple[float, float] = (1e9, 1e9),
    settings: EyeSettings | None = None,
) -> Told:
    """Let an eye watch for a while, from t = 0; no frame comes during ``pause``."""
    film = film or Film(eye_at(), furniture())
    eye = Eye(film.model, settings or EyeSettings(), volumes=volumes)
    told = Told()
    for k in range(1, round(seconds * fps) + 1):
        t_s = k / fps
        if pause[0] <= t_s < pause[1]:
            continue
        seen = eye.step(film.frame(acts, t_s))
        told.seen.append(seen)
        told.changes += [(t_s, change) for change in seen.changes]
        told.hands += [(t_s, hand) for hand in seen.hands]
    return told


def zone(*polygon: tuple[float, float], surface_m: float = 0.0) -> WatchedVolume:
    return zone_volume(Zone(id="z", kind=ZoneKind.AISLE, polygon=polygon, objects=True, surface_m=surface_m))
