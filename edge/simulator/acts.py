"""What people do while they stand: reach, raise a hand, crouch, bend, look round."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from edge.simulator.bodies import Body
from edge.simulator.figure import Reach


class ActKind(StrEnum):
    """Kinds of acts."""

    REACH_LEFT = "reach_left"
    REACH_RIGHT = "reach_right"
    RAISE_LEFT = "raise_left"
    RAISE_RIGHT = "raise_right"
    CROUCH = "crouch"
    BEND = "bend"
    LOOK = "look"


@dataclass(frozen=True, slots=True)
class Act:
    """One act: it grows for ``ramp_s``, holds, and fades for ``ramp_s``."""

    kind: ActKind
    start_s: float
    duration_s: float
    amount: float = 1.0
    """Crouch 0..1, bend and look in radians."""
    target: tuple[float, float, float] | None = None
    """Where the hand goes, store frame, for the reaches."""
    ramp_s: float = 0.7

    def shifted(self, t_s: float) -> Act:
        """The same act, ``t_s`` later."""
        return replace(self, start_s=self.start_s + t_s)

    def weight(self, t_s: float) -> float:
        """0 to 1: how far the act has grown at a time."""
        grow = (t_s - self.start_s) / self.ramp_s
        fade = (self.start_s + self.duration_s - t_s) / self.ramp_s
        x = float(np.clip(min(grow, fade), 0.0, 1.0))
        return x * x * (3 - 2 * x)


@dataclass(frozen=True, slots=True)
class Doing:
    """All the acts of one person at one instant, put together."""

    crouch: float
    bend_rad: float
    look_rad: float
    left: Reach | None
    right: Reach | None


def doing(acts: tuple[Act, ...], t_s: float, body: Body, place: tuple[float, float], heading_rad: float) -> Doing:
    """What a person does at a time.

    Parameters
    ----------
    place, heading_rad
        Where the body stands and looks, to bring a reach's target into its own frame.
    """
    crouch = bend = look = 0.0
    hands: dict[int, Reach] = {}
    for act in acts:
        w = act.weight(t_s)
        if w <= 0.0:
            continue
        if act.kind is ActKind.CROUCH:
            crouch = max(crouch, w * act.amount)
        elif act.kind is ActKind.BEND:
            bend = max(bend, w * act.amount)
        elif act.kind is ActKind.LOOK:
            look += w * act.amount
        else:
            side = 0 if act.kind in (ActKind.REACH_LEFT, ActKind.RAISE_LEFT) else 1
            hands[side] = Reach(_hand_target(act, side, body, place, heading_rad), w)
    return Doing(min(crouch, 1.0), bend, look, hands.get(0), hands.get(1))


def _hand_target(
    act: Act, side: int, body: Body, place: tuple[float, float], heading_rad: float
) -> tuple[float, float, float]:
    if act.target is None:
        sign = 1.0 if side == 0 else -1.0
        return body.segment(0.10), sign * body.segment(0.14), body.segment(0.812 + 0.30) + 0.02
    dx, dy = act.target[0] - place[0], act.target[1] - place[1]
    c, s = float(np.cos(heading_rad)), float(np.sin(heading_rad))
    return c * dx + s * dy, -s * dx + c * dy, act.target[2]
