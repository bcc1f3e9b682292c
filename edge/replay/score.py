"""A replay's results against a session's truth, as the formats say that results are judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.errors import SessionError
from edge.messages import CameraModel
from edge.recording.folder import Session
from edge.replay.hearing_tables import (
    TRUE_SOUNDS,
    TRUE_SPEECH,
    TrueSound,
    read_hearing,
    read_sounds,
    read_true_sounds,
)
from edge.replay.item_tables import ToldItem, read_pixel_changes, read_told_items, read_true_items
from edge.replay.judge import BORDER_SHARE, REACH_M, IdentityMeasures, Moment, Verdict
from edge.replay.placing import placed_cameras
from edge.replay.results import ALERTS, EVENTS, HEARING, SOUNDS, TRACKS
from edge.replay.score_events import (
    AlertScore,
    EventScore,
    LineScore,
    comparable,
    score_alerts,
    score_events,
    score_lines,
)
from edge.replay.score_hearing import SOUND_KINDS, FrameScore, OnsetScore, score_frames, score_onsets, true_episodes
from edge.replay.score_items import ItemScore, item_scores, judge_items
from edge.replay.score_items_px import PixelItemScore, score_pixel_items
from edge.replay.tables import (
    US_PER_S,
    EventRow,
    HeadRow,
    PixelHead,
    read_alerts,
    read_events,
    read_heads,
    read_pixel_heads,
    read_tracks,
    read_true_events,
)

TRUTHS = ("heads.csv", "heads_px.csv", "events.csv", "items.csv", "items_px.csv", TRUE_SOUNDS, TRUE_SPEECH)
LEAST_VISIBLE = 0.3
"""Heads that are less visible than this are not judged."""
SILENT_SHARE = 0.75
"""A frame this share of the truth's own period away from its nearest row is one where nobody was."""

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class HeadScore:
    """Heads found, and identities where the truth has them."""

    truth: str
    """``heads`` in the store, or ``heads_px`` in pictures."""
    moments: int
    empty_moments: int
    """Moments at which the truth has nobody."""
    found: int
    missed: int
    made_up: int
    made_up_when_empty: int
    precision: float
    recall: float
    f1: float
    error_median_m: float | None
    error_p95_m: float | None
    most_at_once: int
    ids_used: int
    """Different ids among the heads that were found."""
    people: int | None
    ids_per_person: float | None
    """Mean number of ids under which one true person was seen."""
    identity: IdentityMeasures | None


@dataclass(frozen=True, slots=True)
class Score:
    """Everything that the session's truth can judge."""

    session: str
    heads: tuple[HeadScore, ...]
    events: tuple[EventScore, ...]
    lines: tuple[LineScore, ...]
    alerts: tuple[AlertScore, ...]
    items: tuple[ItemScore, ...] = ()
    """All goods, those taken, those put."""
    items_px: PixelItemScore | None = None
    sounds: tuple[OnsetScore, ...] = ()
    """Of each kind that was heard, speech among them."""
    frames: tuple[FrameScore, ...] = ()


def score(session: Session, results: Path) -> Score:
    """Judge results.

    Parameters
    ----------
    session
        A session with a ``truth`` folder.
    results
        The folder that a replay wrote.

    Raises
    ------
    SessionError
        If there is no truth or no result, or either is torn.
    """
    truth = session.path / "truth"
    has = {name for name in TRUTHS if (truth / name).is_file()}
    if not has:
        raise SessionError(str(truth), "holds nothing to judge by", f"It needs one of {', '.join(TRUTHS)}.")
    cameras = placed_cameras(session)
    clock = FrameClock(session)
    tracks = clock.snap(read_tracks(results / TRACKS))
    heads = read_heads(truth / "heads.csv") if "heads.csv" in has else None
    head_scores: list[HeadScore] = []
    if heads is not None:
        head_scores.append(_score_heads(cameras, clock, heads, tracks))
    if "heads_px.csv" in has:
        head_scores.append(_score_pixels(session, cameras, read_pixel_heads(truth / "heads_px.csv"), tracks))
    judged = Score(session.name, tuple(head_scores), (), (), ())
    hears = bool(session.microphones and has & {TRUE_SOUNDS, TRUE_SPEECH})
    sounds = read_true_sounds(truth) if hears else None
    if sounds is not None:
        judged = _with_sounds(judged, sounds, results)
    if "events.csv" in has or sounds is not None:
        judged = _with_events(judged, session, results, heads, tracks, sounds)
    told = read_told_items(results / EVENTS) if has & {"items.csv", "items_px.csv"} else ()
    if "items.csv" in has:
        there = clock.snap(heads) if heads is not None else None
        verdict = judge_items(read_true_items(truth), told, there, tracks)
        judged = replace(judged, items=item_scores(verdict))
    if "items_px.csv" in has:
        judged = replace(judged, items_px=_score_pixel_items(session, cameras, truth / "items_px.csv", told))
    return judged


