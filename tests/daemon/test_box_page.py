"""What the installer looks at, of a box that runs: what a camera sees, how the box is, the day, and all for support."""

import io
import json
import os
import signal
import time
import zipfile

import cv2
import httpx
import numpy as np
import pytest

from edge.web.box_page import MOST_LINES
from tests.daemon.conftest import running
from tests.delivery.phone import wait_for

START_S = 90


@pytest.fixture(scope="module")
def daemon(session, tmp_path_factory):
    folder = tmp_path_factory.mktemp("daemon")
    with running(session, folder / "var", folder / "log") as one:
        wait_for(lambda: get(one, "api/cameras/left/depth.png").status_code == 200, START_S)
        yield one


def get(daemon, path):
    return httpx.get(f"{daemon.url}{path}", timeout=10)


def test_a_look_shows_the_whole_frame_as_the_camera_has_it_now(daemon):
    looks = [get(daemon, "api/cameras/left/depth.png") for _ in range(2) if not time.sleep(0.3)]
    assert [look.headers["cache-control"] for look in looks] == ["no-store"] * 2
    first, second = (cv2.imdecode(np.frombuffer(look.content, np.uint8), cv2.IMREAD_COLOR) for look in looks)
    assert first.shape == second.shape
    assert len(np.unique(first.reshape(-1, 3), axis=0)) > 5
    assert (first != second).any()  # noise at least: it is no picture from before


def test_a_camera_that_is_not_there_or_hangs_shows_nothing_and_holds_up_nobody(daemon):
    assert get(daemon, "api/cameras/elsewhere/depth.png").status_code == 404
    hung = daemon.sensors()
    for pid in hung:
        os.kill(pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        assert get(daemon, "api/cameras/left/depth.png").json()["code"] == "no_picture"
        assert time.monotonic() - began < 4.0
        assert get(daemon, "api/box").status_code == 200
    finally:
        for pid in hung:
            os.kill(pid, signal.SIGCONT)


def test_the_box_tells_how_it_is(daemon):
    told = get(daemon, "api/box").json()
    assert 0 < told["disk"]["free"] < told["disk"]["total"]
    assert told["uptime_s"] < 600
    assert {"journal.sqlite", "history.sqlite", "broker"} <= {one["name"] for one in told["data"]}
    assert all(one["bytes"] > 0 for one in told["data"] if one["name"].endswith(".sqlite"))


def test_every_look_is_in_the_access_log_and_the_log_is_bounded(daemon):
    looks = get(daemon, "api/access").json()["entries"]
    assert {"what": "camera", "detail": "left"}.items() <= looks[-1].items()
    assert get(daemon, "api/logs").json()["lines"]
    assert len(get(daemon, "api/logs?lines=1").json()["lines"]) == 1
    assert get(daemon, f"api/logs?lines={MOST_LINES + 1}").status_code == 400


def test_the_bundle_helps_and_holds_no_secret(daemon):
    answer = get(daemon, "api/support")
    assert answer.headers["content-disposition"] == 'attachment; filename="miseban-box.zip"'
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    names = set(archive.namelist())
    assert names == {"about.json", "health.json", "device.json", "store.json", "log.txt"}
    assert json.loads(archive.read("store.json"))["store"]["name"] == "test shop"
    assert {sensor["id"] for sensor in json.loads(archive.read("health.json"))["sensors"]} == {"left", "right"}


def test_the_day_knows_the_alert_at_once(daemon):
    wait_for(lambda: sum(get(daemon, "api/day").json()["alerts"]["by_level"].values()) > 0, 30)
    told = get(daemon, "api/day").json()
    assert told["greeting"]["reds"] > 0
    assert told["days"]


def test_channels_are_there_and_a_test_is_true(daemon):
    (push,) = get(daemon, "api/channels").json()["channels"]
    assert (push["id"], push["kind"], push["state"]) == ("push", "push", "untried")
    assert len(get(daemon, "api/push/key").json()["key"]) == 87
    csrf = get(daemon, "api/session").json()["csrf"]
    tried = httpx.post(f"{daemon.url}api/channels/push/test", headers={"x-miseban-csrf": csrf}, json={}, timeout=10)
    assert (tried.json()["ok"], "no phone asked" in tried.json()["fault"]) == (False, True)
    assert [one["state"] for one in get(daemon, "api/channels").json()["channels"]] == ["failing"]
