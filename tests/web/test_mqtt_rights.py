"""The rights of who has signed in hold over MQTT too, and end there when they end."""

import json
import time
from contextlib import contextmanager

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect as websocket

from edge.clock import utc_ns
from edge.delivery.broker import Broker
from edge.delivery.journal import Journal
from edge.delivery.mqtt import Mqtt
from edge.messages import Alert, AlertState, EventKind, Level
from edge.recording.pictures import PictureFolder
from edge.settings import BrokerSettings, WebSettings
from edge.web.access import AccessLog
from edge.web.accounts import Accounts
from edge.web.answers import answer_routes
from edge.web.app import BoxParts, create_app
from edge.web.mqtt_packets import Forbidden, Gate, PacketReader, ProtocolViolation
from edge.web.mqtt_proxy import MAX_PHONES_PER_USER
from edge.web.rights import Role, User
from edge.web.server import WebServer
from edge.web.sign_in import Doorkeeper
from tests.delivery.phone import wait_for
from tests.web.conftest import STORE, TOPICS
from tests.web.people import Person, settle_all
from tests.web.test_mqtt_packets import APP, BOX, connect, publish, subscribe

CONNACK = b"\x20\x02\x00\x00"


class Shop:
    """A whole box where people sign in."""

    def __init__(self, folder):
        self.broker = Broker(BrokerSettings(), TOPICS, folder / "broker")
        self.journal = Journal(folder / "journal.sqlite")
        self.mqtt = Mqtt(TOPICS, self.journal, self.broker.address)
        self.accounts = Accounts(folder / "accounts.sqlite")
        self.access = AccessLog(folder / "access.sqlite")
        settings = WebSettings(port=0)
        pictures = PictureFolder(folder / "pictures")
        parts = BoxParts(STORE, TOPICS, self.journal, pictures, tuple, self.broker.address)
        more = tuple(answer_routes(self.journal, self.mqtt.alerts_changed))
        door = Doorkeeper(self.accounts, self.access)
        self.server = WebServer(settings, create_app(settings, parts, folder, more, door))
        settle_all(self.accounts)

    def person(self, role):
        return Person(self.server.url).as_role(role)


@pytest.fixture
def shop(tmp_path):
    made = Shop(tmp_path)
    made.broker.start()
    made.mqtt.start()
    made.server.start()
    wait_for(lambda: made.mqtt.counters().connected)
    made.journal.record(Alert("a", utc_ns(), Level.RED, AlertState.OPEN, EventKind.INTRUSION, None, None, 1))
    yield made
    made.server.stop()
    made.mqtt.stop()
    made.broker.stop()
    made.journal.close()
    made.accounts.close()
    made.access.close()


@contextmanager
def phone(shop, person, client_id="phone"):
    """A phone's socket, up to the broker's word that it is connected."""
    headers = {} if person is None else {"cookie": person.cookie}
    with websocket(
        f"ws://localhost:{shop.server.port}/mqtt", subprotocols=["mqtt"], additional_headers=headers
    ) as socket:
        socket.send(connect(client_id))
        assert socket.recv(timeout=10) == CONNACK
        yield socket


def ack(by, ack_id="k1", alert_id="a"):
    body = {"v": 1, "ack_id": ack_id, "alert_id": alert_id, "action": "seen", "by": by, "at_ms": 1}
    return publish(f"{BOX}/acks/{alert_id}", json.dumps(body, ensure_ascii=False).encode())


def closed(socket, within_s=8.0):
    """How long until the box ends the connection, and with which code."""
    began = time.monotonic()
    try:
        while True:
            socket.recv(timeout=within_s)
    except ConnectionClosed as end:
        return time.monotonic() - began, end.rcvd.code


def answers(shop):
    return [stored.ack.by for stored in shop.journal.since(0, 9) if stored.ack is not None]


def test_who_has_not_signed_in_gets_no_socket(shop):
    with pytest.raises(InvalidStatus) as refused, phone(shop, None):
        pass
    assert refused.value.response.status_code == 403


def test_staff_answer_in_their_own_name(shop):
    with phone(shop, shop.person(Role.STAFF)) as socket:
        socket.send(ack("由紀"))
        wait_for(lambda: answers(shop) == ["由紀"])


