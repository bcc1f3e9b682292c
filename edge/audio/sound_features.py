"""What a window of sound is like, as a few numbers with a physical meaning.

    Window -> onset   how fast, how broad, how bright, and what is left of it later   (glass, bang)
           -> tone    how pure, how steady, how regular                               (alarms)
           -> voice   period, brightness, roughness, how long without a pause         (screams)
           -> lines   all narrow lines of some seconds (sound_lines)                  (alarms)
           -> breath  the loudest breath among those before (sound_breaths)           (screams)

Nothing depends on absolute level but the features that say so: microphones differ, and far is quiet.

Notes
-----
Roughness, beating at 30 to 150 Hz, sets screams and alarms apart from other voices and sounds: L. H. Arnal et al.,
"Human screams occupy a privileged niche in the communication soundscape", Current Biology 25, 2015.
Breaking glass is an impact, and then pieces that ring at inharmonic modes up to the highest frequencies and fall for
some tenths of a second; what only clicks, or only hisses, lacks one of the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.audio.sound_breaths import OF_BREATH, breath_features
from edge.audio.sound_lines import OF_LINES, line_features
from edge.audio.spectrum import BEFORE_FRAMES, ENVELOPE, HOP_FRAMES, TONE_FRAMES, Floats, Tones, Window
from edge.messages import FRAME, RATE_HZ

OF_ONSET: Final = (
    "rise_low", "rise_mid", "rise_high", "rise_narrowest", "peak_bright", "tail_bright", "late_bright",
    "tail_over_before", "late_over_before", "tail_drop", "late_drop", "attack", "crest", "peak_level",
)  # fmt: skip
"""Levels and differences in 10 dB: how steep, how bright, what is left 60 to 200 and 220 to 470 ms later."""
OF_TONE: Final = (
    "tonal", "tonal_before", "purity", "over", "glide", "exact", "tremble", "spread", "rhythm", "few", "gliding",
    "edges", "repeats",
)  # fmt: skip
"""How often there is a tone, how alone it is, how smooth and exact its pitch, how it repeats, how even its level."""
OF_VOICE: Final = ("periodic", "pitch", "pitch_glide", "voiced", "bright", "rough", "slow", "unbroken", "held")
"""How periodic, octaves over a scream's usual pitch, its change, how bright, how it beats, how long without a pause."""
NAMES: Final = (*OF_ONSET, *OF_TONE, *OF_VOICE, *OF_LINES, *OF_BREATH)
"""All features in their order; each is scaled to a few units."""
MOST: Final = 6.0

LOW, MID, HIGH = slice(0, 3), slice(3, 6), slice(6, 9)
"""Bands below 1 kHz, from 1 to 3 kHz, and above."""
QUIET_BEFORE: Final = slice(-7, -2)
"""Frames before an onset that it is compared with: near, but not its own beginning."""
ATTACK_FRAMES: Final = 3
TAIL: Final = slice(6, 21)
"""60 to 200 ms after an onset: an echo of a click is gone, falling glass is not."""
LATE: Final = slice(22, 47)
MOST_DB: Final = 40.0
"""Differences above this say nothing more."""
TONAL_DB: Final = 14.0
"""A peak this much over what is near it is a tone: noise reaches 10 dB."""
LOUD_DB: Final = 15.0
"""Frames within this of the loudest belong to the same sound."""
PERIODIC: Final = 0.55
STEADY_OCTAVES: Final = 0.08
"""A siren that glides an octave in half a second moves by so much between tone frames, with room."""
EXACT_OCTAVES: Final = 0.004
"""A quarter of a percent: electronics keep it, voices do not."""
PITCHES: Final = 24
"""Steps of an octave, quarter tones, in which pitches are told apart."""
SCREAM_HZ: Final = 700.0
"""Middle of the pitches of screams."""
ROUGH_HZ, SLOW_HZ = (30.0, 150.0), (2.0, 12.0)
ATTACK_STEPS: Final = 32
"""Steps of the envelope around the onset, 80 ms, among which is its steepest rise."""
HELD_STEPS, HELD_DB = 5, 4.5
"""One sound is held while its spectrum is like that of 100 ms before; in speech it is not for much longer."""
RHYTHM: Final = (10, 80)
"""Lags of 0.2 to 1.6 s, in tone frames."""

