"""Narrow lines over some seconds: what electronics keep and what lives does not, and breaths among others."""

from __future__ import annotations

import numpy as np
import pytest

from edge.audio.sound_breaths import OF_BREATH, breath_features
from edge.audio.sound_lines import OF_LINES, line_features
from edge.audio.spectrum import TONE_FRAMES, Floats, Window, Windows
from edge.messages import FRAME, FRAME_NS, RATE_HZ
from tests.benchmarks.sound_alarms import creature
from tests.benchmarks.sound_synthesis import gate, harmonics, peak_one, seconds, sweep, temporal_3


def last(samples: Floats, noise: float = 0.001) -> Window:
    """The window that ends with a sound, in faint noise."""
    x = samples + noise * np.random.default_rng(4).standard_normal(samples.size)
    windows, found = Windows(), None
    for k in range(samples.size // FRAME):
        found = windows.step(x[k * FRAME : (k + 1) * FRAME].astype(np.float32), k * FRAME_NS) or found
    assert found is not None
    return found


def lines(samples: Floats) -> dict[str, float]:
    return line_features(last(samples).lines, TONE_FRAMES)


def breath(samples: Floats) -> dict[str, float]:
    return breath_features(last(samples))


def beeps(period_s: float, on_s: float, hz: float = 2000.0, duration_s: float = 4.8) -> Floats:
    spans = [(a, a + on_s) for a in np.arange(0.0, duration_s, period_s)]
    return (0.2 * np.sin(2.0 * np.pi * hz * seconds(duration_s)) * gate(duration_s, spans)).astype(np.float32)


def rough(hz: float, beat_hz: float, duration_s: float) -> Floats:
    t = seconds(duration_s)
    x = harmonics(np.full(t.size, hz), 0.5, 10, np.random.default_rng(1))
    return 0.3 * peak_one(x * (1.0 - 0.6 * (0.5 + 0.5 * np.sin(2.0 * np.pi * beat_hz * t))))


@pytest.mark.parametrize("period_s", [0.3, 0.5, 1.0])
def test_beeps_repeat_after_their_period_at_one_pitch_and_level(period_s: float) -> None:
    found = lines(beeps(period_s, period_s / 2.0))
    assert found["line_pattern_s"] == pytest.approx(period_s, abs=0.03)
    assert found["line_pattern"] > 1.2
    assert found["line_first"] > 1.9
    assert found["line_beat_differs"] < 0.2
    assert found["line_even"] < 0.6


def test_a_pitch_is_known_in_octaves() -> None:
    low, high = lines(beeps(0.5, 0.25, 1000.0)), lines(beeps(0.5, 0.25, 2000.0))
    assert high["line_pitch"] - low["line_pitch"] == pytest.approx(1.0, abs=0.02)


def test_two_tones_in_turn_have_two_pitches_and_one_tone_has_one() -> None:
    pitch = sweep(4.8, 600.0, 800.0, 1.0, "steps")
    two = lines(0.3 * peak_one(np.sin(2.0 * np.pi * np.cumsum(pitch) / RATE_HZ)))
    assert two["line_first"] < 1.3
    assert two["line_two"] > 1.8


def test_a_siren_sweeps_for_long_and_as_far_as_it_does() -> None:
    pitch = sweep(4.8, 600.0, 1200.0, 4.0, "sine")
    found = lines(0.3 * peak_one(np.sin(2.0 * np.pi * np.cumsum(pitch) / RATE_HZ)))
    assert found["line_sweep"] == pytest.approx(2.0, abs=0.2)
    assert found["line_sweep_s"] > lines(beeps(0.5, 0.25))["line_sweep_s"] + 0.5


def test_creatures_are_less_exact_than_an_alarm() -> None:
    alarm = lines(0.2 * temporal_3(1000.0, 4.8))
    alive = [lines(0.2 * creature(np.random.default_rng(seed))[:77_000]) for seed in range(6)]
    assert np.median([found["line_drift"] for found in alive]) > alarm["line_drift"] + 0.5
    assert np.median([found["line_even"] for found in alive]) > alarm["line_even"]


def test_one_long_breath_is_longer_than_syllables_and_alone() -> None:
    quiet = np.zeros(3 * RATE_HZ, np.float32)
    long = breath(np.concatenate((quiet, rough(900.0, 70.0, 0.9))))
    short = breath(np.concatenate([np.concatenate((rough(200.0, 5.0, 0.15), quiet[:1600])) for _ in range(15)]))
    assert long["breath_s"] > short["breath_s"] + 1.0
    assert long["breath_alone"] > 1.8 > short["breath_alone"]
    assert long["breath_pitch"] == pytest.approx(1.5 * np.log2(900.0 / 500.0), abs=0.1)


@pytest.mark.parametrize(("beat_hz", "name"), [(20.0, "beats_15"), (40.0, "beats_30"), (70.0, "beats_55")])
def test_roughness_is_at_the_rate_of_its_beating(beat_hz: float, name: str) -> None:
    found = breath(rough(900.0, beat_hz, 2.0))
    assert max((k for k in found if k.startswith("beats")), key=lambda k: found[k]) == name


def test_silence_has_no_lines_and_no_breath() -> None:
    silent = last(np.zeros(2 * RATE_HZ, np.float32), 0.0)
    assert line_features(silent.lines, TONE_FRAMES) == dict.fromkeys(OF_LINES, 0.0)
    assert breath_features(silent) == dict.fromkeys(OF_BREATH, 0.0)
