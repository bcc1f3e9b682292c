"""What the narrow lines in some seconds of sound are like: how exact, how even, how regular, how many at once.

    lines of each frame -> the pitches that come again and again -> when they are on, and how alike those times are
                        -> how all lines together repeat

Alarms are made by electronics: their pitches come again exactly, at the same level, after the same time.  Voices,
animals and instruments keep none of the three for some seconds.  A machine that whines keeps its pitch as well, but
without a pause: it is told apart by :func:`whines`.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edge.audio.spectrum import LINE_HZ, Floats, Lines

OF_LINES: Final = (
    "line_first", "line_two", "line_there", "line_now", "line_pitch", "line_drift", "line_runs", "line_run",
    "line_run_differs", "line_gap", "line_gap_differs", "line_beat_differs", "line_even", "line_contrast",
    "line_partials", "line_share", "line_sharp", "line_above", "line_pattern", "line_pattern_s", "line_sweep_s",
    "line_sweep", "line_sweep_even",
)  # fmt: skip
"""All of them are shares, seconds, octaves, or levels in 10 dB, each scaled to a few units."""

SHARP_DB: Final = 13.0
"""So much over what is near it, a peak is a line."""
FAINTEST_DB: Final = 25.0
"""Below the loudest line of the last seconds by more than this, a line is an echo or a part of something else."""
STEPS: Final = 48
"""Steps of an octave in which pitches are told apart: an eighth of a tone."""
NEAR_STEPS: Final = 1.2
BRIDGED: Final = 2
"""A gap of so few frames, 40 ms, is none."""
CHROMA: Final = 12
"""Steps of an octave in which patterns are compared."""
PATTERN: Final = (8, 110)
"""Lags, in frames, after which a pattern repeats: 0.16 to 2.2 s."""
NEARLY: Final = 0.85
SWEPT_OCTAVES: Final = 0.12
"""A siren that glides an octave in a sixth of a second moves by so much between frames."""
FRAME_S: Final = 0.02
WHINES: Final = 0.9
"""A whine is there in so much of the time since it began: beeps pause, sirens move, two tones take turns."""
MOSTLY: Final = 0.6
"""So much of the time in which there is any line, the whine is the strongest: what was before it is soon forgotten."""
EVEN_DB: Final = 2.0
"""A whine's level stays within this, as a standard deviation; beeps with an echo in their pauses swing by 4 dB."""
BESIDE_DB: Final = 12.0
"""So far below a whine an alarm is looked for: partials further down come and go."""
BEEPS: Final = (0.25, 0.9)
"""Shares of the time in which a second pitch is beeps: talk does not keep one for so long, and partials stay."""


def line_features(lines: Lines, now: int) -> dict[str, float]:
    """Of the last ``now`` frames and of those before."""
    loudest = float(lines.dbfs.max())
    there = (lines.over_db >= SHARP_DB) & (lines.dbfs > max(loudest - FAINTEST_DB, -85.0))
    sounding = _any(there)
    if sounding.sum() < 3:
        return dict.fromkeys(OF_LINES, 0.0)
    octave = np.log2(np.maximum(lines.hz, LINE_HZ[0]) / LINE_HZ[0])
    first, second, pitch = _pitches(octave, there)
    both = first | second
    count = int(sounding.sum())
    on = _bridged(first)
    return {
        "line_first": 2.0 * float(first.sum()) / count,
        "line_two": 2.0 * float(both.sum()) / count,
        "line_there": 2.0 * float(sounding.mean()),
        "line_now": 2.0 * float(sounding[-now:].mean()),
        "line_pitch": pitch - 2.0,
        "line_drift": _drift(octave, there, pitch),
        **_runs(on),
        **_evenness(lines, octave, there, pitch, on),
        "line_partials": 0.5 * float(there.sum(axis=0)[sounding].mean()),
        "line_share": 2.0 * float(lines.share[sounding].mean()),
        "line_sharp": float(np.median(lines.over_db[0][there[0]])) / 10.0 if there[0].any() else 0.0,
        **_pattern(octave, there),
        **_sweep(octave[0], lines.dbfs[0], there[0]),
    }


