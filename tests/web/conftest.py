"""A real server over a real broker."""

from types import SimpleNamespace

import pytest

from edge.delivery.broker import Broker
from edge.delivery.journal import Journal
from edge.delivery.mqtt import Mqtt
from edge.delivery.wire import Topics
from edge.geometry import Intrinsics, Pose
from edge.messages import CameraModel
from edge.recording.pictures import PictureFolder
from edge.settings import BrokerSettings, Line, Shelf, Store, StoreSettings, WebSettings, Zone
from edge.web.access import AccessLog
from edge.web.accounts import Accounts
from edge.web.answers import answer_routes
from edge.web.app import BoxParts, create_app
from edge.web.server import WebServer
from edge.web.sign_in import Doorkeeper
from tests.delivery.conftest import mosquitto_or_amqtt
from tests.delivery.phone import wait_for
from tests.web.people import Person, settle_all

TOPICS = Topics("store", "box")
CAMERA = CameraModel("door", Intrinsics(8, 6, 4, 4, 4, 3), 0.001, Pose.looking(0.5, 0.0, 2.8, 0.0, 60.0))
STORE = StoreSettings(
    store=Store(name="みせばん 本店"),
    zone=(Zone(id="hall", kind="aisle", polygon=((-2, 0), (3, 0), (3, 5), (-2, 5)), objects=True),),
    shelf=(Shelf(id="A", min=(-2, 1, 0), max=(-1.6, 4, 1.8), facing=(1, 0), levels=(0.1, 0.5, 0.9, 1.3)),),
    line=(Line(id="door", from_=(0, 0.5), to=(1.5, 0.5), in_direction=(0, 1)),),
)


@pytest.fixture
def static(tmp_path):
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>app</title>")
    (folder / "sw.js").write_text("self;")
    (folder / "app.webmanifest").write_text("{}")
    (folder / "assets/app-0123abcd.js").write_text("console.log('x');" * 200)
    return folder


@pytest.fixture(params=mosquitto_or_amqtt())
def box(request, tmp_path, static):
    """Everything of the box but its eyes: broker, journal, MQTT and web server."""
    broker = Broker(BrokerSettings(), TOPICS, tmp_path / "broker", request.param)
    broker.start()
    journal = Journal(tmp_path / "journal.sqlite")
    mqtt = Mqtt(TOPICS, journal, broker.address)
    mqtt.start()
    settings = WebSettings(port=0, names=("box.shop.example",), sign_in=False)
    pictures = PictureFolder(tmp_path / "pictures")
    app = create_app(settings, BoxParts(STORE, TOPICS, journal, pictures, lambda: (CAMERA,), broker.address), static)
    server = WebServer(settings, app)
    server.start()
    wait_for(lambda: mqtt.counters().connected)
    yield SimpleNamespace(broker=broker, journal=journal, mqtt=mqtt, server=server, port=server.port)
    server.stop()
    mqtt.stop()
    broker.stop()
    journal.close()


class Door:
    """A box where people sign in, without broker: server, accounts, access log, journal."""

    def __init__(self, folder, static, **web):
        self.accounts = Accounts(folder / "accounts.sqlite")
        self.access = AccessLog(folder / "access.sqlite")
        self.journal = Journal(folder / "journal.sqlite")
        self.told = []
        settings = WebSettings(port=0, **web)
        parts = BoxParts(
            STORE, TOPICS, self.journal, PictureFolder(folder / "pictures"), lambda: (CAMERA,), lambda: None
        )
        more = answer_routes(self.journal, lambda: self.told.append(1))
        self.app = create_app(settings, parts, static, tuple(more), Doorkeeper(self.accounts, self.access))
        self.server = WebServer(settings, self.app)
        self.server.start()
        self._people = []

    def person(self, role=None, **options):
        one = Person(self.server.url, **options)
        self._people.append(one)
        return one if role is None else one.as_role(role)

    def close(self):
        for one in self._people:
            one.client.close()
        self.server.stop()
        self.accounts.close()
        self.access.close()
        self.journal.close()


@pytest.fixture
def door(tmp_path, static):
    opened = Door(tmp_path, static)
    settle_all(opened.accounts)
    yield opened
    opened.close()
