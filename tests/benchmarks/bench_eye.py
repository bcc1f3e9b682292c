"""Speed of the whole eye on one core, against Open3D and OctoMap on the same frames in the same run.

    python -m tests.benchmarks.bench_eye [--json]

848x480 pixels, four people walking, 30 frames a second.  Each frame goes through the whole eye; every tenth also
through the peers, between two frames of the eye, so that all meet the same machine.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TypeVar

import numpy as np
from rich.console import Console
from rich.table import Table

from edge.depth.pipeline import Eye
from edge.messages import DepthFrame
from edge.recording.folder import Session
from edge.settings import EyeSettings
from tests.benchmarks.four_people import four_people
from tests.benchmarks.peers import OctoMapPeer, Open3DPeer

A, R = TypeVar("A"), TypeVar("R")
PEERS_EVERY = 10
BEFORE = 90
"""Frames before the clock counts: nobody has come in yet."""
FLOOR_MEDIAN_MS, FLOOR_P99_MS = 1.5, 5.0
FLOOR_OPEN3D, FLOOR_OCTOMAP = 15.0, 150.0


@dataclass(frozen=True, slots=True)
class Speed:
    """Milliseconds a frame."""

    name: str
    frames: int
    median_ms: float
    p99_ms: float


@dataclass(frozen=True, slots=True)
class EyeBench:
    """The eye and its peers, same frames, same run."""

    pixels: str
    heads_found: float
    """Mean heads a frame: four when all is well."""
    eye: Speed
    open3d: Speed
    octomap: Speed
    octomap_discretized: Speed

    @property
    def faster_than_open3d(self) -> float:
        """Ratio of medians."""
        return self.open3d.median_ms / self.eye.median_ms

    @property
    def faster_than_octomap(self) -> float:
        """Ratio of medians."""
        return self.octomap.median_ms / self.eye.median_ms

    @property
    def met(self) -> bool:
        """Whether every floor is met."""
        return (
            self.eye.median_ms <= FLOOR_MEDIAN_MS
            and self.eye.p99_ms <= FLOOR_P99_MS
            and self.faster_than_open3d >= FLOOR_OPEN3D
            and self.faster_than_octomap >= FLOOR_OCTOMAP
        )


def stay_on_one_core() -> None:
    """Pin this process, with all its threads, to one of the cores that it may use."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def timed(call: Callable[[A], R], argument: A) -> tuple[float, R]:
    """How long a call takes, milliseconds, and what it returns."""
    began = time.perf_counter_ns()
    result = call(argument)
    return (time.perf_counter_ns() - began) / 1e6, result


def speed(name: str, milliseconds: list[float]) -> Speed:
    """Median and 99th percentile."""
    median, p99 = np.percentile(milliseconds, [50, 99])
    return Speed(name, len(milliseconds), round(float(median), 3), round(float(p99), 3))


def measure() -> EyeBench:
    """Run the eye over all frames, and the peers over every tenth."""
    stay_on_one_core()
    with four_people() as session:
        return measure_session(session)


def measure_session(session: Session) -> EyeBench:
    """The same for the only camera of a session."""
    camera, settings = session.cameras[0], EyeSettings()
    eye = Eye(camera, settings, session.empty(camera.id))
    eye.warm_up()
    open3d = Open3DPeer(camera, settings.max_range_m)
    octomap = OctoMapPeer(camera, settings.max_range_m)
    discretized = OctoMapPeer(camera, settings.max_range_m, discretize=True)
    taken: dict[str, list[float]] = {"eye": [], "open3d": [], "octomap": [], "discretized": []}
    heads = 0
    for number, frame in enumerate(session.frames()):
        assert isinstance(frame, DepthFrame)
        elapsed_ms, seen = timed(eye.step, frame)
        if number < BEFORE:
            continue
        taken["eye"].append(elapsed_ms)
        heads += len(seen.heads)
        if number % PEERS_EVERY == 0:
            points = octomap.prepare(frame)
            taken["open3d"].append(timed(open3d.step, frame)[0])
            taken["octomap"].append(timed(octomap.insert, points)[0])
            taken["discretized"].append(timed(discretized.insert, points)[0])
    lens = camera.intrinsics
    return EyeBench(
        pixels=f"{lens.width}x{lens.height}",
        heads_found=round(heads / len(taken["eye"]), 2),
        eye=speed("eye, whole", taken["eye"]),
        open3d=speed("Open3D point cloud + voxel grid", taken["open3d"]),
        octomap=speed("OctoMap insertPointCloud", taken["octomap"]),
        octomap_discretized=speed("OctoMap insertPointCloud, discretized", taken["discretized"]),
    )


def table(bench: EyeBench) -> Table:
    """The result as a table."""
    title = f"{bench.pixels}, {bench.heads_found} heads a frame, one core"
    shown = Table("what", "frames", "median ms", "p99 ms", "eye is faster by", "floor", title=title)
    floors = (
        f"median ≤ {FLOOR_MEDIAN_MS}, p99 ≤ {FLOOR_P99_MS}",
        f"≥ {FLOOR_OPEN3D:g}×",
        f"≥ {FLOOR_OCTOMAP:g}×",
        "",
    )
    rows = (bench.eye, bench.open3d, bench.octomap, bench.octomap_discretized)
    for row, floor in zip(rows, floors, strict=True):
        ratio = "" if row is bench.eye else f"{row.median_ms / bench.eye.median_ms:.1f}×"
        shown.add_row(row.name, str(row.frames), f"{row.median_ms:.3f}", f"{row.p99_ms:.3f}", ratio, floor)
    return shown


def main() -> int:
    """Print the result; exit code 1 if a floor is missed."""
    bench = measure()
    if "--json" in sys.argv[1:]:
        print(json.dumps(asdict(bench) | {"met": bench.met}, indent=1))
    else:
        Console(width=120).print(table(bench))
        print("Floors met." if bench.met else "A floor is missed.")
    return 0 if bench.met else 1


if __name__ == "__main__":
    raise SystemExit(main())
