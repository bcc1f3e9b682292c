"""Sound devices: which there are, and one of them opened.  The only place that knows PortAudio.

PortAudio makes its list of devices once, when it is started; what was plugged in later is found by starting it anew,
which may be done only while no device of this process is open.  Its calls block for as long as a sound server hangs.
"""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from edge.clock import monotonic_ns
from edge.errors import EdgeError

RATES_HZ = (48_000, 16_000, 44_100, 96_000, 32_000, 192_000, 88_200, 22_050, 8_000)
"""In the order in which they are asked for: what devices really sample at first, so that nobody resamples before us."""
MAX_CHANNELS = 8
"""A device that offers more is hardly one, but a sound server that makes as many as are asked for."""
BLOCK_S = 0.02
LATENCY_S = 0.2
"""How much the device may keep for us while the machine is busy."""
RING_S = 4.0
"""How far whoever listens may fall behind."""
DEVICE_UNAVAILABLE, INVALID_CHANNELS, INVALID_RATE = -9985, -9998, -9997
"""PortAudio's numbers."""

_portaudio = threading.RLock()
"""PortAudio is not made for several threads at once."""
_open_streams = 0


class PortAudioMissing(EdgeError):
    """Nothing can be heard before somebody installs a library."""


class DeviceBusy(EdgeError):
    """The device is there, but another program has it."""


@dataclass(frozen=True, slots=True)
class InputDevice:
    """A sound device that one can listen to."""

    number: int
    name: str
    channels: int
    """The most that it offers."""


@dataclass(frozen=True, slots=True)
class Block:
    """What the device handed over at once."""

    position: int
    """Samples before it since the device was opened, dropped ones too."""
    data: bytes
    """float32, channel by channel within each sample."""
    at_ns: int
    """When it arrived, on the monotonic clock."""
    after_loss: bool
    """Whether the device says that it lost samples before this block (an overrun, xrun)."""


class Ring:
    """Blocks between PortAudio's thread and ours; what does not fit is dropped and counted.  Nobody ever waits."""

    def __init__(self, blocks: int) -> None:
        self._blocks: deque[Block] = deque()
        self._room = blocks
        self.dropped = 0

    def offer(self, block: Block) -> None:
        """Take a block if there is room."""
        if len(self._blocks) < self._room:
            self._blocks.append(block)
        else:
            self.dropped += 1

    def take(self) -> list[Block]:
        """All that is there."""
        return [self._blocks.popleft() for _ in range(len(self._blocks))]


class OpenDevice:
    """A device that is being listened to.

    Parameters
    ----------
    channels
        How many are taken; it may offer more.
    """

    def __init__(self, device: InputDevice, rate_hz: int, channels: int) -> None:
        global _open_streams
        self.device = device
        self.rate_hz = rate_hz
        self.channels = channels
        self.ring = Ring(round(RING_S / BLOCK_S))
        self.heard_ns = monotonic_ns()
        """When it last handed something over."""
        self.ended = False
        """Whether it has stopped by itself."""
        self._position = 0
        self._stream: Any = _load().RawInputStream(
            device=device.number,
            samplerate=rate_hz,
            channels=channels,
            dtype="float32",
            blocksize=round(rate_hz * BLOCK_S),
            latency=LATENCY_S,
            callback=self._hear,
            finished_callback=self._end,
        )
        _open_streams += 1
        try:
            self._stream.start()
        except BaseException:
            self.close()
            raise

    @property
    def began(self) -> bool:
        """Whether it has handed over anything."""
        return self._position > 0

    def close(self) -> None:
        """Let the device go; blocks while a sound server hangs."""
        global _open_streams
        with _portaudio:
            if self._stream is None:
                return
            stream, self._stream = self._stream, None
            stream.close(ignore_errors=True)
            _open_streams -= 1

    def _hear(self, data: Any, samples: int, _: object, status: Any) -> None:
        """In PortAudio's own thread, which must not be held up."""
        self.heard_ns = monotonic_ns()
        self.ring.offer(Block(self._position, bytes(data), self.heard_ns, bool(status.input_overflow)))
        self._position += samples

    def _end(self) -> None:
        self.ended = True


