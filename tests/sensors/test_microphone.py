"""A microphone is heard as it is, in time, and comes back whatever becomes of it: on a real sound server."""

import ctypes
import threading
import time

import numpy as np
import pytest

from edge.errors import EdgeError
from edge.messages import RATE_HZ, SensorState
from edge.sensors.microphone import Microphone
from edge.sensors.microphone_device import find_device, list_devices
from tests.sensors.virtual_microphone import PACKAGES, sound_server, why_missing

pytestmark = pytest.mark.skipif(
    bool(why_missing()), reason=f"needs {why_missing()} (make test installs them: {PACKAGES})"
)
TONE_HZ, TONE_DBFS, NOISE_DBFS = 440.0, -12.0, -26.0
SECONDS = 2
WITHIN_MS = 50.0
DEVICE = "pulse"


@pytest.fixture(scope="module")
def server():
    with sound_server() as running:
        yield running


def tone(rate_hz):
    """A sine of -12 dBFS (its mean square) that goes on without a seam when it is repeated."""
    return np.sqrt(2) * 10 ** (TONE_DBFS / 20) * np.sin(2 * np.pi * TONE_HZ * np.arange(SECONDS * rate_hz) / rate_hz)


def noise(rate_hz, dbfs=NOISE_DBFS):
    """Noise up to 3 kHz, so that it stays the same at every rate and between two samples."""
    spectrum = np.fft.rfft(np.random.default_rng(5).normal(size=SECONDS * rate_hz))
    spectrum[3_000 * SECONDS :] = 0.0
    sound = np.fft.irfft(spectrum)
    return 10 ** (dbfs / 20) * sound / sound.std()


def columns(*channels):
    return np.stack(channels, axis=1)


def level_dbfs(samples):
    return 10 * np.log10(np.mean(np.square(samples, dtype=np.float64)))


class Listener:
    """A microphone that is listened to in a thread, as in a sensor's process."""

    def __init__(self, **how):
        self._end = threading.Event()
        self.microphone = Microphone("till", self._end.wait, **{"device": DEVICE} | how)
        self.chunks = []
        self._thread = threading.Thread(target=self._listen)

    def _listen(self):
        self.chunks.extend(self.microphone.chunks())  # one by one, as they come

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        began = time.monotonic()
        self._end.set()
        self._thread.join(10.0)
        assert not self._thread.is_alive()
        self.took_s = time.monotonic() - began

    def wait_for(self, what, seconds=8.0):
        until = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < until, f"{self.microphone.state} {self.microphone.fault} {self.microphone.counts}"
            time.sleep(0.01)

    def wait_for_sound(self, seconds, began=None):
        """So much more of it, or so much since there were ``began`` chunks."""
        began = len(self.chunks) if began is None else began
        self.wait_for(lambda: sum(len(chunk.samples) for chunk in self.chunks[began:]) > seconds * RATE_HZ)


def assert_in_time(played, chunks, channel=0):
    """All chunks hold what was played, at its time, and follow each other without going back."""
    off_ms = played.off_ms(chunks, channel)
    assert None not in off_ms, off_ms
    assert np.abs(off_ms).max() < WITHIN_MS, off_ms
    assert (np.diff([chunk.t_ns for chunk in chunks]) > 0).all()


