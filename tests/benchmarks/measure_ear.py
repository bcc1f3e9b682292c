"""The whole ear: what it costs, and how often it raises an alarm over the noise of shops.

    python -m tests.benchmarks.measure_ear DATA [--only PART,...] [--hours H] [--seed N] [--yamnet FILE] [--json]

DATA is a folder of recordings with its manifest.csv.  Parts:

- cost: all noise, one recording after the other, and quiet of a recorder between them, over and over; every event that
  the staff could be told of is counted.
- day: a day of a shop without events, from quiet, one noise or two at once, at all levels, of which alerts with the
  rules as they are by default are counted.  A whole day takes hours; another seed is another day.

Exit code 1 if a floor is missed.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from edge.audio.pipeline import Ear
from edge.audio.yamnet import LiteNet, Yamnet
from edge.messages import RATE_HZ, AudioChunk, EventKind
from edge.recording.models import YAMNET, read_model
from edge.settings import EarSettings
from tests.benchmarks.measure import Measure, at_most, table, told
from tests.benchmarks.shop_day import ONE_THREAD, day_measures
from tests.benchmarks.voices import read, recordings

MOST_SHARE, MOST_MB, MOST_A_DAY = 0.12, 200.0, 2.0
CHUNK = RATE_HZ // 10
QUIET_S, QUIET = 20.0, 0.0005
"""Between two recordings: the hiss of a cheap microphone in a quiet room, -66 dBFS."""
NOT_TOLD = {EventKind.SPEECH}
"""An event, and no alert."""


def stream(data: Path, hours: float) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Noise and quiet in turn, with the name of each."""
    random, left = np.random.default_rng(1), hours * 3600.0
    noises = recordings(data, "noise")
    for turn in range(10**6):
        if left <= 0.0:
            return
        noise = noises[turn % len(noises)]
        quiet = QUIET * random.standard_normal(round(QUIET_S * RATE_HZ))
        for name, samples in ((noise.file, read(data, noise)), ("quiet", quiet.astype(np.float32))):
            left -= len(samples) / RATE_HZ
            yield name, samples


def listen(data: Path, hours: float, yamnet: Path | None) -> dict[str, object]:
    """What was told of the stream, how much of a core it took, and how much memory."""
    helper = None if yamnet is None else Yamnet(LiteNet(read_model(YAMNET, yamnet).content))
    ear, taken, told_of = Ear("measured", EarSettings(), yamnet=helper), 0, Counter[str]()
    began_s = time.process_time()
    for name, samples in stream(data, hours):
        for k in range(0, len(samples), CHUNK):
            chunk = samples[k : k + CHUNK]
            heard = ear.step(AudioChunk("measured", taken * 62_500, chunk))
            taken += len(chunk)
            told_of.update(f"{event.kind.value} in {name}" for event in heard.events if event.kind not in NOT_TOLD)
    seconds = taken / RATE_HZ
    share = (time.process_time() - began_s) / seconds
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "share": share, "megabytes": megabytes, "told": dict(told_of)}


def ear_measures(data: Path, hours: float, yamnet: Path | None) -> Iterator[Measure]:
    """In a process of its own: the libraries take their number of threads once, and memory is counted whole."""
    command = [sys.executable, "-m", "tests.benchmarks.measure_ear", str(data), "--hours", str(hours), "--raw"]
    command += [] if yamnet is None else ["--yamnet", str(yamnet)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=ONE_THREAD)
    got = json.loads(done.stdout)
    on, events = f"whole ear, {got['seconds'] / 60:.0f} minutes of noise and quiet", sum(got["told"].values())
    yield at_most(on, "share of one core", MOST_SHARE, got["share"])
    yield at_most(on, "memory, MB", MOST_MB, got["megabytes"], 0)
    yield at_most(on, "events to tell, a day", MOST_A_DAY, events * 86_400 / got["seconds"], 1)
    yield told(on, "which", ", ".join(f"{count} {what}" for what, count in got["told"].items()) or "none")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of recordings")
    parser.add_argument("--only", default="cost,day", help="parts, separated by commas")
    parser.add_argument("--hours", type=float, default=1.0, help="how long to listen, for each part")
    parser.add_argument("--seed", type=int, default=1, help="which day")
    parser.add_argument("--yamnet", type=Path, help="YAMNet's file, for the cost")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--raw", action="store_true", help="listen here, and print what was counted")
    arguments = parser.parse_args()
    if arguments.raw:
        print(json.dumps(listen(arguments.data, arguments.hours, arguments.yamnet)))
        return 0
    parts: dict[str, Callable[[], Iterator[Measure]]] = {
        "cost": lambda: ear_measures(arguments.data, arguments.hours, arguments.yamnet),
        "day": lambda: day_measures(arguments.data, arguments.hours, arguments.seed),
    }
    wanted = arguments.only.split(",")
    if unknown := sorted(set(wanted) - set(parts)):
        parser.error(f"{', '.join(unknown)} is not one of {', '.join(parts)}")
    rows = [row for part in wanted for row in parts[part]()]
    if arguments.json:
        print(json.dumps([asdict(row) for row in rows], indent=1, ensure_ascii=False))
    else:
        Console(width=150).print(table(rows))
    return 0 if all(row.met is not False for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
