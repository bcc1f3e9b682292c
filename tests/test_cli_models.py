"""``miseban models``, and a model's file as other commands see it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from edge import cli
from edge.daemon.ear_models import take_up
from edge.daemon.outlook import microphone_concerns
from edge.recording.models import YAMNET
from edge.settings import DeviceSettings, ModelSettings

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def miseban(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Runs a command in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["miseban", *map(str, words)])
        code: object = 0
        try:
            cli.main()
        except SystemExit as stop:
            code = stop.code or 0
        told = capsys.readouterr()
        assert isinstance(code, int)
        return code, told.out, told.err

    return call


@pytest.fixture
def torn(tmp_path: Path) -> Path:
    path = tmp_path / "yamnet.tflite"
    path.write_bytes(b"TFL3 torn")
    return path


def test_models_are_listed_where_nothing_is_set_up(miseban: Run) -> None:
    code, out, err = miseban("models")
    assert (code, err) == (0, "")
    assert next(iter(YAMNET.sums)) in out
    assert "names no file" in out


def test_a_model_that_is_named_and_damaged_is_a_fault_of_the_list_and_worth_a_look_for_the_box(
    miseban: Run, torn: Path, tmp_path: Path
) -> None:
    (tmp_path / "device.toml").write_text(f'[[microphone]]\nid = "till"\n[models]\nyamnet = "{torn.name}"\n')
    code, out, _ = miseban("models")
    assert code == 1
    assert "NOT USED" in out
    code, out, _ = miseban("check-config", "--device", "device.toml")
    assert code == 0
    assert f"Worth a look: device.toml: model yamnet, {torn.name}: is damaged" in out


def test_models_of_a_device_that_is_not_there_is_an_error(miseban: Run) -> None:
    code, _, err = miseban("models", "--device", "none.toml")
    assert code == 1
    assert "none.toml" in err


def test_a_replay_with_a_damaged_model_says_so_and_writes_nothing(miseban: Run, torn: Path, tmp_path: Path) -> None:
    clip = tmp_path / "clip.wav"
    soundfile.write(clip, np.zeros(8000, np.float32), 16_000)
    code, _, err = miseban("replay", clip, "--out", tmp_path / "out", "--yamnet", torn)
    assert code == 1
    assert "is damaged or another file" in err
    assert not (tmp_path / "out").exists()


def test_a_replay_without_it_names_no_model(miseban: Run, tmp_path: Path) -> None:
    clip = tmp_path / "clip.wav"
    soundfile.write(clip, np.zeros(8000, np.float32), 16_000)
    assert miseban("replay", clip, "--out", tmp_path / "out")[0] == 0
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["models"] == {}


def test_an_ear_goes_on_without_a_model_that_is_damaged_and_says_why(torn: Path) -> None:
    taken = take_up(torn)
    assert taken.yamnet is None
    assert taken.fault is not None
    assert str(torn) in taken.fault
    assert taken.fault.endswith("Until then, sounds are heard without it.")
    assert take_up(None).fault is None


def test_what_is_wrong_with_a_model_is_told_beside_what_is_wrong_with_microphones(torn: Path) -> None:
    concerns = microphone_concerns(DeviceSettings(models=ModelSettings(yamnet=torn)))
    assert len(concerns) == 1
    assert "is damaged" in concerns[0]
