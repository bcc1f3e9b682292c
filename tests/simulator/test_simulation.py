"""Whole sessions: what is written is true, the same each time, and fast."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge.recording.folder import open_session
from edge.recording.png import read_depth_png
from edge.settings import load_store
from edge.simulator import simulate
from edge.simulator.bodies import Hat, sample_adult
from edge.simulator.figure import Posture
from edge.simulator.performance import Presence
from edge.simulator.render import Renderer, blank
from edge.simulator.scenarios import SCENARIOS
from edge.simulator.stage import Mount
from edge.simulator.truth import visible_share

TOP = Mount(3.2, 90.0)


def _digest(folder: Path) -> str:
    whole = hashlib.sha256()
    for file in sorted(p for p in folder.rglob("*") if p.is_file()):
        whole.update(str(file.relative_to(folder)).encode() + file.read_bytes())
    return whole.hexdigest()


@pytest.mark.parametrize("scenario", list(SCENARIOS))
def test_every_scenario_is_a_session_that_opens(tmp_path: Path, scenario: str) -> None:
    made = simulate(scenario, 0, tmp_path / "s", size=(80, 60), fps=2.0, duration_s=8.0)
    session = open_session(tmp_path / "s")
    assert session.frame_count == made.frames == 16
    assert load_store(tmp_path / "s" / "store.toml") == session.store
    assert (session.empty("cam0") is None) == (scenario == "start_occupied")
    if scenario == "start_occupied":
        assert any(h.t_ns == made.heads[0].t_ns and h.visible > 0.5 for h in made.heads)
    if scenario == "empty_shop":
        assert not made.heads
    if scenario == "night":
        assert not session.store.is_open(made.heads[0].t_ns)
    else:
        assert session.store.is_open(made.heads[0].t_ns if made.heads else 0) or not made.heads


def test_same_seed_same_bytes_and_another_seed_another_session(tmp_path: Path) -> None:
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        simulate("family_cart", seed, tmp_path / name, size=(80, 60), fps=5.0, duration_s=10.0, name="x")
    assert _digest(tmp_path / "a") == _digest(tmp_path / "b") != _digest(tmp_path / "c")


def test_truth_does_not_depend_on_camera_noise_or_rate(tmp_path: Path) -> None:
    slow = simulate("crossing", 1, tmp_path / "a", size=(80, 60), fps=5.0, noise="none", mount=TOP, duration_s=10.0)
    fast = simulate(
        "crossing", 1, tmp_path / "b", size=(64, 48), fps=10.0, noise="tof", mount="tilted", duration_s=10.0
    )
    at = {(h.t_ns, h.person): (h.x_m, h.y_m, h.z_m) for h in fast.heads}
    assert all(at[h.t_ns, h.person] == (h.x_m, h.y_m, h.z_m) for h in slow.heads)
    crossings = [[e for e in made.events if e.kind == "cross"] for made in (slow, fast)]
    assert crossings[0] == crossings[1]
    assert len(crossings[0]) >= 2


def test_truth_is_the_nearest_point_that_the_camera_sees(tmp_path: Path) -> None:
    """Straight down and without noise, the highest point under a wholly visible head is its top, within 1 cm."""
    made = simulate("walk", 2, tmp_path / "s", size=(640, 480), fps=2.0, noise="none", mount=TOP, depth_unit_m=0.0005)
    session = open_session(tmp_path / "s")
    camera = session.cameras[0]
    assert camera.pose is not None
    files = sorted((tmp_path / "s/cam0/depth").iterdir())
    checked = 0
    rays = camera.intrinsics.rays()
    times = {
        float(line.split()[0]): k for k, line in enumerate((tmp_path / "s/cam0/depth.txt").read_text().splitlines())
    }
    for head in made.heads:
        if head.visible < 0.99:
            continue
        depth = read_depth_png(files[times[round(head.t_ns / 1e9, 6)]], 640, 480, "frame") * camera.depth_unit_m
        points = camera.pose.to_store((rays * depth[..., None]).reshape(-1, 3))
        near = points[np.hypot(points[:, 0] - head.x_m, points[:, 1] - head.y_m) < 0.2]
        assert near[:, 2].max() == pytest.approx(head.z_m, abs=0.01)
        checked += 1
    assert checked >= 3


def test_visible_share_of_cases_made_by_hand() -> None:
    body = replace(sample_adult(np.random.default_rng(0)), hat=Hat.NONE, stature_m=1.7)
    tall = replace(body, stature_m=1.9)
    mount = Mount(1.75, 0.001, 0.0, 60.0, 0.0, 0.0)
    lens = mount.intrinsics(320, 240)
    renderer = Renderer(lens, mount.pose((0.0, 0.0)))

    def share(x_m: float, front: bool, returns: bool = True) -> float:
        behind = Presence(1, body, Posture(x_m, 4.0, 0.0))
        before = Presence(2, tall, Posture(0.0, 2.0, 0.0))
        image = blank(320, 240)
        renderer.draw(image, behind.solids(), 1)
        if front:
            renderer.draw(image, before.solids(), 2)
        return visible_share(renderer, image, np.full((240, 320), returns), behind, behind.solids())

    assert share(0.0, front=False) > 0.85
    assert share(0.0, front=True) < 0.1
    assert share(1.2, front=True) == share(1.2, front=False) > 0.85
    assert share(8.0, front=False) == 0.0
    assert share(0.0, front=False, returns=False) == 0.0
    # The picture's border runs through the middle of this head.
    half = 4.0 * np.tan(np.radians(30.0)) - Presence(1, body, Posture(0.0, 4.0, 0.0)).head_centre()[0]
    assert share(half, front=False) == pytest.approx(0.5, abs=0.12)


def test_families_come_with_children_hats_and_carts() -> None:
    bodies, carts = [], 0
    for seed in range(6):
        stage = SCENARIOS["family_cart"].build(np.random.default_rng(seed), 30.0)
        bodies += [role.body for role in stage.roles] + [role.rider for role in stage.roles if role.rider]
        carts += sum(role.cart is not None for role in stage.roles)
    assert carts >= 6
    assert sum(body.is_child for body in bodies) >= 6
    assert sum(body.hat is not Hat.NONE for body in bodies) >= 4
    assert sum(body.backpack for body in bodies) >= 2


def test_counts_at_the_door_are_those_of_the_visits(tmp_path: Path) -> None:
    made = simulate("shop_day", 4, tmp_path / "s", size=(64, 48), fps=1.0)
    notes = [event.note for event in made.events if event.kind == "cross"]
    assert notes.count("in door") == notes.count("out door") == 6


def test_several_cameras_share_one_truth(tmp_path: Path) -> None:
    mounts = [Mount(3.0, 90.0, x_m=-1.5, y_m=0.0), Mount(3.0, 90.0, x_m=1.5, y_m=0.0)]
    made = simulate("walk", 0, tmp_path / "s", size=(80, 60), fps=2.0, mount=mounts, duration_s=8.0)
    session = open_session(tmp_path / "s")
    assert [camera.id for camera in session.cameras] == ["cam0", "cam1"]
    assert sum(1 for _ in session.frames()) == 2 * made.frames


@pytest.mark.parametrize(("size", "unit"), [((80, 60), 0.01), ((1280, 720), 0.00025)])
def test_any_size_and_unit(tmp_path: Path, size: tuple[int, int], unit: float) -> None:
    simulate("walk", 0, tmp_path / "s", size=size, fps=1.0, duration_s=2.0, depth_unit_m=unit, mount=TOP, noise="none")
    depth = read_depth_png(tmp_path / "s/cam0/depth/000000.png", *size, "frame")
    assert depth[size[1] // 2, size[0] // 2] * unit == pytest.approx(3.2, abs=unit)


@pytest.mark.parametrize(
    "wrong",
    [{"scenario": "opera"}, {"seed": -1}, {"size": (4, 4)}, {"fps": 0.0}, {"noise": "pink"}, {"mount": "moon"}],
)
def test_wrong_arguments_are_named(tmp_path: Path, wrong: dict[str, object]) -> None:
    arguments: dict[str, object] = {"scenario": "walk", "seed": 0, "out": tmp_path / "s", "duration_s": 1.0} | wrong
    with pytest.raises(ValueError, match=next(iter(wrong))):
        simulate(**arguments)  # type: ignore[arg-type]


def test_the_drawn_crowd_rule_reaches_the_file(tmp_path: Path) -> None:
    simulate("crowd", 0, tmp_path / "s", size=(32, 24), fps=1.0, duration_s=1.0)
    stage = SCENARIOS["crowd"].build(np.random.default_rng(0), 1.0)
    assert load_store(tmp_path / "s" / "store.toml").alerts == stage.store.alerts
