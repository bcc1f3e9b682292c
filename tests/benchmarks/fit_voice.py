"""Fits the small net that weighs the detectors of speech, and writes edge/audio/activity.json.

    python -m tests.benchmarks.fit_voice DATA [--out FILE] [--jobs N]

Fitted on one half of the speakers and noises in DATA (:mod:`tests.benchmarks.hearing_mixes`), and only on recordings
whose licence lets what was learned from them be passed on: LibriSpeech by way of Resemblyzer (CC BY 4.0), Picovoice's
samples (Apache-2.0), noises of moodist (Pixabay Content License or CC0) and ESC-10 (CC BY 3.0 or CC0).  Hand-labelled
speech (ten-vad), G. Hu's sounds, glass, games' screams, music, EMO-DB and MIMII are never fitted on.

The net is fitted by L-BFGS to the mean log-likelihood with weight decay.  Every fourth talk is kept out of a first fit,
whose figures on those talks are printed; the net that is written is then fitted to all.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from edge.audio.activity import LOOK_AHEAD_FRAMES, SPANS, Context
from edge.audio.activity_series import FULL_COLUMNS, LIGHT_COLUMNS, SERIES_DELAY_FRAMES, Series
from edge.audio.denoise import DenoiseName, denoiser
from edge.messages.hearing import FRAME
from tests.benchmarks.hearing_mixes import UNJUDGED, Clip, Truth
from tests.benchmarks.measure_voice import auc
from tests.benchmarks.voice_lessons import Sound, fit_clips, others, rooms, talks

OUT = Path(__file__).parents[2] / "edge" / "audio" / "activity.json"
NETS: dict[str, tuple[DenoiseName, tuple[str, ...]]] = {
    "full": ("rnnoise", FULL_COLUMNS),
    "light": ("webrtc", LIGHT_COLUMNS),
}
TALKS, SEED = 72, 7
KEPT_OUT = 4
UNITS, DECAY, ITERATIONS = 12, 2e-3, 100
BEGIN_FRAMES = 400
"""Every second sound begins so often anew, because somebody may be speaking when a microphone is plugged in."""
EVERY = 5
"""Frames that follow each other say nearly the same: so many are one."""
OTHERS_WEIGHT = 2.0
"""Of a frame of a sound of another kind: a false alarm costs more than a late onset."""
DIGITS = 5

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Lesson:
    """One sound as the net sees it."""

    x: Array
    """(frames, spans · columns)."""
    truth: Truth
    weight: float


@dataclass(frozen=True, slots=True)
class Tables:
    """A net's weights, for figures as they come."""

    hidden: Array
    hidden_bias: Array
    out: Array
    linear: Array
    out_bias: float

    def scores(self, x: Array) -> Array:
        """Log-odds of speech, one for each row."""
        return np.asarray(np.tanh(x @ self.hidden.T + self.hidden_bias) @ self.out + x @ self.linear + self.out_bias)


