"""What the installer drew (``store.toml``) and what is plugged in (``device.toml``): typed, bounded, frozen.

Unknown keys are refused.  All the faults of a file are found in one pass, and each names the file, the key, what was
found and what is allowed.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections import Counter
from datetime import datetime, time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from edge.clock import NS_PER_S, seconds
from edge.errors import SettingsError, SettingsErrors
from edge.geometry import crosses_itself

MAX_FILE_BYTES = 1_000_000

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

    @model_validator(mode="after")
    def _has_volume(self) -> Self:
        if any(high - low < 0.02 for low, high in zip(self.min, self.max, strict=True)):
            raise ValueError("max must exceed min by at least 0.02 m on every axis")
        return self


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


class EyeSettings(Section):
    """How a camera's frames are understood."""

    min_head_height_m: Annotated[float, Field(ge=0.3, le=1.5)] = 0.8
    """A head lower than this is not looked for (a child of 0.9 m has its head top there)."""
    max_head_height_m: Annotated[float, Field(ge=1.5, le=3.0)] = 2.3
    max_range_m: Annotated[float, Field(ge=1.0, le=20.0)] = 9.0
    static_absorb_s: Annotated[float, Field(ge=10.0, le=86_400.0)] = 120.0
    """A thing that is not a person and stands still becomes background after this long."""
    person_absorb_s: Annotated[float, Field(ge=120.0, le=86_400.0)] = 1800.0
    """The same for what looks like a person."""
    map_interval_s: Annotated[float, Field(ge=0.05, le=60.0)] = 0.5


class SceneSettings(Section):
    """How observations become people."""

    lateness_s: Annotated[float, Field(ge=0.0, le=5.0)] = 0.25
    """How long the merge waits for a slower sensor."""
    confirm_s: Annotated[float, Field(ge=0.0, le=5.0)] = 0.3
    """A head seen this long is a person."""
    coast_s: Annotated[float, Field(ge=0.1, le=30.0)] = 2.0
    """A person unseen for longer has left, or is a new one when seen again."""
    gate_m: Annotated[float, Field(ge=0.1, le=3.0)] = 0.6
    counts_window_s: Annotated[float, Field(ge=1.0, le=86_400.0)] = 60.0
    dwell_s: DurationS = 5.0
    """A stay in a zone shorter than this is not a dwell."""


class IntrusionRule(Section):
    """A person while the shop is closed."""

    enabled: bool = True
    after_s: DurationS = 1.0
    level: Literal["white", "yellow", "red"] = "red"
    end_after_s: DurationS = 30.0


class CrowdRule(Section):
    """Too many people at once."""

    enabled: bool = True
    people: Annotated[int, Field(ge=2, le=1000)] = 8
    """People in one zone (or in view, where no zone is drawn) that make a crowd: yellow."""
    red_people: Annotated[int, Field(ge=2, le=1000)] = 15
    after_s: DurationS = 10.0
    end_after_s: DurationS = 10.0

    @model_validator(mode="after")
    def _red_is_more(self) -> Self:
        if self.red_people < self.people:
            raise ValueError(f"red_people {self.red_people} must not be below people {self.people}")
        return self


class AlertSettings(Section):
    """What the staff are told."""

    intrusion: IntrusionRule = IntrusionRule()
    crowd: CrowdRule = CrowdRule()


