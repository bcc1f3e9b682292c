"""Fit the weights of blows, glass and bangs, and write edge/audio/sound_coefficients.py.

    python -m tests.benchmarks.fit_sounds DATA [--each N]

What is to be found is made by arithmetic (tests/benchmarks/sound_synthesis.py).  What is not comes from there as well,
and from one half of the recordings whose licences allow it: ESC-10 (CC BY 3.0, CC0), LibriSpeech (CC BY 4.0), Moodist
(CC0 or Pixabay).  No recording of glass, of an alarm or of a scream is used.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from edge.audio.sound_evidence import EVIDENCE, LABELS, evidence
from edge.audio.sound_features import features
from edge.audio.spectrum import Windows
from edge.messages import FRAME, FRAME_NS
from tests.benchmarks.sound_clips import TARGETS, Clip, clips, mix
from tests.benchmarks.sound_synthesis import DANGERS, HARMLESS, RATE, Floats

WRITTEN = Path(__file__).parents[2] / "edge" / "audio" / "sound_coefficients.py"
HOP_S, WINDOW_S = 0.48, 0.96
STRUCK = ("glass_break", "bang")
"""Labels that are told by their onset, which is in the first half of one window."""
LASTS_S = {"alarm_sound": 0.6, "scream": 0.3}
"""A window has the sound from so much of it on."""
RATES = (1.0, 0.8, 1.3)
"""Recordings are also played slower and faster: other voices, other machines."""
HARD_WEIGHT = 4.0
"""Recordings, music and the like count more than windows beside what is to be found: they are fewer and harder."""
PENALTY = 1e-3
SEED = 1


@dataclass(frozen=True, slots=True)
class Example:
    """Windows of one clip."""

    values: Floats
    """(n, features)"""
    truth: NDArray[np.int8]
    """(n, len(LABELS)): 1 there, 0 not there, -1 partly or not to be decided"""
    hard: bool
    """Whether it is easily taken for danger"""


def windows(samples: Floats) -> Floats:
    """Features of all windows of a clip."""
    cut, found = Windows(), []
    for k in range(samples.size // FRAME):
        window = cut.step(samples[k * FRAME : (k + 1) * FRAME], k * FRAME_NS)
        found += [] if window is None else [features(window).values]
    return np.array([*found, *(features(window).values for window in cut.finish())])


def made(name: str, beds: list[Floats], rng: np.random.Generator) -> Example:
    """One sound made by arithmetic, somewhere in noise, at some level."""
    sound = (DANGERS | HARMLESS)[name](rng)
    lead_s = float(rng.uniform(0.5, 1.5)) if rng.uniform() < 0.75 else 0.0
    after = np.zeros(int(rng.uniform(0.0, 0.8) * RATE), np.float32)
    noise = rng.standard_normal(sound.size + after.size + int(lead_s * RATE)).astype(np.float32)
    if rng.uniform() < 0.6:
        bed = beds[int(rng.integers(len(beds)))]
        noise = np.roll(bed, int(rng.integers(bed.size)))
    snr_db = float(rng.uniform(0.0, 20.0) if rng.uniform() < 0.4 else rng.uniform(20.0, 60.0))
    x = mix(np.concatenate((sound, after)), noise, snr_db, lead_s)
    loud_db = float(rng.uniform(-14.0, 6.0) if name == "bang" else rng.uniform(-40.0, 0.0))
    values = windows(np.clip(x / np.abs(x).max() * 10.0 ** (loud_db / 20.0), -1.0, 1.0).astype(np.float32))
    return Example(values, truth_of(name, len(values), lead_s, lead_s + sound.size / RATE), name in HARMLESS)


def truth_of(name: str, count: int, start_s: float, end_s: float) -> NDArray[np.int8]:
    """Which of the windows have the sound."""
    truth = np.zeros((count, len(LABELS)), np.int8)
    if name not in LABELS:
        return truth
    begins = np.arange(count) * HOP_S
    overlap = np.minimum(end_s, begins + WINDOW_S) - np.maximum(start_s, begins)
    if name in STRUCK:
        there = (begins - 0.03 <= start_s) & (start_s < begins + HOP_S - 0.01)
    else:
        there = overlap >= LASTS_S[name]
    truth[:, LABELS.index(name)] = np.where(there, 1, np.where(overlap > 0.0, -1, 0))
    if name == "glass_break":  # something broke with a bang
        truth[overlap > 0.0, LABELS.index("bang")] = -1
    return truth


def recorded(clip: Clip, rng: np.random.Generator) -> Iterator[Example]:
    """A recording that has none of the sounds, at three speeds."""
    for rate in RATES:
        at = np.arange(0.0, clip.samples.size - 1, rate)
        x = np.interp(at, np.arange(clip.samples.size), clip.samples)
        x *= 10.0 ** (rng.uniform(-40.0, 0.0) / 20.0) / (np.abs(x).max() + 1e-9)
        values = windows(x.astype(np.float32))
        yield Example(values, np.zeros((len(values), len(LABELS)), np.int8), True)


def examples(data: Path, each: int) -> Iterator[Example]:
    """All that is fitted to."""
    rng = np.random.default_rng(SEED)
    allowed = [clip for clip in clips(data) if clip.free and not clip.odd and clip.label not in TARGETS]
    steady = ("rain", "sea_waves", "helicopter")
    beds = [clip.samples for clip in allowed if clip.kind in ("noise", "speech") or clip.label in steady]
    for name in (*DANGERS, *HARMLESS):
        for _ in range(each if name in DANGERS else each // 2):
            yield made(name, beds, rng)
    for clip in allowed:
        yield from recorded(clip, rng)


def fit(terms: NDArray[np.float64], truth: NDArray[np.int8], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logistic regression, both classes equally heavy, no weight negative but the constant."""
    share = np.where(truth > 0, 1.0, weight)
    for side in (truth > 0, truth == 0):
        share[side] *= 0.5 / share[side].sum()

    def loss(w: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        odds = terms @ w
        value = float(share @ (np.logaddexp(0.0, odds) - truth * odds)) + PENALTY * float(w[:-1] @ w[:-1])
        slope = terms.T @ (share * (1.0 / (1.0 + np.exp(-odds)) - truth))
        slope[:-1] += 2.0 * PENALTY * w[:-1]
        return value, slope

    limits = [(0.0, None)] * (terms.shape[1] - 1) + [(None, None)]
    return np.asarray(minimize(loss, np.zeros(terms.shape[1]), jac=True, method="L-BFGS-B", bounds=limits).x)


def weights(found: list[Example]) -> dict[str, NDArray[np.float64]]:
    """Of every blow."""
    values = np.concatenate([example.values for example in found])
    truth = np.concatenate([example.truth for example in found])
    hard = np.concatenate([np.full(len(example.values), example.hard) for example in found])
    fitted = {}
    for label in EVIDENCE:
        known = truth[:, LABELS.index(label)] >= 0
        heavy = np.where(hard[known], HARD_WEIGHT, 1.0)
        fitted[label] = fit(evidence(label, values[known]), truth[known, LABELS.index(label)], heavy)
    return fitted


def write(fitted: dict[str, NDArray[np.float64]], path: Path) -> None:
    """As a module of constants."""
    lines = ['"""Weights of the blows among the sounds of danger, written by tests/benchmarks/fit_sounds.py.', ""]
    lines += [
        "Fitted to sounds made by arithmetic, and to recordings of other sounds: one half each of ESC-10 (CC BY 3.0"
    ]
    lines += [
        "and CC0 by clip), LibriSpeech (CC BY 4.0) and Moodist's noises (CC0 or Pixabay Content License).",
        '"""',
        "",
    ]
    lines += [
        "from __future__ import annotations",
        "",
        "from collections.abc import Mapping",
        "from typing import Final",
    ]
    lines += ["", "WEIGHTS: Final[Mapping[str, tuple[float, ...]]] = {"]
    for label, values in fitted.items():
        numbers = ", ".join(f"{value:.3f}" for value in values)
        lines += [f'    "{label}": ({numbers}),']
    lines += ["}", '"""By label: one of each piece of evidence, of their mean, and the constant."""', ""]
    path.write_text("\n".join(lines), encoding="utf-8")


def main() -> None:
    """Fit and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with manifest.csv")
    parser.add_argument("--each", type=int, default=240, help="sounds made of each danger")
    parser.add_argument("--to", type=Path, default=WRITTEN, help="file to write")
    arguments = parser.parse_args()
    fitted = weights(list(examples(arguments.data, arguments.each)))
    write(fitted, arguments.to)


if __name__ == "__main__":
    main()
