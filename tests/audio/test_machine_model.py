"""A machine's model: kept as plain data, doubted when it is read, and following the seasons only so far."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from edge.audio.machine_features import GROUPS, SIZES, WindowFeatures
from edge.audio.machine_fit import fit_machine
from edge.audio.machine_model import LINES_DRIFT_DB, SPREAD_DRIFT, MachineModel
from edge.audio.machine_windows import WINDOW_BLOCKS, Window
from edge.errors import EdgeError


def window(rng: np.random.Generator, first_block: int, state: float = 0.0) -> Window:
    """A made window: chance, and a state that moves many numbers together."""
    tone, beat, low, high = (rng.standard_normal(size).astype(np.float32) for size in SIZES.values())
    return Window(0, 1, first_block, -40.0, WindowFeatures(tone + 5.0 * np.float32(state), beat, low, high))


def windows(count: int = 120) -> list[Window]:
    """Windows of a machine that is in one of two states."""
    rng = np.random.default_rng(5)
    return [window(rng, WINDOW_BLOCKS * k, state=(k // 10) % 2) for k in range(count)]


@pytest.fixture(scope="module")
def model() -> MachineModel:
    return fit_machine("freezer", 240.0, windows())


def test_what_was_not_learnt_from_is_as_usual_as_what_was(model: MachineModel) -> None:
    rng = np.random.default_rng(6)
    excesses = [model.excess(window(rng, 0, state=k % 2).features) for k in range(200)]
    assert np.mean(np.asarray(excesses) > 1.0) < 0.05
    assert -0.5 < np.median(excesses) < 0.7


def test_both_states_are_normal_and_what_is_far_beyond_is_not(model: MachineModel) -> None:
    rng = np.random.default_rng(7)
    assert model.excess(window(rng, 0, state=0.0).features) < 1.0
    assert model.excess(window(rng, 0, state=1.0).features) < 1.0
    assert model.excess(window(rng, 0, state=6.0).features) > 1.5


@pytest.mark.parametrize("group", GROUPS)
def test_each_group_is_heard_alone(model: MachineModel, group: str) -> None:
    features = window(np.random.default_rng(8), 0).features
    odd = getattr(features, group).copy()
    odd[17:20] += 15.0
    assert model.excess(features._replace(**{group: odd})) > max(1.0, model.excess(features) + 0.3)


def test_slow_change_is_followed_but_only_so_far(model: MachineModel) -> None:
    features = window(np.random.default_rng(9), 0).features
    moved = WindowFeatures(*(values + np.float32(4.0) * (np.arange(values.size) % 7 == 3) for values in features))
    before, drift = model.excess(moved), model.drift
    for _ in range(200):
        drift = replace(model, drift=drift).drifted(moved, 0.05)
    followed = replace(model, drift=drift)
    assert followed.excess(moved) < before - 0.1
    for group, most in zip(GROUPS, (SPREAD_DRIFT, SPREAD_DRIFT, LINES_DRIFT_DB, LINES_DRIFT_DB), strict=True):
        assert np.abs(getattr(drift, group)).max() <= most
    failing = WindowFeatures(*(values + np.float32(12.0) * (np.arange(values.size) % 7 == 3) for values in features))
    assert followed.excess(failing) > 1.5


def test_a_model_is_the_same_after_json(model: MachineModel) -> None:
    read = MachineModel.from_record(json.loads(json.dumps(model.to_record())))
    assert read.to_record() == model.to_record()
    features = window(np.random.default_rng(10), 0, state=0.5).features
    assert read.excess(features) == model.excess(features)


def test_a_model_without_components_is_the_same_after_json() -> None:
    rng = np.random.default_rng(11)
    alike = fit_machine("fan", 240.0, [window(rng, WINDOW_BLOCKS * k) for k in range(300)])
    assert len(alike.tone.axes) == 0
    assert MachineModel.from_record(json.loads(json.dumps(alike.to_record()))).to_record() == alike.to_record()


Damage = Callable[[dict[str, Any]], Any]


def _flip(record: dict[str, Any]) -> None:
    text = record["tone"]["centre"]["float32"]
    record["tone"]["centre"]["float32"] = text[:8] + ("A" if text[8] != "A" else "B") + text[9:]


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda r: r.update(version=2), "version"),
        (lambda r: r.pop("version"), "version"),
        (lambda r: r.pop("name"), "name"),
        (lambda r: r.update(name=""), "name"),
        (lambda r: r.update(learnt_s="long"), "learnt_s"),
        (lambda r: r.pop("beat"), "beat"),
        (lambda r: r.update(low=[1, 2]), "low"),
        (lambda r: r["drift"].pop("high"), "drift.high"),
        (lambda r: r["tone"].update(seldom=r["tone"]["usual"]), "tone.seldom"),
        (lambda r: r["low"].update(usual=float("nan")), "low.usual"),
        (lambda r: r["beat"]["rest"].update(shape=[71]), "beat.rest"),
        (lambda r: r["beat"]["rest"].update(shape=None), "beat.rest"),
        (lambda r: r["tone"]["axes"].update(shape=[99, 80]), "tone.axes"),
        (lambda r: r["high"]["allowed_db"].update(float32="no base64!"), "high.allowed_db"),
        (lambda r: r["high"]["allowed_db"].update(float32=r["high"]["allowed_db"]["float32"][:-8]), "high.allowed_db"),
        (_flip, "tone.centre"),
    ],
)
def test_a_damaged_record_is_told_by_its_key(model: MachineModel, damage: Damage, told: str) -> None:
    record = json.loads(json.dumps(model.to_record()))
    damage(record)
    with pytest.raises(EdgeError, match=rf"{told}\b.*miseban listen --learn"):
        MachineModel.from_record(record)


@pytest.mark.parametrize("record", [None, [], "model", 3, {}])
def test_what_is_no_record_is_told(record: object) -> None:
    with pytest.raises(EdgeError, match="model of machine"):
        MachineModel.from_record(record)


def test_scales_of_zero_are_told(model: MachineModel) -> None:
    zero = json.loads(json.dumps(fit_machine("x", 1.0, windows()).to_record()))
    zero["tone"]["scale"] = zero["drift"]["tone"]
    with pytest.raises(EdgeError, match=r"tone\.scale.*above zero"):
        MachineModel.from_record(zero)
