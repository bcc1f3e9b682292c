"""Plans of hands brought to a body: where it stands, how it leans and where its hands are, at any time.

Each handling becomes keys on a few tracks (stance, posture, two hands), between which everything eases.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from edge.simulator.bodies import Body
from edge.simulator.figure import Posture
from edge.simulator.goods import Item
from edge.simulator.handling import APPROACH_M, Deed, Grip, Handling, Keep
from edge.simulator.reaching import Stance, stance_for
from edge.simulator.solids import Array
from edge.simulator.tracks import Anchor, BodyKey, FootKey, HandKey, Tracks

LEFT_RANGE_M = (-0.04, 0.30)
"""How far to its own side a hand reaches without a step; from the body's middle."""
TOGETHER_S = 2.5
"""Handlings closer together than this are done from one standing."""
STEP_BACK_S = 0.8
CLEAR_M = 0.38
"""From a rack, to hold something before the chest; as much more as the thing is deep."""


@dataclass(frozen=True, slots=True)
class Change:
    """An item taken from, or put to, a place."""

    t_s: float
    deed: Deed
    item: Item
    """At that place."""
    person: int
    shelf: str


@dataclass(frozen=True, slots=True)
class Hold:
    """An item in somebody's hand or hands for a while.

    ``offset_m`` is from the (middle of the) hands to the middle of the item's bottom, and ``turn_rad`` its yaw, both
    in the body frame.
    """

    item: Item
    person: int
    hands: tuple[int, ...]
    from_s: float
    until_s: float
    offset_m: tuple[float, float, float]
    turn_rad: float

    def item_at(self, hands: tuple[Array, Array], heading_rad: float) -> Item:
        """The item where it is held, store frame."""
        x, y, z = np.mean([hands[side] for side in self.hands], axis=0).tolist()
        c, s = float(np.cos(heading_rad)), float(np.sin(heading_rad))
        dx, dy, dz = self.offset_m
        place = (x + c * dx - s * dy, y + s * dx + c * dy, z + dz)
        return replace(self.item, place=place, yaw_rad=heading_rad + self.turn_rad)


