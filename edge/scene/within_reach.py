"""Who stood within arm's reach of a place, for when the hand itself was hidden.

Where nobody else did, the hand can only be theirs.  Where several did, whoever stood before the place is the likeliest,
and never sure.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from edge.clock import nanoseconds
from edge.messages import SurfaceChange, Track
from edge.scene.tracker import Renaming

REMEMBER_NS = nanoseconds(90.0)
LOOK_NS = nanoseconds(0.2)
REACH_M, FARTHEST_M = 0.9, 1.2
"""From the middle of the body, on the floor: an arm, and as far as somebody leans; and so far that nobody can."""
LEAST_NS = nanoseconds(0.7)
"""Nobody reaches out and back in less."""
EARLY_NS = nanoseconds(2.5)
EARLIER_NS = nanoseconds(0.5)
"""An arm may be on its way when a surface is last seen beside it."""

STANCE_M = 0.2
"""People stand before what they reach for: standard deviation, about as much as a shoulder's width."""

Standing = tuple[int, tuple[tuple[str, float, float], ...]]


@dataclass(frozen=True, slots=True)
class Likeliest:
    """Whose hand, that was not seen, it most likely was."""

    person: str
    t_ns: int
    """When in the time in which they could, as :func:`begun` tells it."""
    share: float
    """Against all who could, 0 to 1."""
    only_one: bool
    """Nobody else could."""


class WithinReach:
    """Where everybody stood in the last minute and a half."""

    def __init__(self) -> None:
        self._stood: deque[Standing] = deque()

    def step(self, t_ns: int, tracks: Sequence[Track], renamed: Sequence[Renaming]) -> None:
        """Take everybody there is now."""
        for renaming in renamed:
            self._rename(renaming)
        if self._stood and t_ns - self._stood[-1][0] < LOOK_NS:
            return
        self._stood.append((t_ns, tuple((track.id, track.x_m, track.y_m) for track in tracks)))
        while t_ns - self._stood[0][0] > REMEMBER_NS:
            self._stood.popleft()

    def likeliest(self, change: SurfaceChange) -> Likeliest | None:
        """Who most likely reached a change while its place was hidden, from where everybody stood in that time.

        None where nobody could, and where it began longer ago than is remembered.
        """
        begin_ns = change.before_ns - EARLIER_NS
        if not self._stood or begin_ns < self._stood[0][0]:
            return None
        times: dict[str, list[int]] = {}
        could: set[str] = set()
        weight: dict[str, float] = {}
        for t_ns, stood in self._stood:
            if not begin_ns <= t_ns <= change.after_ns:
                continue
            for name, x_m, y_m in stood:
                apart_m = math.hypot(x_m - change.x_m, y_m - change.y_m)
                if apart_m <= FARTHEST_M:
                    could.add(name)
                if apart_m <= REACH_M:
                    times.setdefault(name, []).append(t_ns)
                    weight[name] = weight.get(name, 0.0) + math.exp(-0.5 * (apart_m / STANCE_M) ** 2)
        if not weight:
            return None
        name = max(weight, key=lambda name: weight[name])
        first, last = max(times[name][0], change.before_ns), times[name][-1]
        if last - first < LEAST_NS:
            return None
        return Likeliest(name, begun(first, last), weight[name] / sum(weight.values()), len(could) == 1)

    def _rename(self, renaming: Renaming) -> None:
        for k, (t_ns, stood) in enumerate(self._stood):
            if any(name == renaming.old for name, _, _ in stood):
                named = tuple((renaming.new if name == renaming.old else name, x_m, y_m) for name, x_m, y_m in stood)
                self._stood[k] = (t_ns, named)


def begun(first_ns: int, last_ns: int) -> int:
    """When something began that happened at an unknown moment between two.

    The middle of a short time.  A long time is told from near its beginning: the event lasts until it was noticed, and
    who looks it up in a recording must not miss it.
    """
    return min(first_ns // 2 + last_ns // 2, first_ns + EARLY_NS)
