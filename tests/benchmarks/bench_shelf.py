"""What watching shelves costs the eye: the same frames with and without, frame by frame, on one core.

    python -m tests.benchmarks.bench_shelf [--json]

848x480 pixels, two gondolas in view and watched, a shopper who takes goods from one of them, 30 frames a second.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from rich.console import Console
from rich.table import Table

from edge.depth.pipeline import Eye
from edge.messages import DepthFrame
from edge.recording.folder import Session, open_session
from edge.settings import Shelf
from edge.simulator import shop
from edge.simulator.scenarios import SCENARIOS, Scenario
from edge.simulator.shop import Gondola
from edge.simulator.simulation import simulate
from edge.simulator.stage import Mount, Stage
from tests.benchmarks.bench_eye import stay_on_one_core, timed

SIZE, FPS, DURATION_S = (848, 480), 30.0, 24.0
SEED = 1
BEFORE = 60
"""Frames before the clock counts."""
FLOOR_MEDIAN_MS = 0.4
CAMERA = Mount(2.6, 32.0, 0.0, x_m=0.0, y_m=-2.6)
SECOND = Gondola(1.45, 0.5, -np.pi / 2, 0.95)
"""Beside the first one, in the same row."""


@dataclass(frozen=True, slots=True)
class ShelfBench:
    """Milliseconds a frame."""

    pixels: str
    frames: int
    changes: int
    """Changes told: some, when all is well."""
    without_ms: float
    watching_ms: float
    cost_median_ms: float
    """Median over all frames of the difference between the two eyes at one frame."""
    cost_p99_ms: float

    @property
    def met(self) -> bool:
        """Whether the floor is met."""
        return self.cost_median_ms <= FLOOR_MEDIAN_MS


def _stage(rng: np.random.Generator, duration_s: float) -> Stage:
    stage = SCENARIOS["shelf_single"].build(rng, duration_s)
    low, high = SECOND.corners()
    second = Shelf(id="B", min=(*low, 0.1), max=(*high, SECOND.tall_m), facing=(0.0, -1.0))
    store = stage.store.model_copy(update={"shelf": (*stage.store.shelf, second)})
    fixtures = (*stage.fixtures, shop.gondola(SECOND, rng))
    return replace(stage, fixtures=fixtures, mount=CAMERA, store=store)


@contextmanager
def two_gondolas() -> Iterator[Session]:
    """The session, in a folder that goes away afterwards."""
    SCENARIOS["two_gondolas"] = Scenario("A shopper at one of two gondolas.", DURATION_S, _stage)
    with TemporaryDirectory(prefix="miseban-bench-") as folder:
        path = Path(folder) / "two-gondolas"
        simulate("two_gondolas", SEED, path, size=SIZE, fps=FPS, compression=0)
        yield open_session(path)


def measure() -> ShelfBench:
    """Both eyes see each frame, one after the other, so that both meet the same machine."""
    stay_on_one_core()
    with two_gondolas() as session:
        return measure_session(session)


def measure_session(session: Session) -> ShelfBench:
    """The same for the only camera of a session."""
    camera, store = session.cameras[0], session.store
    plain = Eye(camera, store.eye, session.empty(camera.id))
    watching = Eye(camera, store.eye, session.empty(camera.id), store.watched())
    for eye in (plain, watching):
        eye.warm_up()
    without: list[float] = []
    within: list[float] = []
    changes = 0
    for number, frame in enumerate(session.frames()):
        assert isinstance(frame, DepthFrame)
        # In turn first and second: the second finds the frame in the cache.
        if number % 2:
            plain_ms, _ = timed(plain.step, frame)
            watching_ms, seen = timed(watching.step, frame)
        else:
            watching_ms, seen = timed(watching.step, frame)
            plain_ms, _ = timed(plain.step, frame)
        changes += len(seen.changes)
        if number >= BEFORE:
            without.append(plain_ms)
            within.append(watching_ms)
    cost = np.array(within) - np.array(without)
    lens = camera.intrinsics
    return ShelfBench(
        pixels=f"{lens.width}x{lens.height}",
        frames=len(within),
        changes=changes,
        without_ms=round(float(np.median(without)), 3),
        watching_ms=round(float(np.median(within)), 3),
        cost_median_ms=round(float(np.median(cost)), 3),
        cost_p99_ms=round(float(np.percentile(cost, 99)), 3),
    )


def main() -> int:
    """Print the result; exit code 1 if the floor is missed."""
    bench = measure()
    if "--json" in sys.argv[1:]:
        print(json.dumps(asdict(bench) | {"met": bench.met}, indent=1))
    else:
        title = f"{bench.pixels}, {bench.frames} frames, {bench.changes} changes told, one core"
        shown = Table("what", "median ms", "p99 ms", "floor", title=title)
        shown.add_row("eye without", f"{bench.without_ms:.3f}", "", "")
        shown.add_row("eye that watches", f"{bench.watching_ms:.3f}", "", "")
        floor = f"median ≤ {FLOOR_MEDIAN_MS}"
        shown.add_row("difference", f"{bench.cost_median_ms:.3f}", f"{bench.cost_p99_ms:.3f}", floor)
        Console(width=100).print(shown)
    return 0 if bench.met else 1


if __name__ == "__main__":
    raise SystemExit(main())
