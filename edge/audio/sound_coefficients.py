"""Weights of the blows among the sounds of danger, written by tests/benchmarks/fit_sounds.py.

Fitted to sounds made by arithmetic, and to recordings of other sounds: one half each of ESC-10 (CC BY 3.0
and CC0 by clip), LibriSpeech (CC BY 4.0) and Moodist's noises (CC0 or Pixabay Content License).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

WEIGHTS: Final[Mapping[str, tuple[float, ...]]] = {
    "glass_break": (
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
    "bang": (0.962, 0.355, 0.000, 0.893, 1.849, 0.778, 1.243, 2.384, 0.695, 0.208, 0.391, 2.117, -6.125),
}
"""By label: one of each piece of evidence, of their mean, and the constant."""
