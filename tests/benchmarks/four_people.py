"""The scene of the speed benchmark: four people who wander before a tilted stereo camera of 848x480 pixels."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from edge.recording.folder import Session, open_session
from edge.simulator.scenarios import SCENARIOS, Scenario
from edge.simulator.simulation import simulate
from edge.simulator.stage import Stage

PEOPLE = 4
SIZE = (848, 480)
FPS = 30.0
DURATION_S = 14.0


def _stage(rng: np.random.Generator, duration_s: float) -> Stage:
    """The first four people of the dense scene; they come in during its first seconds and stay."""
    stage = SCENARIOS["dense"].build(rng, duration_s)
    return replace(stage, roles=stage.roles[:PEOPLE])


@contextmanager
def four_people() -> Iterator[Session]:
    """The session, in a folder that goes away afterwards."""
    SCENARIOS["four_people"] = Scenario("Four people wander in 4 x 4 m.", DURATION_S, _stage)
    with TemporaryDirectory(prefix="miseban-bench-") as folder:
        path = Path(folder) / "four-people"
        simulate("four_people", 1, path, size=SIZE, fps=FPS, mount="tilted", compression=0)
        yield open_session(path)
