"""Voices made by arithmetic: screams and cries of pain, and talk, song, laughter that are none.

    folds (pitch, effort, roughness) -> throat and mouth (formants) -> place (sound_paths)

Screams are rough, 30 to 150 Hz (L. H. Arnal et al., 2015), and pressed: effort makes the spectrum of the folds flat.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, lfilter, sosfilt

from tests.benchmarks.sound_paths import heard_there
from tests.benchmarks.sound_synthesis import RATE, Floats, Rng, add, draw, draw_octave

Samples = NDArray[np.float64]

VOWELS_HZ = (
    (800.0, 1250.0, 2600.0),
    (650.0, 1750.0, 2500.0),
    (500.0, 900.0, 2500.0),
    (400.0, 2000.0, 2700.0),
    (330.0, 800.0, 2400.0),
)
"""a, ae, o, e, u of a man; others are shorter."""


def folds(pitch: Samples, effort: float, breath: float, rng: Rng) -> Samples:
    """Pulses of the vocal folds: the harder, the flatter their spectrum (6 instead of 18 dB an octave)."""
    phase = 2.0 * np.pi * np.cumsum(pitch) / RATE
    fall = 2.0 - 1.6 * effort
    x = np.zeros_like(phase)
    lowest = float(pitch.min())
    for k in range(1, int(min(7600.0 / lowest, 45.0)) + 1):
        x += np.where(pitch * k < 7600.0, k**-fall, 0.0) * np.sin(k * phase + 0.4 * k)
    x /= np.std(x) + 1e-9
    noise = sosfilt(butter(1, 1000.0, "highpass", fs=RATE, output="sos"), rng.standard_normal(x.size))
    return x + breath * noise / np.std(noise)


def mouth(x: Samples, vowel: tuple[float, ...], length: float, rng: Rng) -> Samples:
    """Resonances of a mouth that is so much shorter than a man's, one after the other."""
    for hz in (*vowel, 3500.0, 4500.0):
        at = min(hz * length * draw(rng, 0.95, 1.05), 7500.0)
        radius = np.exp(-np.pi * draw(rng, 0.06, 0.12) * max(at, 700.0) / RATE)
        turn = 2.0 * np.pi * at / RATE
        x = lfilter([1.0 - 2.0 * radius * np.cos(turn) + radius**2], [1.0, -2.0 * radius * np.cos(turn), radius**2], x)
    return np.diff(x, prepend=0.0) if rng.uniform() < 0.7 else x  # from the lips


def rough(x: Samples, pitch: Samples, depth: float, rng: Rng) -> Samples:
    """Beating of 30 to 150 Hz that is not quite regular, or every second pulse weaker."""
    wander = 1.0 + 0.15 * np.interp(np.arange(x.size), np.linspace(0, x.size, 20), rng.standard_normal(20))
    beat = pitch / 2.0 if rng.uniform() < 0.3 else draw(rng, 30.0, 150.0) * wander
    return x * (1.0 - depth * (0.5 + 0.5 * np.sin(2.0 * np.pi * np.cumsum(beat) / RATE)))


def contour(duration_s: float, top_hz: float, rng: Rng) -> Samples:
    """Pitch of one breath: up at once, held or falling, shaking."""
    u = np.linspace(0.0, 1.0, int(duration_s * RATE))
    up = draw(rng, 0.0, 0.6) * np.clip(1.0 - u / draw(rng, 0.03, 0.3), 0.0, 1.0)
    down = draw(rng, 0.0, 0.8) * u ** draw(rng, 1.0, 4.0)
    shake = np.cumsum(rng.standard_normal(u.size)) / np.sqrt(RATE) * draw(rng, 0.0, 0.15)
    vibrato = draw(rng, 0.0, 0.04) * np.sin(2.0 * np.pi * draw(rng, 4.0, 10.0) * u * duration_s)
    return np.minimum(top_hz * 2.0 ** (shake + vibrato - up - down), 2400.0)


def one_scream(rng: Rng) -> Samples:
    """One breath of a person in fear or pain: high and long, or lower, hoarse and shorter."""
    high = rng.uniform() < 0.55
    duration_s = draw_octave(rng, 0.5, 2.8) if high else draw_octave(rng, 0.3, 1.4)
    pitch = contour(duration_s, draw_octave(rng, 600.0, 2000.0) if high else draw_octave(rng, 220.0, 650.0), rng)
    x = folds(pitch, draw(rng, 0.6, 1.0), draw_octave(rng, 0.03, 0.7), rng)
    x = rough(x, pitch, draw(rng, 0.15, 1.0) if high else draw(rng, 0.4, 1.0), rng)
    if rng.uniform() < 0.4:  # the voice breaks into noise for a while
        some = np.clip(np.interp(np.arange(x.size), np.linspace(0, x.size, 8), rng.uniform(-1.0, 1.0, 8)), 0.0, 1.0)
        x = x + some * draw(rng, 0.5, 2.0) * rng.standard_normal(x.size)
    vowel = VOWELS_HZ[int(rng.choice([0, 0, 0, 1, 1, 3]))]
    x = mouth(x, vowel, draw(rng, 1.0, 1.35), rng)
    u = np.linspace(0.0, 1.0, x.size)
    return x * np.minimum(1.0, u / draw(rng, 0.02, 0.15)) * np.minimum(1.0, (1.0 - u) / draw(rng, 0.08, 0.5))


