"""Machines near a microphone: learnt in minutes, heard when they sound wrong, and not when something else does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.audio.machines import ALERT_SCORE, Machine, MachineLearner, MachineModel
from edge.errors import EdgeError
from edge.messages import EventKind
from edge.messages.hearing import RATE_HZ, HeardEvent, SoundScore
from tests.benchmarks.measure_machines import FAULTS, Sound, band_noise, frames_of, freezer, learn, with_fault

SUSTAIN_S = 20.0
Frames = Iterable[tuple[NDArray[np.float32], int]]


def pump(duration_s: float, seed: int) -> Sound:
    """A machine that always sounds the same: a hum with its overtones in a noise."""
    rng = np.random.default_rng(seed)
    count = int(duration_s * RATE_HZ)
    t_s = np.arange(count) / RATE_HZ
    hums = sum(strength * np.sin(2 * np.pi * 49.3 * n * t_s + n) for n, strength in ((1, 0.4), (2, 0.6), (5, 0.2)))
    noise = band_noise(count, 20.0, 7900.0, rng) + 3.0 * band_noise(count, 30.0, 1200.0, rng)
    return 0.005 * (hums + noise)


def hear(machine: Machine, frames: Frames, speech: float = 0.0) -> tuple[list[SoundScore], list[HeardEvent]]:
    scores: list[SoundScore] = []
    events: list[HeardEvent] = []
    for frame, t_ns in frames:
        found, heard = machine.step(frame, t_ns, speech)
        scores += found
        events += heard
    return scores, events


@pytest.fixture(scope="module")
def model() -> MachineModel:
    learner = MachineLearner("pump", learn_s=100.0)
    for frame, t_ns in frames_of(pump(120.0, seed=0)):
        learner.step(frame, t_ns)
    assert learner.ready
    return learner.model()


@pytest.fixture
def machine(model: MachineModel) -> Machine:
    return Machine(model, sustain_s=SUSTAIN_S)


def test_a_machine_as_it_was_learnt_is_left_alone(machine: Machine) -> None:
    scores, events = hear(machine, frames_of(pump(120.0, seed=1)))
    assert len(scores) == 23
    assert {score.label for score in scores} == {"machine:pump"}
    assert np.mean([score.score >= ALERT_SCORE for score in scores]) < 0.05
    assert not events


@pytest.mark.parametrize("kind", FAULTS)
def test_each_fault_is_told_once(machine: Machine, kind: str) -> None:
    sound = pump(100.0, seed=2)
    start = 40 * RATE_HZ
    sound[start:] = with_fault(sound[start:], kind, -6.0, np.random.default_rng(3))
    scores, events = hear(machine, frames_of(sound))
    assert np.mean([score.score for score in scores[-8:]]) > 0.6
    (event,) = events
    assert (event.kind, event.name) == (EventKind.MACHINE_ANOMALY, "pump")
    assert 30e9 <= event.t_start_ns <= 45e9
    assert 15e9 <= event.t_end_ns - event.t_start_ns <= 45e9
    assert ALERT_SCORE <= event.confidence <= 1.0
    assert -60.0 < event.level_dbfs < -20.0


def test_loudness_and_offset_do_not_matter(machine: Machine) -> None:
    for gain, offset in ((0.1, 0.0), (5.0, 0.0), (1.0, 0.4)):
        scores, _ = hear(Machine(machine.model), frames_of(gain * pump(40.0, seed=7) + offset))
        plain, _ = hear(Machine(machine.model), frames_of(pump(40.0, seed=7)))
        np.testing.assert_allclose([s.score for s in scores], [s.score for s in plain], atol=0.03)


def test_while_somebody_speaks_nothing_counts(machine: Machine) -> None:
    broken = with_fault(pump(60.0, seed=8), "knock", 0.0, np.random.default_rng(9))
    assert hear(machine, frames_of(broken), speech=0.9) == ([], [])


def test_a_word_costs_a_second_and_not_the_window(machine: Machine) -> None:
    sound = pump(20.0, seed=10)
    word = slice(12 * RATE_HZ, int(12.6 * RATE_HZ))
    sound[word] += 0.1 * np.sin(2 * np.pi * 180.0 * np.arange(word.stop - word.start) / RATE_HZ)
    scores = [
        score.score
        for frame, t_ns in frames_of(sound)
        for score in machine.step(frame, t_ns, 0.9 * (12e9 <= t_ns < 12.6e9))[0]
    ]
    assert len(scores) == 3
    assert max(scores) < ALERT_SCORE


def test_a_sudden_noise_is_not_the_machine(machine: Machine) -> None:
    sound = pump(40.0, seed=11)
    sound[20 * RATE_HZ : 22 * RATE_HZ] += 0.3 * np.random.default_rng(12).standard_normal(2 * RATE_HZ)
    scores, events = hear(machine, frames_of(sound))
    assert len(scores) == 7
    assert max(score.score for score in scores) < ALERT_SCORE
    assert not events


def test_a_loud_fault_that_stays_is_the_machine(machine: Machine) -> None:
    sound = pump(120.0, seed=13)
    sound[40 * RATE_HZ :] += 0.2 * np.random.default_rng(14).standard_normal(80 * RATE_HZ)
    _, events = hear(machine, frames_of(sound))
    assert len(events) == 1


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e30])
def test_broken_samples_are_survived(machine: Machine, bad: float) -> None:
    sound = pump(30.0, seed=15)
    sound[5 * RATE_HZ : 6 * RATE_HZ] = bad
    sound[:: RATE_HZ // 4] = bad if np.isnan(bad) else sound[:: RATE_HZ // 4]
    scores, _ = hear(machine, frames_of(sound))
    assert len(scores) == 5
    assert all(0.0 <= score.score <= 1.0 for score in scores)


def test_clipped_sound_has_a_score(machine: Machine) -> None:
    scores, _ = hear(machine, frames_of(np.clip(300.0 * pump(20.0, seed=16), -1.0, 1.0)))
    assert len(scores) == 3
    assert all(0.0 <= score.score <= 1.0 for score in scores)


def test_silence_has_no_score(machine: Machine) -> None:
    assert hear(machine, frames_of(np.zeros(30 * RATE_HZ))) == ([], [])


def test_a_recording_of_ten_seconds_has_one_score(machine: Machine) -> None:
    assert len(hear(machine, frames_of(pump(9.9, seed=17)))[0]) == 1
    assert len(hear(Machine(machine.model), frames_of(pump(10.0, seed=17)))[0]) == 1


def test_nothing_is_joined_across_a_gap(machine: Machine) -> None:
    first, second = pump(9.0, seed=18), pump(9.0, seed=19)
    assert hear(machine, frames_of(first)) == ([], [])
    assert hear(machine, frames_of(second, start_ns=20 * 10**9)) == ([], [])
    scores, _ = hear(machine, frames_of(second, start_ns=29 * 10**9))
    assert [score.t_ns for score in scores] == [20_000_000_000, 24_900_000_000]


def test_a_freezer_that_runs_and_rests_is_normal_either_way() -> None:
    rng = np.random.default_rng(20)
    machine = Machine(learn([freezer(450.0, rng)]), sustain_s=SUSTAIN_S)
    assert not hear(machine, frames_of(freezer(200.0, rng, started_s=50.0)))[1]


def test_what_is_normal_is_followed_and_what_is_not_is_not(model: MachineModel) -> None:
    machine = Machine(model)
    hear(machine, frames_of(pump(30.0, seed=21)))
    followed = machine.model
    assert np.abs(followed.drift.tone).max() > 0.0
    broken = with_fault(pump(30.0, seed=22), "knock", 0.0, np.random.default_rng(23))
    hear(machine, frames_of(broken, start_ns=100 * 10**9))
    assert machine.model is followed
    assert replace(followed, drift=model.drift).to_record() == model.to_record()


def test_the_trend_is_one_score_for_each_time_that_is_over(model: MachineModel) -> None:
    machine = Machine(model, trend_s=30.0)
    well = pump(60.0, seed=24)
    broken = with_fault(pump(60.0, seed=25), "rattle", -3.0, np.random.default_rng(26))
    hear(machine, frames_of(np.concatenate([well, broken])))
    assert [t_ns for t_ns, _ in machine.trend] == [0, 30 * 10**9, 60 * 10**9]
    assert machine.trend[0][1] < 0.3
    assert machine.trend[-1][1] > 0.5


def test_too_little_is_not_learnt() -> None:
    learner = MachineLearner("pump")
    for frame, t_ns in frames_of(pump(40.0, seed=29)):
        learner.step(frame, t_ns)
    assert not learner.ready
    assert 35.0 < learner.learnt_s <= 40.0
    with pytest.raises(EdgeError, match=r"'pump'.*heard alone for 3"):
        learner.model()


def test_what_is_said_meanwhile_is_not_learnt() -> None:
    learner = MachineLearner("pump")
    for frame, t_ns in frames_of(pump(40.0, seed=30)):
        learner.step(frame, t_ns, speech_probability=0.8)
    assert learner.learnt_s == 0.0


def test_short_recordings_can_be_learnt_from() -> None:
    learner = MachineLearner("pump", learn_s=60.0)
    for seed in range(26):
        for frame, t_ns in frames_of(pump(10.0, seed=100 + seed)):  # the time begins anew with each
            learner.step(frame, t_ns)
    assert learner.ready
    scores, _ = hear(Machine(learner.model()), frames_of(pump(60.0, seed=31)))
    assert max(score.score for score in scores) < ALERT_SCORE
