"""The HTTP API's document: it tells of every route of the whole box, and the box does what it tells."""

import json
from contextlib import contextmanager

import httpx
import pytest
from starlette.routing import Route

from edge.clock import utc_ns
from edge.daemon import front_door
from edge.daemon.supervisor import Daemon
from edge.delivery.journal import Journal
from edge.messages import Alert, AlertState, EventKind, Level
from edge.settings import DeviceSettings
from edge.web.accounts import Accounts
from edge.web.openapi import OPERATIONS, document
from edge.web.rights import Role
from tests.chaos.asked import ask
from tests.daemon.conftest import running
from tests.daemon.walker import write_session
from tests.web.people import Person, settle_all

CASES = 300
REAL = {
    "/api/users/{name}": ["Newcomer"],
    "/api/alerts/{id}/pin": ["a-1"],
    "/api/cameras/{id}/depth.png": ["above"],
}
"""Path parameters that mean something in the box below."""


def routes_of(session, folder, monkeypatch):
    """What the daemon itself gives to the page."""
    made = []
    create = front_door.create_app
    monkeypatch.setattr(front_door, "create_app", lambda *args, **more: made.append(create(*args, **more)) or made[0])
    device = {"data_dir": str(folder), "session": [{"path": str(session)}], "web": {"port": 0}}
    daemon = Daemon(DeviceSettings.model_validate(device), None)
    daemon._door.close(1.0)
    daemon._journal.close()
    daemon._history.close()
    daemon._lock.release()
    return made[0].routes


def test_the_document_tells_of_every_route_and_its_right(tmp_path, monkeypatch):
    session = write_session(tmp_path / "session", seconds=0.5)
    (tmp_path / "var").mkdir()
    routes = routes_of(session, tmp_path / "var", monkeypatch)
    served = {
        (method, route.path)
        for route in routes
        if isinstance(route, Route) and route.path.startswith("/api/")
        for method in route.methods - {"HEAD"}
    }
    assert {(one.method, one.path) for one in OPERATIONS} == served
    assert document()["paths"]["/api/acks"]["post"]["x-right"] == "answer"


@contextmanager
def asked_box(folder):
    """A box where people sign in, with one alert, one more user, and one camera."""
    session = write_session(folder / "session", seconds=1.0)
    data_dir = folder / "var"
    data_dir.mkdir()
    accounts = Accounts(data_dir / "accounts.sqlite")
    settle_all(accounts)
    accounts.invite("Newcomer", Role.STAFF)
    accounts.close()
    journal = Journal(data_dir / "journal.sqlite")
    journal.record(Alert("a-1", utc_ns(), Level.RED, AlertState.ENDED, EventKind.SCREAM, None, None, 1))
    journal.close()
    with running(session, data_dir, folder / "log", web={"port": 0}) as daemon:
        yield daemon


@pytest.fixture(scope="module")
def box(tmp_path_factory):
    with asked_box(tmp_path_factory.mktemp("openapi")) as daemon:
        yield daemon


def test_it_is_read_by_those_who_have_signed_in(box):
    assert httpx.get(f"{box.url}api/openapi.json").status_code == 401
    told = Person(box.url).as_role(Role.VIEWER).get("/api/openapi.json").json()
    assert told["paths"].keys() == document()["paths"].keys()
    assert json.loads(json.dumps(document())).items() <= told.items()


def test_whatever_is_asked_by_whomever_nothing_fails_and_nobody_does_what_they_may_not(box):
    asked = ask(box.url, REAL, CASES)
    assert asked.cases >= CASES / 3
    assert not asked.faults, asked.faults[:10]
    assert not asked.trespasses, asked.trespasses[:10]
    assert {200, 400, 401, 403, 404} <= set(asked.statuses)
    assert "Traceback" not in box.log.read_text()
