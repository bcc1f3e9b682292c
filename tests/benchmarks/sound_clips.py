"""Recordings of sounds: the manifest, its two halves, and mixtures."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from tests.benchmarks.sound_synthesis import RATE, Floats

NOISE_PART_S = 5.0
"""Noise is cut so long: as long as the other clips."""
TARGETS = {
    "glass_break": "glass_break",
    "glass_break_mixed": "glass_break",
    "alarm": "alarm_sound",
    "scream": "scream",
}
"""Which label a clip's own label is."""
LEFT_OUT = ("machine",)
"""Recordings of one pump, made for something else."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A recording, or a part of one."""

    file: str
    kind: str
    label: str
    licence: str
    part: int
    samples: Floats

    @property
    def odd(self) -> bool:
        """Half of the data: by source, by speaker, by time within noise."""
        name = Path(self.file).name
        if self.kind == "noise":
            return self.part >= 3
        if re.match(r"\d-\d+-", name):  # ESC-10: the second number is the recording that clips were cut from
            return int(name.split("-")[1]) % 2 == 1
        if "spk" in self.label:
            return int(self.label.split("spk")[1]) % 2 == 1
        return sum(map(ord, re.sub(r"_(000|a0).*", "", name))) % 2 == 1

    @property
    def free(self) -> bool:
        """Whether what is fitted to it may be shipped: CC BY, CC0 or Pixabay."""
        return self.licence.startswith(("CC BY 3.0", "CC BY 4.0", "Pixabay"))


def clips(data: Path) -> Iterator[Clip]:
    """All recordings of the manifest but :data:`LEFT_OUT`."""
    with (data / "manifest.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if row["kind"] in LEFT_OUT:
            continue
        samples, rate = soundfile.read(data / row["file"], dtype="float32")
        assert rate == RATE
        size = int(NOISE_PART_S * RATE) if row["kind"] == "noise" else samples.size
        for part, start in enumerate(range(0, samples.size, size)):
            cut = samples[start : start + size]
            yield Clip(row["file"], row["kind"], row["label"], row["licence"], part, cut)


def level(samples: Floats) -> float:
    """RMS of what is within 30 dB of the loudest 10 ms: pauses do not count."""
    power = np.mean(samples[: samples.size // 160 * 160].reshape(-1, 160).astype(np.float64) ** 2, axis=1)
    return float(np.sqrt(power[power >= power.max() * 1e-3].mean() + 1e-12))


def mix(sound: Floats, noise: Floats, snr_db: float, lead_s: float = 0.0) -> Floats:
    """A sound in noise, which starts earlier, with no sample over full scale."""
    x = np.concatenate((np.zeros(int(lead_s * RATE), np.float32), sound))
    bed = np.resize(noise, x.size)
    together = x * np.float32(10.0 ** (snr_db / 20.0) * level(bed) / level(sound)) + bed
    mixed: Floats = (together / max(1.0, float(np.abs(together).max()))).astype(np.float32)
    return mixed
