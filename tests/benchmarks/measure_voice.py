"""How well speech is told from other sounds, and how it sounds after denoising.

    python -m tests.benchmarks.measure_voice DATA [--only GROUP,...] [--half judge|all] [--denoise NAME] [--json]

DATA is the folder of real sounds with its manifest.csv.  Groups: auc (speech in noise, and the onset delay in it), hand
(hand-labelled speech), false (sounds that are no speech), single (each engine alone, to compare with), denoise (how the
copy sounds), cost.  By default only the half of the speakers and noises is used that nothing was fitted on.
Exit code 1 if a floor is missed.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from scipy.stats import rankdata

from edge.audio.activity import SPEECH_PROBABILITY, VoiceActivity
from edge.audio.activity_series import SERIES_DELAY_FRAMES, Series
from edge.audio.denoise import DenoiseName, denoiser
from edge.messages.hearing import FRAME, RATE_HZ
from tests.benchmarks.hearing_mixes import (
    UNJUDGED,
    Clip,
    Floats,
    Half,
    Stream,
    Truth,
    clips,
    edges,
    half_of,
    hand_labelled,
    mixed,
    streams,
)
from tests.benchmarks.measure import Measure, at_least, at_most, table, told

FLOORS_AUC = {10.0: 0.975, 0.0: 0.95, -5.0: 0.93}
FLOOR_HAND, FLOOR_FALSE, FLOOR_COST = 0.96, 0.03, 0.09
FLOOR_ONSET_MEDIAN_MS, FLOOR_ONSET_P90_MS = 60.0, 300.0
FLOORS_COPY = {"rnnoise": (1.35, 0.80), "deepfilter": (1.6, 0.82)}
"""PESQ-WB and STOI of the default engine and of the best."""
BABBLE = "babble6"
"""A noise made of voices alone, in which what is no speech is no different from speech.

It is one of seven noises of the half that judges; in a shop it is rarer, so figures without it are shown, too.
"""
FALSE_S = 0.25
COPY_SNR_DB = 5.0
LEAD_S = 2.0
"""Noise alone first, in which engines that adapt find their floor."""
VOICES = ("scream", "cough", "laugh", "cry", "yawn", "clap")
"""Sounds that people make on purpose or nearly speak with: neither speech nor not."""
STREAM_SEED, MIX_SEED, STREAMS_PER_NOISE = 301, 401, 2
COST_S = 60.0
SINGLES = {"Silero, raw sound": 0, "Silero, copy": 1, "webrtcvad, copy": 2, "RNNoise": 6}
"""Columns of the rows that the combination weighs."""

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Options:
    """What to measure on, and how."""

    data: Path
    half: Half | None = Half.JUDGE
    """``None``: all recordings, also those that the weights were fitted on."""
    denoise: DenoiseName = "rnnoise"
    jobs: int = 2

    def of(self, kind: str) -> list[Clip]:
        """Recordings of a kind."""
        found = clips(self.data, kind)
        return found if self.half is None else half_of(found, self.half)


def probabilities(sound: Floats, denoise: DenoiseName) -> Scores:
    """Probability of speech of each whole frame of a sound."""
    ear = VoiceActivity(denoise)
    frames = sound[: len(sound) // FRAME * FRAME].reshape(-1, FRAME)
    silence = np.zeros((ear.delay_frames, FRAME), np.float32)
    heard = [ear.step(frame).probability for frame in np.concatenate([frames, silence])]
    return np.array(heard[ear.delay_frames :])


def auc(scores: Scores, truth: Truth) -> float:
    """Area under the curve of true against false alarms, over what is judged (Mann-Whitney)."""
    judged = truth != UNJUDGED
    ranks, speech = rankdata(scores[judged]), truth[judged] == 1
    n_speech, n_other = int(speech.sum()), int((~speech).sum())
    return float((ranks[speech].sum() - n_speech * (n_speech + 1) / 2) / (n_speech * n_other))


def onset_delays_ms(scores: Scores, truth: Truth) -> list[float]:
    """How long after each beginning of speech it is first noticed; all of it where it never is."""
    delays = []
    for start, end in zip(*edges(truth), strict=True):
        noticed = np.flatnonzero(scores[start:end] >= SPEECH_PROBABILITY)
        delays.append(10.0 * float(noticed[0] if len(noticed) else end - start))
    return delays


def auc_measures(options: Options) -> Iterator[Measure]:
    """Speech in noise."""
    tasks = _mixes(options)
    scores = _heard([sound for _, _, sound, _ in tasks], options)
    for snr_db, floor in FLOORS_AUC.items():
        mine = [k for k, task in enumerate(tasks) if task[0] == snr_db]
        truths = [tasks[k][3].truth for k in mine]
        on = f"speech at {snr_db:g} dB, {len(mine)} streams"
        yield at_least(on, "AUC", floor, auc(np.concatenate([scores[k] for k in mine]), np.concatenate(truths)))
        names = sorted({tasks[k][1] for k in mine})
        for what, among in [(f"without {BABBLE}", set(names) - {BABBLE}), *((f"in {name}", {name}) for name in names)]:
            some = [k for k in mine if tasks[k][1] in among]
            mark = auc(np.concatenate([scores[k] for k in some]), np.concatenate([tasks[k][3].truth for k in some]))
            yield told(on, f"AUC {what}", f"{mark:.3f}")
        delays = [delay for k in mine for delay in onset_delays_ms(scores[k], tasks[k][3].spoken)]
        yield from _onsets(on, delays, bound=snr_db >= 0.0)


def hand_measures(options: Options) -> Iterator[Measure]:
    """Speech whose truth a person has marked."""
    found = clips(options.data, "vad")  # nothing was fitted on any of them
    scores = _heard([clip.read() for clip in found], options)
    truths = [hand_labelled(clip)[: len(score)] for clip, score in zip(found, scores, strict=True)]
    on = f"hand-labelled speech, {len(found)} recordings"
    yield at_least(on, "AUC", FLOOR_HAND, auc(np.concatenate(scores), np.concatenate(truths)))
    pairs = zip(scores, truths, strict=True)
    yield from _onsets(on, [delay for pair in pairs for delay in onset_delays_ms(*pair)], bound=True)


def false_measures(options: Options) -> Iterator[Measure]:
    """Sounds that are no speech, each after a moment of silence, as loud as a shop's are not."""
    found = [clip for clip in [*options.of("event"), *options.of("machine")] if clip.label not in VOICES]
    silence = np.zeros(round(FALSE_S * RATE_HZ), np.float32)
    sounds = []
    for clip in found:
        sound = clip.read()[: 6 * RATE_HZ]
        sounds.append(np.concatenate([silence, sound / max(float(np.abs(sound).max()), 1e-3) * np.float32(0.5)]))
    scores = _heard(sounds, options)
    wrong = [c.label for c, s in zip(found, scores, strict=True) if (s >= SPEECH_PROBABILITY).sum() >= FALSE_S * 100]
    on = f"{len(found)} sounds that are no speech"
    yield at_most(on, "share with 250 ms of false speech or more", FLOOR_FALSE, len(wrong) / len(found))
    yield told(on, "which", ", ".join(sorted(wrong)) or "none")


