"""``GET /api/day``."""

import httpx
import pytest
from starlette.applications import Starlette

from edge.delivery.history import History
from edge.delivery.journal import Journal
from edge.messages import CellPart, DayPart, HourPart
from edge.settings import WebSettings
from edge.web.app import SignedIn
from edge.web.day import day_routes
from edge.web.server import WebServer


@pytest.fixture
def client(tmp_path):
    journal = Journal(tmp_path / "journal.sqlite")
    history = History(tmp_path / "history.sqlite", lambda t_ns: "2026-05-04")
    history.add(DayPart("2026-05-04", (HourPart("2026-05-04", 9, 5, 1, 3),), (CellPart(-2, 7, 1.54),)))
    app = SignedIn(Starlette(routes=list(day_routes(history, journal, lambda: "2026-05-04"))))
    server = WebServer(WebSettings(port=0), app)
    server.start()
    with httpx.Client(base_url=server.url) as client:
        yield client
    server.stop()
    history.close()
    journal.close()


def test_today_is_told_without_being_named(client):
    told = client.get("/api/day").json()
    assert told == client.get("/api/day?date=2026-05-04").json()
    assert told["v"] == 1
    assert told["hours"] == [{"hour": 9, "in": 5, "out": 1, "most_inside": 3}]
    assert told["dwell"] == {"cell_m": 0.2, "cells": [[-2, 7, 1.5]]}
    assert told["days"] == ["2026-05-04"]
    assert told["greeting"] == {"reds": 0, "spoken": 0, "median_s": None}


@pytest.mark.parametrize("date", ["", "2026-13-01", "2026-05-04x", "../../etc", "2026-05-04'--"])
def test_what_is_no_date_is_refused(client, date):
    answer = client.get("/api/day", params={"date": date})
    assert (answer.status_code, answer.json()["code"]) == (400, "out_of_bounds")
