"""MQTT out and in: alerts from the journal until the broker has them, live data with the latest word, answers back.

One thread owns all MQTT state.  paho's callbacks run inside paho's own locks, so they only append to a deque and wake
that thread; taking a lock of ours there would deadlock.

What waits while there is no broker is bounded: of ``people``, ``map``, ``shelves``, ``health`` and
``status`` only the latest is
kept, events and counts in a long queue whose overflow is counted, and alerts in the journal, which is on disk.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import paho.mqtt.client as paho
import structlog
from paho.mqtt.enums import CallbackAPIVersion

from edge.clock import monotonic_ns, utc_ns
from edge.delivery import wire
from edge.delivery.broker import BrokerAddress
from edge.delivery.journal import Journal
from edge.delivery.wire import Topics
from edge.errors import DeliveryError

KEEPALIVE_S = 10
HEARTBEAT_NS = 2_000_000_000
MAX_IN_FLIGHT = 20
MAX_WAITING = 10_000
MAX_ANSWERS_WAITING = 1000
DOUBT_NS = 5_000_000_000
"""What a broker confirmed this long before it was lost may not have reached its disk."""
LAST_WORDS_NS = 1_000_000_000
"""How long an orderly end waits for alerts that are on their way; what is left goes out at the next start."""
JOURNAL_RETRY_NS = 1_000_000_000
RETAINED = frozenset({"status", "map", "counts", "shelves", "health", "snoozes"})
"""Topics of which a broker keeps the latest word for those who come later."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Connected:
    session_present: bool


@dataclass(frozen=True, slots=True)
class _Disconnected:
    reason: str


@dataclass(frozen=True, slots=True)
class _Confirmed:
    mid: int


@dataclass(frozen=True, slots=True)
class _Answer:
    mid: int
    qos: int
    topic: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class _Message:
    topic: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class MqttCounters:
    """What went out, came in, and was refused."""

    connected: bool
    connects: int
    alerts_confirmed: int
    live_replaced: int
    """``people`` and ``map`` that a newer one replaced before they could go out."""
    queue_dropped: int
    """Events and counts that did not fit the queue."""
    answers_stored: int
    answers_refused: int