def _with_sounds(judged: Score, sounds: Sequence[TrueSound], results: Path) -> Score:
    return replace(
        judged,
        sounds=score_onsets(sounds, read_events(results / EVENTS)),
        frames=score_frames(sounds, read_hearing(results / HEARING), read_sounds(results / SOUNDS)),
    )


def _with_events(
    judged: Score,
    session: Session,
    results: Path,
    heads: Sequence[HeadRow] | None,
    tracks: Mapping[int, list[HeadRow]],
    sounds: Sequence[TrueSound] | None,
) -> Score:
    """Events, passings and alerts; a truth of sounds says what should be told of sounds, and of nothing else."""
    file = session.path / "truth" / "events.csv"
    happened = read_true_events(file) if file.is_file() else ()
    told, alerts, wanted = read_events(results / EVENTS), read_alerts(results / ALERTS), happened
    if sounds is not None:
        happened, told = _without_sounds(happened), _without_sounds(told)
        wanted = (*happened, *true_episodes(sounds, session.store.alerts.sound.by_kind()))
    if not file.is_file():
        alerts = tuple(alert for alert in alerts if alert.kind in SOUND_KINDS)
    people = heads or [head for heads_then in tracks.values() for head in heads_then]
    hours, visitors = session.duration_s / 3600, len({head.id for head in people})
    judged = replace(judged, alerts=score_alerts(wanted, alerts, hours=hours, visitors=visitors))
    if not file.is_file():
        return judged
    both = comparable(happened, told, session.store)
    lines = score_lines(happened, told, [line.id for line in session.store.line])
    return replace(judged, events=score_events(both.truth, both.told), lines=lines)


def _without_sounds(events: Sequence[EventRow]) -> tuple[EventRow, ...]:
    return tuple(event for event in events if event.kind not in SOUND_KINDS)


def _score_pixel_items(
    session: Session, cameras: Sequence[CameraModel], labels: Path, told: Sequence[ToldItem]
) -> PixelItemScore:
    if len(cameras) != 1:
        what = f"says no camera, and the session has {len(cameras)}"
        raise SessionError(str(labels), what, "Give a session with one camera.")
    return score_pixel_items(session, cameras[0], read_pixel_changes(labels), told)


