"""A RealSense camera without hardware: the SDK's own software device, into which frames are pushed."""

import threading
import time

import numpy as np
import pytest

try:
    import pyrealsense2 as rs
except ImportError as error:  # no wheel for this machine, or no libusb
    WHY_MISSING = str(error)
else:
    WHY_MISSING = ""

needs_sdk = pytest.mark.skipif(bool(WHY_MISSING), reason=f"needs the RealSense SDK: {WHY_MISSING}")
SERIAL = "949122070603"


class SoftwareCamera:
    """One D455 with a depth sensor that has some modes, and a colour sensor that must stay closed."""

    def __init__(self, modes=((848, 480, 30),), usb="3.2", firmware="5.17.0.10", serial=SERIAL):
        self.device = rs.software_device()
        for key, value in {
            rs.camera_info.name: "Intel RealSense D455",
            rs.camera_info.serial_number: serial,
            rs.camera_info.firmware_version: firmware,
            rs.camera_info.recommended_firmware_version: "5.17.0.10",
            rs.camera_info.usb_type_descriptor: usb,
        }.items():
            self.device.register_info(key, value)
        self.sensor = self.device.add_sensor("Stereo Module")
        for number, mode in enumerate(modes):
            self.sensor.add_video_stream(_stream(rs.stream.depth, rs.format.z16, 2, number, mode))
        self.sensor.add_read_only_option(rs.option.depth_units, 0.001)
        self.sensor.add_read_only_option(rs.option.asic_temperature, 41.5)
        self.sensor.add_read_only_option(rs.option.stereo_baseline, 95.0)
        self.sensor.add_option(rs.option.emitter_enabled, _range(0.0, 2.0, 1.0, 1.0))
        self.colour = self.device.add_sensor("RGB Camera")
        self.colour.add_video_stream(_stream(rs.stream.color, rs.format.rgb8, 3, 90, (1280, 720, 30)))
        self.plugged_in = True
        self.number = 0
        self._over = threading.Event()
        self._thread = None

    def devices(self):
        """What the SDK would find on USB."""
        return [self.device] if self.plugged_in else []

    def profile(self, mode):
        return next(
            video
            for one in self.sensor.get_stream_profiles()
            for video in (one.as_video_stream_profile(),)
            if (video.width(), video.height(), video.fps()) == mode
        )

    def push(self, depth, stamp_ms, mode=(848, 480, 30), domain=None):
        """Hand over the next frame, as the device does."""
        frame = rs.software_video_frame()
        frame.pixels, frame.bpp, frame.stride = depth, 2, 2 * depth.shape[1]
        frame.timestamp, frame.frame_number = stamp_ms, self.number
        frame.domain = rs.timestamp_domain.global_time if domain is None else domain
        frame.profile, frame.depth_units = self.profile(mode), 0.001
        self.sensor.on_video_frame(frame)
        self.number += 1

    def stream(self, pictures, fps=30, mode=(848, 480, 30)):
        """Push pictures, over and over, from a thread, with global times 5 ms before now."""
        self._over = threading.Event()

        def run():
            began_s, k = time.monotonic(), 0
            while not self._over.wait(max(0.0, began_s + k / fps - time.monotonic())):
                self.push(pictures[k % len(pictures)], time.time() * 1000 - 5.0, mode)
                k += 1

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()

    def stall(self):
        """No more frames."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def unplug(self):
        self.plugged_in = False
        self.stall()


def room(width=848, height=480, height_m=2.6, tilt_deg=55.0, seed=0):
    """What a camera sees of a bare floor, with a stereo camera's noise."""
    f = width / 2
    rows = (np.arange(height) - height / 2) / f
    tilt = np.radians(tilt_deg)
    down = np.sin(tilt) + rows * np.cos(tilt)  # metres down for each metre along the optical axis
    z_m = np.where(down > 0.15, height_m / np.maximum(down, 0.15), 0.0)
    z_m = np.repeat(z_m[:, None], width, axis=1)
    z_m += np.random.default_rng(seed).normal(0.0, 0.002, z_m.shape) * z_m**2 * (z_m > 0)
    return np.clip(np.round(1000 * z_m), 0, 65_535).astype(np.uint16)


def record(path, pictures, fps=30):
    """A recording of some pictures, made with the SDK's recorder."""
    camera = SoftwareCamera()
    recorder = rs.recorder(str(path), camera.device)
    sensor = recorder.query_sensors()[0]
    got = []
    sensor.open(sensor.get_stream_profiles()[0])
    sensor.start(lambda frame: got.append(frame.get_frame_number()))
    for k, picture in enumerate(pictures):
        camera.push(picture, 1.7e12 + 1000.0 * k / fps)
        time.sleep(1 / (2 * fps))
    until = time.monotonic() + 5
    while len(got) < len(pictures) and time.monotonic() < until:
        time.sleep(0.01)
    sensor.stop()
    sensor.close()
    assert len(got) == len(pictures)


def _stream(kind, form, bpp, number, mode):
    width, height, fps = mode
    lens = rs.intrinsics()
    lens.width, lens.height, lens.fx, lens.fy = width, height, width / 2, width / 2
    lens.ppx, lens.ppy, lens.model, lens.coeffs = width / 2, height / 2, rs.distortion.brown_conrady, [0.0] * 5
    stream = rs.video_stream()
    stream.type, stream.fmt, stream.uid, stream.index = kind, form, number, 0
    stream.width, stream.height, stream.fps, stream.bpp, stream.intrinsics = width, height, fps, bpp, lens
    return stream


def _range(least, most, step, default):
    made = rs.option_range()
    made.min, made.max, made.step, made.default = least, most, step, default
    return made
