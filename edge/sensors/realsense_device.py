"""One RealSense camera opened, or a recording of one.

Of a camera its depth alone is opened: no stream of colour or infrared is ever asked for.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import structlog
from numpy.typing import NDArray

from edge.clock import NS_PER_S, monotonic_ns
from edge.errors import EdgeError
from edge.geometry import Intrinsics
from edge.messages import CameraModel
from edge.sensors.realsense_sdk import (
    CameraFault,
    CameraMissing,
    Devices,
    Mode,
    best_mode,
    connected,
    context,
    describe,
    fault,
    load,
    read_preset,
)
from edge.settings import CameraSource

WAITING = 16
"""Frames that wait for us; when there are more, the SDK drops the oldest, which shows in the frames' numbers."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Taken:
    """One frame as the SDK hands it over."""

    number: int
    stamp_ms: float
    is_global: bool
    """Whether the SDK has brought its time to UTC."""
    depth: NDArray[np.uint16]
    at_ns: int
    """When it was taken from the SDK, on the monotonic clock."""


def open_camera(source: CameraSource, devices: Devices = connected) -> OpenCamera:
    """Open a camera and start its depth stream; blocks for as long as the device does.

    Raises
    ------
    EdgeError
        When there is no SDK, the camera is not there, or it cannot be used.
    """
    where = f"camera {source.id!r}"
    try:
        if source.recording is not None:
            return OpenCamera(source, _recording(source.recording))
        for device in devices():
            if describe(device).serial == source.serial:
                return OpenCamera(source, device)
    except RuntimeError as error:
        raise fault(where, error) from error
    raise CameraMissing(where, f"no RealSense with serial {source.serial} is plugged in", "Check cable and power.")


def _recording(path: Path) -> Any:
    if not path.is_file():
        raise CameraMissing(str(path), "is not a file", "Check the path of the recording.")
    try:
        player = context().load_device(str(path)).as_playback()
    except RuntimeError as error:
        raise CameraFault(str(path), f"cannot be played ({error})", "Record it again.") from error
    player.set_real_time(False)  # at our pace: the SDK's own leaves frames out when it is late
    return player


class OpenCamera:
    """A camera whose depth is being taken."""

    def __init__(self, source: CameraSource, device: Any) -> None:
        rs = load()
        self._rs, self._device = rs, device
        self.found = describe(device)
        self._sensor = self._depth_sensor(device)
        self._where = f"camera {source.id!r}"
        self._id = source.id
        self._set_up(source)
        profiles = {
            Mode(profile.width(), profile.height(), profile.fps()): profile
            for one in self._sensor.get_stream_profiles()
            if one.stream_type() == rs.stream.depth and one.format() == rs.format.z16
            for profile in (one.as_video_stream_profile(),)
        }
        if not profiles:
            raise CameraFault(self._where, "gives no depth", "Is it a depth camera?")
        self.wanted = Mode(source.width, source.height, source.fps)
        self.mode = best_mode(list(profiles), self.wanted)
        self._depth_unit_m = round(float(self._sensor.get_option(rs.option.depth_units)), 9)
        self._filters = _filters(rs, source)
        self._queue = rs.frame_queue(WAITING, keep_frames=True)
        self._pacer = _Pacer(device, self._queue, rs) if source.recording is not None else None
        self.model: CameraModel | None = None
        """With the first frame: how it sees, not yet where it hangs."""
        self._sensor.open(profiles[self.mode])
        self._sensor.start(self._queue if self._pacer is None else self._pacer.hand_over)

    @property
    def connected(self) -> bool:
        """Whether it is still plugged in, as far as the SDK knows."""
        return bool(self._device.is_connected())

    @property
    def ended(self) -> bool:
        """Whether it is a recording that is over."""
        return self._pacer is not None and self._pacer.ended and self._queue.size() == 0

    def take(self, timeout_s: float) -> Taken | None:
        """The next frame, if there is one in time.

        Raises
        ------
        CameraFault
            When the SDK fails.
        """
        try:
            there, frame = self._queue.try_wait_for_frame(round(timeout_s * 1000))
            if not there:
                return None
            at_ns = monotonic_ns()
            for each in self._filters:
                frame = each.process(frame)
            if self.model is None:
                self.model = self._model_of(frame)
            return Taken(
                frame.get_frame_number(),
                frame.get_timestamp(),
                frame.get_frame_timestamp_domain() != self._rs.timestamp_domain.hardware_clock,
                np.array(frame.get_data(), np.uint16),  # a copy: the SDK has few frames, and wants them back
                at_ns,
            )
        except RuntimeError as error:
            raise fault(self._where, error) from error

    def forget_waiting(self) -> None:
        """Throw away the frames that wait."""
        while self._queue.try_wait_for_frame(0)[0]:
            pass

    def temperature_c(self) -> float | None:
        """The warmer of its two chips, where it tells."""
        option = self._rs.option
        told = [self._told(each) for each in (option.asic_temperature, option.projector_temperature)]
        return max((each for each in told if each is not None), default=None)

    def projector(self) -> bool | None:
        """Whether its dots are on, where it tells."""
        told = self._told(self._rs.option.emitter_enabled)
        return None if told is None else told > 0.0

    def close(self) -> None:
        """Let it go; blocks for as long as the device does."""
        if self._pacer is not None:
            self._pacer.give_up()
        try:
            self._sensor.stop()
            self._sensor.close()
        except RuntimeError as error:  # it was pulled out: there is nothing left to close
            log.debug("camera was gone before it was closed", camera=self._id, error=str(error))

    def _depth_sensor(self, device: Any) -> Any:
        for sensor in device.query_sensors():
            if sensor.is_depth_sensor():
                return sensor
        raise CameraFault(self.found.model, "has no depth sensor", "Is it a depth camera?")

    def _set_up(self, source: CameraSource) -> None:
        option = self._rs.option
        if source.preset is not None and source.recording is None:
            self._load_preset(source.preset)
        self._set(option.global_time_enabled, 1.0)
        if source.projector is not None:
            self._set(option.emitter_enabled, float(source.projector))
        if source.depth_unit_m is not None and not self._set(option.depth_units, source.depth_unit_m):
            log.warning("the camera keeps its own depth unit", camera=self._id)

    def _load_preset(self, path: Path) -> None:
        text = read_preset(path)
        advanced = self._rs.rs400_advanced_mode(self._device)
        if not advanced.is_enabled():
            advanced.toggle_advanced_mode(True)
            raise CameraFault(self._where, "restarts in its advanced mode, for the preset", "Wait a few seconds.")
        try:
            advanced.load_json(text)
        except RuntimeError as error:
            remedy = "Save it anew with the RealSense Viewer."
            raise CameraFault(str(path), f"is not a preset for {self.found.model} ({error})", remedy) from error

    def _set(self, option: Any, value: float) -> bool:
        """Set an option, if the device has it and lets it be set."""
        if not self._sensor.supports(option) or self._sensor.is_option_read_only(option):
            return False
        self._sensor.set_option(option, value)
        return True

    def _told(self, option: Any) -> float | None:
        try:
            return float(self._sensor.get_option(option)) if self._sensor.supports(option) else None
        except RuntimeError:  # some devices tell only while they stream
            return None

    def _model_of(self, frame: Any) -> CameraModel:
        i = frame.get_profile().as_video_stream_profile().get_intrinsics()
        distortion = tuple(float(v) for v in i.coeffs) if any(i.coeffs) else ()
        if distortion and i.model != self._rs.distortion.brown_conrady:
            raise CameraFault(self._where, f"bends its picture in a way that is not known ({i.model})", "Report it.")
        intrinsics = Intrinsics(i.width, i.height, i.fx, i.fy, i.ppx, i.ppy, distortion)
        return CameraModel(self._id, intrinsics, self._depth_unit_m, model=self.found.model)


