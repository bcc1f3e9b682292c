"""A phone that does what the app does: merges alerts by id and ``seq``, and asks for what it missed after each
subscription; and that can be away, with and without a session that waits for it at the broker."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from enum import StrEnum

import httpx
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

TOPIC = "miseban/v1/store/box/alerts/+"
RETRY_S = 0.2
PAGE = 200


class Presence(StrEnum):
    """How a phone is."""

    ONLINE = "online"
    ASLEEP = "asleep"
    """Away without a goodbye; its session waits for it at the broker."""
    OFFLINE = "offline"
    """Away; nothing waits for it."""


class Book:
    """The app's AlertBook, which also counts what a person would see and hear."""

    def __init__(self) -> None:
        self.alerts: dict[str, dict] = {}
        self.shown: Counter[tuple[str, int]] = Counter()
        """How often each change became a picture."""
        self.rung: Counter[str] = Counter()
        self._loud: dict[str, tuple[int, int]] = {}
        self._lock = threading.Lock()

    def merge(self, incoming: list[dict]) -> int:
        """Take in alerts, however old or repeated they are; how many were news."""
        news = 0
        with self._lock:
            for alert in incoming:
                known = self.alerts.get(alert["alert_id"])
                if known is not None and alert["seq"] <= known["seq"]:
                    continue
                news += 1
                self.alerts[alert["alert_id"]] = alert
                self.shown[alert["alert_id"], alert["seq"]] += 1
                self._ring(alert)
        return news

    def _ring(self, alert: dict) -> None:
        loud = (("white", "yellow", "red").index(alert["level"]), alert["escalation"])
        if alert["state"] != "ended" and alert["hush"] is None and loud > self._loud.get(alert["alert_id"], (-1, -1)):
            self._loud[alert["alert_id"]] = loud
            self.rung[alert["alert_id"]] += 1


class AppPhone:
    """One phone, whose memory survives all that happens to its connection."""

    def __init__(self, name: str, port: int) -> None:
        self.book = Book()
        self.by_mqtt = self.by_sync = 0
        """News that came each way."""
        self.connects = 0
        self.name = name
        self._forgotten = True
        self._port = port
        self._cursor = 0
        self._client: paho.Client | None = None
        self._http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=5.0, trust_env=False)
        self._ask = threading.Event()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._catch_up, daemon=True)
        self._thread.start()

    def be(self, presence: Presence) -> None:
        """Connect, or go away."""
        if presence is Presence.ONLINE:
            if self._client is None:
                self._connect()
        elif self._client is not None:
            self._go(goodbye=presence is Presence.OFFLINE)

    def _connect(self) -> None:
        client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=self.name, clean_session=self._forgotten, transport="websockets",
            protocol=paho.MQTTv311,
        )  # fmt: skip
        client.ws_set_options(path="/mqtt")
        client.reconnect_delay_set(RETRY_S, RETRY_S)  # type: ignore[arg-type]  (waits as long as it is told)
        client.connect_timeout = 3.0
        client.on_connect = self._on_connect
        client.on_subscribe = lambda *_: self._ask.set()
        client.on_message = self._on_message
        client.connect_async("127.0.0.1", self._port, 10)
        client.loop_start()
        self._client = client

    def _on_connect(self, client, data, flags, reason, properties) -> None:
        if not reason.is_failure:
            self.connects += 1
            client.subscribe(TOPIC, qos=1)

    def _on_message(self, client, data, message) -> None:
        self.by_mqtt += self.book.merge([json.loads(message.payload)])

    def _go(self, *, goodbye: bool) -> None:
        client, self._client = self._client, None
        assert client is not None
        self._forgotten = goodbye
        if goodbye:
            client.disconnect()
        client.loop_stop()
        if (connection := client.socket()) is not None:
            connection.close()  # without a goodbye the radio is gone in mid-sentence

    def _catch_up(self) -> None:
        """What the app's AlertSync does."""
        while not self._end.is_set():
            if not self._ask.wait(0.5):
                continue
            self._ask.clear()
            try:
                while self._page():
                    pass
            except (httpx.HTTPError, ValueError):
                time.sleep(RETRY_S)
                self._ask.set()

    def _page(self) -> bool:
        answer = self._http.get("/api/alerts", params={"since": self._cursor, "limit": PAGE})
        answer.raise_for_status()
        told = answer.json()
        assert told["next"] >= self._cursor, "the journal began anew"
        self.by_sync += self.book.merge(told["alerts"])
        self._cursor = told["next"]
        return bool(told["alerts"])

    @property
    def cursor(self) -> int:
        """How far it has read the journal."""
        return self._cursor

    def ask_again(self) -> None:
        """As after a subscription."""
        self._ask.set()

    def close(self) -> None:
        """Switched off."""
        if self._client is not None:
            self._go(goodbye=True)
        self._end.set()
        self._thread.join(10)
        self._http.close()
