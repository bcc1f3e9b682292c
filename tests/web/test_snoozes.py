"""Snoozes and pins over HTTP: what may be asked, by whom, and what comes of it."""

from types import SimpleNamespace

import httpx
import jsonschema
import pytest

from edge.delivery.journal import Journal
from edge.messages import Alert, AlertState, EventKind, Level, Reason
from edge.recording.pictures import PictureFolder
from edge.settings import WebSettings
from edge.web.access import AccessLog
from edge.web.accounts import Accounts
from edge.web.app import BoxParts, create_app
from edge.web.pins import pin_routes
from edge.web.rights import Role
from edge.web.server import WebServer
from edge.web.sign_in import Doorkeeper
from edge.web.snoozes import snooze_routes
from tests.delivery.test_wire import REGISTRY, SCHEMAS
from tests.web.conftest import STORE, TOPICS

PASSWORD = "a long and quiet evening"


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The page of a box without eyes and broker, where people sign in."""
    folder = tmp_path_factory.mktemp("page")
    journal, pictures = Journal(folder / "journal.sqlite"), PictureFolder(folder / "pictures")
    accounts, access = Accounts(folder / "accounts.sqlite"), AccessLog(folder / "access.sqlite")
    changed = []
    more = (*snooze_routes(STORE, journal), *pin_routes(journal, pictures, lambda: changed.append(1)))
    settings = WebSettings(port=0)
    parts = BoxParts(STORE, TOPICS, journal, pictures, lambda: (), lambda: None)
    server = WebServer(settings, create_app(settings, parts, more=more, door=Doorkeeper(accounts, access)))
    server.start()
    clients = {}

    def client(role):
        if role not in clients:
            name = role.value
            code = accounts.new_setup_code() if role is Role.OWNER else accounts.invite(name, role).code
            asks = httpx.Client(base_url=f"http://127.0.0.1:{server.port}")
            asks.headers["x-miseban-csrf"] = asks.get("/api/session").json()["csrf"] or ""
            got = asks.post("/api/setup", json={"code": code, "name": name, "password": PASSWORD})
            assert got.status_code == 200, got.text
            asks.headers["x-miseban-csrf"] = got.json()["csrf"]
            clients[role] = asks
        return clients[role]

    client(Role.OWNER)
    yield SimpleNamespace(journal=journal, pictures=pictures, client=client, changed=changed, access=access)
    server.stop()
    journal.close()


@pytest.fixture
def staff(page):
    return page.client(Role.STAFF)


def snoozed(client, **asked):
    return client.post("/api/snoozes", json={"minutes": 10, **asked})


def test_a_snooze_is_asked_for_seen_by_all_and_ended(page, staff):
    made = snoozed(staff, kind="bang", sensor="till", zone=None)
    assert made.status_code == 201
    snooze = made.json()
    assert (snooze["v"], snooze["by"], snooze["kind"], snooze["sensor"], snooze["zone"]) == (
        1, "staff", "bang", "till", None,
    )  # fmt: skip
    assert snooze["until_ms"] - snooze["at_ms"] == 600_000
    standing = page.client(Role.VIEWER).get("/api/snoozes").json()
    jsonschema.Draft202012Validator(SCHEMAS["snoozes"], registry=REGISTRY).validate(standing)
    assert [one["id"] for one in standing["snoozes"]] == [snooze["id"]]
    assert staff.delete(f"/api/snoozes/{snooze['id']}").status_code == 200
    assert staff.delete(f"/api/snoozes/{snooze['id']}").json()["code"] == "no_snooze"
    assert staff.get("/api/snoozes").json()["snoozes"] == []
    assert [entry.what for entry in page.access.entries(10)].count("snoozed") == 2


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({}, "names_nothing"),
        ({"kind": "intrusion", "minutes": 31}, "too_long"),
        ({"kind": "bang", "minutes": 721}, "too_long"),
        ({"zone": "hall", "minutes": 10**30}, "too_long"),
        ({"zone": "nowhere"}, "no_zone"),
        ({"kind": "party"}, "bad_body"),
        ({"kind": "bang", "minutes": 0}, "bad_body"),
        ({"kind": "bang", "minutes": 1.5}, "bad_body"),
        ({"kind": "bang", "minutes": True}, "bad_body"),
        ({"sensor": ""}, "bad_body"),
        ({"sensor": "x" * 65}, "bad_body"),
        ({"sensor": "a\nb"}, "bad_body"),
        ({"kind": ["bang"]}, "bad_body"),
    ],
)
def test_what_cannot_be_snoozed_is_refused(staff, asked, code):
    got = snoozed(staff, **asked)
    assert (got.status_code, got.json()["code"]) == (400, code)
    assert staff.get("/api/snoozes").json()["snoozes"] == []


def test_the_longest_that_may_be_asked_for(staff):
    for asked in ({"kind": "intrusion", "minutes": 30}, {"zone": "hall", "minutes": 720}):
        made = snoozed(staff, **asked)
        assert made.status_code == 201
        staff.delete(f"/api/snoozes/{made.json()['id']}")


def test_only_so_many(page, staff, monkeypatch):
    monkeypatch.setattr("edge.delivery.snoozes.MAX_SNOOZES", 1)
    made = snoozed(staff, kind="bang").json()
    assert (snoozed(staff, kind="crowd").status_code, snoozed(staff, kind="crowd").json()["code"]) == (409, "too_many")
    staff.delete(f"/api/snoozes/{made['id']}")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.INSTALLER])
def test_who_only_looks_silences_and_keeps_nothing(page, role):
    client = page.client(role)
    for got in (
        snoozed(client, kind="bang"),
        client.delete("/api/snoozes/x"),
        client.post("/api/alerts/a/pin", json={"reason": "x"}),
        client.delete("/api/alerts/a/pin"),
    ):
        assert (got.status_code, got.json()["code"]) == (403, "no_right")
    assert client.get("/api/snoozes").json()["snoozes"] == []


def test_without_the_page_s_token_nothing_changes(staff):
    got = staff.post("/api/snoozes", json={"kind": "bang", "minutes": 1}, headers={"x-miseban-csrf": "forged"})
    assert got.status_code == 403
    assert staff.get("/api/snoozes").json()["snoozes"] == []


def test_an_alert_is_pinned_with_its_pictures_and_let_go_of(page, staff):
    reason = Reason("item_taken", 1, None, 1.0, "taken", "x3kd09tq")
    page.journal.record(Alert("a", 1, Level.RED, AlertState.OPEN, EventKind.SWEEP, None, None, 1, (reason,)))
    assert staff.post("/api/alerts/a/pin", json={"reason": "警察に渡す"}).json() == {"v": 1, "pinned": True}
    (alert,) = staff.get("/api/alerts").json()["alerts"]
    assert (alert["pin"]["reason"], alert["pin"]["by"]) == ("警察に渡す", "staff")
    assert page.pictures._spared == {"x3kd09tq"}
    assert len(page.changed) == 1
    staff.post("/api/alerts/a/pin", json={"reason": "警察に渡す"})
    assert len(page.changed) == 1
    assert staff.delete("/api/alerts/a/pin").json() == {"v": 1, "pinned": False}
    assert staff.get("/api/alerts").json()["alerts"][0]["pin"] is None
    assert page.pictures._spared == frozenset()
    for asked in ({}, {"reason": ""}, {"reason": " "}, {"reason": "x" * 201}, {"reason": "a\0b"}, {"reason": 7}):
        assert staff.post("/api/alerts/a/pin", json=asked).json()["code"] == "bad_body"
    assert staff.post("/api/alerts/forged/pin", json={"reason": "x"}).json()["code"] == "no_alert"
