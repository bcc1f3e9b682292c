"""What the app asks over HTTP: what the installer drew, and the alerts that a phone missed."""

from __future__ import annotations

import json
from collections.abc import Sequence

from edge.delivery.wire import VERSION, Topics
from edge.messages import CameraModel
from edge.settings import Shelf, StoreSettings, Zone
from edge.settings.watched import shelf_volume

MAX_SEQ = 2**53 - 1


def store(settings: StoreSettings, topics: Topics, cameras: Sequence[CameraModel], *, is_open: bool) -> bytes:
    """The body of ``GET /api/store``; ``delivery/schemas/store.json`` says what it holds."""
    body = {
        "v": VERSION,
        "name": settings.store.name,
        "timezone": settings.store.timezone,
        "site": topics.site,
        "device": topics.device,
        "topic": topics.prefix,
        "open": is_open,
        "bounds": _bounds(settings),
        "zones": [_zone(zone) for zone in settings.zone],
        "shelves": [_shelf(shelf) for shelf in settings.shelf],
        "lines": [
            {"id": line.id, "from": line.from_, "to": line.to, "in_direction": line.in_direction}
            for line in settings.line
        ],
        "cameras": [
            {
                "id": camera.id,
                "x": round(camera.pose.rows[0][3], 3),
                "y": round(camera.pose.rows[1][3], 3),
                "z": round(camera.pose.rows[2][3], 3),
                "yaw_deg": round(camera.pose.yaw_deg, 1),
            }
            for camera in cameras
            if camera.pose is not None
        ],
    }
    return json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _zone(zone: Zone) -> dict[str, object]:
    return {
        "id": zone.id,
        "kind": zone.kind.value,
        "polygon": zone.polygon,
        "objects": zone.objects,
        "surface_m": zone.surface_m,
    }


def _shelf(shelf: Shelf) -> dict[str, object]:
    levels = [round(board, 3) for board in shelf_volume(shelf).levels]
    return {"id": shelf.id, "min": shelf.min, "max": shelf.max, "facing": shelf.facing, "levels": levels}


def _bounds(settings: StoreSettings) -> tuple[float, float, float, float] | None:
    """The smallest box around all that is drawn: x0, y0, x1, y1, metres."""
    points = [point for zone in settings.zone for point in zone.polygon]
    points += [point for line in settings.line for point in (line.from_, line.to)]
    points += [corner[:2] for shelf in settings.shelf for corner in (shelf.min, shelf.max)]
    if not points:
        return None
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def query_number(text: str | None, default: int, low: int, high: int) -> int | None:
    """A whole number of a query string within its bounds, or ``None`` for anything else."""
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 16):
        return None
    return int(text) if low <= int(text) <= high else None
