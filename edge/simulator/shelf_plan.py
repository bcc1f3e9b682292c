"""What one person does at a shelf, one handling after the other, with the goods as that leaves them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from edge.simulator.acts import Act, ActKind
from edge.simulator.bodies import Body, Carried
from edge.simulator.choreography import Stop
from edge.simulator.goods import Goods, Item, Place, Slot, Stock
from edge.simulator.handling import Deed, Face, Grip, Handling, Keep, one_hand

STAND_M = 0.45
"""Before the rack, where one comes to a stop."""
NEIGHBOUR_M = 0.115
"""Two items whose middles are as close fit one hand."""
DEEP_M = 0.2
"""Goods whose front is farther in are left alone."""


class ShelfPlan:
    """Adds handlings to one stay before a shelf.

    Parameters
    ----------
    stock
        Shared by all who are at the shelf; each keeps to its own ``span_m`` along the front.
    span_m
        Lower and upper bound along the front, in the shelf's frame.
    pace
        Factor on all times; below 1 is quick.
    along_m
        Where one comes to stand.
    stay
        Never step aside.
    """

    def __init__(
        self,
        rng: np.random.Generator,
        body: Body,
        stock: Stock,
        face: Face,
        shelf: str,
        *,
        span_m: tuple[float, float] = (-0.75, 0.75),
        pace: float = 1.0,
        along_m: float = 0.0,
        stay: bool = False,
    ) -> None:
        self.rng, self.body, self.stock, self.face = rng, body, stock, face
        self.handlings: list[Handling] = []
        self.acts: list[Act] = []
        self.t_s = 0.8
        self._first_m = self._along_m = along_m
        self._shelf, self._span, self._pace, self._stay = shelf, span_m, pace, stay

    def pause(self, low_s: float, high_s: float) -> None:
        """Stand and look."""
        self.t_s += float(self.rng.uniform(low_s, high_s))

    def takeable(self, kind: Goods | None = None) -> list[Slot]:
        """What this person can reach and take out."""
        return [
            s
            for s in self.stock.takeable()
            if self._within(s) and s.inset_m < DEEP_M and (kind is None or s.kind is kind)
        ]

    def free(self) -> list[Slot]:
        """Where this person can put something."""
        return [s for s in self.stock.free() if self._within(s) and s.inset_m < DEEP_M]

    def neighbour(self, slot: Slot, but: Sequence[Slot] = ()) -> Slot | None:
        """A takeable item right beside another, that fits the same hand."""
        return next((s for s in self.takeable() if beside(slot, s) and s not in but), None)

    def take(
        self, *slots: Slot, keep: Keep = Keep.BAG, show_s: float | None = None, side: int | None = None
    ) -> list[Item]:
        """Take one item, or two with one hand."""
        items = [self.stock.take(slot) for slot in slots]
        hand = self._free_hand(slots[0].along_m) if side is None else side
        self._do(Deed.TAKE, (one_hand(hand, *items),), keep, show_s)
        return items

    def take_with_both(
        self, left: Sequence[Slot], right: Sequence[Slot], keep: Keep = Keep.BAG, show_s: float | None = None
    ) -> list[Item]:
        """Take one item or two with each hand at once; ``left`` are those on the person's left."""
        items = [[self.stock.take(slot) for slot in slots] for slots in (left, right)]
        self._do(Deed.TAKE, (one_hand(0, *items[0]), one_hand(1, *items[1])), keep, show_s)
        return items[0] + items[1]

    def put(
        self, *placed: tuple[Slot, Item], keep: Keep = Keep.BAG, show_s: float | None = None, side: int | None = None
    ) -> list[Item]:
        """Put one item, or two with one hand."""
        items = [self.stock.put(slot, item) for slot, item in placed]
        hand = self._free_hand(placed[0][0].along_m) if side is None else side
        self._do(Deed.PUT, (one_hand(hand, *items),), keep, show_s)
        return items

    def touch(self, point: Place, side: int | None = None, hold_s: float | None = None) -> None:
        """Bring a hand to a place, and move nothing."""
        hand = side if side is not None else self._free_hand(self.face.inward(point)[1])
        self._do(Deed.TOUCH, (Grip(((hand, point),)),), Keep.BAG, None, hold_s)

    def place(self, along_m: float, inset_m: float, z_m: float) -> Place:
        """A store point: along the front, behind it (negative: before it), above the floor."""
        x, y = self.face.before(along_m, -inset_m)
        return x, y, z_m

    def lean(self, along_m: float, z_m: float, bend_rad: float, hold_s: float) -> None:
        """Lean on an edge with both hands, or the one that is free."""
        # One who looks at the shelf has its left on the own right.
        hands = [(0, self.place(along_m - 0.2, -0.01, z_m)), (1, self.place(along_m + 0.2, -0.01, z_m))]
        grips = tuple(Grip((hand,)) for hand in hands if hand[0] == 0 or self.body.carried is Carried.NOTHING)
        self._do(Deed.TOUCH, grips, Keep.BAG, None, hold_s, bend_rad)

    def look_closely(self, bend_rad: float, crouch: float, hold_s: float) -> None:
        """Bring the head close to the goods, without the hands."""
        self.acts.append(Act(ActKind.BEND, self.t_s, hold_s, bend_rad, ramp_s=0.8))
        if crouch > 0.0:
            self.acts.append(Act(ActKind.CROUCH, self.t_s, hold_s, crouch, ramp_s=0.8))
        self.t_s += hold_s

    def near(self, slots: Sequence[Slot]) -> Slot:
        """One of some slots, rather one that is close."""
        away = np.array([abs(slot.along_m - self._along_m) for slot in slots])
        chance = np.exp(-away / 0.3)
        return slots[int(self.rng.choice(len(slots), p=chance / chance.sum()))]

    def stop(self, tail_s: float = 1.2) -> Stop:
        """The stay as a stop of a walk."""
        x, y = self.face.before(self._first_m, STAND_M)
        facing = self.face.facing_rad + np.pi
        return Stop(x, y, self.t_s + tail_s, facing, tuple(self.acts), handlings=tuple(self.handlings))

    def _free_hand(self, along_m: float) -> int:
        """The hand without a bag; of two free ones that on the side, if one stays where one is."""
        if self.body.carried is not Carried.NOTHING:
            return 0
        if self._stay:
            return 0 if along_m < self._first_m else 1
        return 1 if self.rng.random() < 0.65 else 0

    def _within(self, slot: Slot) -> bool:
        return self._span[0] <= slot.along_m <= self._span[1]

    def _do(
        self,
        deed: Deed,
        grips: tuple[Grip, ...],
        keep: Keep,
        show_s: float | None,
        hold_s: float | None = None,
        bend_rad: float = 0.0,
    ) -> None:
        rng, pace = self.rng, self._pace
        points = [point for grip in grips for _, point in grip.hands]
        z = float(np.mean([point[2] for point in points]))
        along = float(np.mean([self.face.inward(point)[1] for point in points]))
        step = 0.0 if self._stay else max(abs(along - self._along_m) - 0.25, 0.0)
        self._along_m = along
        low = float(np.clip((0.62 * self.body.stature_m - z) / (0.45 * self.body.stature_m), 0.0, 1.0))
        handling = Handling(
            deed,
            self.face,
            self._shelf,
            grips,
            self.t_s,
            prep_s=pace * (0.35 + 0.75 * low + 0.9 * step),
            reach_s=pace * float(rng.uniform(0.5, 0.9)),
            contact_s=pace * float(rng.uniform(0.3, 0.6)) if hold_s is None else hold_s,
            withdraw_s=pace * float(rng.uniform(0.5, 0.9)),
            show_s=pace * float(rng.uniform(0.3, 1.6)) if show_s is None else show_s,
            keep=keep,
            pace=pace,
            least_bend_rad=bend_rad,
            stand_m=self._first_m if self._stay else None,
        )
        self.handlings.append(handling)
        self.t_s = handling.end_s


def beside(a: Slot, b: Slot) -> bool:
    """Whether two slots' items fit one hand: of one product, side by side."""
    return (
        a.column != b.column
        and (a.level, a.row, a.tier, a.kind, a.size_m) == (b.level, b.row, b.tier, b.kind, b.size_m)
        and abs(a.along_m - b.along_m) < NEIGHBOUR_M
    )
