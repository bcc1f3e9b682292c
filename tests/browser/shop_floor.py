"""A small convenience store as the box would tell it: drawn by an installer, seen from above, with people in it."""

from __future__ import annotations

import base64
import json
import math
from dataclasses import dataclass

import numpy as np

from edge.geometry import cell_of
from edge.messages import Alert, AlertState, DepthPair, EventKind, Level, Place, Reason
from edge.settings import StoreSettings

CELL_M = 0.2
WIDTH_M, DEPTH_M = 8.0, 6.0
MARGIN_CELLS = 2
FREE, OCCUPIED, MOVING = 1, 2, 0x80

STORE = StoreSettings.model_validate(
    {
        "store": {"name": "みせばん 本町店", "timezone": "Asia/Tokyo"},
        "zone": [
            {"id": "entrance", "kind": "entrance", "polygon": [(0, 0), (2.4, 0), (2.4, 1.2), (0, 1.2)]},
            {"id": "till", "kind": "checkout", "polygon": [(5.4, 0), (8, 0), (8, 1.8), (5.4, 1.8)]},
            {"id": "aisle", "kind": "aisle", "polygon": [(1.2, 1.8), (6.8, 1.8), (6.8, 5), (1.2, 5)]},
            {"id": "back", "kind": "staff_only", "polygon": [(6.8, 4.2), (8, 4.2), (8, 6), (6.8, 6)]},
        ],
        "shelf": [
            {"id": "A", "min": (1.4, 5.2, 0), "max": (6.4, 5.8, 2.0), "facing": (0, -1)},
            {"id": "B", "min": (2.2, 3.6, 0), "max": (5.8, 4.2, 1.4), "facing": (0, -1)},
            {"id": "C", "min": (2.2, 2.2, 0), "max": (5.8, 2.8, 1.4), "facing": (0, 1)},
        ],
        "line": [{"id": "door", "from": (0.4, 0.5), "to": (2.0, 0.5), "in_direction": (0, 1)}],
    }
)


@dataclass(frozen=True, slots=True)
class Walker:
    """One person of the example: where at a time, and whether an alert names them."""

    id: str
    centre: tuple[float, float]
    radius_m: float
    period_s: float
    level: str | None = None
    state: str = "seen"

    def at(self, t_s: float) -> dict[str, object]:
        """The person on the wire."""
        turn = 2 * math.pi / self.period_s
        angle = turn * t_s
        return {
            "id": self.id,
            "x": round(self.centre[0] + self.radius_m * math.cos(angle), 3),
            "y": round(self.centre[1] + 0.45 * self.radius_m * math.sin(angle), 3),
            "z": 1.65,
            "vx": round(-self.radius_m * turn * math.sin(angle), 3),
            "vy": round(0.45 * self.radius_m * turn * math.cos(angle), 3),
            "state": self.state,
            "level": self.level,
        }


WALKERS = (
    Walker("k3f9", (4.0, 3.2), 2.3, 26.0),
    Walker("m0ra", (6.3, 1.0), 0.02, 30.0),
    Walker("zz7c", (1.2, 1.4), 0.5, 9.0),
    Walker("q8wd", (3.2, 4.7), 1.2, 17.0, state="coasting"),
)


def people(t_ms: int, walkers: tuple[Walker, ...] = WALKERS) -> bytes:
    """Payload of topic ``people``."""
    now = [walker.at(t_ms / 1000) for walker in walkers]
    return json.dumps({"v": 1, "t_ms": t_ms, "inside": len(now), "people": now}).encode()


def floor_map(t_ms: int) -> bytes:
    """Payload of topic ``map``: walls, shelves, a counter, a corner that no camera sees."""
    nx, ny = round(WIDTH_M / CELL_M) + 2 * MARGIN_CELLS, round(DEPTH_M / CELL_M) + 2 * MARGIN_CELLS
    columns = bytearray(nx * ny)
    for iy in range(ny):
        for ix in range(nx):
            x, y = (ix - MARGIN_CELLS + 0.5) * CELL_M, (iy - MARGIN_CELLS + 0.5) * CELL_M
            columns[iy * nx + ix] = _column(x, y)
    body = {
        "v": 1,
        "t_ms": t_ms,
        "cell_m": CELL_M,
        "origin": [-MARGIN_CELLS, -MARGIN_CELLS],
        "size": [nx, ny],
        "columns": base64.b64encode(columns).decode(),
    }
    return json.dumps(body).encode()


