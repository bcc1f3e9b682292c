"""A RealSense camera, exercised through the SDK's software device, its recorder and its player."""

import threading
import time
from collections import deque

import numpy as np
import pytest

from edge.errors import EdgeError
from edge.messages import SensorState
from edge.sensors.realsense import RealSense
from edge.sensors.realsense_sdk import CameraFault
from edge.settings import CameraSource
from tests.sensors.software_camera import SERIAL, SoftwareCamera, needs_sdk, record

pytestmark = needs_sdk


class Looker:
    """Whoever looks at a camera, in a thread of its own."""

    def __init__(self, devices, **source):
        self.end = threading.Event()
        self.camera = RealSense(CameraSource(id="door", **source), self.end.wait, devices)
        self.frames = deque(maxlen=2000)
        self.error = None
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self):
        try:
            self.frames.extend(iter(self.camera.frames()))
        except EdgeError as error:
            self.error = error

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end.set()
        self.thread.join(10)
        assert not self.thread.is_alive()


def until(true, timeout_s=10.0):
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < timeout_s, "not in time"
        time.sleep(0.005)
    return time.monotonic() - began


def numbered(k, width=848, height=480):
    """A picture that tells its number in every pixel."""
    return np.full((height, width), 1000 + k, np.uint16)


@pytest.fixture
def device():
    camera = SoftwareCamera()
    yield camera
    camera.stall()


def ready(looker):
    """Wait until it is open, so that nothing is pushed into a closed device."""
    until(lambda: looker.camera.model != "")


def test_frames_pushed_at_thirty_a_second_arrive_exactly(device):
    with Looker(device.devices, serial=SERIAL) as looker:
        ready(looker)
        device.stream([numbered(k) for k in range(300)])
        until(lambda: len(looker.frames) >= 150)
        device.stall()
        until(lambda: len(looker.frames) == device.number)
        assert [int(frame.depth[0, 0]) for frame in looker.frames] == [1000 + k for k in range(device.number)]
        assert all((frame.depth == frame.depth[0, 0]).all() for frame in looker.frames)
        assert looker.camera.counts.dropped == 0
        times_ns = np.array([frame.t_ns for frame in looker.frames])
        assert (np.diff(times_ns) > 0).all()
        assert abs(np.diff(times_ns)[15:].mean() / 1e9 - 1 / 30) < 0.002
    assert looker.error is None


def test_what_the_camera_is_is_known_with_its_first_frame(device):
    with Looker(device.devices, serial=SERIAL, projector=False) as looker:
        ready(looker)
        device.push(numbered(0), time.time() * 1000)
        until(lambda: looker.frames)
        seen = looker.camera.camera
        assert (seen.id, seen.depth_unit_m, seen.pose) == ("door", 0.001, None)
        assert (seen.intrinsics.width, seen.intrinsics.height, seen.intrinsics.fx) == (848, 480, 424.0)
        assert looker.camera.model == "Intel RealSense D455, 848x480 at 30/s, USB 3.2"
        assert looker.camera.temperature_c == pytest.approx(41.5)
        assert looker.camera._device.projector() is False


def test_no_colour_is_ever_opened(device):
    with Looker(device.devices, serial=SERIAL) as looker:
        ready(looker)
        assert len(device.sensor.get_active_streams()) == 1
        assert device.colour.get_active_streams() == []


def test_numbers_that_are_missing_are_drops(device):
    with Looker(device.devices, serial=SERIAL) as looker:
        ready(looker)
        for k in range(40):
            if k in (10, 11, 25):
                device.number += 1
            device.push(numbered(k), time.time() * 1000)
            time.sleep(0.01)
        until(lambda: len(looker.frames) == 40)
        assert looker.camera.counts.dropped == 3


def test_a_camera_that_is_slow_to_be_looked_at_drops_and_counts(device):
    camera = RealSense(CameraSource(id="door", serial=SERIAL), threading.Event().wait, device.devices)
    frames = camera.frames()
    opener = threading.Thread(target=lambda: [until(lambda: camera.model != ""), device.push(numbered(0), 0.0)])
    opener.start()
    next(frames)
    opener.join()
    for k in range(1, 61):
        device.push(numbered(k), 33.3 * k)
        time.sleep(0.005)
    taken = 0
    while taken + camera.counts.dropped < 60:
        next(frames)
        taken += 1
    assert camera.counts.dropped >= 40
    assert taken + camera.counts.dropped == 60
    frames.close()


