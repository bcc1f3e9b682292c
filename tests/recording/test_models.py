"""A model's file is used whole or not at all, and every fault names the file and what to do."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest

from edge.errors import EdgeError
from edge.recording import models
from edge.recording.model_overview import ModelState, model_concerns, model_states
from edge.recording.models import YAMNET, read_model
from edge.settings import ModelSettings

CONTENT = b"a model"
SUM = hashlib.sha256(CONTENT).hexdigest()
KNOWN = replace(YAMNET, sums={SUM: "seven bytes"}, package="json")
"""What runs it is there on every machine."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "yamnet.tflite"
    path.write_bytes(CONTENT)
    return path


def test_a_file_that_is_known_is_read_whole(file: Path):
    model = read_model(KNOWN, file)
    assert (model.path, model.sha256, model.content) == (file, SUM, CONTENT)


@pytest.mark.parametrize("content", [b"", CONTENT[:-1], CONTENT + b"\0", b"A model", b"<html>404</html>"])
def test_a_file_with_another_sum_is_not_used(file: Path, content: bytes):
    file.write_bytes(content)
    with pytest.raises(EdgeError, match=f"{hashlib.sha256(content).hexdigest()}, not {SUM}") as caught:
        read_model(KNOWN, file)
    assert str(file) in caught.value.where
    assert "miseban models" in caught.value.remedy


def test_a_file_that_is_missing_is_named(tmp_path: Path):
    with pytest.raises(EdgeError, match=r"none\.tflite: is not there\. Put yamnet\.tflite there"):
        read_model(KNOWN, tmp_path / "none.tflite")


def test_a_folder_and_a_pipe_are_no_files(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(EdgeError, match="is not a file"):
            read_model(KNOWN, path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_is_named(file: Path):
    file.chmod(0)
    with pytest.raises(EdgeError, match=r"cannot be read .*chmod a\+r"):
        read_model(KNOWN, file)


def test_a_file_that_is_too_large_is_not_read(file: Path):
    with file.open("r+b") as handle:
        handle.truncate(models.MOST_BYTES + 1)
    with pytest.raises(EdgeError, match="is larger than 64 MiB"):
        read_model(KNOWN, file)


def test_without_what_runs_it_the_message_says_what_to_install(file: Path):
    with pytest.raises(EdgeError, match=r"no_such_runtime, is not installed\. Run: pip install 'miseban\[yamnet\]'"):
        read_model(replace(KNOWN, package="no_such_runtime"), file)


def test_what_the_settings_do_not_name_is_no_fault():
    assert model_concerns(ModelSettings()) == ()
    (state,) = model_states(ModelSettings())
    words = "\n".join(state.lines())
    assert state.fault is None
    for part in (
        *YAMNET.sums,
        YAMNET.licence,
        YAMNET.file,
        "github.com/tensorflow/models",
        "[models]",
        'yamnet = "models/yamnet.tflite"',
    ):
        assert part in words
    assert "not used" in words


def test_what_they_name_is_told_as_it_is(file: Path):
    (concern,) = model_concerns(ModelSettings(yamnet=file))
    assert "damaged or another file" in concern
    (state,) = model_states(ModelSettings(yamnet=file))
    assert f"NOT USED: {concern}" in "\n".join(state.lines())
    whole = "\n".join(ModelState(KNOWN, file).lines())
    assert f"{file}: there and whole" in whole
    assert f'yamnet = "{file}"' in whole
