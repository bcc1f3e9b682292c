"""What the installer draws: the shop, its hours, zones, shelves and counting lines."""

from __future__ import annotations

from datetime import datetime, time
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from edge.geometry import crosses_itself
from edge.settings.fields import ClockTime, Direction, Name, Point2, Point3, Section


class ZoneKind(StrEnum):
    """What a zone of the floor is for."""

    ENTRANCE = "entrance"
    EXIT = "exit"
    CHECKOUT = "checkout"
    AISLE = "aisle"
    STAFF_ONLY = "staff_only"


class Store(Section):
    """The shop itself."""

    name: Annotated[str, Field(min_length=1, max_length=100)] = "store"
    timezone: str = "Asia/Tokyo"

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError('a timezone is an IANA name such as "Asia/Tokyo"') from None
        return value


class Hours(Section):
    """Opening hours, local time.  ``close`` before ``open`` means past midnight."""

    open: ClockTime
    close: ClockTime

    def is_open(self, local: datetime) -> bool:
        """Whether the shop is open at a local date and time."""
        opens, closes, now = _minutes(self.open), _minutes(self.close), local.hour * 60 + local.minute
        if opens == closes:
            return True
        return opens <= now < closes if opens < closes else now >= opens or now < closes


def _minutes(clock_time: str) -> int:
    if clock_time == "24:00":
        return 24 * 60
    parsed = time.fromisoformat(clock_time)
    return parsed.hour * 60 + parsed.minute


class Zone(Section):
    """A polygon on the floor."""

    id: Name
    kind: ZoneKind
    polygon: Annotated[tuple[Point2, ...], Field(min_length=3, max_length=64)]
    objects: bool = False
    """Whether things that are left here, or taken away from here, matter."""
    surface_m: Annotated[float, Field(ge=-1.0, le=3.0)] = 0.0
    """Height of what they lie on: 0 the floor, else a table."""

    @field_validator("polygon")
    @classmethod
    def _has_area(cls, polygon: tuple[Point2, ...]) -> tuple[Point2, ...]:
        if polygon_area_m2(polygon) < 0.01:
            raise ValueError("the polygon covers less than 0.01 m²")
        if crosses_itself(polygon):
            raise ValueError("the polygon's sides cross each other; list its corners in order round it")
        return polygon


class Shelf(Section):
    """The box that holds goods."""

    id: Name
    min: Point3
    max: Point3
    facing: Direction
    levels: Annotated[tuple[Annotated[float, Field(ge=-1.0, le=20.0)], ...], Field(max_length=16)] = ()
    """Heights of the boards that goods stand on, metres; without them the box is parted into equal levels."""

    @field_validator("levels")
    @classmethod
    def _rising(cls, levels: tuple[float, ...]) -> tuple[float, ...]:
        if any(above - below < 0.05 for below, above in pairwise(levels)):
            raise ValueError("levels must rise, each at least 0.05 m over the one below")
        return levels


class Line(Section):
    """A counting line."""

    id: Name
    from_: Annotated[Point2, Field(alias="from")]
    to: Point2
    in_direction: Direction

    @model_validator(mode="after")
    def _can_be_crossed(self) -> Self:
        dx, dy = self.to[0] - self.from_[0], self.to[1] - self.from_[1]
        length = (dx * dx + dy * dy) ** 0.5
        if length < 0.1:
            raise ValueError("from and to are less than 0.1 m apart")
        if abs(dx * self.in_direction[1] - dy * self.in_direction[0]) / length < 0.1:
            raise ValueError("in_direction runs along the line; it must point across it")
        return self


def polygon_area_m2(polygon: tuple[Point2, ...]) -> float:
    """Area of a polygon, m² (shoelace formula)."""
    turned = polygon[1:] + polygon[:1]
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(polygon, turned, strict=True))) / 2


def inside_polygon(x_m: float, y_m: float, polygon: tuple[Point2, ...]) -> bool:
    """Whether a floor point lies in a polygon (even-odd rule)."""
    inside = False
    turned = polygon[1:] + polygon[:1]
    for (ax, ay), (bx, by) in zip(polygon, turned, strict=True):
        if (ay > y_m) != (by > y_m) and x_m < (bx - ax) * (y_m - ay) / (by - ay) + ax:
            inside = not inside
    return inside
