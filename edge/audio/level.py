"""How loud each 10 ms is, and how loud what is always there.

::

    frame -> without steady offset -> level in dBFS -> noise floor

Levels are of the root mean square against a full scale of 1, so that a sine that just fills the scale has -3.01 dBFS
and a full square wave 0.  (AES17 calls the sine 0: add 3.01 to compare.)
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, lfilter, lfilter_zi

from edge.messages import FRAME, RATE_HZ, HeardEvent

LOWEST_DBFS = -120.0
"""What digital silence is told as: below the last bit of 16-bit sound (-101 dBFS), and still a number."""
LOWEST_POWER = 10.0 ** (LOWEST_DBFS / 10.0)
HIGH_PASS_HZ = 20.0
"""Takes a steady offset and its drift out, and leaves the lowest hum of a machine in."""
LARGEST = 2.0
"""Samples beyond this are damaged: resampling may overshoot full scale, but never so far."""

BLOCK_S = 0.1
"""Shorter than the pauses between phrases, longer than a beat of mains hum."""
REMEMBER_S = 12.0
"""Talk pauses at least so often; a machine that switches on belongs to the floor after this long."""
QUIET_SHARE = 0.1
"""The share of the time in which even dense talk pauses."""


@dataclass(frozen=True, slots=True)
class Loudness:
    """Of 10 ms."""

    level_dbfs: float
    noise_dbfs: float


class Level:
    """Level and noise floor of one microphone, frame after frame."""

    def __init__(self) -> None:
        self._numerator, self._denominator = butter(2, HIGH_PASS_HZ, "highpass", fs=RATE_HZ)
        self._state: NDArray[np.float64] | None = None
        self._floor = NoiseFloor()

    def step(self, frame: NDArray[np.float32]) -> Loudness:
        """Take one frame, (160,) samples at full scale 1; what is not a number counts as 0."""
        samples = np.clip(np.nan_to_num(frame.astype(np.float64), posinf=LARGEST, neginf=-LARGEST), -LARGEST, LARGEST)
        if self._state is None:  # as if the first sample had been there for ever: no step at the start
            self._state = lfilter_zi(self._numerator, self._denominator) * samples[0]
        filtered, self._state = lfilter(self._numerator, self._denominator, samples, zi=self._state)
        still = samples.min() == samples.max()  # a dropped buffer, in which the filter still rings
        level_dbfs = LOWEST_DBFS if still else decibels(float(filtered @ filtered) / FRAME)
        return Loudness(level_dbfs, self._floor.step(level_dbfs))


class NoiseFloor:
    """The level of what is always there, by quantiles over the last seconds.

    The power of blocks of 100 ms is kept for 12 s, and the floor is its lowest tenth: the pauses of talk, however loud
    the talk is (Stahl, Fischer and Bippus 2000, "Quantile based noise estimation"; Martin 2001 takes the minimum in the
    same place).  A quantile needs no correction for the bias of a minimum, and a dropped buffer does not pull it down.
    It follows noise that grows within 12 s and noise that ends within about a second.
    """

    def __init__(self) -> None:
        self._frames = round(BLOCK_S * RATE_HZ / FRAME)
        self._blocks: deque[float] = deque(maxlen=round(REMEMBER_S / BLOCK_S))
        self._power = 0.0
        self._heard = 0
        self._taken = 0
        self._floor_dbfs = LOWEST_DBFS

    def step(self, level_dbfs: float) -> float:
        """Take the level of one frame; the floor in dBFS."""
        self._taken += 1
        if math.isfinite(level_dbfs) and level_dbfs > LOWEST_DBFS:  # digital silence is no sound, not a quiet one
            self._power += power(level_dbfs)
            self._heard += 1
        if self._taken == self._frames:
            self._close_block()
        elif not self._blocks and self._heard:
            self._floor_dbfs = decibels(self._power / self._heard)
        return self._floor_dbfs

    def _close_block(self) -> None:
        if self._heard:
            self._blocks.append(self._power / self._heard)
            self._floor_dbfs = decibels(sorted(self._blocks)[int(QUIET_SHARE * len(self._blocks))])
        self._power, self._heard, self._taken = 0.0, 0, 0


def decibels(power_of_full_scale: float) -> float:
    """Mean square of full scale as dBFS, not below :data:`LOWEST_DBFS`."""
    return 10.0 * math.log10(max(power_of_full_scale, LOWEST_POWER))


def power(level_dbfs: float) -> float:
    """Mean square of full scale."""
    return math.pow(10.0, level_dbfs / 10.0)


def sound_pressure_db(level_dbfs: float, full_scale_db: float) -> float:
    """Sound pressure level of a level, where a calibrator told which one 0 dBFS is."""
    return level_dbfs + full_scale_db


def with_pressure(event: HeardEvent, full_scale_db: float | None) -> HeardEvent:
    """What was heard, with its sound pressure where that is known."""
    if full_scale_db is None:
        return event
    return replace(event, level_db_spl=sound_pressure_db(event.level_dbfs, full_scale_db))
