"""Home Assistant finds the box by itself: retained descriptions of its entities on the broker that both use.

Most entities read topics that the box tells anyway.  Only two are the channel's own, below ``home_assistant/``: how
many alerts of each level are open, retained, and each alert that rings, as an event.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from typing import Final

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from edge.delivery.broker import BrokerAddress
from edge.delivery.notices import AWAY, TEST, News, Notice
from edge.delivery.notify import Channel, ChannelFault
from edge.delivery.phrases import Phrases
from edge.delivery.wire import Topics
from edge.settings.channels import HomeAssistantChannel

WAIT_S: Final = 5.0
KEEPALIVE_S: Final = 15
MOST_OPEN: Final = 10_000


class HomeAssistant(Channel):
    """Tells the broker, with a connection of its own.

    Parameters
    ----------
    name
        The shop's.
    address
        Asked for the broker again and again: it may be ``None`` at first, and change.
    """

    def __init__(
        self,
        settings: HomeAssistantChannel,
        topics: Topics,
        name: str,
        phrases: Phrases,
        address: Callable[[], BrokerAddress | None],
    ) -> None:
        self._settings = settings
        self._topics = topics
        self._phrases = phrases
        self._find_address = address
        self._entities = entities(topics, name, settings)
        self._address: BrokerAddress | None = None
        self._client: paho.Client | None = None
        self._connected = threading.Event()
        self._heard: set[str] = set()
        self._came = threading.Condition()
        self._open: dict[str, str] = {}
        self._told: tuple[int, str] | None = None
        self._connects = 0
        self._where = f"home_assistant {settings.id!r}"

    def observe(self, news: News) -> None:
        """Which alerts are open."""
        notice = news.notice
        if notice.state == "ended" or notice.alert_id is None:
            self._open.pop(str(notice.alert_id), None)
        elif len(self._open) < MOST_OPEN:
            self._open[notice.alert_id] = notice.level.value

    def tend(self) -> None:
        """Keep the connection, and say what is open when that has changed."""
        client = self._follow()
        if client is None or not self._connected.is_set():
            return
        now = (self._connects, self._counts())
        if now != self._told:
            if self._told is None or self._told[0] != now[0]:
                for topic, body in self._entities.items():
                    client.publish(topic, body, qos=1, retain=True)
            client.publish(self._topics.named("home_assistant/open"), now[1], qos=1, retain=True)
            self._told = now

    def deliver(self, notice: Notice) -> str | None:
        """Tell it as an event, and wait until the broker has it; a test also waits until the broker gives it back."""
        if notice.kind == AWAY:
            return None
        client = self._follow()
        if client is None or not self._connected.wait(WAIT_S):
            raise ChannelFault(self._where, "there is no connection to the broker", "Check [broker] in device.toml.")
        self.tend()
        topic = self._topics.named("home_assistant/alert")
        with self._came:
            self._heard.clear()
        info = client.publish(topic, self._event(notice), qos=1)
        try:
            info.wait_for_publish(WAIT_S)
        except (RuntimeError, ValueError):
            pass  # it is not published; said below
        if not info.is_published():
            raise ChannelFault(self._where, "the broker does not take it", "Check the broker.")
        return self._given_back(client, topic) if notice.kind == TEST else "taken by the broker"

    def close(self) -> None:
        """Leave; what is retained stays, and its availability says that the box is offline."""
        if self._client is not None:
            self._client.disconnect()
            self._client.loop_stop()
            self._client = None

    def _given_back(self, client: paho.Client, topic: str) -> str:
        """A broker that forbids a topic takes what is sent to it and throws it away."""
        described = next(iter(self._entities))
        client.subscribe(described, qos=1)
        with self._came:
            self._came.wait_for(lambda: {topic, described} <= self._heard, WAIT_S)
            missing = {topic, described} - self._heard
        client.unsubscribe(described)
        if missing:
            what = f"the broker takes {min(missing)} and gives it to nobody"
            raise ChannelFault(self._where, what, "Let the box's account write and read it, in the broker's ACL.")
        return f"the broker gave it back, and {len(self._entities)} entities are described"

    def _event(self, notice: Notice) -> str:
        spot = notice.spot
        place = None if spot is None else {"zone": spot.zone, "shelf": spot.shelf, "level": spot.level}
        body = {
            "event_type": TEST if notice.kind == TEST else notice.level.value,
            "alert_id": notice.alert_id,
            "kind": notice.kind,
            "text": f"{self._phrases.title(notice)}: {self._phrases.text(notice)}",
            "place": place,
            "count": notice.count,
            "escalation": notice.escalation,
        }
        return json.dumps(body, ensure_ascii=False)

    def _counts(self) -> str:
        levels = list(self._open.values())
        return json.dumps({level: levels.count(level) for level in ("red", "yellow", "white")})

    def _follow(self) -> paho.Client | None:
        address = self._find_address()
        if address is not None and address != self._address:
            self.close()
            self._connected.clear()
            self._address, self._client = address, self._new_client(address)
            self._client.connect_async(address.host, address.port, KEEPALIVE_S)
            self._client.loop_start()
        return self._client

    def _new_client(self, address: BrokerAddress) -> paho.Client:
        name = f"miseban-{self._topics.site}-{self._topics.device}-{self._settings.id}"
        client = paho.Client(CallbackAPIVersion.VERSION2, client_id=name, protocol=paho.MQTTv311)
        client.reconnect_delay_set(1, 30)
        client.max_queued_messages_set(100)
        if address.box is not None:
            client.username_pw_set(address.box.username, address.box.password)
        if address.tls_ca is not None:
            client.tls_set(ca_certs=str(address.tls_ca))

        def on_connect(client: paho.Client, _: object, __: object, reason: object, ___: object) -> None:
            if not getattr(reason, "is_failure", False):
                client.subscribe(self._topics.named("home_assistant/alert"), qos=1)
                self._connects += 1
                self._connected.set()

        def on_message(_: paho.Client, __: object, message: paho.MQTTMessage) -> None:
            with self._came:
                self._heard.add(message.topic)
                self._came.notify_all()

        client.on_connect = on_connect
        client.on_disconnect = lambda *_: self._connected.clear()
        client.on_message = on_message
        return client


def entities(topics: Topics, name: str, settings: HomeAssistantChannel) -> Mapping[str, str]:
    """Description of each entity by the topic on which Home Assistant looks for it."""
    node = f"miseban_{topics.site}_{topics.device}".replace("-", "_")
    device = {"identifiers": [node], "name": name, "manufacturer": "Miseban", "model": "Miseban box"}
    status = topics.named("status")
    there = {
        "availability_topic": status,
        "availability_template": "{{ value_json.state }}",
        "payload_available": "online",
        "payload_not_available": "offline",
    }
    described: dict[tuple[str, str], dict[str, object]] = {
        ("event", "alert"): {
            "name": "Alert",
            "state_topic": topics.named("home_assistant/alert"),
            "event_types": [*settings.levels, TEST],
            "icon": "mdi:bell-alert",
            **there,
        },
        ("binary_sensor", "online"): {
            "name": "Online",
            "state_topic": status,
            "value_template": "{{ 'ON' if value_json.state == 'online' else 'OFF' }}",
            "device_class": "connectivity",
            "entity_category": "diagnostic",
        },
        ("sensor", "inside"): {
            "name": "People inside",
            "state_topic": topics.named("counts"),
            "value_template": "{{ value_json.inside }}",
            "state_class": "measurement",
            "icon": "mdi:account-multiple",
            **there,
        },
    }
    for level in settings.levels:
        described["binary_sensor", f"open_{level}"] = {
            "name": f"Open alerts, {level}",
            "state_topic": topics.named("home_assistant/open"),
            "value_template": f"{{{{ 'ON' if value_json.{level} > 0 else 'OFF' }}}}",
            "device_class": "problem",
            **there,
        }
    return {
        f"{settings.prefix}/{kind}/{node}/{key}/config": json.dumps(
            {**body, "unique_id": f"{node}_{key}", "object_id": f"{node}_{key}", "device": device}, ensure_ascii=False
        )
        for (kind, key), body in described.items()
    }
