"""What is given back of the raw sound: a little always, much where the engine took speech away."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.audio.denoise_mix import LEAST_DB, MixBack
from edge.messages.hearing import FRAME, RATE_HZ

DELAY = 384
LEAST = 10 ** (LEAST_DB / 20)


def hiss(seconds: float, level: float) -> NDArray[np.float32]:
    count = round(seconds * RATE_HZ / FRAME) * FRAME
    return (level * np.random.default_rng(3).standard_normal(count)).astype(np.float32)


def mixed(raw: NDArray[np.float32], lowered_db: float, probability: float) -> NDArray[np.float32]:
    """What becomes of an engine that lowers all there is by so much."""
    copy = np.concatenate([np.zeros(DELAY, np.float32), raw])[: len(raw)] * np.float32(10 ** (-lowered_db / 20))
    mix = MixBack(DELAY)
    pairs = zip(raw.reshape(-1, FRAME), copy.reshape(-1, FRAME), strict=True)
    return np.concatenate([mix.step(sound, of_it, probability) for sound, of_it in pairs])


def kept_db(raw: NDArray[np.float32], heard: NDArray[np.float32]) -> float:
    """How much louder the second second is than the sound it came from."""
    late = slice(RATE_HZ, 2 * RATE_HZ)
    return float(10 * np.log10(np.sum(heard[DELAY:][late] ** 2) / np.sum(raw[late] ** 2)))


def test_noise_may_be_lowered_down_to_the_least_share() -> None:
    raw = hiss(3.0, 0.05)
    assert kept_db(raw, mixed(raw, 100.0, probability=0.1)) == pytest.approx(LEAST_DB, abs=0.3)


@pytest.mark.parametrize("lowered_db", [0.0, 3.0, 5.5])
def test_speech_freed_of_noise_is_left_as_it_is(lowered_db: float) -> None:
    raw = hiss(3.0, 0.05)
    freed = 10 ** (-lowered_db / 20)
    expected_db = 20 * np.log10(freed + LEAST * (1 - freed))
    assert kept_db(raw, mixed(raw, lowered_db, probability=0.95)) == pytest.approx(expected_db, abs=0.1)


def test_speech_that_was_taken_away_is_given_back_whole() -> None:
    raw = hiss(3.0, 0.05)
    assert kept_db(raw, mixed(raw, 20.0, probability=0.95)) == pytest.approx(0.0, abs=0.1)


def test_the_raw_sound_falls_together_with_the_copy() -> None:
    raw = hiss(2.0, 0.05)
    heard = mixed(raw, 0.0, probability=0.95)
    assert np.abs(heard[DELAY:] - raw[:-DELAY]).max() < 1e-6


def test_silence_stays_silence() -> None:
    assert not mixed(np.zeros(RATE_HZ, np.float32), 20.0, probability=0.95).any()
