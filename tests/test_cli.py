"""The command as people type it: what it prints, and its exit codes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from edge import cli
from edge.geometry import Intrinsics, Pose
from edge.recording.png import encode_depth_png


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


@pytest.fixture
def miseban(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Runs a command in this process."""

    def call(*words: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["miseban", *map(str, words)])
        code: object = 0
        try:
            cli.main()
        except SystemExit as stop:
            code = stop.code or 0
        told = capsys.readouterr()
        assert isinstance(code, int)
        return Ran(code, told.out, told.err)

    return call


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated walk of six seconds."""
    from edge.simulator.simulation import simulate

    path = tmp_path_factory.mktemp("cli") / "walk"
    simulate("walk", 1, path, size=(96, 72), fps=10.0, duration_s=6.0, noise="tof")
    return path


def test_replay_score_and_render_follow_each_other(miseban: Callable[..., Ran], session: Path, tmp_path: Path) -> None:
    results = tmp_path / "results"
    played = miseban("replay", session, "--out", results)
    assert (played.code, played.err) == (0, "")
    assert "60 frames" in played.out
    assert f"Results: {results}" in played.out
    assert {path.name for path in results.iterdir()} == {"tracks.csv", "events.jsonl", "alerts.jsonl", "summary.json"}

    judged = miseban("score", session, results, "--json")
    heads = json.loads(judged.out)["heads"][0]
    assert heads["truth"] == "heads"
    assert heads["moments"] == 60
    assert heads["identity"]["mota"] <= 1.0
    assert "precision" in miseban("score", session, results).out

    drawn = miseban("render", session, "--results", results, "--out", tmp_path / "film.mp4")
    assert drawn.out == f"60 pictures: {tmp_path / 'film.mp4'}\n"


def test_a_kind_of_film_that_is_not_written_is_refused(
    miseban: Callable[..., Ran], session: Path, tmp_path: Path
) -> None:
    ran = miseban("render", session, "--out", tmp_path / "film.avi")
    assert ran.code == 1
    assert (
        ran.err
        == f"Error: {tmp_path}/film.avi: is a kind of film that is not written here. Name it .mp4, or give a folder.\n"
    )
    assert not (tmp_path / "film.avi").exists()


def test_simulate_writes_a_session_that_can_be_calibrated(miseban: Callable[..., Ran], tmp_path: Path) -> None:
    made = miseban(
        "simulate", "walk", "--seed", 2, "--out", tmp_path / "s", "--width", 80, "--height", 60, "--duration", 2,
        "--noise", "none",
    )  # fmt: skip
    assert made.code == 0
    assert made.out.startswith("30 frames, 1 people")
    found = miseban("calibrate", tmp_path / "s")
    pose = json.loads((tmp_path / "s/session.json").read_text())["cameras"][0]["T_store_camera"]
    height_m = float(found.out.split("height")[1].split("m over")[0])
    assert height_m == pytest.approx(pose[2][3], abs=0.03)


def test_simulate_leaves_to_the_scenario_what_is_not_asked_for(miseban: Callable[..., Ran], tmp_path: Path) -> None:
    def camera(name: str, *words: object) -> dict[str, object]:
        assert miseban("simulate", "doorway", "--out", tmp_path / name, "--duration", 1, *words).code == 0
        found: dict[str, object] = json.loads((tmp_path / name / "session.json").read_text())["cameras"][0]
        return found

    own = camera("own")
    assert (own["width"], own["height"], own["model"]) == (80, 60, "simulated time-of-flight camera")
    asked = camera("asked", "--height", 45, "--noise", "none", "--fps", 4, "--mount", "oblique")
    assert (asked["width"], asked["height"], asked["model"]) == (80, 45, "simulated perfect camera")
    assert [pose[2][3] for pose in (own["T_store_camera"], asked["T_store_camera"])] == [2.05, 2.4]  # type: ignore[index]
    assert len((tmp_path / "asked/cam0/depth.txt").read_text().splitlines()) == 4


@pytest.mark.parametrize(
    "words",
    [
        ("replay", "nowhere"),
        ("replay", "nowhere", "--serve"),
        ("score", "nowhere", "results"),
        ("render", "nowhere", "--out", "film.mp4"),
        ("calibrate", "nowhere"),
        ("check-config", "--store", "nowhere.toml"),
        ("simulate", "nothing", "--out", "nowhere"),
        ("simulate", "walk", "--mount", "sideways", "--out", "nowhere"),
    ],
)
def test_a_fault_is_one_line_and_an_exit_code(miseban: Callable[..., Ran], words: tuple[str, ...]) -> None:
    ran = miseban(*words)
    assert ran.code == 1
    assert ran.out == ""
    assert ran.err.startswith("Error: ")
    assert ran.err.count("\n") == 1
    assert "Traceback" not in ran.err


def test_faults_of_a_store_are_all_shown_by_replay(miseban: Callable[..., Ran], session: Path, tmp_path: Path) -> None:
    (tmp_path / "store.toml").write_text('[store]\nname = ""\ncolour = 1\n[scene]\ngate_m = 9\n')
    ran = miseban("replay", session, "--store", tmp_path / "store.toml")
    assert ran.code == 1
    assert ran.err.count("\n") == ran.err.count("Error: ") == 3


def test_words_from_files_cannot_steer_the_terminal(miseban: Callable[..., Ran], session: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(session, tmp_path / "copy"))
    manifest = json.loads((copy / "session.json").read_text())
    (copy / "session.json").write_text(json.dumps(manifest | {"name": "[red]of [/] brackets"}))
    (copy / "store.toml").write_text('[[line]]\nid = "[red]"\nfrom = [-1, 0]\nto = [1, 0]\nin_direction = [0, 1]\n')
    played = miseban("replay", copy, "--out", tmp_path / "out")
    assert "[red]of [/] brackets" in played.out
    assert "[red] in" in miseban("score", copy, tmp_path / "out").out
    (copy / "cam0/depth.txt").write_text("0.1 \x1b[31m\r.png\n")
    ran = miseban("replay", copy)
    assert ran.code == 1
    assert ran.err.rstrip("\n").isprintable()


@pytest.mark.parametrize("speed", ["fast", "0", "-1", "nan", "inf"])
def test_a_speed_that_makes_no_sense_is_refused(miseban: Callable[..., Ran], session: Path, speed: str) -> None:
    ran = miseban("replay", session, "--speed", speed)
    assert ran.code == 2
    assert "0.01 to 1000" in ran.err


STORE = """
[hours]
open = "08:00"
close = "22:00"
[[zone]]
id = "door"
kind = "entrance"
polygon = [[0, 0], [2, 0], [2, 2]]
"""


def test_check_config_finds_no_fault_in_good_files(miseban: Callable[..., Ran], session: Path, tmp_path: Path) -> None:
    (tmp_path / "store.toml").write_text(STORE)
    (tmp_path / "device.toml").write_text(f"[[session]]\npath = '{session}'\n")
    ran = miseban("check-config", "--store", tmp_path / "store.toml", "--device", tmp_path / "device.toml")
    assert ran == Ran(0, f"{tmp_path}/store.toml and {tmp_path}/device.toml: no faults\n", "")


def test_check_config_shows_all_faults_of_all_files(miseban: Callable[..., Ran], session: Path, tmp_path: Path) -> None:
    broken = Path(shutil.copytree(session, tmp_path / "broken"))
    (broken / "session.json").write_text("{")
    (tmp_path / "store.toml").write_text('[hours]\nopen = "8"\nclose = "25:00"\n')
    (tmp_path / "secret").write_text("x")
    (tmp_path / "secret").chmod(0o644)
    (tmp_path / "device.toml").write_text(
        '[[session]]\npath = "broken"\n[[session]]\npath = "none"\n[broker]\nhost = "mqtt"\npassword_file = "secret"\n'
        'tls_ca = "ca.pem"\n'
    )
    ran = miseban("check-config", "--store", tmp_path / "store.toml", "--device", tmp_path / "device.toml")
    assert ran.code == 1
    faults = ran.err.splitlines()
    assert len(faults) == 6
    for says in (
        "hours.open",
        "hours.close",
        "is torn or not JSON",
        "does not exist",
        "can be read by other",
        "ca.pem is not",
    ):
        assert sum(says in fault for fault in faults) == 1, says


def test_check_config_wonders_about_what_was_hardly_meant(miseban: Callable[..., Ran], tmp_path: Path) -> None:
    zone = '[[zone]]\nid = "z"\nkind = "aisle"\npolygon = [[0, 0], [0.4, 0], [0.4, 0.4]]\n'
    sunk = '[[shelf]]\nid = "A"\nmin = [0, 0, -0.5]\nmax = [1, 1, 0.02]\nfacing = [0, 1]\n'
    (tmp_path / "store.toml").write_text(zone + sunk)
    ran = miseban("check-config", "--store", tmp_path / "store.toml")
    assert ran.code == 0
    for says in ("'A' lies in the floor", "no zone is an entrance", "less than 0.25", "no opening hours"):
        assert ran.out.count(says) == 1, says


SHELF = '[[shelf]]\nid = "{}"\nmin = {}\nmax = {}\nfacing = [0, -1]\n'


def test_check_config_tells_of_a_microphone_that_is_not_there(miseban: Callable[..., Ran], tmp_path: Path) -> None:
    (tmp_path / "device.toml").write_text('[[microphone]]\nid = "till"\ndevice = "no such device"\n')
    ran = miseban("check-config", "--device", tmp_path / "device.toml")
    assert ran.code == 0
    assert "Worth a look: " in ran.out
    assert "device.toml: [[microphone]] 'till': microphone" in ran.out


def test_check_config_tells_what_of_the_page_cannot_be(
    miseban: Callable[..., Ran], session: Path, tmp_path: Path
) -> None:
    device = tmp_path / "device.toml"
    for web, says in {
        'sign_in = false\nhost = "0.0.0.0"': "sign_in = false opens the box to the whole network",
        'tls = "own"\ncertificate = "a.pem"': 'tls = "own" needs both certificate and key',
        'key = "a.pem"': 'key would not be used; set tls = "own"',
        'host = "0.0.0.0"\ntrust_port = 8480': "trust_port is the same as port",
        'tls = "some"': "'auto', 'off' or 'own'",
        'tls = "own"\ncertificate = "a.pem"\nkey = "b.pem"': f"web.certificate: {tmp_path}/a.pem cannot be read",
    }.items():
        device.write_text(f"[[session]]\npath = '{session}'\n[web]\n{web}\n")
        ran = miseban("check-config", "--device", device)
        assert (ran.code, ran.err.count(says), ran.err.count("\n")) == (1, 1, 1), ran.err
    device.write_text(f"[[session]]\npath = '{session}'\n[web]\nhost = '0.0.0.0'\ntls = 'off'\n")
    ran = miseban("check-config", "--device", device)
    assert (ran.code, "passwords cross the network unencrypted" in ran.out) == (0, True)


def test_check_config_says_which_shelf_is_drawn_wrong_and_why(miseban: Callable[..., Ran], tmp_path: Path) -> None:
    shelves = SHELF.format("A", [0, 0, 0], [1, 1, 2]) + SHELF.format("B", [0.5, 0, 0], [2, 1, 2])
    (tmp_path / "store.toml").write_text(shelves + SHELF.format("C", [3, 0, 0], [3, 1, 2]))
    ran = miseban("check-config", "--store", tmp_path / "store.toml")
    assert ran.code == 1
    overlaps, thin = ran.err.splitlines()
    assert "[[shelf]] 'B': overlaps shelf 'A'" in overlaps
    assert overlaps.endswith(". Draw them apart.")
    assert "[[shelf]] 'C': has no size along x" in thin


def test_check_config_says_what_no_camera_sees(miseban: Callable[..., Ran], tmp_path: Path) -> None:
    """A camera 2.6 m up at the origin looks along +y at a wall 3 m away."""
    session = wall_session(tmp_path / "wall")
    shelves = SHELF.format("in front", [-0.5, 2.2, 0.4], [0.5, 2.6, 1.6])
    shelves += SHELF.format("behind", [-0.5, -3, 0.4], [0.5, -2.6, 1.6])
    shelves += SHELF.format("in the wall", [-0.5, 3.4, 0.4], [0.5, 3.8, 1.6])
    zone = (
        '[[zone]]\nid = "hall"\nkind = "entrance"\nobjects = true\npolygon = [[-5, -9], [5, -9], [5, -5], [-5, -5]]\n'
    )
    (session / "store.toml").write_text(zone + shelves)
    (tmp_path / "device.toml").write_text("[[session]]\npath = 'wall'\n")
    ran = miseban("check-config", "--device", tmp_path / "device.toml")
    assert ran.code == 1
    assert "in front" not in ran.err
    behind, wall, hall = ran.err.splitlines()
    assert f"{session}/store.toml [[shelf]] 'behind': lies outside every camera's view" in behind
    assert "[[shelf]] 'in the wall': stands inside or behind something solid" in wall
    assert "[[zone]] 'hall': lies outside every camera's view" in hall
    # Another store.toml takes the place of the session's own.
    (tmp_path / "store.toml").write_text(SHELF.format("seen", [-0.5, 2.2, 0.4], [0.5, 2.6, 1.6]))
    given = miseban("check-config", "--device", tmp_path / "device.toml", "--store", tmp_path / "store.toml")
    assert given.code == 0, given.err


def wall_session(folder: Path) -> Path:
    pose = Pose.looking(0.0, 0.0, 2.6, 0.0, 30.0)
    lens = Intrinsics(160, 120, 90.0, 90.0, 80.0, 60.0)
    rays = lens.rays() @ pose.matrix[:3, :3].T
    with np.errstate(divide="ignore"):
        floor, wall = -2.6 / rays[..., 2], 3.0 / rays[..., 1]
    depth_m = np.minimum(np.where(floor > 0, floor, np.inf), np.where(wall > 0, wall, np.inf))
    view = np.where(np.isfinite(depth_m), 1000 * depth_m, 0).astype(np.uint16)
    (folder / "till/depth").mkdir(parents=True)
    for name in ("empty.png", "depth/000000.png"):
        (folder / "till" / name).write_bytes(encode_depth_png(view))
    (folder / "till/depth.txt").write_text("0.0 depth/000000.png\n")
    camera = {"id": "till", "width": 160, "height": 120, "fx": 90, "fy": 90, "cx": 80, "cy": 60, "depth_unit_m": 0.001}
    camera |= {"distortion": "none", "T_store_camera": pose.matrix.tolist(), "empty": "empty.png", "model": "drawn"}
    about = {"format": "session-folder/1", "name": "wall", "description": "", "licence": "CC0-1.0", "fps": 15}
    (folder / "session.json").write_text(json.dumps(about | {"cameras": [camera]}))
    return folder


def test_check_config_looks_in_this_folder(
    miseban: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "finds neither" in miseban("check-config").err
    (tmp_path / "store.toml").write_text(STORE)
    assert miseban("check-config").out == "store.toml: no faults\n"


def test_a_session_is_served_to_the_app_until_stopped(session: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "edge", "replay", str(session), "--serve", "--port", "0"]
    root = Path(__file__).parents[1]
    with (tmp_path / "log").open("w") as log:
        box = subprocess.Popen(
            command,
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={**os.environ, "PYTHONPATH": str(root)},
        )
        try:
            assert box.stdout is not None
            told = box.stdout.readline()
            assert told.startswith("Open http://"), (tmp_path / "log").read_text()
            address = told.split()[1]
            with urllib.request.urlopen(f"{address}api/store", timeout=20) as answer:
                store = json.load(answer)
            assert [camera["id"] for camera in store["cameras"]] == ["cam0"]
        finally:
            box.send_signal(signal.SIGINT)
            code = box.wait(30)
        box.stdout.close()
    assert code == 0
    assert (tmp_path / "var/replay").is_dir()


def test_serving_takes_no_results(miseban: Callable[..., Ran], session: Path, tmp_path: Path) -> None:
    assert miseban("replay", session, "--serve", "--out", tmp_path / "out").code == 2
    assert miseban("replay", session, "--serve", "--speed", "max").code == 2


def test_run_shows_the_faults_of_both_files(
    miseban: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "device.toml: cannot be read" in miseban("run").err
    (tmp_path / "device.toml").write_text('site = "My Shop"\n')
    (tmp_path / "store.toml").write_text("colour = 1\n")
    ran = miseban("run")
    assert ran.code == 1
    assert [line.split(":")[1].split()[-1] for line in ran.err.splitlines()] == ["site", "colour"]


def test_every_command_explains_itself(miseban: Callable[..., Ran]) -> None:
    listed = miseban("--help")
    assert listed.code == 0
    for command in ("replay", "run", "check-config", "simulate", "calibrate", "score", "render", "version"):
        assert command in listed.out
        shown = miseban(command, "--help")
        assert shown.code == 0
        assert f"miseban {command}" in shown.out


def test_version(miseban: Callable[..., Ran]) -> None:
    assert miseban("version").out.splitlines()[1].startswith("miseban 0.")


def test_the_module_runs_as_a_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "edge", "replay", "/nowhere"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr == ("Error: /nowhere: does not exist. Name a session folder: the one that holds session.json.\n")
