"""Messages as versioned JSON and back.

One function per topic; ``schemas/`` says what each payload holds, ``tests/wire/`` holds examples.  On the wire times
are UTC milliseconds and lengths metres.  What comes in is bounded before it is parsed and checked key by key.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from edge.delivery.alert_payload import (
    MAX_ACK_BYTES,
    MAX_BY_CHARS,
    StoredAlert,
    alert,
    alert_body,
    alert_page,
    ended_body,
    parse_ack,
    pictures,
    read_body,
    snooze_fields,
    snoozes,
)
from edge.delivery.payload import (
    MAX_TIME_MS,
    NS_PER_MS,
    VERSION,
    Json,
    WireError,
    dumped,
    litres,
    milliseconds,
    place_fields,
)
from edge.messages import (
    DayCounts,
    FlowCounts,
    Health,
    HeardEvent,
    Level,
    LevelFill,
    SceneEvent,
    ShopMap,
    Track,
)
from edge.messages.box import ChannelHealth

MAX_MAP_BYTES = 35_000
"""Columns of one map: Debian's mosquitto loses payloads above about 64 kB on their way to a browser."""

__all__ = [
    "MAX_ACK_BYTES",
    "MAX_BY_CHARS",
    "MAX_MAP_BYTES",
    "MAX_TIME_MS",
    "NS_PER_MS",
    "VERSION",
    "StoredAlert",
    "Topics",
    "WireError",
    "alert",
    "alert_body",
    "alert_page",
    "channels",
    "counts",
    "ended_body",
    "event",
    "health",
    "heartbeat",
    "parse_ack",
    "people",
    "pictures",
    "read_body",
    "shelves",
    "shop_map",
    "snooze_fields",
    "snoozes",
    "status",
]


@dataclass(frozen=True, slots=True)
class Topics:
    """The names of one box's topics."""

    site: str
    device: str

    @property
    def prefix(self) -> str:
        """Start of every topic, without a slash at the end."""
        return f"miseban/v1/{self.site}/{self.device}"

    def named(self, name: str) -> str:
        """The topic of one kind of message: ``people``, ``map``, ``status`` ..."""
        return f"{self.prefix}/{name}"

    def alert(self, alert_id: str) -> str:
        """Where an alert is told."""
        return f"{self.prefix}/alerts/{alert_id}"

    @property
    def acks(self) -> str:
        """Filter for every app's answers."""
        return f"{self.prefix}/acks/+"

    def acked_alert(self, topic: str) -> str:
        """The alert that an answer's topic names."""
        return topic.removeprefix(f"{self.prefix}/acks/")


def people(t_ns: int, inside: int, tracks: tuple[Track, ...], levels: Mapping[str, Level]) -> bytes:
    """Everybody in view, and how many are inside; ``levels`` is the highest open alert of each person named by one."""
    return dumped(
        {
            "v": VERSION,
            "t_ms": milliseconds(t_ns),
            "inside": inside,
            "people": [_person(track, levels.get(track.id)) for track in tracks[:500]],
        }
    )


def _person(track: Track, level: Level | None) -> Json:
    return {
        "id": track.id,
        "x": round(track.x_m, 3),
        "y": round(track.y_m, 3),
        "z": round(track.z_m, 3),
        "vx": round(track.vx_mps, 3),
        "vy": round(track.vy_mps, 3),
        "state": track.state.value,
        "level": None if level is None else level.value,
    }


def shop_map(t_ns: int, view: ShopMap) -> bytes:
    """The grid from above.

    Raises
    ------
    WireError
        If the map has more columns than one message may carry.
    """
    ny, nx = view.columns.shape
    if nx * ny > MAX_MAP_BYTES:
        raise WireError("map", f"{nx} x {ny} columns exceed {MAX_MAP_BYTES}", "Send a coarser map.")
    columns = base64.b64encode(view.columns.tobytes()).decode("ascii")
    return dumped(
        {
            "v": VERSION,
            "t_ms": milliseconds(t_ns),
            "cell_m": view.cell_m,
            "origin": [view.ix, view.iy],
            "size": [nx, ny],
            "columns": columns,
        }
    )


