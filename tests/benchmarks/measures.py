"""Every measure with its floor, in one table.

    python -m tests.benchmarks.measures DATA [--json] [--only PART,PART...]

DATA is a folder of recordings of the real world (session folders, with truth).  Parts: real, map, simulated, goods,
speed, latency, repeat.  Exit code 1 if a floor is missed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from tests.benchmarks import bench_eye
from tests.benchmarks.measure import Measure, at_least, at_most, table
from tests.benchmarks.measure_items import item_measures
from tests.benchmarks.measure_latency import latency_measures
from tests.benchmarks.measure_real import DOORWAYS, map_measures, real_measures
from tests.benchmarks.measure_repeat import repeat_measures
from tests.benchmarks.measure_simulated import simulated_measures


def speed_measures() -> Iterator[Measure]:
    """The speed benchmark, in a process of its own because it pins itself to one core."""
    command = [sys.executable, "-m", "tests.benchmarks.bench_eye", "--json"]
    result = json.loads(subprocess.run(command, capture_output=True, text=True, check=False).stdout)
    eye, on = result["eye"], f"whole eye, {result['pixels']}, four people, one core"
    yield at_most(on, "median, ms a frame", bench_eye.FLOOR_MEDIAN_MS, eye["median_ms"])
    yield at_most(on, "p99, ms a frame", bench_eye.FLOOR_P99_MS, eye["p99_ms"])
    for peer, floor in (("open3d", bench_eye.FLOOR_OPEN3D), ("octomap", bench_eye.FLOOR_OCTOMAP)):
        ratio = result[peer]["median_ms"] / eye["median_ms"]
        yield at_least(on, f"times faster than {result[peer]['name']}", floor, ratio, 1)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of real sessions")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--only", help="parts, separated by commas")
    arguments = parser.parse_args()
    data: Path = arguments.data
    parts: dict[str, Callable[[], Iterator[Measure]]] = {
        "real": lambda: real_measures(data),
        "map": lambda: map_measures(data),
        "simulated": simulated_measures,
        "goods": lambda: item_measures(data),
        "speed": speed_measures,
        "latency": latency_measures,
        "repeat": lambda: repeat_measures(data / DOORWAYS[0]),
    }
    wanted = arguments.only.split(",") if arguments.only else list(parts)
    if unknown := sorted(set(wanted) - set(parts)):
        parser.error(f"{', '.join(unknown)} is not one of {', '.join(parts)}")
    rows: list[Measure] = []
    for part in wanted:
        print(f"measuring {part} ...", file=sys.stderr, flush=True)
        rows += parts[part]()
    if arguments.json:
        print(json.dumps([asdict(row) for row in rows], indent=1, ensure_ascii=False))
    else:
        Console(width=150).print(table(rows))
    return 0 if all(row.met is not False for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
