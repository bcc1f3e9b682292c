"""Windows of sound: where they lie, and what levels, tones and periods they have."""

from __future__ import annotations

import numpy as np
import pytest

from edge.audio.spectrum import BEFORE_FRAMES, HOP_FRAMES, TONE_FRAMES, WINDOW_FRAMES, Floats, Window, Windows
from edge.messages import FRAME, FRAME_NS, RATE_HZ

T0_NS = 1_700_000_000_000_000_000


def cut(samples: Floats, t0_ns: int = T0_NS) -> list[Window]:
    windows, found = Windows(), []
    for k in range(samples.size // FRAME):
        window = windows.step(samples[k * FRAME : (k + 1) * FRAME], t0_ns + k * FRAME_NS)
        found += [] if window is None else [window]
    return [*found, *windows.finish()]


def sine(hz: float, duration_s: float = 2.0, height: float = 0.5) -> Floats:
    return (height * np.sin(2.0 * np.pi * hz * np.arange(int(duration_s * RATE_HZ)) / RATE_HZ)).astype(np.float32)


def test_windows_follow_each_other_by_a_hop_and_cover_the_sound() -> None:
    found = cut(sine(440.0, 3.0))
    assert [window.t_ns - T0_NS for window in found] == [k * HOP_FRAMES * FRAME_NS for k in range(7)]
    assert found[-1].t_ns + WINDOW_FRAMES * FRAME_NS >= T0_NS + 3_000_000_000


def test_nothing_heard_is_no_window() -> None:
    assert Windows().finish() == ()


def test_a_clip_shorter_than_a_window_is_one_window() -> None:
    assert len(cut(sine(440.0, 0.3))) == 1


def test_a_windows_samples_are_the_sound_at_its_time() -> None:
    samples = np.linspace(-0.9, 0.9, 2 * RATE_HZ, dtype=np.float32)
    window = cut(samples)[1]
    assert np.array_equal(window.samples, samples[HOP_FRAMES * FRAME :][: WINDOW_FRAMES * FRAME])


@pytest.mark.parametrize("hz", [450.0, 520.0, 1234.5, 3100.0, 4900.0])
def test_a_tone_has_its_pitch_its_level_and_stands_out(hz: float) -> None:
    tones = cut(sine(hz))[1].tones
    assert tones.hz[-TONE_FRAMES:] == pytest.approx(hz, rel=0.004)
    assert tones.dbfs[-TONE_FRAMES:] == pytest.approx(-9.0, abs=0.5)
    assert tones.share[-TONE_FRAMES:].min() > 0.95
    assert tones.over_db[-TONE_FRAMES:].min() > 30.0


@pytest.mark.parametrize("hz", [110.0, 220.0, 440.0, 900.0])
def test_a_voice_has_its_period_even_without_its_fundamental(hz: float) -> None:
    samples = sum((sine(hz * k, height=0.1) for k in (2, 3, 4, 5)), np.zeros(2 * RATE_HZ, np.float32))
    tones = cut(samples)[1].tones
    assert tones.period_hz[-TONE_FRAMES:] == pytest.approx(hz, rel=0.06)
    assert tones.periodic[-TONE_FRAMES:].min() > 0.9


def test_noise_has_no_period_and_no_tone() -> None:
    tones = cut(np.random.default_rng(1).standard_normal(2 * RATE_HZ).astype(np.float32) * np.float32(0.1))[1].tones
    assert np.median(tones.periodic[-TONE_FRAMES:]) < 0.4
    assert np.median(tones.over_db[-TONE_FRAMES:]) < 12.0


def test_noise_has_its_level_in_each_band_by_its_width() -> None:
    rng = np.random.default_rng(2)
    window = cut((0.1 * rng.standard_normal(2 * RATE_HZ)).astype(np.float32))[1]
    level = 10.0 * np.log10(np.mean(10.0 ** (window.bands[BEFORE_FRAMES:] / 10.0), axis=0))
    assert level[8] == pytest.approx(-20.0 + 10.0 * np.log10(2400.0 / 8000.0), abs=0.5)
    assert level.max() < -20.0


def test_a_microphone_that_is_switched_on_is_no_step() -> None:
    rng = np.random.default_rng(3)
    window = cut((0.1 * rng.standard_normal(2 * RATE_HZ)).astype(np.float32))[0]
    before, after = window.bands[:BEFORE_FRAMES].mean(axis=0), window.bands[BEFORE_FRAMES:].mean(axis=0)
    assert (after - before).max() < 3.0


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e30])
def test_what_is_no_sound_does_no_harm(bad: float) -> None:
    samples = sine(1000.0)
    samples[5000:5400] = bad
    for window in cut(samples):
        assert np.isfinite(window.bands).all()
        assert all(np.isfinite(getattr(window.tones, name)).all() for name in window.tones.__dataclass_fields__)


def test_silence_is_as_quiet_as_16_bits_and_has_no_tone() -> None:
    window = cut(np.zeros(2 * RATE_HZ, np.float32))[1]
    assert window.bands == pytest.approx(-100.0)
    assert window.tones.over_db[-TONE_FRAMES:].max() < 1.0
