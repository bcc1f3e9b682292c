"""A shop floor at the level of heads: people who walk, and a detector that errs, with exact truth.

No picture is made: what the eye would say is drawn from the truth with jitter, misses, merged heads, second heads of
one person and false ones, so that the tracker is tried with thousands of encounters in seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from edge.clock import nanoseconds
from edge.messages import DepthObservation, Head

STEP_S = 1 / 60
VIEW_M = 3.0
"""The picture covers this far to each side of the middle."""
BORDER_M = 0.25


@dataclass(frozen=True, slots=True)
class Path:
    """Where one person's head is, at steps of ``STEP_S``; absent where not a number."""

    name: str
    x_m: np.ndarray
    y_m: np.ndarray
    z_m: np.ndarray


@dataclass(frozen=True, slots=True)
class Detector:
    """How the eye errs."""

    fps: float = 15.0
    jitter_m: float = 0.04
    miss: float = 0.04
    merge: float = 0.35
    """Chance that two heads closer than 0.35 m are seen as one, for a moment."""
    occlusions_per_min: float = 2.0
    """Per person: not seen for 0.3 to 1.5 s."""
    second_heads_per_min: float = 2.0
    """Per person: a hand, bag or shoulder taken for a head for 0.2 to 0.8 s."""
    false_per_s: float = 0.1
    still_false: int = 1
    """Things that look a little like a head and never move."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """People who come and go."""

    paths: tuple[Path, ...]
    duration_s: float


@dataclass(frozen=True, slots=True)
class TruthRow:
    """One head at one frame time; one that is hidden does not count."""

    name: str
    x_m: float
    y_m: float
    hidden: bool


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the eye said, and what was so, frame by frame."""

    observations: tuple[DepthObservation, ...]
    truth: tuple[tuple[TruthRow, ...], ...]


def walk(
    rng: np.random.Generator, name: str, stops: list[tuple[float, float]], *, start_s: float, duration_s: float,
    speed_mps: float | None = None, height_m: float | None = None, stand_s: float = 0.0,
) -> Path:  # fmt: skip
    """Somebody who walks from stop to stop, standing a while at each, and is gone after the last."""
    n = round(duration_s / STEP_S)
    x, y = np.full(n, np.nan), np.full(n, np.nan)
    speed = speed_mps if speed_mps is not None else rng.uniform(0.8, 1.5)
    tall = height_m if height_m is not None else rng.uniform(1.5, 1.85)
    place, velocity, target, stood_s = np.array(stops[0], float), np.zeros(2), 1, 0.0
    for k in range(max(0, round(start_s / STEP_S)), n):
        if target >= len(stops):
            break
        to = np.array(stops[target]) - place
        far = float(np.hypot(*to))
        last = target == len(stops) - 1
        wanted = to / max(far, 1e-6) * min(speed, far * 3.0 + (speed if last else 0.1))
        velocity += np.clip((wanted - velocity) / 0.25, -4.0, 4.0) * STEP_S
        place = place + velocity * STEP_S
        x[k], y[k] = place
        if far < 0.15:
            stood_s += STEP_S
            if last or stood_s >= stand_s:
                target, stood_s = target + 1, 0.0
    t = np.arange(n) * STEP_S
    phase, pace = rng.uniform(0, 6.28), 1.4 * speed
    sway = 0.02 * np.sin(2 * np.pi * pace / 2 * t + phase)
    return Path(name, x + sway, y + sway, tall + 0.02 * np.sin(2 * np.pi * pace * t + phase))


def follow(rng: np.random.Generator, leader: Path, name: str, aside_m: float, height_m: float) -> Path:
    """Somebody who walks beside another, such as a child."""
    angle = rng.uniform(0, 6.28) + np.cumsum(rng.normal(0, 0.012, len(leader.x_m)))
    return Path(
        name,
        leader.x_m + aside_m * np.cos(angle),
        leader.y_m + aside_m * np.sin(angle),
        np.full(len(leader.x_m), height_m) + 0.02 * np.sin(np.arange(len(leader.x_m)) * 0.15),
    )


