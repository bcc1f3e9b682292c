"""Ten thousand acts in a minute, through rules, restraint, journal and a real broker: a calm phone and a true count."""

from collections import Counter

import pytest

from edge.clock import utc_ns
from edge.daemon.staff import Heard, Staff
from edge.daemon.teller import Teller
from edge.delivery.broker import Broker
from edge.delivery.journal import Journal
from edge.delivery.mqtt import Mqtt
from edge.delivery.wire import Topics
from edge.geometry import Cell
from edge.messages import Act, EventKind, Place, SceneUpdate
from edge.recording.pictures import PictureFolder
from edge.settings import BrokerSettings, StoreSettings
from edge.shop import Shop, ShopStep
from tests.delivery.conftest import mosquitto_or_amqtt
from tests.delivery.phone import Phone, wait_for

ACTS = 10_000
STEP_NS = 6_000_000
KINDS = (EventKind.SCREAM, EventKind.OBJECT_REMOVED, EventKind.BANG, EventKind.UNPAID_EXIT)
TOPICS = Topics("store", "box")


@pytest.fixture(params=mosquitto_or_amqtt())
def broker(request, tmp_path):
    running = Broker(BrokerSettings(), TOPICS, tmp_path / "broker", request.param)
    running.start()
    wait_for(running.address)
    yield running
    running.stop()


def act(number, t_ns):
    """Of four kinds, all over the shop."""
    place = Place(float(number % 97), 0.0, 1.0, Cell(number % 97, 0, 5), zone=f"zone {number % 40}")
    return Act(KINDS[number % len(KINDS)], t_ns, place, f"p{number}", 1)


def rings(heard):
    """How often a phone rings: for an alert that it has not heard of, a level that rose, another step of escalation."""
    rung, times = {}, Counter()
    for alert in heard:
        loud = (("white", "yellow", "red").index(alert["level"]), alert["escalation"])
        before = rung.get(alert["alert_id"], (-1, -1))
        if alert["hush"] is None and (loud[0] > before[0] or loud[1] > before[1]):
            rung[alert["alert_id"]] = loud
            times[alert["level"]] += 1
    return times


def test_ten_thousand_acts_in_a_minute_are_a_calm_phone_and_a_true_count(broker, tmp_path):
    heard = Heard()
    journal = Journal(tmp_path / "journal.sqlite", heard.tell)
    mqtt = Mqtt(TOPICS, journal, broker.address)
    settings = StoreSettings()
    shop = Shop(settings, [])
    staff = Staff(settings.alerts.escalation, heard, shop, journal, mqtt)
    teller = Teller(journal, mqtt, PictureFolder(tmp_path / "pictures"))
    mqtt.start()
    wait_for(lambda: mqtt.counters().connected)
    address = broker.address()

    def step(t_ns, *acts):
        update = SceneUpdate(t_ns, (), acts=acts)
        staff.tick()
        told = shop._restraint.step(t_ns, shop._alerts.step(update))
        for judged in staff.judged([ShopStep(update, told)]):
            teller.step(judged)

    with Phone(address.host, address.port, address.app, topics=f"{TOPICS.prefix}/alerts/#") as phone:
        begun_ns = utc_ns()
        for number in range(ACTS):
            t_ns = begun_ns + number * STEP_NS
            step(t_ns, act(number, t_ns))
        for second in range(60, 75):  # then it is quiet
            step(begun_ns + second * 10**9)
        wait_for(lambda: not journal.unsent(1))
        standing = {stored.alert_id: stored for stored in journal.since(0, 500)}
        wait_for(lambda: phone.alert_ids() == set(standing))
        rows = journal.since(0, 500)[-1].seq
        wait_for(lambda: len({message.json["seq"] for message in phone.on("alerts/")}) == rows)
        last = {}
        for message in sorted((one.json for one in phone.on("alerts/")), key=lambda alert: alert["seq"]):
            last[message["alert_id"]] = message
        times = rings(message.json for message in phone.on("alerts/"))
    mqtt.stop()
    journal.close()
    print(f"{len(standing)} alerts, {rows} rows, rings {dict(times)}")  # noqa: T201  (the measure of the decision)
    assert sum(alert["episodes"] for alert in last.values()) == ACTS
    # Of each of two red kinds, as many as are bearable, the one that counts, and one step of escalation.
    assert times["red"] <= 2 * (settings.alerts.restraint.flood_per_minute + 2)
    assert len(standing) <= 30
    assert rows <= 100