def _filters(rs: Any, source: CameraSource) -> list[Any]:
    """Those that are wished for, in the SDK's order: noise is evened out in disparity, where it is even."""
    wanted = set(source.filters)
    chain: list[Any] = [rs.decimation_filter()] if "decimation" in wanted else []
    smooth = [
        make() for name, make in (("spatial", rs.spatial_filter), ("temporal", rs.temporal_filter)) if name in wanted
    ]
    return [*chain, rs.disparity_transform(True), *smooth, rs.disparity_transform(False)] if smooth else chain


class _Pacer:
    """Hands a recording's frames over at the times at which they were taken; in the SDK's thread, which waits."""

    def __init__(self, player: Any, frames: Any, rs: Any) -> None:
        self._frames = frames
        self._given_up = threading.Event()
        self._first: tuple[float, float] | None = None
        self.ended = False
        self._stopped = rs.playback_status.stopped
        player.set_status_changed_callback(self._hear)

    def hand_over(self, frame: Any) -> None:
        """Pass a frame on at its time."""
        now_s, stamp_s = time.monotonic(), frame.get_timestamp() / 1000
        if self._first is None:
            self._first = now_s, stamp_s
        due_s = self._first[0] + stamp_s - self._first[1]
        if not -5.0 < due_s - now_s < 5.0:  # a gap in the recording is not waited for
            self._first, due_s = (now_s, stamp_s), now_s
        if not self._given_up.wait(max(0.0, due_s - now_s)):
            self._frames.enqueue(frame)

    def give_up(self) -> None:
        """Wait no more."""
        self._given_up.set()

    def _hear(self, status: Any) -> None:
        self.ended = self.ended or status == self._stopped


def close_within(camera: OpenCamera, timeout_s: float) -> bool:
    """Let a camera go; False when it does not let itself be closed in time."""
    thread = threading.Thread(target=camera.close, name="close camera", daemon=True)
    thread.start()
    thread.join(timeout_s)
    return not thread.is_alive()


class Opening:
    """Opens a camera in a thread that nobody has to wait for: a device may hang."""

    def __init__(self, source: CameraSource, devices: Devices) -> None:
        self.camera: OpenCamera | None = None
        self.error: EdgeError | None = None
        self._source, self._devices = source, devices
        self._began_ns = monotonic_ns()
        self._given_up = threading.Event()
        self._thread = threading.Thread(target=self._run, name="open camera", daemon=True)
        self._thread.start()

    @property
    def over(self) -> bool:
        """Whether there is a camera now, or an error."""
        return not self._thread.is_alive()

    @property
    def took_s(self) -> float:
        """How long ago it began."""
        return (monotonic_ns() - self._began_ns) / NS_PER_S

    def give_up(self, timeout_s: float) -> None:
        """Have no camera opened any more, or closed again; returns within the time."""
        self._given_up.set()
        self._thread.join(timeout_s)
        if self.over and self.camera is not None:
            close_within(self.camera, timeout_s)

    def _run(self) -> None:
        try:
            camera = open_camera(self._source, self._devices)
        except EdgeError as error:
            self.error = error
            return
        if self._given_up.is_set():
            camera.close()
        else:
            self.camera = camera
