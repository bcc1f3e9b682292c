"""What a microphone heard, as pictures: a minute in each, or less.

From top to bottom: the sound itself as a spectrogram, its level over what is always there, how likely it is speech, the
score of each sound, and the events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.signal import ShortTimeFFT
from scipy.signal.windows import hann

from edge.messages import RATE_HZ
from edge.recording.folder import Session
from edge.recording.sound_track import SoundTrack
from edge.replay import canvas
from edge.replay.film import Film
from edge.replay.hearing_tables import HearingRow, SoundRow
from edge.replay.tables import EventRow

WIDTH, LEFT, RIGHT = 1280, 150, 24
PAGE_S = 60.0
"""So much sound in one picture."""
SPECTRUM_H, LEVEL_H, SPEECH_H, ROW_H, GAP = 240, 120, 70, 20, 14
HEADER, FOOTER = 56, 34
WINDOW, HOP = 512, 160
QUIETEST_DB, LOUDEST_DB = -100.0, -20.0
"""Of a bin of the spectrogram, full scale."""
LOWEST_DBFS, HIGHEST_DBFS = -90.0, 0.0
US = 1_000_000
INKS = {
    "speech": canvas.colour("#3f6fa8"),
    "raised_voice": canvas.colour("#b0562f"),
    "scream": canvas.colour("#c43d2b"),
    "glass_break": canvas.colour("#1f7f7a"),
    "alarm_sound": canvas.colour("#d39a14"),
    "bang": canvas.colour("#5f5fa8"),
    "machine_anomaly": canvas.colour("#8c4a8f"),
    "microphone_silent": canvas.colour("#55595f"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """What a replay told of one microphone."""

    hearing: tuple[HearingRow, ...]
    sounds: tuple[SoundRow, ...]
    events: tuple[EventRow, ...]


def draw_hearing(session: Session, track: SoundTrack, told: Told, film: Film, on_page: Callable[[], None]) -> None:
    """Add the pictures of one microphone; ``on_page`` is told after each."""
    for number, samples in enumerate(_pages(track)):
        start_us = (track.start_ns + 500) // 1000 + round(number * PAGE_S * US)
        _Page(session, track, told, start_us, samples).draw(film)
        on_page()


def _pages(track: SoundTrack) -> Iterator[NDArray[np.float32]]:
    """The sound, a page at a time."""
    size = round(PAGE_S * RATE_HZ)
    held: list[NDArray[np.float32]] = []
    count = 0
    for chunk in track.chunks():
        held.append(chunk.samples)
        count += len(chunk.samples)
        while count >= size:
            together = np.concatenate(held)
            yield together[:size]
            held, count = [together[size:]], count - size
    if count:
        yield np.concatenate(held)


class _Page:
    """One picture."""

    def __init__(
        self, session: Session, track: SoundTrack, told: Told, start_us: int, samples: NDArray[np.float32]
    ) -> None:
        self._name, self._microphone = session.name, track.id
        self._samples = samples
        self._start_us, self._end_us = start_us, start_us + round(len(samples) / RATE_HZ * US)
        self._since_us = start_us - (session.start_ns + 500) // 1000
        self._hearing = [row for row in told.hearing if self._start_us <= row.t_us < self._end_us]
        self._sounds = [row for row in told.sounds if self._start_us <= row.t_us < self._end_us]
        self._events = [e for e in told.events if e.t_end_us >= self._start_us and e.t_start_us < self._end_us]
        self._labels = sorted({row.label for row in told.sounds})
        self._kinds = sorted({event.kind for event in told.events}, key=lambda kind: ([*INKS, kind].index(kind), kind))

    def draw(self, film: Film) -> None:
        rows = len(self._labels) + len(self._kinds)
        height = HEADER + SPECTRUM_H + LEVEL_H + SPEECH_H + rows * ROW_H + 5 * GAP + FOOTER
        picture = canvas.blank(WIDTH, height, canvas.PAPER)
        canvas.text(picture, self._name, (LEFT, 24), 18, canvas.INK, canvas.SEMIBOLD)
        canvas.text(picture, f"microphone {self._microphone}", (LEFT, 44), 13, canvas.MUTED)
        y = self._spectrogram(picture, HEADER) + GAP
        y = self._levels(picture, y) + GAP
        y = self._speech(picture, y) + GAP
        y = self._scores(picture, y) + GAP
        y = self._told(picture, y) + GAP
        self._clock(picture, y)
        film.add(picture)

    def _x(self, t_us: float) -> float:
        share = (t_us - self._start_us) / max(self._end_us - self._start_us, 1)
        return LEFT + min(max(share, 0.0), 1.0) * (WIDTH - LEFT - RIGHT)

    def _spectrogram(self, picture: canvas.Picture, top: int) -> int:
        transform = ShortTimeFFT(hann(WINDOW, sym=False), HOP, RATE_HZ, scale_to="magnitude")
        samples = np.pad(self._samples, (0, max(0, 2 * WINDOW - len(self._samples))))
        power = np.abs(transform.stft(samples))[:, : max(1, len(self._samples) // HOP)]
        shade = (20.0 * np.log10(power + 1e-9) - QUIETEST_DB) / (LOUDEST_DB - QUIETEST_DB)
        grey = (255 * np.clip(shade[::-1], 0.0, 1.0)).astype(np.uint8)
        size = (WIDTH - LEFT - RIGHT, SPECTRUM_H)
        drawn = cv2.applyColorMap(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), cv2.COLORMAP_MAGMA)
        picture[top : top + SPECTRUM_H, LEFT : WIDTH - RIGHT] = drawn
        for khz in range(0, RATE_HZ // 2000 + 1, 2):
            y = top + SPECTRUM_H * (1 - khz / (RATE_HZ / 2000))
            _aside(picture, f"{khz} kHz", y + 4)
        return top + SPECTRUM_H

    def _levels(self, picture: canvas.Picture, top: int) -> int:
        _panel(picture, top, LEVEL_H)

        def at(dbfs: float) -> float:
            share = (dbfs - LOWEST_DBFS) / (HIGHEST_DBFS - LOWEST_DBFS)
            return top + LEVEL_H * (1 - min(max(share, 0.0), 1.0))

        for dbfs in (-80, -60, -40, -20):
            canvas.lines(picture, [(LEFT, at(dbfs)), (WIDTH - RIGHT, at(dbfs))], canvas.GRID)
            _aside(picture, f"{dbfs} dBFS", at(dbfs) + 4)
        canvas.lines(picture, [(self._x(row.t_us), at(row.level_dbfs)) for row in self._hearing], canvas.CAMERA)
        canvas.lines(picture, [(self._x(row.t_us), at(row.noise_dbfs)) for row in self._hearing], canvas.LINE, 2)
        return top + LEVEL_H

    def _speech(self, picture: canvas.Picture, top: int) -> int:
        _panel(picture, top, SPEECH_H)
        half = top + SPEECH_H / 2
        canvas.lines(picture, [(LEFT, half), (WIDTH - RIGHT, half)], canvas.GRID)
        _aside(picture, "speech", half + 4)
        curve = [(self._x(row.t_us), top + SPEECH_H * (1 - row.speech_probability)) for row in self._hearing]
        canvas.lines(picture, curve, INKS["speech"])
        return top + SPEECH_H

    def _scores(self, picture: canvas.Picture, top: int) -> int:
        for number, label in enumerate(self._labels):
            y = top + number * ROW_H
            _panel(picture, y, ROW_H - 3)
            _aside(picture, label.replace("_", " "), y + 13)
            ink = INKS.get(label, canvas.INK)
            rows = [row for row in self._sounds if row.label == label]
            ends = [row.t_us for row in rows[1:]] + [self._end_us]
            for row, end_us in zip(rows, ends, strict=True):
                box = [self._x(row.t_us), self._x(min(end_us, row.t_us + US))]
                corners = [(box[0], y), (box[1], y), (box[1], y + ROW_H - 4), (box[0], y + ROW_H - 4)]
                if row.score >= 0.02:
                    canvas.polygon(picture, corners, canvas.mix(ink, canvas.PANEL, row.score))
        return top + len(self._labels) * ROW_H

    def _told(self, picture: canvas.Picture, top: int) -> int:
        for number, kind in enumerate(self._kinds):
            y = top + number * ROW_H
            _aside(picture, kind.replace("_", " "), y + 13, canvas.INK)
            canvas.lines(picture, [(LEFT, y + 8), (WIDTH - RIGHT, y + 8)], canvas.PANEL)
            for event in self._events:
                if event.kind == kind:
                    a, b = self._x(event.t_start_us), self._x(event.t_end_us)
                    b = max(b, a + 4)
                    corners = [(a, y + 2), (b, y + 2), (b, y + 14), (a, y + 14)]
                    canvas.polygon(picture, corners, INKS.get(kind, canvas.INK))
        return top + len(self._kinds) * ROW_H

    def _clock(self, picture: canvas.Picture, top: int) -> None:
        length_s = (self._end_us - self._start_us) / US
        step_s = next(s for s in (0.5, 1, 2, 5, 10) if length_s / s <= 13 or s == 10)
        for k in range(int(length_s / step_s) + 1):
            x = self._x(self._start_us + k * step_s * US)
            told_s = self._since_us / US + k * step_s
            canvas.lines(picture, [(x, top - GAP / 2), (x, top)], canvas.MUTED)
            canvas.text(picture, f"{told_s:g} s", (x - 10, top + 16), 12, canvas.MUTED)


def _panel(picture: canvas.Picture, top: int, height: int) -> None:
    picture[top : top + height, LEFT : WIDTH - RIGHT] = canvas.FLOOR


def _aside(picture: canvas.Picture, words: str, y: float, ink: canvas.Colour = canvas.MUTED) -> None:
    """A word left of a panel, ending beside it."""
    canvas.text(picture, words, (LEFT - 10 - canvas.text_width(words, 12), y), 12, ink)


def told_of(
    track: SoundTrack, hearing: Sequence[HearingRow], sounds: Sequence[SoundRow], events: Sequence[EventRow]
) -> Told:
    """What belongs to one microphone."""
    return Told(
        tuple(row for row in hearing if row.microphone == track.id),
        tuple(row for row in sounds if row.microphone == track.id),
        tuple(event for event in events if event.sensor == track.id),
    )
