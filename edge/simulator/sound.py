"""The sound of a small shop, made by arithmetic: its machines, its till, and what must not be missed.

::

    a seed and a plan -> bed (air, a cooler's hum) + everyday sounds + dangers, each in the room's echo -> 16 bit PCM
                                                                       '-> truth: kind, from when until when

Nobody speaks in it: a voice that is made would prove nothing about voices.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, fftconvolve, sosfilt

from edge.messages import RATE_HZ, EventKind

BED_DBFS, BED_DB_PER_OCTAVE = -52.0, -4.5
"""Air that is moved, feet and hands far away: between white and brown, as rooms are."""
HUM_HZ, HUM_DBFS = 100.0, -50.0
"""A cooler's compressor on 50 Hz mains, and its overtones."""
ECHO_S = 0.35
"""Until the echo is 60 dB down: a small shop full of goods."""
ALARM_HZ = 3100.0
TRUE_OVER_DB = 30.0
"""A sound lasts until it is this far below its loudest 10 ms."""

DANGERS = (EventKind.ALARM_SOUND.value, EventKind.GLASS_BREAK.value, EventKind.BANG.value)

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sounding:
    """Something that sounds: what, from when, and how loud its loudest 10 ms are.

    ``what`` is a kind of event, or ``beep``, ``clink`` or ``chime`` of an everyday shop, which are no events.
    """

    what: str
    at_s: float
    dbfs: float


@dataclass(frozen=True, slots=True)
class TrueSounding:
    """What is to be heard, seconds from the start."""

    kind: EventKind
    t_start_s: float
    t_end_s: float


@dataclass(frozen=True, slots=True)
class ShopSound:
    """Samples (n,) int16 at 16 kHz, and the truth of them."""

    samples: NDArray[np.int16]
    truth: tuple[TrueSounding, ...]


def shop_sound(plan: tuple[Sounding, ...], duration_s: float, seed: int) -> ShopSound:
    """The sound of a shop for so long; the same plan and seed are the same sound."""
    rng = np.random.default_rng(seed)
    mixed = _bed(duration_s, rng) + _hum(duration_s)
    echo = _echo(rng)
    truth: list[TrueSounding] = []
    for sounding in plan:
        dry = _MADE[sounding.what](rng)
        wet = dry + 0.5 * fftconvolve(dry, echo)[: len(dry)]
        loudest = float(np.sqrt(_powers(wet).max()))
        wet *= 10.0 ** (sounding.dbfs / 20.0) / loudest
        start = round(sounding.at_s * RATE_HZ)
        part = wet[: len(mixed) - start]
        mixed[start : start + len(part)] += part
        if sounding.what in DANGERS:
            lasts_s = _lasts_s(part)
            truth.append(TrueSounding(EventKind(sounding.what), sounding.at_s, round(sounding.at_s + lasts_s, 2)))
    return ShopSound(np.round(np.clip(mixed, -1.0, 1.0) * 32767.0).astype(np.int16), tuple(truth))


def _times(duration_s: float) -> Array:
    return np.arange(round(duration_s * RATE_HZ)) / RATE_HZ


