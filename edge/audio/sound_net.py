"""The small nets that tell alarms and screams from everything else by a window's features.

    features -> each over its usual spread, none further than a few of them -> a hidden layer and a sum -> log-odds

Alarms and screams are known by what goes together: exact pitches that come again, or a rough voice in one long breath.
Their weights (sound_nets.json) are fitted by ``python -m tests.benchmarks.fit_sound_nets`` to sounds made by
arithmetic and to free recordings of other sounds, which the file names.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.audio.packaged import WEIGHTS
from edge.audio.sound_features import NAMES
from edge.errors import EdgeError

FURTHEST: Final = 4.0
"""So many spreads from the middle a feature counts at most: what nobody has seen is no proof."""
_FILE = WEIGHTS / "sound_nets.json"
_TABLES = ("middle", "spread", "hidden", "hidden_bias", "out", "linear")

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SoundNet:
    """``out · tanh(hidden · x + hidden_bias) + linear · x + out_bias`` of features, each (value - middle) / spread."""

    names: tuple[str, ...]
    middle: Floats
    spread: Floats
    hidden: Floats
    hidden_bias: Floats
    out: Floats
    linear: Floats
    out_bias: float

    def __post_init__(self) -> None:
        inputs, units = len(self.names), len(self.hidden_bias)
        if self.hidden.shape != (units, inputs) or self.out.shape != (units,):
            raise ValueError(f"its tables do not fit {inputs} features and {units} units")
        if any(table.shape != (inputs,) for table in (self.middle, self.spread, self.linear)):
            raise ValueError(f"its tables do not fit {inputs} features")
        if not all(np.isfinite(getattr(self, name)).all() for name in _TABLES):
            raise ValueError("some weights are not numbers")
        if unknown := sorted(set(self.names) - set(NAMES)):
            raise ValueError(f"{', '.join(unknown)} is no feature")

    def log_odds(self, values: NDArray[np.float32]) -> Floats:
        """Of each window, (n,), from its features, (n, len(NAMES))."""
        x = values[:, [NAMES.index(name) for name in self.names]].astype(np.float64)
        x = ((x - self.middle) / self.spread).clip(-FURTHEST, FURTHEST)
        return np.asarray(np.tanh(x @ self.hidden.T + self.hidden_bias) @ self.out + x @ self.linear + self.out_bias)


def read_sound_nets(text: str) -> dict[str, SoundNet]:
    """The nets of a file of weights, by label.

    Raises
    ------
    ValueError
        When the file is damaged.
    """
    try:
        return {
            label: SoundNet(
                names=tuple(table["names"]),
                out_bias=float(table["out_bias"]),
                **{name: np.array(table[name], dtype=np.float64) for name in _TABLES},
            )
            for label, table in json.loads(text)["nets"].items()
        }
    except (KeyError, TypeError, AttributeError) as problem:
        raise ValueError(f"{problem} is missing or misshapen") from problem


@cache
def sound_nets() -> dict[str, SoundNet]:
    """Our own nets.

    Raises
    ------
    EdgeError
        When their file is missing or damaged.
    """
    try:
        return read_sound_nets(_FILE.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        remedy = "Install Miseban anew, or fit the weights: python -m tests.benchmarks.fit_sound_nets DATA"
        raise EdgeError(str(_FILE), f"cannot be used ({problem})", remedy) from problem
