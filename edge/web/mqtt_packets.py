"""MQTT 3.1.1 as far as a gate between phones and the broker needs it.  Pure: bytes in, bytes out.

A phone never learns a password of the broker.  Its CONNECT is replaced by one of ours with the app's account, and each
packet after it is held against what the app may do: listen below the box's prefix, and answer alerts.  So the rights
hold with every broker, also one that gives only a single account.

Packet layout: OASIS MQTT 3.1.1, sections 2 and 3.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from edge.delivery.roles import Account
from edge.delivery.wire import MAX_ACK_BYTES, Topics, WireError, parse_ack
from edge.web.rights import ANYBODY, Right, User

MAX_PACKET_BYTES = MAX_ACK_BYTES + 512
"""The longest packet that a phone has reason to send: an answer and its topic."""
MAX_CLIENT_ID_CHARS = 64
UNACCEPTABLE_PROTOCOL = b"\x20\x02\x00\x01"
"""CONNACK with return code 1."""
_PROTOCOL_LEVEL = 4
_CLEAN_SESSION = 0x02


class PacketType(IntEnum):
    """Types of packets that a client may send."""

    CONNECT = 1
    PUBLISH = 3
    PUBACK = 4
    SUBSCRIBE = 8
    UNSUBSCRIBE = 10
    PINGREQ = 12
    DISCONNECT = 14


class ProtocolViolation(Exception):
    """A phone sent what no app of ours sends; it is disconnected."""


class Forbidden(ProtocolViolation):
    """What the person who has signed in may not do."""


class UnacceptableProtocol(ProtocolViolation):
    """Not MQTT 3.1.1."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One control packet: ``raw`` is all of it, ``body`` what follows the fixed header."""

    kind: int
    flags: int
    body: bytes
    raw: bytes


