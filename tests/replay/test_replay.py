"""Whole replays of a small room in which one person walks, seen from above."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from edge.errors import CalibrationError, SessionError
from edge.recording import open_session
from edge.replay.placing import calibrate
from edge.replay.replay import ReplayStep, run
from edge.replay.summary import Summary

FRAMES = 60
HEIGHT_M = 3.2
FILES = ("tracks.csv", "events.jsonl", "alerts.jsonl")


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


def test_two_cameras_are_one_shop(write_walk: Callable[..., Path], tmp_path: Path) -> None:
    session = open_session(write_walk(tmp_path / "s", cameras=2))
    summary = run(session, tmp_path / "out")
    assert summary.frames == 2 * FRAMES
    assert len(summary.tally.people) == 1
    keys = [line.split(",")[:2] for line in (tmp_path / "out/tracks.csv").read_text().splitlines()[1:]]
    assert keys == sorted(keys)
    assert len({tuple(key) for key in keys}) == len(keys)


def test_a_camera_without_pose_finds_its_floor(write_walk: Callable[..., Path], tmp_path: Path) -> None:
    session = open_session(write_walk(tmp_path / "s", posed=False))
    fit = calibrate(session, "cam0")
    assert fit.height_m == pytest.approx(HEIGHT_M, abs=0.01)
    assert fit.tilt_deg == pytest.approx(90.0, abs=0.5)
    assert len(run(session).tally.people) == 1


def test_several_cameras_need_their_poses(write_walk: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(CalibrationError, match="where it hangs among the others"):
        run(open_session(write_walk(tmp_path / "s", cameras=2, posed=False)))


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
