"""Fit how far YAMNet's word is trusted, and write edge/audio/yamnet_head.json.

    python -m tests.benchmarks.fit_yamnet DATA MODEL

MODEL is YAMNet's file.  Which classes a label means and which resemble it is read off the names of the classes, and
the net and the built-in detector have fixed shares: no recording of glass, of an alarm or of a scream may be fitted to,
and sounds made by arithmetic are to the net what they are, sounds of an apparatus.  What is fitted is where each label
begins: so high that of what is none of them, one window in :data:`RARE` reaches the label's threshold.

What is none of them comes from one half of the recordings whose licences allow it, by source (ESC-10 (CC BY 3.0, CC0),
LibriSpeech (CC BY 4.0), Moodist (CC0 or Pixabay)), played at three speeds and many levels, and from sounds made by
arithmetic that resemble the labels (tests/benchmarks/sound_synthesis.py).
"""

from __future__ import annotations

import argparse
import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from edge.audio.sounds import THRESHOLDS, Sounds
from edge.audio.yamnet import Head, LiteNet, Yamnet, class_names, read_head
from edge.messages import FRAME, FRAME_NS
from edge.recording.models import YAMNET, read_model
from tests.benchmarks.sound_clips import TARGETS, Clip, clips
from tests.benchmarks.sound_synthesis import HARMLESS, Floats

WRITTEN = Path(__file__).parents[2] / "edge" / "audio" / "yamnet_head.json"
MEANT = {
    "glass_break": ("Glass", "Shatter", "Breaking"),
    "alarm_sound": (
        "Alarm", "Smoke detector, smoke alarm", "Siren", "Civil defense siren", "Fire alarm", "Buzzer", "Car alarm",
        "Emergency vehicle",
    ),
    "scream": ("Screaming", "Shout", "Yell", "Groan", "Wail, moan"),
}  # fmt: skip
RIVALS = {
    "glass_break": ("Tick", "Tick-tock", "Fire", "Crackle", "Typing", "Water", "Speech", "Music"),
    "alarm_sound": (
        "Chainsaw", "Wind", "Animal", "Dog", "Crowing, cock-a-doodle-doo", "Baby cry, infant cry", "Music", "Speech",
        "Tick-tock",
    ),
    "scream": (
        "Baby cry, infant cry", "Crowing, cock-a-doodle-doo", "Dog", "Fowl", "Cat", "Sneeze", "Cough", "Music",
        "Singing", "Speech",
    ),
}  # fmt: skip
RIVAL = 0.5
"""What resembles a label is often likely beside it: it counts half."""
NET, BUILT_IN = 1.0, 0.5
"""The net knows real recordings, the built-in detector what was made by arithmetic: it counts half."""
RARE = 1000
RATES = (1.0, 0.8, 1.3)
"""Recordings are also played slower and faster: other voices, other machines."""
LOUD_DB = (-40.0, 0.0)
EACH = 40
"""Sounds made of each harmless kind."""
SEED = 1


def negatives(data: Path) -> Iterator[Floats]:
    """Sounds that are none of the labels."""
    rng = np.random.default_rng(SEED)
    for clip in allowed(data):
        for rate in RATES:
            at = np.arange(0.0, clip.samples.size - 1, rate)
            yield at_some_level(np.interp(at, np.arange(clip.samples.size), clip.samples).astype(np.float32), rng)
    for make in HARMLESS.values():
        for _ in range(EACH):
            x = at_some_level(make(rng), rng)
            yield x + rng.standard_normal(x.size).astype(np.float32) * np.float32(1e-3)


def allowed(data: Path) -> list[Clip]:
    """One half of the recordings that may be fitted to."""
    return [clip for clip in clips(data) if clip.free and not clip.odd and clip.label not in TARGETS]


def at_some_level(x: Floats, rng: np.random.Generator) -> Floats:
    """With a peak of any level."""
    return x * np.float32(10.0 ** (rng.uniform(*LOUD_DB) / 20.0) / (np.abs(x).max() + 1e-9))


def odds(samples: Floats, yamnet: Yamnet) -> dict[str, list[float]]:
    """Log-odds of each label in each window, as the ear has them."""
    sounds, scores = Sounds(yamnet=yamnet), []
    for k in range(samples.size // FRAME):
        scores += sounds.step(samples[k * FRAME : (k + 1) * FRAME], k * FRAME_NS)[0]
    scores += sounds.finish()[0]
    found: dict[str, list[float]] = {label: [] for label in MEANT}
    for one in scores:
        if one.label in found:
            score = min(max(one.score, 1e-12), 1.0 - 1e-12)
            found[one.label].append(float(np.log(score / (1.0 - score))))
    return found


def record(constants: dict[str, float]) -> dict[str, dict[str, object]]:
    """The head as it is written."""
    return {
        label: {
            "meant": MEANT[label],
            "rivals": RIVALS[label],
            "rival": RIVAL,
            "net": NET,
            "built_in": BUILT_IN,
            "constant": round(constants[label], 3),
        }
        for label in MEANT
    }


def head(constants: dict[str, float]) -> Head:
    """The head as the ear has it."""
    return read_head({"labels": record(constants)}, class_names())


def fit(data: Path, net: LiteNet) -> dict[str, float]:
    """The constants."""
    yamnet = Yamnet(net, head(dict.fromkeys(MEANT, 0.0)))
    found: dict[str, list[float]] = {label: [] for label in MEANT}
    for samples in negatives(data):
        for label, values in odds(samples, yamnet).items():
            found[label] += values
    constants = {}
    for label, values in found.items():
        threshold = THRESHOLDS[label]
        reached = float(np.quantile(values, 1.0 - 1.0 / RARE))
        constants[label] = float(np.log(threshold / (1.0 - threshold))) - reached
        print(f"{label}: {len(values)} windows, constant {constants[label]:.3f}")
    return constants


def sources(data: Path) -> list[dict[str, object]]:
    """Where what is fitted to comes from."""
    files = {clip.file for clip in allowed(data)}
    with (data / "manifest.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["file"] in files]
    many = Counter(
        (re.split(r" (?:librispeech|public/sounds|\d{3} - )", row["source"])[0], row["licence"]) for row in rows
    )
    of_files = [{"source": source, "licence": licence, "recordings": n} for (source, licence), n in many.items()]
    return [
        *of_files,
        {"source": "tests/benchmarks/sound_synthesis.py", "licence": "Apache-2.0", "recordings": EACH * len(HARMLESS)},
    ]


def main() -> None:
    """Fit and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with manifest.csv")
    parser.add_argument("model", type=Path, help="YAMNet's file")
    parser.add_argument("--to", type=Path, default=WRITTEN, help="file to write")
    arguments = parser.parse_args()
    model = read_model(YAMNET, arguments.model)
    constants = fit(arguments.data, LiteNet(model.content))
    table = {
        "fitted_by": "python -m tests.benchmarks.fit_yamnet",
        "model_sha256": model.sha256,
        "fitted_on": sources(arguments.data),
        "labels": record(constants),
    }
    arguments.to.write_text(json.dumps(table, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
