"""Some of the raw sound given back to a copy from which an engine took too much.

::

    raw sound, as late as the copy ──┐
    copy ────────────────────────────┴─ share of the raw sound ── mixed
    how likely it is speech ── what speech lost of late ──┘

An engine that lowers noise without end lowers soft syllables with it, and a little of the raw sound gives them back.
Where voices murmur behind a customer, or a recording is unlike what it learned from, RNNoise calls a frame speech and
takes 15 dB of it all the same; what contradicts itself so is not believed, and the raw sound is heard instead.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from edge.messages.hearing import FRAME, RATE_HZ

LEAST_DB = -20.0
"""Share of the raw sound that is always there: of engines that lower by 12 to 20 dB at most, this one's words were
understood best and sounded best."""
TRUSTED_LOSS_DB, ABSURD_LOSS_DB = 6.0, 12.0
"""Speech freed of noise that is 5 dB louder loses the first; what lost the second is speech no longer."""
_MEMORY_S = 0.5
"""Of what speech lost: two syllables."""
_SURE = 0.7
"""Speech is what is more likely so than this: RNNoise takes steady hiss for speech with up to 0.6."""
_BENEFIT = 0.02
"""Weight of sound that is no speech at all, of which nothing is taken to be lost: noise may be lowered without end."""
_SILENT = 1e-9
"""Power of -90 dBFS, below which nothing was lost."""

_Floats = NDArray[np.float32]


class MixBack:
    """One stream's share of the raw sound.

    Parameters
    ----------
    delay_samples
        How late the copy comes.
    """

    def __init__(self, delay_samples: int) -> None:
        self._late = np.zeros(delay_samples, np.float32)
        self._heard = self._kept = _SILENT
        self._least = math.pow(10.0, LEAST_DB / 20.0)
        self._share = self._least

    def step(self, raw: _Floats, copy: _Floats, probability: float) -> _Floats:
        """10 ms of the raw sound and of the copy in, (160,) each, with how likely they are speech; the mix out."""
        self._late = np.concatenate([self._late, raw])
        late, self._late = self._late[:FRAME], self._late[FRAME:]
        before, self._share = self._share, self._share_after(late, copy, probability)
        share = np.linspace(before, self._share, FRAME, dtype=np.float32)
        return np.asarray(copy + share * (late - copy), dtype=np.float32)

    def _share_after(self, late: _Floats, copy: _Floats, probability: float) -> float:
        weight, pace = max(0.0, (probability - _SURE) / (1.0 - _SURE)), FRAME / RATE_HZ / _MEMORY_S
        heard = _power(late)
        self._heard += pace * ((weight + _BENEFIT) * heard - self._heard)
        self._kept += pace * (weight * _power(copy) + _BENEFIT * heard - self._kept)
        loss_db = 10.0 * math.log10(max(self._heard, _SILENT) / max(self._kept, _SILENT))
        doubt = (loss_db - TRUSTED_LOSS_DB) / (ABSURD_LOSS_DB - TRUSTED_LOSS_DB)
        return self._least + (1.0 - self._least) * min(max(doubt, 0.0), 1.0)


def _power(frame: _Floats) -> float:
    wide = frame.astype(np.float64)
    return float(wide @ wide) / len(wide)
