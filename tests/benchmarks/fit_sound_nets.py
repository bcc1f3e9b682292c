"""Fit the nets that know alarms and screams, and write edge/audio/sound_nets.json.

    python -m tests.benchmarks.fit_sound_nets DATA [--each N] [--jobs N]

What is to be found is made by arithmetic (tests/benchmarks/sound_alarms.py, sound_cries.py, sound_synthesis.py), and
so is much that only resembles it.  What else is not to be found comes from one half of the recordings whose licences
allow it: ESC-10 (CC BY 3.0, CC0), LibriSpeech (CC BY 4.0), Moodist (CC0 or Pixabay), at other speeds, in other rooms
and in noise.  No recording of an alarm or of a scream is used, not for choosing anything either.

The net is fitted by L-BFGS to the mean log-likelihood with weight decay, from some beginnings; what is written is their
mean.  Every fifth made sound is kept out of a first fit, whose figures on those sounds are printed.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from edge.audio.sound_features import NAMES, OF_BREATH, OF_LINES, OF_TONE, OF_VOICE
from edge.audio.sound_net import FURTHEST
from edge.audio.spectrum import HOP_FRAMES, WINDOW_FRAMES
from edge.messages import FRAME
from tests.benchmarks.fit_sounds import windows
from tests.benchmarks.sound_alarms import LIKE_ALARMS, alarm_there
from tests.benchmarks.sound_clips import TARGETS, Clip, clips, mix
from tests.benchmarks.sound_cries import LIKE_SCREAMS, scream_there
from tests.benchmarks.sound_paths import heard_there
from tests.benchmarks.sound_synthesis import DANGERS, HARMLESS, RATE, Floats, Rng

WRITTEN = Path(__file__).parents[2] / "edge" / "audio" / "sound_nets.json"
MAKERS: dict[str, tuple[float, Callable[[Rng], Floats]]] = {
    "alarm_sound": (5.0, alarm_there),
    "scream": (5.0, scream_there),
    **{f"plain {name}": (1.0 if name in ("alarm_sound", "scream") else 0.5, make) for name, make in DANGERS.items()},
    **{name: (1.0, make) for name, make in (HARMLESS | LIKE_ALARMS).items()},
    **{name: (1.5, make) for name, make in LIKE_SCREAMS.items()},
    "creature": (2.0, LIKE_ALARMS["creature"]),
}
"""What is made, and how much of it."""
RATES = (1.0, 0.8, 1.3, 0.65, 1.6)
"""Recordings are also played slower and faster: other voices, other machines."""
VARIANTS = 8
"""So many of each recording; those after the first speeds are heard in another room, some in noise."""
INPUTS = {
    "alarm_sound": (
        *OF_TONE, *OF_LINES, *OF_VOICE, "crest", "attack", "peak_bright", "late_bright", "breath_s", "breath_even",
        "breath_over", "breath_alone", "breaths", "breath_shake", "breath_range",
    ),
    "scream": (
        *OF_TONE, *OF_VOICE, *OF_BREATH, "crest", "attack", "rise_low", "rise_mid", "rise_high",
    ),
}  # fmt: skip
HERE_SHARE, CONTEXT_S = 0.03, 0.38
"""An alarm is in a window that has some of it, if there was enough of it lately: a single short beep is a till."""
LATELY = 150
"""Frames before a window that count for what was there lately."""
SCREAM_SHARE = 0.3
LEAST_SNR_DB = 3.0
"""What is fainter is neither there nor not."""
RECORDED_WEIGHT, BESIDE_WEIGHT = 3.0, 0.4
"""Of windows of recordings, and of those before and after what is to be found."""
UNITS, DECAY, ITERATIONS, BEGINNINGS = 8, 1e-3, 180, 3
KEPT_OUT = 5
SEED = 3
DIGITS = 4

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Lesson:
    """Windows of one sound."""

    name: str
    seed: int
    values: Floats
    """(n, len(NAMES))"""
    here: Array
    """(n,): share of the window that has the sound."""
    lately_s: Array
    """(n,): how much of it is in the window and in what is known before."""
    snr_db: float


@cache
def _recordings(data: Path) -> tuple[Clip, ...]:
    return tuple(clip for clip in clips(data) if clip.free and not clip.odd and clip.label not in TARGETS)


@cache
def _beds(data: Path) -> tuple[Floats, ...]:
    steady = ("rain", "sea_waves", "helicopter")
    return tuple(c.samples for c in _recordings(data) if c.kind in ("noise", "speech") or c.label in steady)


def _bed(data: Path, rng: Rng) -> Floats:
    beds = _beds(data)
    bed = beds[int(rng.integers(len(beds)))]
    return np.roll(bed, int(rng.integers(bed.size)))


def made(data: Path, name: str, seed: int) -> Lesson:
    """One sound made by arithmetic, somewhere in noise, at some level."""
    rng = np.random.default_rng([sum(map(ord, name)), seed])
    sound = MAKERS[name][1](rng)
    lead = int(rng.uniform(0.3, 2.5) * RATE) if rng.uniform() < 0.75 else 0
    sound = np.concatenate((np.zeros(lead, np.float32), sound, np.zeros(int(rng.uniform(0.0, 0.8) * RATE), np.float32)))
    noise = _bed(data, rng) if rng.uniform() < 0.7 else rng.standard_normal(sound.size).astype(np.float32)
    snr_db = float(rng.uniform(0.0, 20.0) if rng.uniform() < 0.5 else rng.uniform(20.0, 60.0))
    x = mix(sound, noise, snr_db)
    x = np.clip(x / np.abs(x).max() * 10.0 ** (rng.uniform(-40.0, 0.0) / 20.0), -1.0, 1.0).astype(np.float32)
    values = windows(x)
    here, lately_s = _where(sound, len(values))
    return Lesson(name, seed, values, here, lately_s, snr_db)


def _where(sound: Floats, count: int) -> tuple[Array, Array]:
    """How much of each window, and of the seconds that end with it, has the sound."""
    frames = np.mean(sound[: sound.size // FRAME * FRAME].reshape(-1, FRAME) ** 2, axis=1)
    on = np.zeros(count * HOP_FRAMES + WINDOW_FRAMES)
    on[: frames.size] = frames > frames.max() * 10.0**-2.5
    before = np.concatenate((np.zeros(LATELY), on))
    starts = np.arange(count) * HOP_FRAMES
    here = np.array([on[s : s + WINDOW_FRAMES].mean() for s in starts])
    lately = np.array([before[s : s + LATELY + WINDOW_FRAMES].sum() for s in starts])
    return here, lately / 100.0


def recorded(data: Path, index: int, variant: int) -> Lesson:
    """A recording that has none of the sounds, at another speed and in another place."""
    rng = np.random.default_rng([index, variant])
    clip, rate = _recordings(data)[index], RATES[variant % len(RATES)]
    x = np.interp(np.arange(0.0, clip.samples.size - 1, rate), np.arange(clip.samples.size), clip.samples)
    if variant >= len(RATES):
        x = heard_there(x, rng).astype(np.float64)
        if rng.uniform() < 0.5:
            x = mix(x.astype(np.float32), _bed(data, rng), float(rng.uniform(0.0, 30.0))).astype(np.float64)
    if rng.uniform() < 0.4:
        x = np.concatenate((1e-5 * rng.standard_normal(int(rng.uniform(0.3, 2.0) * RATE)), x))
    x *= 10.0 ** (rng.uniform(-40.0, 0.0) / 20.0) / (np.abs(x).max() + 1e-9)
    values = windows(x.astype(np.float32))
    nothing = np.zeros(len(values))
    return Lesson("recording", index, values, nothing, nothing, np.inf)


def lessons(data: Path, each: int, jobs: int) -> list[Lesson]:
    """All that is fitted to."""
    made_of = [(name, seed) for name, (share, _) in MAKERS.items() for seed in range(int(each * share))]
    of = [(index, variant) for index in range(len(_recordings(data))) for variant in range(VARIANTS)]
    with ProcessPoolExecutor(jobs) as pool:
        first = pool.map(made, [data] * len(made_of), *zip(*made_of, strict=True), chunksize=8)
        second = pool.map(recorded, [data] * len(of), *zip(*of, strict=True), chunksize=8)
        return [*first, *second]


def truth_of(lesson: Lesson, label: str) -> NDArray[np.int8]:
    """Which windows have the sound: 1 there, 0 not, -1 partly or too faint."""
    if lesson.name not in (label, f"plain {label}"):
        return np.zeros(len(lesson.values), np.int8)
    if label == "alarm_sound":
        there = (lesson.lately_s >= CONTEXT_S) & (lesson.here > HERE_SHARE)
        some = lesson.lately_s > 0.0
    else:
        there, some = lesson.here >= SCREAM_SHARE, lesson.here > 0.0
    there &= lesson.snr_db >= LEAST_SNR_DB
    return np.where(there, 1, np.where(some, -1, 0)).astype(np.int8)


@dataclass(frozen=True, slots=True)
class Table:
    """What a net is fitted to."""

    x: Array
    truth: Array
    weight: Array


def table(found: Sequence[Lesson], label: str) -> Table:
    """Both classes equally heavy."""
    columns = [NAMES.index(name) for name in INPUTS[label]]
    rows, truths, weights = [], [], []
    for lesson in found:
        truth = truth_of(lesson, label)
        usual = RECORDED_WEIGHT if lesson.name == "recording" else BESIDE_WEIGHT if truth.any() else 1.0
        known = truth >= 0
        rows.append(lesson.values[known][:, columns])
        truths.append(truth[known])
        weights.append(np.where(truth[known] > 0, 1.0, usual))
    truth, weight = np.concatenate(truths).astype(np.float64), np.concatenate(weights)
    for side in (truth > 0, truth == 0):
        weight[side] *= 0.5 / weight[side].sum()
    return Table(np.concatenate(rows).astype(np.float64), truth, weight)


@dataclass(frozen=True, slots=True)
class Fitted:
    """A net as it is written."""

    middle: Array
    spread: Array
    hidden: Array
    hidden_bias: Array
    out: Array
    linear: Array
    out_bias: float

    def log_odds(self, x: Array) -> Array:
        """Of each row."""
        y = ((x - self.middle) / self.spread).clip(-FURTHEST, FURTHEST)
        return np.asarray(np.tanh(y @ self.hidden.T + self.hidden_bias) @ self.out + y @ self.linear + self.out_bias)


def fit(to: Table) -> Fitted:
    """The mean of the nets from all beginnings, which is one net of all their units."""
    middle, spread = to.x.mean(axis=0), to.x.std(axis=0) + 0.05
    y = ((to.x - middle) / spread).clip(-FURTHEST, FURTHEST)
    nets = [_fit_one(y, to, np.random.default_rng([SEED, k])) for k in range(BEGINNINGS)]
    hidden, bias, out, linear, constant = zip(*nets, strict=True)
    return Fitted(
        middle,
        spread,
        np.concatenate(hidden),
        np.concatenate(bias),
        np.concatenate(out) / BEGINNINGS,
        np.mean(linear, axis=0),
        float(np.mean(constant)),
    )


def _fit_one(y: Array, to: Table, rng: Rng) -> tuple[Array, Array, Array, Array, Array]:
    inputs = y.shape[1]
    cuts = np.cumsum([UNITS * inputs, UNITS, UNITS, inputs])

    def parts(w: Array) -> tuple[Array, Array, Array, Array, Array]:
        hidden, bias, out, linear, constant = np.split(w, cuts)
        return hidden.reshape(UNITS, inputs), bias, out, linear, constant

    def loss(w: Array) -> tuple[float, Array]:
        hidden, bias, out, linear, constant = parts(w)
        units = np.tanh(y @ hidden.T + bias)
        odds = units @ out + y @ linear + constant
        decay = DECAY * float(np.sum(hidden**2) + np.sum(out**2) + np.sum(linear**2))
        slope = to.weight * (1.0 / (1.0 + np.exp(-odds)) - to.truth)
        inner = np.outer(slope, out) * (1.0 - units**2)
        slopes = (
            (inner.T @ y + 2.0 * DECAY * hidden).ravel(),
            inner.sum(axis=0),
            units.T @ slope + 2.0 * DECAY * out,
            y.T @ slope + 2.0 * DECAY * linear,
            [slope.sum()],
        )
        return float(to.weight @ (np.logaddexp(0.0, odds) - to.truth * odds)) + decay, np.concatenate(slopes)

    start = np.concatenate((rng.normal(0.0, 0.5 / np.sqrt(inputs), UNITS * inputs), np.zeros(UNITS)))
    start = np.concatenate((start, rng.normal(0.0, 0.3, UNITS), np.zeros(inputs + 1)))
    return parts(np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": ITERATIONS}).x))


def figures(found: Sequence[Lesson], label: str) -> str:
    """Recall of windows of made sounds that were not fitted to, at the score of 1 % of the other windows."""
    kept = [lesson for lesson in found if lesson.seed % KEPT_OUT == 0]
    net, to = fit(table([lesson for lesson in found if lesson.seed % KEPT_OUT], label)), table(kept, label)
    odds = net.log_odds(to.x)
    limit = float(np.quantile(odds[to.truth == 0], 0.99))
    share = float(np.mean(odds[to.truth > 0] > limit))
    return f"{label}: {share:.3f} of windows kept out are found at 1 % false (log-odds {limit:.2f})"


def write(nets: dict[str, Fitted], sources: Sequence[Clip], path: Path) -> None:
    """As JSON, with what it was fitted on."""
    origins = sorted({(clip.licence, clip.kind) for clip in sources})
    counts = [
        (lic, kind, len({c.file for c in sources if (c.licence, c.kind) == (lic, kind)})) for lic, kind in origins
    ]

    def plain(values: Array) -> object:
        return np.vectorize(lambda v: float(f"{v:.{DIGITS}g}"))(values).tolist()

    content = {
        "fitted_by": "python -m tests.benchmarks.fit_sound_nets",
        "fitted_on": [{"licence": lic, "kind": kind, "recordings": n} for lic, kind, n in counts]
        + [{"licence": "none: made by arithmetic", "kind": "alarms, screams and what resembles them"}],
        "nets": {
            label: {
                "names": list(INPUTS[label]),
                **{name: plain(getattr(net, name)) for name in ("middle", "spread", "hidden", "hidden_bias", "out")},
                "linear": plain(net.linear),
                "out_bias": round(net.out_bias, DIGITS),
            }
            for label, net in nets.items()
        },
    }
    path.write_text(json.dumps(content) + "\n", encoding="utf-8")


def main() -> None:
    """Fit and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with manifest.csv")
    parser.add_argument("--each", type=int, default=95, help="sounds made of a usual kind")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--to", type=Path, default=WRITTEN, help="file to write")
    arguments = parser.parse_args()
    found = lessons(arguments.data, arguments.each, arguments.jobs)
    for label in INPUTS:
        print(figures(found, label), flush=True)
    write({label: fit(table(found, label)) for label in INPUTS}, _recordings(arguments.data), arguments.to)


if __name__ == "__main__":
    main()
