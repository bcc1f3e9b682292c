"""What all payloads share: their version, their units, their faults."""

from __future__ import annotations

import json
from typing import Any

from edge.errors import DeliveryError
from edge.geometry import Cell
from edge.messages import Place

VERSION = 1
NS_PER_MS = 1_000_000
MAX_TIME_MS = 2**53 - 1
"""The largest whole number that JavaScript holds exactly."""

Json = dict[str, Any]
"""A payload inside the modules that write and read them; nothing outside sees one."""


class WireError(DeliveryError):
    """A payload that does not say what its topic promises."""


def place_fields(place: Place | None) -> Json | None:
    """A place as the wire tells it."""
    if place is None:
        return None
    return {
        "x": round(place.x_m, 3),
        "y": round(place.y_m, 3),
        "z": round(place.z_m, 3),
        "cell": [place.cell.ix, place.cell.iy, place.cell.iz],
        "zone": place.zone,
        "shelf": place.shelf,
        "level": place.level,
        "line": place.line,
    }


def read_place(fields: Json | None) -> Place | None:
    """A place as the wire told it."""
    if fields is None:
        return None
    return Place(
        fields["x"],
        fields["y"],
        fields["z"],
        Cell(*fields["cell"]),
        fields["zone"],
        fields["shelf"],
        fields["level"],
        fields["line"],
    )


def litres(volume_l: float | None) -> float | None:
    """A volume as the wire tells it."""
    return None if volume_l is None else round(volume_l, 3)


def milliseconds(t_ns: int) -> int:
    """A time as the wire tells it."""
    return t_ns // NS_PER_MS


def dumped(payload: Json) -> bytes:
    """A payload's bytes."""
    return json.dumps(payload, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
