"""What the fields of a settings file may hold."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Coordinate = Annotated[float, Field(ge=-500.0, le=500.0, allow_inf_nan=False)]


Point2 = tuple[Coordinate, Coordinate]


Point3 = tuple[Coordinate, Coordinate, Annotated[float, Field(ge=-1.0, le=20.0, allow_inf_nan=False)]]


Name = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^/+#\x00-\x1f]+$")]


DurationS = Annotated[float, Field(ge=0.0, le=86_400.0, allow_inf_nan=False)]


class Section(BaseModel):
    """A table of a settings file."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, ser_json_inf_nan="constants")


def _unit_vector(value: Point2) -> Point2:
    length = (value[0] ** 2 + value[1] ** 2) ** 0.5
    if length < 1e-6:
        raise ValueError("a direction cannot be [0, 0]")
    return (value[0] / length, value[1] / length)


Direction = Annotated[Point2, AfterValidator(_unit_vector)]


def _clock_time(value: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d|24:00", value):
        raise ValueError('a time of day is written "HH:MM", 00:00 to 24:00')
    return value


ClockTime = Annotated[str, AfterValidator(_clock_time)]