class StoreSettings(Section):
    """``store.toml``."""

    store: Store = Store()
    hours: Hours | None = None
    zone: Annotated[tuple[Zone, ...], Field(max_length=256)] = ()
    shelf: Annotated[tuple[Shelf, ...], Field(max_length=256)] = ()
    line: Annotated[tuple[Line, ...], Field(max_length=64)] = ()
    eye: EyeSettings = EyeSettings()
    scene: SceneSettings = SceneSettings()
    alerts: AlertSettings = AlertSettings()

    @model_validator(mode="after")
    def _unique_ids(self) -> Self:
        for what, things in (("zone", self.zone), ("shelf", self.shelf), ("line", self.line)):
            for twice in _repeated([thing.id for thing in things]):
                raise ValueError(_repeated_message(what, twice))
        return self

    def local_time(self, t_ns: int) -> datetime:
        """The shop's wall clock at a UTC time."""
        return datetime.fromtimestamp(seconds(t_ns), tz=ZoneInfo(self.store.timezone))

    def day_start_ns(self, t_ns: int) -> int:
        """The midnight that began the shop's day, UTC."""
        midnight = self.local_time(t_ns - t_ns % NS_PER_S).replace(hour=0, minute=0, second=0, microsecond=0)
        return int(midnight.timestamp()) * NS_PER_S

    def is_open(self, t_ns: int) -> bool:
        """Whether the shop is open; always, when no hours are given."""
        return self.hours is None or self.hours.is_open(self.local_time(t_ns))

    def digest(self) -> str:
        """A short hash of every setting, stored with results."""
        text = json.dumps(self.model_dump(mode="json", by_alias=True), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


class SessionSource(Section):
    """A camera that is really a recorded session, played as if live."""

    path: Path
    loop: bool = True
    speed: Annotated[float, Field(gt=0.0, le=100.0)] = 1.0


class BrokerSettings(Section):
    """The MQTT broker.  Without a host, one is started here: mosquitto when installed, else amqtt in this process."""

    host: Annotated[str, Field(min_length=1, max_length=253)] | None = None
    port: Annotated[int, Field(ge=1, le=65_535)] = 1883
    username: Annotated[str, Field(max_length=128)] | None = None
    password_file: Path | None = None
    tls_ca: Path | None = None


class WebSettings(Section):
    """The one origin that phones open."""

    host: Annotated[str, Field(min_length=1, max_length=253)] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8480
    names: Annotated[tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]{1,253}$")], ...], Field(max_length=16)] = ()
    """Host names under which phones reach the page, besides localhost and plain addresses.  Any other is refused."""


class DeviceSettings(Section):
    """``device.toml``."""

    site: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")] = "store"
    device: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")] = "box"
    data_dir: Path = Path("var")
    session: Annotated[tuple[SessionSource, ...], Field(max_length=16)] = ()
    broker: BrokerSettings = BrokerSettings()
    web: WebSettings = WebSettings()

    def beside(self, folder: Path) -> Self:
        """The same with every path that is written in it taken as relative to a folder."""
        broker = self.broker
        files = {
            key: folder / path for key in ("password_file", "tls_ca") if (path := getattr(broker, key)) is not None
        }
        sessions = tuple(source.model_copy(update={"path": folder / source.path}) for source in self.session)
        changes: dict[str, object] = {"broker": broker.model_copy(update=files), "session": sessions}
        if "data_dir" in self.model_fields_set:
            changes["data_dir"] = folder / self.data_dir
        return self.model_copy(update=changes)


S = TypeVar("S", bound=Section)


def load_store(path: Path) -> StoreSettings:
    """Read ``store.toml``.

    Raises
    ------
    SettingsErrors
        With every fault of the file.
    """
    table = _parse(path)
    return _validated(path, table, StoreSettings, _repeated_ids(path, table))


def load_device(path: Path) -> DeviceSettings:
    """Read ``device.toml``.  Paths in it are relative to its own folder.

    Raises
    ------
    SettingsErrors
        With every fault of the file.
    """
    device = _validated(path, _parse(path), DeviceSettings)
    return device.beside(path.parent)


def load_settings(device: Path, store: Path | None) -> tuple[DeviceSettings, StoreSettings | None]:
    """Read both files.

    Raises
    ------
    SettingsErrors
        With every fault of both.
    """
    faults: list[SettingsError] = []
    plugged, drawn = DeviceSettings(), None
    try:
        plugged = load_device(device)
    except SettingsErrors as errors:
        faults.extend(errors.faults)
    try:
        drawn = None if store is None else load_store(store)
    except SettingsErrors as errors:
        faults.extend(errors.faults)
    if faults:
        raise SettingsErrors(tuple(faults))
    return plugged, drawn


def _validated(path: Path, table: dict[str, Any], model: type[S], faults: tuple[SettingsError, ...] = ()) -> S:
    """The settings in a table; ``faults`` are those that were found in it already."""
    try:
        settings = model.model_validate(table)
    except ValidationError as error:
        found = tuple(_fault(path, item) for item in error.errors() if not (faults and item["loc"] == ()))
        raise SettingsErrors(found + faults) from None
    if faults:
        raise SettingsErrors(faults)
    return settings


def _parse(path: Path) -> dict[str, Any]:
    try:
        if path.exists() and not path.is_file():
            raise SettingsErrors((SettingsError(str(path), "is not a file", "Name the file itself."),))
        if path.stat().st_size > MAX_FILE_BYTES:
            raise SettingsErrors(
                (SettingsError(str(path), f"larger than {MAX_FILE_BYTES} bytes", "Is it the right file?"),)
            )
        return tomllib.loads(path.read_bytes().decode("utf-8"))
    except OSError as error:
        fault = SettingsError(str(path), f"cannot be read ({error.strerror})", "Check the path and its permissions.")
    except UnicodeDecodeError as error:
        fault = SettingsError(str(path), f"is not UTF-8 text (byte {error.start})", "Save it as UTF-8.")
    except RecursionError:
        fault = SettingsError(str(path), "is nested too deeply", "Is it the right file?")
    except ValueError as error:  # TOMLDecodeError, and what int() says of thousands of digits
        fault = SettingsError(str(path), f"is not valid TOML: {error}", "Mend the line it names.")
    raise SettingsErrors((fault,))


def _repeated_ids(path: Path, table: dict[str, Any]) -> tuple[SettingsError, ...]:
    """Ids that are used twice, found even where other faults keep the table from being understood."""
    faults: list[SettingsError] = []
    for what in ("zone", "shelf", "line"):
        entries = table.get(what)
        ids = [entry.get("id") for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
        names = [name for name in ids if isinstance(name, str)]
        faults += [
            SettingsError(f"{path} {what}", _repeated_message(what, twice), "Give each its own id.")
            for twice in _repeated(names)
        ]
    return tuple(faults)


def _repeated(ids: list[str]) -> list[str]:
    return sorted(name for name, count in Counter(ids).items() if count > 1)


def _repeated_message(what: str, name: str) -> str:
    return f"{what} id {name!r} is used twice; ids must differ"


def _fault(path: Path, item: Any) -> SettingsError:
    """One pydantic error as a fault that names the key as it stands in the file."""
    key = ""
    for part in item["loc"]:
        key += f"[{part}]" if isinstance(part, int) else f".{part}" if key else str(part)
    found = item["input"]
    if item["type"] == "extra_forbidden":
        return SettingsError(f"{path} {key}", "unknown key", "Remove it, or check its spelling.")
    if item["type"] == "missing":
        return SettingsError(f"{path} {key}", "missing", "Add it.")
    shown = "" if isinstance(found, dict) else f"found {str(found)[:80]!r}; "
    message = item["msg"].removeprefix("Value error, ")
    return SettingsError(
        f"{path} {key}".rstrip(), f"{shown}{message[0].lower()}{message[1:]}", "Change it to an allowed value."
    )


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