class Mqtt:
    """The box's MQTT client.

    Parameters
    ----------
    address
        Asked for the broker again and again: it may be ``None`` at first, and change.
    """

    def __init__(self, topics: Topics, journal: Journal, address: Callable[[], BrokerAddress | None]) -> None:
        self._topics = topics
        self._journal = journal
        self._find_address = address
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._events: deque[_Connected | _Disconnected | _Confirmed | _Answer] = deque()
        self._lock = threading.Lock()  # guards the three below, never held while paho is called
        self._live: dict[str, bytes] = {}
        self._retained: dict[str, bytes] = {}
        self._queue: deque[_Message] = deque()
        self._alerts_waiting = True
        self._journal_retry_ns = 0
        self._client: paho.Client | None = None
        self._address: BrokerAddress | None = None
        self._connected = False
        self._alert_of_mid: dict[int, int] = {}
        self._other_mids: set[int] = set()
        self._retained_to_send: set[str] = set()
        self._last_seq = 0
        self._heartbeat_ns = 0
        self._connects = self._alerts_confirmed = self._live_replaced = self._queue_dropped = 0
        self._answers_stored = self._answers_refused = 0
        self._thread = threading.Thread(target=self._run, name="mqtt", daemon=True)

    def start(self) -> None:
        """Begin; returns at once, with or without a broker."""
        self._thread.start()

    def stop(self, timeout_s: float = 2.0) -> None:
        """Say that the box goes offline, give what is on its way a moment, and end."""
        self._stop.set()
        self._wake.set()
        self._thread.join(timeout_s)

    def counters(self) -> MqttCounters:
        """What went out, came in, and was refused."""
        return MqttCounters(
            self._connected,
            self._connects,
            self._alerts_confirmed,
            self._live_replaced,
            self._queue_dropped,
            self._answers_stored,
            self._answers_refused,
        )

    def alerts_changed(self) -> None:
        """The journal has something new."""
        self._alerts_waiting = True
        self._wake.set()

    def publish_live(self, name: str, payload: bytes) -> None:
        """Send as soon as the connection takes it (QoS 0); a newer one replaces it until then."""
        with self._lock:
            if name in self._live:
                self._live_replaced += 1
            self._live[name] = payload
        self._wake.set()

    def publish_retained(self, name: str, payload: bytes) -> None:
        """Send (QoS 1, retained), and again after each new connection; only the latest counts."""
        with self._lock:
            if name in self._retained_to_send:
                self._live_replaced += 1
            self._retained[name] = payload
            self._retained_to_send.add(name)
        self._wake.set()

    def publish(self, name: str, payload: bytes) -> None:
        """Send in order (QoS 1), waiting for the broker if need be."""
        with self._lock:
            if len(self._queue) >= MAX_WAITING:
                self._queue.popleft()
                self._queue_dropped += 1
            self._queue.append(_Message(name, payload))
        self._wake.set()

    # ---- below: the thread that owns all MQTT state

    def _run(self) -> None:
        while not self._stop.is_set():
            self._follow_address()
            self._handle_events()
            if self._connected:
                self._send()
            self._wake.wait(0.1)
            self._wake.clear()
        self._go_offline()

    def _follow_address(self) -> None:
        address = self._find_address()
        if address is None or address == self._address:
            return
        if self._client is not None:
            self._drop_client(self._client)
        self._address = address
        self._client = self._new_client(address)
        self._client.connect_async(address.host, address.port, KEEPALIVE_S)
        self._client.loop_start()

    def _new_client(self, address: BrokerAddress) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"miseban-{self._topics.site}-{self._topics.device}",
            clean_session=False,  # answers given while this box restarts wait at the broker
            protocol=paho.MQTTv311,
            manual_ack=True,  # an answer is confirmed when the journal has it
        )
        client.max_inflight_messages_set(MAX_IN_FLIGHT)
        client.reconnect_delay_set(1, 30)
        if address.box is not None:
            client.username_pw_set(address.box.username, address.box.password)
        if address.tls_ca is not None:
            client.tls_set(ca_certs=str(address.tls_ca))
        client.will_set(self._topics.named("status"), wire.status(utc_ns(), online=False), qos=1, retain=True)
        events, wake = self._events, self._wake

        def tell(what: _Connected | _Disconnected | _Confirmed | _Answer) -> None:
            events.append(what)
            wake.set()

        def on_connect(client: paho.Client, data: object, flags: paho.ConnectFlags, reason: object, _: object) -> None:
            failed = getattr(reason, "is_failure", False)
            tell(_Disconnected(f"refused: {reason}") if failed else _Connected(flags.session_present))

        client.on_connect = on_connect
        client.on_disconnect = lambda client, data, flags, reason, properties: tell(_Disconnected(str(reason)))
        client.on_publish = lambda client, data, mid, reason, properties: tell(_Confirmed(mid))
        client.on_message = lambda client, data, m: tell(_Answer(m.mid, m.qos, m.topic, bytes(m.payload)))
        return client

    def _handle_events(self) -> None:
        while self._events:
            match self._events.popleft():
                case _Connected():
                    self._on_connected()
                case _Disconnected(reason):
                    self._on_disconnected(reason)
                case _Confirmed(mid):
                    self._on_confirmed(mid)
                case _Answer() as answer:
                    self._on_answer(answer)

    def _on_connected(self) -> None:
        assert self._client is not None
        self._connected = True
        self._connects += 1
        log.info("connected to the broker", connects=self._connects)
        self._client.subscribe(self._topics.acks, qos=1)
        with self._lock:
            self._retained["status"] = wire.status(utc_ns(), online=True)
            self._retained_to_send = set(self._retained)
        self._heartbeat_ns = 0
        self._alerts_waiting = True

    def _on_disconnected(self, reason: str) -> None:
        was_connected, self._connected = self._connected, False
        if not was_connected:
            return
        log.warning("lost the broker", reason=reason)
        self._guarded(lambda: self._journal.doubt_sent(utc_ns() - DOUBT_NS))
        # paho itself repeats what it was given and not confirmed; all older changes must be looked at again.
        self._last_seq = 0
        self._alerts_waiting = True

    def _on_confirmed(self, mid: int) -> None:
        self._other_mids.discard(mid)
        seq = self._alert_of_mid.pop(mid, None)
        if seq is not None:
            self._alerts_confirmed += 1
            self._guarded(lambda: self._journal.mark_sent(seq, utc_ns()))
        self._alerts_waiting = True

    def _on_answer(self, answer: _Answer) -> None:
        assert self._client is not None
        try:
            ack = wire.parse_ack(self._topics.acked_alert(answer.topic), answer.payload)
            stored = self._journal.acknowledge(ack, utc_ns())
        except DeliveryError as error:
            self._answers_refused += 1
            if self._answers_refused == 1 or self._answers_refused % 100 == 0:
                log.warning("answer refused", error=str(error), refused=self._answers_refused)
        else:
            self._answers_stored += stored
            self._alerts_waiting = True
        self._client.ack(answer.mid, answer.qos)

    def _send(self) -> None:
        assert self._client is not None
        if self._alerts_waiting and monotonic_ns() >= self._journal_retry_ns:
            self._alerts_waiting = False
            self._guarded(self._send_alerts)
        now_ns = monotonic_ns()
        if now_ns - self._heartbeat_ns >= HEARTBEAT_NS:
            self._heartbeat_ns = now_ns
            self._client.publish(self._topics.named("heartbeat"), wire.heartbeat(utc_ns()), qos=0)
        if not self._client.want_write():
            with self._lock:
                live, self._live = self._live, {}
            for name, payload in live.items():
                self._client.publish(self._topics.named(name), payload, qos=0)
        while len(self._other_mids) < MAX_IN_FLIGHT and (message := self._next_message()) is not None:
            retain = message.topic in RETAINED
            info = self._client.publish(self._topics.named(message.topic), message.payload, qos=1, retain=retain)
            self._other_mids.add(info.mid)

    def _send_alerts(self) -> None:
        assert self._client is not None
        room = MAX_IN_FLIGHT - len(self._alert_of_mid)
        if room <= 0:
            return
        on_their_way = set(self._alert_of_mid.values())
        for stored in self._journal.unsent(room + len(on_their_way), self._last_seq):
            if stored.seq in on_their_way:
                continue
            info = self._client.publish(self._topics.alert(stored.alert_id), wire.alert(stored), qos=1)
            self._alert_of_mid[info.mid] = stored.seq
            self._last_seq = stored.seq

    def _next_message(self) -> _Message | None:
        with self._lock:
            if self._retained_to_send:
                # "status" first, so that nobody sees data of a box that is said to be offline.
                name = "status" if "status" in self._retained_to_send else next(iter(self._retained_to_send))
                self._retained_to_send.discard(name)
                return _Message(name, self._retained[name])
            return self._queue.popleft() if self._queue else None

    def _guarded(self, work: Callable[[], object]) -> None:
        """A journal that fails is tried again in a second; meanwhile the rest goes on."""
        try:
            work()
        except DeliveryError as error:
            log.error("journal failed", error=str(error))
            self._journal_retry_ns = monotonic_ns() + JOURNAL_RETRY_NS
            self._last_seq = 0
            self._alerts_waiting = True

    def _go_offline(self) -> None:
        if self._client is None:
            return
        give_up_ns = monotonic_ns() + LAST_WORDS_NS
        while self._connected and monotonic_ns() < give_up_ns and (self._alerts_waiting or self._alert_of_mid):
            self._send()
            self._wake.wait(0.02)
            self._wake.clear()
            self._handle_events()
        if self._connected:
            offline = wire.status(utc_ns(), online=False)
            self._client.publish(self._topics.named("status"), offline, qos=1, retain=True).wait_for_publish(1.0)
            self._handle_events()
        self._drop_client(self._client)

    def _drop_client(self, client: paho.Client) -> None:
        client.disconnect()
        client.loop_stop()
        self._events.clear()
        self._alert_of_mid.clear()
        self._other_mids.clear()
        self._last_seq = 0
        self._connected = False
