"""What a sound server cannot be made to do: a stand-in for PortAudio's streams does it."""

import os
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest

from edge.messages import RATE_HZ, SensorState
from edge.sensors import microphone as microphone_module
from edge.sensors.microphone import Microphone
from edge.sensors.microphone_device import holder
from edge.sensors.microphone_stretch import SilenceMeter
from tests.sensors.virtual_microphone import why_missing

BUSY, BAD_CHANNELS, BAD_RATE = -9985, -9998, -9997
BLOCK_S = 0.02


class PortAudioError(Exception):
    pass


class SoundCard:
    """PortAudio with one device, of fixed channels and rates, that plays what a test wants to be heard."""

    def __init__(self, channels=1, rates_hz=(48_000,), exact_channels=True):
        self.channels, self.rates_hz, self.exact_channels = channels, rates_hz, exact_channels
        self.busy = False
        self.overruns = set()
        """Numbers of the blocks before which samples were lost."""
        self.opened = []
        self.spoil = lambda sound: sound

    PortAudioError = PortAudioError

    def query_devices(self):
        return [{"name": "Six: USB Audio (hw:1,0)", "max_input_channels": self.channels}]

    def query_hostapis(self):
        return [{"default_input_device": 0}]

    def _initialize(self):
        pass

    _terminate = _initialize

    def RawInputStream(self, *, samplerate, channels, callback, **_):
        if self.busy:
            raise PortAudioError("Error opening RawInputStream: Device unavailable", BUSY)
        if self.exact_channels and channels != self.channels:
            raise PortAudioError("Invalid number of channels", BAD_CHANNELS)
        if samplerate not in self.rates_hz:
            raise PortAudioError("Invalid sample rate", BAD_RATE)
        self.opened.append((samplerate, channels))
        return Stream(self, samplerate, channels, callback)


class Stream:
    def __init__(self, card, rate_hz, channels, callback):
        self._card, self._rate_hz, self._channels, self._callback = card, rate_hz, channels, callback
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._play)

    def start(self):
        self._thread.start()

    def close(self, ignore_errors):
        self._end.set()
        self._thread.join()

    def _play(self):
        count, began = round(self._rate_hz * BLOCK_S), time.monotonic()
        for block in range(10_000):
            if self._end.wait(max(0.0, began + (block + 1) * BLOCK_S - time.monotonic())):
                return
            turns = 500.0 * np.arange(block * count, (block + 1) * count) / self._rate_hz
            each = np.arange(1, self._channels + 1) / self._channels  # so loud is each channel
            sound = self._card.spoil(np.sin(2 * np.pi * turns)[:, None] * each)
            status = SimpleNamespace(input_overflow=block in self._card.overruns)
            self._callback(sound.astype(np.float32).tobytes(), count, None, status)


@pytest.fixture
def card(monkeypatch):
    card = SoundCard()
    monkeypatch.setitem(sys.modules, "sounddevice", card)
    return card


def heard(seconds, until=lambda microphone: False, **how):
    """Chunks of so many seconds, and the microphone."""
    ends = time.monotonic() + 10.0
    microphone = Microphone("till", lambda s: time.sleep(s) or until(microphone) or time.monotonic() > ends, **how)
    chunks, got = [], 0
    for chunk in microphone.chunks():
        chunks.append(chunk)
        got += len(chunk.samples)
        if got > seconds * RATE_HZ:
            break
    return chunks, microphone


