"""One microphone: a sound device in, chunks with their times out, whatever becomes of the device.

::

    device --callback--> ring -> one channel -> 16 kHz -> times in UTC -> chunks
       ^                  | full: dropped            ^
       '-- opened again --+-- ended, stalled, dead   '-- begins anew where samples were lost
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import structlog

from edge.clock import NS_PER_S, monotonic_ns
from edge.errors import EdgeError
from edge.messages import RATE_HZ, AudioChunk, SensorState
from edge.recording.resampling import one_channel
from edge.sensors.microphone_clock import utc_offset_ns
from edge.sensors.microphone_device import (
    Block,
    DeviceBusy,
    OpenDevice,
    Opening,
    PortAudioMissing,
    close_within,
)
from edge.sensors.microphone_stretch import SilenceMeter, Stretch, Timed

POLL_S = 0.02
STALLED_NS = NS_PER_S
LOST_NS = 5 * NS_PER_S // 2
STARTING_NS = 10 * NS_PER_S
"""A sound server may take seconds to answer, and to wake a device up."""
STEADY_NS = 30 * NS_PER_S
"""A device that was heard this long has proved itself: when it is lost, it is soon looked for again."""
FIRST_BACK_OFF_NS, LAST_BACK_OFF_NS = NS_PER_S // 2, 30 * NS_PER_S
FIRST_REVIVAL_NS, LAST_REVIVAL_NS = 10 * NS_PER_S, 600 * NS_PER_S
"""A device that has gone dead may wake up when it is opened again; one that was muted on purpose will not."""
CLOSING_S = 1.0
"""So long is waited for a device that does not let go, before it is left to the end of the process."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class MicrophoneCounts:
    """What happened to a microphone so far."""

    chunks: int = 0
    dropped: int = 0
    """Blocks of 20 ms that did not fit, because whoever listens was too slow."""
    xruns: int = 0
    """How often the device lost samples, said by itself or seen by its times."""
    lost: int = 0
    """How often it was unplugged, or broke off."""
    stalled: int = 0
    """How often nothing came from it though it was open."""
    busy: int = 0
    """How often it was in use by another program when it was to be opened."""
    reopened: int = 0
    bad_samples: int = 0
    """Samples that were no numbers and became 0."""
    silent_s: float = 0.0
    """For how long it gave nothing but one and the same value."""


