"""Fifty phones at once, in a process of their own: how soon each hears of each alert.

    python -m tests.chaos.crowd PORT SECONDS COOKIE...

Each phone comes with one of the cookies, by turns.  At its end it prints JSON: phones that were connected, alerts that
each heard, and the milliseconds from an alert's own time to when it was heard.
"""

from __future__ import annotations

import json
import sys
import threading
import time

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

PHONES = 50
WARM_S = 3.0
TOPIC = "miseban/v1/store/box/alerts/+"


class Listener:
    """A phone that only listens."""

    def __init__(self, port: int, cookie: str) -> None:
        self.subscribed = threading.Event()
        self.late_ms: list[tuple[float, float]] = []
        """When by the clock, and how late."""
        client = paho.Client(CallbackAPIVersion.VERSION2, transport="websockets", protocol=paho.MQTTv311)
        client.ws_set_options(path="/mqtt", headers={"Cookie": cookie} if cookie else None)
        client.on_connect = lambda *_: client.subscribe(TOPIC, qos=1)
        client.on_subscribe = lambda *_: self.subscribed.set()
        client.on_message = self._heard
        client.connect("127.0.0.1", port, 30)
        client.loop_start()
        self.client = client

    def _heard(self, client: object, data: object, message: paho.MQTTMessage) -> None:
        now_ms = time.time_ns() / 1e6
        alert = json.loads(message.payload)
        if alert["state"] == "open":
            self.late_ms.append((now_ms, now_ms - alert["t_ms"]))


def main() -> None:
    """Listen for a while."""
    port, seconds, cookies = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]
    phones = [Listener(port, cookies[number % len(cookies)]) for number in range(PHONES)]
    connected = sum(phone.subscribed.wait(20) for phone in phones)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    time.sleep(WARM_S)
    begin_ms = time.time_ns() / 1e6
    time.sleep(seconds)
    end_ms = time.time_ns() / 1e6
    heard = [[late for at, late in tuple(phone.late_ms) if begin_ms <= at < end_ms] for phone in phones]
    alive = sum(phone.client.is_connected() for phone in phones)
    for phone in phones:
        phone.client.disconnect()
    json.dump({"connected": min(connected, alive), "heard": heard}, sys.stdout)


if __name__ == "__main__":
    main()
