"""One camera's eye, a frame at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge.depth import kernels
from edge.depth.background import Background, Foreground
from edge.depth.goods import Goods, Noticed
from edge.depth.heads import FoundHead, HeightMap, find_heads, stands_alone
from edge.depth.occupancy import Occupancy
from edge.depth.optics import View, ground_in_view, look_through
from edge.depth.shelf_sight import sights, watched_pixels
from edge.depth.stillness import Stillness
from edge.errors import FrameError
from edge.geometry import CELL_M
from edge.messages import CameraModel, DepthFrame, DepthObservation, GridSnapshot, VolumeSight
from edge.settings import EyeSettings, WatchedVolume

LOWEST_POINT_M = 0.3
"""Feet, baskets and floor noise below this say nothing about heads."""
SURE = 0.7
"""Only what is surely a head keeps the background from being learnt."""
PROTECT_S = 0.3
"""How often the people in view are protected; nothing is learnt in less than a few seconds."""
MAP_LOW_M, MAP_HIGH_M = -0.4, 3.2
SIGHT_S = 60.0
NOTHING = Noticed((), (), ())


class Eye:
    """Understands one camera's frames, in order.

    Parameters
    ----------
    camera
        Its optics and pose (see :func:`edge.depth.calibration.pose_from_floor` where no pose is known).
    settings
        How frames are understood.
    empty
        The view with nobody in it, uint16 (height, width) in depth units, if one was taken.
    volumes
        Where goods that come and go are watched.

    Raises
    ------
    CalibrationError
        If the camera has no usable pose.
    FrameError
        If ``empty`` is not of the camera's size.
    """

    def __init__(
        self,
        camera: CameraModel,
        settings: EyeSettings,
        empty: NDArray[np.uint16] | None = None,
        volumes: Sequence[WatchedVolume] = (),
    ) -> None:
        self._camera = camera
        self._settings = settings
        self._optics = look_through(camera)
        if empty is not None:
            self._check_size(empty, "the empty view")
        ground = ground_in_view(self._optics, settings.max_range_m, LOWEST_POINT_M, settings.max_head_height_m)
        self._background = Background(self._optics, settings, empty)
        self._height_map = HeightMap(ground, self._optics.fine_cell_m)
        low = np.array([ground.x_m, ground.y_m, MAP_LOW_M])
        high = np.array([ground.x_m + ground.width_m, ground.y_m + ground.depth_m, MAP_HIGH_M])
        self._occupancy = Occupancy(camera, self._optics, settings.max_range_m, low, high)
        self._stillness = Stillness()
        self._volumes = tuple(volumes)
        watched = watched_pixels(camera, self._volumes)
        self._goods = None if watched is None else Goods(camera, self._optics, settings, self._volumes, watched)
        self._view = View(camera)
        far_units = min(settings.max_range_m / camera.depth_unit_m, 65_535.0)
        self._bounds = np.array([LOWEST_POINT_M, settings.max_head_height_m + 0.2, far_units], np.float32)
        self._body = np.zeros(self._optics.rows * self._optics.columns + 1, np.int32)
        self._wanted = np.zeros(4096, np.uint8)
        self._last_ns: int | None = None
        self._map_ns: int | None = None
        self._protected_ns: int | None = None
        self._sighted_ns: int | None = None

    def step(self, frame: DepthFrame) -> DepthObservation:
        """Understand one frame.

        Raises
        ------
        FrameError
            If the frame is of another size or camera, or not later than the one before; nothing is changed then.
        """
        self._check(frame)
        if not self._background.known:
            self._begin(frame)
        foreground = self._background.split(frame)
        self._raise(frame, foreground)
        heads = self._find()
        noticed = self._notice(frame, foreground, heads)
        self._protect(frame, foreground, heads)
        self._background.adapt(frame)
        self._occupancy.update(frame)
        grid = self._snapshot(frame.t_ns)
        self._height_map.clear()
        self._last_ns = frame.t_ns
        pixels = self._optics.rows * self._optics.columns
        return DepthObservation(
            camera=frame.camera,
            t_ns=frame.t_ns,
            heads=tuple(found.head for found in heads),
            valid_fraction=foreground.valid / pixels,
            foreground_fraction=foreground.found / pixels,
            grid=grid,
            hands=noticed.hands,
            changes=noticed.changes,
            fills=noticed.fills,
            sights=self._sights(frame.t_ns),
        )

    def warm_up(self) -> None:
        """Compile every kernel, on a blank picture of a camera of its own: this eye's state is not touched."""
        intrinsics = self._camera.intrinsics
        blank = np.full((intrinsics.height, intrinsics.width), 1000, np.uint16)
        eye = Eye(self._camera, self._settings, volumes=self._volumes)
        frames = [DepthFrame(self._camera.id, t_ns, blank) for t_ns in (1, 2_000_000)]
        for frame in frames:
            eye.step(frame)
        if eye._goods is not None:
            eye._goods.warm_up(frames[0], eye._height_map)

    def _check_size(self, depth: NDArray[np.uint16], what: str) -> None:
        wanted = (self._camera.intrinsics.height, self._camera.intrinsics.width)
        if depth.shape != wanted or depth.dtype != np.uint16:
            raise FrameError(
                f"camera {self._camera.id}",
                f"{what} is {depth.dtype} {depth.shape[1]}x{depth.shape[0]}, not uint16 {wanted[1]}x{wanted[0]}",
                "Check that the camera's settings match its pictures.",
            )

    def _check(self, frame: DepthFrame) -> None:
        if frame.camera != self._camera.id:
            raise FrameError(f"camera {self._camera.id}", f"got a frame of {frame.camera!r}", "Check the session.")
        self._check_size(frame.depth, "a frame")
        if self._last_ns is not None and frame.t_ns <= self._last_ns:
            raise FrameError(
                f"camera {self._camera.id}",
                f"frame at {frame.t_ns / 1e9:.6f} s is not later than the one before ({self._last_ns / 1e9:.6f} s)",
                "It is skipped; check the camera's clock if this goes on.",
            )

    def _begin(self, frame: DepthFrame) -> None:
        """Take the first frame as background, but not the people who stand in it."""
        unlearnt = self._background.split(frame)
        self._raise(frame, unlearnt)
        self._background.learn(frame.depth, installed=False)
        people = [found for found in self._find() if stands_alone(found)]
        self._background.doubt(self._pixels_of(frame, unlearnt, people))
        self._height_map.clear()

    def _raise(self, frame: DepthFrame, foreground: Foreground) -> None:
        optics, relief = self._optics, self._height_map
        relief.cells, _ = kernels.raise_height_map(
            frame.depth, optics.stride, foreground.index, foreground.found, optics.direction, optics.camera,
            self._bounds, relief.origin, relief.cell_m, relief.top_m, relief.weight, relief.touched,
        )  # fmt: skip

    def _find(self) -> tuple[FoundHead, ...]:
        lowest_m, highest_m = self._settings.min_head_height_m, self._settings.max_head_height_m
        return find_heads(self._height_map.hills(lowest_m - 0.1), self._view, lowest_m, highest_m)

    def _notice(self, frame: DepthFrame, foreground: Foreground, heads: tuple[FoundHead, ...]) -> Noticed:
        """What happens to goods."""
        return NOTHING if self._goods is None else self._goods.step(frame, foreground, self._height_map, heads)

    def _sights(self, t_ns: int) -> tuple[VolumeSight, ...]:
        """How well the watched volumes are seen, soon after the start and about once a minute."""
        if not self._volumes or (self._sighted_ns is not None and t_ns - self._sighted_ns < SIGHT_S * 1e9):
            return ()
        self._sighted_ns = t_ns
        return sights(self._camera, self._volumes, self._background.view())

    def _protect(self, frame: DepthFrame, foreground: Foreground, heads: tuple[FoundHead, ...]) -> None:
        """Keep the background from learning people who have shown that they move."""
        moved = self._stillness.moved(heads, frame.t_ns)
        if self._protected_ns is not None and frame.t_ns - self._protected_ns < PROTECT_S * 1e9:
            return
        self._protected_ns = frame.t_ns
        people = [f for f, has_moved in zip(heads, moved, strict=True) if has_moved and f.head.confidence >= SURE]
        self._background.protect(self._pixels_of(frame, foreground, people), self._settings.person_absorb_s)

    def _pixels_of(self, frame: DepthFrame, foreground: Foreground, people: list[FoundHead]) -> NDArray[np.int32]:
        """Lattice indices of the foreground in the columns of these people's hills."""
        labels = [found.hill.label for found in people]
        self._wanted[labels] = 1
        optics, relief = self._optics, self._height_map
        n = kernels.owned(
            frame.depth, optics.stride, foreground.index, foreground.found, optics.direction, optics.camera,
            relief.origin, relief.cell_m, relief.label, self._wanted, self._body,
        )  # fmt: skip
        self._wanted[labels] = 0
        return self._body[:n]

    def _snapshot(self, t_ns: int) -> GridSnapshot | None:
        """The grid, a few times a second."""
        if self._map_ns is not None and t_ns - self._map_ns < self._settings.map_interval_s * 1e9:
            return None
        self._map_ns = t_ns
        grid, relief = self._occupancy, self._height_map
        tops = np.zeros(grid.shape[:2], np.float32)
        cells = relief.touched[: relief.cells]
        rows, columns = np.divmod(cells, relief.top_m.shape[1])
        ix = np.floor((relief.origin[0] + (columns + 0.5) * relief.cell_m) / CELL_M).astype(np.int64) - grid.origin.ix
        iy = np.floor((relief.origin[1] + (rows + 0.5) * relief.cell_m) / CELL_M).astype(np.int64) - grid.origin.iy
        inside = (ix >= 0) & (iy >= 0) & (ix < grid.shape[0]) & (iy < grid.shape[1])
        np.maximum.at(tops, (ix[inside], iy[inside]), relief.top_m[rows[inside], columns[inside]])
        return GridSnapshot(origin=grid.origin, log_odds=grid.log_odds(), foreground_top_m=tops)
