"""Raised voices: angry against neutral ones, what ordinary talk raises, and what listening for them costs.

    python -m tests.benchmarks.measure_raised_voice DATA [--json]

DATA is a folder of recordings with manifest.csv.  Its acted voices are used here only: no coefficient was fitted to any
of them, so every speaker is another speaker.
Exit code 1 if a floor is missed.
"""

from __future__ import annotations

import argparse
import copy
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
LOUDER_DB = (0.0, 6.0, 9.0, 12.5)
"""Over the usual level: 6 dB is raised speech, 12.5 dB loud speech (ANSI S3.5-1997)."""
LEAD_S = 2.0
"""The noise is there before the voice."""
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
        """With noise before and behind it, so much below it, and speech found anew."""
        clean = np.pad(self.at(TALK_DBFS).samples, (round(LEAD_S * RATE_HZ), 0))
        behind = noise[: len(clean)]
        gain = 10.0 ** ((TALK_DBFS - over_db) / 20.0) / float(np.sqrt(np.mean(np.square(behind))))
        return found(self.of, (clean + gain * behind).astype(np.float32))


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


def found(of: Recording, samples: Sound) -> Clip:
    """A clip whose speech is yet to be found."""
    return Clip(of, samples, speech_probability(samples))


def clips(data: Path, kind: str) -> list[Clip]:
    """All of a kind, with their speech probability."""
    return [found(row, read(data, row)) for row in recordings(data, kind)]


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
    noisy, by_speaker = apart([clip.in_noise(noise, NOISE_DB) for clip in voices])
    lowest = f"{noisy:.3f}, lowest speaker {min(by_speaker):.3f}"
    yield told(on, f"AUC with a supermarket {NOISE_DB:g} dB below", lowest)


def room_measures(voices: Sequence[Clip]) -> Iterator[Measure]:
    """In a room whose usual talk is known: the neutral voices of the other speakers."""
    told_of: dict[tuple[str, float], list[bool]] = {}
    score: dict[tuple[str, float], list[float]] = {}
    for speaker in sorted({clip.of.speaker for clip in voices}):
        room = Ear()
        for other in voices:
            if other.of.speaker != speaker and not other.angry:
                room.hear(other.at(TALK_DBFS))
        room.rest(SILENCE_S)
        for mood in ("angry", "neutral"):
            own = [clip for clip in voices if clip.of.speaker == speaker and clip.angry == (mood == "angry")]
            for over_db in LOUDER_DB:
                for first, second in zip(own[::2], own[1::2], strict=False):
                    ear = copy.deepcopy(room)
                    heard = [ear.hear(clip.at(TALK_DBFS + over_db)) for clip in (first, second)]
                    told_of.setdefault((mood, over_db), []).append(any(events for _, events in heard))
                    score.setdefault((mood, over_db), []).extend(highest for highest, _ in heard)
    on = "acted voices after neutral ones of the others, two sentences in a row"
    loudest = LOUDER_DB[-1]
    equal = auc(np.array(score["angry", loudest]), np.array(score["neutral", loudest]))
    yield told(on, f"AUC, both {loudest:g} dB over the usual level", f"{equal:.3f}")
    for mood in ("angry", "neutral"):
        shares = ", ".join(f"{np.mean(told_of[mood, over_db]):.2f}" for over_db in LOUDER_DB)
        levels = ", ".join(f"{over_db:g}" for over_db in LOUDER_DB)
        yield told(on, f"told of {mood} ones, {levels} dB over the usual level", shares)


def talk_measures(data: Path, talk: Sequence[Clip], neutral: Sequence[Clip]) -> Iterator[Measure]:
    """Ordinary talk, the sound of crowds, and what is no talk."""
    on = f"ordinary talk, {len(talk)} recordings by {len({clip.of.speaker for clip in talk})} speakers"
    alone = [bool(Ear().hear(clip.at(TALK_DBFS))[1]) for clip in talk]
    yield told(on, "told, each recording alone, by an ear that heard nothing before", f"{sum(alone)} of {len(alone)}")
    mixed = f"{TALK_MINUTES:g} minutes one after the other, levels ± {PEOPLE_DB:g} dB"
    yield told(on, f"told an hour, {mixed}, nearly each by another microphone", f"{an_hour(talk):.1f}")
    on = f"neutral acted voices, {len(neutral)} clips, one microphone"
    yield told(on, f"told an hour, {mixed}", f"{an_hour(neutral):.1f}")
    for kind in ("noise", "event"):
        sounds = [found(row, read(data, row)) for row in recordings(data, kind) if row.label != "scream"]
        minutes = sum(len(clip.samples) for clip in sounds) / RATE_HZ / 60.0
        labels = [clip.of.label for clip in sounds if Ear().hear(clip)[1]]
        yield told(f"{kind}, {minutes:.0f} minutes", "told", ", ".join(labels) or "none")


def an_hour(talk: Sequence[Clip]) -> float:
    """What is told an hour while people talk one after the other, nearer and farther."""
    chance, ear, events, heard_s = np.random.default_rng(SEED), Ear(), 0, 0.0
    while heard_s < 60.0 * TALK_MINUTES:
        clip = talk[int(chance.integers(len(talk)))]
        events += len(ear.hear(clip.at(TALK_DBFS + chance.normal(0.0, PEOPLE_DB)))[1])
        heard_s += len(clip.samples) / RATE_HZ
    return events / heard_s * 3600.0


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
    yield from talk_measures(data, talk, [clip for clip in voices if not clip.angry])
    yield from cost_measures(talk)


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