class Script:
    """One person's handlings.

    Parameters
    ----------
    handlings
        With times from the session's start, in their order.
    where
        Place and heading of the walk at a time: x, y, heading.
    """

    def __init__(
        self,
        person: int,
        body: Body,
        handlings: Sequence[Handling],
        where: Callable[[float], tuple[float, float, float]],
    ) -> None:
        self._person, self._body = person, body
        self._tracks = Tracks(body, handlings[0].start_s if handlings else np.inf)
        self._solved: dict[tuple[object, ...], Stance] = {}
        self._open: dict[str, Hold] = {}
        self.changes: list[Change] = []
        self.holds: list[Hold] = []
        for k, each in enumerate(handlings):
            follows = k > 0 and each.start_s - handlings[k - 1].end_s < TOGETHER_S
            self._add(each, where, follows)
        if handlings:
            self._step_back(handlings[-1].end_s)
        self.holds += list(self._open.values())

    def posed(self, posture: Posture, t_s: float) -> Posture:
        """The walk's posture with what the hands do at a time."""
        return self._tracks.posed(posture, t_s)

    def _add(self, each: Handling, where: Callable[[float], tuple[float, float, float]], follows: bool) -> None:
        if not follows and self._tracks.foot:
            self._step_back(self._tracks.foot[-1].t_s)
        lean = each.start_s + each.lead_s
        there = lean + each.prep_s + 0.6 * each.reach_s
        here = (self._tracks.foot[-1].x_m, self._tracks.foot[-1].y_m) if follows else where(there)[:2]
        stance, along = self._stand(each, here)
        heading = each.face.facing_rad + np.pi
        self._step(each, stance, along, FootKey(each.start_s, *where(each.start_s), 0.0), follows)
        out = each.out_s
        self._tracks.posture += [
            BodyKey(lean, 0.0, 0.0),
            BodyKey(there, stance.bend_rad, stance.crouch),
            BodyKey(out - 0.2 * each.withdraw_s, stance.bend_rad, stance.crouch),
            BodyKey(out + each.show_move_s + 0.5 * each.prep_s, 0.0, 0.0),
        ]
        for grip in each.grips:
            for side, point in grip.hands:
                self._hand(each, grip, side, point, stance.poles[side])
            self._goods(each, grip, heading)

    def _step(self, each: Handling, stance: Stance, along: float, begin: FootKey, follows: bool) -> None:
        """Up to the rack, and back from it while something is in the hand, so that it comes clear of the rack."""
        heading = each.face.facing_rad + np.pi
        lean = each.start_s + each.lead_s
        there = lean + each.prep_s + 0.6 * each.reach_s
        close = FootKey(0.0, *each.face.before(along, stance.distance_m), heading, 1.0)
        clear_m = max(stance.distance_m, CLEAR_M + max((_length(grip) for grip in each.grips), default=0.0))
        clear = replace(close, **dict(zip(("x_m", "y_m"), each.face.before(along, clear_m), strict=True)))
        keys = [begin]
        if follows:
            keys = [replace(self._tracks.foot[-1], t_s=max(each.start_s, self._tracks.foot[-1].t_s))]
        if each.lead_s > 0.0:
            keys += [replace(clear, t_s=lean - each.show_s), replace(clear, t_s=lean)]
        if each.deed is Deed.PUT:
            keys.append(replace(clear, t_s=there))
        keys += [replace(close, t_s=each.reached_s), replace(close, t_s=each.reached_s + each.contact_s)]
        if each.deed is Deed.TAKE:
            keys += [replace(clear, t_s=each.out_s), replace(clear, t_s=each.end_s)]
        else:
            keys.append(replace(close, t_s=each.end_s))
        self._tracks.foot += keys

    def _stand(self, each: Handling, here: tuple[float, float]) -> tuple[Stance, float]:
        """The stance for a handling, and where along the rack; sideways one moves no more than one has to."""
        face = each.face
        own_along = face.inward((here[0], here[1], 0.0))[1]
        low, high = -np.inf, np.inf
        hands = [(side, point, *face.inward(point)) for grip in each.grips for side, point in grip.hands]
        for side, _, _, along in hands:
            # One who looks at the rack has its left on the own right.
            near, far = LEFT_RANGE_M if side == 0 else (-LEFT_RANGE_M[1], -LEFT_RANGE_M[0])
            low, high = max(low, along + near), min(high, along + far)
        along = float(np.clip(own_along, low, high)) if low <= high else (low + high) / 2
        along = along if each.stand_m is None else each.stand_m
        targets = {side: (depth, along - place, point[2]) for side, point, depth, place in hands}
        key = (
            face,
            each.least_bend_rad,
            *((side, *(round(v / 0.02) for v in target)) for side, target in targets.items()),
        )
        if key not in self._solved:
            self._solved[key] = stance_for(self._body, face.opening, targets, each.least_bend_rad)
        stance = self._solved[key]
        return stance, along

    def _step_back(self, t_s: float) -> None:
        last = self._tracks.foot[-1]
        self._tracks.foot.append(replace(last, t_s=t_s + STEP_BACK_S, weight=0.0))

    def _hand(
        self,
        each: Handling,
        grip: Grip,
        side: int,
        point: tuple[float, float, float],
        pole: tuple[float, float, float],
    ) -> None:
        track = self._tracks.hands[side]
        chest = HandKey(0.0, Anchor.CHEST, (0.0, _apart(grip, side), 0.0))
        self._before(each, track, chest)
        depth = max(each.face.inward(point)[0], 0.0)
        # Deep goods have to come out all the way; a hand that holds nothing, only itself.
        length = _length(grip)
        bare, loaded = self._outside(each, point, depth + APPROACH_M), self._outside(each, point, depth + length + 0.04)
        loaded = (loaded[0], loaded[1], loaded[2] + 0.02)
        pre, out = (loaded, bare) if each.deed is Deed.PUT else (bare, loaded)
        if each.deed is Deed.TOUCH:
            out = bare
        there = each.start_s + each.lead_s + each.prep_s + 0.6 * each.reach_s
        track.append(HandKey(there, Anchor.STORE, pre, pole))
        track.append(HandKey(each.reached_s, Anchor.STORE, point, pole))
        track.append(HandKey(each.reached_s + each.contact_s, Anchor.STORE, point, pole))
        track.append(HandKey(each.out_s, Anchor.STORE, out, pole))
        self._after(each, track, chest)

    def _before(self, each: Handling, track: list[HandKey], chest: HandKey) -> None:
        """From the side, the bag or the chest."""
        start, lean = each.start_s, each.start_s + each.lead_s
        if each.deed is Deed.PUT and each.keep is not Keep.SHOWN:
            track.append(HandKey(start, Anchor.REST))
            if each.keep is Keep.BAG:
                track.append(HandKey(start + each.bag_s, Anchor.HIP))
            shown = start + each.show_move_s + (each.bag_s if each.keep is Keep.BAG else 0.0)
            track.append(replace(chest, t_s=shown))
            track.append(replace(chest, t_s=lean))
        elif track and track[-1].anchor is not Anchor.REST:
            track.append(replace(track[-1], t_s=lean if each.deed is Deed.PUT else lean + 0.5 * each.prep_s))
        elif each.deed is Deed.PUT:
            # Brought along from wherever one came.
            track += [replace(chest, t_s=-1.0), replace(chest, t_s=lean)]
            self._tracks.start_s = -1.0
        else:
            track.append(HandKey(lean + 0.5 * each.prep_s, Anchor.REST))

    def _after(self, each: Handling, track: list[HandKey], chest: HandKey) -> None:
        """To the side, the bag or the chest."""
        t = each.out_s
        if each.deed is not Deed.TAKE:
            track.append(HandKey(t + each.rest_s + 0.3 * each.prep_s, Anchor.REST))
            return
        t += each.show_move_s + 0.5 * each.prep_s
        track += [replace(chest, t_s=t), replace(chest, t_s=t + each.show_s)]
        t += each.show_s
        if each.keep is Keep.BAG:
            track += [HandKey(t + each.bag_s, Anchor.HIP), HandKey(t + each.bag_s + each.rest_s, Anchor.REST)]
        elif each.keep is Keep.HANGING:
            track.append(HandKey(t + each.rest_s, Anchor.REST))

    def _outside(self, each: Handling, point: tuple[float, float, float], back_m: float) -> tuple[float, float, float]:
        c, s = float(np.cos(each.face.facing_rad)), float(np.sin(each.face.facing_rad))
        return point[0] + c * back_m, point[1] + s * back_m, point[2]

    def _goods(self, each: Handling, grip: Grip, heading: float) -> None:
        middle = np.mean([point for _, point in grip.hands], axis=0)
        c, s = float(np.cos(heading)), float(np.sin(heading))
        for item in grip.items:
            self.changes.append(Change(each.moment_s, each.deed, item, self._person, each.shelf))
            dx, dy, dz = (np.array(item.place) - middle).tolist()
            hold = Hold(
                item,
                self._person,
                tuple(side for side, _ in grip.hands),
                each.moment_s,
                np.inf,
                (c * dx + s * dy, -s * dx + c * dy, dz),
                item.yaw_rad - heading,
            )
            if each.deed is Deed.TAKE and each.keep is Keep.BAG:
                until = each.out_s + each.show_move_s + 0.5 * each.prep_s + each.show_s + each.bag_s
                self.holds.append(replace(hold, until_s=until))
            elif each.deed is Deed.TAKE:
                self._open[item.name] = hold
            elif item.name in self._open:
                self.holds.append(replace(self._open.pop(item.name), until_s=each.moment_s))
            else:
                since = each.start_s + each.bag_s
                since = since if each.keep is Keep.BAG else -np.inf
                self.holds.append(replace(hold, from_s=since, until_s=each.moment_s))


def _length(grip: Grip) -> float:
    """How far the goods in a grip reach beyond the hand, metres."""
    return max((item.size_m[1] for item in grip.items), default=0.0)


def _apart(grip: Grip, side: int) -> float:
    """How far to the left a hand is that holds something together with the other, metres; 0 for a hand alone."""
    if len(grip.hands) < 2:
        return 0.0
    (_, a), (_, b) = grip.hands
    return float(np.hypot(a[0] - b[0], a[1] - b[1])) / 2 * (1.0 if side == 0 else -1.0)
