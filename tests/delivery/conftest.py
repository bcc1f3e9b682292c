"""Real brokers for the tests of delivery."""

import shutil

import pytest

from edge.delivery.broker import AMQTT, MOSQUITTO, Broker
from edge.delivery.journal import Journal
from edge.delivery.wire import Topics
from edge.settings import BrokerSettings
from tests.delivery.phone import wait_for

needs_mosquitto = pytest.mark.skipif(
    not (shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")), reason="mosquitto is not installed"
)
TOPICS = Topics("store", "box")


def mosquitto_or_amqtt():
    """Parameters of a test that is run with each kind: the program to start, or none."""
    return [
        pytest.param("mosquitto", marks=[needs_mosquitto, pytest.mark.broker], id=MOSQUITTO),
        pytest.param(None, id=AMQTT),
    ]


@pytest.fixture(params=mosquitto_or_amqtt())
def broker(request, tmp_path):
    """A broker of ours that is up, of each kind."""
    running = Broker(BrokerSettings(), TOPICS, tmp_path / "broker", request.param)
    running.start()
    wait_for(running.address)
    yield running
    running.stop()


@pytest.fixture
def mosquitto(tmp_path):
    running = Broker(BrokerSettings(), TOPICS, tmp_path / "broker")
    running.start()
    wait_for(running.address)
    yield running
    running.stop()


@pytest.fixture
def journal(tmp_path):
    opened = Journal(tmp_path / "journal.sqlite")
    yield opened
    opened.close()
