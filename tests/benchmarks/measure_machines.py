"""Machines that sound wrong: faults added to real machines, and what listening costs.

    python -m tests.benchmarks.measure_machines DATA [--json]

DATA is a folder of recordings with its manifest.csv.  The machine's normal recordings of 10 s are learnt from by one
half and judged by the other, both ways; each judged recording is judged with every kind of fault added to it too, at
-6 and -12 dB of its own power, three times with other parameters.
Exit code 1 if a floor is missed.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import soundfile
from numpy.random import Generator
from numpy.typing import NDArray
from rich.console import Console
from scipy.signal import lfilter

from edge.audio.machines import ALERT_SCORE, Machine, MachineLearner, MachineModel
from edge.messages.hearing import FRAME, FRAME_NS, RATE_HZ, HeardEvent
from tests.benchmarks.measure import Measure, at_least, at_most, exactly, table, told

Sound = NDArray[np.float64]

FLOORS = {"knock": 0.95, "rattle": 0.95, "whine": 0.95, "hum": 0.85}
LEVELS_DB = (-6.0, -12.0)
TIMES = 3
"""Each fault is added so often to each recording, with parameters of its own."""
LEARN_S = 60.0
"""Half of the recordings are little more than two minutes: all of them are learnt, as they come in one go."""
COST_S = 600.0
FREEZER_LEARN_S, FREEZER_S = 1200.0, 1800.0
RUN_S, REST_S = 150.0, 210.0
"""A made freezer's compressor runs for so long, then rests."""


def knock(count: int, rng: Generator) -> Sound:
    """Blows on a body that rings for a moment, about once or a few times a second."""
    t_s = np.arange(int(0.15 * RATE_HZ)) / RATE_HZ
    pitch_hz, ring_s = rng.uniform(150.0, 1500.0), rng.uniform(0.008, 0.04)
    body = np.sin(2 * np.pi * pitch_hz * t_s) + 0.4 * np.sin(2 * np.pi * 2.3 * pitch_hz * t_s)
    blow = np.exp(-t_s / ring_s) * (body + 0.3 * rng.standard_normal(t_s.size))
    every_s = 1.0 / rng.uniform(0.8, 4.0)
    sound = np.zeros(count + blow.size)
    at_s = rng.uniform(0.0, every_s)
    while (start := int(at_s * RATE_HZ)) < count:
        sound[start : start + blow.size] += blow * rng.uniform(0.7, 1.3)
        at_s += every_s * max(0.5, rng.normal(1.0, 0.05))
    return sound[:count]


def rattle(count: int, rng: Generator) -> Sound:
    """A loose part: bursts of band noise, many times a second."""
    low_hz = rng.uniform(400.0, 2500.0)
    noise = band_noise(count, low_hz, low_hz * rng.uniform(1.6, 3.0), rng)
    turns = rng.uniform(9.0, 35.0) * np.arange(count) / RATE_HZ + np.cumsum(rng.normal(0.0, 0.0003, count))
    return noise * np.maximum(0.0, np.sin(2 * np.pi * turns)) ** rng.uniform(1.0, 5.0)


def whine(count: int, rng: Generator) -> Sound:
    """A high tone with its octave that warbles a little."""
    t_s = np.arange(count) / RATE_HZ
    pitch_hz = rng.uniform(800.0, 5000.0) * (
        1.0 + rng.uniform(0.0, 0.01) * np.sin(2 * np.pi * rng.uniform(0.1, 1.0) * t_s)
    )
    phase = 2 * np.pi * np.cumsum(pitch_hz) / RATE_HZ
    return np.sin(phase) + 0.3 * np.sin(2.0 * phase)


def hum(count: int, rng: Generator) -> Sound:
    """A low tone with some of its octave: of the mains, or of something that turns."""
    t_s = np.arange(count) / RATE_HZ
    mains_hz = (50.0, 60.0, 100.0, 120.0)
    pitch_hz = rng.choice([*mains_hz, *rng.uniform(35.0, 200.0, len(mains_hz))])
    return np.sin(2 * np.pi * pitch_hz * t_s) + rng.uniform(0.0, 0.5) * np.sin(4 * np.pi * pitch_hz * t_s + 1.0)


