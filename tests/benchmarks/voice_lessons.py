"""Sound to fit the combination of voice detectors on: speech and noise of one half, in many rooms and at many levels.

Only recordings whose licence lets what was learned from them be passed on (:data:`FREE`), and of them only the half
that no figure is reported on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.signal import fftconvolve, lfilter

from edge.messages.hearing import FRAME, RATE_HZ
from tests.benchmarks.hearing_mixes import Clip, Floats, Half, Truth, clips, half_of, mixed, streams

FREE = ("CC BY 4.0", "CC BY 3.0 / CC0", "Apache-2.0 (repo)", "Pixabay Content License or CC0")
"""Licences, by how they begin in the manifest; none asks for the same licence or forbids commerce."""
STEADY = ("rain", "sea_waves", "helicopter", "chainsaw", "fire_crackling")
"""Sounds that go on, and so may lie under a talk."""
SILENCE_S = 0.25
SPREAD_DB = 10.0
"""Some people speak so much more softly than others, or stand further away."""

_SNR_DB, _CLEAN_SNR_DB, _CLEAN_SHARE = (-7.0, 25.0), 45.0, 0.1
_GAIN_DB = (-25.0, 6.0)
_TALKERS = (3, 9)
_ROOM_SHARE, _ROOM_S, _DIRECT_DB = 0.35, (0.15, 0.5), (2.0, 12.0)
_TILT = 0.4


@dataclass(frozen=True, slots=True)
class Sound:
    """Something to learn from."""

    what: str
    samples: Floats
    truth: Truth


def fit_clips(data: Path) -> dict[str, list[Clip]]:
    """All that is learned from, by kind."""
    kinds = ("speech", "noise", "event")
    halves = {kind: half_of(clips(data, kind), Half.FIT) for kind in kinds}
    return {kind: [clip for clip in half if clip.licence.startswith(FREE)] for kind, half in halves.items()}


def talks(found: dict[str, list[Clip]], count: int, seed: int) -> Iterator[Sound]:
    """Speech in noise."""
    rng = np.random.default_rng(seed)
    steady = [clip for clip in found["event"] if clip.label in STEADY]
    for k, stream in enumerate(streams(found["speech"], count, seed, SPREAD_DB)):
        clean = _in_a_room(stream.clean, rng) if rng.random() < _ROOM_SHARE else stream.clean
        noise, what = _noise(k, found, steady, rng)
        snr_db = _CLEAN_SNR_DB if rng.random() < _CLEAN_SHARE else float(rng.uniform(*_SNR_DB))
        heard = mixed(clean, stream.truth, noise, snr_db, int(rng.integers(2**31)))
        yield Sound(f"{what} {snr_db:.0f} dB", _at_some_level(_tilted(heard, rng), rng), stream.truth)


def others(found: dict[str, list[Clip]], seed: int) -> Iterator[Sound]:
    """Sounds that are no speech, each after a moment of silence."""
    rng = np.random.default_rng(seed)
    for clip in found["event"] + [clip for clip in found["noise"] if clip.label not in ("talk", "retail")]:
        sound = clip.read()[: 8 * RATE_HZ]
        sound = sound / max(float(np.abs(sound).max()), 1e-3) * np.float32(rng.uniform(0.05, 0.9))
        sound = np.concatenate([np.zeros(round(SILENCE_S * RATE_HZ), np.float32), sound]).astype(np.float32)
        yield Sound(clip.label, sound, np.zeros(len(sound) // FRAME, np.int8))


def _noise(
    k: int, found: dict[str, list[Clip]], steady: Sequence[Clip], rng: np.random.Generator
) -> tuple[Floats, str]:
    """In turn: a place, talkers at once, a place, a steady sound."""
    if k % 4 == 1:
        return _babble(found["speech"], rng), "babble"
    clip = steady[rng.integers(len(steady))] if k % 4 == 3 else found["noise"][rng.integers(len(found["noise"]))]
    return clip.read(), clip.path.stem


def _babble(speech: Sequence[Clip], rng: np.random.Generator) -> Floats:
    """Some talkers at once."""
    length = 40 * RATE_HZ
    chosen = rng.permutation(len(speech))[: int(rng.integers(*_TALKERS))]
    together = np.zeros(length, np.float32)
    for index in chosen:
        talker = speech[index].read()
        talker = np.roll(np.resize(talker, length), int(rng.integers(length)))
        together += talker / np.sqrt(np.mean(np.square(talker)) + 1e-9) * np.float32(10 ** (rng.uniform(-6, 0) / 20))
    return together


def _in_a_room(sound: Floats, rng: np.random.Generator) -> Floats:
    """With the tail of a small or large room: noise that dies away exponentially (Polack's model)."""
    reverberation_s, direct_db = rng.uniform(*_ROOM_S), rng.uniform(*_DIRECT_DB)
    t = np.arange(round(reverberation_s * RATE_HZ)) / RATE_HZ
    tail = rng.standard_normal(len(t)) * 10 ** (-3 * t / reverberation_s)
    tail *= 10 ** (-direct_db / 20) / np.sqrt(np.sum(tail**2))
    tail[0] += 1.0
    return np.asarray(fftconvolve(sound, tail)[: len(sound)], dtype=np.float32)


def _tilted(sound: Floats, rng: np.random.Generator) -> Floats:
    """As by a microphone that favours low or high tones."""
    return np.asarray(lfilter([1.0, rng.uniform(-_TILT, _TILT)], [1.0], sound), dtype=np.float32)


def _at_some_level(sound: Floats, rng: np.random.Generator) -> Floats:
    return np.clip(sound * np.float32(10 ** (rng.uniform(*_GAIN_DB) / 20)), -1.0, 1.0).astype(np.float32)
