"""Heads as an exact eye would tell them, along paths that a test draws, and the scene that is made of them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from edge.clock import nanoseconds
from edge.messages import DepthObservation, EventKind, Head, SceneEvent, SceneUpdate, Track
from edge.scene.pipeline import Scene
from edge.settings import StoreSettings

START_S = 1_700_000_040
"""A whole minute: 2023-11-14 22:14:00 UTC."""
VIEW_M = 3.0
"""The picture covers this far to each side of the origin; beyond it nobody is seen."""
BORDER_M = 0.2

Walker = Callable[[float], Head | None]
"""One head at a time in seconds since the start, or none."""


def at(t_s: float) -> int:
    """A time in seconds since the start, as UTC nanoseconds."""
    return START_S * 1_000_000_000 + nanoseconds(t_s)


def head(x_m: float, y_m: float, z_m: float = 1.7, confidence: float = 0.9, *, at_border: bool | None = None) -> Head:
    if at_border is None:
        at_border = max(abs(x_m), abs(y_m)) > VIEW_M - BORDER_M
    return Head(x_m, y_m, z_m, 0.03, confidence, at_border)


def along(*stops: tuple[float, float, float], z_m: float = 1.7, confidence: float = 0.9) -> Walker:
    """Straight from (t_s, x_m, y_m) to the next; absent before the first, after the last and out of view."""
    times, xs, ys = (np.array(values, dtype=np.float64) for values in zip(*stops, strict=True))

    def walker(t_s: float) -> Head | None:
        if not times[0] <= t_s <= times[-1]:
            return None
        x_m, y_m = float(np.interp(t_s, times, xs)), float(np.interp(t_s, times, ys))
        return head(x_m, y_m, z_m, confidence) if max(abs(x_m), abs(y_m)) < VIEW_M else None

    return walker


def unseen(walker: Walker, *spells: tuple[float, float]) -> Walker:
    """The same walker, hidden from one time to another."""
    return lambda t_s: None if any(begin <= t_s < end for begin, end in spells) else walker(t_s)


def looks(
    fps: float, duration_s: float, *walkers: Walker, camera: str = "cam0", jitter_m: float = 0.0, offset_s: float = 0.0,
    seed: int = 1,
) -> list[DepthObservation]:  # fmt: skip
    """What one camera tells of walkers, frame by frame."""
    rng = np.random.default_rng(seed)
    told = []
    for k in range(math.ceil(duration_s * fps)):
        t_s = k / fps + offset_s
        heads = []
        for found in (walker(t_s) for walker in walkers):
            dx, dy = rng.normal(0.0, jitter_m, 2) if jitter_m else (0.0, 0.0)
            if found is not None:
                x_m, y_m = found.x_m + float(dx), found.y_m + float(dy)
                heads.append(Head(x_m, y_m, found.z_m, max(found.sigma_m, jitter_m), found.confidence, found.at_border))
        told.append(look(t_s, *heads, camera=camera))
    return told


def look(t_s: float, *heads: Head, camera: str = "cam0") -> DepthObservation:
    return DepthObservation(camera, at(t_s), heads, 0.95, 0.1)


def merged(*streams: Sequence[DepthObservation]) -> list[DepthObservation]:
    """Streams of several cameras in order of event time."""
    return sorted((one for stream in streams for one in stream), key=lambda one: (one.t_ns, one.camera))


def drawn(**tables: object) -> StoreSettings:
    """Settings as ``store.toml`` would give them."""
    return StoreSettings.model_validate(tables)


def square(name: str, kind: str, x0: float, y0: float, x1: float, y1: float) -> dict[str, object]:
    """A zone with sides along the axes."""
    return {"id": name, "kind": kind, "polygon": [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]}


def run(
    observations: Iterable[DepthObservation], settings: StoreSettings | None = None, sensors: Sequence[str] = ("cam0",)
) -> list[SceneUpdate]:
    """All updates of one session."""
    scene = Scene(settings or StoreSettings(), sensors)
    updates = [update for observation in observations for update in scene.step(observation)]
    return [*updates, *scene.finish()]


def rows(updates: Iterable[SceneUpdate]) -> dict[str, list[Track]]:
    """Every row of every person, by time, those that were told afterwards included."""
    told: dict[str, list[Track]] = defaultdict(list)
    for update in updates:
        for row in (*update.confirmed, *update.tracks):
            told[row.id].append(row)
    return {name: sorted(track, key=lambda row: row.t_ns) for name, track in told.items()}


def events(updates: Iterable[SceneUpdate], kind: EventKind) -> list[SceneEvent]:
    return [event for update in updates for event in update.events if event.kind is kind]
