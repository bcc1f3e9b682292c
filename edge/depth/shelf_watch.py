"""Watches the volumes of goods for surfaces that come or go, a frame at a time.

::

    frame -> tiles that stir -> pixels of awake tiles follow what they see
          -> regions of settled change that nothing touches -> measured -> SurfaceChange

A tile sleeps while all its pixels see what they saw before, whatever that is: a full shelf, or somebody who stands
still before it.  Only settled change counts, and only where nothing moves or stands before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.depth import region_kernels as regions
from edge.depth import shelf_kernels as kernels
from edge.depth.background import NOISE_GROWTH_PER_M, NOISE_M
from edge.depth.shelf_sight import TILE, WatchedPixels
from edge.messages import CameraModel, ChangeKind, DepthFrame

SAMPLE_STEP_PX = 3
"""Every so many pixels, along and across, are looked at in a tile that sleeps."""
AWAKE_S = 0.3
"""A tile stays awake until it has settled and for so long after it last stirred, and as long as a change in it is not
told."""
LOOK_S = 0.09
"""An awake tile is looked at this often at least, where frames come that fast."""
ROUND_S = 5.0
"""A tile that sleeps is followed about this often, for slow drift."""
FIRST_LOOK_S = 4.0
"""All tiles are awake for this long at first."""
JUDGE_S = 0.06
"""Regions are not looked for more often than this."""
LEARN_S = 0.6
"""What is seen so much longer than anything else, where nothing was known, is the surface to compare with."""
MEMORY_S = 60.0
"""Time constant with which the surface to compare with follows slow drift."""
BLIND_AFTER_S = 0.15
"""Nothing returned for this long is more than a speck of noise."""
FRAY_S = 1.0
"""What is seen for so long at a frayed edge, and nothing else, is a change."""
LEAST_CHANGE_M = 0.009
CHANGE_K = 4.2
TOLERANCE_K = 4.5
LEAST_TOLERANCE_M = 0.02
LEAST_DEVIATION_M = 0.001
JOINED_M = 0.06
"""The surface of one thing, or of one body, has no larger steps than this between neighbouring pixels."""
APART_M = 0.10
"""Neighbouring pixels whose surfaces lie this far apart show different things."""
AROUND, LEAST_FILL = (5.0, 95.0), 0.25
"""A thing fills this share of the rectangle around most of it; the frayed edge of something does not."""
LEAST_CORE, LEAST_CORE_SHARE = 6, 0.2
"""A region is more than the frayed edge of something: so many of its pixels lie inside it."""
TOUCHED_SHARE = 0.06
"""A region that is touched along more than this share of its edge is not wholly seen."""
MEETS_SHARE = 0.04
"""One that goes on into something before the volume, along more than this share of its edge, is part of it."""
UNSETTLED_SHARE = 0.15
"""One that still grows along more than this share of its edge is waited for a little."""
UNCOVERED_S = 0.1
IMPATIENT_S = 8.0
"""After this long without a stir the part that is seen is told."""
FRAY_SHARE = 0.006
"""Edges fray over this share of the picture's width: a stereo camera matches windows of some pixels."""
FADE_S = 8.0
"""A change too small to tell is taken as it is after this long."""
BEFORE_QUANTILE = 0.2
"""Pixels at the edge of a thing may look the same after it has gone."""
MOST_REGIONS = 256


@dataclass(frozen=True, slots=True)
class Region:
    """A settled change of one surface: pixels of the watched part, as rows and columns."""

    volume: int
    kind: ChangeKind
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    seen: int
    """The first so many are wholly seen; the others are its frayed edge."""
    before: NDArray[np.float32]
    """Depth of each pixel before, in the camera's unit."""
    after: NDArray[np.float32]
    before_ns: int
    after_ns: int
    touched: float
    """Share of its edge along which something hides what may belong to it."""


