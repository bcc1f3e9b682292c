"""Weights of the sounds of danger, written by tests/benchmarks/fit_sounds.py.

Fitted to sounds made by arithmetic, and to recordings of other sounds: one half each of ESC-10 (CC BY 3.0
and CC0 by clip), LibriSpeech (CC BY 4.0) and Moodist's noises (CC0 or Pixabay Content License).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

WEIGHTS: Final[Mapping[str, tuple[float, ...]]] = {
    "glass": (
        1.077,
        0.367,
        0.412,
        0.237,
        1.012,
        0.347,
        0.753,
        1.616,
        0.976,
        2.858,
        2.803,
        1.541,
        1.255,
        1.583,
        1.520,
        -12.423,
    ),
    "beeps": (0.673, 0.484, 1.237, 0.257, 0.772, 0.521, 1.034, 0.646, 0.058, 1.834, 0.970, 0.326, 0.286, -4.088),
    "siren": (0.887, 0.815, 0.951, 1.142, 1.084, 0.844, 1.498, 0.622, 0.817, 0.597, 0.655, 0.490, -4.336),
    "scream": (
        1.650,
        0.192,
        1.504,
        1.435,
        1.272,
        0.703,
        0.350,
        0.804,
        0.700,
        1.718,
        1.200,
        1.114,
        1.255,
        0.884,
        0.801,
        3.161,
        -11.996,
    ),
    "bang": (0.674, 0.352, 0.349, 0.566, 1.829, 0.729, 1.223, 2.510, 1.061, 0.059, 0.835, 2.027, -6.596),
}
"""By kind: one of each piece of evidence, of their mean, and the constant."""
