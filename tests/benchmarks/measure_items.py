"""Goods taken and put: simulated shoppers at shelves, real tables, and what watching costs.

    python -m tests.benchmarks.measure_items [DATA] [--only GROUP,...] [--seeds N] [--minutes M] [--keep FOLDER]

Groups: single, three, still (browse, lean, undecided), restock, speed, and tables, which need DATA, the folder of real
sessions.  With ``--keep`` the simulated sessions stay in a folder, with their newest results beside them, and are not
simulated again: remove the folder when the simulator has changed.
Exit code 1 if a floor is missed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path

from rich.console import Console

from edge.errors import EdgeError
from edge.replay.score_items import ItemScore, item_score, together
from edge.simulator.scenarios import SCENARIOS
from tests.benchmarks import bench_shelf
from tests.benchmarks.item_sessions import Outcome, Task, play_all, play_table
from tests.benchmarks.measure import Measure, at_least, at_most, exactly, table, told

FIRST_SEED = 100
"""Seeds from here on are used by no test."""
STILL = ("shelf_browse", "shelf_lean", "shelf_undecided")
STILL_MINUTES, RESTOCK_MINUTES, SEEDS = 60.0, 20.0, 20
SHOWN = 12
"""So many of the sessions that have something wrong are named."""


@dataclass(frozen=True, slots=True)
class Options:
    """What to measure."""

    seeds: int = SEEDS
    minutes: float | None = None
    """Length of the groups that are measured by time, instead of their own."""
    keep: Path | None = None
    jobs: int = 2


def by_seed(scenario: str, options: Options) -> list[Task]:
    """One scenario under several seeds."""
    return [Task(scenario, FIRST_SEED + k) for k in range(options.seeds)]


def by_time(scenarios: Sequence[str], minutes: float) -> list[Task]:
    """Scenarios in turn, each time under a new seed, until they take so long together."""
    tasks: list[Task] = []
    left_s = 60.0 * minutes
    for k in count():
        if left_s <= 0.0:
            return tasks
        task = Task(scenarios[k % len(scenarios)], FIRST_SEED + k // len(scenarios))
        tasks.append(task)
        left_s -= SCENARIOS[task.scenario].duration_s
    return tasks


def single_measures(options: Options) -> Iterator[Measure]:
    """One shopper at one shelf."""
    outcomes = play_all(by_seed("shelf_single", options), options.keep, options.jobs)
    s, on = _score(outcomes), f"shelf_single, {len(outcomes)} seeds"
    yield at_least(on, f"F1, of {s.true} moves", 0.97, _known(s.f1))
    yield at_least(on, f"recall from 0.6 l on, of {s.big}", 0.99, _known(s.big_recall))
    yield at_least(on, f"recall of smaller ones that are seen, of {s.small}", 0.93, _known(s.small_recall))
    yield from _accuracy(on, s)
    yield from _told(on, s, outcomes)


def three_measures(options: Options) -> Iterator[Measure]:
    """Three shoppers at one shelf."""
    outcomes = play_all(by_seed("shelf_three", options), options.keep, options.jobs)
    s, on = _score(outcomes), f"shelf_three, {len(outcomes)} seeds"
    yield at_least(on, f"F1, of {s.true} moves", 0.93, _known(s.f1))
    yield at_least(on, f"right person, of {s.persons}", 0.95, _known(s.person_right))
    yield from _accuracy(on, s)
    yield from _told(on, s, outcomes)


def still_measures(options: Options) -> Iterator[Measure]:
    """Shoppers who touch, lean and cannot decide."""
    tasks = by_time(STILL, options.minutes or STILL_MINUTES)
    outcomes = play_all(tasks, options.keep, options.jobs)
    s, on = _score(outcomes), f"browse, lean, undecided, {_minutes(outcomes):.0f} minutes"
    yield at_most(on, "events that match no true move", 1, s.told - s.found, 0)
    yield told(on, "alerts", str(sum(outcome.alerts for outcome in outcomes)))
    yield from _told(on, s, outcomes)


def restock_measures(options: Options) -> Iterator[Measure]:
    """Staff fill a shelf."""
    tasks = by_time(("shelf_restock",), options.minutes or RESTOCK_MINUTES)
    outcomes = play_all(tasks, options.keep, options.jobs)
    s, on = _score(outcomes), f"shelf_restock, {_minutes(outcomes):.0f} minutes"
    yield exactly(on, "item_taken told", 0, sum(outcome.told_taken for outcome in outcomes))
    yield exactly(on, "alerts", 0, sum(outcome.alerts for outcome in outcomes))
    yield from _told(on, s, outcomes)


def table_measures(data: Path) -> Iterator[Measure]:
    """Real cartons on real tables, each state held for a few seconds."""
    for name in ("real-table-chocapics-1", "real-table-maizena2-1"):
        s = play_table(data / name)
        yield exactly(name, f"labelled changes found, of {s.true}", s.true, s.found)
        yield exactly(name, "events that match none", 0, s.extra)


def watch_speed_measures() -> Iterator[Measure]:
    """What watching costs, in a process of its own because it pins itself to one core."""
    command = [sys.executable, "-m", "tests.benchmarks.bench_shelf", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not done.stdout:
        raise EdgeError("bench_shelf", f"failed: {done.stderr.strip().splitlines()[-1:]}", "Run it alone.")
    result = json.loads(done.stdout)
    on = f"eye, {result['pixels']}, two gondolas watched, one core"
    yield at_most(on, "watching, median ms a frame", bench_shelf.FLOOR_MEDIAN_MS, result["cost_median_ms"])
    yield told(on, "whole eye with and without, median ms", f"{result['watching_ms']:.3f}; {result['without_ms']:.3f}")


def item_measures(data: Path | None, options: Options | None = None) -> Iterator[Measure]:
    """Every group."""
    for group in groups(data, options or Options()).values():
        yield from group()


def groups(data: Path | None, options: Options) -> dict[str, Callable[[], Iterator[Measure]]]:
    """The groups by name; the tables only where the folder of real sessions is given."""
    parts: dict[str, Callable[[], Iterator[Measure]]] = {
        "single": lambda: single_measures(options),
        "three": lambda: three_measures(options),
        "still": lambda: still_measures(options),
        "restock": lambda: restock_measures(options),
        "speed": watch_speed_measures,
    }
    return parts if data is None else parts | {"tables": lambda: table_measures(data)}


def _score(outcomes: Sequence[Outcome]) -> ItemScore:
    return item_score(together(outcome.verdict for outcome in outcomes))


def _minutes(outcomes: Sequence[Outcome]) -> float:
    return sum(outcome.seconds for outcome in outcomes) / 60


def _accuracy(on: str, s: ItemScore) -> Iterator[Measure]:
    yield at_most(on, "place, median error, m", 0.08, _known(s.error_median_m))
    yield at_most(on, "volume, median error", 0.25, _known(s.volume_error_median))
    yield at_most(on, "after the hand is gone, median s", 1.0, _known(s.delay_median_s), 2)
    yield at_most(on, "after the hand is gone, 95th percentile s", 2.0, _known(s.delay_p95_s), 2)


def _told(on: str, s: ItemScore, outcomes: Sequence[Outcome]) -> Iterator[Measure]:
    """What has no floor, and where to look."""
    yield told(on, "true, told, found, beyond what can be observed", f"{s.true}, {s.told}, {s.found}, {s.unjudged}")
    yield told(on, "right person; told of nobody", f"{_text(s.person_right)}; {_text(s.unattributed)}")
    yield told(on, "right count, where one is told", _text(s.count_right))
    wrong = [f"{o.task.name} -{o.missed} +{len(o.verdict.extra)}" for o in outcomes if o.missed or o.verdict.extra]
    rest = f", and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
    yield told(on, "sessions with missed (-) or made up (+)", ", ".join(wrong[:SHOWN]) + rest or "none")


def _known(value: float | None) -> float:
    return float("nan") if value is None else value


def _text(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?", help="folder of real sessions")
    parser.add_argument("--only", help="groups, separated by commas")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="of the groups that are measured by seeds")
    parser.add_argument("--minutes", type=float, help="of the groups that are measured by time")
    parser.add_argument("--keep", type=Path, help="folder for sessions and results")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args()
    options = Options(arguments.seeds, arguments.minutes, arguments.keep, arguments.jobs)
    parts = groups(arguments.data, options)
    wanted = arguments.only.split(",") if arguments.only else list(parts)
    if unknown := sorted(set(wanted) - set(parts)):
        parser.error(f"{', '.join(unknown)} is not one of {', '.join(parts)}")
    rows: list[Measure] = []
    for part in wanted:
        group = list(parts[part]())
        rows += group
        if not arguments.json:  # each group as it is done: all together take hours
            Console(width=150).print(table(group))
    if arguments.json:
        print(json.dumps([asdict(row) for row in rows], indent=1, ensure_ascii=False))
    return 0 if all(row.met is not False for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
