"""Hands in the volumes of goods, and whose they are: the arm is followed over the foreground to the head."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge.depth import reach_kernels, shelf_kernels
from edge.depth.background import Foreground
from edge.depth.heads import FoundHead, HeightMap
from edge.depth.optics import Optics
from edge.depth.shelf_sight import TILE, WatchedPixels
from edge.depth.shelf_watch import ShelfWatch
from edge.messages import CameraModel, DepthFrame, Hand
from edge.settings import WatchedVolume

LOOK_S = 0.12
"""Hands are looked for this often."""
LEAST_HAND_M2 = 0.0012
"""A hand from its side, or a few fingers."""
JOINED_M = 0.10
"""Along an arm the depth steps by less than this between neighbouring pixels of the lattice."""
GAP_M, GAP_WEIGHT = 0.7, 2.0
"""An arm may be hidden by its own body for this far; such a way counts as longer."""
LONGEST_M = 2.2
"""No way from a hand to the head is longer."""
BELOW_TOP_M = 0.45
"""A way has arrived at the head's neck and shoulders."""
RIVAL_M = (0.10, 0.50)
"""Another head whose way is so much longer: from no telling to surely not."""
DEEPEST = 0.15
"""Share of a hand's points, the deepest, that are its tip."""
LEAST_HEAD = 0.25
"""What looks less like a head may be the arm itself."""
MOST_HANDS = 16

F64 = NDArray[np.float64]


