"""What the voice of one moment is like: where its energy lies, and its pitch.

::

    the last 40 ms -> power spectrum -> energy below and above 1 kHz
                                     -> autocorrelation -> pitch, periodicity

All but the energies is independent of gain, and so is the ratio of these.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, rfft

from edge.messages import FRAME, RATE_HZ

WINDOW: Final = 640
"""Samples: 40 ms hold three periods of the lowest voice."""
TRANSFORM: Final = 1024
"""Samples with the zeros behind them, so that no lag of a voice wraps around."""
LOW_HZ: Final = (70.0, 1000.0)
HIGH_HZ: Final = (1000.0, 5000.0)
"""The two bands of the alpha ratio (Frøkjær-Jensen and Prytz 1976), the lower one without mains hum."""
PITCH_HZ: Final = (70.0, 500.0)
FINER: Final = 2
"""Lags are looked at between samples too: at 450 Hz one sample is 3 % of a period."""
OCTAVE_COST: Final = 0.01
"""Of two periods that fit alike the shorter one is meant (Boersma 1993)."""

_HANN = np.hanning(WINDOW)
_OF_WINDOW = irfft(np.abs(rfft(_HANN, TRANSFORM)) ** 2, FINER * TRANSFORM)
_LAGS = np.arange(int(FINER * RATE_HZ / PITCH_HZ[1]), int(FINER * RATE_HZ / PITCH_HZ[0]) + 1)
_UNBIASED = _OF_WINDOW[0] / _OF_WINDOW[_LAGS]
"""A window fades its own autocorrelation out; Boersma divides by it."""
_COST = OCTAVE_COST * np.log2(_LAGS / _LAGS[0])


def _bins(band_hz: tuple[float, float]) -> slice:
    return slice(round(band_hz[0] * TRANSFORM / RATE_HZ), round(band_hz[1] * TRANSFORM / RATE_HZ))


_LOW, _HIGH = _bins(LOW_HZ), _bins(HIGH_HZ)


@dataclass(frozen=True, slots=True)
class VoiceFrame:
    """One moment of sound, as a voice."""

    low: float
    """Energy below 1 kHz, in units that only compare with its like."""
    high: float
    """Energy from 1 kHz to 5 kHz."""
    pitch_hz: float
    periodicity: float
    """0 for noise to 1 for what repeats itself exactly; harmonics as strong as noise give 0.5."""


class VoiceFrames:
    """The last 40 ms of one microphone, looked at when asked."""

    def __init__(self) -> None:
        self._last = np.zeros(WINDOW)

    def push(self, frame: NDArray[np.float32]) -> None:
        """Take one frame, (160,) samples; what is not a number counts as 0."""
        self._last[:-FRAME] = self._last[FRAME:]
        self._last[-FRAME:] = np.clip(np.nan_to_num(frame, posinf=1.0, neginf=-1.0), -1.0, 1.0)

    def look(self) -> VoiceFrame:
        """The voice of the moment; pitch by autocorrelation (Boersma 1993)."""
        spectrum = np.abs(rfft((self._last - self._last.mean()) * _HANN, TRANSFORM)) ** 2
        autocorrelation = irfft(spectrum, FINER * TRANSFORM)
        total = float(autocorrelation[0])
        low, high = float(spectrum[_LOW].sum()), float(spectrum[_HIGH].sum())
        if total <= 0.0:
            return VoiceFrame(low, high, PITCH_HZ[0], 0.0)
        repeats = autocorrelation[_LAGS] * _UNBIASED / total
        best = int(np.argmax(repeats - _COST))
        return VoiceFrame(low, high, FINER * RATE_HZ / float(_LAGS[best]), min(max(float(repeats[best]), 0.0), 1.0))
