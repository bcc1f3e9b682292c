"""Somebody who was lost, and is found again in a head that first had to prove itself.

A doubtful head is not given to a person who was lost (it may be a hand or a bag); so it begins anew.  Once it is
evident that it is somebody, it is asked whether it is one of those who were lost before it came up.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from edge.clock import seconds
from edge.scene import motion
from edge.scene.association import furthest_at_border_m, furthest_m
from edge.scene.person import Person

HEIGHT_M = 0.25
"""Further off in height it is somebody else."""

REMEMBER_S = 4.0
"""Who stepped out of the picture is remembered for this long."""
BACK_GATE_M = 0.4
BACK_MPS = 0.2
"""They come back near to where they went, the nearer the sooner."""
SAME_HEIGHT_M = 0.05
STAYED_S = 6.0
"""Who was seen for less was not here for long, and need not come back."""
GOING_ABOUT = 1.5
"""Somebody whose way was this much longer than it led them was going about here, not passing through."""


def lost_one(newcomer: Person, people: Iterable[Person], gate_m: float) -> Person | None:
    """The lost person who the newcomer most likely is, if any."""
    fits = [
        (gap_m, lost.seen_ns, lost.id, lost) for lost in people if (gap_m := gap(newcomer, lost, gate_m)) is not None
    ]
    return min(fits, key=lambda fit: fit[:3])[3] if fits else None


def gap(newcomer: Person, lost: Person, gate_m: float) -> float | None:
    """Distance of where the newcomer came up from where the lost one was to be expected, if they may be the same."""
    if not lost.confirmed or not lost.missed or lost.seen_ns >= newcomer.born_ns:
        return None
    expected = motion.predict(lost.motion, newcomer.born_ns)
    gone_s = seconds(newcomer.born_ns - lost.seen_ns)
    among_newcomers = newcomer.began_at_border or lost.leaving
    reach_m = furthest_at_border_m(lost, gone_s, gate_m) if among_newcomers else furthest_m(gone_s, gate_m)
    apart_m = math.hypot(newcomer.first_x_m - expected.x_m, newcomer.first_y_m - expected.y_m)
    if apart_m > reach_m or abs(newcomer.standing_m - lost.standing_m) > HEIGHT_M:
        return None
    return apart_m


def back_again(newcomer: Person, left: Iterable[Person]) -> Person | None:
    """The one person who stepped out of the picture a moment ago and may have stepped in again here.

    Where two may have, nobody is taken for either.
    """
    fits = [person for person in left if newcomer.began_at_border and _may_be_back(newcomer, person)]
    return fits[0] if len(fits) == 1 else None


def _may_be_back(newcomer: Person, left: Person) -> bool:
    gone_s = seconds(newcomer.born_ns - left.seen_ns)
    apart_m = math.hypot(newcomer.first_x_m - left.motion.x_m, newcomer.first_y_m - left.motion.y_m)
    return (
        0.0 < gone_s <= REMEMBER_S
        and seconds(left.seen_ns - left.born_ns) >= STAYED_S
        and left.walked_m > GOING_ABOUT * math.hypot(left.motion.x_m - left.first_x_m, left.motion.y_m - left.first_y_m)
        and apart_m <= BACK_GATE_M + BACK_MPS * gone_s
        and abs(newcomer.standing_m - left.standing_m) <= SAME_HEIGHT_M
    )
