"""Goods, on one page: what came and went, who holds what, and the acts in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edge.messages import Act, LevelFill, SceneEvent
from edge.scene.checkout import Checkout
from edge.scene.goods_acts import Sweep, UnpaidExit
from edge.scene.items import Items
from edge.scene.ledger import Ledger
from edge.scene.merge import Instant
from edge.scene.object_acts import Objects
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
    3. What is held through a stay at a checkout is paid (:mod:`edge.scene.checkout`).
    4. Much is taken in a short time, or carried out unpaid (:mod:`edge.scene.goods_acts`).
    5. Things are left in zones, or gone from there (:mod:`edge.scene.object_acts`).

    Changes of shelves are told as they are: goods.  Those of zones are told by the acts that they make, which show them
    as their evidence: a bag that is put down and picked up again is nobody's business.
    """

    def __init__(self, settings: StoreSettings, zones: ZoneMap) -> None:
        alerts = settings.alerts
        self._items = Items({volume.key: volume for volume in settings.watched()}, zones)
        self._ledger = Ledger(alerts.unpaid_exit.least_confidence)
        self._checkout = Checkout(alerts.unpaid_exit, zones)
        self._sweep = Sweep(alerts.sweep)
        self._unpaid = UnpaidExit(alerts.unpaid_exit, enabled=self._checkout.drawn)
        self._objects = Objects(alerts.object_left, alerts.object_removed)

    def step(self, instant: Instant, people: People, moves: Sequence[SceneEvent]) -> GoodsStep:
        """Take one instant, with those who entered and left in it."""
        return self._book(people, self._items.step(instant, people), moves, watched=bool(instant.looks))

    def finish(self, people: People, moves: Sequence[SceneEvent]) -> GoodsStep:
        """Nothing more will be seen: what waits is told, and every act ends, after it was told that it goes on."""
        last = self._book(people, self._items.finish(), moves, watched=False)
        ended = (*self._sweep.finish(), *self._unpaid.finish(), *self._objects.finish(people.t_ns))
        return GoodsStep(last.acts, (*last.events, *ended))

    def _book(
        self, people: People, changes: Sequence[SceneEvent], moves: Sequence[SceneEvent], *, watched: bool
    ) -> GoodsStep:
        on_shelves = [change for change in changes if change.place is not None and change.place.shelf is not None]
        in_zones = [change for change in changes if change.place is not None and change.place.shelf is None]
        booked = self._ledger.step(people, on_shelves)
        self._checkout.step(people, self._ledger)
        sweeps, swept = self._sweep.step(people.t_ns, self._ledger)
        unpaid, got_out = self._unpaid.step(people.t_ns, moves, self._ledger)
        objects, settled = self._objects.step(people, in_zones, watched=watched)
        return GoodsStep((*sweeps, *unpaid, *objects), (*booked, *swept, *got_out, *settled))


def newest_fills(instant: Instant) -> tuple[LevelFill, ...]:
    """How full the shelves are, the newest word on each level."""
    fills = {(fill.volume, fill.level): fill for look in instant.looks for fill in look.fills}
    return tuple(fills[key] for key in sorted(fills))
