"""Goods, on one page: what came and went, who holds what, and the acts in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edge.messages import Act, LevelFill, SceneEvent
from edge.scene.items import Items
from edge.scene.ledger import Ledger
from edge.scene.merge import Instant
from edge.scene.tracker import People
from edge.scene.zones import ZoneMap
from edge.settings import StoreSettings


@dataclass(frozen=True, slots=True)
class GoodsStep:
    """Goods at one instant: the acts that go on, and what has happened."""

    acts: tuple[Act, ...]
    events: tuple[SceneEvent, ...]


class Goods:
    """What people do with goods.

    1. Changes of surfaces get their moment and their person (:mod:`edge.scene.items`).
    2. Those of shelves are booked: who holds what, and what was put back or only moved (:mod:`edge.scene.ledger`).
    """

    def __init__(self, settings: StoreSettings, zones: ZoneMap) -> None:
        self._items = Items({volume.key: volume for volume in settings.watched()}, zones)
        self._ledger = Ledger(settings.alerts.unpaid_exit.least_confidence)

    def step(self, instant: Instant, people: People, moves: Sequence[SceneEvent]) -> GoodsStep:
        """Take one instant, with those who entered and left in it."""
        return self._book(people, self._items.step(instant, people), moves)

    def finish(self, people: People, moves: Sequence[SceneEvent]) -> GoodsStep:
        """Nothing more will be seen: what waits is told, what goes on ends."""
        return self._book(people, self._items.finish(), moves)

    def _book(self, people: People, changes: Sequence[SceneEvent], moves: Sequence[SceneEvent]) -> GoodsStep:
        handled = self._ledger.step(people, [e for e in changes if e.place is not None and e.place.shelf is not None])
        return GoodsStep((), handled)


def newest_fills(instant: Instant) -> tuple[LevelFill, ...]:
    """How full the shelves are, the newest word on each level."""
    fills = {(fill.volume, fill.level): fill for look in instant.looks for fill in look.fills}
    return tuple(fills[key] for key in sorted(fills))