def crossings(rng: np.random.Generator, duration_s: float = 40.0) -> Scenario:
    """Two to four people at a time pass each other at 0.3 to 0.6 m, straight through the view."""
    paths: list[Path] = []
    start_s = 0.5
    while start_s < duration_s - 8.0:
        turn, n = rng.uniform(0, 6.28), int(rng.integers(2, 5))
        for k in range(n):
            angle = turn + 2 * np.pi * k / n + rng.normal(0, 0.2)
            ahead, aside = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
            off = aside * rng.choice([-1, 1]) * rng.uniform(0.15, 0.3)
            stops = [tuple(-4.6 * ahead + off), tuple(4.6 * ahead + off)]
            paths.append(
                walk(rng, f"c{len(paths)}", stops, start_s=start_s + rng.normal(0, 0.15), duration_s=duration_s)
            )
        start_s += 8.0
    return Scenario(tuple(paths), duration_s)


def dense(rng: np.random.Generator, duration_s: float = 30.0, people: int = 8) -> Scenario:
    """People who go about in 4 x 4 m, and give way so that they do not walk through each other."""
    n = round(duration_s / STEP_S)
    places, velocities = rng.uniform(-2, 2, (people, 2)), np.zeros((people, 2))
    goals, speeds = rng.uniform(-2, 2, (people, 2)), rng.uniform(0.5, 1.2, people)
    told = np.zeros((n, people, 2))
    for k in range(n):
        to = goals - places
        far = np.hypot(to[:, 0], to[:, 1])
        arrived = far < 0.25
        goals[arrived] = rng.uniform(-2, 2, (int(arrived.sum()), 2))
        wanted = to / np.maximum(far, 1e-6)[:, None] * speeds[:, None]
        between = places[:, None] - places[None]
        gap = np.maximum(np.hypot(between[..., 0], between[..., 1]), 1e-3)
        push = np.where((gap < 0.6) & (gap > 1e-2), (0.6 - gap) * 8.0, 0.0)
        wanted += (between / gap[..., None] * push[..., None]).sum(axis=1)
        velocities += np.clip((wanted - velocities) / 0.25, -5, 5) * STEP_S
        places = places + velocities * STEP_S
        told[k] = places
    heights = rng.uniform(1.5, 1.85, people)
    return Scenario(
        tuple(Path(f"d{i}", told[:, i, 0], told[:, i, 1], np.full(n, heights[i])) for i in range(people)), duration_s
    )


def families(rng: np.random.Generator, duration_s: float = 40.0) -> Scenario:
    """Adults with a child close beside them."""
    paths: list[Path] = []
    for k in range(4):
        stops = [
            (-4.6, rng.uniform(-2, 2)),
            *(tuple(rng.uniform(-2, 2, 2)) for _ in range(2)),
            (4.6, rng.uniform(-2, 2)),
        ]
        if rng.random() < 0.5:
            stops = [(-x, y) for x, y in stops]
        adult = walk(rng, f"a{k}", stops, start_s=0.5 + 8 * k, duration_s=duration_s, stand_s=rng.uniform(0, 2))
        paths += [adult, follow(rng, adult, f"k{k}", rng.uniform(0.32, 0.55), rng.uniform(0.95, 1.3))]
    return Scenario(tuple(paths), duration_s)


def doorway(rng: np.random.Generator, duration_s: float = 60.0) -> Scenario:
    """Over a line along y = 0: passers both ways, some who stand on it, some who turn back before it."""
    paths: list[Path] = []
    start_s = 0.5
    while start_s < duration_s - 14.0:
        side, x = rng.choice([-1.0, 1.0]), rng.uniform(-0.8, 0.8)
        begin, end = (x + rng.normal(0, 0.4), side * 4.6), (x + rng.normal(0, 0.4), -side * 4.6)
        what = rng.choice(["pass", "pass", "pass", "stand", "turn", "pair"])
        stops, stand_s = [begin, (x, 0.0), end], 0.0
        if what == "stand":
            stand_s = rng.uniform(2.0, 4.0)
        elif what == "turn":
            stops, stand_s = [begin, (x, side * rng.uniform(0.05, 0.4)), begin], rng.uniform(0.0, 2.0)
        elif what == "pair":
            other = [(p + 0.5, -q) for p, q in stops]
            paths.append(walk(rng, f"o{len(paths)}", other, start_s=start_s, duration_s=duration_s))
        paths.append(walk(rng, f"p{len(paths)}", stops, start_s=start_s, duration_s=duration_s, stand_s=stand_s))
        start_s += rng.uniform(1.5, 5.0)
    return Scenario(tuple(paths), duration_s)


SCENARIOS: dict[str, Callable[[np.random.Generator], Scenario]] = {
    "crossings": crossings,
    "dense": dense,
    "families": families,
    "doorway": doorway,
}


