"""Messages as versioned JSON and back.

One function per topic; ``schemas/`` says what each payload holds, ``tests/wire/`` holds examples.  On the wire times
are UTC milliseconds and lengths metres.  What comes in is bounded before it is parsed and checked key by key.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from edge.errors import DeliveryError
from edge.messages import (
    Ack,
    AckAction,
    Alert,
    AlertState,
    DayCounts,
    FlowCounts,
    Health,
    HeardEvent,
    Level,
    LevelFill,
    Pin,
    Place,
    SceneEvent,
    ShopMap,
    Snooze,
    Track,
)
from edge.messages.box import ChannelHealth

VERSION = 1
NS_PER_MS = 1_000_000
MAX_ACK_BYTES = 2048
MAX_BY_CHARS = 64
MAX_TIME_MS = 2**53 - 1
"""The largest whole number that JavaScript holds exactly."""
MAX_MAP_BYTES = 35_000
"""Columns of one map: Debian's mosquitto loses payloads above about 64 kB on their way to a browser."""

_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_NOT_TOLD_ONCE = {"volume_l": None, "sensor": None, "episodes": 1, "hush": None, "escalation": 0}
_ACK_KEYS = {"v", "ack_id", "alert_id", "action", "by", "at_ms"}

Json = dict[str, Any]
"""A payload inside this module; nothing outside sees one."""


class WireError(DeliveryError):
    """A payload that does not say what its topic promises."""


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


@dataclass(frozen=True, slots=True)
class StoredAlert:
    """A change of an alert as the journal holds it: ``body`` is its JSON, without ``seq``, ``ack`` and ``pin``."""

    seq: int
    alert_id: str
    body: str
    ack: Ack | None
    pin: Pin | None = None


