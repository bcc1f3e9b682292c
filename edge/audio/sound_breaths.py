"""What the loudest breath of a voice is like, and how it stands among what was heard for three seconds.

    levels, periods of the last seconds -> breaths, stretches that are loud without a pause
                                        -> the longest: how long, high, wide, shaky, loud over the rest, alone
    bands -> its spectrum              envelope -> how it beats, by rate

A scream is one long breath, louder than what was before; talk is many short ones of the same loudness.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.audio.spectrum import BEFORE_FRAMES, ENVELOPE, N_BANDS, TONE_FRAMES, Floats, Window
from edge.messages import RATE_HZ

BEATS_HZ: Final = (4.0, 15.0, 30.0, 55.0, 90.0, 150.0)
"""Edges of the rates of beating that are told apart: syllables, flutter, and three kinds of roughness."""
OF_BREATH: Final = (
    "breath_s", "breath_pitch", "breath_range", "breath_shake", "breath_even", "breath_over", "breath_alone",
    "breaths", "breath_periodic", "breath_falls", "breath_rises", "breath_sharp",
    *(f"shape_{k}" for k in range(N_BANDS)), *(f"beats_{low:g}" for low in BEATS_HZ[:-1]),
)  # fmt: skip
"""Seconds, octaves and levels in 10 dB, each scaled to a few units."""
LOUD_DB: Final = 12.0
"""Within this of the loudest it is the same breath."""
FRAME_S: Final = 0.02
MIDDLE_HZ: Final = 500.0


def breath_features(window: Window) -> dict[str, float]:
    """Of the breath that is longest in the window, and of those before."""
    tones = window.tones
    level = window.lines.total_dbfs[-tones.hz.size :]
    now = slice(tones.hz.size - TONE_FRAMES, None)
    top = float(level[now].max())
    if top < -90.0:
        return dict.fromkeys(OF_BREATH, 0.0)
    loud = level > top - LOUD_DB
    edges = np.flatnonzero(np.diff(np.concatenate(([False], loud, [False])).astype(np.int8)))
    starts, ends = edges[::2], edges[1::2]
    here = ends > tones.hz.size - TONE_FRAMES
    starts_here, ends_here = starts[here], ends[here]
    longest = int(np.argmax(ends_here - starts_here))
    part = slice(int(starts_here[longest]), int(ends_here[longest]))
    octave, periodic = np.log2(np.maximum(tones.period_hz[part], 1.0) / MIDDLE_HZ), tones.periodic[part]
    voiced = periodic > 0.5
    some = octave[voiced] if voiced.sum() > 2 else octave
    low, high = np.percentile(some, (10.0, 90.0))
    outside = np.concatenate((level[: part.start], level[part.stop :]))
    shape = window.bands[BEFORE_FRAMES:][1::2][loud[now]]
    mean_db = 10.0 * np.log10(np.mean(10.0 ** (shape / 10.0), axis=0))
    found = {
        "breath_s": float(np.log2((part.stop - part.start) * FRAME_S / 0.2)),
        "breath_pitch": 1.5 * float(np.median(some)),
        "breath_range": 2.0 * float(high - low),
        "breath_shake": min(20.0 * float(np.median(np.abs(np.diff(some, 2)))), 4.0) if some.size > 4 else 2.0,
        "breath_even": min(float(np.std(level[part])) / 3.0, 3.0),
        "breath_over": float(top - np.median(outside)) / 10.0 if outside.size > 10 else 0.0,
        "breath_alone": 2.0 * float(part.stop - part.start) / float(loud.sum()),
        "breaths": min(float(starts.size), 12.0) / 4.0,
        "breath_periodic": 2.0 * float(np.mean(periodic)),
        "breath_falls": 1.5 * float(some[: max(some.size // 3, 1)].mean() - some[-max(some.size // 3, 1) :].mean()),
        "breath_rises": _step_db(level, part.start) / 10.0,
        "breath_sharp": _sharp(window, part),
    }
    found |= {f"shape_{k}": float(value - mean_db.max()) / 10.0 for k, value in enumerate(mean_db)}
    return found | _beats(window.samples)


def _step_db(level: Floats, start: int) -> float:
    """Level after the breath began over the level before, at most 40 dB; 0 if it began before what is known."""
    if start < 5:
        return 0.0
    return float(np.clip(level[start : start + 8].max() - level[start - 5 : start - 1].mean(), 0.0, 40.0))


def _sharp(window: Window, part: slice) -> float:
    """How far the strongest partial stands out."""
    over = window.lines.over_db[0][-window.tones.hz.size :][part]
    return float(np.mean(over)) / 10.0


def _beats(samples: Floats) -> dict[str, float]:
    """How much the envelope beats at each rate, as log10 of shares of its mean square."""
    edge = np.diff(samples, prepend=samples[:1])
    envelope: NDArray[np.float64] = np.sqrt(np.mean(edge.reshape(-1, ENVELOPE) ** 2, axis=1)).astype(np.float64)
    power = np.abs(np.fft.rfft((envelope - envelope.mean()) * np.hanning(envelope.size))) ** 2
    hz = np.fft.rfftfreq(envelope.size, ENVELOPE / RATE_HZ)
    whole = float(np.sum(envelope**2)) * envelope.size / 2 + 1e-12
    shares = np.add.reduceat(power, np.searchsorted(hz, BEATS_HZ))[:-1] / whole
    return {f"beats_{low:g}": float(np.log10(s + 1e-4)) + 2.0 for low, s in zip(BEATS_HZ[:-1], shares, strict=True)}