def whines(lines: Lines) -> bool:
    """Whether the strongest line has kept one pitch and one level since it began, and nothing beeps beside it."""
    there = (lines.over_db >= SHARP_DB) & (lines.dbfs > max(float(lines.dbfs.max()) - FAINTEST_DB, -85.0))
    if not there[0].any():
        return False
    octave = np.log2(np.maximum(lines.hz, LINE_HZ[0]) / LINE_HZ[0])
    near = np.abs(octave - np.median(octave[0][there[0]])) < NEAR_STEPS / STEPS
    places = np.flatnonzero(there[0] & near[0])
    if places.size < MOSTLY * there[0].sum() or places.size < WHINES * (places[-1] + 1 - places[0]):
        return False
    inner = lines.dbfs[0][places[1:-1]]  # its first and last frames may hold a part of it only
    if inner.size and float(np.std(inner)) > EVEN_DB:
        return False
    beside = there & ~near & (lines.dbfs > np.median(lines.dbfs[0][places]) - BESIDE_DB)
    step = np.round(octave[beside] * STEPS).astype(np.intp)
    most = np.convolve(np.bincount(step, minlength=8), np.ones(3, np.intp), "same").max()
    return not BEEPS[0] * places.size < most < BEEPS[1] * places.size


def _pitches(octave: Floats, there: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.bool_], float]:
    """When the two commonest pitches are there, and the commonest, in octaves over the lowest."""
    step = np.round(octave * STEPS).astype(np.intp)
    counts = np.bincount(step[there], minlength=8)
    near = np.convolve(counts, np.ones(3, np.intp), "same")
    best = int(np.argmax(near))
    first = _any(there & (np.abs(step - best) <= NEAR_STEPS))
    pitch = float(np.median(octave[there & (np.abs(step - best) <= NEAR_STEPS)]))
    counts[max(best - 2, 0) : best + 3] = 0
    # The second is one that sounds when the first does not: two tones in turn, not a partial of the first.
    alone = there & ~first[None]
    counts = np.bincount(step[alone], minlength=8)
    other = int(np.argmax(np.convolve(counts, np.ones(3, np.intp), "same")))
    return first, _any(alone & (np.abs(step - other) <= NEAR_STEPS)), pitch