class Opening:
    """Lets one device go and opens another, in a thread that nobody has to wait for: a sound server may hang.

    Parameters
    ----------
    old
        The device to let go, if there is one.
    """

    def __init__(self, old: OpenDevice | None, name: str | None, channel: int | None, rate_hz: int | None) -> None:
        self.device: OpenDevice | None = None
        self.error: EdgeError | None = None
        self._wanted = name, channel, rate_hz
        self._old = old
        self._given_up = threading.Event()
        self._thread = threading.Thread(target=self._run, name="open microphone", daemon=True)
        self._thread.start()

    @property
    def over(self) -> bool:
        """Whether there is a device now, or an error."""
        return not self._thread.is_alive()

    def give_up(self, timeout_s: float) -> None:
        """Have no device opened any more, or closed again; returns within the time."""
        self._given_up.set()
        self._thread.join(timeout_s)
        if self.over and self.device is not None:
            close_within(self.device, timeout_s)

    def _run(self) -> None:
        if self._old is not None:
            self._old.close()
        if self._given_up.is_set():
            return
        try:
            device = open_device(*self._wanted)
        except EdgeError as error:
            self.error = error
            return
        if self._given_up.is_set():
            device.close()
        else:
            self.device = device


def close_within(device: OpenDevice, timeout_s: float) -> None:
    """Let a device go, or leave it to a thread that does so as soon as its sound server answers."""
    thread = threading.Thread(target=device.close, name="close microphone", daemon=True)
    thread.start()
    thread.join(timeout_s)


def list_devices() -> tuple[InputDevice, ...]:
    """The devices that one can listen to now, the default one first.

    Raises
    ------
    EdgeError
        When the machine has no PortAudio, or its sound is not set up.
    """
    with _portaudio:
        _refresh()
        return _listed()


def find_device(name: str | None, channel: int | None = None) -> InputDevice:
    """The device of that name now, or the default one.

    Parameters
    ----------
    name
        Its name or a part of it, in capitals or not.
    channel
        The channel that will be needed, counted from 1.

    Raises
    ------
    EdgeError
        When there is none, or several, or it lacks the channel; it names what there is.
    """
    return _chosen(list_devices(), name, channel)


def open_device(name: str | None, channel: int | None, rate_hz: int | None) -> OpenDevice:
    """Begin to listen; blocks while a sound server hangs.

    Parameters
    ----------
    channel
        The channel that will be needed, counted from 1.
    rate_hz
        None takes the best that the device offers.

    Raises
    ------
    EdgeError
        When it cannot be had.
    """
    with _portaudio:
        _refresh()
        device = _chosen(_listed(), name, channel)
        fit = device.channels if device.channels <= MAX_CHANNELS else max(2, channel or 1)
        formats = product(dict.fromkeys((fit, channel or 1)), RATES_HZ if rate_hz is None else (rate_hz,))
        refused: Exception | None = None
        for channels, rate in formats:
            try:
                return OpenDevice(device, rate, channels)
            except _load().PortAudioError as error:
                refused = error
                if _number(error) not in (INVALID_CHANNELS, INVALID_RATE):
                    raise _fault(name, error) from None
        remedy = "Leave the rate open." if rate_hz is not None else "Use another microphone."
        raise EdgeError(_where(name), f"offers no format that can be used ({_words(refused)})", remedy)


def _load() -> Any:
    """PortAudio, started."""
    try:
        import sounddevice
    except OSError:
        what = "the PortAudio library is missing"
        raise PortAudioMissing("microphone", what, "As root: apt-get install libportaudio2") from None
    except Exception as error:  # its own error has no name here: the module that defines it could not be imported
        if type(error).__name__ != "PortAudioError":
            raise
        raise _not_set_up(error) from None
    return sounddevice


