"""A phone speaks MQTT over the WebSocket of the one origin, and cannot do more than the app may."""

import json
import os
import signal
import socket
import time
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect as websocket

from edge.clock import utc_ns
from edge.delivery import wire
from edge.messages import Alert, AlertState, EventKind, Level, Snooze
from tests.delivery.phone import Phone, wait_for
from tests.web.test_mqtt_packets import BOX, connect, publish, subscribe


def alert(alert_id):
    return Alert(alert_id, utc_ns(), Level.RED, AlertState.OPEN, EventKind.INTRUSION, None, None, 1)


def raw(box, **options):
    options.setdefault("origin", f"http://localhost:{box.port}")
    return websocket(f"ws://localhost:{box.port}/mqtt", subprotocols=["mqtt"], **options)


def test_an_alert_goes_to_a_phone_and_its_answer_comes_back(box):
    with Phone("localhost", box.port, websocket="/mqtt") as phone:
        box.journal.record(alert("a"))
        box.mqtt.alerts_changed()
        wait_for(lambda: phone.alert_ids() == {"a"})
        body = {"v": 1, "ack_id": "k1", "alert_id": "a", "action": "seen", "by": "staff", "at_ms": 1}
        phone.client.publish(f"{BOX}/acks/a", json.dumps(body), qos=1)
        wait_for(lambda: phone.on("alerts/a")[-1].json["ack"])
        assert phone.on("alerts/a")[-1].json["ack"]["by"] == "staff"


def test_a_large_map_arrives_whole(box):
    with Phone("localhost", box.port, websocket="/mqtt") as phone:
        box.mqtt.publish_retained("map", b"m" * 47_900)
        wait_for(lambda: phone.on("map"))
        assert phone.on("map")[0].payload == b"m" * 47_900


def test_a_phone_that_comes_later_hears_what_is_snoozed(box):
    asked = Snooze("s1", EventKind.BANG, None, "till", 2_000_000_000, "staff", 1_000_000_000)
    box.mqtt.publish_retained("snoozes", wire.snoozes(()))
    box.mqtt.publish_retained("snoozes", wire.snoozes((asked,)))
    with Phone("localhost", box.port, websocket="/mqtt", topics=f"{BOX}/snoozes") as phone:
        wait_for(lambda: phone.on("snoozes") and phone.on("snoozes")[-1].json["snoozes"])
        assert phone.on("snoozes")[-1].json["snoozes"][0]["until_ms"] == 2000
        assert phone.client.publish(f"{BOX}/snoozes", b"{}", qos=1)  # nobody silences by MQTT
        wait_for(lambda: not phone.client.is_connected())


def test_many_live_messages_arrive_in_order(box):
    with Phone("localhost", box.port, websocket="/mqtt") as phone:
        for i in range(50):
            box.mqtt.publish("events", b"%d" % i)
        wait_for(lambda: len(phone.on("events")) == 50)
        assert [int(h.payload) for h in phone.on("events")] == list(range(50))


@pytest.mark.parametrize(
    "bad", [publish(f"{BOX}/status"), subscribe("#"), connect(), b"\xff" * 50, b"x" * 20_000], ids=range(5)
)
def test_a_phone_that_does_more_than_the_app_may_is_cut_off(box, bad):
    with raw(box) as phone:
        phone.send(connect())
        assert phone.recv(timeout=5) == b"\x20\x02\x00\x00"
        phone.send(bad)
        with pytest.raises(ConnectionClosed):
            phone.recv(timeout=5)


def test_text_is_refused(box):
    with raw(box) as phone:
        phone.send("hello")
        with pytest.raises(ConnectionClosed) as closed:
            phone.recv(timeout=5)
    assert closed.value.rcvd.code == 1008


def test_mqtt_5_is_told_that_it_is_not_spoken(box):
    with raw(box) as phone:
        phone.send(connect(level=5))
        assert phone.recv(timeout=5) == b"\x20\x02\x00\x01"


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_pages_from_elsewhere_get_no_socket(box, origin):
    with pytest.raises(InvalidStatus) as refused:
        raw(box, origin=origin)
    assert refused.value.response.status_code == 403


def test_a_name_that_was_rebound_to_this_box_gets_no_socket(box):
    evil = f"evil.example:{box.port}"
    bound = socket.create_connection(("localhost", box.port))
    with pytest.raises(InvalidStatus) as refused:
        websocket(f"ws://{evil}/mqtt", subprotocols=["mqtt"], origin=f"http://{evil}", sock=bound)
    assert refused.value.response.status_code == 403


def test_the_subprotocol_must_be_mqtt(box):
    with pytest.raises(InvalidStatus):
        websocket(f"ws://localhost:{box.port}/mqtt")


def test_without_a_broker_the_phone_is_asked_to_try_again(box):
    box.broker.stop()
    with raw(box) as phone, pytest.raises(ConnectionClosed) as closed:
        phone.recv(timeout=6)
    assert closed.value.rcvd.code == 1013


def test_a_phone_is_cut_off_when_the_broker_goes_and_reconnects_when_it_is_back(box):
    if box.broker.kind != "mosquitto":
        pytest.skip("amqtt lives and dies with this process")
    with Phone("localhost", box.port, websocket="/mqtt") as phone:
        os.kill(int((Path(box.broker._folder) / "mosquitto.pid").read_text()), signal.SIGKILL)
        wait_for(lambda: box.broker.restarts == 1)

        def heard_again():
            box.mqtt.publish("events", b"back")
            time.sleep(0.1)
            return phone.on("events")

        wait_for(heard_again)
