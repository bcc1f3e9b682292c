"""Alerts, answers to them and snoozes as versioned JSON and back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

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
    read_place,
)
from edge.messages import Ack, AckAction, Alert, AlertState, EventKind, Hush, Level, Pin, Reason, Snooze

MAX_ACK_BYTES = 2048
MAX_BY_CHARS = 64

_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_ACK_KEYS = {"v", "ack_id", "alert_id", "action", "by", "at_ms"}
_NOT_TOLD_ONCE = {"volume_l": None, "sensor": None, "episodes": 1, "hush": None, "escalation": 0}


@dataclass(frozen=True, slots=True)
class StoredAlert:
    """A change of an alert as the journal holds it: ``body`` is its JSON, without ``seq``, ``ack`` and ``pin``."""

    seq: int
    alert_id: str
    body: str
    ack: Ack | None
    pin: Pin | None = None


def alert_body(alert: Alert, opened_ns: int) -> str:
    """An alert's JSON as the journal keeps it: without ``seq``, ``ack`` and ``pin``, which the journal adds."""
    return dumped(
        {
            "v": VERSION,
            "alert_id": alert.alert_id,
            "t_ms": milliseconds(alert.t_ns),
            "opened_ms": milliseconds(opened_ns),
            "ended_ms": milliseconds(alert.ended_ns or alert.t_ns) if alert.state is AlertState.ENDED else None,
            "level": alert.level.value,
            "state": alert.state.value,
            "kind": alert.kind.value,
            "count": alert.count,
            "volume_l": litres(alert.volume_l),
            "person": alert.person,
            "sensor": alert.sensor,
            "place": place_fields(alert.place),
            "episodes": alert.episodes,
            "hush": None if alert.hush is None else alert.hush.value,
            "escalation": alert.escalation,
            "reasons": [
                {
                    "kind": reason.kind,
                    "t_ms": milliseconds(reason.t_ns),
                    "weight": round(reason.weight, 3),
                    "text": reason.text[:500],
                    "place": place_fields(reason.place),
                    "picture": reason.picture,
                }
                for reason in alert.reasons[-64:]
            ],
        }
    ).decode()


def read_body(body: str) -> Alert:
    """An alert as it was recorded, with times to the millisecond."""
    fields: Json = {**_NOT_TOLD_ONCE, **json.loads(body)}
    ended_ms = fields["ended_ms"]
    return Alert(
        fields["alert_id"],
        fields["t_ms"] * NS_PER_MS,
        Level(fields["level"]),
        AlertState(fields["state"]),
        EventKind(fields["kind"]),
        read_place(fields["place"]),
        fields["person"],
        fields["count"],
        tuple(
            Reason(
                reason["kind"],
                reason["t_ms"] * NS_PER_MS,
                read_place(reason["place"]),
                reason["weight"],
                reason["text"],
                reason.get("picture"),
            )
            for reason in fields["reasons"]
        ),
        fields["volume_l"],
        fields["sensor"],
        fields["episodes"],
        None if fields["hush"] is None else Hush(fields["hush"]),
        fields["escalation"],
        None if ended_ms is None or ended_ms == fields["t_ms"] else ended_ms * NS_PER_MS,
    )


def ended_body(body: str, t_ns: int) -> str:
    """An open alert's body as it reads when it is ended at ``t_ns`` with nothing else changed."""
    fields: Json = json.loads(body)
    t_ms = max(milliseconds(t_ns), fields["t_ms"])
    return dumped({**fields, "t_ms": t_ms, "ended_ms": t_ms, "state": AlertState.ENDED.value}).decode()


def pictures(body: str) -> tuple[str, ...]:
    """Names of the pictures that an alert's body shows."""
    names = (reason.get("picture") for reason in json.loads(body)["reasons"])
    return tuple(name for name in names if name is not None)


def alert(stored: StoredAlert) -> bytes:
    """An alert as it stands."""
    return dumped(_alert(stored))


def alert_page(stored: tuple[StoredAlert, ...], since: int) -> bytes:
    """What a phone missed: the alerts that changed after ``since``, and the cursor to ask with next time."""
    last = stored[-1].seq if stored else since
    return dumped({"v": VERSION, "alerts": [_alert(one) for one in stored], "next": last})


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
        "at_ms": milliseconds(stored.ack.at_ns),
    }
    pin = stored.pin and {"reason": stored.pin.reason, "by": stored.pin.by, "at_ms": milliseconds(stored.pin.at_ns)}
    return {"v": body.pop("v"), "seq": stored.seq, **body, "ack": answer, "pin": pin}


def snoozes(standing: Iterable[Snooze]) -> bytes:
    """What rings nobody at the moment, and until when; the same over MQTT and HTTP."""
    return dumped({"v": VERSION, "snoozes": [snooze_fields(snooze) for snooze in standing]})


def snooze_fields(snooze: Snooze) -> dict[str, object]:
    """One snooze."""
    return {
        "id": snooze.snooze_id,
        "kind": None if snooze.kind is None else snooze.kind.value,
        "zone": snooze.zone,
        "sensor": snooze.sensor,
        "until_ms": milliseconds(snooze.until_ns),
        "by": snooze.by,
        "at_ms": milliseconds(snooze.at_ns),
    }


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
