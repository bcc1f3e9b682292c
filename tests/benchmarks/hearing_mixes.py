"""Real speech in real noise: streams with their truth, mixed at a given signal-to-noise ratio.

A stream is six utterances with 0.8 to 2.5 s without speech before and after each.  A frame of 10 ms is speech when the
clean sound there is within 35 dB of the utterance's 95th percentile and 6 dB over its floor; gaps under 200 ms are
filled; 50 ms around each change are not judged.  Voices in the noise are no speech.  The ratio is that of the power
while somebody speaks to the power of the noise.

The recordings come in two halves that share no speaker and no noise: what is fitted or chosen is fitted and chosen on
the one, and the figures that count are those of the other.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from edge.messages.hearing import FRAME, RATE_HZ

UNJUDGED = -1
"""In a truth: neither speech nor not."""
UTTERANCES = 6
GAP_S = (0.8, 2.5)
SPEECH_DBFS = -26.0
"""Level of every utterance while it is spoken."""

_BELOW_LOUD_DB, _OVER_FLOOR_DB = 35.0, 6.0
_FILLED_FRAMES, _UNJUDGED_FRAMES = 20, 5
_PEAK = 0.99

Floats = NDArray[np.float32]
Truth = NDArray[np.int8]


class Half(Enum):
    """Which half of the recordings."""

    FIT = "fit"
    JUDGE = "judge"


FIT_NOISES = ("cafe", "ceiling-fan", "laundry-room", "busy-street", "heavy-rain")
"""The other half has the harder ones: a bar, a babble, a supermarket, a station, an office, machines, music."""


@dataclass(frozen=True, slots=True)
class Clip:
    """One recording of the collection."""

    path: Path
    kind: str
    label: str
    source: str
    licence: str

    @property
    def group(self) -> str:
        """Who or what was recorded: no group is in both halves."""
        if self.kind == "speech":
            return self.label
        return self.path.stem.split("-")[1] if self.path.parent.name == "esc10" else self.path.stem

    def read(self) -> Floats:
        """Samples at 16 kHz."""
        samples, rate = soundfile.read(self.path, dtype="float32")
        if rate != RATE_HZ or samples.ndim != 1:
            raise ValueError(f"{self.path} is not one channel at {RATE_HZ} Hz")
        return np.asarray(samples, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Stream:
    """Clean speech with pauses, a whole number of frames, and what is speech in it."""

    name: str
    clean: Floats
    truth: Truth
    spoken: Truth
    """The same with every frame judged: where speech begins and ends."""


def clips(data: Path, kind: str) -> list[Clip]:
    """All recordings of a kind, in the order of their names."""
    with (data / "manifest.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] == kind]
    return sorted(
        (Clip(data / row["file"], row["kind"], row["label"], row["source"], row["licence"]) for row in rows),
        key=lambda clip: clip.path.name,
    )


def half_of(found: Sequence[Clip], half: Half) -> list[Clip]:
    """One half of them: noises by name, what else by every second speaker or source."""
    groups = sorted({clip.group for clip in found})
    fit = set(groups[::2]) if any(clip.kind != "noise" for clip in found) else set(FIT_NOISES)
    return [clip for clip in found if (clip.group in fit) == (half is Half.FIT)]


def streams(speech: Sequence[Clip], count: int, seed: int, spread_db: float = 0.0) -> list[Stream]:
    """So many streams of different utterances, each up to ``spread_db`` quieter than the usual level."""
    rng = np.random.default_rng(seed)
    made = []
    for k in range(count):
        chosen = rng.permutation(len(speech))[:UTTERANCES]
        parts: list[Floats] = [np.zeros(_gap(rng), np.float32)]
        truths: list[Truth] = [np.zeros(len(parts[0]) // FRAME, np.int8)]
        for index in chosen:
            spoken, truth = _utterance(speech[index].read())
            gap = _gap(rng)
            quieter = np.float32(10 ** (-spread_db * rng.random() / 20))
            parts += [quieter * spoken, np.zeros(gap, np.float32)]
            truths += [truth, np.zeros(gap // FRAME, np.int8)]
        spoken_of = np.concatenate(truths)
        made.append(Stream(f"stream {k}", np.concatenate(parts), _judged(spoken_of), spoken_of))
    return made


def hand_labelled(clip: Clip) -> Truth:
    """What a person has marked as speech: ``name,from,to,0 or 1,...`` in seconds, in the file beside the sound."""
    fields = clip.path.with_suffix(".scv").read_text(encoding="utf-8").strip().split(",")[1:]
    spans = [
        (float(a), float(b), int(mark)) for a, b, mark in zip(fields[::3], fields[1::3], fields[2::3], strict=True)
    ]
    truth = np.zeros(round(spans[-1][1] * RATE_HZ / FRAME) + 1, np.int8)
    for start_s, end_s, mark in spans:
        truth[round(start_s * RATE_HZ / FRAME) : round(end_s * RATE_HZ / FRAME)] = mark
    return truth


def mixed(clean: Floats, truth: Truth, noise: Floats, snr_db: float, seed: int) -> Floats:
    """Speech and noise together, the noise from a random place on, and again from its start where it is too short."""
    rng = np.random.default_rng(seed)
    background = np.resize(np.roll(noise, -int(rng.integers(len(noise)))), len(clean))
    spoken = np.repeat(truth == 1, FRAME)
    power = np.mean(np.square(clean[: len(spoken)][spoken], dtype=np.float64))
    gain = np.sqrt(power / max(np.mean(np.square(background, dtype=np.float64)), 1e-12) / 10 ** (snr_db / 10))
    together = clean + np.float32(gain) * background
    return (together / max(1.0, float(np.abs(together).max()) / _PEAK)).astype(np.float32)


def levels_db(samples: Floats) -> NDArray[np.float64]:
    """Level of each whole frame."""
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME).astype(np.float64)
    return np.asarray(10.0 * np.log10(np.mean(np.square(frames), axis=1) + 1e-10), dtype=np.float64)


def spoken_frames(samples: Floats) -> Truth:
    """What is speech in one clean utterance."""
    level = levels_db(samples)
    speech = (level > np.percentile(level, 95) - _BELOW_LOUD_DB) & (level > np.percentile(level, 5) + _OVER_FLOOR_DB)
    return _filled(speech.astype(np.int8))


def edges(truth: Truth) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Frames at which speech begins, and those at which it has ended."""
    change = np.diff(np.concatenate([[0], (truth == 1).astype(np.int8), [0]]))
    return np.flatnonzero(change == 1), np.flatnonzero(change == -1)


def _gap(rng: np.random.Generator) -> int:
    return round(rng.uniform(*GAP_S) * RATE_HZ / FRAME) * FRAME


def _utterance(samples: Floats) -> tuple[Floats, Truth]:
    """Whole frames at the usual level, and what is speech in them."""
    samples = samples[: len(samples) // FRAME * FRAME]
    truth = spoken_frames(samples)
    power = np.mean(np.square(samples[np.repeat(truth == 1, FRAME)], dtype=np.float64))
    gain = 10 ** (SPEECH_DBFS / 20) / np.sqrt(power)
    return np.clip(samples * np.float32(gain), -_PEAK, _PEAK).astype(np.float32), truth


def _filled(truth: Truth) -> Truth:
    """Short gaps between speech are speech."""
    done = truth.copy()
    starts, ends = edges(truth)
    for end, start in zip(ends[:-1], starts[1:], strict=True):
        if start - end < _FILLED_FRAMES:
            done[end:start] = 1
    return done


def _judged(truth: Truth) -> Truth:
    """The same, without the frames around each change."""
    done = truth.copy()
    for change in np.concatenate(edges(truth)):
        done[max(0, change - _UNJUDGED_FRAMES) : change + _UNJUDGED_FRAMES] = UNJUDGED
    return done
