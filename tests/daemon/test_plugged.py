"""What is plugged in becomes sensors; and the sound of a session is heard in a process of its own."""

import queue

import pytest
import soundfile

from edge.clock import utc_ns
from edge.daemon.ear_process import EarSpec, PlayedTrack, listen
from edge.daemon.outlook import microphone_concerns
from edge.daemon.plugged import plug
from edge.daemon.sensor import Sensor
from edge.errors import EdgeError
from edge.messages import EventKind, SensorState
from edge.recording.check import device_faults
from edge.sensors.intake import Schedule
from edge.settings import DeviceSettings, EarSettings, StoreSettings
from tests.daemon.smoke_alarm import PATTERN_S, smoke_alarm
from tests.daemon.walker import write_session
from tests.delivery.phone import wait_for
from tests.sensors.virtual_microphone import why_missing

RATE_HZ = 44_100
DEAF = StoreSettings(ear=EarSettings(enabled=False))
TILL = {"id": "till"}


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    path = tmp_path_factory.mktemp("clip") / "alarm.flac"
    soundfile.write(path, smoke_alarm(2 * PATTERN_S, RATE_HZ), RATE_HZ)
    return path


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    return write_session(tmp_path_factory.mktemp("session") / "s", ("above",), seconds=0.5)


def plugged(store=None, sessions=(), **device):
    settings = DeviceSettings.model_validate({"session": [{"path": str(path)} for path in sessions]} | device)
    return plug(settings, store, queue.Queue(), 0)


def ids(plugged_in):
    return [(sensor.kind, sensor.id) for sensor in plugged_in.sensors]


def test_cameras_and_microphones_of_devices_and_of_sessions_are_all_there(session, clip):
    found = plugged(sessions=(session, clip), microphone=[TILL])
    assert ids(found) == [("camera", "above"), ("microphone", "till"), ("microphone", "mic0")]


def test_an_ear_that_is_off_opens_no_microphone(session, clip):
    assert ids(plugged(DEAF, (session, clip), microphone=[TILL])) == [("camera", "above")]


def test_sound_is_not_played_faster(session, clip):
    hurried = [{"path": str(clip), "speed": 2.0}, {"path": str(session), "speed": 2.0}]
    assert ids(plugged(session=hurried)) == [("camera", "above")]


@pytest.mark.parametrize(
    ("store", "device", "words"),
    [
        (None, {}, "names no camera and no microphone"),
        (DEAF, {"microphone": [TILL]}, "the ear is off"),
        (None, {"microphone": [{"id": "mic0"}]}, "two microphones are called 'mic0'"),
        (None, {"microphone": [{"id": "above"}]}, "a camera and a microphone are both called 'above'"),
    ],
)
def test_what_cannot_run_is_said(session, clip, store, device, words):
    sessions = (session, clip) if store is None and device else ()
    with pytest.raises(EdgeError, match=words):
        plugged(store, sessions, **device)


@pytest.mark.skipif("libportaudio2" in why_missing(), reason="needs libportaudio2")
def test_a_device_that_is_not_there_is_told_before_the_box_runs():
    device = DeviceSettings.model_validate({"microphone": [{"id": "till", "device": "no such device"}]})
    (concern,) = microphone_concerns(device)
    assert concern.startswith("[[microphone]] 'till': microphone 'no such device': there is no such device. Plug it in")
    assert microphone_concerns(DeviceSettings()) == ()


def test_microphones_alone_are_enough(tmp_path):
    path = tmp_path / "device.toml"
    assert device_faults(DeviceSettings.model_validate({"microphone": [TILL]}), path) == ()
    (fault,) = device_faults(DeviceSettings(), path)
    assert "no camera, no microphone and no session is named" in str(fault)


def test_a_smoke_alarm_of_a_session_is_heard_in_a_process_of_its_own(clip):
    inbox = queue.Queue()
    began_ns = utc_ns()
    track = PlayedTrack(clip, "mic0", Schedule(began_ns, 1.0, loop=True))
    sensor = Sensor("mic0", "microphone", listen, EarSpec(track, EarSettings()), inbox)
    sensor.start()
    told = []

    def alarm():
        assert not sensor.check(), sensor.health()
        while not inbox.empty():
            told.append(inbox.get())
        return [event for one in told for event in one.events if event.kind is EventKind.ALARM_SOUND]

    try:
        event = wait_for(alarm, 40)[0]
        now = sensor.health()
    finally:
        sensor.stop()
    assert began_ns < event.t_start_ns < event.t_end_ns < utc_ns()
    assert not any(one.frames or one.scores for one in told)
    assert (now.state, now.model, now.fault) == (SensorState.OK, "session alarm", None)
    assert now.lag_ms < 1000


def test_a_session_that_is_played_once_ends_and_is_not_started_again(tmp_path):
    path = tmp_path / "short.wav"
    soundfile.write(path, smoke_alarm(0.5, RATE_HZ), RATE_HZ)
    inbox = queue.Queue()
    track = PlayedTrack(path, "mic0", Schedule(utc_ns(), 1.0, loop=False))
    sensor = Sensor("mic0", "microphone", listen, EarSpec(track, EarSettings()), inbox)
    sensor.start()
    wait_for(lambda: (sensor.check(), sensor.state is SensorState.LOST)[1], 40)
    assert not sensor.check()
    sensor.stop()
    assert sensor.restarts == 0


def test_a_sound_that_cannot_be_read_is_a_fault_and_is_tried_again(tmp_path):
    track = PlayedTrack(tmp_path / "gone.wav", "mic0", Schedule(utc_ns(), 1.0, loop=True))
    sensor = Sensor("mic0", "microphone", listen, EarSpec(track, EarSettings()), queue.Queue())
    sensor.start()
    wait_for(sensor.check, 40)
    assert sensor.health().state is SensorState.LOST
    assert "gone.wav" in sensor.health().fault
    wait_for(lambda: (sensor.check(), sensor.restarts == 1)[1], 5)
    sensor.stop()
