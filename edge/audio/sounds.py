"""Sounds of danger on the raw signal: breaking glass, alarms, screams, bangs.

    frames of 10 ms -> windows -> features -> log-odds -> a score of each label for each window
                                                       -> episodes -> events

Denoisers take such sounds for noise, so that nothing here hears a denoised copy.  An event is told as soon as it
is sure: a blow and a scream with the window that has them, an alarm after it has sounded for some windows.  Its start
is where the sound began, its end how far it was heard by then.  One pitch without a pause is no alarm, however long: a
fridge that whines would ring each time the box starts.  What goes on for minutes is one episode: it is told
again every :data:`AGAIN_S`, with the same start and a later end, and anew after it was silent for :data:`QUIET_S`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.audio.sound_evidence import LABELS, log_odds
from edge.audio.sound_features import LOUD_DB, TONAL_DB, features
from edge.audio.sound_lines import whines
from edge.audio.spectrum import BEFORE_FRAMES, TONE_EVERY, TONE_FRAMES, WINDOW_FRAMES, Floats, Window, Windows
from edge.audio.yamnet import Yamnet
from edge.messages import FRAME, FRAME_NS, EventKind, HeardEvent, SoundScore

THRESHOLDS: Final[Mapping[str, float]] = {"glass_break": 0.97, "alarm_sound": 0.8, "scream": 0.97, "bang": 0.99}
"""From these scores on a sound is told.  They are high because danger is rare and a shop is loud all day."""
RELEASE: Final = 0.5
"""An episode goes on while the score is above this share of the threshold."""
QUIET_S: Final[Mapping[str, float]] = {"glass_break": 3.0, "alarm_sound": 8.0, "scream": 2.0, "bang": 1.0}
"""An episode is over after so long.  Carbon monoxide alarms pause for 5 s."""
SURE_WINDOWS: Final[Mapping[str, int]] = {"glass_break": 1, "alarm_sound": 4, "scream": 1, "bang": 1}
"""So many windows of an episode are over the threshold before it is told: one beep is a till."""
AGAIN_S: Final = 30.0
"""Shorter than the alert of an alarm waits before it ends."""
ALARM_WINDOWS: Final = 2
"""An alarm's score is the mean over so many windows: what crows or cries is not so even."""
NO_MELODY: Final[Mapping[str, float]] = {"few": 0.9, "gliding": 0.4, "repeats": 1.5}
"""A window of an alarm counts if its tones have few pitches, glide, or repeat exactly: most of a melody does not."""
CLEARLY: Final = 0.97
"""From this score on it is an alarm even so: bells and horns have many pitches at once."""
LEAST_SNR_DB: Final = 6.0
"""What is told stands out from what is always there."""
ALARM_GAP_S: Final = 1.7
"""The longest silence within a pattern of an alarm that its start is looked for across (ISO 8201: 1.5 s)."""
VOICE_GAP_S: Final = 0.1
FLOOR_PERCENTILE: Final = 10.0
FLOOR_WINDOWS: Final = 4
"""What is always there is not known before: the first sound may be all that was heard."""
FLOOR_FALLS: Final = 0.5
"""Share of the way down to a new floor that each window goes: a second."""
FLOOR_RISES: Final = 0.02
"""Share of the way up: half a minute, so that an alarm does not soon become what is always there."""


@dataclass(slots=True)
class _Episode:
    start_ns: int
    heard_ns: int
    """Until when it was last heard."""
    floor_dbfs: float | None
    windows: int = 0
    confidence: float = 0.0
    power: float = 0.0
    frames: int = 0
    told_ns: int | None = None
    """Until when it was heard when it was last told."""


@dataclass(frozen=True, slots=True)
class _Now:
    """The window that is judged."""

    window: Window
    onset: int
    melody: bool
    levels: Floats
    """Mean square of each of its frames."""
    floor_dbfs: float | None