def scream_there(rng: Rng) -> Floats:
    """A scream, from some place."""
    return heard_there(one_scream(rng), rng)


def talking(rng: Rng) -> Floats:
    """Syllables of talk, low or high, calm or loud: short, their pitch and vowels change all the time."""
    x, at_s = np.zeros(int(5.0 * RATE)), draw(rng, 0.0, 0.5)
    base_hz, effort, length = draw_octave(rng, 90.0, 400.0), draw(rng, 0.0, 0.9), draw(rng, 1.0, 1.4)
    while at_s < 4.7:
        duration_s = draw(rng, 0.08, 0.35)
        u = np.linspace(0.0, 1.0, int(duration_s * RATE))
        pitch = base_hz * 2.0 ** (draw(rng, -0.3, 0.5) + draw(rng, -0.5, 0.3) * u)
        x_one = mouth(folds(pitch, effort, draw(rng, 0.02, 0.3), rng), VOWELS_HZ[int(rng.integers(5))], length, rng)
        add(x, at_s, x_one * np.sin(np.pi * u) ** 0.5, draw(rng, 0.3, 1.0))
        if rng.uniform() < 0.4:
            hiss = sosfilt(
                butter(2, draw(rng, 2000.0, 5000.0), "highpass", fs=RATE, output="sos"), rng.standard_normal(1600)
            )
            add(x, max(at_s - 0.09, 0.0), hiss * np.hanning(1600), draw(rng, 0.1, 0.5))
        at_s += duration_s + (draw(rng, 0.01, 0.15) if rng.uniform() < 0.85 else draw(rng, 0.3, 0.9))
    return heard_there(x, rng)


def singing(rng: Rng) -> Floats:
    """Held notes with vibrato: high and long as screams, but smooth."""
    x, at_s = np.zeros(int(5.0 * RATE)), draw(rng, 0.0, 0.4)
    base_hz, effort, length = draw_octave(rng, 150.0, 800.0), draw(rng, 0.1, 0.7), draw(rng, 1.0, 1.3)
    while at_s < 4.6:
        duration_s = draw_octave(rng, 0.25, 2.0)
        u = np.linspace(0.0, 1.0, int(duration_s * RATE))
        vibrato = draw(rng, 0.0, 0.05) * np.sin(2.0 * np.pi * draw(rng, 4.5, 7.0) * u * duration_s)
        pitch = base_hz * 2.0 ** (float(rng.integers(-7, 8)) / 12.0 + vibrato)
        note = mouth(folds(pitch, effort, 0.05, rng), VOWELS_HZ[int(rng.integers(5))], length, rng)
        add(x, at_s, note * np.minimum(1.0, np.minimum(u, 1.0 - u) / 0.1), draw(rng, 0.4, 1.0))
        at_s += duration_s + draw(rng, 0.0, 0.3)
    return heard_there(x, rng)


def babies(rng: Rng) -> Floats:
    """A baby's cries and a child's laughter: a breath of a second or less, again and again, smooth."""
    x, at_s = np.zeros(int(5.0 * RATE)), draw(rng, 0.0, 0.5)
    base_hz, usual_s, effort = draw_octave(rng, 300.0, 650.0), draw_octave(rng, 0.12, 1.2), draw(rng, 0.4, 0.9)
    while at_s < 4.7:
        pitch = contour(usual_s * draw(rng, 0.7, 1.3), base_hz * draw(rng, 0.9, 1.2), rng)
        u = np.linspace(0.0, 1.0, pitch.size)
        cry = mouth(folds(pitch, effort, draw(rng, 0.02, 0.2), rng), VOWELS_HZ[int(rng.integers(2))], 1.6, rng)
        add(x, at_s, cry * np.sin(np.pi * u) ** 0.5, draw(rng, 0.5, 1.0))
        at_s += u.size / RATE + draw(rng, 0.05, 0.6)
    return heard_there(x, rng)


LIKE_SCREAMS: dict[str, Callable[[Rng], Floats]] = {"talking": talking, "singing": singing, "babies": babies}