def test_an_answer_in_another_name_ends_the_connection_and_is_not_kept(shop):
    with phone(shop, shop.person(Role.STAFF)) as socket:
        socket.send(ack("Mori"))
        assert closed(socket)[1] == 1008
    time.sleep(0.3)
    assert answers(shop) == []
    wait_for(lambda: shop.access.entries()[0].what == "refused")
    assert shop.access.entries()[0].user == "由紀"


@pytest.mark.parametrize("role", [Role.VIEWER, Role.INSTALLER])
def test_who_may_not_answer_listens_and_is_cut_off_for_answering(shop, role):
    with phone(shop, shop.person(role)) as socket:
        socket.send(subscribe(f"{BOX}/#"))
        assert socket.recv(timeout=5)[0] == 0x90
        socket.send(ack(role.value.capitalize()))
        assert closed(socket)[1] == 1008
    time.sleep(0.3)
    assert answers(shop) == []


@pytest.mark.parametrize("what", ["disabled", "demoted", "removed", "invited again", "signed out", "by the shell"])
def test_sockets_end_within_a_second_of_the_right_to_them(shop, what):
    staff = shop.person(Role.STAFF)
    with phone(shop, staff) as socket:
        time.sleep(0.5)
        match what:
            case "disabled":
                shop.accounts.change("由紀", None, False)
            case "demoted":
                shop.accounts.change("由紀", Role.VIEWER, None)
            case "removed":
                shop.accounts.remove("由紀")
            case "invited again":
                shop.accounts.invite_again("由紀")
            case "signed out":
                assert staff.ask("DELETE", "/api/session").status_code == 200
            case "by the shell":
                other = Accounts(shop.accounts.path)
                other.invite_again("由紀")
                other.close()
        seconds, code = closed(socket)
    assert code == 1008
    assert seconds < 1.0


def test_others_stay_when_one_is_shut_out(shop):
    with phone(shop, shop.person(Role.OWNER), "other") as socket:
        shop.accounts.change("由紀", None, False)
        with pytest.raises(TimeoutError):
            socket.recv(timeout=1.2)


def test_phones_of_one_person_are_bounded(shop):
    staff = shop.person(Role.STAFF)
    sockets = [phone(shop, staff, f"p{i}") for i in range(MAX_PHONES_PER_USER)]
    for one in sockets:
        one.__enter__()
    with pytest.raises(ConnectionClosed) as refused, phone(shop, staff, "one more"):
        pass
    assert refused.value.rcvd.code == 1013
    with phone(shop, shop.person(Role.OWNER), "somebody else"):
        pass
    for one in sockets:
        one.__exit__(None, None, None)


def test_nobody_takes_over_the_session_of_another_persons_phone(shop):
    with phone(shop, shop.person(Role.STAFF), "same") as socket, phone(shop, shop.person(Role.VIEWER), "same"):
        socket.send(ack("由紀"))
        wait_for(lambda: answers(shop) == ["由紀"])


# ---- the gate alone


def through(user, *packets):
    gate = Gate(TOPICS, APP, user)
    return [gate.pass_on(p) for p in PacketReader().feed(b"".join((connect(), *packets)))][1:]


def test_an_answer_of_ones_own_passes_unchanged():
    sent = ack("由紀")
    assert through(User("由紀", Role.STAFF), sent) == [sent]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.INSTALLER])
def test_the_gate_forbids_answers_without_the_right(role):
    with pytest.raises(Forbidden, match=f"by a {role}"):
        through(User("x", role), ack("x"))


@pytest.mark.parametrize(
    "payload",
    [
        b"", b"{}", b"[]", b"\xff", b'{"v":1,"ack_id":"k","alert_id":"b","action":"seen","by":"x","at_ms":1}',
        b'{"v":1,"ack_id":"k","alert_id":"a","action":"seen","by":"x","by":"Mori","at_ms":1}',
        b'{"v":1,"ack_id":"k","alert_id":"a","action":"seen","by":"X","at_ms":1}',
        b'{"v":1,"ack_id":"k","alert_id":"a","action":"seen","by":"x ","at_ms":1}',
    ],
)  # fmt: skip
def test_what_is_not_plainly_ones_own_answer_is_refused(payload):
    with pytest.raises(ProtocolViolation):
        through(User("x", Role.STAFF), publish(f"{BOX}/acks/a", payload))