@dataclass(slots=True)
class _Spell:
    until_s: float = -1.0
    x_m: float = 0.0
    y_m: float = 0.0


def detect(rng: np.random.Generator, scenario: Scenario, detector: Detector, camera: str = "cam0") -> Recorded:
    """What the eye says of a scenario."""
    observations, truth = [], []
    hidden = {path.name: _Spell() for path in scenario.paths}
    second = {path.name: _Spell() for path in scenario.paths}
    merged = {}
    still = rng.uniform(-2, 2, (detector.still_false, 2))
    dt_s = 1.0 / detector.fps
    for k in range(int(scenario.duration_s * detector.fps)):
        t_s = k * dt_s + abs(rng.normal(0, 0.002))
        step = min(round(t_s / STEP_S), round(scenario.duration_s / STEP_S) - 1)
        rows, heads = [], []
        for path in scenario.paths:
            x, y, z = path.x_m[step], path.y_m[step], path.z_m[step]
            edge = VIEW_M - max(abs(x), abs(y))
            if np.isnan(x) or edge < 0:
                continue
            spell = hidden[path.name]
            if t_s > spell.until_s and rng.random() < detector.occlusions_per_min / 60 * dt_s:
                spell.until_s = t_s + rng.uniform(0.3, 1.5)
            gone = t_s < spell.until_s
            rows.append(TruthRow(path.name, float(x), float(y), gone))
            if not gone and rng.random() > detector.miss * (3.0 if edge < BORDER_M else 1.0):
                heads.append([path.name, x, y, z, float(np.clip(rng.normal(0.85, 0.1), 0.3, 1.0))])
            arm = second[path.name]
            if t_s > arm.until_s and rng.random() < detector.second_heads_per_min / 60 * dt_s:
                arm.until_s, angle, reach = t_s + rng.uniform(0.2, 0.8), rng.uniform(0, 6.28), rng.uniform(0.18, 0.4)
                arm.x_m, arm.y_m = reach * np.cos(angle), reach * np.sin(angle)
            if t_s < arm.until_s and not gone:
                heads.append([None, x + arm.x_m, y + arm.y_m, z - rng.uniform(-0.05, 0.4), rng.uniform(0.3, 0.7)])
        heads = _merge(rng, heads, merged, t_s, detector)
        for x, y in still:
            if rng.random() < 0.6:
                heads.append([None, x, y, 1.1, rng.uniform(0.2, 0.45)])
        if rng.random() < detector.false_per_s * dt_s:
            heads.append([None, *rng.uniform(-2.5, 2.5, 2), rng.uniform(0.9, 1.9), rng.uniform(0.2, 0.6)])
        found = tuple(_head(rng, detector, x, y, z, confidence) for _, x, y, z, confidence in heads)
        observations.append(DepthObservation(camera, nanoseconds(1000.0 + t_s), found, 0.95, 0.1))
        truth.append(tuple(rows))
    return Recorded(tuple(observations), tuple(truth))


def _merge(rng, heads, merged, t_s, detector):
    """Two heads close together become the taller one, moved toward the other, while a spell lasts."""
    kept = list(heads)
    for i, a in enumerate(heads):
        for b in heads[i + 1 :]:
            if a[0] is None or b[0] is None or np.hypot(a[1] - b[1], a[2] - b[2]) > 0.35 or abs(a[3] - b[3]) > 0.35:
                continue
            key = (a[0], b[0])
            if t_s > merged.get(key, (-1.0, False))[0]:
                merged[key] = (t_s + rng.uniform(0.1, 0.5), rng.random() < detector.merge)
            if merged[key][1] and a in kept and b in kept:
                kept.remove(min(a, b, key=lambda head: head[3]))
                taller = max(a, b, key=lambda head: head[3])
                lesser = b if taller is a else a
                taller[1] += 0.3 * (lesser[1] - taller[1])
                taller[2] += 0.3 * (lesser[2] - taller[2])
    return kept


def _head(rng: np.random.Generator, detector: Detector, x: float, y: float, z: float, confidence: float) -> Head:
    jitter = rng.normal(0, detector.jitter_m / np.sqrt(2), 2)
    border = VIEW_M - max(abs(x), abs(y)) < BORDER_M
    return Head(
        float(x + jitter[0]), float(y + jitter[1]), float(z + rng.normal(0, 0.02)), detector.jitter_m,
        float(np.clip(confidence, 0, 1)), bool(border),
    )  # fmt: skip