def freezer(duration_s: float, rng: Generator, started_s: float = 0.0) -> Sound:
    """A made machine: a compressor that runs and rests in a quiet room, with a fan that never stops.

    Its turns slip with the load, its loudness wanders by a decibel or two; ``started_s`` is how far its first run is.
    """
    count = int(duration_s * RATE_HZ)
    t_s = np.arange(count) / RATE_HZ
    knots_s = np.arange(0.0, duration_s + 20.0, 10.0)
    slip = np.interp(t_s, knots_s, rng.normal(0.0, 0.002, knots_s.size))
    turn = np.cumsum(48.6 * (1.0 + slip)) / RATE_HZ
    hums = sum(strength * np.sin(2 * np.pi * n * turn + n) for n, strength in ((1, 1.0), (2, 0.7), (4, 0.3), (6, 0.2)))
    running = np.clip(
        np.minimum((t_s + started_s) % (RUN_S + REST_S), RUN_S - (t_s + started_s) % (RUN_S + REST_S)), 0, 1
    )
    loudness = 10.0 ** (np.interp(t_s, knots_s, rng.normal(0.0, 1.0, knots_s.size)) / 20.0)
    noise = lfilter([1.0], [1.0, -0.95], rng.standard_normal(count))
    breath = lfilter([1.0, -0.6], [1.0, -0.3], rng.standard_normal(count))
    return loudness * (0.0006 * noise + 0.0008 * breath + running * (0.006 * hums + 0.004 * breath + 0.001 * noise))


FAULTS: dict[str, Callable[[int, Generator], Sound]] = {"knock": knock, "rattle": rattle, "whine": whine, "hum": hum}


def band_noise(count: int, low_hz: float, high_hz: float, rng: Generator) -> Sound:
    """White noise between two frequencies."""
    spectrum = np.fft.rfft(rng.standard_normal(count))
    bins_hz = np.fft.rfftfreq(count, 1.0 / RATE_HZ)
    spectrum[(bins_hz < low_hz) | (bins_hz > high_hz)] = 0.0
    return np.fft.irfft(spectrum, count)


def with_fault(sound: Sound, kind: str, level_db: float, rng: Generator) -> Sound:
    """A sound with a fault whose power is ``level_db`` above the sound's own."""
    fault = FAULTS[kind](sound.size, rng)
    return sound + fault * np.sqrt(np.var(sound) / np.var(fault)) * 10.0 ** (level_db / 20.0)