class ShelfWatch:
    """The state of all watched pixels of one camera."""

    def __init__(self, camera: CameraModel, watched: WatchedPixels, settle_s: float) -> None:
        shape = (int(watched.owner.shape[0]), int(watched.owner.shape[1]))
        self._watched = watched
        self._unit_m = camera.depth_unit_m
        self._down, self._across = -(-shape[0] // TILE), -(-shape[1] // TILE)
        tiles = self._down * self._across
        self.planes = np.zeros((*shape, kernels.PLANES), np.float32)
        self.shows: NDArray[np.uint8] = np.where(watched.owner > 0, kernels.UNKNOWN, kernels.UNWATCHED).astype(np.uint8)
        self._last_same = np.zeros(shape, np.float64)
        self._touched_s = np.full(shape, -1e9)
        self._rule = _rule(self._unit_m, settle_s)
        self._settle_s, self._awake_s = settle_s, settle_s + AWAKE_S
        self._counts = np.zeros((tiles, kernels.SHOWN + 1), np.int32)
        self._counts[:, kernels.SHOWN] = _tiles(watched.owner > 0, self._down, self._across).ravel()
        self._looked_s = np.full((3, tiles), -10.0)
        self._expected = np.zeros((*shape, 2), np.uint16)
        self._expected[..., 0] = np.where(watched.owner > 0, kernels.MOST_UNITS, 0)
        self._expected[..., 1] = np.where(watched.owner > 0, 0, kernels.MOST_UNITS)
        self._calm = self._expected.copy()
        self._awake_until_s = np.full(tiles, FIRST_LOOK_S)
        self._work = np.zeros(tiles, np.int32)
        self._label = np.zeros(shape, np.int32)
        self._members = np.zeros(shape[0] * shape[1] + 1, np.int32)
        self._grown = np.zeros(shape[0] * shape[1] + 1, np.int32)
        self._fray_px = max(2, round(FRAY_SHARE * camera.intrinsics.width))
        self._table = np.zeros((MOST_REGIONS, regions.COLUMNS), np.float64)
        self._start_ns: int | None = None
        self._last_s = -1.0
        self._judged_s = self._faded_s = -1.0

    @property
    def across(self) -> int:
        """Tiles in a row."""
        return self._across

    def busy_tiles(self) -> NDArray[np.int32]:
        """Tiles in which something moves inside a volume now."""
        return np.flatnonzero(self._counts[:, kernels.BUSY]).astype(np.int32)

    def follow(self, frame: DepthFrame) -> None:
        """Take one frame."""
        if self._start_ns is None:
            self._start_ns = frame.t_ns
        t_s = (frame.t_ns - self._start_ns) / 1e9
        watched = self._watched
        wanted = kernels.wake(
            frame.depth, watched.top, watched.left, TILE, SAMPLE_STEP_PX, self._calm, t_s, self._last_s, self._awake_s,
            LOOK_S, ROUND_S, self._counts, self._looked_s, self._awake_until_s, self._work,
        )  # fmt: skip
        kernels.follow(
            frame.depth, watched.top, watched.left, TILE, self._work, wanted, t_s, self._looked_s, watched.near,
            self._rule, self.planes, self._last_same, self.shows, self._counts, self._expected, self._calm,
        )  # fmt: skip
        self._last_s = t_s

    def warm_up(self) -> None:
        """Compile the kernels that only work once something has changed, on nothing."""
        unit, nothing = self._unit_m, np.zeros(0, np.int32)
        regions.find_regions(
            self.shows, self._watched.owner, self.planes, 0, 0, 0, 0, JOINED_M / unit, APART_M / unit, self._fray_px,
            self._label, self._members, self._table,
        )  # fmt: skip
        regions.fade(self.shows, self.planes, self._label, 0, 0, 0, 0, FADE_S)
        self._whole(nothing, kernels.RECEDED)
        regions.accept(self.planes, self.shows, nothing)

    def settled(self, t_ns: int) -> Iterator[Region]:
        """Regions of settled change that are ready to be told, judged a few times a second.

        What is handed out, or too small to be, is taken as the surface to compare with from now on.
        """
        assert self._start_ns is not None
        t_s = (t_ns - self._start_ns) / 1e9
        if t_s - self._judged_s < JUDGE_S:
            return
        changed = self._counts[:, kernels.RECEDED] + self._counts[:, kernels.ADVANCED] >= kernels.LEAST_CHANGED
        if not changed.any():
            return
        changed = changed.reshape(self._down, -1)
        self._judged_s = t_s
        rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
        height, width = self.shows.shape
        y0, x0 = rows[0] * TILE, columns[0] * TILE
        y1, x1 = min((rows[-1] + 1) * TILE, height), min((columns[-1] + 1) * TILE, width)
        y0, y1, x0, x1 = max(y0 - 1, 0), min(y1 + 1, height), max(x0 - 1, 0), min(x1 + 1, width)
        found = regions.find_regions(
            self.shows, self._watched.owner, self.planes, y0, y1, x0, x1,
            JOINED_M / self._unit_m, APART_M / self._unit_m, self._fray_px, self._label, self._members, self._table,
        )  # fmt: skip
        if t_s - self._faded_s >= 1.0:
            regions.fade(self.shows, self.planes, self._label, y0, y1, x0, x1, FADE_S)
            self._faded_s = t_s
        for row in self._table[:found]:
            region = self._judge(row, t_s)
            if region is not None:
                yield region

    def _judge(self, row: NDArray[np.float64], t_s: float) -> Region | None:
        """A region that is ready, whose pixels are taken as they are then; or None while it has to wait."""
        first, count = int(row[regions.FIRST]), int(row[regions.COUNT])
        members = self._members[first : first + count].copy()
        rows, columns = np.divmod(members.astype(np.int64), self.shows.shape[1])
        quiet_s = float(np.median(self.planes[rows, columns, kernels.NOW_S]))
        edge = max(row[regions.EDGE], 1.0)
        around = float(np.prod([np.diff(np.percentile(axis, AROUND))[0] + 1 for axis in (rows, columns)]))
        if row[regions.CORE] < max(LEAST_CORE, LEAST_CORE_SHARE * count) or count < LEAST_FILL * around:
            if quiet_s > FADE_S:
                regions.accept(self.planes, self.shows, members)
            return None
        touched = float(row[regions.TOUCHED] / edge)
        if row[regions.JOINED] / edge > MEETS_SHARE or (touched > TOUCHED_SHARE and quiet_s < IMPATIENT_S):
            self._touched_s[rows, columns] = t_s
            return None
        # What has just come out from behind something needs as long to settle as the rest has had.
        uncovered_s = t_s - float(self._touched_s[rows, columns].max())
        if uncovered_s < self._settle_s + UNCOVERED_S and quiet_s < IMPATIENT_S:
            return None
        if row[regions.UNSETTLED] / edge > UNSETTLED_SHARE and min(quiet_s, uncovered_s) < 1.5 * self._settle_s:
            return None
        before_s = min(float(np.quantile(self._last_same[rows, columns], BEFORE_QUANTILE)), t_s - quiet_s)
        members = self._whole(members, int(row[regions.KIND]))
        rows, columns = np.divmod(members.astype(np.int64), self.shows.shape[1])
        assert self._start_ns is not None
        region = Region(
            volume=int(self._watched.owner[rows[0], columns[0]]) - 1,
            kind=ChangeKind.RECEDED if row[regions.KIND] == kernels.RECEDED else ChangeKind.ADVANCED,
            rows=rows,
            columns=columns,
            seen=count,
            before=self.planes[rows, columns, kernels.REF],
            after=self.planes[rows, columns, kernels.NOW],
            before_ns=self._start_ns + round(before_s * 1e9),
            after_ns=self._start_ns + round((t_s - quiet_s) * 1e9),
            touched=touched,
        )
        regions.accept(self.planes, self.shows, members)
        return region

    def _whole(self, members: NDArray[np.int32], kind: int) -> NDArray[np.int32]:
        """A region with its frayed edge."""
        scratch = self._grown
        scratch[: len(members)] = members
        self.shows.reshape(-1)[members] = kernels.SAME
        used = regions.grow(
            self.shows, self._watched.owner, self.planes, kind, self._rule[kernels.LEAST_CHANGE], self._fray_px,
            scratch, len(members),
        )  # fmt: skip
        return scratch[:used].copy()


def _rule(unit_m: float, settle_s: float) -> NDArray[np.float32]:
    rule = np.zeros(kernels.RULES, np.float32)
    rule[kernels.SETTLE_S] = settle_s
    rule[kernels.LEARN_S] = LEARN_S
    rule[kernels.MEMORY_S] = MEMORY_S
    rule[kernels.FRAY_S] = FRAY_S
    rule[kernels.BLIND_AFTER_S] = BLIND_AFTER_S
    rule[kernels.LEAST_CHANGE] = LEAST_CHANGE_M / unit_m
    rule[kernels.CHANGE_K] = CHANGE_K
    rule[kernels.TOLERANCE_K] = TOLERANCE_K
    rule[kernels.LEAST_TOLERANCE] = LEAST_TOLERANCE_M / unit_m
    rule[kernels.NOISE] = NOISE_M / unit_m
    rule[kernels.NOISE_GROWTH] = NOISE_GROWTH_PER_M * unit_m
    rule[kernels.LEAST_DEVIATION] = LEAST_DEVIATION_M / unit_m
    return rule


def _tiles(mask: NDArray[np.bool_], down: int, across: int) -> NDArray[np.bool_]:
    """Which tiles hold any pixel of a mask."""
    padded = np.zeros((down * TILE, across * TILE), np.bool_)
    padded[: mask.shape[0], : mask.shape[1]] = mask
    return np.asarray(padded.reshape(down, TILE, across, TILE).any(axis=(1, 3)))