class FrameClock:
    """The frame times of all cameras of a session, whole microseconds."""

    def __init__(self, session: Session) -> None:
        times = {(entry.t_ns + 500) // 1000 for timeline in session.timelines for entry in timeline}
        self.times_us = np.array(sorted(times), dtype=np.int64)
        self._half_us = 0.5 * US_PER_S / session.fps

    def nearest(self, t_us: int) -> int | None:
        """The frame time nearest to ``t_us``, if it is within half a frame."""
        after = int(np.searchsorted(self.times_us, t_us))
        near = [int(t) for t in self.times_us[max(0, after - 1) : after + 1]]
        best = min(near, key=lambda t: abs(t - t_us))
        return best if abs(best - t_us) <= self._half_us else None

    def snap(self, rows: Sequence[HeadRow]) -> dict[int, list[HeadRow]]:
        """Rows by frame time, each id once.

        Raises
        ------
        SessionError
            If there are rows, and none of them falls on a frame.
        """
        snapped: dict[int, dict[str, HeadRow]] = {}
        for row in rows:
            t_us = self.nearest(row.t_us)
            if t_us is None:
                continue
            at = snapped.setdefault(t_us, {})
            if row.id not in at or abs(row.t_us - t_us) < abs(at[row.id].t_us - t_us):
                at[row.id] = row
        if rows and not snapped:
            raise SessionError("score", "no row falls on a frame of this session", "Are the results of this session?")
        return {t_us: list(at.values()) for t_us, at in sorted(snapped.items())}


def _score_heads(
    cameras: Sequence[CameraModel], clock: FrameClock, truth: Sequence[HeadRow], tracks: Mapping[int, list[HeadRow]]
) -> HeadScore:
    verdict = Verdict()
    by_time = clock.snap(truth)
    for t_us in _judged_times(clock, list(by_time)):
        heads, predictions = by_time.get(t_us, []), tracks.get(t_us, [])
        there, said = _points(heads), _points(predictions)
        verdict.add(
            Moment(
                truth_ids=tuple(head.id for head in heads),
                predicted_ids=tuple(head.id for head in predictions),
                distance_m=np.linalg.norm(there[:, None, :2] - said[None, :, :2], axis=2),
                counts=np.array([head.visible >= LEAST_VISIBLE for head in heads], dtype=np.bool_),
                truth_inside=_inside(cameras, there),
                predicted_inside=_inside(cameras, said),
            )
        )
    return _head_score("heads", verdict, named=True)


def _judged_times(clock: FrameClock, truth_us: list[int]) -> list[int]:
    """Frame times at which the truth speaks, or is silent because nobody was there.

    A truth that was written at every second frame says nothing about the frames between; a truth that stops for
    longer than its own period says that the shop was empty.
    """
    if not truth_us:
        return [int(t) for t in clock.times_us]
    times = np.array(truth_us, dtype=np.int64)
    period_us = float(np.median(np.diff(times))) if len(times) > 1 else 0.0
    after = np.clip(np.searchsorted(times, clock.times_us), 0, len(times) - 1)
    before = np.clip(after - 1, 0, None)
    away_us = np.minimum(np.abs(times[after] - clock.times_us), np.abs(times[before] - clock.times_us))
    return [int(t) for t in clock.times_us[(away_us == 0) | (away_us > SILENT_SHARE * period_us)]]


def _score_pixels(
    session: Session,
    cameras: Sequence[CameraModel],
    labels: Sequence[PixelHead],
    tracks: Mapping[int, list[HeadRow]],
) -> HeadScore:
    verdict = Verdict()
    unknown = {label.camera for label in labels} - {camera.id for camera in cameras}
    if unknown:
        what = f"names camera {sorted(unknown)[0]!r}, which the session does not have"
        raise SessionError(str(session.path / "truth" / "heads_px.csv"), what, "Mend the labels.")
    for camera in cameras:
        timeline = session.timeline(camera.id)
        mine = [label for label in labels if label.camera == camera.id]
        frames = session.labelled_frames if session.labelled_frames is not None else {label.frame for label in mine}
        beyond = [frame for frame in frames if frame >= len(timeline)]
        if beyond:
            what = f"names frame {beyond[0]}, but camera {camera.id!r} has {len(timeline)} frames"
            raise SessionError(str(session.path / "truth" / "heads_px.csv"), what, "Mend the labels.")
        for frame in sorted(set(frames)):
            t_us = (timeline[frame].t_ns + 500) // 1000
            heads = [label for label in mine if label.frame == frame]
            verdict.add(_pixel_moment(camera, heads, tracks.get(t_us, [])))
    return _head_score("heads_px", verdict, named=False)


def _pixel_moment(camera: CameraModel, heads: Sequence[PixelHead], predictions: Sequence[HeadRow]) -> Moment:
    """Distances in the picture, as metres at the prediction's own depth."""
    assert camera.pose is not None
    points = camera.pose.to_camera(_points(predictions))
    seen = camera.intrinsics.project(points)
    labelled = np.array([(head.u, head.v) for head in heads], dtype=np.float64).reshape(-1, 2)
    pixels = np.linalg.norm(labelled[:, None, :] - seen[None, :, :], axis=2)
    distance_m = pixels * points[None, :, 2] / camera.intrinsics.fx
    return Moment(
        truth_ids=tuple(str(number) for number in range(len(heads))),
        predicted_ids=tuple(head.id for head in predictions),
        distance_m=np.where(np.isfinite(distance_m), distance_m, 2 * REACH_M),
        counts=np.array([head.certain for head in heads], dtype=np.bool_),
        truth_inside=_away_from_border(camera, labelled),
        predicted_inside=_away_from_border(camera, seen),
    )


def _points(heads: Iterable[HeadRow]) -> Array:
    return np.array([(head.x_m, head.y_m, head.z_m) for head in heads], dtype=np.float64).reshape(-1, 3)


def _inside(cameras: Sequence[CameraModel], points: Array) -> Flags:
    """Which store points lie away from the border in at least one camera's picture."""
    inside = np.zeros(len(points), dtype=np.bool_)
    for camera in cameras:
        if camera.pose is not None:
            inside |= _away_from_border(camera, camera.intrinsics.project(camera.pose.to_camera(points)))
    return inside


def _away_from_border(camera: CameraModel, pixels: Array) -> Flags:
    lens = camera.intrinsics
    margin = BORDER_SHARE * lens.width
    u, v = pixels[:, 0], pixels[:, 1]
    away: Flags = (u >= margin) & (u <= lens.width - 1 - margin) & (v >= margin) & (v <= lens.height - 1 - margin)
    return away


def _head_score(truth: str, verdict: Verdict, *, named: bool) -> HeadScore:
    people = len(verdict.ids_of) if named else None
    return HeadScore(
        truth=truth,
        moments=verdict.moments,
        empty_moments=verdict.empty_moments,
        found=verdict.found,
        missed=verdict.missed,
        made_up=verdict.made_up,
        made_up_when_empty=verdict.made_up_when_empty,
        precision=verdict.precision,
        recall=verdict.recall,
        f1=verdict.f1,
        error_median_m=verdict.error_m(50),
        error_p95_m=verdict.error_m(95),
        most_at_once=verdict.most_at_once,
        ids_used=len(verdict.matched_ids),
        people=people,
        ids_per_person=float(np.mean([len(ids) for ids in verdict.ids_of.values()])) if named and people else None,
        identity=verdict.identity() if named else None,
    )
