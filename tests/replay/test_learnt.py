"""A replay listens to machines that are brought to it, and only to those."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from edge.errors import EdgeError
from edge.messages import RATE_HZ
from edge.recording import open_session
from edge.recording.machine_store import MachineStore
from edge.replay.hearing_tables import read_sounds
from edge.replay.learnt import learnt_machines
from edge.replay.replay import run
from tests.daemon.machine_sounds import freezer_noise, learnt


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As a box keeps them: a freezer near the till."""
    folder = tmp_path_factory.mktemp("machines")
    MachineStore.of(folder, "till").save("freezer", learnt("freezer").to_record())
    return folder


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "night.wav"
    soundfile.write(path, freezer_noise(21.0, seed=7), RATE_HZ)
    return path


def test_the_machines_of_one_microphone_are_listened_to_by_any(machines: Path, clip: Path, tmp_path: Path) -> None:
    run(open_session(clip), tmp_path / "with", machines=machines / "till")
    run(open_session(clip), tmp_path / "without")
    scores = [row for row in read_sounds(tmp_path / "with/sounds.csv") if row.label == "machine:freezer"]
    assert len(scores) == 3
    assert np.mean([row.score for row in scores]) < 0.4
    assert not any(row.label.startswith("machine:") for row in read_sounds(tmp_path / "without/sounds.csv"))
    heard = {
        name: json.loads((tmp_path / name / "summary.json").read_text())["machines"] for name in ("with", "without")
    }
    assert heard == {"with": {"mic0": ["freezer"]}, "without": {}}


def test_the_machines_of_a_box_are_for_their_own_microphones(machines: Path) -> None:
    found = learnt_machines(machines, ("till", "door"))
    assert {microphone: [model.name for model in models] for microphone, models in found.items()} == {
        "till": ["freezer"]
    }


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("", r"has no machine for mic0\. Name the folder of one microphone\. There are: till\."),
        ("nowhere", "is not a folder"),
        ("till/freezer.json", "is not a folder"),
    ],
)
def test_a_folder_without_machines_is_told(machines: Path, clip: Path, tmp_path: Path, path: str, words: str) -> None:
    with pytest.raises(EdgeError, match=words):
        run(open_session(clip), tmp_path / "out", machines=machines / path)
    assert not (tmp_path / "out").exists()


def test_results_do_not_depend_on_a_damaged_machine_in_silence(clip: Path, tmp_path: Path) -> None:
    (tmp_path / "freezer.json").write_text("{}")
    with pytest.raises(EdgeError, match=r"freezer\.json"):
        run(open_session(clip), machines=tmp_path)