def counts(flow: FlowCounts, today: DayCounts, *, closed: bool) -> bytes:
    """People flow over one window, and over the day so far; ``closed`` when the window is over."""
    return dumped(
        {
            "v": VERSION,
            "t_start_ms": milliseconds(flow.t_start_ns),
            "t_end_ms": milliseconds(flow.t_end_ns),
            "closed": closed,
            "entered": flow.entered,
            "left": flow.left,
            "inside": flow.inside,
            "lines": _lines(flow),
            "today": {
                "since_ms": milliseconds(today.since_ns),
                "entered": today.entered,
                "left": today.left,
                "lines": _lines(today),
            },
        }
    )


def _lines(flow: FlowCounts | DayCounts) -> list[Json]:
    inward, outward = dict(flow.crossed_in), dict(flow.crossed_out)
    return [
        {"id": line, "in": inward.get(line, 0), "out": outward.get(line, 0)}
        for line in dict.fromkeys((*inward, *outward))
    ]


def event(happened: SceneEvent) -> bytes:
    """Something that happened."""
    return dumped(
        {
            "v": VERSION,
            "kind": happened.kind.value,
            "t_start_ms": milliseconds(happened.t_start_ns),
            "t_end_ms": milliseconds(happened.t_end_ns),
            "person": happened.person,
            "place": place_fields(happened.place),
            "confidence": round(happened.confidence, 3),
            "sensor": happened.sensor,
            "volume_l": litres(happened.volume_l),
            "direction": happened.direction,
            "count": happened.count,
            "item": happened.item,
            "size": None if happened.size_m is None else [round(extent, 3) for extent in happened.size_m],
            "picture": None if happened.picture is None else happened.picture.name,
            "sound": None if happened.heard is None else _sound(happened.heard),
        }
    )


def _sound(heard: HeardEvent) -> Json:
    return {
        "level_dbfs": round(heard.level_dbfs, 1),
        "level_db_spl": None if heard.level_db_spl is None else round(heard.level_db_spl, 1),
        "snr_db": None if heard.snr_db is None else round(heard.snr_db, 1),
        "name": heard.name,
    }


def shelves(t_ns: int, fills: Iterable[LevelFill]) -> bytes:
    """How full each level of each shelf is; null for a level below a known one that nothing is known of."""
    known: dict[str, dict[int, int]] = {}
    for fill in fills:
        shelf = fill.volume.removeprefix("shelf/")
        known.setdefault(shelf, {})[fill.level] = round(100 * min(max(fill.share, 0.0), 1.0))
    shelves = [
        {"id": shelf, "levels": [levels.get(level) for level in range(max(levels) + 1)]}
        for shelf, levels in sorted(known.items())
    ]
    return dumped({"v": VERSION, "t_ms": milliseconds(t_ns), "shelves": shelves})


def status(t_ns: int, *, online: bool) -> bytes:
    """Whether the box is there."""
    return dumped({"v": VERSION, "state": "online" if online else "offline", "t_ms": milliseconds(t_ns)})


def heartbeat(t_ns: int) -> bytes:
    """The box lives."""
    return dumped({"v": VERSION, "t_ms": milliseconds(t_ns)})


def health(report: Health) -> bytes:
    """How each part does."""
    return dumped(
        {
            "v": VERSION,
            "t_ms": milliseconds(report.t_ns),
            "broker": report.broker,
            "late": report.late,
            "sensors": [
                {
                    "id": sensor.id,
                    "kind": sensor.kind,
                    "state": sensor.state.value,
                    "fps": round(sensor.fps, 1),
                    "frame_age_ms": sensor.frame_age_ms,
                    "lag_ms": sensor.lag_ms,
                    "drops": sensor.drops,
                    "bad_frames": sensor.bad_frames,
                    "model": sensor.model,
                    "fault": sensor.fault and sensor.fault[:500],
                    "level_dbfs": None if sensor.level_dbfs is None else round(sensor.level_dbfs, 1),
                }
                for sensor in report.sensors
            ],
            "watched": [
                {
                    "shelf": watched.shelf,
                    "zone": watched.zone,
                    "seen": None if watched.seen is None else round(watched.seen, 2),
                    "fault": watched.fault and watched.fault[:500],
                }
                for watched in report.watched
            ],
            "channels": channels(report.channels),
        }
    )


def channels(known: Iterable[ChannelHealth]) -> list[Json]:
    """The ways by which people are told, and how each does."""
    return [
        {
            "id": channel.id,
            "kind": channel.kind,
            "levels": list(channel.levels),
            "step": channel.step,
            "state": channel.state,
            "fault": channel.fault and channel.fault[:500],
            "last_ms": None if channel.told_ns is None else milliseconds(channel.told_ns),
        }
        for channel in known
    ]