def _column(x: float, y: float) -> int:
    if not (0 < x < WIDTH_M and 0 < y < DEPTH_M):
        in_wall = -0.2 < x < WIDTH_M + 0.2 and -0.2 < y < DEPTH_M + 0.2 and not (0.4 < x < 2.0 and y < 0)
        return OCCUPIED + 11 if in_wall else 0
    if x + (DEPTH_M - y) < 0.9:
        return 0
    for shelf in STORE.shelf:
        if shelf.min[0] < x < shelf.max[0] and shelf.min[1] < y < shelf.max[1]:
            return OCCUPIED + int(shelf.max[2] / CELL_M) - 1
    if 5.6 < x < 7.4 and 1.3 < y < 1.8:
        return OCCUPIED + 4
    if 0.1 < x < 0.7 and 2.2 < y < 3.4:
        return OCCUPIED + 2
    return FREE


def alert(alert_id: str, t_ns: int, level: Level, kind: EventKind, state: AlertState = AlertState.OPEN) -> Alert:
    """An alert as the rules would raise it."""
    place = Place(2.6, 3.1, 1.6, cell_of(2.6, 3.1, 1.6), zone="aisle")
    reasons = (
        Reason(EventKind.ENTER.value, t_ns - 8_000_000_000, place, 0.2, "came in"),
        Reason(kind.value, t_ns, place, 1.0, "as the rule says"),
    )
    return Alert(alert_id, t_ns, level, state, kind, place, "k3f9", 1 if kind is EventKind.INTRUSION else 9, reasons)


def depth_pair(name: str, taken: int) -> DepthPair:
    """Five packets on a board 1.4 m away; the first ``taken`` of them are gone afterwards."""
    noise = np.random.default_rng(7)
    before = np.tile(np.linspace(1380, 1520, 72), (48, 1))
    after = before.copy()
    for packet in range(5):
        spot = (slice(10, 40), slice(4 + 13 * packet, 14 + 13 * packet))
        before[spot] -= 190
        after[spot] -= 0 if packet < taken else 190
    noisy = [(patch + noise.normal(0, 4, patch.shape)).astype(np.uint16) for patch in (before, after)]
    for patch in noisy:
        patch[noise.random(patch.shape) < 0.02] = 0
    return DepthPair(name, *noisy)


def sweep(t_ns: int) -> Alert:
    """Seven goods from one shelf: two reasons with a picture, one of them no longer kept."""
    place = Place(2.6, 5.3, 0.7, cell_of(2.6, 5.3, 0.7), shelf="A", level=1)
    taken = EventKind.ITEM_TAKEN.value
    reasons = (
        Reason(taken, t_ns - 9_000_000_000, place, 0.3, "3 goods, 2.1 l", "packets3"),
        Reason(taken, t_ns - 4_000_000_000, place, 0.3, "2 goods, 1.4 l", "gone"),
        Reason(EventKind.SWEEP.value, t_ns, place, 0.7, "7 goods within 30 s."),
    )
    return Alert("a-sweep", t_ns, Level.YELLOW, AlertState.OPEN, EventKind.SWEEP, place, "k3f9", 7, reasons, 4.9)


def shelves(t_ms: int) -> bytes:
    """Payload of topic ``shelves``."""
    told = [("A", [72, 8, None, 100, 64]), ("B", [35, None, 20]), ("C", [90, 55, 47])]
    return json.dumps({"v": 1, "t_ms": t_ms, "shelves": [{"id": i, "levels": levels} for i, levels in told]}).encode()


UNWATCHED = (
    {"shelf": "A", "zone": None, "seen": 0.83, "fault": None},
    {
        "shelf": "C",
        "zone": None,
        "seen": 0.12,
        "fault": "only 12 % of it can be seen; move a camera, or what stands in front of it",
    },
    {
        "shelf": None,
        "zone": "back",
        "seen": 0.0,
        "fault": "lies outside every camera's view; turn a camera toward it, or measure it again",
    },
)
"""``watched`` of topic ``health``: one shelf that is, and two places that are not."""
