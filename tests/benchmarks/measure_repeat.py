"""One session, several replays at several speeds: the results must be the same bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from edge.recording.folder import open_session
from edge.replay.replay import run
from edge.replay.results import ALERTS, EVENTS, TRACKS
from tests.benchmarks.measure import Measure, exactly

SPEEDS: tuple[float | None, ...] = (1.0, 1.0, None, None)


def digests(path: Path, speed: float | None) -> tuple[str, ...]:
    """SHA-256 of each result file of one replay."""
    with TemporaryDirectory(prefix="miseban-measure-") as folder:
        out = Path(folder) / "results"
        run(open_session(path), out, speed)
        return tuple(hashlib.sha256((out / name).read_bytes()).hexdigest() for name in (TRACKS, EVENTS, ALERTS))


def repeat_measures(path: Path) -> Iterator[Measure]:
    """A session at 1× twice and as fast as possible twice."""
    results = {digests(path, speed) for speed in SPEEDS}
    yield exactly(path.name, "different results of 1×, 1×, max, max", 1, len(results))
