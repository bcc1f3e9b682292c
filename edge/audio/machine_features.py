"""What a machine sounds like over some seconds, as numbers that do not depend on how loud the microphone is.

::

    frames -> blocks of a second (block_sums) -> the sums of several blocks -> window_features

A block's sums can be added in any order, so that a block with a voice in it can be left out of its window.  Four
groups of numbers in :class:`WindowFeatures`:

- ``tone``: mean and spread over time of the logarithmic mel spectrum;
- ``beat``: peaks, peakedness, modulation and its strongest rates in broad bands: knocks and rattles (kurtosis by band
  and envelope spectrum are how worn bearings are found: R. B. Randall and J. Antoni, "Rolling element bearing
  diagnostics - a tutorial", Mechanical Systems and Signal Processing 25, 2011);
- ``low`` and ``high``: how far, in decibels, each narrow band stands above its neighbours: hums from 20 to 300 Hz in
  steps of 2 Hz, whines above that in steps of 31 Hz, as a whine may warble.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.fft import rfft
from scipy.ndimage import median_filter

from edge.messages.hearing import FRAME, RATE_HZ

Floats = NDArray[np.float32]

BLOCK = 98 * FRAME
"""Samples of one block: a second is what a short voice or a bang costs a window.  It is a little less, so that a
recording of ten seconds holds ten of them, whatever a resampler or an engine's delay took from its ends."""
QUIET_DBFS = -85.0
"""Below this there is no machine to hear: the last bit of a 16-bit microphone dithers at about -98."""
TINY = 1e-14
"""Power that is added before a logarithm: far below :data:`QUIET_DBFS`, so that it never shows."""

MEL_FFT, MEL_HOP, MEL_BANDS = 512, 256, 40
MEL_LOW_HZ, MEL_HIGH_HZ = 50.0, 7600.0
"""Resamplers and microphones roll off near 8 kHz, each in its own way."""

ENVELOPE_FFT, ENVELOPE_HOP = 256, 64
"""4 ms from envelope to envelope: a knock's attack is seen, and beats up to 125 Hz."""
ENVELOPE_EDGES_HZ = (62.5, 250.0, 500.0, 1000.0, 2000.0, 3000.0, 4500.0, 6000.0, 7750.0)
BEAT_EDGES_HZ = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 125.0)
"""Octaves of modulation: a loose part beats with the turns of its motor, a knock with the strokes of its pump."""
STROKES = (slice(2, 17), slice(17, 121))
"""Bins of one hertz in which the strongest rate is looked for: of strokes, and of turns."""
STROKES_BESIDE = 17
"""Rates whose median is what the strongest one stands above."""

FINE_FFT, FINE_HOP = 8192, 1872
"""2 Hz from bin to bin, and five spectra that just fill a block."""
LOW_BINS = slice(10, 154)
"""20 to 300 Hz."""
HIGH_POOL, HIGH_BANDS = 16, slice(10, 244)
"""Bins of one band of 31 Hz; those from 310 to 7600 Hz are judged."""
BESIDE = 33
"""Bands whose median is what a line stands above.  Of this many a line and its leakage fill less than half."""
DECIBELS = 10.0 / np.log(10.0)


class BlockSums(NamedTuple):
    """What is added up over blocks; divided by ``blocks`` each is a mean over time."""

    blocks: float
    power: float
    """Mean square, full scale 1."""
    mel: Floats
    """(40,) logarithm of the power in each mel band."""
    mel_square: Floats
    """(40,) its square."""
    envelope: Floats
    """(8,) power of broad bands."""
    envelope_square: Floats
    """(8,) its square: the fourth moment of the sound."""
    peak: Floats
    """(8,) logarithm of the strongest envelope over the mean one."""
    beat: Floats
    """(8, 122) power of each band's envelope by rate in steps of a hertz, over the square of its mean."""
    low: Floats
    """(187,) logarithm of the power in bins of 2 Hz: a passing rumble weighs less than in a mean of powers."""
    high: Floats
    """(244,) power in bands of 31 Hz."""


class WindowFeatures(NamedTuple):
    """One window's numbers, in groups."""

    tone: Floats
    """(80,) logarithms, nepers of power."""
    beat: Floats
    """(88,) logarithms, nepers of power: peakedness, peaks, modulation by octaves of rate, and how far the strongest
    stroke and turn stand out."""
    low: Floats
    """(144,) decibels."""
    high: Floats
    """(234,) decibels."""


