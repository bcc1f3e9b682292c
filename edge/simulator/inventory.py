"""Which goods stand where, and which are in whose hands, at any time of a session."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from edge.simulator.figure import hands_of
from edge.simulator.goods import Item
from edge.simulator.handling import Deed
from edge.simulator.performance import Presence
from edge.simulator.script import Change, Script


class Inventory:
    """The goods of a stage through a performance.

    Attributes
    ----------
    changes
        Everything taken and put within the session, in the order of time.
    """

    def __init__(self, goods: Sequence[Item], scripts: Iterable[Script], length_s: float) -> None:
        scripts = tuple(scripts)
        found = [change for script in scripts for change in script.changes if change.t_s < length_s]
        self.changes: tuple[Change, ...] = tuple(sorted(found, key=lambda c: (c.t_s, c.item.name)))
        self._holds = tuple(hold for script in scripts for hold in script.holds)
        self._times = [change.t_s for change in self.changes]
        self._states = [{item.name: item for item in goods}]
        for change in self.changes:
            now = dict(self._states[-1])
            if change.deed is Deed.TAKE:
                del now[change.item.name]
            else:
                now[change.item.name] = change.item
            self._states.append(now)

    def version(self, t_s: float) -> int:
        """Number of changes up to a time; the same number means the same goods at the same places."""
        return bisect_right(self._times, t_s)

    def standing(self, version: int) -> tuple[Item, ...]:
        """What stands after so many changes."""
        return tuple(self._states[version].values())

    def held(self, t_s: float, cast: Sequence[Presence]) -> list[tuple[int, Item]]:
        """The items in hands at a time: person, and the item where it is."""
        by_person = {presence.person: presence for presence in cast}
        out = []
        for hold in self._holds:
            who = by_person.get(hold.person)
            if who is not None and hold.from_s <= t_s < hold.until_s:
                hands = hands_of(who.body, who.posture)
                out.append((hold.person, hold.item_at(hands, who.posture.heading_rad)))
        return out
