"""YAMNet: a net that knows 521 classes of sound, and what it says of glass, alarms and screams.

::

    window of 0.96 s, made as loud as the net knows sound -> net -> score of each class -> the likeliest few, as tags
                                                                 '-> log-odds -> of the classes that are meant,
                                                                                 less those that resemble them
         log-odds of the built-in detector ---------------------------> both together, or the built-in one alone,
                                                                        whichever is more -> log-odds of each label

The net learnt from a thousand hours, the built-in detector from physics and sounds made by arithmetic; they fail
differently, and nothing that the built-in detector is sure of is lost.  What each label is made of is written in
``yamnet_head.json``, by ``python -m tests.benchmarks.fit_yamnet``.  The net's own file is put in place by the owner
(``miseban models``); it is handed in as bytes.

Net: M. Plakal, D. Ellis, "YAMNet" (2019), https://github.com/tensorflow/models/tree/master/research/audioset/yamnet,
Apache-2.0; classes: J. F. Gemmeke et al., "Audio Set", ICASSP 2017.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from edge.audio.packaged import WEIGHTS
from edge.errors import EdgeError

Floats = NDArray[np.float32]

PATCH: Final = 15_600
"""Samples that the net judges at once: 0.975 s, 96 spectra of 25 ms with 10 ms between them."""
CLASSES: Final = 521
TAGS: Final = 5
"""So many classes of a window are told to people."""
LOUD: Final = 0.5
"""Peak that a window is raised to: the net learnt from recordings of usual level, and takes a far sound for silence."""
MOST_GAIN: Final = 31.6
"""30 dB: the noise of the microphone itself is not made a sound."""
ODDS: Final = (-10.0, 6.0)
"""Log-odds of a class between these count: below and above it is sure, and how sure says no more."""
BUILT_IN: Final = 6.0
"""Log-odds of the built-in detector count so far, up and down."""

_CLASSES_FILE = WEIGHTS / "yamnet_classes.json"
_HEAD_FILE = WEIGHTS / "yamnet_head.json"
_INSTALL = "Run: pip install 'miseban[yamnet]'."


class Net(Protocol):
    """What runs the net."""

    def __call__(self, patch: Floats) -> Floats:
        """Score of each class, (CLASSES,), 0 to 1, for (PATCH,) samples."""


class LiteNet:
    """The net in LiteRT (ai-edge-litert), on one thread.

    Raises
    ------
    EdgeError
        When LiteRT is not installed, or what is handed in is not this net.
    """

    def __init__(self, content: bytes) -> None:
        try:
            runtime = import_module("ai_edge_litert.interpreter")
        except ImportError as problem:
            raise EdgeError("YAMNet", "what runs it, ai-edge-litert, is not installed", _INSTALL) from problem
        try:
            self._run: Any = runtime.Interpreter(model_content=content, num_threads=1)
            self._run.allocate_tensors()
        except (ValueError, RuntimeError) as problem:
            raise _not_the_net(f"cannot be loaded ({problem})") from problem
        self._in = self._tensor(self._run.get_input_details(), (1, PATCH), (PATCH,))
        self._out = self._tensor(self._run.get_output_details(), (1, CLASSES))
        self._shape = tuple(self._in["shape"])

    def __call__(self, patch: Floats) -> Floats:
        """Score of each class."""
        self._run.set_tensor(self._in["index"], patch.reshape(self._shape))
        self._run.invoke()
        scores: Floats = self._run.get_tensor(self._out["index"])[0]
        return scores

    @staticmethod
    def _tensor(details: list[dict[str, Any]], *shapes: tuple[int, ...]) -> dict[str, Any]:
        """The only tensor of a shape; it holds float32."""
        found = [one for one in details if tuple(one["shape"]) in shapes and one["dtype"] is np.float32]
        if len(found) != 1:
            raise _not_the_net(f"has no tensor of float32 {shapes[0]} where it should")
        return found[0]


@dataclass(frozen=True, slots=True)
class LabelHead:
    """How a label is made of classes: ``net * (best meant - rival * best rival) + built_in * log-odds + constant``."""

    meant: tuple[int, ...]
    rivals: tuple[int, ...]
    """Classes that resemble it: where one of them is likelier, it is that."""
    rival: float
    net: float
    built_in: float
    constant: float

    def odds(self, classes: NDArray[np.float64], built_in: float) -> float:
        """Log-odds of the label, from those of the classes and of the built-in detector."""
        of_net = classes[list(self.meant)].max() - self.rival * classes[list(self.rivals)].max()
        return float(self.net * of_net + self.built_in * np.clip(built_in, -BUILT_IN, BUILT_IN) + self.constant)


Head = Mapping[str, LabelHead]
"""By label; a label that is not in it stays with the built-in detector."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What is made of one window."""

    odds: Mapping[str, float]
    """Log-odds of each label."""
    tags: tuple[tuple[str, float], ...]
    """The likeliest classes with their scores, the likeliest first."""


