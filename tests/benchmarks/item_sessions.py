"""Sessions with goods for the measures: simulated or real, replayed and judged, several at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from edge.messages import EventKind
from edge.recording.folder import open_session
from edge.replay.item_tables import read_told_items, read_true_items
from edge.replay.replay import run
from edge.replay.results import ALERTS, EVENTS, TRACKS
from edge.replay.score import FrameClock, score
from edge.replay.score_items import ItemVerdict, judge_items
from edge.replay.score_items_px import PixelItemScore
from edge.replay.tables import read_alerts, read_heads, read_tracks
from edge.simulator.simulation import simulate
from tests.benchmarks.held import hold

# The tables' goods, by what the depth pictures show of them; x and y in the camera's own frame on the floor.
TABLES = {
    "real-table-chocapics-1": ((-0.15, 0.75, 0.79), (0.60, 1.35, 1.20)),
    "real-table-maizena2-1": ((-0.35, 0.60, 0.58), (0.50, 1.35, 1.00)),
}


@dataclass(frozen=True, slots=True)
class Task:
    """One simulated session."""

    scenario: str
    seed: int

    @property
    def name(self) -> str:
        """Of its folder."""
        return f"{self.scenario}-{self.seed}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one session."""

    task: Task
    verdict: ItemVerdict
    told_taken: int
    """Events that tell of something taken, true or not."""
    alerts: int
    seconds: float

    @property
    def missed(self) -> int:
        """True moves that were not told."""
        return sum(case.told is None for case in self.verdict.cases)


def play_all(tasks: Sequence[Task], keep: Path | None, jobs: int) -> list[Outcome]:
    """Simulate, replay and judge; in the order of the tasks.

    Parameters
    ----------
    keep
        Where sessions and results stay; a session that is there already is used as it is.
    jobs
        Processes.
    """
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
    outcomes: dict[Task, Outcome] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with (
        ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool,
        Progress(*columns, console=Console(stderr=True)) as progress,
    ):
        shown = progress.add_task(" ".join(dict.fromkeys(task.scenario for task in tasks)), total=len(tasks))
        for future in as_completed([pool.submit(play, task, keep) for task in tasks]):
            outcome = future.result()
            outcomes[outcome.task] = outcome
            progress.advance(shown)
    return [outcomes[task] for task in tasks]


def play(task: Task, keep: Path | None) -> Outcome:
    """One session."""
    with _folder(keep) as folder:
        path, out = folder / task.name, folder / f"{task.name}.results"
        if not path.is_dir():
            # Under another name until it is whole: one that was broken off is not taken for a session.
            with TemporaryDirectory(prefix=".half-", dir=folder) as half:
                simulate(task.scenario, task.seed, Path(half) / task.name, compression=0 if keep is None else 1)
                (Path(half) / task.name).replace(path)
        session = open_session(path)
        run(session, out)
        clock = FrameClock(session)
        heads, tracks = read_heads(path / "truth" / "heads.csv"), read_tracks(out / TRACKS)
        said = read_told_items(out / EVENTS)
        verdict = judge_items(read_true_items(path / "truth"), said, clock.snap(heads), clock.snap(tracks))
        taken = sum(item.kind == EventKind.ITEM_TAKEN.value for item in said)
        return Outcome(task, verdict, taken, len(read_alerts(out / ALERTS)), session.duration_s)


def play_table(path: Path, keep: Path | None = None) -> PixelItemScore:
    """A real table, each of its states held for a few seconds, with one shelf round its goods."""
    low, high = TABLES[path.name]
    store = f'[[shelf]]\nid = "table"\nmin = {list(low)}\nmax = {list(high)}\nfacing = [0, -1]\nlevels = [{low[2]}]\n'
    with _folder(keep) as folder, TemporaryDirectory(dir=folder) as half:
        session = hold(path, Path(half) / path.name, store=store)
        run(session, folder / f"{path.name}.results")
        judged = score(session, folder / f"{path.name}.results").items_px
    assert judged is not None
    return judged


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        yield keep
        return
    with TemporaryDirectory(prefix="miseban-measure-") as folder:
        yield Path(folder)