class Reaching:
    """Finds hands in one camera's watched volumes."""

    def __init__(
        self, camera: CameraModel, optics: Optics, volumes: Sequence[WatchedVolume], watched: WatchedPixels
    ) -> None:
        assert camera.pose is not None
        self._optics = optics
        self._volumes = tuple(volumes)
        self._watched = watched
        self._unit_m = camera.depth_unit_m
        self._travel = camera.intrinsics.rays() @ camera.pose.matrix[:3, :3].T
        self._place = camera.pose.matrix[:3, 3]
        self._focal2 = camera.intrinsics.fx * camera.intrinsics.fy
        shape = (int(watched.owner.shape[0]), int(watched.owner.shape[1]))
        self._label = np.zeros(shape, np.int32)
        self._members = np.zeros(shape[0] * shape[1] + 1, np.int32)
        self._ends = np.zeros(MOST_HANDS, np.int32)
        lattice = optics.rows * optics.columns
        self._stamp = np.zeros(lattice, np.int32)
        self._length_m = np.zeros(lattice, np.float32)
        self._queue = np.zeros(4 * lattice, np.int32)
        self._head_of = np.full(4096, -1, np.int32)
        self._looks = 0
        self._last_ns: int | None = None

    def warm_up(self, frame: DepthFrame, watch: ShelfWatch, foreground: Foreground, height_map: HeightMap) -> None:
        """Compile the kernels that only work once a hand is there, on nothing."""
        nothing = np.zeros(0, np.int32)
        self._intruders(watch, nothing)
        self._ways(frame, nothing, foreground, height_map, np.zeros(1, np.float32), GAP_M)

    def find(
        self,
        frame: DepthFrame,
        watch: ShelfWatch,
        foreground: Foreground,
        height_map: HeightMap,
        heads: Sequence[FoundHead],
    ) -> tuple[Hand, ...]:
        """The hands of one frame, a few times a second."""
        if self._last_ns is not None and frame.t_ns - self._last_ns < LOOK_S * 1e9:
            return ()
        tiles = watch.busy_tiles()
        if not tiles.size:
            return ()
        self._last_ns = frame.t_ns
        found = self._intruders(watch, tiles)
        hands: list[Hand] = []
        first = 0
        for end in self._ends[:found]:
            members, first = self._members[first:end], int(end)
            rows, columns = np.divmod(members.astype(np.int64), watch.shows.shape[1])
            # Through an open shelf the camera sees what moves behind it.
            inside = watch.planes[rows, columns, shelf_kernels.NOW] <= self._watched.far[rows, columns]
            rows, columns = rows[inside], columns[inside]
            depth_m = watch.planes[rows, columns, shelf_kernels.NOW].astype(np.float64) * self._unit_m
            if (depth_m**2).sum() / self._focal2 < LEAST_HAND_M2:
                continue
            hands.append(self._hand(frame, rows, columns, depth_m, foreground, height_map, heads))
        return tuple(hands)

    def _intruders(self, watch: ShelfWatch, tiles: NDArray[np.int32]) -> int:
        """Groups of pixels that show something nearer moving inside, into ``_members`` and ``_ends``; how many."""
        return reach_kernels.intruders(
            watch.shows, self._watched.owner, watch.planes, tiles, TILE, watch.across, JOINED_M / self._unit_m,
            self._label, self._members, self._ends,
        )  # fmt: skip

    def _hand(
        self,
        frame: DepthFrame,
        rows: NDArray[np.int64],
        columns: NDArray[np.int64],
        depth_m: F64,
        foreground: Foreground,
        height_map: HeightMap,
        heads: Sequence[FoundHead],
    ) -> Hand:
        volume = self._volumes[int(self._watched.owner[rows[0], columns[0]]) - 1]
        points = self._place + depth_m[:, None] * self._travel[rows + self._watched.top, columns + self._watched.left]
        into = points[:, 2] if volume.facing is None else points[:, :2] @ np.array(volume.facing)
        tip = points[into <= np.quantile(into, DEEPEST)].mean(axis=0)
        stride, across = self._optics.stride, self._optics.columns
        seeds = np.unique(
            np.minimum((rows + self._watched.top) // stride, self._optics.rows - 1) * across
            + np.minimum((columns + self._watched.left) // stride, across - 1)
        ).astype(np.int32)
        head, confidence = self._owner(frame, seeds, foreground, height_map, heads)
        return Hand(volume.key, float(tip[0]), float(tip[1]), float(tip[2]), head, round(confidence, 4))

    def _owner(
        self,
        frame: DepthFrame,
        seeds: NDArray[np.int32],
        foreground: Foreground,
        height_map: HeightMap,
        heads: Sequence[FoundHead],
    ) -> tuple[int | None, float]:
        """Whose hand it is, and how sure that is."""
        sure = [k for k, found in enumerate(heads) if found.head.confidence >= LEAST_HEAD]
        if not sure:
            return None, 0.0
        tops = np.array([heads[k].hill.top_m for k in sure], np.float32)
        labels = [heads[k].hill.label for k in sure]
        self._head_of[labels] = np.arange(len(sure))
        gap_m = JOINED_M
        ways = self._ways(frame, seeds, foreground, height_map, tops, gap_m)
        if not np.isfinite(ways).any():
            gap_m = GAP_M
            ways = self._ways(frame, seeds, foreground, height_map, tops, gap_m)
        self._head_of[labels] = -1
        best = int(np.argmin(ways))
        if not np.isfinite(ways[best]):
            return None, 0.0
        rivals = np.delete(ways, best)
        lead_m = float(rivals.min() - ways[best]) if rivals.size else np.inf
        ahead = min(max((lead_m - RIVAL_M[0]) / (RIVAL_M[1] - RIVAL_M[0]), 0.0), 1.0)
        confidence = 0.5 + 0.5 * ahead
        return sure[best], confidence if gap_m == JOINED_M else 0.8 * confidence

    def _ways(
        self,
        frame: DepthFrame,
        seeds: NDArray[np.int32],
        foreground: Foreground,
        height_map: HeightMap,
        tops: NDArray[np.float32],
        gap_m: float,
    ) -> F64:
        """Lengths of the ways from a hand to each head, metres; infinite where there is none."""
        self._looks += 1
        optics, ways = self._optics, np.zeros(len(tops))
        reach_kernels.ways(
            frame.depth, optics.stride, foreground.index, foreground.found, optics.columns, seeds,
            optics.direction, optics.camera, height_map.origin, height_map.cell_m, height_map.label,
            self._head_of, tops, BELOW_TOP_M, JOINED_M / self._unit_m, gap_m / self._unit_m, GAP_WEIGHT,
            LONGEST_M, self._stamp, self._looks, self._length_m, self._queue, ways,
        )  # fmt: skip
        return ways
