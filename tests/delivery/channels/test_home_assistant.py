"""Home Assistant's part is played by a plain MQTT client on a real broker: what it would find, and see."""

import json
from dataclasses import replace

import pytest

from edge.clock import utc_ns
from edge.delivery import notices
from edge.delivery.broker import Broker
from edge.delivery.channels.home_assistant import HomeAssistant, entities
from edge.delivery.notices import News
from edge.delivery.notify import ChannelFault
from edge.messages import Level
from edge.settings import BrokerSettings
from edge.settings.channels import HomeAssistantChannel
from tests.delivery.conftest import TOPICS, mosquitto_or_amqtt
from tests.delivery.phone import Phone, wait_for

SETTINGS = HomeAssistantChannel(id="ha", kind="home_assistant", language="en")


@pytest.fixture(params=mosquitto_or_amqtt())
def open_broker(request, tmp_path):
    """A broker on which the box may write where Home Assistant looks."""
    running = Broker(BrokerSettings(), TOPICS, tmp_path / "broker", request.param, ("homeassistant/#",))
    running.start()
    wait_for(running.address)
    yield running
    running.stop()


@pytest.fixture
def channel(open_broker, phrases):
    made = HomeAssistant(SETTINGS, TOPICS, "Corner shop", phrases, open_broker.address)
    yield made
    made.close()


def assistant(broker):
    address = broker.address()
    return Phone(address.host, address.port, address.box, topics=[("homeassistant/#", 1), (f"{TOPICS.prefix}/#", 1)])


def told(phone, topic):
    return [heard for heard in tuple(phone.heard) if heard.topic == topic]


def test_entities_are_found_and_follow_the_alerts(open_broker, channel, red):
    assert channel.deliver(red) == "taken by the broker"
    with assistant(open_broker) as phone:
        wait_for(lambda: len([h for h in phone.heard if h.topic.startswith("homeassistant/")]) == 6)
        kinds = {h.topic.split("/")[1]: h for h in phone.heard if h.topic.startswith("homeassistant/")}
        assert all(h.retained for h in kinds.values())
        event = kinds["event"].json
        assert event["event_types"] == ["red", "yellow", "white", "test"]
        assert event["availability_topic"] == "miseban/v1/store/box/status"
        channel.observe(News(red, True))
        channel.tend()
        counts = wait_for(lambda: told(phone, "miseban/v1/store/box/home_assistant/open")[-1:])[0]
        wait_for(lambda: told(phone, "miseban/v1/store/box/home_assistant/open")[-1].json["red"] == 1)
        channel.deliver(replace(red, level=Level.YELLOW))
        (heard,) = wait_for(lambda: told(phone, event["state_topic"]))
        assert (heard.json["event_type"], heard.json["kind"], heard.retained) == ("yellow", "intrusion", False)
        assert heard.json["text"].startswith("Corner shop – Attention: Somebody is in the closed shop")
        channel.observe(News(replace(red, state="ended"), False))
        channel.tend()
        wait_for(lambda: told(phone, counts.topic)[-1].json == {"red": 0, "yellow": 0, "white": 0})
        channel.deliver(notices.away([red]))
        assert len(told(phone, event["state_topic"])) == 1


def test_a_test_waits_until_the_broker_gives_it_back(channel):
    assert channel.deliver(notices.trial(utc_ns())) == "the broker gave it back, and 6 entities are described"


@pytest.mark.broker
def test_a_broker_that_throws_it_away_is_found_out(mosquitto, phrases):
    """Without the right, mosquitto confirms what it does not pass on."""
    channel = HomeAssistant(SETTINGS, TOPICS, "Corner shop", phrases, mosquitto.address)
    with pytest.raises(
        ChannelFault, match=r"takes homeassistant/event/miseban_store_box/alert/config and gives it to no"
    ):
        channel.deliver(notices.trial(utc_ns()))
    channel.close()


def test_without_a_broker_it_fails_and_does_not_hang(phrases, red, monkeypatch):
    monkeypatch.setattr("edge.delivery.channels.home_assistant.WAIT_S", 0.2)
    channel = HomeAssistant(SETTINGS, TOPICS, "Corner shop", phrases, lambda: None)
    channel.tend()
    with pytest.raises(ChannelFault, match="no connection to the broker"):
        channel.deliver(red)
    channel.close()


def test_only_the_levels_of_the_channel_have_entities():
    settings = SETTINGS.model_copy(update={"levels": ("red",), "prefix": "ha"})
    described = entities(TOPICS, "Corner shop", settings)
    assert sorted(described) == [
        "ha/binary_sensor/miseban_store_box/online/config",
        "ha/binary_sensor/miseban_store_box/open_red/config",
        "ha/event/miseban_store_box/alert/config",
        "ha/sensor/miseban_store_box/inside/config",
    ]
    names = [json.loads(body)["unique_id"] for body in described.values()]
    assert len(set(names)) == 4
