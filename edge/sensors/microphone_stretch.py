"""Samples of a device in one unbroken run, as the ear wants them and with the time when they were taken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.clock import nanoseconds, seconds
from edge.messages import RATE_HZ
from edge.recording.resampling import Resampler
from edge.sensors.microphone_clock import DeviceClock

SILENT_AFTER_NS = nanoseconds(5.0)
"""Even in the quietest room a converter's last bit flickers: so long without is a dead wire, or a muted device."""


@dataclass(frozen=True, slots=True)
class Timed:
    """Samples at :data:`~edge.messages.RATE_HZ`; the first was taken at ``t_ns``, UTC."""

    t_ns: int
    samples: NDArray[np.float32]


class Stretch:
    """What a device hands over between two losses.

    Parameters
    ----------
    not_before_ns
        When what came before it ended.
    """

    def __init__(self, rate_hz: int, not_before_ns: int) -> None:
        self._rate_hz = rate_hz
        self._clock = DeviceClock(rate_hz, not_before_ns)
        self._resampler = Resampler(rate_hz)
        self._held: list[NDArray[np.float32]] = []
        self._taken = 0
        self._told = 0

    @property
    def losses(self) -> int:
        """How often the device must have lost samples without saying so."""
        return self._clock.losses

    @property
    def bad_samples(self) -> int:
        """How many samples were no numbers."""
        return self._resampler.bad_samples

    def push(self, samples: NDArray[np.float32], at_ns: int, utc_offset_ns: int) -> Iterator[Timed]:
        """The next samples of the device, which arrived at ``at_ns`` on the monotonic clock."""
        self._taken += len(samples)
        self._clock.arrived(self._taken, at_ns)
        self._hold(self._resampler.push(samples))
        if self._clock.settled:
            yield from self._release(utc_offset_ns)

    def finish(self, utc_offset_ns: int) -> Iterator[Timed]:
        """What is still held; nothing may be pushed after it."""
        if self._taken:
            self._hold(self._resampler.finish())
            yield from self._release(utc_offset_ns)

    def _hold(self, samples: NDArray[np.float32]) -> None:
        if len(samples):
            self._held.append(samples)

    def _release(self, utc_offset_ns: int) -> Iterator[Timed]:
        for samples in self._held:
            yield Timed(self._clock.utc_ns(self._told * self._rate_hz / RATE_HZ, utc_offset_ns), samples)
            self._told += len(samples)
        self._held = []


class SilenceMeter:
    """Whether a device gives nothing but one and the same value: not a quiet room, but no sound at all."""

    def __init__(self) -> None:
        self._value: float | None = None
        self._run_ns = 0
        self._silent_ns = 0

    @property
    def silent(self) -> bool:
        """Whether it is silent now."""
        return self._run_ns >= SILENT_AFTER_NS

    @property
    def silent_s(self) -> float:
        """All the silence that lasted long enough to be called so."""
        return seconds(self._silent_ns)

    def push(self, samples: NDArray[np.float32], rate_hz: int) -> None:
        """The next samples, as the device gave them."""
        if not len(samples):
            return
        if not (samples == samples[0]).all():
            self._value, self._run_ns = None, 0
            return
        duration_ns = nanoseconds(len(samples) / rate_hz)
        was_silent = self.silent
        value = float(samples[0])
        self._run_ns = self._run_ns + duration_ns if value == self._value else duration_ns
        self._value = value
        if self.silent:
            self._silent_ns += duration_ns if was_silent else self._run_ns
