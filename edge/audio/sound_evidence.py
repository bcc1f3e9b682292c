"""How much a window's features speak for each sound of danger.

    features -> evidence, each 0 to 1 between what never is and what surely is this sound
             -> log-odds, a sum with weights that are never negative, and their geometric mean for "all of it at once"

Where evidence begins and ends is physics and the same for every microphone; the weights are fitted to sounds made by
arithmetic and to recordings whose licences allow it (:mod:`edge.audio.sound_coefficients`).  Evidence ends on purpose:
no noise is glass because it began twice as steeply.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.audio.sound_coefficients import WEIGHTS
from edge.audio.sound_features import NAMES
from edge.audio.spectrum import Floats

LABELS: Final = ("glass_break", "alarm_sound", "scream", "bang")

Evidence = tuple[tuple[str, float, float], ...]
"""A feature, where it says nothing, where it says all that it can."""

EVIDENCE: Final[Mapping[str, Evidence]] = {
    # A blow in all bands at once, then pieces that ring high and without a pitch for some tenths of a second.
    "glass": (
        ("rise_high", 0.5, 2.0), ("rise_mid", 0.4, 1.6), ("rise_low", 0.2, 1.2), ("rise_narrowest", 0.1, 1.0),
        ("attack", 0.4, 1.6), ("tail_over_before", 0.4, 1.6), ("late_over_before", 0.0, 1.2), ("late_drop", -0.2, 0.3),
        ("peak_bright", -2.0, -0.3), ("tail_bright", -1.5, 0.3), ("late_bright", -1.5, 0.3),
        ("voiced", 1.2, 0.1), ("periodic", 1.5, 0.7), ("tonal_before", 0.8, 0.0),
    ),
    # One pitch, exactly kept, that comes and goes.
    "beeps": (
        ("tonal", 0.2, 1.0), ("purity", 0.5, 1.6), ("over", 1.0, 3.0), ("exact", 0.1, 0.8), ("tremble", 1.0, -0.3),
        ("spread", 1.0, 0.1), ("rhythm", 0.3, 1.0), ("repeats", 0.1, 0.8), ("edges", 0.4, -0.4), ("crest", 1.6, 0.8),
        ("tonal_before", 0.0, 0.8), ("glide", 0.6, 1.0),
    ),
    # A loud tone that glides smoothly and does not stop.
    "siren": (
        ("tonal", 0.4, 1.6), ("purity", 0.5, 1.6), ("over", 1.0, 3.0), ("tremble", 1.3, 0.2), ("rhythm", 0.3, 1.0),
        ("repeats", 0.1, 0.8), ("crest", 1.4, 0.6), ("rough", 0.2, -1.2), ("tonal_before", 0.0, 0.9),
        ("glide", 0.6, 1.0), ("slow", 0.8, -0.8),
    ),
    # A voice, high or bright, rough, held for longer than a syllable.
    "scream": (
        ("periodic", 1.0, 1.6), ("periodic", 1.98, 1.8), ("voiced", 0.8, 1.8), ("pitch", -1.6, -0.6),
        ("bright", -1.0, 0.5), ("rough", -1.0, 0.1), ("rough", -0.2, 0.6), ("slow", 1.2, 0.0), ("unbroken", 0.3, 1.5),
        ("held", 0.2, 1.2), ("tremble", 0.4, 1.2), ("purity", 1.7, 0.8), ("pitch_glide", 1.0, 0.1),
        ("attack", 1.5, 0.5), ("over", 4.0, 2.0),
    ),
    # A blow that is loud and low, and over.
    "bang": (
        ("rise_low", 0.8, 2.5), ("rise_narrowest", 0.3, 1.6), ("attack", 0.8, 2.5), ("crest", 1.2, 2.0),
        ("peak_level", 0.3, 0.9), ("voiced", 1.0, 0.1), ("periodic", 1.5, 0.8), ("tonal_before", 0.6, 0.0),
        ("peak_bright", 0.5, -0.7), ("tail_drop", 0.0, 1.0), ("late_drop", -0.2, 0.8),
    ),
}  # fmt: skip
"""What each kind of sound is known by."""
KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "glass_break": ("glass",),
    "alarm_sound": ("beeps", "siren"),
    "scream": ("scream",),
    "bang": ("bang",),
}
"""The kinds that make a label; the likeliest counts."""
LEAST: Final = 0.03
"""A missing piece of evidence lowers the geometric mean, but one alone cannot make it nothing."""


def evidence(kind: str, values: Floats) -> NDArray[np.float64]:
    """Terms of a kind's log-odds, (n, terms), for features (n, len(NAMES)): its evidence, its mean, and one."""
    columns = [NAMES.index(name) for name, _, _ in EVIDENCE[kind]]
    nothing = np.array([low for _, low, _ in EVIDENCE[kind]])
    everything = np.array([high for _, _, high in EVIDENCE[kind]])
    each = np.clip((values[:, columns] - nothing) / (everything - nothing), 0.0, 1.0)
    together = np.exp(np.log(each + LEAST).mean(axis=1, keepdims=True))
    return np.concatenate((each, together, np.ones_like(together)), axis=1)


def log_odds(values: Floats) -> dict[str, float]:
    """Of each label, for the features of one window."""
    of_kind = {kind: float(evidence(kind, values[None])[0] @ np.asarray(WEIGHTS[kind])) for kind in EVIDENCE}
    return {label: max(of_kind[kind] for kind in kinds) for label, kinds in KINDS.items()}
