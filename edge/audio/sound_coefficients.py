"""Weights of the sounds of danger, written by tests/benchmarks/fit_sounds.py.

Fitted to sounds made by arithmetic, and to recordings of other sounds: one half each of ESC-10 (CC BY 3.0
and CC0 by clip), LibriSpeech (CC BY 4.0) and Moodist's noises (CC0 or Pixabay Content License).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

WEIGHTS: Final[Mapping[str, tuple[float, ...]]] = {
    "glass": (
        1.257,
        0.585,
        0.360,
        0.206,
        0.933,
        0.053,
        0.765,
        1.464,
        0.832,
        2.648,
        2.633,
        1.875,
        1.361,
        1.693,
        1.540,
        -12.399,
    ),
    "beeps": (0.988, 0.359, 0.583, 0.000, 0.323, 0.958, 1.101, 1.017, 0.355, 1.608, 0.783, 0.000, 0.177, -3.849),
    "siren": (0.895, 0.679, 0.284, 0.409, 1.160, 1.169, 1.572, 1.148, 0.571, 0.529, 0.275, 0.421, -3.794),
    "scream": (
        1.283,
        0.304,
        1.685,
        1.034,
        1.787,
        1.051,
        0.457,
        1.094,
        1.136,
        1.357,
        2.617,
        0.600,
        2.192,
        0.610,
        0.306,
        2.905,
        -13.061,
    ),
    "bang": (0.962, 0.355, 0.000, 0.893, 1.849, 0.778, 1.243, 2.384, 0.695, 0.208, 0.391, 2.117, -6.125),
}
"""By kind: one of each piece of evidence, of their mean, and the constant."""
