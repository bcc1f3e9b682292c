"""Raised voices: angry against neutral ones, what ordinary talk raises, and what listening for them costs.

    python -m tests.benchmarks.measure_raised_voice DATA [--json]

DATA is a folder of recordings with manifest.csv.  Its acted voices are used here only: no coefficient was fitted to any
of them, so every speaker is another speaker.
Exit code 1 if a floor is missed.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from edge.audio.level import Level
from edge.audio.raised_voice import RaisedVoice, RaisedVoiceRule
from edge.messages import FRAME, FRAME_NS, RATE_HZ, HeardEvent
from tests.benchmarks.measure import Measure, at_least, at_most, table, told
from tests.benchmarks.voices import Recording, auc, read, recordings, speech_probability

FLOOR_AUC = 0.97
FLOOR_COST = 0.01
NOISE_DB = 10.0
"""Talk over the noise of a shop."""
TALK_DBFS = -35.0
"""Of talk a few metres from a microphone."""
PEOPLE_DB = 4.0
"""So much does the level of one who talks as usual differ from another's: from 2 m to 5 m in a room."""
LOUDER_DB = 12.5
"""Loud speech over normal speech (ANSI S3.5-1997)."""
TALK_MINUTES = 60.0
SILENCE_S = 1.0
SEED = 5

Sound = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Clip:
    """A recording with its speech probability."""

    of: Recording
    samples: Sound
    probability: NDArray[np.float64]

    @property
    def angry(self) -> bool:
        """Whether it is a raised voice."""
        return self.of.label.startswith("anger")

    def at(self, level_dbfs: float) -> Clip:
        """With this level where it is voiced."""
        spoken = np.repeat(self.probability >= 0.5, FRAME)
        loud = self.samples[spoken] if spoken.any() else self.samples
        gain = 10.0 ** (level_dbfs / 20.0) / max(float(np.sqrt(np.mean(np.square(loud)))), 1e-9)
        return Clip(self.of, (gain * self.samples).astype(np.float32), self.probability)

    def in_noise(self, noise: Sound, over_db: float) -> Clip:
        """With noise behind it, so much below it, and speech found anew."""
        clip = self.at(TALK_DBFS)
        behind = noise[: len(clip.samples)]
        gain = 10.0 ** ((TALK_DBFS - over_db) / 20.0) / float(np.sqrt(np.mean(np.square(behind))))
        samples = (clip.samples + gain * behind).astype(np.float32)
        return Clip(self.of, samples, speech_probability(samples))


class Ear:
    """Level, floor and raised voice, one clip after the other."""

    def __init__(self, rule: RaisedVoiceRule | None = None) -> None:
        self.voice = RaisedVoice(rule)
        self._level = Level()
        self._t_ns = FRAME_NS

    def hear(self, clip: Clip) -> tuple[float, list[HeardEvent]]:
        """The highest likelihood within a clip, and what is told."""
        highest, events = 0.0, list[HeardEvent]()
        for frame, probability in zip(clip.samples.reshape(-1, FRAME), clip.probability, strict=True):
            heard = self._level.step(frame)
            events += self.voice.step(frame, self._t_ns, float(probability), heard.level_dbfs, heard.noise_dbfs)
            highest = max(highest, self.voice.likelihood)
            self._t_ns += FRAME_NS
        return highest, events

    def rest(self, seconds: float) -> None:
        """Nobody talks for so long."""
        frames = round(seconds * RATE_HZ / FRAME)
        quiet = np.random.default_rng(SEED).normal(0.0, 1e-3, frames * FRAME).astype(np.float32)
        self.hear(Clip(Recording("", "", "", "", ""), quiet, np.zeros(frames)))


def clips(data: Path, kind: str) -> list[Clip]:
    """All of a kind, with their speech probability."""
    sounds = [(row, read(data, row)) for row in recordings(data, kind)]
    return [Clip(row, samples, speech_probability(samples)) for row, samples in sounds]


def apart(voices: Sequence[Clip]) -> tuple[float, list[float]]:
    """AUC of clips each heard alone; over all, and of each speaker's angry ones against the neutral ones of others."""
    score = np.array([Ear().hear(clip)[0] for clip in voices])
    angry = np.array([clip.angry for clip in voices])
    speaker = np.array([clip.of.speaker for clip in voices])
    others = [auc(score[angry & (speaker == s)], score[~angry & (speaker != s)]) for s in np.unique(speaker)]
    return auc(score[angry], score[~angry]), others


def voice_measures(data: Path, voices: Sequence[Clip]) -> Iterator[Measure]:
    """Angry against neutral voices."""
    on = f"acted voices, {len(voices)} clips, {len({clip.of.speaker for clip in voices})} speakers, none fitted to"
    whole, others = apart(voices)
    yield at_least(on, "AUC angry against neutral, each clip alone", FLOOR_AUC, whole)
    yield at_least(on, "the same, each speaker against the others, lowest", FLOOR_AUC, min(others))
    yield told(on, "the same, by speaker", ", ".join(f"{value:.3f}" for value in others))
    noise = next(read(data, row) for row in recordings(data, "noise") if row.label == "retail")
    noisy, _ = apart([clip.in_noise(noise, NOISE_DB) for clip in voices])
    yield told(on, f"AUC with a supermarket {NOISE_DB:g} dB below", f"{noisy:.3f}")