REPEATS: Final = (6, 80)
"""Lags of 60 ms to 0.8 s, in frames."""
REPEATED_DB: Final = 2.0
"""What moves less is noise."""


@dataclass(frozen=True, slots=True)
class Features:
    """The numbers, and where in the window the sound began."""

    values: Floats
    """(len(NAMES),)"""
    onset: int
    """Frame of the steepest rise in the first half of the window."""

    def of(self, name: str) -> float:
        """One of them."""
        return float(self.values[NAMES.index(name)])


def features(window: Window) -> Features:
    """What one window is like."""
    onset, of_onset = _onset(window)
    found = of_onset | _tone(window.tones) | {"repeats": 2.0 * _repeats(window.bands)} | _voice(window)
    found |= line_features(window.lines, TONE_FRAMES) | breath_features(window)
    values = np.nan_to_num(np.array([found[name] for name in NAMES], np.float32)).clip(-MOST, MOST)
    return Features(values, onset)


def _onset(window: Window) -> tuple[int, dict[str, float]]:
    """Each onset belongs to the one window that has it in its first half, where what follows is seen as well."""
    bands = window.bands
    at = BEFORE_FRAMES + np.arange(HOP_FRAMES)
    before = np.mean([bands[at + k] for k in range(QUIET_BEFORE.start, QUIET_BEFORE.stop)], axis=0)
    after = np.max([bands[at + k] for k in range(ATTACK_FRAMES)], axis=0)
    rises = (after - before).clip(0.0, MOST_DB)
    onset = int(np.argmax(rises[:, HIGH].mean(axis=1) + rises[:, LOW].mean(axis=1)))
    rise, quiet, peak = rises[onset], before[onset], after[onset]
    follows = bands[BEFORE_FRAMES + onset :]
    tail, late = follows[TAIL].mean(axis=0), follows[LATE].mean(axis=0)
    attack, crest, peak_level = _impulse(window.samples, onset)
    return onset, {
        "rise_low": float(rise[LOW].mean()) / 10.0,
        "rise_mid": float(rise[MID].mean()) / 10.0,
        "rise_high": float(rise[HIGH].mean()) / 10.0,
        "rise_narrowest": float(rise.min()) / 10.0,
        "peak_bright": _brightness(peak) / 10.0,
        "tail_bright": _brightness(tail) / 10.0,
        "late_bright": _brightness(late) / 10.0,
        "tail_over_before": _bounded((tail - quiet)[HIGH]) / 10.0,
        "late_over_before": _bounded((late - quiet)[HIGH]) / 10.0,
        "tail_drop": _bounded((peak - tail)[HIGH]) / 10.0,
        "late_drop": _bounded((tail - late)[HIGH]) / 10.0,
        "attack": attack,
        "crest": crest,
        "peak_level": peak_level,
    }


def _brightness(band_dbfs: Floats) -> float:
    """High over the rest, dB."""
    return float(_sum_db(band_dbfs[HIGH]) - _sum_db(band_dbfs[:6]))


def _bounded(difference_db: Floats) -> float:
    return float(difference_db.mean().clip(-MOST_DB, MOST_DB))


