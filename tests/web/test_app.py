"""The page, the API, and the headers that keep others out."""

import json

import httpx
import jsonschema
import numpy as np
import pytest

from edge.clock import utc_ns
from edge.delivery.journal import Journal
from edge.errors import DeliveryError
from edge.messages import Alert, AlertState, DepthPair, EventKind, Level
from edge.recording.pictures import PictureFolder
from edge.settings import Hours, StoreSettings, WebSettings
from edge.web import api
from edge.web.app import BoxParts, create_app
from edge.web.server import WebServer
from tests.delivery.test_wire import REGISTRY, SCHEMAS, example
from tests.web.conftest import CAMERA, STORE, TOPICS


def alert(alert_id):
    return Alert(alert_id, utc_ns(), Level.RED, AlertState.OPEN, EventKind.INTRUSION, None, None, 1)


@pytest.fixture
def journal(tmp_path):
    opened = Journal(tmp_path / "journal.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def pictures(tmp_path):
    return PictureFolder(tmp_path / "pictures")


@pytest.fixture
def page(static, journal, pictures):
    settings = WebSettings(port=0, names=("box.shop.example",), sign_in=False)
    app = create_app(settings, BoxParts(STORE, TOPICS, journal, pictures, lambda: (CAMERA,), lambda: None), static)
    server = WebServer(settings, app)
    server.start()
    with httpx.Client(base_url=server.url) as client:
        yield client
    server.stop()


def valid(schema, response):
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    jsonschema.Draft202012Validator(SCHEMAS[schema], registry=REGISTRY).validate(response.json())
    return response.json()


def test_the_page_and_its_assets_are_served_with_their_cache_headers(page):
    assert "<title>app</title>" in page.get("/").text
    for path, cache in {
        "/": "no-cache", "/sw.js": "no-cache",
        "/assets/app-0123abcd.js": "public, max-age=31536000, immutable",
        "/api/store": "no-store",
    }.items():  # fmt: skip
        assert page.get(path).headers["cache-control"] == cache, path
    assert page.get("/assets/app-0123abcd.js").headers["content-encoding"] == "gzip"
    assert page.get("/app.webmanifest").headers["content-type"].startswith("application/manifest+json")
    missing = page.get("/assets/none.js")
    assert missing.status_code == 404
    assert "immutable" not in missing.headers.get("cache-control", "")


@pytest.mark.parametrize("path", ["/", "/api/alerts", "/nothing", "/sw.js", "/api/pictures/x3kd09tq"])
def test_every_answer_forbids_what_is_not_ours(page, path):
    headers = page.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert "server" not in headers


@pytest.mark.parametrize("path", ["/../conftest.py", "/%2e%2e/conftest.py", "/assets/..%2f..%2fjournal.sqlite"])
def test_no_path_leads_out_of_the_app(page, path):
    assert page.get(path).status_code == 404


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200), ("LOCALHOST:80", 200), ("127.0.0.1:9", 200), ("[::1]:9", 200), ("192.168.1.7", 200),
        ("box.shop.example", 200), ("evil.example", 421), ("localhost.evil.example", 421), ("", 421),
        ("127.0.0.1.evil.example", 421), ("[evil.example]", 421),
    ],
)  # fmt: skip
def test_only_our_own_names_are_answered(page, host, status):
    assert page.get("/healthz", headers={"Host": host}).status_code == status


def test_store_says_what_was_drawn(page):
    told = valid("store", page.get("/api/store"))
    wanted = example("store.small")
    assert told == wanted | {"open": True}


def test_store_with_nothing_drawn():
    body = json.loads(api.store(StoreSettings(), TOPICS, (), is_open=False))
    assert body == example("store.nothing-drawn")


def test_store_says_whether_it_is_open(static, journal, pictures):
    now = StoreSettings().local_time(utc_ns())
    closed = Hours(open=f"{(now.hour + 2) % 24:02}:00", close=f"{(now.hour + 3) % 24:02}:00")
    store = STORE.model_copy(update={"hours": closed})
    settings = WebSettings(port=0, sign_in=False)
    server = WebServer(
        settings, create_app(settings, BoxParts(store, TOPICS, journal, pictures, tuple, lambda: None), static)
    )
    server.start()
    assert httpx.get(f"{server.url}api/store").json()["open"] is False
    server.stop()


def test_a_phone_asks_for_what_it_missed_page_by_page(page, journal):
    for i in range(5):
        journal.record(alert(f"a{i}"))
    first = valid("alert-page", page.get("/api/alerts", params={"since": 0, "limit": 3}))
    second = valid("alert-page", page.get("/api/alerts", params={"since": first["next"], "limit": 3}))
    last = valid("alert-page", page.get("/api/alerts", params={"since": second["next"]}))
    assert [a["alert_id"] for a in first["alerts"] + second["alerts"]] == [f"a{i}" for i in range(5)]
    assert last == {"v": 1, "alerts": [], "next": second["next"]}


@pytest.mark.parametrize(
    "query",
    ["since=-1", "since=x", "since=1.5", "since=99999999999999999", "limit=0", "limit=501", "since=%D9%A1", "limit="],
)
def test_bad_questions_are_refused(page, query):
    answer = page.get(f"/api/alerts?{query}")
    assert answer.status_code == 400
    assert "since is 0 to" in answer.json()["error"]


def test_a_journal_that_cannot_be_read_is_a_503(page, journal):
    journal.close()
    assert page.get("/api/alerts").status_code == 503


def test_a_picture_is_served_and_not_kept_by_anybody_on_the_way(page, pictures, tmp_path):
    patch = np.full((24, 32), 1500, np.uint16)
    pictures.keep(DepthPair("x3kd09tq", patch, patch))
    answer = page.get("/api/pictures/x3kd09tq")
    assert answer.content == (tmp_path / "pictures/x3kd09tq.png").read_bytes()
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "name",
    ["gone", "x3kd09tq.png", "..%2Fjournal.sqlite", "%2e%2e%2fjournal", "a%00b", "", "x" * 65, "%E6%A3%9A", "a/b"],
)
def test_what_is_no_picture_is_not_found(page, tmp_path, name):
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures/x3kd09tq.png").write_bytes(b"here")
    assert page.get(f"/api/pictures/{name}").status_code == 404


def test_only_reading_is_allowed(page):
    known = {"x-miseban-csrf": page.get("/api/session").json()["csrf"]}
    for path in ("/api/alerts", "/api/store", "/api/pictures/a", "/"):
        assert page.post(path, headers=known).status_code == 405


def test_an_app_that_is_not_built_says_what_to_do(tmp_path, journal, pictures):
    settings = WebSettings(port=0, sign_in=False)
    server = WebServer(
        settings, create_app(settings, BoxParts(STORE, TOPICS, journal, pictures, tuple, lambda: None), tmp_path)
    )
    server.start()
    answer = httpx.get(server.url)
    assert (answer.status_code, "make app" in answer.text) == (503, True)
    server.stop()


def test_a_port_in_use_is_named_with_the_remedy(page):
    taken = page.base_url.port
    with pytest.raises(DeliveryError, match=rf"port {taken}: is in use.*web\.port"):
        WebServer(WebSettings(port=taken), lambda: None)


def test_an_address_that_is_not_ours_is_named():
    with pytest.raises(DeliveryError, match=r"192\.0\.2\.1.*cannot be used"):
        WebServer(WebSettings(host="192.0.2.1", port=0), lambda: None)
