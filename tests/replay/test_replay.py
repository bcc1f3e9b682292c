"""Whole replays of a small room in which one person walks, seen from above."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from edge.errors import CalibrationError, SessionError
from edge.geometry import Intrinsics, Pose
from edge.messages import CameraModel, DepthFrame
from edge.recording import SessionWriter, open_session
from edge.replay.placing import calibrate
from edge.replay.replay import ReplayStep, run
from edge.replay.summary import Summary

LENS = Intrinsics(96, 80, 70.0, 70.0, 47.5, 39.5)
HEIGHT_M = 3.2
PERIOD_NS = 50_000_000
FRAMES = 60
FILES = ("tracks.csv", "events.jsonl", "alerts.jsonl")
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


def write(path: Path, *, cameras: int = 1, posed: bool = True) -> Path:
    pose = Pose.looking(0.0, 0.0, HEIGHT_M, yaw_deg=0.0, tilt_deg=90.0) if posed else None
    models = [CameraModel(f"cam{number}", LENS, 0.001, pose) for number in range(cameras)]
    with SessionWriter(path, name="walk", description="", licence="", fps=20.0, cameras=models) as writer:
        for frame in range(FRAMES):
            x_m = -1.4 + 0.06 * (frame - 5) if 5 <= frame < 50 else None
            for model in models:
                writer.write_frame(DepthFrame(model.id, frame * PERIOD_NS, room(x_m)))
        for model in models:
            writer.write_empty(model.id, room(None))
        writer.write_store(STORE)
    return path


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("replay") / "walk")


@pytest.fixture
def copy(walk: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(walk, tmp_path / "copy"))


def contents(folder: Path) -> list[bytes]:
    return [(folder / name).read_bytes() for name in FILES]


def test_a_walk_becomes_a_track_a_crossing_and_an_alert(walk: Path, tmp_path: Path) -> None:
    summary = run(open_session(walk), tmp_path)
    rows = [line.split(",") for line in (tmp_path / "tracks.csv").read_text().splitlines()[1:]]
    assert len({row[1] for row in rows}) == 1
    at = {row[0]: float(row[2]) for row in rows}
    for frame in range(12, 45):
        t = f"{frame * 0.05:.6f}"
        assert at[t] == pytest.approx(-1.4 + 0.06 * (frame - 5), abs=0.06), t
    events = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    [crossing] = [event for event in events if event["kind"] == "cross"]
    assert (crossing["place"]["line"], crossing["direction"]) == ("middle", "in")
    alerts = [json.loads(line) for line in (tmp_path / "alerts.jsonl").read_text().splitlines()]
    states = [alert["state"] for alert in alerts if alert["kind"] == "intrusion"]  # it is nine in the morning in Tokyo
    assert (states[0], states[-1]) == ("open", "ended")
    assert summary.frames == FRAMES
    assert summary.complete


def test_the_summary_says_what_was_done(walk: Path, tmp_path: Path) -> None:
    session = open_session(walk)
    run(session, tmp_path)
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert (summary["frames"], summary["seconds"], summary["drops"]) == (FRAMES, 3.0, 0)
    assert set(summary["stages"]) == {"read", "eye", "scene", "alerts"}
    assert summary["stages"]["eye"]["calls"] == FRAMES
    assert 0 < summary["stages"]["eye"]["median_ms"] <= summary["stages"]["eye"]["p99_ms"]
    assert summary["cameras"] == {"cam0": {"frames": FRAMES, "skipped": 0, "drops": 0}}
    assert summary["settings"] == session.store.digest()
    assert summary["versions"]["numpy"] == np.__version__
    assert summary["speed"] > 1
    assert summary["complete"] is True


def test_the_same_bytes_at_any_speed_and_however_often(walk: Path, tmp_path: Path) -> None:
    first = run(open_session(walk), tmp_path / "1")
    again = run(open_session(walk), tmp_path / "2")
    paced = run(open_session(walk), tmp_path / "3", speed=8.0)
    nowhere = run(open_session(walk))
    assert contents(tmp_path / "1") == contents(tmp_path / "2") == contents(tmp_path / "3")
    assert first.results == again.results == paced.results == nowhere.results
    assert paced.elapsed_s == pytest.approx(2.95 / 8.0, abs=0.15)


def test_two_cameras_are_one_shop(tmp_path: Path) -> None:
    session = open_session(write(tmp_path / "s", cameras=2))
    summary = run(session, tmp_path / "out")
    assert summary.frames == 2 * FRAMES
    assert len(summary.tally.people) == 1
    keys = [line.split(",")[:2] for line in (tmp_path / "out/tracks.csv").read_text().splitlines()[1:]]
    assert keys == sorted(keys)
    assert len({tuple(key) for key in keys}) == len(keys)


def test_a_camera_without_pose_finds_its_floor(tmp_path: Path) -> None:
    session = open_session(write(tmp_path / "s", posed=False))
    fit = calibrate(session, "cam0")
    assert fit.height_m == pytest.approx(HEIGHT_M, abs=0.01)
    assert fit.tilt_deg == pytest.approx(90.0, abs=0.5)
    assert len(run(session).tally.people) == 1


def test_several_cameras_need_their_poses(tmp_path: Path) -> None:
    with pytest.raises(CalibrationError, match="where it hangs among the others"):
        run(open_session(write(tmp_path / "s", cameras=2, posed=False)))


def test_a_bad_frame_in_the_middle_is_skipped_and_counted(copy: Path, tmp_path: Path) -> None:
    (copy / "cam0/depth/000030.png").write_bytes(b"not a picture")
    steps: list[ReplayStep] = []
    summary = run(open_session(copy), tmp_path / "out", on_step=steps.append)
    assert [camera.skipped for camera in summary.cameras] == [1]
    assert len(steps) == FRAMES + 1
    assert len(summary.tally.people) == 1  # the person is still the same one afterwards
    assert json.loads((tmp_path / "out/summary.json").read_text())["cameras"]["cam0"]["skipped"] == 1


def spoil(session: Path, frames: range) -> None:
    for frame in frames:
        (session / f"cam0/depth/{frame:06d}.png").unlink()


def test_a_session_of_bad_frames_is_an_error(copy: Path, tmp_path: Path) -> None:
    spoil(copy, range(FRAMES))
    with pytest.raises(
        SessionError, match=r"000000\.png: is missing, and 60 of the 60 frames of camera 'cam0' are bad"
    ):
        run(open_session(copy), tmp_path / "out")


def test_more_bad_frames_than_good_ones_is_an_error_but_the_results_are_valid(copy: Path, tmp_path: Path) -> None:
    spoil(copy, range(29, FRAMES))
    with pytest.raises(SessionError, match="31 of the 60 frames"):
        run(open_session(copy), tmp_path / "out")
    rows = (tmp_path / "out/tracks.csv").read_text().splitlines()
    assert len(rows) > 10
    assert all(len(row.split(",")) == 5 for row in rows)
    summary = json.loads((tmp_path / "out/summary.json").read_text())
    assert summary["complete"] is False
    assert "31 of the 60 frames" in summary["error"]


def test_results_inside_the_session_are_refused(copy: Path) -> None:
    with pytest.raises(SessionError, match="lies inside the session"):
        run(open_session(copy), copy / "results")


def test_what_stops_a_replay_leaves_valid_results(walk: Path, tmp_path: Path) -> None:
    def stop_after(frames: int) -> Callable[[ReplayStep], None]:
        seen: list[ReplayStep] = []

        def on_step(step: ReplayStep) -> None:
            seen.append(step)
            if len(seen) == frames:
                raise KeyboardInterrupt

        return on_step

    with pytest.raises(KeyboardInterrupt):
        run(open_session(walk), tmp_path, on_step=stop_after(40))
    assert json.loads((tmp_path / "summary.json").read_text())["error"] == "stopped"
    whole: Summary = run(open_session(walk), tmp_path / "whole")
    assert whole.complete
    part = (tmp_path / "tracks.csv").read_text()
    assert len(part.splitlines()) > 20
    assert (tmp_path / "whole/tracks.csv").read_text().startswith(part)
