"""A camera and a microphone that hang, die, or whose recording vanishes: alerts while they are away, in a whole box."""

import json
import os
import signal

import numpy as np
import pytest
import soundfile

from tests.daemon.conftest import running
from tests.daemon.walker import write_session
from tests.delivery.phone import wait_for

START_S = 120
NOTICED_S = 60
pytestmark = pytest.mark.timeout(400)  # on a busy machine each start takes a while
QUICK = """
[[microphone]]
id = "till"
position = [0.2, 0.4, 2.4]
[alerts.sensor_lost]
after_s = 1.0
end_after_s = 6.0
[alerts.restraint]  # each outage is seen by itself
cool_down_s = 0.0
flaps = 100
"""
KINDS = ("camera_lost", "microphone_lost")


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    path = write_session(tmp_path_factory.mktemp("sessions") / "walker", store=QUICK)
    manifest = json.loads((path / "session.json").read_text())
    manifest["microphones"] = [{"id": "till", "t0": 1000.0}]
    (path / "session.json").write_text(json.dumps(manifest))
    (path / "till").mkdir()
    soundfile.write(path / "till/audio.wav", 0.01 * np.random.default_rng(1).standard_normal(16_000 * 4), 16_000)
    return path


@pytest.fixture(scope="module")
def daemon(session, tmp_path_factory):
    folder = tmp_path_factory.mktemp("lost")
    with running(session, folder / "var", folder / "log") as one:
        assert one.url.startswith("http://localhost:"), one.url
        with one.phone() as phone:
            wait_for(lambda: working(phone), START_S)
        yield one


@pytest.fixture
def phone(daemon):
    with daemon.phone() as one:
        wait_for(lambda: working(one) and not going(one), START_S)
        yield one


def working(phone):
    told = phone.on("health")
    return bool(told) and [sensor["state"] for sensor in told[-1].json["sensors"]] == ["ok", "ok"]


def alerts(phone):
    """The newest state of each alert."""
    return {heard.json["alert_id"]: heard.json for heard in phone.on("alerts/")}


def going(phone):
    return {alert["kind"]: alert for alert in alerts(phone).values() if alert["state"] != "ended"}


def test_what_works_or_starts_is_no_alert(phone):
    assert alerts(phone) == {}


def test_processes_that_hang_are_alerts_until_they_are_back(daemon, phone):
    for pid in daemon.sensors():
        os.kill(pid, signal.SIGSTOP)
    wait_for(lambda: set(going(phone)) == set(KINDS), NOTICED_S)
    camera, microphone = (going(phone)[kind] for kind in KINDS)
    assert (camera["level"], camera["state"], camera["count"]) == ("yellow", "open", 1)
    assert camera["reasons"][-1]["text"] == "Nothing comes from camera above."
    assert (camera["place"]["x"], camera["place"]["z"]) == (0.0, 3.0)
    assert microphone["reasons"][-1]["text"] == "Nothing comes from microphone till."
    assert (microphone["place"]["x"], microphone["place"]["y"]) == (0.2, 0.4)
    wait_for(lambda: {heard.json["kind"] for heard in phone.on("events")} >= set(KINDS), NOTICED_S)
    wait_for(lambda: not going(phone), START_S)
    assert len(alerts(phone)) == 2


def test_processes_that_are_killed_as_soon_as_they_are_back_are_one_alert_each(daemon, phone):
    before = set(alerts(phone))
    killed = set()
    for _ in range(3):
        wait_for(lambda: len(set(daemon.sensors()) - killed) == 2, NOTICED_S)
        for pid in set(daemon.sensors()) - killed:
            killed.add(pid)
            os.kill(pid, signal.SIGKILL)
    wait_for(lambda: set(going(phone)) == set(KINDS), NOTICED_S)
    wait_for(lambda: not going(phone), START_S)
    assert sorted(alerts(phone)[one]["kind"] for one in alerts(phone).keys() - before) == sorted(KINDS)


def test_a_recording_that_vanishes_is_an_alert_until_it_is_back(session, phone):
    session.rename(session.with_name("elsewhere"))
    try:
        wait_for(lambda: "camera_lost" in going(phone), NOTICED_S)
    finally:
        session.with_name("elsewhere").rename(session)
    wait_for(lambda: not going(phone), START_S)
