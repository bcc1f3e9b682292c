"""What was heard against what really sounded: onsets of events, and each 10 ms of speech and of each sound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.stats import rankdata

from edge.audio.spectrum import WINDOW_FRAMES
from edge.messages import FRAME_NS, EventKind
from edge.replay.hearing_tables import HearingRow, SoundRow, TrueSound
from edge.replay.tables import US_PER_S, EventRow
from edge.settings import SoundRule

SPEECH = EventKind.SPEECH.value
SOUND_KINDS = frozenset(
    kind.value
    for kind in (
        EventKind.SPEECH,
        EventKind.RAISED_VOICE,
        EventKind.SCREAM,
        EventKind.GLASS_BREAK,
        EventKind.ALARM_SOUND,
        EventKind.BANG,
        EventKind.MACHINE_ANOMALY,
        EventKind.MICROPHONE_SILENT,
    )
)
ONSET_US = US_PER_S // 2
"""An event is the true one when it begins within this time of it."""
ONE_TALK_US = 6 * US_PER_S // 10
"""Speech with shorter pauses than this is one stretch of talk, as the ear tells it; a truth may list its words."""
LIKELY = 0.5
"""From this score on a frame is said to be one."""
FRAME_US = FRAME_NS // 1000
WINDOW_US = WINDOW_FRAMES * FRAME_US
FAR = 1e18

Flags = NDArray[np.bool_]
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OnsetScore:
    """Events of one kind that were heard; what several microphones heard at once counts once."""

    kind: str
    true: int
    told: int
    found: int
    precision: float | None
    recall: float | None
    f1: float | None
    onset_error_median_s: float | None
    """Between the true onset and the told one, whichever is first."""
    onset_late_median_s: float | None
    """From the true onset to the told one; negative where it is told too early."""


@dataclass(frozen=True, slots=True)
class FrameScore:
    """The frames of one microphone, 10 ms each, for one label."""

    microphone: str
    label: str
    frames: int
    true: int
    auc: float | None
    """How often a true frame scores higher than another; None where all are the same."""
    precision: float | None
    """At a score of 0.5, as the next two."""
    recall: float | None
    f1: float | None


def score_onsets(truth: Sequence[TrueSound], told: Sequence[EventRow]) -> tuple[OnsetScore, ...]:
    """Each kind of sound that the truth or the results know; speech only where the truth knows any."""
    knows_speech = any(sound.kind == SPEECH for sound in truth)
    heard = [event for event in told if event.kind in SOUND_KINDS and (knows_speech or event.kind != SPEECH)]
    kinds = sorted({sound.kind for sound in truth} | {event.kind for event in heard})
    return tuple(
        _score_onsets(
            kind, _onsets([sound for sound in truth if sound.kind == kind]), _once([e for e in heard if e.kind == kind])
        )
        for kind in kinds
    )


def score_frames(
    truth: Sequence[TrueSound], hearing: Sequence[HearingRow], sounds: Sequence[SoundRow]
) -> tuple[FrameScore, ...]:
    """Speech, where the truth knows any, and each sound that the truth knows and the ear has scores of."""
    found: list[FrameScore] = []
    true_kinds = {sound.kind for sound in truth}
    for microphone in sorted({row.microphone for row in hearing}):
        rows = [row for row in hearing if row.microphone == microphone]
        t_us = np.array([row.t_us for row in rows], dtype=np.int64)
        if SPEECH in true_kinds:
            probability = np.array([row.speech_probability for row in rows], dtype=np.float64)
            found.append(_score_frames(microphone, SPEECH, _within(truth, SPEECH, t_us), probability))
        mine = [row for row in sounds if row.microphone == microphone]
        for label in sorted(true_kinds & {row.label for row in mine}):
            score = _spread([row for row in mine if row.label == label], t_us)
            found.append(_score_frames(microphone, label, _within(truth, label, t_us), score))
    return tuple(found)


def true_episodes(truth: Sequence[TrueSound], rules: Mapping[EventKind, SoundRule]) -> tuple[EventRow, ...]:
    """What the staff should be told of: each kind with a rule, as one for as long as its alert would go on."""
    episodes: dict[EventKind, list[EventRow]] = {kind: [] for kind in rules}
    for sound in truth:
        kind = next((kind for kind in rules if kind.value == sound.kind), None)
        if kind is None:
            continue
        told, before = episodes[kind], episodes[kind][-1] if episodes[kind] else None
        if before is not None and sound.t_start_us - before.t_end_us <= rules[kind].end_after_s * US_PER_S:
            told[-1] = replace(before, t_end_us=max(before.t_end_us, sound.t_end_us))
        else:
            told.append(EventRow(sound.t_start_us, sound.t_end_us, sound.kind, None))
    return tuple(episode for told in episodes.values() for episode in told)


def _onsets(truth: Sequence[TrueSound]) -> list[int]:
    """When each begins, microseconds; words of one stretch of talk begin once."""
    onsets: list[int] = []
    last_us = 0
    for sound in sorted(truth, key=lambda sound: sound.t_start_us):
        goes_on = sound.kind == SPEECH and onsets and sound.t_start_us - last_us < ONE_TALK_US
        if not goes_on:
            onsets.append(sound.t_start_us)
        last_us = max(last_us, sound.t_end_us) if goes_on else sound.t_end_us
    return onsets


def _once(told: Sequence[EventRow]) -> list[int]:
    """When each begins, microseconds; what another microphone heard at the same time is the same."""
    kept: list[EventRow] = []
    for event in sorted(told, key=lambda event: event.t_start_us):
        same = (
            other
            for other in reversed(kept)
            if event.t_start_us - other.t_start_us <= ONSET_US
            and (event.sensor != other.sensor or event.t_start_us == other.t_start_us)
        )
        if next(same, None) is None:
            kept.append(event)
    return [event.t_start_us for event in kept]


def _score_onsets(kind: str, there: Sequence[int], said: Sequence[int]) -> OnsetScore:
    away = np.abs(np.subtract.outer(np.array(there, dtype=np.int64), np.array(said, dtype=np.int64))).astype(float)
    away[away > ONSET_US] = FAR
    pairs = [(int(t), int(p)) for t, p in zip(*linear_sum_assignment(away), strict=True) if away[t, p] < FAR]
    late = [(said[p] - there[t]) / US_PER_S for t, p in pairs]
    return OnsetScore(
        kind=kind,
        true=len(there),
        told=len(said),
        found=len(pairs),
        precision=len(pairs) / len(said) if said else None,
        recall=len(pairs) / len(there) if there else None,
        f1=2 * len(pairs) / (len(there) + len(said)) if there or said else None,
        onset_error_median_s=float(np.median(np.abs(late))) if late else None,
        onset_late_median_s=float(np.median(late)) if late else None,
    )


def _within(truth: Sequence[TrueSound], kind: str, t_us: NDArray[np.int64]) -> Flags:
    """Which frames have their middle in a true sound."""
    middle = t_us + FRAME_US // 2
    inside = np.zeros(len(t_us), dtype=np.bool_)
    for sound in truth:
        if sound.kind == kind:
            inside |= (middle >= sound.t_start_us) & (middle < sound.t_end_us)
    return inside


def _spread(rows: Sequence[SoundRow], t_us: NDArray[np.int64]) -> Array:
    """The highest score among the windows that hold a frame; 0 where none does."""
    score = np.zeros(len(t_us), dtype=np.float64)
    for row in rows:
        a, b = np.searchsorted(t_us, (row.t_us, row.t_us + WINDOW_US))
        score[a:b] = np.maximum(score[a:b], row.score)
    return score


def _score_frames(microphone: str, label: str, true: Flags, score: Array) -> FrameScore:
    said = score >= LIKELY
    hits, many, marked = int(np.sum(true & said)), int(np.sum(true)), int(np.sum(said))
    return FrameScore(
        microphone=microphone,
        label=label,
        frames=len(true),
        true=many,
        auc=_auc(true, score),
        precision=hits / marked if marked else None,
        recall=hits / many if many else None,
        f1=2 * hits / (many + marked) if many + marked else None,
    )


def _auc(true: Flags, score: Array) -> float | None:
    """Area under the ROC curve by ranks (Mann and Whitney 1947); frames that score alike count half."""
    many, others = int(np.sum(true)), int(np.sum(~true))
    if not many or not others:
        return None
    ranks = rankdata(score)
    return float((np.sum(ranks[true]) - many * (many + 1) / 2) / (many * others))
