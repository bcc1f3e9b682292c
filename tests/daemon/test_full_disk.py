"""A disk without any room: alerts still reach phones, pictures do not stand in their way."""

import numpy as np

from edge.daemon.teller import Teller
from edge.delivery.broker import Broker
from edge.delivery.journal import Journal
from edge.delivery.mqtt import Mqtt
from edge.messages import Alert, AlertState, DepthPair, EventKind, Level, SceneEvent, SceneUpdate
from edge.recording.pictures import PictureFolder
from edge.settings import BrokerSettings
from edge.shop import ShopStep
from tests.delivery import disks
from tests.delivery.conftest import TOPICS
from tests.delivery.phone import Phone, wait_for

T0 = 1_795_478_400_000_000_000


def step(number):
    """An alert that opens, and the picture of something that was taken."""
    alert = Alert(f"a{number}", T0 + number, Level.RED, AlertState.OPEN, EventKind.INTRUSION, None, None, 1)
    patch = np.full((12, 16), 1500, np.uint16)
    pair = DepthPair(f"p{number}", patch, patch)
    taken = SceneEvent(EventKind.ITEM_TAKEN, T0, T0, None, None, 0.9, picture=pair)
    return ShopStep(SceneUpdate(T0 + number, (), events=(taken,)), (alert,))


def test_on_a_full_disk_alerts_still_reach_a_phone(tmp_path):
    with disks.small_disk(tmp_path / "disk") as disk:
        broker = Broker(BrokerSettings(), TOPICS, tmp_path / "broker")
        broker.start()
        journal = Journal(disk / "journal.sqlite", reserve_bytes=4 * 2**20)
        mqtt = Mqtt(TOPICS, journal, broker.address)
        mqtt.start()
        pictures = PictureFolder(disk / "pictures")
        teller = Teller(journal, mqtt, pictures)
        wait_for(lambda: mqtt.counters().connected)
        address = broker.address()
        disks.fill(disk)
        with Phone(address.host, address.port, address.app) as phone:
            for number in range(100):
                teller.step(step(number))
            wait_for(lambda: phone.alert_ids() == {f"a{number}" for number in range(100)})
        assert pictures.failed == 100
        assert not journal.database.reserve.held
        mqtt.stop()
        broker.stop()
        journal.close()