def _refresh() -> None:
    """Have PortAudio look again which devices there are."""
    known = sys.modules.get("sounddevice")
    sounddevice = _load()
    if known is None or _open_streams:
        return
    try:
        sounddevice._terminate()
    except sounddevice.PortAudioError:
        pass  # it was not running, because it could not be started the last time
    try:
        sounddevice._initialize()
    except sounddevice.PortAudioError as error:
        raise _not_set_up(error) from None


def _listed() -> tuple[InputDevice, ...]:
    sounddevice = _load()
    try:
        entries = sounddevice.query_devices()
        defaults = {api["default_input_device"] for api in sounddevice.query_hostapis()}
    except sounddevice.PortAudioError as error:
        raise _not_set_up(error) from None
    found = [
        InputDevice(number, entry["name"], entry["max_input_channels"])
        for number, entry in enumerate(entries)
        if entry["max_input_channels"] > 0
    ]
    return tuple(sorted(found, key=lambda device: device.number not in defaults))


def _chosen(devices: Sequence[InputDevice], name: str | None, channel: int | None) -> InputDevice:
    device = _named(devices, name)
    if channel is not None and not 1 <= channel <= device.channels:
        raise EdgeError(_where(name), f"has no channel {channel}", f"Its channels are 1 to {device.channels}.")
    return device


def _named(devices: Sequence[InputDevice], name: str | None) -> InputDevice:
    if name is None:
        if not devices:
            raise EdgeError("microphone", "there is no sound device to listen to", "Plug in a microphone.")
        return devices[0]
    known = ", ".join(repr(device.name) for device in devices) or "none"
    exact = [device for device in devices if device.name == name]
    near = exact or [device for device in devices if name.lower() in device.name.lower()]
    if len(near) == 1:
        return near[0]
    if near:
        raise EdgeError(
            _where(name), f"{len(near)} devices are called so", f"Give more of the name. There are: {known}."
        )
    owner = holder(name)
    if owner is not None:
        raise DeviceBusy(_where(name), f"is used by another program ({owner})", "End that program.")
    raise EdgeError(_where(name), "there is no such device", f"Plug it in, or choose one of: {known}.")


def holder(name: str, asound: Path = Path("/proc/asound")) -> str | None:
    """Which process listens to a sound card, of whose name ``name`` is a part; a card that is held is not listed."""
    for card in sorted(asound.glob("card[0-9]*")):
        try:
            called = [(card / "id").read_text(), *(info.read_text() for info in card.glob("pcm*c/info"))]
            if not any(name.lower() in text.lower() for text in called):
                continue
            for status in card.glob("pcm*c/sub*/status"):
                owner = [line for line in status.read_text().splitlines() if line.startswith("owner_pid")]
                if owner:
                    return f"process {owner[0].split(':')[1].strip()}"
        except OSError:
            continue  # it was unplugged while we looked
    return None


def _fault(name: str | None, error: Exception) -> EdgeError:
    """PortAudio's error as ours."""
    if _number(error) == DEVICE_UNAVAILABLE:
        return DeviceBusy(_where(name), "is used by another program, or not ready", "End that program.")
    return EdgeError(
        _where(name), f"cannot be opened ({_words(error)})", "Check that it is plugged in and switched on."
    )


def _not_set_up(error: Exception) -> EdgeError:
    remedy = "Check ALSA_CONFIG_PATH, /etc/asound.conf and ~/.asoundrc."
    return EdgeError("microphone", f"the sound of this machine is not set up ({_words(error)})", remedy)


def _words(error: Exception | None) -> str:
    """What PortAudio says.  Its error's own text asks PortAudio for more, which is not there when it did not start."""
    parts = () if error is None else error.args
    host = parts[2][2] if len(parts) > 2 else ""
    return ": ".join(str(part) for part in (*parts[:1], host) if part)


def _number(error: Exception) -> int | None:
    return next((part for part in error.args[1:] if isinstance(part, int)), None)


def _where(name: str | None) -> str:
    return "microphone" if name is None else f"microphone {name!r}"