class PacketReader:
    """Cuts a stream of bytes into packets; no more than one packet is ever held."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> Iterator[Packet]:
        """Take bytes as they come; give each packet that is complete.

        Raises
        ------
        ProtocolViolation
            For a packet that is longer than an app ever sends.
        """
        self._buffer += data
        while (packet := self._next()) is not None:
            self._buffer = self._buffer[len(packet.raw) :]
            yield packet

    def _next(self) -> Packet | None:
        length, shift = 0, 0
        for index in range(1, 5):
            if len(self._buffer) <= index:
                return None
            byte = self._buffer[index]
            length |= (byte & 0x7F) << shift
            shift += 7
            if length > MAX_PACKET_BYTES:
                raise ProtocolViolation(f"a packet of {length} bytes or more")
            if not byte & 0x80:
                end = index + 1 + length
                if len(self._buffer) < end:
                    return None
                raw = self._buffer[:end]
                return Packet(raw[0] >> 4, raw[0] & 0x0F, raw[index + 1 :], raw)
        raise ProtocolViolation("a length of more than four bytes")


class Gate:
    """What a phone sends, as the broker may have it.

    Parameters
    ----------
    account
        Put into the CONNECT packet; ``None`` for a broker that asks for none.
    user
        Who the phone has signed in as: whether they may answer, and in whose name.
    """

    def __init__(self, topics: Topics, account: Account | None, user: User = ANYBODY) -> None:
        self._topics = topics
        self._account = account
        self._user = user
        self._connected = False

    def pass_on(self, packet: Packet) -> bytes:
        """The bytes to send to the broker.

        Raises
        ------
        ProtocolViolation
            For anything that the app has no right or reason to send.
        """
        if not self._connected:
            if packet.kind != PacketType.CONNECT:
                raise ProtocolViolation("the first packet is not CONNECT")
            self._connected = True
            return self._connect(packet)
        match packet.kind:
            case PacketType.PUBLISH:
                self._check_publish(packet)
            case PacketType.SUBSCRIBE | PacketType.UNSUBSCRIBE:
                self._check_filters(packet)
            case PacketType.PUBACK | PacketType.PINGREQ | PacketType.DISCONNECT:
                pass
            case _:
                raise ProtocolViolation(f"a packet of type {packet.kind}")
        return packet.raw

    def _connect(self, packet: Packet) -> bytes:
        fields = _Fields(packet.body)
        if fields.text() != "MQTT" or fields.byte() != _PROTOCOL_LEVEL:
            raise UnacceptableProtocol("not MQTT 3.1.1")
        # A will, a user name and a password, where there are any, are left out.
        clean = fields.byte() & _CLEAN_SESSION
        keep_alive = fields.two_bytes()
        client_id = fields.text()
        if len(client_id) > MAX_CLIENT_ID_CHARS or not client_id.isprintable():
            raise ProtocolViolation("an unusable client id")
        flags = clean
        # The prefix keeps a phone from taking over the session of the box, or that of somebody else's phone.
        payload = _text(f"app-{self._whose()}{client_id}" if client_id else "")
        if self._account is not None:
            flags |= 0xC0
            payload += _text(self._account.username) + _text(self._account.password)
        body = _text("MQTT") + bytes((_PROTOCOL_LEVEL, flags)) + keep_alive.to_bytes(2, "big") + payload
        return bytes((PacketType.CONNECT << 4,)) + _remaining_length(len(body)) + body

    def _check_publish(self, packet: Packet) -> None:
        retain, qos = packet.flags & 0x01, packet.flags >> 1 & 0x03
        fields = _Fields(packet.body)
        topic = fields.text()
        prefix = self._topics.acks.removesuffix("+")
        alert_id = topic.removeprefix(prefix)
        if retain or qos > 1 or not topic.startswith(prefix) or not alert_id or set(alert_id) & set("/+#\0"):
            raise ProtocolViolation("a message that is not an answer to an alert")
        if qos:
            fields.two_bytes()
        self._check_answer(alert_id, fields.rest())

    def _check_answer(self, alert_id: str, payload: bytes) -> None:
        if Right.ANSWER not in self._user.role.rights:
            raise Forbidden(f"an answer by a {self._user.role}")
        if self._user == ANYBODY:
            return
        try:
            ack = parse_ack(alert_id, payload)
        except WireError as error:
            raise ProtocolViolation(f"an answer that is none: {error.what}") from None
        if ack.by != self._user.name:
            raise Forbidden("an answer in another name")

    def _whose(self) -> str:
        """The same for all phones of one person, and for nobody else's."""
        return "" if self._user == ANYBODY else hashlib.sha256(self._user.name.encode()).hexdigest()[:12] + "-"

    def _check_filters(self, packet: Packet) -> None:
        if packet.flags != 0x02:
            raise ProtocolViolation("a subscription with wrong flags")
        fields = _Fields(packet.body)
        fields.two_bytes()
        while fields.left:
            if not fields.text().startswith(f"{self._topics.prefix}/"):
                raise ProtocolViolation("a subscription outside the box's topics")
            if packet.kind == PacketType.SUBSCRIBE:
                fields.byte()


class _Fields:
    """Reads the fields of a packet's body one after the other."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    @property
    def left(self) -> bool:
        return self._at < len(self._body)

    def byte(self) -> int:
        return self._take(1)[0]

    def two_bytes(self) -> int:
        return int.from_bytes(self._take(2), "big")

    def rest(self) -> bytes:
        return self._body[self._at :]

    def text(self) -> str:
        try:
            return self._take(self.two_bytes()).decode("utf-8")
        except UnicodeDecodeError:
            raise ProtocolViolation("text that is not UTF-8") from None

    def _take(self, count: int) -> bytes:
        taken = self._body[self._at : self._at + count]
        if len(taken) < count:
            raise ProtocolViolation("a packet that ends early")
        self._at += count
        return taken


def _text(value: str) -> bytes:
    encoded = value.encode()
    return len(encoded).to_bytes(2, "big") + encoded


def _remaining_length(length: int) -> bytes:
    encoded = bytearray()
    while True:
        length, digit = divmod(length, 128)
        encoded.append(digit | 0x80 if length else digit)
        if not length:
            return bytes(encoded)
