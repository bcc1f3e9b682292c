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
from tests.benchmarks.sound_synthesis import alarm, bang, chime, dry_alarm, glass, hum, scanner

FREE = ("CC BY 4.0", "CC BY 3.0 / CC0", "Apache-2.0 (repo)", "Pixabay Content License or CC0")
"""Licences, by how they begin in the manifest; none asks for the same licence or forbids commerce."""
STEADY = ("rain", "sea_waves", "helicopter", "chainsaw", "fire_crackling")
"""Sounds that go on, and so may lie under a talk."""
SILENCE_S = 0.25
BABBLE_S = 40
ROOM_SOUNDS, ROOM_SOUND_S = 24, 16
SPREAD_DB = 10.0
"""Some people speak so much more softly than others, or stand further away."""

_SNR_DB, _CLEAN_SNR_DB, _CLEAN_SHARE = (-7.0, 25.0), 45.0, 0.1
_GAIN_DB = (-25.0, 6.0)
_TALKERS, _SPEED = (2, 10), (0.88, 1.14)
_ROOM_SHARE, _ROOM_S, _DIRECT_DB = 0.35, (0.15, 0.5), (2.0, 12.0)
_FAR_DIRECT_DB = (-6.0, 3.0)
"""Of direct sound over what comes back from the walls: people at the back of the room."""
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
    for k, stream in enumerate(streams(found["speech"], count, seed, SPREAD_DB)):
        clean = _in_a_room(stream.clean, rng, _DIRECT_DB) if rng.random() < _ROOM_SHARE else stream.clean
        noise, what = _noise(k, found, rng)
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


def rooms(found: dict[str, list[Clip]], seed: int) -> Iterator[Sound]:
    """Rooms in which nobody speaks for long: what always hums there, and in every second a made sound or a fault."""
    rng = np.random.default_rng(seed)
    makers = (alarm, dry_alarm, chime, scanner, bang, glass, hum, _fault)
    lasting = [clip for clip in found["noise"] if clip.label not in ("talk", "retail")]
    lasting += [clip for clip in found["event"] if clip.label in STEADY]
    length = ROOM_SOUND_S * RATE_HZ
    for k in range(ROOM_SOUNDS):
        if k % 3 == 0:
            clip = lasting[rng.integers(len(lasting))]
            sound, what = np.resize(_at_some_speed(clip.read(), rng), length), clip.path.stem
            sound = sound / max(float(np.sqrt(np.mean(np.square(sound)))), 1e-4)
        else:
            sound, what = rng.standard_normal(length), "hiss"
        sound = _tilted(np.asarray(sound * 10 ** (rng.uniform(-56, -26) / 20), np.float32), rng)
        if k % 2:
            maker = makers[(k // 2) % len(makers)]
            made = maker(rng)[: length // 2] * np.float32(rng.uniform(0.1, 0.9))
            start = int(rng.integers(RATE_HZ, length - len(made) - RATE_HZ))
            sound[start : start + len(made)] += made
            what += f" and {maker.__name__.strip('_')}"
        yield Sound(what, np.clip(sound, -1.0, 1.0).astype(np.float32), np.zeros(length // FRAME, np.int8))


def _fault(rng: np.random.Generator) -> Floats:
    """A second of a plug that is pulled: full scale, or beyond it."""
    noise = rng.standard_normal(RATE_HZ)
    return np.asarray(np.sign(noise) if rng.random() < 0.5 else 0.1 * noise + 0.9, dtype=np.float32)


def _noise(k: int, found: dict[str, list[Clip]], rng: np.random.Generator) -> tuple[Floats, str]:
    """In turn: a place, talkers at once, a place, a steady sound, a place where people talk, talkers in a room."""
    steady = [clip for clip in found["event"] if clip.label in STEADY]
    place = found["noise"][rng.integers(len(found["noise"]))]
    match k % 6:
        case 1:
            return _babble(found["speech"], rng), "babble"
        case 3:
            clip = steady[rng.integers(len(steady))]
            return _at_some_speed(clip.read(), rng), clip.path.stem
        case 4:
            return _together(_at_some_speed(place.read(), rng), _babble(found["speech"], rng), rng), "babble and place"
        case 5:
            return _in_a_room(_babble(found["speech"], rng), rng, _FAR_DIRECT_DB), "babble far away"
    return _at_some_speed(place.read(), rng), place.path.stem


def _babble(speech: Sequence[Clip], rng: np.random.Generator) -> Floats:
    """Some talkers at once."""
    length = BABBLE_S * RATE_HZ
    together = np.zeros(length, np.float32)
    for index in rng.permutation(len(speech))[: int(rng.integers(*_TALKERS))]:
        talker = _at_some_speed(speech[index].read(), rng)
        talker = np.roll(np.resize(talker, length), int(rng.integers(length)))
        together += talker / np.sqrt(np.mean(np.square(talker)) + 1e-9) * np.float32(10 ** (rng.uniform(-6, 0) / 20))
    return together


def _together(place: Floats, babble: Floats, rng: np.random.Generator) -> Floats:
    """Both, the one up to 6 dB louder than the other."""
    louder = np.float32(10 ** (rng.uniform(-6, 6) / 20))
    level, other = np.sqrt(np.mean(np.square(place)) + 1e-9), np.sqrt(np.mean(np.square(babble)) + 1e-9)
    return np.asarray(np.resize(place, len(babble)) / level * louder + babble / other, dtype=np.float32)


def _at_some_speed(sound: Floats, rng: np.random.Generator) -> Floats:
    """Faster and higher, or slower and lower, as another machine or voice would sound."""
    speed = float(rng.uniform(*_SPEED))
    return np.interp(np.arange(0.0, len(sound) - 1, speed), np.arange(len(sound)), sound).astype(np.float32)


def _in_a_room(sound: Floats, rng: np.random.Generator, direct_db_of: tuple[float, float]) -> Floats:
    """With the tail of a small or large room: noise that dies away exponentially (Polack's model)."""
    reverberation_s, direct_db = rng.uniform(*_ROOM_S), rng.uniform(*direct_db_of)
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