def single_measures(options: Options) -> Iterator[Measure]:
    """Each engine alone on the same streams, looking neither back nor ahead."""
    tasks = _mixes(options)
    with ProcessPoolExecutor(options.jobs) as pool:
        rows = list(pool.map(_rows, [sound for _, _, sound, _ in tasks]))
    for snr_db, (name, column) in product(FLOORS_AUC, SINGLES.items()):
        mine = [k for k, task in enumerate(tasks) if task[0] == snr_db]
        scores = np.concatenate([rows[k][:, column] for k in mine])
        mark = auc(scores, np.concatenate([tasks[k][3].truth for k in mine]))
        yield told(f"speech at {snr_db:g} dB", f"AUC of {name} alone", f"{mark:.3f}")


def denoise_measures(options: Options) -> Iterator[Measure]:
    """How the copy sounds."""
    noises = options.of("noise")
    tasks = [(clip, noises[k % len(noises)], k) for k, clip in enumerate(options.of("speech"))]
    on = f"copy at {COPY_SNR_DB:g} dB, {len(tasks)} mixes"
    names: tuple[DenoiseName, ...] = ("off", "webrtc", "rnnoise", "deepfilter")
    for name in names:
        with ProcessPoolExecutor(options.jobs) as pool:
            marks = np.array(list(pool.map(_copy_marks, *zip(*[(*task, name) for task in tasks], strict=True))))
        pesq_wb, stoi = marks.mean(axis=0)
        if name in FLOORS_COPY:
            yield at_least(on, f"PESQ-WB, {name}", FLOORS_COPY[name][0], pesq_wb, 2)
            yield at_least(on, f"STOI, {name}", FLOORS_COPY[name][1], stoi)
        else:
            yield told(on, f"PESQ-WB; STOI, {name}", f"{pesq_wb:.2f}; {stoi:.3f}")
        pesq_wb, stoi = marks[[noise.path.stem != BABBLE for _, noise, _ in tasks]].mean(axis=0)
        yield told(on, f"PESQ-WB; STOI without {BABBLE}, {name}", f"{pesq_wb:.2f}; {stoi:.3f}")


def cost_measures(options: Options) -> Iterator[Measure]:
    """Share of one core."""
    sound = np.resize(options.of("noise")[0].read(), round(COST_S * RATE_HZ))
    names: tuple[DenoiseName, ...] = ("off", "webrtc", "rnnoise", "deepfilter")
    for name in names:
        ear = VoiceActivity(name)
        before = time.process_time()
        for frame in sound.reshape(-1, FRAME):
            ear.step(frame)
        share = (time.process_time() - before) / COST_S
        on = "copy and activity of one microphone"
        what = f"share of one core, {name}"
        yield at_most(on, what, FLOOR_COST, share) if name == "rnnoise" else told(on, what, f"{share:.3f}")
    yield told("copy and activity of one microphone", "delay, ms", f"{10 * VoiceActivity.delay_frames}")


