"""One RealSense camera: depth frames with their times out, whatever becomes of the device.

::

    device -> the SDK's queue -> filters -> numbers: what is missing is counted -> times in UTC -> frames
       ^           | full: dropped, which the numbers tell
       '-- opened again -- unplugged, stalled, over (a recording)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import structlog

from edge.clock import NS_PER_S, monotonic_ns
from edge.errors import EdgeError
from edge.messages import CameraModel, DepthFrame, SensorState
from edge.sensors.microphone_clock import utc_offset_ns
from edge.sensors.realsense_clock import FrameClock
from edge.sensors.realsense_device import OpenCamera, Opening, Taken, close_within
from edge.sensors.realsense_sdk import CameraFault, CameraMissing, Devices, SdkMissing, connected
from edge.settings import CameraSource

POLL_S = 0.1
STALLED_NS = 3 * NS_PER_S // 2
LOST_NS = 4 * NS_PER_S
STARTING_NS = 8 * NS_PER_S
"""Some cameras take seconds to give their first frame."""
OPENING_S = 20.0
"""A device that does not let itself be opened in this time hangs the SDK: only another process helps."""
STEADY_NS = 30 * NS_PER_S
"""A camera that was seen this long has proved itself: when it is lost, it is soon looked for again."""
FIRST_BACK_OFF_NS, LAST_BACK_OFF_NS = NS_PER_S // 2, 8 * NS_PER_S
TEMPERATURE_NS = 10 * NS_PER_S
CLOSING_S = 1.0
MOST_GAP = 100_000
"""Numbers that go up by more than this have begun anew."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CameraCounts:
    """What happened to a camera so far."""

    frames: int = 0
    dropped: int = 0
    """Frames that the camera took and that did not get here, by their numbers."""
    lost: int = 0
    """How often it was unplugged, or broke off."""
    stalled: int = 0
    """How often nothing came from it though it was open."""
    reopened: int = 0