def room_measures(voices: Sequence[Clip]) -> Iterator[Measure]:
    """In a room whose usual talk is known: that of the other speakers."""
    on = f"acted voices after talk of others, {len(voices)} clips"
    found: dict[tuple[bool, bool], list[bool]] = {}
    score: dict[tuple[bool, bool], list[float]] = {}
    for clip in voices:
        for louder in (False, True):
            ear = Ear()
            for other in voices:
                if other.of.speaker != clip.of.speaker and not other.angry:
                    ear.hear(other.at(TALK_DBFS))
            ear.rest(SILENCE_S)
            highest, events = ear.hear(clip.at(TALK_DBFS + (LOUDER_DB if louder else 0.0)))
            found.setdefault((clip.angry, louder), []).append(bool(events))
            score.setdefault((clip.angry, louder), []).append(highest)
    loud = auc(np.array(score[True, True]), np.array(score[False, True]))
    yield told(on, f"AUC, both {LOUDER_DB:g} dB over the usual level", f"{loud:.3f}")
    meant = auc(np.array(score[True, True]), np.array(score[False, False]))
    yield told(on, "AUC, angry ones louder, neutral ones as usual", f"{meant:.3f}")
    for (angry, louder), events in sorted(found.items(), reverse=True):
        what = f"{'angry' if angry else 'neutral'}, {'louder' if louder else 'at the usual level'}"
        yield told(on, f"told of {what}", f"{np.mean(events):.2f}")


def talk_measures(data: Path, talk: Sequence[Clip]) -> Iterator[Measure]:
    """Ordinary talk and the sound of crowds."""
    on = f"ordinary talk, {len(talk)} recordings by {len({clip.of.speaker for clip in talk})} speakers"
    alone = [bool(Ear().hear(clip.at(TALK_DBFS))[1]) for clip in talk]
    yield told(on, "told, each recording alone, by an ear that heard nothing before", f"{sum(alone)} of {len(alone)}")
    chance, ear, events, heard_s = np.random.default_rng(SEED), Ear(), 0, 0.0
    while heard_s < 60.0 * TALK_MINUTES:
        clip = talk[int(chance.integers(len(talk)))]
        events += len(ear.hear(clip.at(TALK_DBFS + chance.normal(0.0, PEOPLE_DB)))[1])
        heard_s += len(clip.samples) / RATE_HZ
    yield told(on, f"told an hour, one after the other, levels ± {PEOPLE_DB:g} dB", f"{events / heard_s * 3600.0:.1f}")
    for kind in ("noise", "event"):
        sounds = [row for row in recordings(data, kind) if row.label != "scream"]
        heard = [(row.label, samples) for row in sounds for samples in [read(data, row)]]
        hours = sum(len(samples) for _, samples in heard) / RATE_HZ / 3600.0
        labels = [label for label, samples in heard if Ear().hear(_clip(samples))[1]]
        yield told(f"{kind}, {60.0 * hours:.0f} minutes", "told", ", ".join(labels) or "none")


def cost_measures(talk: Sequence[Clip]) -> Iterator[Measure]:
    """Processor time of a core that takes sound as it comes, while somebody talks all the time."""
    voice, level = RaisedVoice(), Level()
    samples = np.concatenate([clip.at(TALK_DBFS).samples for clip in talk]).reshape(-1, FRAME)
    spent = {"level": 0.0, "voice": 0.0}
    for k, frame in enumerate(samples):
        begin = time.process_time()
        heard = level.step(frame)
        between = time.process_time()
        voice.step(frame, (k + 1) * FRAME_NS, 1.0, heard.level_dbfs, heard.noise_dbfs)
        spent["level"] += between - begin
        spent["voice"] += time.process_time() - between
    seconds = len(samples) * FRAME / RATE_HZ
    on = f"talk without a pause, {seconds:.0f} s"
    yield at_most(on, "share of a core, raised voice", FLOOR_COST, spent["voice"] / seconds, 4)
    yield told(on, "share of a core, level and noise floor", f"{spent['level'] / seconds:.4f}")


def raised_voice_measures(data: Path) -> Iterator[Measure]:
    """Every group."""
    voices, talk = clips(data, "voice"), clips(data, "speech")
    yield from voice_measures(data, voices)
    yield from room_measures(voices)
    yield from talk_measures(data, talk)
    yield from cost_measures(talk)


def _clip(samples: Sound) -> Clip:
    return Clip(Recording("", "", "", "", ""), samples, speech_probability(samples))


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of recordings with manifest.csv")
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args()
    rows = list(raised_voice_measures(arguments.data))
    if arguments.json:
        print(json.dumps([asdict(row) for row in rows], indent=1, ensure_ascii=False))
    else:
        Console(width=150).print(table(rows))
    return 0 if all(row.met is not False for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