class Sounds:
    """Hears one microphone's raw sound.

    Parameters
    ----------
    thresholds
        Scores from which labels are told, in place of those of :data:`THRESHOLDS`; above 1 a label is never told.
    yamnet
        Has its say in every window; without it the built-in detectors are alone.
    """

    def __init__(self, thresholds: Mapping[str, float] | None = None, yamnet: Yamnet | None = None) -> None:
        if unknown := sorted(set(thresholds or ()) - set(LABELS)):
            raise ValueError(f"{', '.join(unknown)} is not one of {', '.join(LABELS)}")
        self._thresholds = {**THRESHOLDS, **(thresholds or {})}
        self._yamnet = yamnet
        self._tags: list[SoundScore] = []
        self._windows = Windows()
        self._alarm: deque[float] = deque(maxlen=ALARM_WINDOWS)
        self._floor_dbfs: float | None = None
        self._judged = 0
        self._episodes: dict[str, _Episode] = {}

    def step(self, frame: Floats, t_ns: int) -> tuple[tuple[SoundScore, ...], tuple[HeardEvent, ...]]:
        """Take 10 ms of raw sound, (160,), taken at ``t_ns``, and give what its window tells, if it completes one."""
        window = self._windows.step(frame, t_ns)
        return ((), ()) if window is None else self._judge(window)

    def finish(self) -> tuple[tuple[SoundScore, ...], tuple[HeardEvent, ...]]:
        """What is left at the end of a recording, which is taken to be followed by silence."""
        found = [self._judge(window) for window in self._windows.finish()]
        return tuple(s for scores, _ in found for s in scores), tuple(e for _, events in found for e in events)

    def take_tags(self) -> tuple[SoundScore, ...]:
        """What YAMNet takes the windows since the last time for, the likeliest classes of each."""
        tags, self._tags = tuple(self._tags), []
        return tags

    def _judge(self, window: Window) -> tuple[tuple[SoundScore, ...], tuple[HeardEvent, ...]]:
        of_window = features(window)
        odds = log_odds(of_window.values)
        self._alarm.append(odds["alarm_sound"])
        odds["alarm_sound"] = float(np.mean(self._alarm))
        if self._yamnet is not None:
            odds = self._joined(window, odds, self._yamnet)
        scores = {label: float(1.0 / (1.0 + np.exp(-odds[label]))) for label in LABELS}
        levels = np.mean(window.samples.reshape(-1, FRAME) ** 2, axis=1)
        melody = not any(of_window.of(name) >= least for name, least in NO_MELODY.items())
        now = _Now(window, of_window.onset, melody, levels, self._floor(levels))
        events = [event for label, score in scores.items() if (event := self._follow(label, score, now)) is not None]
        return tuple(SoundScore(window.t_ns, label, score) for label, score in scores.items()), tuple(events)

    def _joined(self, window: Window, odds: dict[str, float], yamnet: Yamnet) -> dict[str, float]:
        opinion = yamnet.hear(window.samples, odds)
        self._tags += (SoundScore(window.t_ns, name, score) for name, score in opinion.tags)
        return dict(opinion.odds)

    def _floor(self, levels: Floats) -> float | None:
        """What is always there, in dBFS, before this window changes it; not known from the first windows."""
        self._judged += 1
        now = _dbfs(float(np.percentile(levels, FLOOR_PERCENTILE)))
        before = now if self._floor_dbfs is None else self._floor_dbfs
        self._floor_dbfs = before + (now - before) * (FLOOR_FALLS if now < before else FLOOR_RISES)
        return min(before, self._floor_dbfs) if self._judged > FLOOR_WINDOWS else None

    def _follow(self, label: str, score: float, now: _Now) -> HeardEvent | None:
        window, episode = now.window, self._episodes.get(label)
        end_ns = window.t_ns + WINDOW_FRAMES * FRAME_NS
        if episode is not None and window.t_ns - episode.heard_ns > QUIET_S[label] * 1e9:
            del self._episodes[label]
            episode = None
        sure = score >= self._thresholds[label] and not (label == "alarm_sound" and _no_alarm(score, now))
        goes_on = episode is not None and score >= self._thresholds[label] * RELEASE
        if not (sure or goes_on):
            return None
        start_ns = window.t_ns + _began(label, window, now.onset) * FRAME_NS
        if episode is None:
            episode = self._episodes[label] = _Episode(start_ns, end_ns, now.floor_dbfs)
        heard = now.levels[max(0, (max(start_ns, episode.start_ns) - window.t_ns) // FRAME_NS) :]
        episode.power, episode.frames = episode.power + float(heard.sum()), episode.frames + heard.size
        if sure or episode.told_ns is not None:  # one that is not told yet does not live on what only might be it
            episode.heard_ns = end_ns
        if not sure:
            return None
        episode.windows, episode.confidence = episode.windows + 1, max(episode.confidence, score)
        return self._tell(label, episode)

    def _tell(self, label: str, episode: _Episode) -> HeardEvent | None:
        level_dbfs = _dbfs(episode.power / max(episode.frames, 1))
        snr_db = None if episode.floor_dbfs is None else level_dbfs - episode.floor_dbfs
        if episode.told_ns is None:
            if episode.windows < SURE_WINDOWS[label] or (snr_db is not None and snr_db < LEAST_SNR_DB):
                return None
        elif episode.heard_ns - episode.told_ns < AGAIN_S * 1e9:
            return None
        episode.told_ns = episode.heard_ns
        kind, end_ns = EventKind(label), max(episode.heard_ns, episode.start_ns)
        return HeardEvent(kind, episode.start_ns, end_ns, episode.confidence, level_dbfs, snr_db)


def _no_alarm(score: float, now: _Now) -> bool:
    """Whether a window that scores as an alarm is of a melody or of a machine."""
    return (now.melody and score < CLEARLY) or whines(now.window.lines)


def _began(label: str, window: Window, onset: int) -> int:
    """Frame, from the window's first, at which the sound began; below 0 if before the window."""
    if label == "alarm_sound":
        tones = window.tones
        now = slice(tones.hz.size - TONE_FRAMES, None)
        tonal = (tones.over_db >= TONAL_DB) & (tones.dbfs > float(tones.dbfs[now].max()) - LOUD_DB)
        first = _first_of_run(tonal, int(ALARM_GAP_S * 1e9) // (FRAME_NS * TONE_EVERY))
        return (first - (tones.hz.size - TONE_FRAMES)) * TONE_EVERY
    if label == "scream":
        level = window.bands[:, 1:7].max(axis=1)
        loud = level > float(level[BEFORE_FRAMES:].max()) - LOUD_DB
        return _first_of_run(loud, int(VOICE_GAP_S * 1e9) // FRAME_NS) - BEFORE_FRAMES
    return onset


def _first_of_run(mask: NDArray[np.bool_], gap: int) -> int:
    """Where the last run begins that has no gap longer than ``gap``."""
    places = np.flatnonzero(mask)
    if not places.size:
        return 0
    breaks = np.flatnonzero(np.diff(places) > gap)
    return int(places[breaks[-1] + 1 if breaks.size else 0])


def _dbfs(power: float) -> float:
    return float(10.0 * np.log10(max(power, 1e-10)))