class Microphone:
    """A sound device that is listened to for as long as one likes.

    Parameters
    ----------
    microphone
        Its id, which every chunk carries.
    wait
        Sleeps for so many seconds; returns True when it is time to end.
    device
        The device's name or a part of it; None takes the machine's default one.
    channel
        Which one, counted from 1; None takes the mean of all.
    gain_db
        By how much all that is heard is raised.
    rate_hz
        The rate that the device is asked for; None takes the best that it offers.
    """

    def __init__(
        self,
        microphone: str,
        wait: Callable[[float], bool],
        *,
        device: str | None = None,
        channel: int | None = None,
        gain_db: float = 0.0,
        rate_hz: int | None = None,
    ) -> None:
        self._id = microphone
        self._wait = wait
        self._wanted = device
        self._channel = channel
        self._gain = np.float32(10.0 ** (gain_db / 20.0))
        self._rate_hz = rate_hz
        self.state = SensorState.STARTING
        self.fault: str | None = None
        """Why nothing is heard, in one sentence."""
        self._counts = MicrophoneCounts()
        self._model = ""
        self._silence = SilenceMeter()
        self._device: OpenDevice | None = None
        self._left: OpenDevice | None = None
        self._opening: Opening | None = None
        self._stretch: Stretch | None = None
        self._newest: Block | None = None
        self._next_position = 0
        self._ends_ns = 0
        self._opened_ns = self._retry_ns = monotonic_ns()
        self._back_off_ns = FIRST_BACK_OFF_NS
        self._revive_ns, self._revive_after_ns = 0, FIRST_REVIVAL_NS

    @property
    def counts(self) -> MicrophoneCounts:
        """What happened so far."""
        counts = replace(self._counts, silent_s=self._silence.silent_s)
        if self._device is not None:
            counts = replace(counts, dropped=counts.dropped + self._device.ring.dropped)
        if self._stretch is not None:
            xruns, bad = self._stretch.losses, self._stretch.bad_samples
            counts = replace(counts, xruns=counts.xruns + xruns, bad_samples=counts.bad_samples + bad)
        return counts

    @property
    def silent(self) -> bool:
        """Whether it gives nothing but one and the same value, as if it were muted; a quiet room does not."""
        return self._silence.silent

    @property
    def model(self) -> str:
        """The name of the device that was opened last, and how."""
        return self._model

    def chunks(self) -> Iterator[AudioChunk]:
        """What is heard, as it comes, until ``wait`` says that it is time to end.

        A device that is missing, in use, unplugged or stalled is looked for again and again, ever less often; meanwhile
        :attr:`state` and :attr:`fault` tell.  One that gives nothing but one value goes on being heard, and is opened
        again now and then.  Whoever wants to know first asks :func:`~edge.sensors.microphone_device.find_device`.

        Raises
        ------
        EdgeError
            When the machine has no PortAudio: nothing can be heard before somebody installs it.
        """
        try:
            while not self._wait(POLL_S):
                if self._device is None:
                    self._look_for_device()
                else:
                    for timed in self._listen(self._device):
                        yield self._chunk(timed)
        finally:
            self._end()

    def _listen(self, device: OpenDevice) -> Iterator[Timed]:
        ended = device.ended  # before what it left behind is taken
        for block in device.ring.take():
            yield from self._take(block, device)
        now_ns = monotonic_ns()
        silent_ns = now_ns - device.heard_ns
        if ended:
            self._count(lost=1)
            yield from self._lose("it was unplugged, or its sound server ended")
        elif silent_ns > (LOST_NS if device.began else STARTING_NS):
            if self.state is not SensorState.STALLED:
                self._count(stalled=1)
            yield from self._lose("nothing comes from it")
        elif silent_ns > STALLED_NS and self.state is SensorState.OK:
            self.state = SensorState.STALLED
            self._count(stalled=1)
        elif self._silence.silent and now_ns >= self._revive_ns:
            self._revive_ns = now_ns + self._revive_after_ns
            self._revive_after_ns = min(2 * self._revive_after_ns, LAST_REVIVAL_NS)
            yield from self._lose("it gives nothing but one value")
        elif now_ns - self._opened_ns > STEADY_NS:
            self._back_off_ns = FIRST_BACK_OFF_NS
        if not self._silence.silent:
            self._revive_ns, self._revive_after_ns = 0, FIRST_REVIVAL_NS

    def _take(self, block: Block, device: OpenDevice) -> Iterator[Timed]:
        frames = np.frombuffer(block.data, np.float32).reshape(-1, device.channels)
        samples = one_channel(frames, self._channel)
        offset_ns = utc_offset_ns()
        late = self._newest is not None and block.at_ns - self._newest.at_ns > STALLED_NS
        if block.after_loss:
            self._count(xruns=1)
        if self._stretch is None or block.after_loss or late or block.position != self._next_position:
            yield from self._begin_stretch(device.rate_hz, offset_ns)
        assert self._stretch is not None
        self._newest, self._next_position = block, block.position + len(samples)
        self._silence.push(samples, device.rate_hz)
        self.state, self.fault = SensorState.OK, None
        yield from self._stretch.push(samples * self._gain, block.at_ns, offset_ns)

    def _begin_stretch(self, rate_hz: int, offset_ns: int) -> Iterator[Timed]:
        yield from self._end_stretch(offset_ns)
        self._stretch = Stretch(rate_hz, self._ends_ns)

    def _end_stretch(self, offset_ns: int) -> Iterator[Timed]:
        if self._stretch is not None:
            yield from self._stretch.finish(offset_ns)
            self._count(xruns=self._stretch.losses, bad_samples=self._stretch.bad_samples)
        self._stretch = self._newest = None

    def _chunk(self, timed: Timed) -> AudioChunk:
        self._ends_ns = timed.t_ns + len(timed.samples) * NS_PER_S // RATE_HZ
        self._count(chunks=1)
        return AudioChunk(self._id, timed.t_ns, timed.samples)

    def _look_for_device(self) -> None:
        """Open it, in a thread of its own and not before its time."""
        if self._opening is None:
            if monotonic_ns() >= self._retry_ns:
                self._opening = Opening(self._left, self._wanted, self._channel, self._rate_hz)
                self._left = None
            return
        if not self._opening.over:
            if monotonic_ns() - self._retry_ns > STARTING_NS:
                self.state = SensorState.LOST
                self.fault = f"microphone {self._id!r}: the sound server does not answer. Restart it."
            return
        device, error, self._opening = self._opening.device, self._opening.error, None
        if device is None:
            self._fail(error)
            return
        if self._model:
            self._count(reopened=1)
        self._device, self._opened_ns = device, monotonic_ns()
        self._model = f"{device.device.name}, {device.rate_hz} Hz, {device.channels} ch"
        log.info("microphone ready", microphone=self._id, device=self._model)

    def _fail(self, error: EdgeError | None) -> None:
        if isinstance(error, PortAudioMissing):
            raise error
        if isinstance(error, DeviceBusy):
            self._count(busy=1)
        self.state = SensorState.LOST
        why = str(error) if error is not None else f"microphone {self._id!r}: cannot be opened. See the log."
        if why != self.fault:  # said once, not every half minute of a night
            log.warning("microphone cannot be opened", microphone=self._id, why=why)
        self.fault = why
        self._back_off()

    def _lose(self, why: str) -> Iterator[Timed]:
        device = self._device
        assert device is not None
        yield from self._end_stretch(utc_offset_ns())
        self.state = SensorState.LOST
        self.fault = f"microphone {self._id!r}: {why}. It is being looked for."
        log.warning("microphone lost", microphone=self._id, why=why, retry_s=self._back_off_ns / NS_PER_S)
        self._count(dropped=device.ring.dropped)
        self._left, self._device = device, None
        self._back_off()

    def _back_off(self) -> None:
        self._retry_ns = monotonic_ns() + self._back_off_ns
        self._back_off_ns = min(2 * self._back_off_ns, LAST_BACK_OFF_NS)

    def _count(self, **more: int) -> None:
        self._counts = replace(self._counts, **{name: getattr(self._counts, name) + n for name, n in more.items()})

    def _end(self) -> None:
        """Let go of the device, and of whatever is being opened."""
        if self._opening is not None:
            self._opening.give_up(CLOSING_S)
        for device in (self._device, self._left):
            if device is not None:
                close_within(device, CLOSING_S)
        self._counts = self.counts
        self._opening = self._device = self._left = self._stretch = self._newest = None
        self.state = SensorState.LOST