def _powers(x: Array) -> Array:
    """Mean square of each 10 ms."""
    frames = x[: len(x) // 160 * 160].reshape(-1, 160)
    return np.asarray(np.mean(frames**2, axis=1))


def _lasts_s(x: Array) -> float:
    powers = _powers(x)
    loud = np.flatnonzero(powers > powers.max() * 10.0 ** (-TRUE_OVER_DB / 10.0))
    return float(loud[-1] + 1) / 100.0


def _bed(duration_s: float, rng: np.random.Generator) -> Array:
    """Noise whose spectrum falls evenly, swelling and sinking a little."""
    count = round(duration_s * RATE_HZ)
    spectrum = np.fft.rfft(rng.standard_normal(count))
    hz = np.maximum(np.fft.rfftfreq(count, 1.0 / RATE_HZ), 60.0)
    x = np.fft.irfft(spectrum * (hz / 1000.0) ** (BED_DB_PER_OCTAVE / 6.02), count)
    x *= 1.0 + 0.2 * np.sin(2.0 * np.pi * _times(duration_s) / 7.3 + rng.uniform(0.0, 6.28))
    return np.asarray(x * 10.0 ** (BED_DBFS / 20.0) / np.sqrt(np.mean(x**2)))


def _hum(duration_s: float) -> Array:
    t = _times(duration_s)
    x = sum((np.sin(2.0 * np.pi * k * HUM_HZ * t + k) / k for k in (1, 2, 3, 5, 8)), np.zeros_like(t))
    return np.asarray(x * 10.0 ** (HUM_DBFS / 20.0) / np.sqrt(np.mean(x**2)))


def _echo(rng: np.random.Generator) -> Array:
    """Noise that dies away, duller than the sound itself; its energy is 1."""
    t = _times(ECHO_S)
    tail = sosfilt(butter(1, 4000.0, fs=RATE_HZ, output="sos"), rng.standard_normal(len(t)))
    tail *= 10.0 ** (-3.0 * t / ECHO_S)
    return np.asarray(tail / np.sqrt(np.sum(tail**2)))


def _tone(hz: float, beep_s: float, tail_s: float = 0.0) -> Array:
    """A beep with edges of 5 ms."""
    t = _times(beep_s)
    edge = np.clip(np.minimum(t, beep_s - t) / 0.005, 0.0, 1.0)
    return np.concatenate([edge * np.sin(2.0 * np.pi * hz * t), np.zeros(round(tail_s * RATE_HZ))])


def _ring(hz: float, decay_s: float, rng: np.random.Generator) -> Array:
    """One mode of something that was struck."""
    t = _times(6.0 * decay_s)
    return np.asarray(np.exp(-t / decay_s) * np.sin(2.0 * np.pi * hz * t + rng.uniform(0.0, 6.28)))


def _burst(decay_s: float, low_hz: float, high_hz: float, rng: np.random.Generator) -> Array:
    """Noise of a band that begins at once and dies away."""
    t = _times(6.0 * decay_s)
    band = butter(2, (low_hz, high_hz), "bandpass", fs=RATE_HZ, output="sos")
    return np.asarray(sosfilt(band, rng.standard_normal(len(t))) * np.exp(-t / decay_s))


def _add(x: Array, at_s: float, part: Array, height: float) -> None:
    start = round(at_s * RATE_HZ)
    end = min(start + len(part), len(x))
    x[start:end] += height * part[: end - start]


def _smoke_alarm(rng: np.random.Generator) -> Array:
    """Three beeps of half a second, then a pause (temporal pattern 3 of ISO 8201), three times over."""
    beep = _tone(ALARM_HZ, 0.5, 0.5)
    return np.tile(np.concatenate([beep, beep, beep, np.zeros(RATE_HZ)]), 3)


def _glass(rng: np.random.Generator) -> Array:
    """A pane: the blow, the burst, and splinters that ring as they reach the floor."""
    x = np.zeros(2 * RATE_HZ)
    _add(x, 0.0, _burst(0.02, 100.0, 4000.0, rng), 0.8)
    _add(x, 0.0, _burst(0.14, 1500.0, 7600.0, rng), 1.0)
    for _ in range(110):
        falls = rng.uniform() < 0.7
        at_s = rng.normal(0.38, 0.06) + rng.exponential(0.16) if falls else rng.exponential(0.1)
        for hz in np.exp(rng.uniform(np.log(2200.0), np.log(7600.0), 5)):
            piece = _ring(float(hz), rng.uniform(0.004, 0.025), rng)
            _add(x, float(np.clip(at_s, 0.0, 1.7)), piece, rng.exponential(0.09))
    _add(x, 0.38, _burst(0.12, 1200.0, 7600.0, rng), 0.4)
    return x


def _bang(rng: np.random.Generator) -> Array:
    """Something heavy falls."""
    x = np.zeros(RATE_HZ)
    _add(x, 0.0, _burst(0.008, 100.0, 6000.0, rng), 0.8)
    _add(x, 0.0, _burst(0.06, 60.0, 900.0, rng), 1.2)
    for hz in (62.0, 104.0, 171.0):
        _add(x, 0.0, _ring(hz, 0.07, rng), 0.6)
    return x


def _beep(rng: np.random.Generator) -> Array:
    """A till's scanner."""
    return _tone(2700.0, 0.11, 0.2)


def _clink(rng: np.random.Generator) -> Array:
    """Two bottles that touch, and stay whole."""
    x = np.zeros(RATE_HZ // 2)
    for hz in (2350.0, 3720.0, 5160.0):
        _add(x, 0.0, _ring(hz, 0.05, rng), 1.0)
    return x


def _chime(rng: np.random.Generator) -> Array:
    """The door's two notes."""
    x = np.zeros(round(1.6 * RATE_HZ))
    for at_s, hz in ((0.0, 784.0), (0.45, 622.0)):
        for k in (1, 2, 3):
            _add(x, at_s, _ring(k * hz, 0.25 / k, rng), 1.0 / k**2)
    return x


_MADE = {
    EventKind.ALARM_SOUND.value: _smoke_alarm,
    EventKind.GLASS_BREAK.value: _glass,
    EventKind.BANG.value: _bang,
    "beep": _beep,
    "clink": _clink,
    "chime": _chime,
}
