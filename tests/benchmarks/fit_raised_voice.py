"""Fit the coefficients of the sound of effort, and write them where they are shipped.

    python -m tests.benchmarks.fit_raised_voice DATA [--write]

DATA is a folder of recordings with manifest.csv.  Only recordings of ordinary talk whose licence allows it are used.
None of shouting is among these, so effort is put on: each recording is filtered by how much more there is in each
octave of the standard's loud and shouted speech than of its normal speech (ANSI S3.5-1997, table 4), and its pitch is
raised by 0.2 to 0.6 semitones per decibel (Gramming et al. 1988).  Against these stands the same speech as it was
said, and somewhat softer and firmer.  A logistic regression parts the two by alpha ratio and pitch.

A shop has one microphone and learns its sound, but nearly every speaker here has another.  Half of what the alpha ratio
of one speaker differs from the mean is therefore taken for the microphone's, and taken off before fitting.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import fftconvolve, firwin2

from edge.audio import raised_voice_weights
from edge.audio.raised_voice import ENOUGH_S, HIGHEST_RISE_ST, LOOK_FRAMES, PERIODIC, SPEECH, WINDOW_S
from edge.audio.voice_frame import VoiceFrame, VoiceFrames
from edge.messages import FRAME, RATE_HZ
from tests.benchmarks.voices import SHAREABLE, Recording, auc, read, recordings, speech_probability

OCTAVES_HZ = np.array([250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0])
NORMAL = np.array([34.75, 34.27, 25.01, 17.32, 9.33, 1.13])
RAISED = np.array([38.98, 40.15, 33.86, 25.32, 16.78, 5.07])
LOUD = np.array([41.55, 44.85, 42.16, 34.39, 25.41, 11.39])
SHOUT = np.array([42.50, 49.24, 51.31, 44.32, 34.41, 20.72])
"""Standard speech spectrum levels in dB, one per octave; their overall levels are 62.35, 68.34, 74.85 and 82.30 dB."""
RISE_ST_PER_DB = (0.2, 0.4, 0.6)
TAPS = 513
MICROPHONE_SHARE = 0.5
"""Of a speaker's difference in alpha ratio.  What is left, 2.4 dB, is what voices differ in front of one microphone."""
RIDGE = 1e-3
STEPS = 50


@dataclass(frozen=True, slots=True)
class Effort:
    """How something is said."""

    gains_db: NDArray[np.float64]
    """Per octave, over how it was recorded."""
    louder_db: float
    raised: bool


EFFORTS = (
    Effort(0.0 * NORMAL, 0.0, raised=False),
    Effort(0.5 * (RAISED - NORMAL), 3.0, raised=False),
    Effort(-0.5 * (RAISED - NORMAL), -3.0, raised=False),
    Effort(0.5 * (RAISED + LOUD) - NORMAL, 9.2, raised=True),
    Effort(LOUD - NORMAL, 12.5, raised=True),
    Effort(SHOUT - NORMAL, 19.95, raised=True),
)


@dataclass(frozen=True, slots=True)
class Examples:
    """Windows of voices: (n, 2) alpha ratio in dB and pitch in semitones, whether raised, and whose they are."""

    features: NDArray[np.float64]
    raised: NDArray[np.bool_]
    speaker: NDArray[np.str_]


def with_effort(samples: NDArray[np.float32], effort: Effort) -> NDArray[np.float32]:
    """The same as if said with another effort, but for its pitch."""
    grid_hz = np.concatenate([[0.0], OCTAVES_HZ])
    gains = 10.0 ** (np.concatenate([effort.gains_db[:1], effort.gains_db]) / 20.0)
    return fftconvolve(samples, firwin2(TAPS, grid_hz, gains, fs=RATE_HZ), "same").astype(np.float32)


def voiced(samples: NDArray[np.float32], probability: NDArray[np.float64]) -> Iterator[tuple[int, VoiceFrame]]:
    """The voiced moments, and the frame of each."""
    frames = VoiceFrames()
    for k, frame in enumerate(samples.reshape(-1, FRAME)):
        frames.push(frame)
        if k % LOOK_FRAMES == 0 and probability[k] >= SPEECH:
            seen = frames.look()
            if seen.periodicity >= PERIODIC:
                yield k, seen


def windows(moments: list[tuple[int, VoiceFrame]]) -> Iterator[tuple[float, float]]:
    """Alpha ratio and pitch of each window that holds enough of a voice, one after the other."""
    length = round(WINDOW_S * RATE_HZ / FRAME)
    for first in range(0, moments[-1][0] + 1, length):
        seen = [voice for k, voice in moments if first <= k < first + length]
        if len(seen) * LOOK_FRAMES * FRAME / RATE_HZ >= ENOUGH_S:
            ratio = sum(voice.high for voice in seen) / sum(voice.low for voice in seen)
            yield 10.0 * math.log10(ratio), float(np.median([12.0 * math.log2(v.pitch_hz / 100.0) for v in seen]))


