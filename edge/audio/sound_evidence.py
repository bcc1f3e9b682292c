"""How much a window's features speak for each sound of danger.

    features -> evidence of a blow, each 0 to 1 between what never is and what surely is this sound
             -> log-odds, a sum with weights that are never negative, and their geometric mean for "all of it at once"
             -> a small net for what lasts, alarms and screams (:mod:`edge.audio.sound_net`)

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
from edge.audio.sound_net import sound_nets
from edge.audio.spectrum import Floats

LABELS: Final = ("glass_break", "alarm_sound", "scream", "bang")

Evidence = tuple[tuple[str, float, float], ...]
"""A feature, where it says nothing, where it says all that it can."""

EVIDENCE: Final[Mapping[str, Evidence]] = {
    # A blow in all bands at once, then pieces that ring high and without a pitch for some tenths of a second.
    "glass_break": (
        ("rise_high", 0.5, 2.0), ("rise_mid", 0.4, 1.6), ("rise_low", 0.2, 1.2), ("rise_narrowest", 0.1, 1.0),
        ("attack", 0.4, 1.6), ("tail_over_before", 0.4, 1.6), ("late_over_before", 0.0, 1.2), ("late_drop", -0.2, 0.3),
        ("peak_bright", -2.0, -0.3), ("tail_bright", -1.5, 0.3), ("late_bright", -1.5, 0.3),
        ("voiced", 1.2, 0.1), ("periodic", 1.5, 0.7), ("tonal_before", 0.8, 0.0),
    ),
    # A blow that is loud and low, and over.
    "bang": (
        ("rise_low", 0.8, 2.5), ("rise_narrowest", 0.3, 1.6), ("attack", 0.8, 2.5), ("crest", 1.2, 2.0),
        ("peak_level", 0.3, 0.9), ("voiced", 1.0, 0.1), ("periodic", 1.5, 0.8), ("tonal_before", 0.6, 0.0),
        ("peak_bright", 0.5, -0.7), ("tail_drop", 0.0, 1.0), ("late_drop", -0.2, 0.8),
    ),
}  # fmt: skip
"""What each blow is known by."""
LEAST: Final = 0.03
"""A missing piece of evidence lowers the geometric mean, but one alone cannot make it nothing."""


def evidence(label: str, values: Floats) -> NDArray[np.float64]:
    """Terms of a blow's log-odds, (n, terms), for features (n, len(NAMES)): its evidence, its mean, and one."""
    columns = [NAMES.index(name) for name, _, _ in EVIDENCE[label]]
    nothing = np.array([low for _, low, _ in EVIDENCE[label]])
    everything = np.array([high for _, _, high in EVIDENCE[label]])
    each = np.clip((values[:, columns] - nothing) / (everything - nothing), 0.0, 1.0)
    together = np.exp(np.log(each + LEAST).mean(axis=1, keepdims=True))
    return np.concatenate((each, together, np.ones_like(together)), axis=1)


def log_odds(values: Floats) -> dict[str, float]:
    """Of each label, for the features of one window."""
    struck = {label: float(evidence(label, values[None])[0] @ np.asarray(WEIGHTS[label])) for label in EVIDENCE}
    return struck | {label: float(net.log_odds(values[None])[0]) for label, net in sound_nets().items()}
