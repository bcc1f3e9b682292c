"""A day of a shop without events, as one long sound, and what the staff would be told of it.

Quiet, one noise, or two at once, for half a minute to three minutes each; every one from another place of its recording
and at another level, and each fades into the next within a second.  A seed is a day.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.audio.pipeline import Ear
from edge.messages import RATE_HZ, AlertState, AudioChunk
from edge.settings import StoreSettings
from edge.shop import Shop
from tests.benchmarks.measure import Measure, at_most, told
from tests.benchmarks.voices import read, recordings

MOST_A_DAY = 2.0
CHUNK = RATE_HZ // 10
PIECE_S = (30.0, 180.0)
FADE_S = 1.0
GAIN_DB = (-20.0, 0.0)
QUIET_DBFS = (-75.0, -55.0)
"""The hiss of a cheap microphone in a quiet room."""
QUIET_SHARE, ONE_SHARE = 0.3, 0.4
"""Of the pieces; the others are two noises at once."""
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

Floats = NDArray[np.float32]


def pieces(data: Path, hours: float, seed: int) -> Iterator[tuple[str, Floats]]:
    """The sound of so many hours, piece by piece, with what each is made of."""
    rng = np.random.default_rng(seed)
    noises = {one.file: read(data, one) for one in recordings(data, "noise")}
    fade = np.linspace(0.0, 1.0, int(FADE_S * RATE_HZ), dtype=np.float32)
    before, left = np.zeros(len(fade), np.float32), round(hours * 3600.0 * RATE_HZ)
    while left > 0:
        length = min(left, round(rng.uniform(*PIECE_S) * RATE_HZ))
        name, piece = _piece(noises, length + len(fade), rng)
        piece[: len(fade)] = fade * piece[: len(fade)] + (1.0 - fade) * before
        before = piece[length:]
        left -= length
        yield name, piece[:length]


def _piece(noises: dict[str, Floats], length: int, rng: np.random.Generator) -> tuple[str, Floats]:
    hiss = 10.0 ** (rng.uniform(*QUIET_DBFS) / 20.0) * rng.standard_normal(length)
    kind = rng.uniform()
    many = 0 if kind < QUIET_SHARE else 1 if kind < QUIET_SHARE + ONE_SHARE else 2
    chosen = sorted(rng.choice(sorted(noises), many, replace=False))
    for name in chosen:
        sound = noises[name]
        gain = 10.0 ** (rng.uniform(*GAIN_DB) / 20.0)
        hiss += gain * np.resize(np.roll(sound, -int(rng.integers(len(sound)))), length)
    return " + ".join(Path(name).stem for name in chosen) or "quiet", np.clip(hiss, -1.0, 1.0).astype(np.float32)


def listen(data: Path, hours: float, seed: int) -> dict[str, object]:
    """Alerts with the rules as they are by default, and how long it was listened."""
    store = StoreSettings()
    ear, shop = Ear("measured", store.ear), Shop(store, [])
    taken, alerts, events = 0, Counter[str](), Counter[str]()
    for name, samples in pieces(data, hours, seed):
        for k in range(0, len(samples), CHUNK):
            chunk = samples[k : k + CHUNK]
            heard = ear.step(AudioChunk("measured", taken * 10**9 // RATE_HZ, chunk))
            taken += len(chunk)
            shop.hear(heard)
            events.update(event.kind.value for event in heard.events)
            opened = (
                alert for step in shop.advance(heard.t_ns) for alert in step.alerts if alert.state is AlertState.OPEN
            )
            alerts.update(f"{alert.kind.value} ({alert.level.value}) in {name}" for alert in opened)
    return {"seconds": taken / RATE_HZ, "alerts": dict(alerts), "events": dict(events)}


def day_measures(data: Path, hours: float, seed: int) -> Iterator[Measure]:
    """In a process of its own: the libraries take their number of threads once."""
    command = [sys.executable, "-m", "tests.benchmarks.shop_day", str(data), str(hours), str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=ONE_THREAD)
    got = json.loads(done.stdout)
    on, alerts = f"{got['seconds'] / 3600:.1f} h of quiet and noise, day {seed}", sum(got["alerts"].values())
    yield at_most(on, "alerts in 24 hours", MOST_A_DAY, alerts * 86_400 / got["seconds"], 1)
    yield told(on, "which", ", ".join(f"{count} {what}" for what, count in got["alerts"].items()) or "none")


if __name__ == "__main__":
    sys.stdout.write(json.dumps(listen(Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))))
