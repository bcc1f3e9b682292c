"""A broker is there, on loopback only, with two accounts; when it dies it comes back."""

import os
import signal
import socket
import stat
import time
from pathlib import Path

import pytest

from edge.delivery.broker import AMQTT, EXTERNAL, MOSQUITTO, Broker, free_port
from edge.delivery.roles import Account
from edge.errors import DeliveryError
from edge.settings import BrokerSettings
from tests.delivery.conftest import TOPICS, needs_mosquitto
from tests.delivery.phone import Phone, wait_for

BOX = "miseban/v1/store/box"


def test_both_accounts_connect_and_nobody_else(broker):
    address = broker.address()
    for account in (address.box, address.app):
        with Phone(address.host, address.port, account):
            pass
    for wrong in (None, Account("app", "guess"), Account("root", address.app.password)):
        phone = Phone(address.host, address.port, wrong)
        wait_for(lambda: phone.refusal is not None)  # noqa: B023  (waits here and now)
        phone.client.disconnect()
        phone.client.loop_stop()


def test_the_app_reads_and_answers_but_cannot_speak_for_the_box(broker):
    address = broker.address()
    box_phone = Phone(address.host, address.port, address.box)
    with box_phone as box, Phone(address.host, address.port, address.app) as app:
        app.client.publish(f"{BOX}/alerts/forged", b"{}", qos=1)
        app.client.publish(f"{BOX}/status", b"{}", qos=1)
        app.client.publish("elsewhere", b"{}", qos=1)
        app.client.publish(f"{BOX}/acks/a", b"answer", qos=1)
        wait_for(lambda: box.on("acks/a"))
        box.client.publish(f"{BOX}/people", b"seen", qos=0)
        wait_for(lambda: app.on("people"))
        assert {h.topic for h in box.heard} == {f"{BOX}/acks/a", f"{BOX}/people"}


@needs_mosquitto
@pytest.mark.broker
def test_files_of_mosquitto_are_private_and_passwords_are_hashed(mosquitto, tmp_path):
    folder = tmp_path / "broker"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for name in ("mosquitto.conf", "passwords", "acl"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600, name
    address = mosquitto.address()
    written = "".join((folder / name).read_text() for name in ("mosquitto.conf", "passwords", "acl", "mosquitto.log"))
    assert address.box.password not in written
    assert address.app.password not in written
    assert address.box.password not in repr(address)


@needs_mosquitto
@pytest.mark.broker
def test_mosquitto_that_is_killed_comes_back_with_what_it_held(mosquitto, tmp_path):
    address = mosquitto.address()
    with Phone(address.host, address.port, address.app, client_id="app-sleeper"):
        pass
    with Phone(address.host, address.port, address.box) as box:
        box.client.publish(f"{BOX}/alerts/a", b'{"alert_id":"a"}', qos=1).wait_for_publish(5)
        time.sleep(1.3)  # its autosave
        os.kill(int((tmp_path / "broker/mosquitto.pid").read_text()), signal.SIGKILL)
        wait_for(lambda: mosquitto.restarts == 1)
        with Phone(address.host, address.port, address.app, client_id="app-sleeper") as sleeper:
            wait_for(lambda: sleeper.alert_ids() == {"a"})
    assert mosquitto.address() == address


@needs_mosquitto
@pytest.mark.broker
def test_a_child_left_by_a_killed_daemon_is_ended_first(mosquitto, tmp_path):
    orphan = int((tmp_path / "broker/mosquitto.pid").read_text())
    second = Broker(BrokerSettings(), TOPICS, tmp_path / "broker")
    mosquitto._stop.set()  # a killed daemon restarts nothing
    second.start()
    wait_for(second.address)
    assert not Path(f"/proc/{orphan}").exists() or Path(f"/proc/{orphan}/cmdline").read_bytes() == b""
    second.stop()


def test_nothing_listens_after_the_end(broker):
    address = broker.address()
    broker.stop()
    with socket.socket() as probe:
        assert probe.connect_ex((address.host, address.port)) != 0


def test_a_mosquitto_that_does_not_work_is_replaced_by_amqtt(tmp_path):
    broken = tmp_path / "mosquitto"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    running = Broker(BrokerSettings(), TOPICS, tmp_path / "broker", str(broken))
    running.start()
    assert wait_for(running.address, 20).kind == AMQTT
    running.stop()


def test_an_external_broker_is_used_as_configured(tmp_path):
    (tmp_path / "password").write_text("secret\n")
    settings = BrokerSettings(host="10.0.0.5", port=8883, username="box", password_file=tmp_path / "password")
    external = Broker(settings, TOPICS, tmp_path / "broker")
    external.start()
    address = external.address()
    assert (address.kind, address.host, address.port) == (EXTERNAL, "10.0.0.5", 8883)
    assert address.box == Account("box", "secret")
    assert not (tmp_path / "broker").exists()
    missing = BrokerSettings(host="10.0.0.5", username="box", password_file=tmp_path / "no")
    with pytest.raises(DeliveryError, match="password_file"):
        Broker(missing, TOPICS, tmp_path / "broker")
    for certificate in (tmp_path / "no", tmp_path / "password"):
        with pytest.raises(DeliveryError, match="tls_ca"):
            Broker(BrokerSettings(host="10.0.0.5", tls_ca=certificate), TOPICS, tmp_path / "broker")


def test_start_returns_at_once(tmp_path):
    started = time.monotonic()
    running = Broker(BrokerSettings(), TOPICS, tmp_path / "broker", None)
    running.start()
    assert time.monotonic() - started < 0.1
    assert running.kind in (MOSQUITTO, AMQTT)
    running.stop()


def test_free_ports_can_be_bound():
    assert 1024 < free_port() < 65536
