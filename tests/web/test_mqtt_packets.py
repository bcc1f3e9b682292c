"""What a phone sends is cut into packets, given the app's account, and held against the app's rights."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.delivery.roles import Account
from edge.delivery.wire import Topics
from edge.web.mqtt_packets import (
    MAX_PACKET_BYTES,
    Gate,
    PacketReader,
    ProtocolViolation,
    UnacceptableProtocol,
)

BOX = "miseban/v1/store/box"


def text(value):
    data = value if isinstance(value, bytes) else value.encode()
    return len(data).to_bytes(2, "big") + data


def packet(first, body):
    length, encoded = len(body), b""
    while True:
        length, digit = divmod(length, 128)
        encoded += bytes([digit | (0x80 if length else 0)])
        if not length:
            return bytes([first]) + encoded + body


def connect(client_id="phone", flags=0x02, level=4, name="MQTT", payload=b""):
    return packet(0x10, text(name) + bytes([level, flags]) + b"\x00\x1e" + text(client_id) + payload)


def publish(topic, payload=b"{}", first=0x32):
    return packet(first, text(topic) + b"\x00\x01" + payload)


def subscribe(*filters, first=0x82):
    return packet(first, b"\x00\x07" + b"".join(text(f) + b"\x01" for f in filters))


APP = Account("app", "secret")


def through(*packets, account=APP):
    gate = Gate(Topics("store", "box"), account)
    return [gate.pass_on(p) for p in PacketReader().feed(b"".join(packets))]


def test_connect_is_replaced_by_one_with_the_apps_account():
    assert through(connect()) == [
        packet(
            0x10,
            text("MQTT") + bytes([4, 0xC2]) + b"\x00\x1e" + text("app-phone") + text("app") + text("secret"),
        )
    ]


def test_will_and_own_account_of_a_phone_are_dropped():
    greedy = connect(flags=0xEC, payload=text(f"{BOX}/status") + text("forged") + text("root") + text("guess"))
    (sent,) = through(greedy)
    assert b"forged" not in sent
    assert b"guess" not in sent
    assert sent[9] == 0xC0


def test_a_broker_without_accounts_gets_none():
    (sent,) = through(connect(), account=None)
    assert sent[9] == 0x02
    assert sent.endswith(text("app-phone"))


def test_an_empty_client_id_stays_empty():
    (sent,) = through(connect(client_id=""), account=None)
    assert sent.endswith(text(""))


@pytest.mark.parametrize("bad", [connect(level=5), connect(level=3, name="MQIsdp")])
def test_other_protocols_are_named_as_such(bad):
    with pytest.raises(UnacceptableProtocol):
        through(bad)


def test_what_the_app_may_do_passes_unchanged():
    allowed = [
        subscribe(f"{BOX}/#"),
        subscribe(f"{BOX}/alerts/+", f"{BOX}/people"),
        publish(f"{BOX}/acks/a-1"),
        packet(0x40, b"\x00\x01"),
        packet(0xA2, b"\x00\x08" + text(f"{BOX}/people")),
        packet(0xC0, b""),
        packet(0xE0, b""),
    ]
    assert through(connect(), *allowed)[1:] == allowed


@pytest.mark.parametrize(
    "bad",
    [
        publish(f"{BOX}/alerts/a"),
        publish(f"{BOX}/status"),
        publish(f"{BOX}/acks/"),
        publish(f"{BOX}/acks/a/b"),
        publish(f"{BOX}/acks/+"),
        publish(f"{BOX}/acks/a", first=0x33),
        publish(f"{BOX}/acks/a", first=0x34),
        publish("$SYS/x"),
        publish(b"\xff\xfe"),
        subscribe("#"),
        subscribe("$SYS/#"),
        subscribe("$share/g/#"),
        subscribe(f"{BOX}/#", "miseban/v1/other/box/#"),
        subscribe(f"{BOX}box/#"),
        subscribe(f"{BOX}/#", first=0x80),
        packet(0x82, b"\x00\x07\x00\x05abc"),
        connect(),
        packet(0x50, b"\x00\x01"),
        packet(0x20, b"\x00\x00"),
        packet(0x00, b""),
        b"\x30\xff\xff\xff\xff\x01",
        b"\x30\xff\x7f",
    ],
)
def test_anything_else_is_a_violation(bad):
    with pytest.raises(ProtocolViolation):
        through(connect(), bad)


def test_the_first_packet_must_be_connect():
    with pytest.raises(ProtocolViolation, match="not CONNECT"):
        through(publish(f"{BOX}/acks/a"))


@pytest.mark.parametrize("client_id", ["x" * 65, "a\x00b", "a\nb"])
def test_unusable_client_ids_are_refused(client_id):
    with pytest.raises(ProtocolViolation, match="client id"):
        through(connect(client_id))


def test_packets_are_found_however_the_bytes_are_cut():
    stream = connect() + publish(f"{BOX}/acks/a", b"x" * 300) + subscribe(f"{BOX}/#")
    reader = PacketReader()
    pieces = [p.raw for byte in stream for p in reader.feed(bytes([byte]))]
    assert b"".join(pieces) == stream
    assert len(pieces) == 3


def test_a_packet_too_long_is_refused_by_its_header_alone():
    with pytest.raises(ProtocolViolation, match="bytes or more"):
        list(PacketReader().feed(packet(0x30, b"x" * (MAX_PACKET_BYTES + 1))[:4]))


@given(st.lists(st.binary(max_size=200), max_size=8))
def test_no_bytes_break_the_gate(chunks):
    gate, reader = Gate(Topics("store", "box"), Account("app", "secret")), PacketReader()
    try:
        for chunk in [connect(), *chunks]:
            for one in reader.feed(chunk):
                gate.pass_on(one)
    except ProtocolViolation:
        pass