def test_a_stall_is_noticed_within_two_seconds_and_healed(device):
    with Looker(device.devices, serial=SERIAL) as looker:
        ready(looker)
        device.stream([numbered(0)])
        until(lambda: looker.camera.state is SensorState.OK and len(looker.frames) > 10)
        device.stall()
        took_s = until(lambda: looker.camera.state is SensorState.STALLED)
        assert 1.0 < took_s < 2.0
        assert "gives no frames any more" in looker.camera.fault
        device.stream([numbered(1)])
        until(lambda: looker.camera.state is SensorState.OK)
        assert (looker.camera.fault, looker.camera.counts.stalled, looker.camera.counts.reopened) == (None, 1, 0)


def test_a_camera_that_is_unplugged_is_taken_up_again_when_it_returns(device):
    with Looker(device.devices, serial=SERIAL) as looker:
        ready(looker)
        device.stream([numbered(0)])
        until(lambda: len(looker.frames) > 10)
        device.unplug()
        until(lambda: looker.camera.state is SensorState.LOST)
        until(lambda: f"no RealSense with serial {SERIAL} is plugged in" in looker.camera.fault)
        before, device.number = looker.frames[-1], 0
        device.plugged_in = True
        until(lambda: looker.camera.counts.reopened == 1)
        device.stream([numbered(7)])
        until(lambda: looker.camera.state is SensorState.OK)
        until(lambda: looker.frames[-1].depth[0, 0] == 1007)
        assert looker.frames[-1].t_ns > before.t_ns
        assert (looker.camera.counts.lost, looker.camera.counts.dropped) == (1, 0)
        assert looker.camera.fault is None


def test_on_usb_2_the_nearest_mode_below_is_taken():
    device = SoftwareCamera(modes=((1280, 720, 6), (640, 480, 15), (480, 270, 15), (480, 270, 60)), usb="2.1")
    with Looker(device.devices, serial=SERIAL) as looker:
        ready(looker)
        assert looker.camera.model == "Intel RealSense D455, 640x480 at 15/s, USB 2.1"


def test_a_camera_that_returns_with_another_picture_is_for_another_process():
    device = SoftwareCamera(modes=((848, 480, 30), (640, 480, 15)))
    looks = [device]
    with Looker(lambda: looks[0].devices(), serial=SERIAL) as looker:
        ready(looker)
        device.push(numbered(0), time.time() * 1000)
        until(lambda: looker.frames)
        device.unplug()
        until(lambda: looker.camera.state is SensorState.LOST)
        looks[0] = slow = SoftwareCamera(modes=((640, 480, 15),), usb="2.1")
        until(lambda: looker.camera.counts.reopened == 1)
        slow.push(numbered(0, 640), time.time() * 1000, (640, 480, 15))
        until(lambda: looker.error is not None)
    assert isinstance(looker.error, CameraFault)
    assert "another picture than before (640x480 at 15/s)" in str(looker.error)


def test_filters_make_the_picture_smaller_and_the_lens_with_it(device):
    with Looker(device.devices, serial=SERIAL, filters=("decimation", "spatial", "temporal")) as looker:
        ready(looker)
        for _ in range(3):
            device.push(numbered(0), time.time() * 1000)
        until(lambda: len(looker.frames) == 3)
        assert looker.frames[-1].depth.shape == (240, 424)
        lens = looker.camera.camera.intrinsics
        assert (lens.width, lens.height, lens.fx) == (424, 240, 212.0)
        assert abs(float(looker.frames[-1].depth[100, 100]) - 1000) <= 2


def test_a_recording_is_played_as_if_it_were_live_over_and_over(tmp_path):
    record(tmp_path / "r.db3", [numbered(k) for k in range(45)])
    began_ns = time.time_ns()
    with Looker(list, recording=tmp_path / "r.db3") as looker:
        until(lambda: len(looker.frames) >= 90, 20)
        took_s = (time.time_ns() - began_ns) / 1e9
        frames = list(looker.frames)[:90]
        assert looker.camera.counts.dropped == 0
    assert [int(frame.depth[5, 5]) for frame in frames] == [1000 + k for k in range(45)] * 2
    assert took_s > 2 * 44 / 30
    times_ns = [frame.t_ns for frame in frames]
    assert times_ns == sorted(set(times_ns))
    assert abs(times_ns[0] - began_ns) < 5e9, "in UTC now, not when it was recorded"
    assert abs((times_ns[44] - times_ns[10]) / 1e9 - 34 / 30) < 0.05


@pytest.mark.parametrize(
    ("name", "content"), [("gone.db3", None), ("junk.db3", b"junk"), ("junk.bag", b"#ROSBAG V2.0\n")]
)
def test_a_recording_that_cannot_be_played_says_so(tmp_path, name, content):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with Looker(list, recording=tmp_path / name) as looker:
        until(lambda: looker.camera.state is SensorState.LOST)
        assert name in looker.camera.fault
