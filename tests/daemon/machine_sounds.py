"""The noise of a machine that always sounds the same, and the same with a loose part in it."""

import numpy as np
from scipy.signal import lfilter

from edge.audio.machines import MachineLearner
from edge.messages import RATE_HZ
from tests.benchmarks.measure_machines import frames_of, with_fault

LEARNT_S = 90.0


def freezer_noise(duration_s, seed, rate_hz=RATE_HZ):
    """A hum with its overtones in a broad noise, at about -35 dBFS."""
    rng = np.random.default_rng(seed)
    t_s = np.arange(round(duration_s * rate_hz)) / rate_hz
    hums = sum(part * np.sin(2 * np.pi * 49.3 * n * t_s + n) for n, part in ((1, 0.4), (2, 0.6), (5, 0.2)))
    noise = lfilter([1.0], [1.0, -0.9], rng.standard_normal(len(t_s))) + 0.5 * rng.standard_normal(len(t_s))
    return 0.01 * (hums + 0.5 * noise)


def knocking(sound, seed):
    return with_fault(sound, "knock", -3.0, np.random.default_rng(seed))


def learnt(name):
    """A model of it, without waiting for voices to be judged."""
    learner = MachineLearner(name, learn_s=60.0)
    for frame, t_ns in frames_of(freezer_noise(LEARNT_S, seed=1)):
        learner.step(frame, t_ns)
    return learner.model()
