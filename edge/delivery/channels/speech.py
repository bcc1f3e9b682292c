"""What the speaker plays, as a file: a gentle chime, then words.

The words are somebody's own recording where there is one; else espeak-ng reads out what happened and where; else a
phrase that comes with the box says what happened.  What was made once is kept.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from edge.delivery.notices import Notice
from edge.delivery.phrases import Phrases
from edge.errors import DeliveryError
from edge.settings.channels import Language

RATE_HZ: Final = 48_000
BUNDLED: Final = Path(__file__).parent / "phrases"
CHIME_HZ: Final = (659.3, 523.3)
"""E and C, as a shop's door has them."""
PAUSE_S: Final = 0.25
WORDS_PER_MINUTE: Final = {"ja": 140, "en": 150}
LEVEL_DBFS: Final = -16.0
"""Mean level of the words before the volume is set, whoever speaks them."""
MAX_RECORDING_S: Final = 20.0
MOST_KEPT: Final = 200
FORMAT: Final = "1"
"""Of what is kept; another one makes it anew."""

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Sound:
    """A file to play."""

    path: Path
    seconds: float
    level_dbfs: float
    """Mean level of all of it."""
    voice: str
    """``recording``, ``espeak-ng``, ``bundled``."""


class Speech:
    """Makes and keeps the files.

    Parameters
    ----------
    folder
        Where they are kept.
    recordings
        Somebody's own, ``<kind>.wav``.
    """

    def __init__(
        self, folder: Path, language: Language, phrases: Phrases, volume: float, recordings: Path | None
    ) -> None:
        self._folder = folder
        self._language = language
        self._phrases = phrases
        self._volume = volume
        self._recordings = recordings

    def sound(self, notice: Notice) -> Sound:
        """What to play for a notice.

        Raises
        ------
        DeliveryError
            If no file can be made.
        """
        try:
            voice, words = self._words(notice)
            sound = _spoken(words) * np.float32(self._volume)
            digest = hashlib.sha256(sound.tobytes()).hexdigest()[:24]
            path = self._folder / f"{digest}.wav"
            if not path.exists():
                self._keep(path, sound)
        except (OSError, soundfile.LibsndfileError) as error:
            raise DeliveryError("speaker", f"no words can be made ({error})", "Check the data folder.") from None
        power = float(np.mean(np.square(sound, dtype=np.float64)))
        return Sound(path, len(sound) / RATE_HZ, 10 * float(np.log10(max(power, 1e-12))), voice)

    def _words(self, notice: Notice) -> tuple[str, Samples]:
        own = None if self._recordings is None else self._recordings / f"{notice.kind}.wav"
        if own is not None and own.is_file():
            return "recording", _read(own)
        program = shutil.which("espeak-ng")
        if program is not None and (made := self._synthesised(program, notice)) is not None:
            return "espeak-ng", made
        bundled = BUNDLED / self._language / f"{notice.kind}.ogg"
        return "bundled", _read(bundled if bundled.is_file() else BUNDLED / self._language / "other.ogg")

    def _synthesised(self, program: str, notice: Notice) -> Samples | None:
        text = self._phrases.spoken(notice)
        name = hashlib.sha256(f"{FORMAT} {self._language} {text}".encode()).hexdigest()[:24]
        path = self._folder / f"words-{name}.wav"
        if not path.exists():
            self._make_room()
            fresh = path.with_suffix(".new")
            if not synthesise(program, self._language, text, fresh):
                return None
            fresh.replace(path)
        return _read(path)

    def _keep(self, path: Path, sound: Samples) -> None:
        self._make_room()
        fresh = path.with_suffix(".new")
        soundfile.write(fresh, sound, RATE_HZ, "PCM_16", format="WAV")
        fresh.replace(path)

    def _make_room(self) -> None:
        """The oldest give way."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        kept = sorted(self._folder.iterdir(), key=lambda path: path.stat().st_mtime_ns)
        for path in kept[: max(0, len(kept) - MOST_KEPT + 1)]:
            path.unlink(missing_ok=True)


def synthesise(program: str, language: Language, text: str, path: Path) -> bool:
    """Have espeak-ng read a text into a WAV file; whether it did."""
    arguments = ["-v", language, "-s", str(WORDS_PER_MINUTE[language]), "-w", os.fspath(path), "--stdin"]
    # It looks for a sound server though it needs none, and would wait for one that hangs.
    alone = os.environ | {"PULSE_SERVER": "unix:/nonexistent", "PULSE_RUNTIME_PATH": "/nonexistent"}
    try:
        done = subprocess.run(
            [program, *arguments], input=text.encode(), capture_output=True, timeout=15, check=False, env=alone
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and path.is_file() and path.stat().st_size > 1000


def _read(path: Path) -> Samples:
    """One channel at our rate."""
    with soundfile.SoundFile(path) as file:
        sound = file.read(round(MAX_RECORDING_S * file.samplerate), dtype="float32", always_2d=True)
        rate_hz = file.samplerate
    mono = np.mean(sound, axis=1, dtype=np.float32)
    resampled: Samples = np.asarray(soxr.resample(mono, rate_hz, RATE_HZ), np.float32)
    return resampled


def _spoken(words: Samples) -> Samples:
    """Chime, pause, words; all at one level, whatever the words were recorded at."""
    active = words[np.abs(words) > 0.02]
    level = float(np.sqrt(np.mean(np.square(active, dtype=np.float64)))) if len(active) else 1.0
    even = np.clip(words * np.float32(10 ** (LEVEL_DBFS / 20) / level), -1.0, 1.0)
    pause = np.zeros(round(PAUSE_S * RATE_HZ), np.float32)
    return np.concatenate([chime(), pause, even.astype(np.float32), pause])


def chime() -> Samples:
    """Two soft strokes of a bell, one after the other."""
    t = np.arange(round(0.9 * RATE_HZ)) / RATE_HZ
    total = np.zeros(len(t))
    for number, frequency in enumerate(CHIME_HZ):
        after = t - 0.35 * number
        stroke = np.exp(-5.0 * after) * (1 - np.exp(-200.0 * after))
        tone = np.sin(2 * np.pi * frequency * after) + 0.25 * np.sin(4 * np.pi * frequency * after)
        total += np.where(after > 0, 0.25 * stroke * tone, 0.0)
    return total.astype(np.float32)
