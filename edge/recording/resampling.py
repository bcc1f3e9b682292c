"""Sound of any rate, as the ear wants it."""

from __future__ import annotations

from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from edge.messages import RATE_HZ

MIN_RATE_HZ, MAX_RATE_HZ = 4_000, 768_000
"""Beyond these a rate is a damaged header, and resampling it would fill the memory."""
ABSURD = 1e6
"""A sample so far over full scale (120 dB) is no sound but damage."""


class Resampler:
    """One channel at :data:`~edge.messages.RATE_HZ`, from any rate.

    The filter's delay is taken out: sample ``k`` of what comes out was taken at ``k / RATE_HZ`` seconds.  It comes
    about 40 ms late, and is the same however the sound was cut.

    References
    ----------
    The SoX resampler library (libsoxr), quality HQ: flat up to 7.3 kHz, aliases below -120 dB.

    Raises
    ------
    ValueError
        When the rate is none.
    """

    def __init__(self, rate_hz: int) -> None:
        if not MIN_RATE_HZ <= rate_hz <= MAX_RATE_HZ:
            raise ValueError(f"{rate_hz} Hz is not within {MIN_RATE_HZ} to {MAX_RATE_HZ} Hz")
        self._stream: Any = None
        if rate_hz != RATE_HZ:
            self._stream = soxr.ResampleStream(rate_hz, RATE_HZ, 1, dtype="float32", quality="HQ")
        self.bad_samples = 0
        """How many were no numbers (NaN, infinite, absurdly large) and became 0; one would spoil all that follow."""

    def push(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """What comes out of the next samples, (n,) each; nothing as often as not."""
        good = np.abs(samples) < ABSURD  # false for NaN as well
        if not good.all():
            self.bad_samples += int(np.count_nonzero(~good))
            samples = np.where(good, samples, np.float32(0.0))
        return self._resampled(samples, last=False)

    def finish(self) -> NDArray[np.float32]:
        """What is still in the filter; nothing may be pushed after it."""
        return self._resampled(np.empty(0, np.float32), last=True)

    def _resampled(self, samples: NDArray[np.float32], *, last: bool) -> NDArray[np.float32]:
        if self._stream is None:
            return samples
        resampled: NDArray[np.float32] = self._stream.resample_chunk(samples, last)
        return resampled


def one_channel(samples: NDArray[np.float32], channel: int | None) -> NDArray[np.float32]:
    """One of several channels, or their mean.

    Parameters
    ----------
    samples
        (n, channels).
    channel
        Counted from 1, as on the device; None takes the mean.

    Returns
    -------
    (n,)
    """
    if channel is not None:
        return np.ascontiguousarray(samples[:, channel - 1])
    if samples.shape[1] == 1:
        return samples[:, 0]
    mean: NDArray[np.float32] = samples.mean(axis=1, dtype=np.float32)
    return mean
