"""Sound cut into overlapping windows, with the spectra that the sounds of danger are judged by.

    frames of 10 ms -> windows of 0.96 s, one every 0.48 s, each with
        levels   of octave-like bands, 10 ms apart, and half a second before the window
        pitches  strongest narrow peak and period, 20 ms apart, and some seconds before the window

What was there before the first frame is not known.  It is taken to be as loud as the first frame, so that a microphone
that is switched on is no event.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, rfft

from edge.messages import FRAME, FRAME_NS, RATE_HZ

Floats = NDArray[np.float32]

WINDOW_FRAMES: Final = 96
"""0.96 s: long enough for glass to fall after it broke, the length that others use as well (YAMNet)."""
HOP_FRAMES: Final = 48
BEFORE_FRAMES: Final = 48
"""Levels are known for so long before a window: an onset at its beginning is a step over something."""
BAND_EDGES_HZ: Final = (100.0, 300.0, 600.0, 1000.0, 1500.0, 2200.0, 3000.0, 4000.0, 5500.0, 7900.0)
QUIETEST_DBFS: Final = -100.0
"""Below the noise of 16 bits nothing is compared."""

SHORT: Final = 320
"""Samples of a window for levels: 20 ms, two frames, so that a step in level stays within 20 ms."""
LONG: Final = 1024
"""Samples of a window for the period of a voice: 64 ms hold five of the longest."""
TONE: Final = 512
"""Samples of a window for tones: 32 ms follow a siren, and the harmonics of speech are no tones in it."""
TONE_EVERY: Final = 2
"""Pitch changes slowly: every second frame."""
TONE_HZ: Final = (400.0, 5000.0)
"""Smoke alarms beep at 520 or 3100 Hz (ISO 8201, UL 217), sirens sweep from 400 to 2000 Hz."""
NEAR_BINS: Final = 12
"""A peak is compared with what is within 375 Hz of it."""
PEAK_BINS: Final = 2
"""A tone of a Hann window is that wide on each side."""
PERIOD_HZ: Final = (90.0, 2000.0)
"""Voices from a low murmur to a scream."""
TONES_BEFORE: Final = 96
"""Rhythm needs 1.92 s before a window: two periods of the slowest beeps but one."""
ENVELOPE: Final = 40
"""Samples of a step of the envelope: 2.5 ms show beating up to 200 Hz."""

LINES: Final = 6
"""So many of the strongest lines are kept of each spectrum: partials of a buzzer, or a tone under music."""
LINE_HZ: Final = (250.0, 7500.0)
LINE_DB: Final = 9.0
"""A peak so much over the mean of what is near it may be a line."""
LINES_BEFORE: Final = 152
"""Lines are known for 4 s: a period of the slowest pattern, but for the pause of a carbon monoxide alarm."""

TONE_FRAMES: Final = WINDOW_FRAMES // TONE_EVERY
N_BANDS: Final = len(BAND_EDGES_HZ) - 1
_SILENT: Final = np.float32(10.0 ** (QUIETEST_DBFS / 10.0))


@dataclass(frozen=True, slots=True)
class Tones:
    """The strongest narrow peak and the period of each tone frame; all (n,)."""

    hz: Floats
    """Of the peak."""
    dbfs: Floats
    """Of the peak."""
    over_db: Floats
    """Peak over what is near it."""
    share: Floats
    """Of the peak in all that is above 100 Hz, 0 to 1."""
    period_hz: Floats
    """Of the autocorrelation's best lag."""
    periodic: Floats
    """The autocorrelation at that lag, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Lines:
    """The strongest narrow lines of each tone frame, in spectra fine enough to tell the partials of a voice apart."""

    hz: Floats
    """(LINES, n), the strongest first; what is not there is at the lowest frequency, and quiet."""
    dbfs: Floats
    """(LINES, n)"""
    over_db: Floats
    """(LINES, n): over the mean of what is near it."""
    share: Floats
    """(n,): of all lines in what is above 200 Hz, 0 to 1."""
    total_dbfs: Floats
    """(n,): of all that is above 200 Hz."""


@dataclass(frozen=True, slots=True)
class Window:
    """One analysis window."""

    t_ns: int
    samples: Floats
    """(WINDOW_FRAMES * FRAME,)"""
    bands: Floats
    """(BEFORE_FRAMES + WINDOW_FRAMES, N_BANDS) level in dBFS of :data:`BAND_EDGES_HZ`."""
    tones: Tones
    """(TONES_BEFORE + TONE_FRAMES,), the newest last."""
    lines: Lines
    """LINES_BEFORE + TONE_FRAMES frames, the newest last."""


class Windows:
    """Cuts frames into windows; the same windows however sound arrives."""

    def __init__(self) -> None:
        self._samples = np.zeros((WINDOW_FRAMES + LONG // FRAME + 1) * FRAME, np.float32)
        self._bands = np.full((BEFORE_FRAMES + WINDOW_FRAMES, N_BANDS), QUIETEST_DBFS, np.float32)
        self._tones = np.zeros((len(Tones.__dataclass_fields__), TONES_BEFORE + TONE_FRAMES), np.float32)
        self._lines = np.zeros((3 * LINES + 2, LINES_BEFORE + TONE_FRAMES), np.float32)
        self._lines[LINES : 2 * LINES] = self._lines[-1] = QUIETEST_DBFS
        self._new: list[Floats] = []
        self._seen = 0
        self._next_ns = 0

    def step(self, frame: Floats, t_ns: int) -> Window | None:
        """Take 10 ms, (160,) samples, and give the window that they complete, if any.

        Samples that are no numbers are silence, and none is louder than full scale.
        """
        clean = np.nan_to_num(frame, nan=0.0, posinf=0.0, neginf=0.0).astype(np.float32, copy=False).clip(-1.0, 1.0)
        if self._seen == 0 and not self._new:
            self._samples[:] = np.resize(np.concatenate((clean[::-1], clean)), self._samples.size)
        self._new.append(clean)
        self._next_ns = t_ns + FRAME_NS
        if len(self._new) < HOP_FRAMES:
            return None
        return self._hop()

    def finish(self) -> tuple[Window, ...]:
        """Windows of what is left, with silence after it."""
        end = self._seen + len(self._new)
        found: list[Window] = []
        while self._seen < end + HOP_FRAMES and end:
            window = self.step(np.zeros(FRAME, np.float32), self._next_ns)
            if window is not None:
                found.append(window)
        return tuple(found)

    def _hop(self) -> Window | None:
        new = np.concatenate(self._new)
        self._new = []
        self._samples = np.concatenate((self._samples[new.size :], new))
        first = self._seen == 0
        self._seen += HOP_FRAMES
        bands = _levels(_spectra(self._samples, SHORT, HOP_FRAMES, 1))
        if first:
            self._bands[:] = bands[: _EDGE + 1].max(axis=0)
        self._bands = np.concatenate((self._bands[HOP_FRAMES:], bands))
        count = HOP_FRAMES // TONE_EVERY
        fine = _spectra(self._samples, LONG, count, TONE_EVERY)
        tones = np.concatenate((_tones(_spectra(self._samples, TONE, count, TONE_EVERY)), _periods(fine)))
        self._lines = np.concatenate((self._lines[:, count:], _lines(fine)), axis=1)
        self._tones = np.concatenate((self._tones[:, tones.shape[1] :], tones), axis=1)
        if self._seen < WINDOW_FRAMES:
            return None
        begin_ns = self._next_ns - WINDOW_FRAMES * FRAME_NS
        samples = self._samples[-WINDOW_FRAMES * FRAME :]
        lines = Lines(*np.split(self._lines[:-2], 3), *self._lines[-2:])
        return Window(begin_ns, samples, self._bands, Tones(*self._tones), lines)


def _spectra(samples: Floats, size: int, count: int, every: int) -> Floats:
    """Power, (count, size // 2 + 1), of the windows that end with the last ``count`` steps of ``every`` frames.

    Scaled so that the sum over the bins is the mean square of the samples.
    """
    ends = samples.size - np.arange(count - 1, -1, -1) * (every * FRAME)
    rows = np.lib.stride_tricks.sliding_window_view(samples, size)[ends - size]
    found = rfft(rows * _HANN[size], axis=1)
    power: Floats = found.real**2 + found.imag**2
    return power


def _levels(power: Floats) -> Floats:
    """Level of each band, (n, N_BANDS) dBFS."""
    sums = np.add.reduceat(power, _BAND_STARTS, axis=1)[:, :N_BANDS]
    return _dbfs(sums)


def _tones(power: Floats) -> Floats:
    """The rows of :class:`Tones` that are of peaks, for each spectrum."""
    padded = power + _SILENT / power.shape[1]
    low, high = _TONE_BINS
    whole = padded[:, _LOWEST_BIN:].sum(axis=1)
    # A tone is a narrow peak; the strongest counts, because beeps and sirens are meant to be heard.
    best = low + np.argmax(padded[:, low:high], axis=1)
    at = best[:, None] + np.arange(-NEAR_BINS, NEAR_BINS + 1)
    near = np.take_along_axis(padded, at, axis=1)
    peak = near[:, NEAR_BINS - PEAK_BINS : NEAR_BINS + PEAK_BINS + 1].sum(axis=1)
    over_db = 10.0 * np.log10(near[:, NEAR_BINS] / np.median(near, axis=1))
    logs = np.log(near[:, NEAR_BINS - 1 : NEAR_BINS + 2])
    bend = np.minimum(logs[:, 0] - 2.0 * logs[:, 1] + logs[:, 2], -1e-3)
    hz = (best + np.clip(0.5 * (logs[:, 0] - logs[:, 2]) / bend, -0.5, 0.5)) * (RATE_HZ / TONE)
    return np.stack((hz, _dbfs(peak), over_db, peak / whole)).astype(np.float32)


def _lines(power: Floats) -> Floats:
    """The rows of :class:`Lines` one under the other, (3 * LINES + 2, n), for each spectrum."""
    padded = power + _SILENT / power.shape[1]
    levels = 10.0 * np.log10(padded)
    sums = np.cumsum(np.pad(levels, ((0, 0), (1, 0))), axis=1, dtype=np.float64)
    low, high = _LINE_BINS
    at = np.arange(low, high)
    wide = sums[:, at + NEAR_BINS + 1] - sums[:, at - NEAR_BINS]
    narrow = sums[:, at + PEAK_BINS + 1] - sums[:, at - PEAK_BINS]
    over = levels[:, low:high] - (wide - narrow) / (2 * (NEAR_BINS - PEAK_BINS))
    peak = (levels[:, low:high] > levels[:, low - 1 : high - 1]) & (
        levels[:, low:high] >= levels[:, low + 1 : high + 1]
    )
    strength = np.where(peak & (over >= LINE_DB), levels[:, low:high], -np.inf)
    best = np.argpartition(-strength, LINES, axis=1)[:, :LINES]
    best = np.take_along_axis(best, np.argsort(-np.take_along_axis(strength, best, axis=1), axis=1), axis=1)
    found = np.isfinite(np.take_along_axis(strength, best, axis=1))
    near = [np.take_along_axis(levels, best + low + k, axis=1) for k in range(-PEAK_BINS, PEAK_BINS + 1)]
    left, middle, right = near[PEAK_BINS - 1 : PEAK_BINS + 2]
    bend = np.minimum(left - 2.0 * middle + right, -1e-3)
    hz = (best + low + np.clip(0.5 * (left - right) / bend, -0.5, 0.5)) * (RATE_HZ / LONG)
    each = np.sum([10.0 ** (level / 10.0) for level in near], axis=0)
    total = padded[:, _LINE_LOWEST_BIN:].sum(axis=1)
    rows = (
        np.where(found, hz, LINE_HZ[0]).T,
        np.where(found, 10.0 * np.log10(each), QUIETEST_DBFS).T,
        np.where(found, np.take_along_axis(over, best, axis=1), 0.0).T,
        (np.where(found, each, 0.0).sum(axis=1) / total).clip(0.0, 1.0)[None],
        _dbfs(total)[None],
    )
    return np.concatenate(rows).astype(np.float32)


def _periods(power: Floats) -> Floats:
    """Frequency and height of the autocorrelation's highest peak (Wiener-Khinchin), the window's own taken out."""
    flat = power + _SILENT / power.shape[1]
    flat[:, : int(100.0 * LONG / RATE_HZ)] = 0.0  # hum and rumble are no voice
    correlation = irfft(flat, axis=1)[:, : LONG // 2]
    short, long = int(RATE_HZ / PERIOD_HZ[1]), int(RATE_HZ / PERIOD_HZ[0])
    lags = np.arange(short, long)
    normal = correlation[:, short:long] / (correlation[:, :1] * _HANN_CORRELATION[short:long] + 1e-20)
    # The shortest lag that comes near the best: multiples of a period fit as well as the period.
    inner = normal[:, 1:-1]
    peaks = np.where((inner >= normal[:, :-2]) & (inner >= normal[:, 2:]), inner, 0.0)
    best = peaks.max(axis=1)
    first = np.argmax(peaks >= 0.9 * best[:, None], axis=1)
    return np.stack((RATE_HZ / lags[first + 1], np.clip(best, 0.0, 1.0))).astype(np.float32)


def _dbfs(power: Floats) -> Floats:
    return (10.0 * np.log10(np.maximum(power, _SILENT))).astype(np.float32)


def _hann(size: int) -> Floats:
    """Window whose spectrum's bins add up to the mean square."""
    window = np.hanning(size + 1)[:-1]
    scaled: Floats = (window * np.sqrt(2.0 / (size * np.sum(window**2)))).astype(np.float32)
    return scaled


def _hann_correlation(size: int) -> Floats:
    window = np.hanning(size + 1)[:-1]
    power = np.abs(np.fft.rfft(window, 2 * size)) ** 2
    correlation = np.fft.irfft(power)[: size // 2]
    circular: Floats = (correlation / correlation[0]).astype(np.float32)
    return circular


_HANN: Final = {size: _hann(size) for size in (SHORT, TONE, LONG)}
_HANN_CORRELATION: Final = _hann_correlation(LONG)
_BAND_STARTS: Final = np.ceil(np.asarray(BAND_EDGES_HZ) * SHORT / RATE_HZ).astype(np.intp)
_TONE_BINS: Final = (int(TONE_HZ[0] * TONE / RATE_HZ), int(TONE_HZ[1] * TONE / RATE_HZ))
_LINE_BINS: Final = (int(LINE_HZ[0] * LONG / RATE_HZ), int(LINE_HZ[1] * LONG / RATE_HZ))
_LINE_LOWEST_BIN: Final = int(200.0 * LONG / RATE_HZ)
_LOWEST_BIN: Final = int(100.0 * TONE / RATE_HZ)
_EDGE: Final = SHORT // FRAME
"""Frames whose window still holds what was before the first one."""
