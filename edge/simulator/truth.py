"""What really happened: heads, and who passed which line when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.clock import decimal_seconds, nanoseconds
from edge.settings import Line
from edge.simulator.choreography import STEP_HZ, Motion
from edge.simulator.performance import Performance, Presence
from edge.simulator.render import Image, Renderer
from edge.simulator.solids import HEAD_PARTS, PARTS, Solids

HEADS_HEADER = ("t", "id", "x", "y", "z", "visible")
EVENTS_HEADER = ("t_start", "t_end", "kind", "person", "note")

CLEAR_M = 0.2
"""A line is passed when a body is this far beyond it: who turns back on it has not passed."""
SEEN = 0.3
"""A head counts as seen from this visible share on, the share from which heads are judged."""


@dataclass(frozen=True, slots=True)
class HeadTruth:
    """A head at one frame time, store frame."""

    t_ns: int
    person: int
    x_m: float
    y_m: float
    z_m: float
    visible: float

    def row(self) -> tuple[str, int, str, str, str, str]:
        """A row of ``heads.csv``."""
        place = (f"{self.x_m:.4f}", f"{self.y_m:.4f}", f"{self.z_m:.4f}")
        return decimal_seconds(self.t_ns), self.person, *place, f"{self.visible:.3f}"


@dataclass(frozen=True, slots=True)
class EventTruth:
    """Something that happened."""

    t_start_ns: int
    t_end_ns: int
    kind: str
    person: int | None
    note: str

    def row(self) -> tuple[str, str, str, str, str]:
        """A row of ``events.csv``."""
        who = "" if self.person is None else str(self.person)
        return decimal_seconds(self.t_start_ns), decimal_seconds(self.t_end_ns), self.kind, who, self.note


def visible_share(
    renderer: Renderer, image: Image, returns: NDArray[np.bool_], presence: Presence, solids: Solids
) -> float:
    """Pixels of a head that are seen, over those it would cover alone on a sensor without borders; 0 out of view.

    ``returns`` (height, width) says which pixels had a return: what is too far or too dark for the camera is not seen.
    """
    alone = renderer.area_px(solids.heads())
    if alone == 0:
        return 0.0
    labels = [presence.person * PARTS + part for part in HEAD_PARTS]
    seen = int((np.isin(image.label, labels) & returns).sum())
    return min(seen / alone, 1.0)


def head_truth(t_ns: int, presence: Presence, solids: Solids, visible: float) -> HeadTruth:
    """Centre of the skull, and top of hair and hat."""
    centre = presence.head_centre()
    top = float(solids.heads().support((0.0, 0.0, 1.0)).max())
    return HeadTruth(t_ns, presence.person, float(centre[0]), float(centre[1]), top, visible)


def crossings(performance: Performance, lines: Sequence[Line], start_ns: int, end_ns: int) -> list[EventTruth]:
    """Every passing of a line, at the moment when the body was over it; the note is ``in <line>`` or ``out <line>``."""
    found = [
        event
        for line in lines
        for person, _, motion in performance.people
        for event in _passings(motion, line, person, start_ns)
    ]
    return sorted((e for e in found if e.t_start_ns <= end_ns), key=lambda e: (e.t_start_ns, e.person or 0))


def _passings(motion: Motion, line: Line, person: int, start_ns: int) -> list[EventTruth]:
    a, b = np.array(line.from_), np.array(line.to)
    length = float(np.linalg.norm(b - a))
    along = (b - a) / length
    normal = np.array([-along[1], along[0]])
    if normal @ np.array(line.in_direction) < 0:
        normal = -normal
    path = np.stack([motion.x_m, motion.y_m], axis=1) - a
    side, reach = path @ normal, path @ along
    out: list[EventTruth] = []
    sure, over = 0, None
    for k in np.flatnonzero(motion.present):
        if k > 0 and motion.present[k - 1] and side[k - 1] * side[k] <= 0 and side[k] != side[k - 1]:
            f = side[k - 1] / (side[k - 1] - side[k])
            over = ((k - 1 + f) / STEP_HZ, reach[k - 1] * (1 - f) + reach[k] * f)
        now = int(np.sign(side[k])) if abs(side[k]) >= CLEAR_M else 0
        if now and sure and now != sure and over is not None and 0 <= over[1] <= length:
            t = start_ns + nanoseconds(float(over[0]))
            out.append(EventTruth(t, t, "cross", person, f"{'in' if now > 0 else 'out'} {line.id}"))
        sure = now or sure
    return out


def comings_and_goings(heads: Sequence[HeadTruth], first_ns: int, last_ns: int) -> list[EventTruth]:
    """``enter`` when a head first comes into view, ``exit`` when it was last seen.

    Who is there in the first frame did not enter, who is there in the last did not leave.
    """
    seen: dict[int, list[int]] = {}
    for head in heads:
        if head.visible >= SEEN:
            seen.setdefault(head.person, []).append(head.t_ns)
    out = []
    for person, times in seen.items():
        if times[0] > first_ns:
            out.append(EventTruth(times[0], times[0], "enter", person, "view"))
        if times[-1] < last_ns:
            out.append(EventTruth(times[-1], times[-1], "exit", person, "view"))
    return out