def _impulse(samples: Floats, onset: int) -> tuple[float, float, float]:
    """Steepest rise within 5 ms, crest factor of the half second from the onset on, and the level of its peak."""
    part = samples[max(onset - 3, 0) * FRAME :][: HOP_FRAMES * FRAME]
    envelope = np.sqrt(np.mean(part.reshape(-1, ENVELOPE) ** 2, axis=1)) + 1e-5
    steps = np.log10(envelope)[: ATTACK_STEPS + 6]
    before = np.lib.stride_tricks.sliding_window_view(steps, 4)[:-2].max(axis=1)
    attack = float((np.maximum(steps[4:-1], steps[5:]) - before).max())
    peak, rms = float(np.abs(part).max()) + 1e-5, float(np.sqrt(np.mean(part**2))) + 1e-5
    return 2.0 * attack, 2.0 * float(np.log10(peak / rms)), float(np.log10(peak)) + 1.0


def _tone(tones: Tones) -> dict[str, float]:
    now = slice(tones.hz.size - TONE_FRAMES, None)
    loud = tones.dbfs > max(float(tones.dbfs[now].max()) - 2.0 * LOUD_DB, -90.0)
    tonal = (tones.over_db >= TONAL_DB) & loud
    octave = np.log2(tones.hz + 1.0)
    both = tonal[1:] & tonal[:-1]
    moves, swells = np.abs(np.diff(octave)), np.abs(np.diff(tones.dbfs))
    follows = both & (moves < STEADY_OCTAVES)
    n = max(int(both.sum()), 1)
    smooth = follows[1:] & follows[:-1]
    bend = np.abs(np.diff(octave, 2))[smooth]
    return {
        "tonal": float(tonal[now].mean()) * 2.0,
        "tonal_before": float(tonal[:-TONE_FRAMES].mean()) * 2.0,
        "purity": float(tones.share[now][tonal[now]].mean()) * 2.0 if tonal[now].any() else 0.0,
        "over": float(tones.over_db[now][loud[now]].mean()) / 10.0 if loud[now].any() else 0.0,
        "glide": float(follows.sum()) / n,
        "exact": float((both & (moves < EXACT_OCTAVES)).sum()) / n,
        "tremble": float(np.log10(np.median(bend) + 1e-4)) + 3.0 if bend.size else 1.0,
        "spread": float(np.std(octave[tonal])) * 2.0 if tonal.any() else 2.0,
        "rhythm": _rhythm(tones, tonal) * 2.0,
        "few": _few(octave[tonal]),
        "gliding": float((smooth & (moves[1:] > EXACT_OCTAVES)).sum()) / n,
        "edges": float(np.log10(np.median(swells[follows]) + 0.02)) if follows.any() else 0.5,
    }


def _few(octave: Floats) -> float:
    """Share of the tones that have one of the two commonest pitches: beeps have one, sirens two, melodies more."""
    if not octave.size:
        return 0.0
    counts = np.bincount(np.round(octave * PITCHES).astype(np.intp))
    near = np.convolve(counts, np.ones(3, np.intp), "same")
    first = int(np.argmax(near))
    found = int(near[first])
    counts[max(first - 1, 0) : first + 2] = 0
    return float(found + np.convolve(counts, np.ones(3, np.intp), "same").max()) / octave.size


def _rhythm(tones: Tones, tonal: NDArray[np.bool_]) -> float:
    """How well the tone repeats: the best autocorrelation of where it is on and how high it is."""
    if tonal.sum() < RHYTHM[0]:
        return 0.0
    track = np.where(tonal, np.log2(tones.hz + 1.0) - np.log2(tones.hz[tonal]).mean(), 0.0)
    on = tonal - tonal.mean()
    best = 0.0
    for signal in (on, track):
        power = float(np.sum(signal**2)) / signal.size
        if power < 1e-3:
            continue
        whole = np.correlate(signal, signal, "full")[signal.size - 1 :] / np.arange(signal.size, 0, -1) / power
        part = whole[RHYTHM[0] : RHYTHM[1]]
        falls = np.minimum.accumulate(whole[: RHYTHM[1]])[RHYTHM[0] :]
        best = max(best, float(np.min([part, part - falls], axis=0).max()))  # a peak after a valley, not a slow decay
    return best