class RealSense:
    """A depth camera that is looked at for as long as one likes.

    Parameters
    ----------
    wait
        Sleeps for so many seconds; returns True when it is time to end.
    devices
        The SDK's devices that there are now.
    """

    def __init__(self, source: CameraSource, wait: Callable[[float], bool], devices: Devices = connected) -> None:
        self._source, self._wait, self._devices = source, wait, devices
        self._where = f"camera {source.id!r}"
        self.state = SensorState.STARTING
        self.fault: str | None = None
        """Why it does not see, in one sentence."""
        self.counts = CameraCounts()
        self.temperature_c: float | None = None
        self.model = ""
        """What it is and how it is run."""
        self.camera: CameraModel | None = None
        """How it sees, since its first frame; where it hangs is not known here."""
        self._device: OpenCamera | None = None
        self._opening: Opening | None = None
        self._clock = FrameClock()
        self._number: int | None = None
        self._opened_ns = self._heard_ns = self._retry_ns = self._warmth_ns = monotonic_ns()
        self._back_off_ns = FIRST_BACK_OFF_NS

    def frames(self) -> Iterator[DepthFrame]:
        """Each frame as it comes, until ``wait`` says that it is time to end.

        Raises
        ------
        EdgeError
            When only another process can help: the SDK is missing or hangs, or the picture has another size now.
        """
        try:
            while not self._wait(0.0):
                if self._device is None:
                    if not self._open() and self._wait(POLL_S / 2):
                        return
                    continue
                try:
                    taken = self._device.take(POLL_S)
                except CameraFault as error:
                    self._lose(error)
                    continue
                if taken is not None:
                    yield self._timed(self._device, taken)
                else:
                    self._look_after(self._device)
        finally:
            self._end()

    def forget_waiting(self) -> None:
        """Throw away what came while nobody could look; it does not count as dropped."""
        if self._device is not None:
            self._device.forget_waiting()
        self._number = None
        self._heard_ns = monotonic_ns()

    def _timed(self, device: OpenCamera, taken: Taken) -> DepthFrame:
        self._heard_ns = now_ns = monotonic_ns()
        if device.model != self.camera:
            self._take_model(device)
        self.state, self.fault = SensorState.OK, None
        if now_ns - self._opened_ns > STEADY_NS:
            self._back_off_ns = FIRST_BACK_OFF_NS
        if now_ns - self._warmth_ns > TEMPERATURE_NS:
            self._warmth_ns, self.temperature_c = now_ns, device.temperature_c()
        missing = 0 if self._number is None else taken.number - self._number - 1
        self._number = taken.number
        dropped = missing if 0 < missing < MOST_GAP else 0
        self.counts = replace(self.counts, frames=self.counts.frames + 1, dropped=self.counts.dropped + dropped)
        t_ns = self._clock.utc_ns(
            taken.stamp_ms, is_global=taken.is_global, arrived_ns=taken.at_ns, utc_offset_ns=utc_offset_ns()
        )
        return DepthFrame(self._source.id, t_ns, taken.depth)

    def _take_model(self, device: OpenCamera) -> None:
        if self.camera is not None:
            what = f"gives another picture than before ({device.mode})"
            raise CameraFault(self._where, what, "It is started again.")
        self.camera = device.model
        self.temperature_c = device.temperature_c()

    def _open(self) -> bool:
        """Have the device opened, when it is time for that; whether it is open."""
        if self._opening is None:
            if monotonic_ns() >= self._retry_ns:
                self._opening = Opening(self._source, self._devices)
            return False
        if not self._opening.over:
            if self._opening.took_s > OPENING_S:
                raise CameraFault(self._where, "does not let itself be opened", "Unplug it and plug it in again.")
            return False
        opening, self._opening = self._opening, None
        if opening.camera is None:
            self._miss(opening.error or CameraFault(self._where, "cannot be opened", "Unplug it, plug it in again."))
            return False
        self._welcome(opening.camera)
        return True

    def _welcome(self, device: OpenCamera) -> None:
        again = self.camera is not None
        self._device, self._number = device, None
        self._clock.reset()
        self._opened_ns = self._heard_ns = monotonic_ns()
        usb = f", USB {device.found.usb}" if device.found.usb else ""
        self.model = f"{device.found.model}, {device.mode}{usb}"
        if again:
            self.counts = replace(self.counts, reopened=self.counts.reopened + 1)
        log.info("camera open", camera=self._source.id, model=self.model, projector=device.projector())
        if device.mode != device.wanted:
            log.warning(
                "camera has no such mode here", camera=self._source.id, wanted=str(device.wanted), has=str(device.mode)
            )
        for concern in device.found.concerns():
            log.warning("camera is worth a look", camera=self._source.id, concern=concern)

    def _look_after(self, device: OpenCamera) -> None:
        """Nothing came: is it over, gone, or only slow?"""
        silent_ns = monotonic_ns() - self._heard_ns
        if device.ended:
            self._let_go(device)
            self._retry_ns = monotonic_ns()
        elif not device.connected:
            self._lose(CameraMissing(self._where, "was unplugged", "Check cable and power."))
        elif self._heard_ns == self._opened_ns:  # it has not begun yet
            if silent_ns > STARTING_NS:
                self._lose(CameraFault(self._where, "gives no frames", "Unplug it and plug it in again."))
        elif silent_ns > LOST_NS:
            self._lose(CameraFault(self._where, "has stalled", "It is opened again."))
        elif silent_ns > STALLED_NS and self.state is SensorState.OK:
            self.state, self.fault = SensorState.STALLED, f"{self._where}: gives no frames any more."
            self.counts = replace(self.counts, stalled=self.counts.stalled + 1)
            log.warning("camera stalled", camera=self._source.id)

    def _lose(self, error: EdgeError) -> None:
        if self._device is not None:
            self._let_go(self._device)
            self.counts = replace(self.counts, lost=self.counts.lost + 1)
        self._miss(error)

    def _let_go(self, device: OpenCamera) -> None:
        self._device = None
        if not close_within(device, CLOSING_S):
            raise CameraFault(self._where, "does not let itself be closed", "It is started again.")

    def _miss(self, error: EdgeError) -> None:
        if isinstance(error, SdkMissing):
            raise error
        if self.fault != str(error):
            log.warning("camera away", camera=self._source.id, error=str(error), retry_s=self._back_off_ns / NS_PER_S)
        self.state, self.fault, self.temperature_c = SensorState.LOST, str(error), None
        self._retry_ns = monotonic_ns() + self._back_off_ns
        self._back_off_ns = min(2 * self._back_off_ns, LAST_BACK_OFF_NS)

    def _end(self) -> None:
        if self._opening is not None:
            self._opening.give_up(CLOSING_S)
        if self._device is not None:
            close_within(self._device, CLOSING_S)
