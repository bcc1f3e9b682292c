"""Scenes with goods, walked but not drawn, and the truth of sessions."""

from __future__ import annotations

import csv
import hashlib
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from edge.simulator.inventory import Inventory
from edge.simulator.performance import Performance
from edge.simulator.scenarios import SCENARIOS
from edge.simulator.stage import Stage


@dataclass(frozen=True, slots=True)
class Played:
    """A scenario walked, but not drawn."""

    stage: Stage
    performance: Performance
    inventory: Inventory


@cache
def played(scenario: str, seed: int, duration_s: float | None = None) -> Played:
    length = SCENARIOS[scenario].duration_s if duration_s is None else duration_s
    cast, path, _ = np.random.default_rng([seed, zlib.crc32(scenario.encode())]).spawn(3)
    stage = SCENARIOS[scenario].build(cast, length)
    performance = Performance(stage.roles, stage.blocks(), length, path)
    return Played(stage, performance, Inventory(stage.goods, performance.scripts.values(), length))


def digest(folder: Path) -> str:
    whole = hashlib.sha256()
    for file in sorted(p for p in folder.rglob("*") if p.is_file()):
        whole.update(str(file.relative_to(folder)).encode() + file.read_bytes())
    return whole.hexdigest()


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / "truth" / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))
