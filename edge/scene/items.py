"""Changes of surfaces become events: what came or went, where, when, and by whose hand."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace

from edge.clock import nanoseconds
from edge.messages import ChangeKind, DepthObservation, EventKind, Place, SceneEvent, SurfaceChange
from edge.scene.hands import Author, Hands
from edge.scene.merge import Instant
from edge.scene.tracker import People
from edge.scene.zones import ZoneMap
from edge.settings import WatchedVolume

KINDS = {ChangeKind.RECEDED: EventKind.ITEM_TAKEN, ChangeKind.ADVANCED: EventKind.ITEM_PUT}
WAIT_NS = nanoseconds(1.0)
"""So long a change waits for the head on its hand to prove to be somebody's."""
SAME_PLACE_M = 0.3
SAME_TIME_NS = nanoseconds(1.0)
"""Two cameras need not see a surface before and after at quite the same time."""
TOLD_NS = nanoseconds(30.0)
MOST_TOLD = 256
SPARE = 1.5
"""Another camera's changes are the same one until they are this much larger together: it may see them in parts."""


@dataclass(slots=True)
class _Change:
    """A change, and how many litres of it other cameras have told too."""

    camera: str
    told_ns: int
    change: SurfaceChange
    litres: dict[str, float]


class Items:
    """Every change in a watched volume, once, with whoever made it.

    1. Hands are kept with the people they belong to (:mod:`edge.scene.hands`).
    2. What another camera has told already is left out.
    3. A change gets its moment, its place and its person; it waits a little where they are not confirmed yet.

    Parameters
    ----------
    volumes
        By :attr:`edge.settings.WatchedVolume.key`.
    """

    def __init__(self, volumes: Mapping[str, WatchedVolume], zones: ZoneMap) -> None:
        self._volumes = volumes
        self._zones = zones
        self._hands = Hands()
        self._told: deque[_Change] = deque(maxlen=MOST_TOLD)
        self._waiting: deque[_Change] = deque()

    def step(self, instant: Instant, people: People) -> tuple[SceneEvent, ...]:
        """Take one instant; return what is known now to have come or gone, in the order in which it was told."""
        self._hands.step(instant, people)
        while self._told and instant.t_ns - self._told[0].told_ns > TOLD_NS:
            self._told.popleft()
        for look in instant.looks:
            for change in sorted(look.changes, key=_order):
                self._take(look, change)
        return self._due(instant.t_ns)

    def finish(self) -> tuple[SceneEvent, ...]:
        """Nothing more will be seen: what waits is told as it is."""
        return self._due(None)

    def _take(self, look: DepthObservation, change: SurfaceChange) -> None:
        for told in self._told:
            if _same(told, look.camera, change):
                told.litres[look.camera] = told.litres.get(look.camera, 0.0) + change.volume_l
                return
        taken = _Change(look.camera, look.t_ns, change, {})
        self._told.append(taken)
        self._waiting.append(taken)

    def _due(self, t_ns: int | None) -> tuple[SceneEvent, ...]:
        events: list[SceneEvent] = []
        while self._waiting:
            first = self._waiting[0]
            final = t_ns is None or t_ns - first.told_ns >= WAIT_NS
            author = self._hands.author(first.camera, first.change, final=final)
            if author.open and not final:
                break
            events.append(self._event(self._waiting.popleft(), author))
        return tuple(events)

    def _event(self, told: _Change, author: Author) -> SceneEvent:
        change = told.change
        return SceneEvent(
            KINDS[change.kind],
            min(author.t_ns, told.told_ns),
            told.told_ns,
            author.person,
            self._place(change),
            round(change.confidence * author.confidence, 4),
            sensor=told.camera,
            volume_l=change.volume_l,
            count=change.count,
            size_m=change.size_m,
            picture=change.picture,
        )

    def _place(self, change: SurfaceChange) -> Place:
        volume = self._volumes[change.volume]
        place = self._zones.place(change.x_m, change.y_m, change.z_m, zone=volume.zone)
        return replace(place, shelf=volume.shelf, level=volume.level(change.z_m))


def _order(change: SurfaceChange) -> tuple[int, str, float, float, float]:
    """In time; at one time by place, so that the order does not depend on how an eye goes about its picture."""
    return (change.after_ns, change.volume, change.x_m, change.y_m, change.z_m)


def _same(told: _Change, camera: str, change: SurfaceChange) -> bool:
    """Whether another camera has told of this change."""
    one = told.change
    return (
        told.camera != camera
        and (one.volume, one.kind) == (change.volume, change.kind)
        and math.dist((one.x_m, one.y_m, one.z_m), (change.x_m, change.y_m, change.z_m)) <= SAME_PLACE_M
        and change.before_ns - SAME_TIME_NS <= one.after_ns
        and one.before_ns - SAME_TIME_NS <= change.after_ns
        and (camera not in told.litres or told.litres[camera] + change.volume_l <= SPARE * one.volume_l)
    )
