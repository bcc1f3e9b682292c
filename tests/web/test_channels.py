"""Channels over HTTP: their state, a test's true result, and the phones that want notifications."""

from types import SimpleNamespace

import httpx
import pytest

from edge.clock import utc_ns
from edge.delivery.broker import BrokerAddress
from edge.delivery.channels.push import Push
from edge.delivery.journal import Journal
from edge.delivery.notify import Notifier
from edge.recording.pictures import PictureFolder
from edge.settings import WebSettings
from edge.settings.channels import PushChannel
from edge.web.access import AccessLog
from edge.web.accounts import Accounts
from edge.web.app import BoxParts, create_app
from edge.web.channels import channel_routes
from edge.web.passwords import Passwords
from edge.web.rights import Role
from edge.web.server import WebServer
from edge.web.sign_in import Doorkeeper
from tests.delivery.phone import wait_for
from tests.delivery.push_phone import PushPhone
from tests.delivery.sayings import Notebook, alert, settings
from tests.web.conftest import STORE, TOPICS

LOCAL = PushChannel(id="push", hosts=("127.0.0.1",), private_service=True)


def nowhere() -> BrokerAddress | None:
    return None


@pytest.fixture
def made(tmp_path, static):
    """Starts a page with two channels; with accounts people sign in."""
    servers, closing = [], []

    def start(accounts=None, *, with_push=True):
        journal, notebook = Journal(tmp_path / "journal.sqlite"), Notebook()
        push = Push(LOCAL, tmp_path, "店", TOPICS, {})
        notifier = Notifier([(LOCAL, push), (settings(), notebook)], journal)
        notifier.start()
        web = WebSettings(port=0, sign_in=accounts is not None)
        parts = BoxParts(STORE, TOPICS, journal, PictureFolder(tmp_path / "pictures"), lambda: (), nowhere)
        routes = tuple(channel_routes(notifier, push if with_push else None))
        access = AccessLog(tmp_path / "access.sqlite")
        server = WebServer(web, create_app(web, parts, static, routes, Doorkeeper(accounts, access)))
        server.start()
        servers.append(server)
        closing.extend((notifier.stop, journal.close))
        return SimpleNamespace(url=f"http://127.0.0.1:{server.port}", journal=journal, notebook=notebook, push=push)

    yield start
    for server in servers:
        server.stop()
    for close in closing:
        close()


@pytest.fixture
def phone():
    opened = PushPhone()
    yield opened
    opened.close()


def browser(box, cookies=None):
    client = httpx.Client(base_url=box.url, cookies=cookies)
    client.headers["x-miseban-csrf"] = client.get("/api/session").json()["csrf"]
    return client


def subscription(phone, **more):
    keys = {"p256dh": phone.p256dh, "auth": phone.auth}
    return {"endpoint": phone.endpoint, "keys": keys, "language": "ja", "levels": ["red"]} | more


def test_a_phone_subscribes_is_told_and_leaves(made, phone):
    box = made()
    page = browser(box)
    assert len(page.get("/api/push/key").json()["key"]) == 87
    reply = page.post("/api/push", json=subscription(phone))
    assert reply.status_code == 201
    assert page.post("/api/push", json=subscription(phone)).json()["id"] == reply.json()["id"]
    box.journal.record(alert("a-1"))
    wait_for(lambda: phone.got)
    assert phone.got[0].json["alert_id"] == "a-1"
    assert page.delete(f"/api/push/{reply.json()['id']}").json()["removed"]
    assert page.delete(f"/api/push/{reply.json()['id']}").status_code == 404
    box.journal.record(alert("a-2"))
    wait_for(lambda: "a-2" in box.notebook.ids())
    assert len(phone.got) == 1


def test_channels_say_how_they_do_and_a_test_is_true(made):
    box = made()
    page = browser(box)
    push, light = page.get("/api/channels").json()["channels"]
    assert (push["id"], push["kind"], push["state"], push["last_ms"]) == ("push", "push", "untried", None)
    assert light == {"id": "notebook", "kind": "light", "levels": ["red"], "step": 0} | {
        "state": "untried", "fault": None, "last_ms": None}  # fmt: skip
    tried = page.post("/api/channels/push/test").json()
    assert (tried["ok"], tried["fault"]) == (
        False, "push 'push': no phone asked for notifications. Switch them on in the app.")  # fmt: skip
    worked = page.post("/api/channels/notebook/test").json()
    assert (worked["ok"], worked["fault"], worked["detail"]) == (True, None, "written down")
    states = {one["id"]: one for one in page.get("/api/channels").json()["channels"]}
    assert (states["push"]["state"], states["notebook"]["state"]) == ("failing", "ok")
    assert abs(states["notebook"]["last_ms"] - utc_ns() / 1e6) < 5000
    assert page.post("/api/channels/fax/test").json()["code"] == "no_channel"


@pytest.mark.parametrize(
    "wrong",
    [
        {"endpoint": "https://evil.example/x"}, {"endpoint": "http://169.254.169.254/latest"}, {"endpoint": 7},
        {"endpoint": "x" * 1001}, {"keys": {"p256dh": "a", "auth": "b"}}, {"keys": None}, {"language": "fr"},
        {"levels": ["purple"]}, {"levels": ["red"] * 4},
    ],
)  # fmt: skip
def test_what_is_no_subscription_is_refused(made, phone, wrong):
    box = made()
    page = browser(box)
    assert page.post("/api/push", json=subscription(phone) | wrong).status_code == 400
    assert page.post("/api/channels/push/test").json()["ok"] is False


def test_without_push_there_is_no_key(made, phone):
    page = browser(made(with_push=False))
    assert page.get("/api/push/key").json()["code"] == "no_push"
    assert page.post("/api/push", json=subscription(phone)).json()["code"] == "no_push"


def test_rights_hold(made, phone, tmp_path):
    accounts = Accounts(tmp_path / "accounts.sqlite")
    with_codes = {name: accounts.invite(name, role) for name, role in (("Ota", Role.OWNER), ("Abe", Role.STAFF))}
    for name, invitation in with_codes.items():
        accounts.redeem(name, invitation.code, Passwords().hashed(f"a long word of {name[0]}"))
    box = made(accounts)
    stranger = browser(box)
    for path in ("/api/channels", "/api/push/key"):
        assert stranger.get(path).status_code == 401
    assert stranger.post("/api/push", json=subscription(phone)).status_code == 401
    pages = {}
    for name in with_codes:
        page = browser(box)
        entered = page.post("/api/session", json={"name": name, "password": f"a long word of {name[0]}"})
        assert entered.status_code == 200, entered.text
        page.headers["x-miseban-csrf"] = entered.json()["csrf"]
        pages[name] = page
    assert pages["Abe"].get("/api/channels").status_code == 200
    assert pages["Abe"].post("/api/channels/notebook/test").status_code == 403
    assert pages["Ota"].post("/api/channels/notebook/test").json()["ok"]
    theirs = pages["Abe"].post("/api/push", json=subscription(phone)).json()["id"]
    assert pages["Ota"].delete(f"/api/push/{theirs}").status_code == 404
    del pages["Abe"].headers["x-miseban-csrf"]
    assert pages["Abe"].delete(f"/api/push/{theirs}").status_code == 403
    accounts.close()
