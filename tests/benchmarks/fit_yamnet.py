"""Fit how far YAMNet's word is trusted, and write edge/audio/yamnet_head.json.

    python -m tests.benchmarks.fit_yamnet DATA MODEL

MODEL is YAMNet's file.  Which classes a label means and which resemble it is read off their names.  "Glass" is none of
them, because bottles that touch are glass; "Buzzer" and the smoke detectors' own class are none, because a till's
scanner is taken for them.  Between these and others, and between shares of the rivals and of the built-in detector,
those were chosen with which most sounds of danger made by arithmetic were told at the same rate of false ones: no
recording of glass, of an alarm or of a scream may be fitted to.  What is fitted here is where each label begins: so
high that of sounds that are none of them, one in :data:`RARE` would be told.

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
from numpy.typing import NDArray

from edge.audio.sounds import SURE_WINDOWS, THRESHOLDS, Sounds
from edge.audio.yamnet import Head, LiteNet, Yamnet, class_names, read_head
from edge.messages import FRAME, FRAME_NS
from edge.recording.models import YAMNET, read_model
from tests.benchmarks.sound_clips import TARGETS, Clip, clips
from tests.benchmarks.sound_synthesis import HARMLESS, Floats

WRITTEN = Path(__file__).parents[2] / "edge" / "audio" / "yamnet_head.json"
MEANT = {
    "glass_break": ("Shatter", "Breaking", "Smash, crash"),
    "alarm_sound": ("Alarm", "Siren", "Civil defense siren", "Fire alarm", "Car alarm", "Emergency vehicle"),
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
RIVAL = {"glass_break": 0.25, "alarm_sound": 0.25, "scream": 0.5}
"""What resembles a label is often likely beside it: less than half of it is taken off."""
BUILT_IN = {"glass_break": 0.5, "alarm_sound": 1.0, "scream": 1.0}
NET = 1.0
RARE = 200
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


class Noted(Yamnet):
    """Notes what both say together of each window, before the larger is taken."""

    def __init__(self, net: LiteNet) -> None:
        super().__init__(net, head(dict.fromkeys(MEANT, 0.0)))
        self.said: dict[str, list[float]] = {label: [] for label in MEANT}

    def joint(self, label: str, classes: NDArray[np.float64], built_in: float) -> float:
        """As the ear has it."""
        value = super().joint(label, classes, built_in)
        if label in self.said:
            self.said[label].append(value)
        return value


def reached(samples: Floats, net: LiteNet) -> dict[str, float]:
    """Log-odds that each label has in as many windows as it takes to be told."""
    noted = Noted(net)
    sounds = Sounds(yamnet=noted)
    for k in range(samples.size // FRAME):
        sounds.step(samples[k * FRAME : (k + 1) * FRAME], k * FRAME_NS)
    sounds.finish()
    best = {label: sorted(said, reverse=True) for label, said in noted.said.items()}
    return {k: said[SURE_WINDOWS[k] - 1] if len(said) >= SURE_WINDOWS[k] else -np.inf for k, said in best.items()}


def odds(score: float) -> float:
    """Log-odds of a score."""
    return float(np.log(score / (1.0 - score)))


def record(constants: dict[str, float]) -> dict[str, dict[str, object]]:
    """The head as it is written."""
    return {
        label: {
            "meant": MEANT[label],
            "rivals": RIVALS[label],
            "rival": RIVAL[label],
            "net": NET,
            "built_in": BUILT_IN[label],
            "constant": round(constants[label], 3),
        }
        for label in MEANT
    }


def head(constants: dict[str, float]) -> Head:
    """The head as the ear has it."""
    return read_head({"labels": record(constants)}, class_names())


def fit(data: Path, net: LiteNet) -> dict[str, float]:
    """The constants."""
    found = [reached(samples, net) for samples in negatives(data)]
    constants = {}
    for label in MEANT:
        values = [one[label] for one in found]
        constants[label] = odds(THRESHOLDS[label]) - float(np.quantile(values, 1.0 - 1.0 / RARE, method="higher"))
        print(f"{label}: {len(values)} sounds, constant {constants[label]:.3f}")
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
