"""A tiny session for the daemon's tests: a bare floor seen from above, and one person who walks across it."""

from pathlib import Path

import numpy as np

from edge.geometry import Intrinsics, Pose
from edge.messages import CameraModel, DepthFrame
from edge.recording.writer import SessionWriter

FPS = 10.0
WIDTH, HEIGHT, FOCAL = 160, 120, 110.0
CEILING_M = 3.0


def camera(camera_id, x_m=0.0):
    lens = Intrinsics(WIDTH, HEIGHT, FOCAL, FOCAL, (WIDTH - 1) / 2, (HEIGHT - 1) / 2)
    return CameraModel(camera_id, lens, 0.001, Pose.looking(x_m, 0.0, CEILING_M, 0.0, 90.0), "drawn for a test")


def picture(model, person_x_m, rng):
    """Floor, and a body of three round slabs: legs and trunk, shoulders, head."""
    lens, at_x = model.intrinsics, model.pose.rows[0][3]
    v, u = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float64)
    depth = np.full((HEIGHT, WIDTH), CEILING_M)
    if person_x_m is not None:
        for top_m, radius_x_m, radius_y_m in (
            (1.30, 0.20, 0.14),
            (1.45, 0.23, 0.13),
            (1.60, 0.10, 0.11),
            (1.70, 0.07, 0.08),
        ):
            z = CEILING_M - top_m
            x, y = (u - lens.cx) / lens.fx * z + at_x, -(v - lens.cy) / lens.fy * z
            depth[((x - person_x_m) / radius_x_m) ** 2 + (y / radius_y_m) ** 2 < 1.0] = z
    noisy = depth + rng.normal(0.0, 0.003, depth.shape)
    return np.clip(noisy * 1000, 1, 65_535).astype(np.uint16)


def write_session(path: Path, cameras=("above",), seconds=4.0, start_s=1000.0, store="") -> Path:
    """The person walks from -1 m to 1 m along x; nobody is there at the beginning and at the end."""
    rng = np.random.default_rng(1)
    models = [camera(name, 0.6 * i) for i, name in enumerate(cameras)]
    with SessionWriter(
        path, name="walker", description="One person", licence="CC0-1.0", fps=FPS, cameras=models, compression=1
    ) as writer:
        for model in models:
            writer.write_empty(model.id, picture(model, None, rng))
        for i in range(round(seconds * FPS)):
            t_s = i / FPS
            walked = t_s / seconds * 1.4 - 0.2
            at_m = -1.0 + 2.0 * walked if 0.0 <= walked <= 1.0 else None
            for model in models:
                writer.write_frame(DepthFrame(model.id, round((start_s + t_s) * 1e9), picture(model, at_m, rng)))
        if store:
            writer.write_store(store)
    return path
