"""Models that no package brings: files that the owner puts in place, and that are read whole or not at all.

A model's file is code for an engine.  It is used only if its sum is one that is known, so that neither a torn download
nor another file of the same name is ever run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from edge.errors import EdgeError

MOST_BYTES: Final = 64 * 1024 * 1024
"""A file that is larger is no model for an ear, and is not read."""


@dataclass(frozen=True, slots=True)
class ModelKind:
    """A model that may be put in place."""

    key: str
    """Of device.toml, under ``[models]``."""
    title: str
    improves: str
    licence: str
    upstream: str
    """Who made it, and where."""
    file: str
    """What its file is usually called."""
    sums: Mapping[str, str]
    """SHA-256 of each file that is known to work, and which one it is: only these are ever run."""
    package: str
    """What runs it, as Python imports it."""
    extra: str
    """How that is installed: ``miseban[extra]``."""

    def where(self, path: Path) -> str:
        """How a message names a file of it."""
        return f"model {self.key}, {path}"


YAMNET: Final = ModelKind(
    key="yamnet",
    title="YAMNet, 521 classes of sound (AudioSet)",
    improves="breaking glass, alarms and screams; and what the box says that it hears",
    licence="Apache-2.0",
    upstream=(
        "https://github.com/tensorflow/models, research/audioset/yamnet; converted by Google: "
        "https://www.kaggle.com/models/google/yamnet"
    ),
    file="yamnet.tflite",
    sums={
        "469be6a3421cbc52cf97e9f2f966cba984198e8e7af9854d68b3e3ebb1e04194": (
            "4,078,224 bytes, as in https://github.com/Jaskaran197/Speaker-Detector at commit 4ec29b6"
        ),
    },
    package="ai_edge_litert",
    extra="yamnet",
)
MODELS: Final = (YAMNET,)


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model that is whole."""

    path: Path
    sha256: str
    content: bytes


def read_model(kind: ModelKind, path: Path) -> ModelFile:
    """A model's file, if it is one that is known and can be run here.

    Raises
    ------
    EdgeError
        If it is missing, cannot be read, is too large or is none of the known files, or what runs it is not installed.
    """
    content = _read(kind, path)
    found = hashlib.sha256(content).hexdigest()
    if found not in kind.sums:
        what = f"is damaged or another file: {len(content)} bytes with SHA-256 {found}, not {' or '.join(kind.sums)}"
        raise EdgeError(kind.where(path), what, "Get the file anew; miseban models says where.")
    if find_spec(kind.package) is None:
        remedy = f"Run: pip install 'miseban[{kind.extra}]'."
        raise EdgeError(kind.where(path), f"what runs it, {kind.package}, is not installed", remedy)
    return ModelFile(path, found, content)


def _read(kind: ModelKind, path: Path) -> bytes:
    elsewhere = f"Put {kind.file} there, or take the line out; miseban models says where to get it."
    try:
        if not path.exists():
            raise EdgeError(kind.where(path), "is not there", elsewhere)
        if not path.is_file():  # a pipe would never end
            raise EdgeError(kind.where(path), "is not a file", elsewhere)
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        what = f"cannot be read ({error.strerror or error})"
        raise EdgeError(kind.where(path), what, f"Let the box read it: chmod a+r {path}.") from None
    if len(content) > MOST_BYTES:
        what = f"is larger than {MOST_BYTES // (1024 * 1024)} MiB"
        raise EdgeError(kind.where(path), what, "Name the model's own file; miseban models says which.")
    return content
