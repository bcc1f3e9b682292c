"""The way from a sound to what is recorded of it: rooms, distance, walls, loudspeakers, codecs, clipping."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, fftconvolve, sosfilt

from tests.benchmarks.sound_synthesis import RATE, Floats, Rng, draw, draw_octave, peak_one, seconds

Samples = NDArray[np.float64]


def echoes(x: Samples, rng: Rng) -> Samples:
    """A room: some early reflections, then noise that dies away within 0.15 to 1.5 s, the high part first."""
    reverberation_s = draw_octave(rng, 0.15, 1.5)
    t = seconds(min(reverberation_s, 0.8))
    tail = rng.standard_normal(t.size) * 10.0 ** (-3.0 * t / reverberation_s)
    tail = sosfilt(butter(1, draw_octave(rng, 1500.0, 7500.0), fs=RATE, output="sos"), tail)
    tail[: int(0.005 * RATE)] = 0.0
    tail *= draw_octave(rng, 0.05, 1.5) / np.sqrt(np.sum(tail**2) + 1e-12)
    tail[0] = 1.0
    for _ in range(int(rng.integers(0, 6))):
        tail[int(draw(rng, 0.002, 0.04) * RATE)] += draw(rng, -0.5, 0.5)
    wet: Samples = fftconvolve(x, tail)[: x.size]
    return wet


def coloured(x: Samples, rng: Rng) -> Samples:
    """Duller from far or through a wall, thinner through a small loudspeaker, with a resonance of what it hangs on."""
    if rng.uniform() < 0.5:
        x = sosfilt(butter(int(rng.integers(1, 4)), draw_octave(rng, 1500.0, 7600.0), fs=RATE, output="sos"), x)
    if rng.uniform() < 0.4:
        x = sosfilt(butter(1, draw_octave(rng, 60.0, 600.0), "highpass", fs=RATE, output="sos"), x)
    if rng.uniform() < 0.4:
        hz = draw_octave(rng, 300.0, 5000.0)
        band = butter(1, (hz * 0.85, min(hz * 1.15, 7900.0)), "bandpass", fs=RATE, output="sos")
        x = x + draw(rng, 0.5, 3.0) * sosfilt(band, x)
    if rng.uniform() < 0.15:  # a telephone's band, or an old recording's
        x = sosfilt(butter(4, (300.0, draw(rng, 3000.0, 4500.0)), "bandpass", fs=RATE, output="sos"), x)
    return x


def heard_there(x: Samples, rng: Rng) -> Floats:
    """What a microphone at some place takes of a sound."""
    if rng.uniform() < 0.85:
        x = echoes(x, rng)
    x = coloured(x, rng)
    if rng.uniform() < 0.2:  # too loud for a microphone, or for the amplifier of a loudspeaker
        x = np.tanh(x / np.abs(x).max() * draw_octave(rng, 1.0, 8.0))
    return peak_one(x)
