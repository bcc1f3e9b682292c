"""What one camera's eye notices of goods: hands that reach in, things that came or went, how full shelves are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edge.depth.background import Foreground
from edge.depth.hands import Reaching
from edge.depth.heads import FoundHead, HeightMap
from edge.depth.optics import Optics
from edge.depth.shelf_fill import ShelfFill
from edge.depth.shelf_kernels import REF
from edge.depth.shelf_measure import Gauge
from edge.depth.shelf_sight import WatchedPixels
from edge.depth.shelf_watch import ShelfWatch
from edge.messages import CameraModel, DepthFrame, Hand, LevelFill, SurfaceChange
from edge.settings import EyeSettings, WatchedVolume


@dataclass(frozen=True, slots=True)
class Noticed:
    """What one frame told of goods."""

    hands: tuple[Hand, ...]
    changes: tuple[SurfaceChange, ...]
    fills: tuple[LevelFill, ...]


class Goods:
    """Watches the volumes of goods that one camera sees.

    1. Pixels that look into a volume follow what they see (:mod:`edge.depth.shelf_watch`).
    2. Hands inside are followed to a head (:mod:`edge.depth.hands`).
    3. Settled changes are measured (:mod:`edge.depth.shelf_measure`).
    4. Now and then it is looked how full the levels are (:mod:`edge.depth.shelf_fill`).
    """

    def __init__(
        self,
        camera: CameraModel,
        optics: Optics,
        settings: EyeSettings,
        volumes: Sequence[WatchedVolume],
        watched: WatchedPixels,
    ) -> None:
        self._least_l = settings.least_item_l
        self._watch = ShelfWatch(camera, watched, settings.settle_s)
        self._reaching = Reaching(camera, optics, volumes, watched)
        self._gauge = Gauge(camera, volumes, watched)
        self._fill = ShelfFill(camera, volumes, watched)

    def warm_up(self, frame: DepthFrame, height_map: HeightMap) -> None:
        """Compile the kernels that only work once something happens."""
        self._watch.warm_up()
        self._reaching.warm_up(frame, self._watch, Foreground(np.zeros(1, np.int32), 0, 0), height_map)

    def step(
        self, frame: DepthFrame, foreground: Foreground, height_map: HeightMap, heads: Sequence[FoundHead]
    ) -> Noticed:
        """Take one frame, with the foreground and the heads that were found in it."""
        self._watch.follow(frame)
        hands = self._reaching.find(frame, self._watch, foreground, height_map, heads)
        regions = self._watch.settled(frame.t_ns)
        surface = self._watch.planes[..., REF]
        changes = tuple(change for r in regions for change in self._gauge.measure(r, self._least_l, surface))
        return Noticed(hands, changes, self._fill.look(frame.t_ns, surface, changed=bool(changes)))
