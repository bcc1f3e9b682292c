"""A phone for tests: a plain MQTT client that collects what it is told."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion


def wait_for(condition, timeout_s=10.0):
    """Poll until something holds; the test fails where it never does."""
    give_up = time.monotonic() + timeout_s
    while time.monotonic() < give_up:
        if result := condition():
            return result
        time.sleep(0.005)
    raise AssertionError(f"not within {timeout_s} s")


@dataclass(frozen=True, slots=True)
class Heard:
    topic: str
    payload: bytes
    at_ns: int
    retained: bool

    @property
    def json(self):
        return json.loads(self.payload)


class Phone:
    """Connects, subscribes to everything of the box, and keeps every message."""

    def __init__(self, host, port, account=None, *, topics="miseban/v1/store/box/#", websocket=None, client_id=""):
        transport = "websockets" if websocket else "tcp"
        self.client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=client_id, clean_session=not client_id, transport=transport,
            protocol=paho.MQTTv311, reconnect_on_failure=True,
        )  # fmt: skip
        if websocket:
            self.client.ws_set_options(path=websocket)
        if account:
            self.client.username_pw_set(account.username, account.password)
        self.client.reconnect_delay_set(1, 1)
        self.heard: list[Heard] = []
        self.subscribed = threading.Event()
        self.refusal = None
        self.client.on_connect = self._on_connect
        self.client.on_subscribe = lambda *_: self.subscribed.set()
        self.client.on_message = lambda c, d, m: self.heard.append(
            Heard(m.topic, m.payload, time.time_ns(), bool(m.retain))
        )
        self.topics = topics
        self.client.connect_async(host, port, 10)
        self.client.loop_start()

    def _on_connect(self, client, data, flags, reason, properties):
        if reason.is_failure:
            self.refusal = str(reason)
        else:
            client.subscribe(self.topics, qos=1)

    def on(self, name):
        """Messages of one topic, by the part after the box's prefix."""
        return [h for h in tuple(self.heard) if h.topic.startswith(f"miseban/v1/store/box/{name}")]

    def alert_ids(self):
        return {h.json["alert_id"] for h in self.on("alerts/")}

    def ready(self):
        assert self.subscribed.wait(10), self.refusal
        return self

    def __enter__(self):
        return self.ready()

    def __exit__(self, *_):
        self.client.disconnect()
        self.client.loop_stop()
