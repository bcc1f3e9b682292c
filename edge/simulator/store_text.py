"""What the installer drew, as the text of ``store.toml``."""

from __future__ import annotations

from collections.abc import Iterable

from edge.settings import StoreSettings


def store_text(store: StoreSettings) -> str:
    """TOML of the shop, its hours, zones, shelves, lines and crowd rule; the other settings keep their defaults."""
    lines = ["[store]", f'name = "{store.store.name}"', f'timezone = "{store.store.timezone}"']
    if store.hours is not None:
        lines += ["", "[hours]", f'open = "{store.hours.open}"', f'close = "{store.hours.close}"']
    for zone in store.zone:
        corners = ", ".join(_vector(corner) for corner in zone.polygon)
        lines += ["", "[[zone]]", f'id = "{zone.id}"', f'kind = "{zone.kind.value}"', f"polygon = [{corners}]"]
        if zone.objects:
            lines += ["objects = true", f"surface_m = {_number(zone.surface_m)}"]
    for shelf in store.shelf:
        lines += ["", "[[shelf]]", f'id = "{shelf.id}"', f"min = {_vector(shelf.min)}", f"max = {_vector(shelf.max)}"]
        lines += [f"facing = {_vector(shelf.facing)}"]
        if shelf.levels:
            lines += [f"levels = {_vector(shelf.levels)}"]
    for line in store.line:
        lines += ["", "[[line]]", f'id = "{line.id}"', f"from = {_vector(line.from_)}", f"to = {_vector(line.to)}"]
        lines += [f"in_direction = {_vector(line.in_direction)}"]
    if store.alerts.crowd.people != type(store.alerts.crowd)().people:
        crowd = store.alerts.crowd
        lines += ["", "[alerts.crowd]", f"people = {crowd.people}", f"red_people = {crowd.red_people}"]
        lines += [f"after_s = {crowd.after_s}", f"end_after_s = {crowd.end_after_s}"]
    return "\n".join(lines) + "\n"


def _vector(values: Iterable[float]) -> str:
    return "[" + ", ".join(_number(v) for v in values) + "]"


def _number(value: float) -> str:
    return f"{round(value, 4):g}" if round(value, 4) else "0.0"