@pytest.mark.parametrize(
    ("channels", "rates_hz", "exact", "expected"),
    [
        (6, (16_000,), True, (16_000, 6)),
        (2, (8_000, 44_100), True, (44_100, 2)),
        (1, (96_000,), True, (96_000, 1)),
        (32, (48_000,), False, (48_000, 2)),
    ],
)
def test_a_device_is_opened_as_it_can_be(card, channels, rates_hz, exact, expected):
    card.channels, card.rates_hz, card.exact_channels = channels, rates_hz, exact
    chunks, microphone = heard(0.3, device="usb audio")
    assert card.opened == [expected]
    assert microphone.model == f"Six: USB Audio (hw:1,0), {expected[0]} Hz, {expected[1]} ch"
    opened = expected[1]
    sound = np.concatenate([chunk.samples for chunk in chunks])[RATE_HZ // 20 : RATE_HZ // 4]
    assert np.abs(sound).max() == pytest.approx((opened + 1) / 2 / opened, rel=0.01)  # the mean of all


def test_one_of_six_channels_is_taken(card):
    card.channels = 6
    chunks, _ = heard(0.2, channel=3)
    assert np.abs(chunks[-1].samples).max() == pytest.approx(0.5, rel=0.01)


def test_an_overrun_is_counted_and_only_what_was_lost_is_missing(card):
    card.overruns = {30}
    chunks, microphone = heard(1.0)
    assert microphone.counts.xruns == 1
    assert microphone.counts.reopened == 0
    assert sum(len(chunk.samples) for chunk in chunks) > RATE_HZ
    ends = np.array([chunk.t_ns + len(chunk.samples) * 62_500 for chunk in chunks[:-1]])
    gaps_ms = (np.array([chunk.t_ns for chunk in chunks[1:]]) - ends) / 1e6
    assert np.abs(gaps_ms).max() < 20.0  # nothing was really lost, and the new beginning is as well in time


def test_a_device_in_use_is_counted_said_and_opened_once_it_is_free(card):
    card.busy = True

    def free_it(microphone):
        card.busy = microphone.counts.busy < 2
        return False

    chunks, microphone = heard(0.1, free_it, device="Six")
    assert (microphone.counts.busy, microphone.counts.lost) == (2, 0)
    assert chunks
    card.busy = True
    said = []
    heard(0.1, lambda m: said.append(m.fault) or m.counts.busy > 0, device="Six")
    assert said[-1] == "microphone 'Six': is used by another program, or not ready. End that program."


def test_what_is_no_number_becomes_silence_and_is_counted(card):
    def spoil(sound):
        sound = sound.copy()
        sound[7], sound[8] = np.nan, -np.inf
        return sound

    card.spoil = spoil
    chunks, microphone = heard(0.5)
    sound = np.concatenate([chunk.samples for chunk in chunks])
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() < 1.5
    assert microphone.counts.bad_samples >= 2 * 0.5 / BLOCK_S


def test_what_a_slow_listener_leaves_is_dropped_counted_and_missing_in_time(card, monkeypatch):
    monkeypatch.setattr("edge.sensors.microphone_device.RING_S", 0.5)
    microphone = Microphone("till", lambda seconds: time.sleep(seconds) or False)
    chunks = []
    for chunk in microphone.chunks():
        chunks.append(chunk)
        if len(chunks) == 10:
            time.sleep(1.2)
        if len(chunks) == 60:
            break
    lost_s = microphone.counts.dropped * BLOCK_S
    assert 0.5 < lost_s < 1.0
    ends = np.array([chunk.t_ns + len(chunk.samples) * 62_500 for chunk in chunks[:-1]])
    gaps_s = (np.array([chunk.t_ns for chunk in chunks[1:]]) - ends) / 1e9
    assert gaps_s.max() == pytest.approx(lost_s, abs=0.05)
    assert np.sum(gaps_s > 0.05) == 1


def test_back_off_grows_up_to_half_a_minute(card, monkeypatch):
    card.busy = True
    now_s, tried_s = [0.0], []
    monkeypatch.setattr(microphone_module, "monotonic_ns", lambda: round(now_s[0] * 1e9))

    def wait(seconds):
        time.sleep(0.0005)
        now_s[0] += 0.25
        if len(tried_s) < microphone.counts.busy:
            tried_s.append(now_s[0])
        return len(tried_s) == 10

    microphone = Microphone("till", wait)
    assert not list(microphone.chunks())
    assert microphone.state is SensorState.LOST
    waited_s = np.diff(tried_s)
    assert (np.diff(waited_s) > -2.0).all()
    assert waited_s[0] < 2.0
    assert waited_s[-3:] == pytest.approx([30.0] * 3, abs=1.5)


def test_silence_is_told_after_five_seconds_of_one_value():
    meter = SilenceMeter()
    rng = np.random.default_rng(2)
    quiet = np.round(rng.normal(0.0, 0.6, 16_000)).astype(np.float32) / 32_768  # the last bit flickers
    for _ in range(10):
        meter.push(quiet, 16_000)
    assert (meter.silent, meter.silent_s) == (False, 0.0)
    for _ in range(49):
        meter.push(np.full(1_600, 0.25, np.float32), 16_000)
    assert not meter.silent
    meter.push(np.full(1_600, 0.25, np.float32), 16_000)
    assert meter.silent
    assert meter.silent_s == pytest.approx(5.0)
    meter.push(np.full(1_600, -0.25, np.float32), 16_000)  # another value: there is a sound after all
    assert not meter.silent
    assert meter.silent_s == pytest.approx(5.0)


def test_a_card_that_is_not_listed_because_it_is_held_is_recognised(tmp_path):
    status = tmp_path / "card1/pcm0c/sub0/status"
    status.parent.mkdir(parents=True)
    (tmp_path / "card1/id").write_text("Yeti\n")
    (tmp_path / "card1/pcm0c/info").write_text("card: 1\nname: USB Audio\nid: Blue Yeti\n")
    status.write_text("state: RUNNING\nowner_pid   : 1234\n")
    assert holder("blue yeti", tmp_path) == "process 1234"
    assert holder("Jabra", tmp_path) is None
    status.write_text("closed\n")
    assert holder("blue yeti", tmp_path) is None


def run(code, **environment):
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | environment, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


LISTEN = """
import time
from edge.errors import EdgeError
from edge.sensors.microphone import Microphone
from edge.sensors.microphone_device import list_devices
try:
    list_devices()
except EdgeError as error:
    print(error)
ends = time.monotonic() + 0.8
microphone = Microphone("till", lambda seconds: time.sleep(seconds) or time.monotonic() > ends)
try:
    list(microphone.chunks())
except EdgeError as error:
    print("raised", error)
print(microphone.state, microphone.fault)
"""


def test_a_machine_without_portaudio_says_what_to_install():
    said = run("import ctypes.util; ctypes.util.find_library = lambda name: None\n" + LISTEN).splitlines()
    error = "microphone: the PortAudio library is missing. As root: apt-get install libportaudio2"
    assert said == [error, f"raised {error}", "lost None"]


@pytest.mark.skipif("libportaudio2" in why_missing(), reason="needs libportaudio2 (make test installs it)")
def test_a_machine_whose_sound_is_not_set_up_is_said_and_tried_again(tmp_path):
    (tmp_path / "asound.conf").write_text("pcm.!default { type")
    said = run(LISTEN, ALSA_CONFIG_PATH=str(tmp_path / "asound.conf")).splitlines()
    assert "the sound of this machine is not set up (Error initializing PortAudio: Unanticipated host error)" in said[0]
    assert "Check ALSA_CONFIG_PATH, /etc/asound.conf" in said[0]
    assert said[-1] == f"lost {said[0]}"
