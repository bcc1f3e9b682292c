"""From 16 kHz to 48 kHz and back in frames of 10 ms, with a constant delay, for engines that were trained at 48 kHz.

One low-pass filter with linear phase does both ways (polyphase: no product with an inserted zero is ever computed).
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.signal import firwin

from edge.messages.hearing import FRAME, RATE_HZ

FACTOR = 3
WIDE_FRAME = FACTOR * FRAME
"""Samples of 10 ms at 48 kHz."""
WIDE_RATE_HZ = FACTOR * RATE_HZ
ROUND_TRIP_SAMPLES = 64
"""Delay of there and back, at 16 kHz: 4 ms."""

_HALF = FACTOR * ROUND_TRIP_SAMPLES // 2
"""Half the filter's length at 48 kHz: each way delays by so much."""
_CUTOFF_HZ, _KAISER_BETA = 7_700.0, 7.0
"""Flat to 7 kHz, which holds all of speech that a telephone's wide band keeps; images from 8.4 kHz on 70 dB down."""

_Floats = NDArray[np.float32]


@cache
def _low_pass() -> NDArray[np.float64]:
    taps = firwin(2 * _HALF + 1, _CUTOFF_HZ, window=("kaiser", _KAISER_BETA), fs=WIDE_RATE_HZ)
    return np.asarray(taps, dtype=np.float64)


class ToWide:
    """16 kHz to 48 kHz."""

    def __init__(self) -> None:
        taps = FACTOR * _low_pass()
        length = -(-len(taps) // FACTOR)
        phases = np.zeros((length, FACTOR))
        for phase in range(FACTOR):
            part = taps[phase::FACTOR]
            phases[length - len(part) :, phase] = part[::-1]
        self._phases = phases.astype(np.float32)
        self._past = np.zeros(length - 1, np.float32)

    def step(self, frame: _Floats) -> _Floats:
        """(160,) to (480,)."""
        sound = np.concatenate([self._past, frame])
        self._past = sound[FRAME:]
        seen = np.lib.stride_tricks.sliding_window_view(sound, len(self._phases))
        return np.ascontiguousarray(seen @ self._phases).reshape(WIDE_FRAME)


class FromWide:
    """48 kHz to 16 kHz."""

    def __init__(self) -> None:
        self._taps = _low_pass()[::-1].astype(np.float32)
        self._past = np.zeros(len(self._taps) - 1, np.float32)

    def step(self, frame: _Floats) -> _Floats:
        """(480,) to (160,)."""
        sound = np.concatenate([self._past, frame])
        self._past = sound[WIDE_FRAME:]
        seen = np.lib.stride_tricks.sliding_window_view(sound, len(self._taps))[::FACTOR]
        return np.ascontiguousarray(seen) @ self._taps
