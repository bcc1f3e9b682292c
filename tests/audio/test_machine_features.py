"""Numbers of a machine's sound: what they see, and what they must not see."""

from __future__ import annotations

import numpy as np
import pytest

from edge.audio.machine_features import BLOCK, SIZES, BlockSums, WindowFeatures, added, block_sums, window_features
from edge.messages.hearing import RATE_HZ
from tests.benchmarks.measure_machines import Sound, band_noise, knock

BLOCKS = 6
COUNT = BLOCKS * BLOCK


def fan(seed: int = 0) -> Sound:
    rng = np.random.default_rng(seed)
    return 0.02 * band_noise(COUNT, 20.0, 7900.0, rng) + 0.02 * band_noise(COUNT, 40.0, 900.0, rng)


def blocks(sound: Sound) -> list[BlockSums]:
    return [block_sums(block) for block in sound.astype(np.float32).reshape(-1, BLOCK)]


def numbers(sound: Sound) -> WindowFeatures:
    return window_features(added(blocks(sound)))


def tone(pitch_hz: float) -> Sound:
    return np.sin(2 * np.pi * pitch_hz * np.arange(COUNT) / RATE_HZ)


def test_groups_have_their_sizes() -> None:
    assert {group: values.shape for group, values in numbers(fan())._asdict().items()} == {
        group: (size,) for group, size in SIZES.items()
    }


@pytest.mark.parametrize("gain_db", [-30.0, 20.0])
def test_gain_changes_nothing(gain_db: float) -> None:
    for loud, plain in zip(numbers(fan() * 10.0 ** (gain_db / 20.0)), numbers(fan()), strict=True):
        np.testing.assert_allclose(loud, plain, atol=0.02)


def test_an_offset_changes_nothing() -> None:
    for shifted, plain in zip(numbers(fan() + 0.3), numbers(fan()), strict=True):
        np.testing.assert_allclose(shifted, plain, atol=0.05)


def test_blocks_add_up_in_any_order() -> None:
    several = blocks(fan())
    for forth, back in zip(window_features(added(several)), window_features(added(several[::-1])), strict=True):
        np.testing.assert_allclose(forth, back, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("pitch_hz", [30.0, 50.0, 117.0, 290.0])
def test_a_hum_stands_out_where_it_is(pitch_hz: float) -> None:
    above = numbers(fan() + 0.003 * tone(pitch_hz)).low
    assert above.max() > 10.0
    assert abs(20.0 + int(above.argmax()) * RATE_HZ / 8192 - pitch_hz) < 2.5


@pytest.mark.parametrize("pitch_hz", [400.0, 1234.0, 7000.0])
def test_a_whine_stands_out_where_it_is(pitch_hz: float) -> None:
    above = numbers(fan() + 0.008 * tone(pitch_hz)).high
    assert above.max() > 8.0
    assert abs(328.0 + int(above.argmax()) * 31.25 - pitch_hz) < 32.0


def test_a_steady_noise_has_no_lines() -> None:
    found = numbers(fan())
    assert found.low.max() < 5.0
    assert found.high.max() < 2.0


def test_knocks_make_envelopes_peaked() -> None:
    plain = fan()
    blows = knock(COUNT, np.random.default_rng(1))
    knocking = plain + blows * np.sqrt(np.var(plain) / np.var(blows)) / 2.0
    assert (numbers(knocking).beat[:16] - numbers(plain).beat[:16]).max() > 1.0


@pytest.mark.parametrize("rate_hz", [6.0, 25.0])
def test_a_steady_beat_stands_out_among_its_rates(rate_hz: float) -> None:
    strongest = slice(-16, -8) if rate_hz < 16.0 else slice(-8, None)  # of strokes, of turns
    beating = fan() * (1.0 + 0.5 * np.sin(2 * np.pi * rate_hz * np.arange(COUNT) / RATE_HZ))
    assert (numbers(beating).beat[strongest] - numbers(fan()).beat[strongest]).min() > 0.5


@pytest.mark.parametrize("sound", [np.zeros(COUNT), np.ones(COUNT), np.sign(tone(100.0)), np.eye(1, COUNT)[0]])
def test_strange_sounds_have_finite_numbers(sound: Sound) -> None:
    assert all(np.isfinite(values).all() for values in numbers(sound))
