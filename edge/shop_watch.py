"""Whether the shop's volumes can be watched: as they are drawn, and as the cameras see them.  Pure arithmetic."""

from __future__ import annotations

from collections.abc import Iterable

from edge.messages import VolumeSight, WatchHealth
from edge.settings import StoreSettings, shelf_faults

LEAST_SHARE = 0.2
"""What is seen less than this cannot be watched."""
NOTHING_SHARE = 0.01


def watch_health(settings: StoreSettings, sights: Iterable[VolumeSight]) -> tuple[WatchHealth, ...]:
    """Every shelf and every zone with ``objects``, as drawn, with what hinders watching it.

    Parameters
    ----------
    sights
        How well each camera sees each volume; of several cameras the best view counts.
    """
    best: dict[str, VolumeSight] = {}
    for sight in sights:
        other = best.get(sight.volume, sight)
        best[sight.volume] = VolumeSight(
            sight.volume, max(sight.in_picture, other.in_picture), max(sight.seen, other.seen)
        )
    drawn = shelf_faults(settings.shelf)
    shelves = (_health(shelf.id, None, best.get(f"shelf/{shelf.id}"), drawn.get(shelf.id)) for shelf in settings.shelf)
    zones = (_health(None, zone.id, best.get(f"zone/{zone.id}"), None) for zone in settings.zone if zone.objects)
    return (*shelves, *zones)


def _health(shelf: str | None, zone: str | None, sight: VolumeSight | None, drawn: str | None) -> WatchHealth:
    if drawn is not None or sight is None:
        return WatchHealth(shelf, zone, None, drawn)
    return WatchHealth(shelf, zone, min(max(sight.seen, 0.0), 1.0), _hindrance(sight))


def _hindrance(sight: VolumeSight) -> str | None:
    """What to do follows the semicolon, as in all faults of what is watched."""
    if sight.in_picture < LEAST_SHARE:
        return "lies outside every camera's view; turn a camera toward it, or measure it again"
    if sight.seen < NOTHING_SHARE:
        return "stands inside or behind something solid; measure it again, or move what hides it"
    if sight.seen < LEAST_SHARE:
        return f"only {100 * sight.seen:.0f} % of it can be seen; move a camera, or what stands in front of it"
    return None