def examples(data: Path, used: list[Recording]) -> Examples:
    """Every window of every recording, as it is and with every effort."""
    rows: list[tuple[float, float]] = []
    raised: list[bool] = []
    speaker: list[str] = []
    for recording in used:
        samples = read(data, recording)
        probability = speech_probability(samples)
        for effort in EFFORTS:
            moments = list(voiced(with_effort(samples, effort), probability))
            for alpha_db, pitch_st in windows(moments) if moments else ():
                for rise in RISE_ST_PER_DB:
                    rows.append((alpha_db, pitch_st + rise * effort.louder_db))
                    raised.append(effort.raised)
                    speaker.append(recording.speaker)
    return Examples(np.array(rows), np.array(raised), np.array(speaker))


@dataclass(frozen=True, slots=True)
class Weights:
    """What is shipped."""

    normal: NDArray[np.float64]
    """(2,) mean of ordinary talk."""
    slopes: NDArray[np.float64]
    """(2,) log-odds per dB and per semitone."""
    bias: float
    """Log-odds of ordinary talk."""
    microphone_db: float
    """Standard deviation of the alpha ratio between microphones."""

    def log_odds(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """For rows of alpha ratio and pitch."""
        return self.bias + _over(features, self.normal) @ self.slopes


def _over(features: NDArray[np.float64], normal: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.minimum(features - normal, np.array([np.inf, HIGHEST_RISE_ST]))


def fit(seen: Examples) -> Weights:
    """Logistic regression with a little ridge, by Newton's method."""
    normal = seen.features[~seen.raised].mean(axis=0)
    off = _of_microphones(seen, float(normal[0]))
    over = _over(seen.features - np.column_stack([off, np.zeros(len(off))]), normal)
    rows = np.column_stack([over, np.ones(len(over))])
    ridge = np.diag([RIDGE, RIDGE, 0.0])
    found = np.zeros(3)
    for _ in range(STEPS):
        likely = 1.0 / (1.0 + np.exp(-rows @ found))
        slope = rows.T @ (likely - seen.raised) / len(rows) + ridge @ found
        bend = (rows * (likely * (1.0 - likely))[:, None]).T @ rows / len(rows) + ridge
        found -= np.linalg.solve(bend, slope)
    return Weights(normal, found[:2], float(found[2]), float(np.std(off)))


def _of_microphones(seen: Examples, normal_db: float) -> NDArray[np.float64]:
    """(n,) what the microphone of each window adds to its alpha ratio."""
    off = np.zeros(len(seen.raised))
    for speaker in np.unique(seen.speaker):
        own = seen.speaker == speaker
        off[own] = MICROPHONE_SHARE * (seen.features[own & ~seen.raised, 0].mean() - normal_db)
    return off


def across_speakers(seen: Examples) -> float:
    """AUC of voices whose speaker was left out, by the effort that was put on."""
    score = np.zeros(len(seen.raised))
    for speaker in np.unique(seen.speaker):
        out = seen.speaker == speaker
        kept = Examples(seen.features[~out], seen.raised[~out], seen.speaker[~out])
        score[out] = fit(kept).log_odds(seen.features[out])
    return auc(score[seen.raised], score[~seen.raised])


def text(weights: Weights, used: list[Recording]) -> str:
    """The shipped file."""
    sources = sorted({f"{_origin(recording)}: {recording.licence}" for recording in used})
    named = "\n".join(f"- {source}" for source in sources)
    alpha_db, pitch_st = weights.normal
    return f'''"""Coefficients of the sound of effort in a voice, written by ``tests/benchmarks/fit_raised_voice.py``.

Fitted to {len(used)} recordings of ordinary talk, effort put on by the standard spectra of ANSI S3.5-1997:

{named}
"""

NORMAL_ALPHA_DB = {alpha_db:.2f}
"""Alpha ratio of ordinary talk."""
NORMAL_PITCH_ST = {pitch_st:.2f}
"""Pitch of ordinary talk, semitones over 100 Hz."""
MICROPHONE_DB = {weights.microphone_db:.2f}
"""Standard deviation of the alpha ratio between microphones."""
BIAS = {weights.bias:.3f}
"""Log-odds of talk that is as usual."""
ALPHA_PER_DB = {weights.slopes[0]:.4f}
PITCH_PER_ST = {weights.slopes[1]:.4f}
'''


def _origin(recording: Recording) -> str:
    """The source without the name of the file."""
    return "LibriSpeech" if "LibriSpeech" in recording.source else recording.source.rsplit(maxsplit=1)[0]


def main() -> int:
    """Fit, tell, and write when asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of recordings with manifest.csv")
    parser.add_argument("--write", action="store_true", help="replace the shipped coefficients")
    arguments = parser.parse_args()
    used = [row for row in recordings(arguments.data, "speech") if row.licence in SHAREABLE]
    seen = examples(arguments.data, used)
    weights = fit(seen)
    print(text(weights, used))
    print(f"{len(used)} recordings, {len(np.unique(seen.speaker))} speakers, {len(seen.raised)} windows")
    print(f"AUC across speakers, with effort put on: {across_speakers(seen):.3f}")
    if arguments.write:
        Path(str(raised_voice_weights.__file__)).write_text(text(weights, used), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