@pytest.mark.parametrize(("rate_hz", "asked_hz"), [(48_000, None), (44_100, 44_100)])
def test_each_channel_is_heard_as_it_is_and_in_time(server, rate_hz, asked_hz):
    played = server.plug(columns(tone(rate_hz), noise(rate_hz)), rate_hz)
    with (
        Listener(channel=1, rate_hz=asked_hz) as left,
        Listener(channel=2, rate_hz=asked_hz, gain_db=6.0) as right,
        Listener(rate_hz=asked_hz) as mixed,
    ):
        for listener in (left, right, mixed):
            listener.wait_for_sound(1.5, began=0)
    server.unplug()

    sound = np.concatenate([chunk.samples for chunk in left.chunks])[RATE_HZ // 10 :]
    assert level_dbfs(sound) == pytest.approx(TONE_DBFS, abs=0.05)
    at = np.arange(len(sound))
    turn = np.unwrap(np.angle(np.convolve(sound * np.exp(-2j * np.pi * TONE_HZ / RATE_HZ * at), np.ones(400), "valid")))
    assert np.ptp(turn) < 0.02  # not one sample is missing or too many: each would turn it by 0.17
    assert_in_time(played, right.chunks[2:], channel=1)
    assert level_dbfs(np.concatenate([c.samples for c in right.chunks])) == pytest.approx(NOISE_DBFS + 6.0, abs=0.5)
    both = 10 * np.log10((10 ** (TONE_DBFS / 10) + 10 ** (NOISE_DBFS / 10)) / 4)
    assert level_dbfs(np.concatenate([c.samples for c in mixed.chunks])) == pytest.approx(both, abs=0.1)
    for listener in (left, right, mixed):
        counts = listener.microphone.counts
        assert counts.chunks == len(listener.chunks)
        assert (counts.dropped, counts.xruns, counts.lost, counts.stalled, counts.reopened) == (0, 0, 0, 0, 0)
        assert listener.took_s < 2.0
        assert f"{rate_hz} Hz" in listener.microphone.model


def test_a_microphone_that_is_unplugged_is_heard_again_when_it_is_back(server):
    rate_hz = 48_000
    played = server.plug(columns(noise(rate_hz)), rate_hz)
    with Listener() as listener:
        microphone = listener.microphone
        listener.wait_for_sound(0.5)
        assert (microphone.state, microphone.fault) == (SensorState.OK, None)
        assert_in_time(played, listener.chunks[1:-1])

        server.unplug()
        listener.wait_for(lambda: microphone.state is SensorState.LOST)
        assert "unplugged" in (microphone.fault or "")
        played = server.plug(columns(noise(rate_hz)), rate_hz)
        before = len(listener.chunks)
        listener.wait_for_sound(0.5)
        assert_in_time(played, listener.chunks[before + 1 : -1])
        assert (microphone.state, microphone.fault) == (SensorState.OK, None)
        assert (microphone.counts.lost, microphone.counts.reopened) == (1, 1)

        server.kill()
        listener.wait_for(lambda: "there is no such device" in (microphone.fault or ""))
        server.start()
        played = server.plug(columns(noise(rate_hz)), rate_hz)
        before = len(listener.chunks)
        listener.wait_for_sound(0.5)
        assert_in_time(played, listener.chunks[before + 1 : -1])
        assert (microphone.counts.lost, microphone.counts.reopened) == (2, 2)
    server.unplug()
    assert (np.diff([chunk.t_ns for chunk in listener.chunks]) > 0).all()


def test_a_microphone_that_stalls_is_noticed_and_never_holds_up_the_end(server, monkeypatch):
    played = server.plug(columns(noise(48_000), noise(48_000)), 48_000)
    try:
        with Listener() as listener:
            microphone = listener.microphone
            listener.wait_for_sound(0.3)
            server.freeze()
            listener.wait_for(lambda: microphone.state is SensorState.STALLED)
            server.thaw()
            listener.wait_for_sound(0.7)  # first of all, what the pipe had kept
            before = len(listener.chunks)
            listener.wait_for_sound(0.3)
            assert microphone.state is SensorState.OK
            assert_in_time(played, listener.chunks[before + 1 : -1])
            assert (microphone.counts.stalled, microphone.counts.lost, microphone.counts.reopened) == (1, 0, 0)

            server.freeze()
            listener.wait_for(lambda: microphone.state is SensorState.LOST)
            assert "nothing comes from it" in (microphone.fault or "")
            assert microphone.counts.stalled == 2
            time.sleep(0.7)  # by now it tries to let go of a device that hangs
            monkeypatch.setattr("edge.sensors.microphone.STARTING_NS", 300_000_000)
            listener.wait_for(lambda: "the sound server does not answer" in (microphone.fault or ""))
        assert listener.took_s < 3.0
    finally:
        server.thaw()
        server.unplug()


def test_samples_that_are_lost_without_a_word_are_noticed_and_time_goes_on_in_step(server):
    """So many channels fill the sound server's memory within a second in which nobody takes them."""
    played = server.plug(columns(noise(48_000)), 48_000)
    with Listener(channel=32) as listener:
        listener.wait_for_sound(0.5)
        ctypes.PyDLL(None).usleep(900_000)  # everything in this process is held up, PortAudio too
        listener.wait_for(lambda: listener.microphone.counts.xruns == 1)
        before = len(listener.chunks)
        listener.wait_for_sound(0.3)
    server.unplug()
    assert_in_time(played, listener.chunks[before + 1 :])
    assert listener.microphone.counts.reopened == 0


def test_a_dead_wire_is_not_a_quiet_room(server, monkeypatch):
    monkeypatch.setattr("edge.sensors.microphone_stretch.SILENT_AFTER_NS", 1_000_000_000)  # five are long to wait
    server.plug(columns(np.zeros(48_000)), 48_000)
    with Listener() as dead:
        dead.wait_for_sound(0.7)
        assert not dead.microphone.silent
        dead.wait_for(lambda: dead.microphone.silent)
        assert dead.microphone.counts.silent_s == pytest.approx(1.0, abs=0.2)
        dead.wait_for(lambda: dead.microphone.counts.reopened == 1)  # it might wake up
        dead.wait_for_sound(0.3)
        assert (dead.microphone.silent, dead.microphone.state) == (True, SensorState.OK)
        server.unplug()
        server.plug(columns(noise(48_000, -80.0)), 48_000)
        dead.wait_for(lambda: dead.microphone.counts.reopened == 2)
        dead.wait_for_sound(0.3)
        assert not dead.microphone.silent
    server.unplug()


def test_a_device_that_is_not_there_is_said_with_those_that_are(server):
    server.plug(columns(noise(48_000)), 48_000)
    assert DEVICE in [device.name for device in list_devices()]
    assert find_device("PULS").name == DEVICE
    with pytest.raises(EdgeError, match=r"microphone 'Blue Yeti': there is no such device.*'pulse'"):
        find_device("Blue Yeti")
    with pytest.raises(EdgeError, match=r"'u': \d devices are called so.*Give more of the name"):
        find_device("u")
    with pytest.raises(EdgeError, match=r"has no channel 99. Its channels are 1 to 32"):
        find_device(DEVICE, 99)
    with Listener(device="Blue Yeti") as missing, Listener(channel=99) as channel, Listener(rate_hz=7) as rate:
        missing.wait_for(lambda: "no such device" in (missing.microphone.fault or ""))
        channel.wait_for(lambda: "has no channel 99" in (channel.microphone.fault or ""))
        rate.wait_for(lambda: "Leave the rate open" in (rate.microphone.fault or ""))
        assert missing.microphone.state is SensorState.LOST
    server.unplug()
