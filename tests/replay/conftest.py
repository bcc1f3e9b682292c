"""A small room seen from above in which one person walks, written as a session."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from edge.geometry import Intrinsics, Pose
from edge.messages import CameraModel, DepthFrame
from edge.recording import SessionWriter

LENS = Intrinsics(96, 80, 70.0, 70.0, 47.5, 39.5)
HEIGHT_M = 3.2
PERIOD_NS = 50_000_000
FRAMES = 60
STORE = """
[hours]
open = "10:00"
close = "18:00"
[[line]]
id = "middle"
from = [0.0, -2.0]
to = [0.0, 2.0]
in_direction = [1.0, 0.0]
"""


def room(x_m: float | None) -> np.ndarray:
    """The floor from above, and a person at ``x_m``: shoulders at 1.4 m, a round head up to 1.7 m."""
    rays = LENS.rays()
    depth_m = np.full((80, 96), HEIGHT_M)
    if x_m is not None:
        for top_m, half_x_m, half_y_m in (
            (1.4, 0.14, 0.22),
            (1.55, 0.095, 0.095),
            (1.65, 0.08, 0.08),
            (1.7, 0.05, 0.05),
        ):
            at = rays * (HEIGHT_M - top_m)
            inside = ((at[..., 0] - x_m) / half_x_m) ** 2 + (at[..., 1] / half_y_m) ** 2 <= 1.0
            depth_m[inside] = HEIGHT_M - top_m
    return np.round(depth_m * 1000).astype(np.uint16)


def _write(path: Path, *, cameras: int = 1, posed: bool = True, step: int = 1) -> Path:
    pose = Pose.looking(0.0, 0.0, HEIGHT_M, yaw_deg=0.0, tilt_deg=90.0) if posed else None
    models = [CameraModel(f"cam{number}", LENS, 0.001, pose) for number in range(cameras)]
    with SessionWriter(path, name="walk", description="", licence="", fps=20.0 / step, cameras=models) as writer:
        for frame in range(0, FRAMES, step):
            x_m = -1.4 + 0.06 * (frame - 5) if 5 <= frame < 50 else None
            for model in models:
                writer.write_frame(DepthFrame(model.id, frame * PERIOD_NS, room(x_m)))
        for model in models:
            writer.write_empty(model.id, room(None))
        writer.write_store(STORE)
    return path


@pytest.fixture(scope="session")
def write_walk() -> Callable[..., Path]:
    """Writes the session to a path; ``cameras`` of them, ``posed`` or not, every ``step``-th frame."""
    return _write


@pytest.fixture(scope="session")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The session with one camera; not to be changed."""
    return _write(tmp_path_factory.mktemp("replay") / "walk")
