"""Where people pay: what they hold through a stay at a checkout is theirs."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from edge.clock import nanoseconds
from edge.messages import Track
from edge.scene.ledger import Ledger
from edge.scene.tracker import People
from edge.scene.zones import ZoneMap
from edge.settings import UnpaidExitRule, ZoneKind

STEP_OUT_NS = nanoseconds(1.5)
"""Stepping out of the zone for less than this does not end a stay."""
REMEMBER_NS = nanoseconds(120.0)
"""Goods may be told later than they were taken, even later than they were paid for."""
MOST_STAYS = 8


@dataclass(slots=True)
class _Stay:
    start_ns: int
    last_ns: int


class Checkout:
    """Who was at a checkout, and what they hold no longer owes."""

    def __init__(self, rule: UnpaidExitRule, zones: ZoneMap) -> None:
        self._zones = zones
        self._tills = frozenset(zone.id for zone in zones.zones if zone.kind is ZoneKind.CHECKOUT)
        self._long_ns = nanoseconds(rule.checkout_s)
        self._stays: dict[str, deque[_Stay]] = {}

    @property
    def drawn(self) -> bool:
        """Whether there is a checkout at all."""
        return bool(self._tills)

    def step(self, people: People, ledger: Ledger) -> None:
        """Take one instant: what was held at a checkout for long enough is paid."""
        if not self._tills:
            return
        for row in people.sightings():
            if self._tills.intersection(self._zones.at(row.x_m, row.y_m)):
                self._stand(row)
        for person in [name for name, stays in self._stays.items() if people.t_ns - stays[-1].last_ns > REMEMBER_NS]:
            del self._stays[person]
        for person in ledger.people():
            if person in self._stays:
                paid = [held.item for held in ledger.all_of(person) if self._paid(person, held.taken.t_start_ns)]
                ledger.release(person, paid)

    def _stand(self, row: Track) -> None:
        stays = self._stays.setdefault(row.id, deque(maxlen=MOST_STAYS))
        if stays and row.t_ns - stays[-1].last_ns <= STEP_OUT_NS:
            stays[-1].last_ns = max(stays[-1].last_ns, row.t_ns)
        else:
            stays.append(_Stay(row.t_ns, row.t_ns))

    def _paid(self, person: str, taken_ns: int) -> bool:
        """Whether a stay since something was taken, or that part of one, was long enough."""
        return any(stay.last_ns - max(stay.start_ns, taken_ns) >= self._long_ns for stay in self._stays[person])