def people(t_ns: int, inside: int, tracks: tuple[Track, ...], levels: Mapping[str, Level]) -> bytes:
    """Everybody in view, and how many are inside; ``levels`` is the highest open alert of each person named by one."""
    return _dump(
        {
            "v": VERSION,
            "t_ms": _ms(t_ns),
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
    return _dump(
        {
            "v": VERSION,
            "t_ms": _ms(t_ns),
            "cell_m": view.cell_m,
            "origin": [view.ix, view.iy],
            "size": [nx, ny],
            "columns": columns,
        }
    )


def counts(flow: FlowCounts, today: DayCounts, *, closed: bool) -> bytes:
    """People flow over one window, and over the day so far; ``closed`` when the window is over."""
    return _dump(
        {
            "v": VERSION,
            "t_start_ms": _ms(flow.t_start_ns),
            "t_end_ms": _ms(flow.t_end_ns),
            "closed": closed,
            "entered": flow.entered,
            "left": flow.left,
            "inside": flow.inside,
            "lines": _lines(flow),
            "today": {
                "since_ms": _ms(today.since_ns),
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
    return _dump(
        {
            "v": VERSION,
            "kind": happened.kind.value,
            "t_start_ms": _ms(happened.t_start_ns),
            "t_end_ms": _ms(happened.t_end_ns),
            "person": happened.person,
            "place": _place(happened.place),
            "confidence": round(happened.confidence, 3),
            "sensor": happened.sensor,
            "volume_l": _litres(happened.volume_l),
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
    return _dump({"v": VERSION, "t_ms": _ms(t_ns), "shelves": shelves})


def snoozes(standing: Iterable[Snooze]) -> bytes:
    """What rings nobody at the moment, and until when; the same over MQTT and HTTP."""
    return _dump({"v": VERSION, "snoozes": [snooze_fields(snooze) for snooze in standing]})


def snooze_fields(snooze: Snooze) -> dict[str, object]:
    """One snooze."""
    return {
        "id": snooze.snooze_id,
        "kind": None if snooze.kind is None else snooze.kind.value,
        "zone": snooze.zone,
        "sensor": snooze.sensor,
        "until_ms": _ms(snooze.until_ns),
        "by": snooze.by,
        "at_ms": _ms(snooze.at_ns),
    }


def status(t_ns: int, *, online: bool) -> bytes:
    """Whether the box is there."""
    return _dump({"v": VERSION, "state": "online" if online else "offline", "t_ms": _ms(t_ns)})


def heartbeat(t_ns: int) -> bytes:
    """The box lives."""
    return _dump({"v": VERSION, "t_ms": _ms(t_ns)})


def health(report: Health) -> bytes:
    """How each part does."""
    return _dump(
        {
            "v": VERSION,
            "t_ms": _ms(report.t_ns),
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
            "last_ms": None if channel.told_ns is None else _ms(channel.told_ns),
        }
        for channel in known
    ]


def alert_body(alert: Alert, opened_ns: int) -> str:
    """An alert's JSON as the journal keeps it: without ``seq``, ``ack`` and ``pin``, which the journal adds."""
    return _dump(
        {
            "v": VERSION,
            "alert_id": alert.alert_id,
            "t_ms": _ms(alert.t_ns),
            "opened_ms": _ms(opened_ns),
            "ended_ms": _ms(alert.t_ns) if alert.state is AlertState.ENDED else None,
            "level": alert.level.value,
            "state": alert.state.value,
            "kind": alert.kind.value,
            "count": alert.count,
            "volume_l": _litres(alert.volume_l),
            "person": alert.person,
            "sensor": alert.sensor,
            "place": _place(alert.place),
            "episodes": alert.episodes,
            "hush": None if alert.hush is None else alert.hush.value,
            "escalation": alert.escalation,
            "reasons": [
                {
                    "kind": reason.kind,
                    "t_ms": _ms(reason.t_ns),
                    "weight": round(reason.weight, 3),
                    "text": reason.text[:500],
                    "place": _place(reason.place),
                    "picture": reason.picture,
                }
                for reason in alert.reasons[-64:]
            ],
        }
    ).decode()


def ended_body(body: str, t_ns: int) -> str:
    """An open alert's body as it reads when it is ended at ``t_ns`` with nothing else changed."""
    fields: Json = json.loads(body)
    t_ms = max(_ms(t_ns), fields["t_ms"])
    return _dump({**fields, "t_ms": t_ms, "ended_ms": t_ms, "state": AlertState.ENDED.value}).decode()


def pictures(body: str) -> tuple[str, ...]:
    """Names of the pictures that an alert's body shows."""
    names = (reason.get("picture") for reason in json.loads(body)["reasons"])
    return tuple(name for name in names if name is not None)


def alert(stored: StoredAlert) -> bytes:
    """An alert as it stands."""
    return _dump(_alert(stored))


def alert_page(stored: tuple[StoredAlert, ...], since: int) -> bytes:
    """What a phone missed: the alerts that changed after ``since``, and the cursor to ask with next time."""
    last = stored[-1].seq if stored else since
    return _dump({"v": VERSION, "alerts": [_alert(one) for one in stored], "next": last})


def _alert(stored: StoredAlert) -> Json:
    body: Json = json.loads(stored.body)
    # A change may have been recorded by an older version, which knew less.
    for key, value in _NOT_TOLD_ONCE.items():
        body.setdefault(key, value)
    for reason in body["reasons"]:
        reason.setdefault("picture", None)
    answer = stored.ack and {
        "ack_id": stored.ack.ack_id,
        "action": stored.ack.action.value,
        "by": stored.ack.by,
        "at_ms": _ms(stored.ack.at_ns),
    }
    pin = stored.pin and {"reason": stored.pin.reason, "by": stored.pin.by, "at_ms": _ms(stored.pin.at_ns)}
    return {"v": body.pop("v"), "seq": stored.seq, **body, "ack": answer, "pin": pin}


def parse_ack(alert_id: str, payload: bytes) -> Ack:
    """An app's answer to the alert that its topic names.

    Raises
    ------
    WireError
        For a payload that is too long, is not JSON, or does not fit ``schemas/ack.json``, or names another alert than
        its topic does.
    """
    if len(payload) > MAX_ACK_BYTES:
        raise _refused(f"{len(payload)} bytes exceed {MAX_ACK_BYTES}")
    try:
        fields = json.loads(payload.decode("utf-8"))
    except (ValueError, RecursionError):
        raise _refused("not JSON in UTF-8") from None
    if not isinstance(fields, dict) or set(fields) != _ACK_KEYS:
        raise _refused(f"not an object with exactly the keys {', '.join(sorted(_ACK_KEYS))}")
    if type(fields["v"]) is not int or fields["v"] != VERSION:
        raise _refused(f"v is not {VERSION}")
    if not all(isinstance(fields[key], str) and _ID.fullmatch(fields[key]) for key in ("ack_id", "alert_id")):
        raise _refused("ack_id and alert_id are 1 to 64 of A-Z a-z 0-9 _ . : -")
    if fields["alert_id"] != alert_id:
        raise _refused("alert_id is not the one of the topic")
    if fields["action"] not in tuple(AckAction):
        raise _refused(f"action is none of {', '.join(AckAction)}")
    by, at_ms = fields["by"], fields["at_ms"]
    if not isinstance(by, str) or not 1 <= len(by) <= MAX_BY_CHARS or not _storable(by):
        raise _refused(f"by is not 1 to {MAX_BY_CHARS} characters of text")
    if type(at_ms) is not int or not 0 <= at_ms <= MAX_TIME_MS:
        raise _refused("at_ms is not a whole number of milliseconds")
    return Ack(fields["ack_id"], alert_id, AckAction(fields["action"]), by, at_ms * NS_PER_MS)


def _storable(text: str) -> bool:
    """No control characters, and no lone surrogates (JSON can spell them, UTF-8 cannot)."""
    return not any(ord(c) < 0x20 or ord(c) == 0x7F or 0xD800 <= ord(c) <= 0xDFFF for c in text)


def _refused(what: str) -> WireError:
    return WireError("ack", what, "It was refused; see schemas/ack.json.")


def _place(place: Place | None) -> Json | None:
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


def _litres(volume_l: float | None) -> float | None:
    return None if volume_l is None else round(volume_l, 3)


def _ms(t_ns: int) -> int:
    return t_ns // NS_PER_MS


def _dump(payload: Json) -> bytes:
    return json.dumps(payload, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