def groups(options: Options) -> dict[str, Callable[[], Iterator[Measure]]]:
    """The groups by name."""
    parts = {"auc": auc_measures, "hand": hand_measures, "false": false_measures, "single": single_measures}
    parts |= {"denoise": denoise_measures, "cost": cost_measures}
    return {name: lambda part=part: part(options) for name, part in parts.items()}


def _mixes(options: Options) -> list[tuple[float, str, Floats, Stream]]:
    """Ratio, noise, sound and what was spoken."""
    noises = options.of("noise")
    made = streams(options.of("speech"), STREAMS_PER_NOISE * len(noises), STREAM_SEED)
    tasks = []
    for k, stream in enumerate(made):
        noise = noises[k % len(noises)]
        for snr_db in FLOORS_AUC:
            sound = mixed(stream.clean, stream.truth, noise.read(), snr_db, MIX_SEED + k)
            tasks.append((snr_db, noise.path.stem, sound, stream))
    return tasks


def _heard(sounds: Sequence[Floats], options: Options) -> list[Scores]:
    with ProcessPoolExecutor(options.jobs) as pool:
        return list(pool.map(probabilities, sounds, [options.denoise] * len(sounds)))


def _onsets(on: str, delays: Sequence[float], *, bound: bool) -> Iterator[Measure]:
    median, p90 = float(np.median(delays)), float(np.percentile(delays, 90))
    if bound:
        yield at_most(on, f"onset delay, median ms, of {len(delays)}", FLOOR_ONSET_MEDIAN_MS, median, 0)
        yield at_most(on, "onset delay, 90th percentile ms", FLOOR_ONSET_P90_MS, p90, 0)
    else:
        yield told(on, f"onset delay, median; 90th percentile ms, of {len(delays)}", f"{median:.0f}; {p90:.0f}")


def _rows(sound: Floats) -> Scores:
    series = Series(denoiser("rnnoise"))
    frames = sound.reshape(-1, FRAME)
    silence = np.zeros((SERIES_DELAY_FRAMES, FRAME), np.float32)
    rows = [series.step(frame) for frame in np.concatenate([frames, silence])]
    return np.array([row for row in rows if row is not None], dtype=np.float64)


def _copy_marks(speech: Clip, noise: Clip, seed: int, name: DenoiseName) -> tuple[float, float]:
    """PESQ-WB (ITU-T P.862.2) and STOI (Taal et al. 2011) of one mix, the delay taken out."""
    from pesq import pesq  # only this group needs them
    from pystoi import stoi

    [stream] = streams([speech], 1, seed)
    lead = np.zeros(round(LEAD_S * RATE_HZ), np.float32)
    clean = np.concatenate([lead, stream.clean])
    truth = np.concatenate([np.zeros(len(lead) // FRAME, np.int8), stream.truth])
    engine = denoiser(name)
    sound = mixed(clean, truth, noise.read(), COPY_SNR_DB, seed)
    padded = np.concatenate([sound, np.zeros(4 * FRAME, np.float32)])
    copy = np.concatenate([engine.step(frame) for frame in padded.reshape(-1, FRAME)])[engine.delay_samples :]
    starts, ends = edges(np.concatenate([np.zeros(len(lead) // FRAME, np.int8), stream.spoken]))
    spoken = slice(int(starts[0]) * FRAME, int(ends[-1]) * FRAME)
    reference, degraded = clean[spoken], copy[: len(clean)][spoken]
    return float(pesq(RATE_HZ, reference, degraded, "wb")), float(stoi(reference, degraded, RATE_HZ))


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of real sounds")
    parser.add_argument("--only", help="groups, separated by commas")
    parser.add_argument("--half", choices=("judge", "all"), default="judge")
    parser.add_argument("--denoise", choices=("off", "webrtc", "rnnoise", "deepfilter"), default="rnnoise")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args()
    half = Half.JUDGE if arguments.half == "judge" else None
    parts = groups(Options(arguments.data, half, arguments.denoise, arguments.jobs))
    wanted = arguments.only.split(",") if arguments.only else list(parts)
    if unknown := sorted(set(wanted) - set(parts)):
        parser.error(f"{', '.join(unknown)} is not one of {', '.join(parts)}")
    rows: list[Measure] = []
    for part in wanted:
        group = list(parts[part]())
        rows += group
        if not arguments.json:  # each group as it is done: all together take minutes
            Console(width=150).print(table(group))
    if arguments.json:
        print(json.dumps([asdict(row) for row in rows], indent=1, ensure_ascii=False))
    return 0 if all(row.met is not False for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