class Yamnet:
    """Joins what the net says with what the built-in detector says.

    Keeps nothing from window to window, so that several streams may share one.

    Parameters
    ----------
    net
        What runs the net.
    head
        How labels are made of its classes; without it, as it was fitted.

    Raises
    ------
    EdgeError
        When the packaged head or names are damaged.
    """

    def __init__(self, net: Net, head: Head | None = None) -> None:
        self._net = net
        self._names = class_names()
        self._head = packaged_head() if head is None else head

    def hear(self, samples: Floats, built_in: Mapping[str, float]) -> Opinion:
        """One window, (n,) samples with n up to :data:`PATCH`, and the built-in detector's log-odds of its labels."""
        scores = np.nan_to_num(self._net(as_patch(samples)).astype(np.float64)).clip(1e-9, 1.0 - 1e-9)
        classes = np.log(scores / (1.0 - scores)).clip(*ODDS)
        odds = {k: max(own, self.joint(k, classes, own)) for k, own in built_in.items()}
        best = np.argsort(-scores, kind="stable")[:TAGS]
        return Opinion(odds, tuple((self._names[k], float(scores[k])) for k in best))

    def joint(self, label: str, classes: NDArray[np.float64], built_in: float) -> float:
        """What both say together, from the log-odds of the classes and of the built-in detector."""
        return self._head[label].odds(classes, built_in) if label in self._head else built_in


def as_patch(samples: Floats) -> Floats:
    """A window as the net wants it, (PATCH,): as loud as usual, and mirrored where it is too short at its beginning."""
    missing = PATCH - samples.size
    if not 0 <= missing < samples.size:
        raise ValueError(f"{samples.size} samples are no window")
    whole = np.concatenate((samples[missing:0:-1], samples)) if missing else samples
    gain = np.clip(LOUD / max(float(np.abs(whole).max()), 1e-9), 1.0, MOST_GAIN)
    patch: Floats = (whole * gain).astype(np.float32)
    return patch


@cache
def class_names() -> tuple[str, ...]:
    """Display names of the classes, in the order of the scores.

    Raises
    ------
    EdgeError
        When the packaged file is damaged.
    """
    names = _packaged(_CLASSES_FILE.name).get("names")
    if not isinstance(names, list) or len(names) != CLASSES or not all(isinstance(one, str) and one for one in names):
        raise _damaged(_CLASSES_FILE.name, f"does not name {CLASSES} classes")
    return tuple(names)


@cache
def packaged_head() -> Head:
    """The head as it was fitted.

    Raises
    ------
    EdgeError
        When the packaged file is damaged.
    """
    try:
        return read_head(_packaged(_HEAD_FILE.name), class_names())
    except ValueError as problem:
        raise _damaged(_HEAD_FILE.name, str(problem)) from problem


def read_head(record: Mapping[str, Any], names: tuple[str, ...]) -> Head:
    """A head as it is written.

    Raises
    ------
    ValueError
        When it is not one.
    """
    try:
        return {label: _label(one, names) for label, one in record["labels"].items()}
    except (KeyError, TypeError, AttributeError) as problem:
        raise ValueError(f"is not a head: {problem}") from problem


def _label(record: Mapping[str, Any], names: tuple[str, ...]) -> LabelHead:
    numbers = [float(record[key]) for key in ("rival", "net", "built_in", "constant")]
    if not np.isfinite(numbers).all():
        raise ValueError("some numbers are none")
    meant, rivals = (tuple(names.index(name) for name in record[key]) for key in ("meant", "rivals"))
    if not (meant and rivals):
        raise ValueError("a label is made of no class")
    return LabelHead(meant, rivals, *numbers)


def _packaged(file: str) -> Mapping[str, Any]:
    try:
        record = json.loads((WEIGHTS / file).read_text("utf-8"))
    except (OSError, ValueError) as problem:
        raise _damaged(file, f"cannot be read ({problem})") from problem
    if not isinstance(record, dict):
        raise _damaged(file, "is not a table of keys")
    return record


def _damaged(file: str, what: str) -> EdgeError:
    return EdgeError(file, what, "Install miseban again.")


def _not_the_net(what: str) -> EdgeError:
    return EdgeError("YAMNet's file", what, "Get the file anew; miseban models says where.")