def _repeats(bands: Floats) -> float:
    """How well the spectrum repeats itself: the best autocorrelation of all bands together, after a valley."""
    moves = bands - bands.mean(axis=0)
    power = np.abs(np.fft.rfft(moves, 2 * len(moves), axis=0)) ** 2
    whole = np.fft.irfft(power.sum(axis=1))[: REPEATS[1]] / np.arange(len(moves), 0, -1)[: REPEATS[1]]
    if whole[0] < REPEATED_DB**2 * bands.shape[1]:
        return 0.0
    whole = whole / whole[0]
    part, valley = whole[REPEATS[0] :], np.minimum.accumulate(whole)[REPEATS[0] :]
    return float(np.minimum(part, part - valley).max())


def _voice(window: Window) -> dict[str, float]:
    now = slice(window.tones.hz.size - TONE_FRAMES, None)
    bands = window.bands[BEFORE_FRAMES:]
    level = _sum_db(bands[:, 1:7])[1::2]
    loud = level > max(float(level.max()) - LOUD_DB, -90.0)
    periodic, pitch = window.tones.periodic[now], np.log2(window.tones.period_hz[now] / SCREAM_HZ)
    voiced = loud & (periodic > PERIODIC)
    some = voiced if voiced.any() else loud
    if not some.any():
        return dict.fromkeys(OF_VOICE, 0.0)
    middle = _sum_db(bands[:, MID])[1::2] - _sum_db(bands[:, LOW])[1::2]
    values = (
        float(np.percentile(periodic[loud], 75)) * 2.0,
        float(np.median(pitch[some])),
        float(np.median(np.abs(np.diff(pitch))[some[1:]])) * 5.0 if some[1:].any() else 2.0,
        float(voiced.sum() / max(int(loud.sum()), 1)) * 2.0,
        float(np.median(middle[loud]).clip(-MOST_DB, MOST_DB)) / 10.0,
        *_beating(window.samples),
        _longest(loud & (middle > -3.0)) / TONE_FRAMES * 3.0,
        _longest(loud & _held(bands[1::2])) / TONE_FRAMES * 3.0,
    )
    return dict(zip(OF_VOICE, values, strict=True))


def _held(bands: Floats) -> NDArray[np.bool_]:
    """Which of the frames have the spectrum of a moment before, whatever their level."""
    shape = np.maximum(bands, bands.max(axis=1, keepdims=True) - MOST_DB)
    shape = shape - shape.mean(axis=1, keepdims=True)
    away = np.sqrt(np.mean((shape[HELD_STEPS:] - shape[:-HELD_STEPS]) ** 2, axis=1))
    return np.concatenate((np.zeros(HELD_STEPS, bool), away < HELD_DB))


def _beating(samples: Floats) -> tuple[float, float]:
    """Rough and slow parts of what the envelope does, as log10 of their shares of its mean square."""
    edge = np.diff(samples, prepend=samples[:1])  # tilted upward: hum does not beat
    envelope = np.sqrt(np.mean(edge.reshape(-1, ENVELOPE) ** 2, axis=1))
    power = np.abs(np.fft.rfft((envelope - envelope.mean()) * np.hanning(envelope.size))) ** 2
    hz = np.fft.rfftfreq(envelope.size, ENVELOPE / RATE_HZ)
    whole = float(np.sum(envelope**2)) * envelope.size / 2 + 1e-12
    parts = [float(power[(hz >= low) & (hz < high)].sum()) / whole for low, high in (ROUGH_HZ, SLOW_HZ)]
    return float(np.log10(parts[0] + 1e-4)) + 2.0, float(np.log10(parts[1] + 1e-4)) + 2.0


def _longest(mask: NDArray[np.bool_]) -> int:
    """Length of the longest run."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return int((edges[1::2] - edges[::2]).max()) if edges.size else 0


def _sum_db(band_dbfs: Floats) -> Floats:
    """Level of all bands together."""
    total: Floats = 10.0 * np.log10(np.sum(10.0 ** (band_dbfs / 10.0), axis=-1))
    return total
