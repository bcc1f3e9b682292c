"""The shop from above: the 20 cm grid, what the installer drew, people and their ways."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.geometry import CELL_M, cell_of
from edge.messages import CameraModel, GridSnapshot
from edge.replay import canvas
from edge.replay.canvas import Picture, Point
from edge.replay.depth_view import Marked
from edge.replay.goods_view import MarkedGoods
from edge.settings import Line, Shelf, StoreSettings, Zone

MARGIN_M = 0.4
FARTHEST_SHOWN_M = 6.0
"""The floor that a camera sees farther away is left out, unless something was drawn or walked there."""
MIDDLE_M, TALL_M = 0.6, 1.4
"""Knee and chest: what stands is shaded by its height in three steps."""
FLOOR_TOP_M = 0.2
PERSON_M = 0.17


@dataclass(frozen=True, slots=True)
class Bounds:
    """A rectangle of the floor, metres."""

    x0: float
    y0: float
    x1: float
    y1: float


def bounds_of(cameras: Sequence[CameraModel], store: StoreSettings, walked: NDArray[np.float64]) -> Bounds:
    """The part of the floor worth showing, in whole cells.

    Parameters
    ----------
    cameras
        With their poses: the floor that they see is shown.
    store
        What was drawn is shown.
    walked
        Floor points (n, 2) where people were, metres.
    """
    points = [np.asarray(walked, dtype=np.float64).reshape(-1, 2), *(_floor_in_view(camera) for camera in cameras)]
    points += [np.array(zone.polygon) for zone in store.zone]
    points += [np.array([shelf.min[:2], shelf.max[:2]]) for shelf in store.shelf]
    points += [np.array([line.from_, line.to]) for line in store.line]
    everything = np.concatenate(points)
    low = np.floor((everything.min(axis=0) - MARGIN_M) / CELL_M) * CELL_M
    high = np.ceil((everything.max(axis=0) + MARGIN_M) / CELL_M) * CELL_M
    return Bounds(float(low[0]), float(low[1]), float(high[0]), float(high[1]))


def _floor_in_view(camera: CameraModel) -> NDArray[np.float64]:
    """Floor points (n, 2) at the edge of a camera's view, and below it."""
    if camera.pose is None:
        return np.zeros((0, 2))
    matrix, lens = camera.pose.matrix, camera.intrinsics
    rays = lens.rays()[:: max(1, lens.height // 12), :: max(1, lens.width // 12)].reshape(-1, 3) @ matrix[:3, :3].T
    down = rays[rays[:, 2] < -1e-3]
    there = down[:, :2] * (matrix[2, 3] / -down[:, 2])[:, None]
    near = there[np.linalg.norm(there, axis=1) <= FARTHEST_SHOWN_M]
    return np.concatenate([near, np.zeros((1, 2))]) + matrix[:2, 3]


class FloorView:
    """Draws the floor into a given size.

    Parameters
    ----------
    bounds
        What is shown.
    cameras, store
        What stands still in the picture.
    width, height
        Of the drawn picture, pixels.
    """

    def __init__(
        self, bounds: Bounds, cameras: Sequence[CameraModel], store: StoreSettings, width: int, height: int
    ) -> None:
        self._cameras, self._store = cameras, store
        self._size = (width, height)
        across_m, along_m = bounds.x1 - bounds.x0, bounds.y1 - bounds.y0
        self._px_per_m = min((width - 24) / across_m, (height - 40) / along_m)
        self._left = (width - across_m * self._px_per_m) / 2 - bounds.x0 * self._px_per_m
        self._bottom = (height - 16 + along_m * self._px_per_m) / 2 + bounds.y0 * self._px_per_m
        self._bounds = bounds
        self._first = cell_of(bounds.x0 + CELL_M / 2, bounds.y0 + CELL_M / 2, 0.0)
        self._cells = (round(across_m / CELL_M), round(along_m / CELL_M))
        self._person_radius = min(max(PERSON_M * self._px_per_m, 7.0), 16.0)

    def draw(
        self,
        grids: Sequence[GridSnapshot],
        people: Sequence[Marked],
        trails: Sequence[tuple[Marked, list[tuple[float, float]]]],
        goods: Sequence[MarkedGoods] = (),
    ) -> Picture:
        """The picture of one instant, (height, width, 3); ``trails`` are floor points from old to new."""
        picture = self._ground(grids)
        self._squares(picture)
        for zone in self._store.zone:
            self._zone(picture, zone)
        for shelf in self._store.shelf:
            self._shelf(picture, shelf)
        for line in self._store.line:
            self._line(picture, line)
        for camera in self._cameras:
            self._camera(picture, camera)
        for person, way in trails:
            canvas.trail(picture, [self._at(x, y) for x, y in way], person.ink, canvas.FLOOR, 3)
        for person in people:
            self._person(picture, person)
        for thing in goods:
            self._goods(picture, thing)
        for person in people:
            self._name(picture, person)
        self._scale_bar(picture)
        return picture

    def _at(self, x_m: float, y_m: float) -> Point:
        return self._left + x_m * self._px_per_m, self._bottom - y_m * self._px_per_m

    def _ground(self, grids: Sequence[GridSnapshot]) -> Picture:
        """A picture of the cells alone: seen, standing (by height) and moving."""
        cells = np.full((self._cells[1], self._cells[0], 3), canvas.PANEL, np.uint8)
        for grid in grids:
            self._fill(cells, grid)
        to_cell = 1 / (self._px_per_m * CELL_M)
        across = (0.5 - self._left) * to_cell - self._first.ix - 0.5
        along = (self._bottom - 0.5) * to_cell - self._first.iy - 0.5
        cell_from_pixel = np.array([[to_cell, 0.0, across], [0.0, -to_cell, along]])
        flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
        border = (*map(float, canvas.PANEL),)
        return np.asarray(cv2.warpAffine(cells, cell_from_pixel, self._size, flags=flags, borderValue=border), np.uint8)

    def _fill(self, cells: Picture, grid: GridSnapshot) -> None:
        """Colour the cells of one grid, where they are shown."""
        known = (grid.log_odds != 0).any(axis=2)
        tops_m = _standing_top_m(grid)
        bands = (
            (known, canvas.FLOOR),
            (tops_m > FLOOR_TOP_M, canvas.THINGS[0]),
            (tops_m > MIDDLE_M, canvas.THINGS[1]),
            (tops_m > TALL_M, canvas.THINGS[2]),
            (grid.foreground_top_m > 0, canvas.MOVING),
        )
        for where, fill in bands:
            ix, iy = np.nonzero(where)
            ix, iy = ix + grid.origin.ix - self._first.ix, iy + grid.origin.iy - self._first.iy
            shown = (ix >= 0) & (iy >= 0) & (ix < self._cells[0]) & (iy < self._cells[1])
            cells[iy[shown], ix[shown]] = fill

    def _squares(self, picture: Picture) -> None:
        """A faint line at every metre."""
        b = self._bounds
        for x in range(int(np.ceil(b.x0)), int(np.floor(b.x1)) + 1):
            canvas.lines(picture, (self._at(x, b.y0), self._at(x, b.y1)), canvas.GRID)
        for y in range(int(np.ceil(b.y0)), int(np.floor(b.y1)) + 1):
            canvas.lines(picture, (self._at(b.x0, y), self._at(b.x1, y)), canvas.GRID)

    def _zone(self, picture: Picture, zone: Zone) -> None:
        corners = [self._at(x, y) for x, y in zone.polygon]
        fill = canvas.ZONES[zone.kind.value]
        canvas.polygon(picture, corners, fill, 0.55)
        canvas.lines(picture, corners, canvas.mix(fill, canvas.INK, 0.65), 1, closed=True)
        left, top = min(x for x, _ in corners), min(y for _, y in corners)
        canvas.text(picture, zone.id, (left + 6, top + 17), 13, canvas.MUTED, halo=canvas.FLOOR)

    def _shelf(self, picture: Picture, shelf: Shelf) -> None:
        (x0, y1), (x1, y0) = self._at(*shelf.min[:2]), self._at(*shelf.max[:2])
        canvas.lines(picture, ((x0, y0), (x1, y0), (x1, y1), (x0, y1)), canvas.SHELF, 2, closed=True)
        middle = ((x0 + x1) / 2 - canvas.text_width(shelf.id, 13, canvas.SEMIBOLD) / 2, (y0 + y1) / 2 + 5)
        canvas.text(picture, shelf.id, middle, 13, canvas.SHELF, canvas.SEMIBOLD, halo=canvas.FLOOR)

    def _line(self, picture: Picture, line: Line) -> None:
        a, b = self._at(*line.from_), self._at(*line.to)
        canvas.lines(picture, (a, b), canvas.LINE, 3)
        middle = ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
        dx, dy = line.in_direction[0], -line.in_direction[1]
        tip = (middle[0] + 22 * dx, middle[1] + 22 * dy)
        canvas.lines(picture, (middle, tip), canvas.LINE, 2)
        for side in (-1, 1):
            canvas.lines(
                picture, (tip, (tip[0] - 7 * dx - side * 5 * dy, tip[1] - 7 * dy + side * 5 * dx)), canvas.LINE, 2
            )
        canvas.text(picture, line.id, (b[0] + 6, b[1] - 6), 13, canvas.LINE, canvas.SEMIBOLD, halo=canvas.FLOOR)

    def _camera(self, picture: Picture, camera: CameraModel) -> None:
        if camera.pose is None:
            return
        matrix = camera.pose.matrix
        at = self._at(matrix[0, 3], matrix[1, 3])
        ahead = np.array([matrix[0, 2], -matrix[1, 2]])
        if np.linalg.norm(ahead) > 0.2:
            turned = np.array([-ahead[1], ahead[0]])
            wings = [(at[0] + v[0], at[1] + v[1]) for v in (26 * ahead + 13 * turned, 26 * ahead - 13 * turned)]
            canvas.polygon(picture, [at, *wings], canvas.CAMERA, 0.25)
        canvas.disc(picture, at, 5, canvas.CAMERA)

    def _goods(self, picture: Picture, goods: MarkedGoods) -> None:
        at = self._at(*goods.at[:2])
        canvas.disc(picture, at, 7, canvas.WHITE)
        canvas.disc(picture, at, 5, goods.ink)

    def _person(self, picture: Picture, person: Marked) -> None:
        at, radius = self._at(person.x_m, person.y_m), self._person_radius
        if person.level is not None:
            canvas.disc(picture, at, radius + 6, canvas.LEVELS[person.level], 3)
        canvas.disc(picture, at, radius + 2, canvas.WHITE)
        canvas.disc(picture, at, radius, person.ink)

    def _name(self, picture: Picture, person: Marked) -> None:
        at, radius = self._at(person.x_m, person.y_m), self._person_radius
        words = f"{person.id[:4]}  {person.z_m:.2f} m"
        canvas.text(picture, words, (at[0] + radius + 7, at[1] + 5), 14, canvas.INK, canvas.SEMIBOLD, halo=canvas.FLOOR)

    def _scale_bar(self, picture: Picture) -> None:
        right, y = self._size[0] - 16.0, self._size[1] - 14.0
        left = right - self._px_per_m
        canvas.lines(picture, ((left, y - 5), (left, y), (right, y), (right, y - 5)), canvas.INK, 2)
        canvas.text(picture, "1 m", (left + 4, y - 7), 12, canvas.INK, halo=canvas.PANEL)


def _standing_top_m(grid: GridSnapshot) -> NDArray[np.float64]:
    """Height of the top of what stands in each column, metres; 0 where nothing does."""
    tops = (grid.origin.iz + 1 + np.arange(grid.log_odds.shape[2])) * CELL_M
    return np.asarray(np.where(grid.log_odds > 0, tops, 0.0).max(axis=2))