def lesson(sound: Sound, denoise: DenoiseName, often: bool) -> Lesson:
    """What the engines say of a sound, with what is around each frame; ``often``: as if it began every few seconds."""
    series = Series(denoiser(denoise))
    frames = sound.samples[: len(sound.samples) // FRAME * FRAME].reshape(-1, FRAME)
    after = np.zeros((SERIES_DELAY_FRAMES + LOOK_AHEAD_FRAMES, FRAME), np.float32)
    rows = [series.step(frame) for frame in np.concatenate([frames, after])]
    known = [row for row in rows if row is not None]
    pieces = range(0, len(frames), BEGIN_FRAMES if often else len(frames))
    x = np.concatenate([_surroundings(known[k : k + pieces.step + LOOK_AHEAD_FRAMES]) for k in pieces])
    talking = bool((sound.truth == 1).any())
    return Lesson(x, sound.truth[: len(x)], 1.0 if talking else OTHERS_WEIGHT)


def _surroundings(rows: Sequence[NDArray[np.float32]]) -> Array:
    """What the net sees of each of these rows but the last ones, which are looked ahead to."""
    context = Context()
    return np.array([context.step(row) for row in rows])[LOOK_AHEAD_FRAMES:]


def fitted(lessons: Sequence[Lesson], seed: int = SEED) -> Tables:
    """The net that fits them best."""
    judged = [np.flatnonzero(item.truth != UNJUDGED)[k % EVERY :: EVERY] for k, item in enumerate(lessons)]
    x = np.concatenate([item.x[use] for item, use in zip(lessons, judged, strict=True)])
    y = np.concatenate([item.truth[use] == 1 for item, use in zip(lessons, judged, strict=True)]).astype(float)
    w = np.concatenate([np.full(len(use), item.weight) for item, use in zip(lessons, judged, strict=True)])
    mean, scale = x.mean(axis=0), x.std(axis=0) + 1e-4
    z, w, inputs = (x - mean) / scale, w / w.sum(), x.shape[1]
    rng = np.random.default_rng(seed)
    start = np.concatenate(
        [0.3 * rng.standard_normal(UNITS * inputs) / np.sqrt(inputs), np.zeros(UNITS), 0.1 * rng.standard_normal(UNITS)]
    )
    start = np.concatenate([start, np.zeros(inputs + 1)])
    options = {"maxiter": ITERATIONS}
    best = minimize(_loss, start, args=(z, y, w), jac=True, method="L-BFGS-B", options=options).x
    hidden, hidden_bias, out, linear, out_bias = _parts(best, inputs)
    hidden, linear = hidden / scale, linear / scale
    return Tables(hidden, hidden_bias - hidden @ mean, out, linear, float(out_bias - linear @ mean))


def _parts(values: Array, inputs: int) -> tuple[Array, Array, Array, Array, Array]:
    a = UNITS * inputs
    b, c, d = a + UNITS, a + 2 * UNITS, a + 2 * UNITS + inputs
    return values[:a].reshape(UNITS, inputs), values[a:b], values[b:c], values[c:d], values[d]


def _loss(values: Array, z: Array, y: Array, w: Array) -> tuple[float, Array]:
    """Weighted mean of the negative log-likelihood, with weight decay, and its gradient."""
    hidden, hidden_bias, out, linear, out_bias = _parts(values, z.shape[1])
    h = np.tanh(z @ hidden.T + hidden_bias)
    odds = h @ out + z @ linear + out_bias
    error = w * (0.5 + 0.5 * np.tanh(0.5 * odds) - y)
    back = np.outer(error, out) * (1.0 - h * h)
    decayed = DECAY / 2 * ((hidden**2).sum() + (out**2).sum() + (linear**2).sum())
    loss = float((w * (np.logaddexp(0.0, odds) - y * odds)).sum() + decayed)
    gradient = [
        (back.T @ z + DECAY * hidden).ravel(),
        back.sum(axis=0),
        h.T @ error + DECAY * out,
        z.T @ error + DECAY * linear,
        [error.sum()],
    ]
    return loss, np.concatenate(gradient)


def sources(found: dict[str, list[Clip]]) -> list[dict[str, object]]:
    """What was fitted on: source, licence and how many recordings."""
    counts: dict[tuple[str, str], int] = {}
    for clip in (clip for kind in found.values() for clip in kind):
        name = re.split(r" (?:librispeech|public/sounds|test_|\d{3} - )", clip.source)[0]
        counts[name, clip.licence] = counts.get((name, clip.licence), 0) + 1
    return [{"source": s, "licence": lic, "recordings": n} for (s, lic), n in sorted(counts.items())]


def as_table(net: Tables, columns: Sequence[str]) -> dict[str, object]:
    """As it is written."""
    spans = [list(span) for span in SPANS]
    rounded = {key: _rounded(getattr(net, key)) for key in ("hidden", "hidden_bias", "out", "linear", "out_bias")}
    return {"columns": list(columns), "spans": spans, **rounded}


def _rounded(values: Array | float) -> object:
    return np.vectorize(lambda value: float(f"{value:.{DIGITS}g}"))(values).tolist()


def main() -> int:
    """Fit and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of real sounds")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    arguments = parser.parse_args()
    found = fit_clips(arguments.data)
    sounds = [*talks(found, TALKS, SEED), *others(found, SEED + 1), *rooms(found, SEED + 2)]
    nets = {}
    for name, (denoise, columns) in NETS.items():
        with ProcessPoolExecutor(arguments.jobs) as pool:
            often = [k % 2 == 1 for k in range(len(sounds))]
            lessons = list(pool.map(lesson, sounds, [denoise] * len(sounds), often))
        kept_out, kept = lessons[:TALKS:KEPT_OUT], [k for k in range(len(lessons)) if k >= TALKS or k % KEPT_OUT]
        trial = fitted([lessons[k] for k in kept])
        mark = auc(
            np.concatenate([trial.scores(item.x) for item in kept_out]),
            np.concatenate([item.truth for item in kept_out]),
        )
        print(f"{name}: AUC {mark:.4f} on {len(kept_out)} talks that were kept out")
        nets[name] = as_table(fitted(lessons), columns)
    table = {"fitted_by": "python -m tests.benchmarks.fit_voice", "fitted_on": sources(found), "nets": nets}
    text = json.dumps(table, indent=1)
    text = re.sub(r"\[[^][{}]*\]", lambda m: re.sub(r"\s+", " ", m.group()), text)  # one list of numbers, one line
    arguments.out.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