def frames_of(sound: Sound, start_ns: int = 0) -> Iterator[tuple[NDArray[np.float32], int]]:
    """A sound as the frames and times that an ear takes."""
    whole = sound[: sound.size // FRAME * FRAME].astype(np.float32).reshape(-1, FRAME)
    for k, frame in enumerate(whole):
        yield frame, start_ns + k * FRAME_NS


def learn(sounds: Sequence[Sound]) -> MachineModel:
    """A machine learnt from all its recordings, one after the other."""
    learner = MachineLearner("machine", LEARN_S)
    for frame, t_ns in frames_of(np.concatenate(sounds)):
        learner.step(frame, t_ns)
    return learner.model()


def score(model: MachineModel, sound: Sound) -> float:
    """The highest score of a recording."""
    return max(hear(model, sound)[0], default=float("nan"))


def hear(model: MachineModel, sound: Sound) -> tuple[list[float], list[HeardEvent]]:
    """All scores and events of a sound."""
    machine = Machine(model)
    heard = [machine.step(frame, t_ns) for frame, t_ns in frames_of(sound)]
    return [one.score for scores, _ in heard for one in scores], [event for _, events in heard for event in events]


def auc(normal: Sequence[float], faulty: Sequence[float]) -> float:
    """The chance that a faulty sound has the higher score; a tie is half a chance."""
    above = np.subtract.outer(np.asarray(faulty), np.asarray(normal))
    return float(np.mean((above > 0.0) + 0.5 * (above == 0.0)))


def fault_measures(data: Path) -> Iterator[Measure]:
    """Faults added to a real machine."""
    normal, broken = recordings(data, "normal"), recordings(data, "anomaly")
    quiet: list[float] = []
    faulty: dict[tuple[str, float], list[float]] = {(kind, level): [] for kind in FAULTS for level in LEVELS_DB}
    real: list[bool] = []
    for half in (0, 1):
        model = learn(normal[half::2])
        judged = normal[1 - half :: 2]
        scores = [score(model, sound) for sound in judged]
        quiet += scores
        for (kind, level), found in faulty.items():
            for k, sound in enumerate(judged):
                seeds = ([half, k, turn, list(FAULTS).index(kind)] for turn in range(TIMES))
                found += [score(model, with_fault(sound, kind, level, np.random.default_rng(s))) for s in seeds]
        real += [score(model, sound) > max(scores) for sound in broken]
    on = f"{len(quiet)} normals of one machine, learnt by halves"
    for (kind, level), found in faulty.items():
        what = f"{kind} at {level:g} dB, AUC; part above {ALERT_SCORE:g}"
        above = float(np.mean(np.asarray(found) >= ALERT_SCORE))
        if level == LEVELS_DB[0]:
            yield at_least(on, f"{kind} at {level:g} dB, AUC", FLOORS[kind], auc(quiet, found))
            yield told(on, f"{kind} at {level:g} dB, part above {ALERT_SCORE:g}", f"{above:.3f}")
        else:
            yield told(on, what, f"{auc(quiet, found):.3f}; {above:.3f}")
    yield told(on, f"normals above {ALERT_SCORE:g}", f"{np.sum(np.asarray(quiet) >= ALERT_SCORE)} of {len(quiet)}")
    yield told(on, "the one real fault above all normals, by both halves", f"{sum(real)} of {len(real)}")


def freezer_measures() -> Iterator[Measure]:
    """A made freezer through an hour of runs and rests, sound and broken."""
    model = learn([freezer(FREEZER_LEARN_S, np.random.default_rng(1))])
    sound = freezer(FREEZER_S, np.random.default_rng(2), started_s=RUN_S)
    on = f"a made freezer that runs and rests, {FREEZER_S / 60.0:.0f} minutes"
    scores, events = hear(model, sound)
    yield at_most(on, "events while it is well", 0, len(events), 0)
    yield told(on, "part of the scores above 0.5 while it is well", f"{np.mean(np.asarray(scores) >= ALERT_SCORE):.4f}")
    for k, kind in enumerate(FAULTS):
        scores, events = hear(model, with_fault(sound, kind, LEVELS_DB[0], np.random.default_rng([3, k])))
        after_s = f"after {events[0].t_end_ns / 1e9:.0f} s" if events else "never"
        yield exactly(f"{on}, {kind}", "events", 1, len({event.t_start_ns for event in events}))
        yield told(
            f"{on}, {kind}",
            "told; part of the scores above 0.5",
            f"{after_s}; {np.mean(np.asarray(scores) >= 0.5):.3f}",
        )


def cost_measures(data: Path) -> Iterator[Measure]:
    """What listening to one machine takes of one core."""
    normal = recordings(data, "normal")
    sound = np.concatenate(normal)
    machine = Machine(learn(normal))
    frames = list(frames_of(np.resize(sound, int(COST_S * RATE_HZ))))
    started = time.process_time()
    for frame, t_ns in frames:
        machine.step(frame, t_ns)
    took_s = time.process_time() - started
    yield at_most(f"{COST_S:.0f} s of sound", "processor time, % of one core", 1.0, 100.0 * took_s / COST_S)


def recordings(data: Path, label: str) -> list[Sound]:
    """The recordings of machines with a label, in the order of their names."""
    with (data / "manifest.csv").open(newline="") as rows:
        names = sorted(row["file"] for row in csv.DictReader(rows) if (row["kind"], row["label"]) == ("machine", label))
    return [soundfile.read(data / name)[0] for name in names]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of recordings")
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args()
    rows = [*fault_measures(arguments.data), *freezer_measures(), *cost_measures(arguments.data)]
    if arguments.json:
        print(json.dumps([asdict(row) for row in rows], indent=1, ensure_ascii=False))
    else:
        Console(width=150).print(table(rows))
    return 0 if all(row.met is not False for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