GROUPS = WindowFeatures._fields
SIZES = {
    "tone": 2 * MEL_BANDS,
    "beat": (len(ENVELOPE_EDGES_HZ) - 1) * (len(BEAT_EDGES_HZ) + 1 + len(STROKES)),
    "low": LOW_BINS.stop - LOW_BINS.start,
    "high": HIGH_BANDS.stop - HIGH_BANDS.start,
}
"""Numbers in each group."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """Weights that never change."""

    mel_hann: Floats
    mel: Floats
    envelope_hann: Floats
    envelope: Floats
    fine_hann: Floats
    beat_hann: Floats
    beat: Floats


def block_sums(block: Floats) -> BlockSums:
    """What one block adds to its window.

    Parameters
    ----------
    block
        (:data:`BLOCK`,) samples at :data:`RATE_HZ`, finite.
    """
    plan = _plan()
    still = (block - block.mean()).astype(np.float32)
    mel = np.log(_powers(still, plan.mel_hann, MEL_HOP) @ plan.mel + TINY)
    bands = _powers(still, plan.envelope_hann, ENVELOPE_HOP) @ plan.envelope + TINY
    mean = bands.mean(axis=0)
    fine = _powers(still, plan.fine_hann, FINE_HOP).mean(axis=0)
    beats = np.abs(rfft((bands / mean - 1.0) * plan.beat_hann[:, None], axis=0)) ** 2
    return BlockSums(
        blocks=1.0,
        power=float(np.mean(still**2)),
        mel=mel.mean(axis=0),
        mel_square=(mel**2).mean(axis=0),
        envelope=mean,
        envelope_square=(bands**2).mean(axis=0),
        peak=np.log(bands.max(axis=0) / mean),
        beat=beats.T,
        low=np.log(fine[: LOW_BINS.stop + BESIDE] + TINY),
        high=fine[: HIGH_BANDS.stop * HIGH_POOL].reshape(-1, HIGH_POOL).mean(axis=1),
    )


def added(several: list[BlockSums]) -> BlockSums:
    """The sums of several blocks; there is at least one."""
    return BlockSums(*(sum(parts[1:], start=parts[0]) for parts in zip(*several, strict=True)))


def window_features(sums: BlockSums) -> WindowFeatures:
    """The numbers of a window whose blocks were added up."""
    mel = sums.mel / sums.blocks
    spread = np.sqrt(np.maximum(sums.mel_square / sums.blocks - mel**2, TINY))
    peaked = np.log(sums.envelope_square * sums.blocks / sums.envelope**2)
    beats = sums.beat / sums.blocks
    beat = np.log(beats @ _plan().beat.T + TINY)
    log_beats = np.log(beats + TINY)
    strokes = log_beats - median_filter(log_beats, (1, STROKES_BESIDE))
    strongest = [strokes[:, rates].max(axis=1) for rates in STROKES]
    return WindowFeatures(
        tone=np.concatenate([mel - np.median(mel), spread]).astype(np.float32),
        beat=np.concatenate([peaked, sums.peak / sums.blocks, beat.ravel(), *strongest]).astype(np.float32),
        low=_above_neighbours(sums.low / sums.blocks)[LOW_BINS],
        high=_above_neighbours(np.log(sums.high / sums.blocks + TINY))[HIGH_BANDS],
    )


def level_dbfs(power: float) -> float:
    """A mean square as a level; full scale is a square wave of 1."""
    return 10.0 * float(np.log10(power + TINY))


def _above_neighbours(log_power: Floats) -> Floats:
    """How far each band stands above the median of those around it, in decibels."""
    above: Floats = ((log_power - median_filter(log_power, BESIDE)) * DECIBELS).astype(np.float32)
    return above


def _powers(samples: Floats, window: Floats, hop: int) -> Floats:
    """(frames, bins) power spectra."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, window.size)[::hop]
    spectrum = rfft(frames * window, axis=1)
    powers: Floats = spectrum.real**2 + spectrum.imag**2
    return powers


def _hann(size: int) -> Floats:
    """A window after which a spectrum shows power per sample, whatever its size."""
    hann = np.hanning(size + 1)[:-1]
    window: Floats = (hann / np.sqrt((hann**2).sum() * size)).astype(np.float32)
    return window


@lru_cache(maxsize=1)
def _plan() -> _Plan:
    envelopes = (BLOCK - ENVELOPE_FFT) // ENVELOPE_HOP + 1
    beat_hz = np.fft.rfftfreq(envelopes, ENVELOPE_HOP / RATE_HZ)
    beat_hann = np.hanning(envelopes + 1)[:-1]
    return _Plan(
        mel_hann=_hann(MEL_FFT),
        mel=_mel_weights(),
        envelope_hann=_hann(ENVELOPE_FFT),
        envelope=_bands(np.fft.rfftfreq(ENVELOPE_FFT, 1.0 / RATE_HZ), ENVELOPE_EDGES_HZ),
        fine_hann=_hann(FINE_FFT),
        beat_hann=(beat_hann / np.sqrt((beat_hann**2).sum() * envelopes)).astype(np.float32),
        beat=_bands(beat_hz, BEAT_EDGES_HZ).T,
    )


def _bands(bins_hz: NDArray[np.floating], edges_hz: tuple[float, ...]) -> Floats:
    """(bins, bands) one where a bin is within a band.  Half a bin of grace, as no edge lies on a bin for sure."""
    grace_hz = bins_hz[1] / 2
    above = bins_hz[:, None] >= np.asarray(edges_hz)[None, :] - grace_hz
    within: Floats = (above[:, :-1] & ~above[:, 1:]).astype(np.float32)
    return within


def _mel_weights() -> Floats:
    """(bins, bands) triangles that are evenly spaced in mel (2595 log10(1 + f / 700))."""
    low, high = (2595.0 * np.log10(1.0 + hz / 700.0) for hz in (MEL_LOW_HZ, MEL_HIGH_HZ))
    points_hz = 700.0 * (10.0 ** (np.linspace(low, high, MEL_BANDS + 2) / 2595.0) - 1.0)
    # The lowest triangles are narrower than a bin: each takes the part of a bin that falls to it.
    step_hz = RATE_HZ / MEL_FFT / 16
    fine_hz = np.arange(0.0, RATE_HZ / 2 + step_hz, step_hz)
    triangles = np.stack([np.interp(fine_hz, points_hz[k : k + 3], (0.0, 1.0, 0.0)) for k in range(MEL_BANDS)], axis=1)
    bins = np.round(fine_hz / (RATE_HZ / MEL_FFT)).astype(np.intp)
    weights = np.zeros((MEL_FFT // 2 + 1, MEL_BANDS))
    np.add.at(weights, bins, triangles / 16)
    return weights.astype(np.float32)
