"""From a sound in the shop to an alert, with a microphone alone; and what happens when it is pulled out, or killed."""

import json
import os
import signal
from pathlib import Path

import httpx
import pytest

from edge.delivery.journal import Journal
from tests.daemon.conftest import gone, running
from tests.daemon.smoke_alarm import PATTERN_S, smoke_alarm
from tests.delivery.phone import wait_for
from tests.sensors.virtual_microphone import PACKAGES, sound_server, why_missing

pytestmark = pytest.mark.skipif(
    bool(why_missing()), reason=f"needs {why_missing()} (make test installs them: {PACKAGES})"
)
START_S = 60
RATE_HZ = 48_000
QUICK = {"alerts": {"sensor_lost": {"after_s": 2.0, "end_after_s": 3.0}}}
TILL = {"id": "till", "device": "pulse", "gain_db": -3.0}


def plug(server):
    server.plug(smoke_alarm(PATTERN_S, RATE_HZ)[:, None], RATE_HZ)


def health(phone):
    told = phone.on("health")
    return told[-1].json["sensors"][0] if told else None


def is_now(phone, state):
    now = health(phone)
    return now is not None and now["state"] == state


def lost_alerts(phone):
    """The states of the alert that the microphone is lost, in order."""
    return [heard.json["state"] for heard in phone.on("alerts/") if heard.json["kind"] == "microphone_lost"]


@pytest.fixture(scope="module")
def server():
    with sound_server() as running_server:
        plug(running_server)
        yield running_server


@pytest.fixture(scope="module")
def daemon(server, tmp_path_factory):
    folder = tmp_path_factory.mktemp("microphones")
    with running(None, folder / "var", folder / "log", store=QUICK, microphone=[TILL]) as one:
        assert one.url.startswith("http://localhost:"), one.url
        yield one


@pytest.fixture
def phone(daemon):
    with daemon.phone() as one:
        yield one


def test_a_smoke_alarm_becomes_an_alert_without_any_camera(daemon, phone):
    wait_for(lambda: phone.on("alerts/"), START_S)
    told = phone.on("alerts/")[0].json
    assert (told["kind"], told["level"], told["state"]) == ("alarm_sound", "red", "open")
    assert [a["kind"] for a in httpx.get(f"{daemon.url}api/alerts").json()["alerts"]] == ["alarm_sound"]


def test_health_tells_of_the_microphone(phone):
    wait_for(lambda: is_now(phone, "ok") and health(phone)["level_dbfs"] is not None, START_S)
    till = health(phone)
    assert (till["id"], till["kind"], till["fault"], till["bad_frames"]) == ("till", "microphone", None, 0)
    assert till["model"].startswith("pulse, 48000 Hz")
    assert till["frame_age_ms"] < 3000
    wait_for(lambda: 30.0 < health(phone)["fps"] < 70.0)
    # Tones of -13 dBFS, less 3 dB by its gain, for a third of the time.
    wait_for(lambda: -26.0 < health(phone)["level_dbfs"] < -15.0)


def test_a_microphone_that_is_unplugged_shows_and_comes_back(server, phone):
    wait_for(lambda: is_now(phone, "ok"), START_S)
    server.unplug()
    wait_for(lambda: is_now(phone, "lost"), 15)
    assert health(phone)["fault"].startswith("microphone '")
    wait_for(lambda: health(phone)["level_dbfs"] is None)
    wait_for(lambda: lost_alerts(phone) == ["open"], 30)
    plug(server)
    wait_for(lambda: is_now(phone, "ok"), 20)
    assert health(phone)["fault"] is None
    wait_for(lambda: lost_alerts(phone)[-1] == "ended", 60)


def test_an_ear_that_is_killed_is_started_again(daemon, phone):
    wait_for(lambda: is_now(phone, "ok"), START_S)
    (before,) = daemon.sensors()
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: health(phone)["state"] != "ok", 15)
    wait_for(lambda: is_now(phone, "ok"), START_S)
    assert health(phone)["fault"] is None
    assert daemon.sensors() not in ([], [before])
    assert not any(h.json["kind"] == "camera_lost" for h in phone.on("events"))


def test_the_end_is_orderly(daemon, phone):
    """Last of those that share a daemon: microphones are let go, and every alert is ended."""
    children = daemon.children()
    code, seconds = daemon.end(signal.SIGINT)
    assert code == 0
    assert seconds < 5.0
    wait_for(lambda: all(gone(pid) for pid in children))
    journal = Journal(Path(json.loads(daemon.process.args[3])["data_dir"]) / "journal.sqlite")
    assert {json.loads(s.body)["state"] for s in journal.since(0, 500)} == {"ended"}
    journal.close()
    assert "Traceback" not in daemon.log.read_text()
