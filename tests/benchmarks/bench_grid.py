"""The eye's 20 cm map against OctoMap: same frames, same pose, same cells.

    python -m tests.benchmarks.bench_grid SESSION...

Both are given the same frames of a recorded session.  At four moments, and at its end, every cell that both call known
is compared: occupied or free.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from edge.depth.pipeline import Eye
from edge.errors import EdgeError
from edge.geometry import CELL_M
from edge.messages import CameraModel, DepthFrame, GridSnapshot
from edge.recording.folder import Session, open_session
from edge.replay.placing import placed_cameras
from tests.benchmarks.peers import OctoMapPeer

FRAMES = 160
"""Frames of a session that are used, evenly spread: OctoMap takes about half a second for each."""
LOOKS = 4
FLOOR_AGREEMENT = 0.99


@dataclass(frozen=True, slots=True)
class Agreement:
    """Cells of one camera that both maps call known, over all moments at which they were compared."""

    session: str
    camera: str
    frames: int
    known_to_both: int
    agreed: int
    occupied_only_here: int
    occupied_only_there: int

    @property
    def share(self) -> float:
        """Share of cells known to both that agree."""
        return self.agreed / self.known_to_both if self.known_to_both else 0.0

    @property
    def met(self) -> bool:
        """Whether the floor is met."""
        return self.share >= FLOOR_AGREEMENT


def cell_centres(grid: GridSnapshot) -> NDArray[np.float64]:
    """Centres of all cells (n, 3), store metres, in the order of ``grid.log_odds.ravel()``."""
    index = np.indices(grid.log_odds.shape).reshape(3, -1).T + np.array(grid.origin)
    return (index + 0.5) * CELL_M


def compare_camera(session: Session, camera: CameraModel) -> Agreement:
    """Feed both maps and count."""
    settings = session.store.eye.model_copy(update={"map_interval_s": 0.05})
    eye = Eye(camera, settings, session.empty(camera.id))
    peer = OctoMapPeer(camera, settings.max_range_m)
    frames = [f for f in session.frames() if isinstance(f, DepthFrame) and f.camera == camera.id]
    frames = frames[:: max(1, -(-len(frames) // FRAMES))]
    looks = {round((len(frames) - 1) * (k + 1) / LOOKS) for k in range(LOOKS)}
    known = agreed = here = there = 0
    grid: GridSnapshot | None = None
    for number, frame in enumerate(frames):
        grid = eye.step(frame).grid or grid
        peer.insert(peer.prepare(frame))
        if number in looks and grid is not None:
            ours, theirs = grid.log_odds.ravel(), peer.cells(cell_centres(grid))
            both = (ours != 0) & (theirs >= 0)
            full_here, full_there = ours[both] > 0, theirs[both] == 1
            known += int(both.sum())
            agreed += int((full_here == full_there).sum())
            here += int((full_here & ~full_there).sum())
            there += int((~full_here & full_there).sum())
    return Agreement(session.name, camera.id, len(frames), known, agreed, here, there)


def compare(path: Path) -> list[Agreement]:
    """Every camera of one session.

    Raises
    ------
    EdgeError
        If the session cannot be read or placed.
    """
    session = open_session(path)
    return [compare_camera(session, camera) for camera in placed_cameras(session)]


def table(rows: list[Agreement]) -> Table:
    """The result as a table."""
    shown = Table("session", "camera", "frames", "cells known to both", "agree", "only here", "only there", "floor")
    for row in rows:
        mark = "[green]met[/]" if row.met else "[red]missed[/]"
        counts = (row.frames, row.known_to_both, f"{row.share:.4f}", row.occupied_only_here, row.occupied_only_there)
        shown.add_row(row.session, row.camera, *map(str, counts), f"≥ {FLOOR_AGREEMENT} {mark}")
    return shown


def main() -> int:
    """Compare the sessions that are named; exit code 1 if a floor is missed."""
    paths = [Path(argument) for argument in sys.argv[1:]]
    if not paths:
        print(__doc__)
        return 2
    try:
        rows = [row for path in paths for row in compare(path)]
    except EdgeError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    Console(width=120).print(table(rows))
    return 0 if all(row.met for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
