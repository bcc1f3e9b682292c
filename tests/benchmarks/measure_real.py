"""Heads and identities on recordings of the real world."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from edge.recording.folder import open_session
from edge.replay.replay import run
from edge.replay.score import HeadScore, Score, score
from tests.benchmarks.bench_grid import FLOOR_AGREEMENT, compare
from tests.benchmarks.measure import Measure, at_least, at_most, exactly, told

TOPVIEW, CROWD = "real-topview-one-adult-a", "real-oblique-crowd-a"
DOORWAYS = tuple(f"real-doorway-tof-{k}" for k in (0, 2, 4, 6))
MAPS = (DOORWAYS[0], CROWD, TOPVIEW)


@dataclass(frozen=True, slots=True)
class Heads:
    """Heads of several sessions, added up."""

    found: int
    missed: int
    made_up: int
    made_up_when_empty: int

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.found / (2 * self.found + self.missed + self.made_up)


def judged(path: Path) -> Score:
    """Replay a session and judge it."""
    session = open_session(path)
    with TemporaryDirectory(prefix="miseban-measure-") as folder:
        out = Path(folder) / "results"
        run(session, out)
        return score(session, out)


def head_score(path: Path) -> HeadScore:
    """How the heads of a real session are judged: by its picture truth where it has one."""
    heads = judged(path).heads
    return next((h for h in heads if h.truth == "heads_px"), heads[0])


def together(scores: list[HeadScore]) -> Heads:
    """Counts of several sessions."""
    return Heads(*(sum(getattr(s, name) for s in scores) for name in Heads.__dataclass_fields__))


def real_measures(data: Path) -> Iterator[Measure]:
    """Replay and score of the real sessions in a folder."""
    top = head_score(data / TOPVIEW)
    yield at_least(TOPVIEW, "precision", 0.995, top.precision, 4)
    yield at_least(TOPVIEW, "recall", 0.995, top.recall, 4)
    yield at_most(TOPVIEW, "median error, m", 0.05, _number(top.error_median_m))
    yield exactly(TOPVIEW, "identities of one adult", 1, top.ids_used)

    scores = [head_score(data / name) for name in DOORWAYS]
    doors = together(scores)
    each = ", ".join(f"{s.f1:.3f}" if s.found + s.missed + s.made_up else "nobody, none found" for s in scores)
    yield at_least("real-doorway-tof-0,2,4,6", "F1, together", 0.96, doors.f1)
    yield told("real-doorway-tof-0,2,4,6", "F1, each", each)
    yield exactly("real-doorway-tof-0,2,4,6", "heads in frames known empty", 0, doors.made_up_when_empty)

    crowd = head_score(data / CROWD)
    yield at_least(CROWD, "F1", 0.985, crowd.f1, 4)
    yield at_most(CROWD, "median error, m", 0.10, _number(crowd.error_median_m))
    yield told(CROWD, "identities used; at most together", f"{crowd.ids_used}; {crowd.most_at_once}")


def map_measures(data: Path) -> Iterator[Measure]:
    """The eye's map against OctoMap on three real sessions."""
    for name in MAPS:
        for row in compare(data / name):
            what = f"map cells known to both that agree, of {row.known_to_both}"
            yield at_least(name, what, FLOOR_AGREEMENT, row.share, 4)


def _number(value: float | None) -> float:
    return math.nan if value is None else value
