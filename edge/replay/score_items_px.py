"""Goods that came or went against changes that were labelled in the pictures of one camera.

A told change counts for a labelled one of its kind when it ends between the frame before and the last frame that shows
the next state, and its place, seen by the camera, lies within the labelled box grown by half.  A box that the picture's
border cuts off is not judged, nor is what was told of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from edge.errors import SessionError
from edge.messages import CameraModel
from edge.recording.folder import Session
from edge.replay.item_tables import PixelChange, ToldItem

GROWN = 1.5
"""Of the labelled box's width and height."""
FAR = 1e6


@dataclass(frozen=True, slots=True)
class PixelItemScore:
    """Labelled changes."""

    true: int
    found: int
    told: int
    extra: int
    recall: float | None
    precision: float | None


def score_pixel_items(
    session: Session, camera: CameraModel, labels: Sequence[PixelChange], told: Sequence[ToldItem]
) -> PixelItemScore:
    """Judge the goods of a session with one camera.

    Parameters
    ----------
    session
        The session that was labelled.
    camera
        Its only camera, with its pose.
    labels, told
        Labelled changes and told ones.

    Raises
    ------
    SessionError
        If a label names a frame that is not there.
    """
    pairs = pair_pixel_items(session, camera, labels, told)
    cut_off = {number for number, label in enumerate(labels) if _cut_off(label, camera)}
    found = sum(number not in cut_off for number, _ in pairs)
    true, judged = len(labels) - len(cut_off), len(told) - (len(pairs) - found)
    return PixelItemScore(
        true=true,
        found=found,
        told=judged,
        extra=judged - found,
        recall=found / true if true else None,
        precision=found / judged if judged else None,
    )


def pair_pixel_items(
    session: Session, camera: CameraModel, labels: Sequence[PixelChange], told: Sequence[ToldItem]
) -> list[tuple[int, int]]:
    """Which label goes with which told change: the most pairs, and of those the nearest to the boxes' middles.

    Raises
    ------
    SessionError
        If a label names a frame that is not there.
    """
    timeline = session.timeline(camera.id)
    beyond = [label.frame_after for label in labels if label.frame_after >= len(timeline)]
    if beyond:
        what = f"names frame {beyond[0]}, but camera {camera.id!r} has {len(timeline)} frames"
        raise SessionError(str(session.path / "truth" / "items_px.csv"), what, "Mend the labels.")
    assert camera.pose is not None
    points = np.array([(item.x_m, item.y_m, item.z_m) for item in told], dtype=np.float64).reshape(-1, 3)
    pixels = camera.intrinsics.project(camera.pose.to_camera(points))
    cost = np.full((len(labels), len(told)), FAR)
    for n, label in enumerate(labels):
        first_us = (timeline[label.frame_before].t_ns + 500) // 1000
        last_us = (timeline[_last_of_state(session, camera.id, label.frame_after)].t_ns + 500) // 1000
        for k, item in enumerate(told):
            aside = _aside(label, float(pixels[k, 0]), float(pixels[k, 1]))
            if item.kind == label.kind and first_us <= item.t_end_us <= last_us and aside <= 1.0:
                cost[n, k] = aside
    return [(int(n), int(k)) for n, k in zip(*linear_sum_assignment(cost), strict=True) if cost[n, k] < FAR]


def _last_of_state(session: Session, camera: str, frame: int) -> int:
    """The last of the frames that show the same picture file as this one: a state that is held is one file."""
    timeline = session.timeline(camera)
    last = frame
    while last + 1 < len(timeline) and timeline[last + 1].file == timeline[frame].file:
        last += 1
    return last


def _cut_off(label: PixelChange, camera: CameraModel) -> bool:
    right, bottom = label.u + label.width, label.v + label.height
    return min(label.u, label.v) < 1 or right > camera.intrinsics.width - 1 or bottom > camera.intrinsics.height - 1


def _aside(label: PixelChange, u: float, v: float) -> float:
    """How far from the middle of a box, 1 at the border of the grown one; infinite for what is behind the camera."""
    if not (np.isfinite(u) and np.isfinite(v)):
        return float("inf")
    across = abs(u - label.u - label.width / 2) / (GROWN * label.width / 2)
    along = abs(v - label.v - label.height / 2) / (GROWN * label.height / 2)
    return max(across, along)