def _any(of: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Frames in which there is one at least."""
    return np.asarray(of.any(axis=0))


def _bridged(on: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Without gaps of a frame or two."""
    filled = on.copy()
    for gap in range(1, BRIDGED + 1):
        filled[gap:-1] |= on[: -gap - 1] & on[gap + 1 :]
    return filled


def _drift(octave: Floats, there: NDArray[np.bool_], pitch: float) -> float:
    """How far the commonest pitch strays: 0 for electronics, 1 or more for what lives."""
    away = np.abs(octave - pitch)
    near = there & (away < 2.0 * NEAR_STEPS / STEPS)
    return float(np.log10(away[near].mean() * 1200.0 + 1.0)) if near.any() else 2.0


def _runs(on: NDArray[np.bool_]) -> dict[str, float]:
    """How often the commonest pitch comes, for how long, after how long, and how alike those are."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], on, [False])).astype(np.int8)))
    starts, ends = edges[::2], edges[1::2]
    long = (ends - starts) >= 2
    starts, ends = starts[long], ends[long]
    if not starts.size:
        return dict.fromkeys(
            ("line_runs", "line_run", "line_run_differs", "line_gap", "line_gap_differs", "line_beat_differs"), 0.0
        )
    lengths, gaps, beats = (ends - starts) * FRAME_S, (starts[1:] - ends[:-1]) * FRAME_S, np.diff(starts) * FRAME_S
    whole = lengths[1:-1] if lengths.size > 3 else lengths
    return {
        "line_runs": min(float(starts.size), 20.0) / 5.0,
        "line_run": float(np.log2(lengths.max() / 0.1)) / 2.0,
        "line_run_differs": _differs(whole),
        "line_gap": float(np.log2(np.median(gaps) / 0.1 + 0.1)) / 2.0 if gaps.size else -2.0,
        "line_gap_differs": _differs(gaps),
        "line_beat_differs": _differs(beats),
    }


def _differs(times: NDArray[np.floating[Any]]) -> float:
    """How unlike some times are: 0 if all are the same, 1.5 if that cannot be told."""
    if times.size < 2:
        return 1.5
    middle = float(np.median(times))
    return min(2.0 * float(np.mean(np.abs(times - middle))) / (middle + 0.02), 3.0)


def _evenness(
    lines: Lines, octave: Floats, there: NDArray[np.bool_], pitch: float, on: NDArray[np.bool_]
) -> dict[str, float]:
    """How even the level of the commonest pitch is while it is on, and how far over what is there when it is off."""
    near = there & (np.abs(octave - pitch) < 2.0 * NEAR_STEPS / STEPS)
    level = np.where(near, lines.dbfs, -120.0).max(axis=0)
    inside = on[1:-1] & on[:-2] & on[2:] & (level[1:-1] > -120.0)
    if not inside.any():
        return {"line_even": 1.5, "line_contrast": 0.0, "line_above": 0.0}
    some = level[1:-1][inside]
    off = lines.total_dbfs[~on]
    return {
        "line_even": min(float(np.std(some)) / 3.0, 3.0),
        "line_contrast": float(np.median(some) - np.median(off)) / 10.0 if off.size > 4 else 0.0,
        "line_above": float(np.median(some - lines.total_dbfs[1:-1][inside])) / 10.0,
    }


def _pattern(octave: Floats, there: NDArray[np.bool_]) -> dict[str, float]:
    """How well all lines together repeat, and after how long."""
    frames = np.broadcast_to(np.arange(octave.shape[1]), octave.shape)
    tone = np.round(octave * CHROMA).astype(np.intp)
    shown = np.zeros((octave.shape[1], int(np.log2(LINE_HZ[1] / LINE_HZ[0]) * CHROMA) + 2), np.float32)
    shown[frames[there], tone[there].clip(0, shown.shape[1] - 1)] = 1.0
    moves = shown - shown.mean(axis=0)
    power = np.abs(np.fft.rfft(moves, 2 * len(moves), axis=0)) ** 2
    whole = np.fft.irfft(power.sum(axis=1))[: PATTERN[1]] / np.arange(len(moves), 0, -1)[: PATTERN[1]]
    if whole[0] < 0.02:
        return {"line_pattern": 0.0, "line_pattern_s": 0.0}
    whole = whole / whole[0]
    part, valley = whole[PATTERN[0] :], np.minimum.accumulate(whole)[PATTERN[0] :]
    rises = np.minimum(part, part - valley)
    best = int(np.argmax(rises >= NEARLY * rises.max()))  # multiples of a period fit as well as the period
    return {"line_pattern": 2.0 * float(rises[best]), "line_pattern_s": (best + PATTERN[0]) * FRAME_S}


def _sweep(octave: Floats, dbfs: Floats, there: NDArray[np.bool_]) -> dict[str, float]:
    """The longest time that the strongest line moves without a leap, how far it moves, and how even it is."""
    follows = there[1:] & there[:-1] & (np.abs(np.diff(octave)) < SWEPT_OCTAVES)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], follows, [False])).astype(np.int8)))
    if not edges.size:
        return {"line_sweep_s": 0.0, "line_sweep": 0.0, "line_sweep_even": 1.5}
    longest = int(np.argmax(edges[1::2] - edges[::2]))
    part = slice(int(edges[2 * longest]), int(edges[2 * longest + 1]) + 1)
    return {
        "line_sweep_s": float(np.log2((part.stop - part.start) * FRAME_S / 0.1 + 0.1)) / 2.0,
        "line_sweep": 2.0 * float(np.ptp(octave[part])),
        "line_sweep_even": min(float(np.std(np.diff(dbfs[part]))) / 2.0, 3.0),
    }
