"""A smoke alarm in a quiet room, as the daemon's tests hear it."""

import numpy as np

TONE_HZ = 3100.0
PATTERN_S = 4
"""Three beeps of half a second, each followed by as much silence, and a pause of one second more (ISO 8201)."""


def smoke_alarm(seconds, rate_hz, level=0.3):
    """(n,) float32; without a seam where it is repeated, if ``seconds`` are a multiple of the pattern."""
    t = np.arange(round(seconds * rate_hz)) / rate_hz
    on = (t % PATTERN_S < 3.0) & (t % 1.0 < 0.5)
    room = 0.001 * np.random.default_rng(7).standard_normal(len(t))
    return (room + level * on * np.sin(2 * np.pi * TONE_HZ * t)).astype(np.float32)
