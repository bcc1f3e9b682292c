"""Level in dBFS, and the floor of what is always there."""

import numpy as np
import pytest

from edge.audio.level import LOWEST_DBFS, Level, Loudness, NoiseFloor, power, sound_pressure_db
from edge.messages import FRAME, RATE_HZ


def sine(frequency_hz: float, amplitude: float, seconds: float = 1.0) -> np.ndarray:
    t_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return amplitude * np.sin(2.0 * np.pi * frequency_hz * t_s)


def noise(level_dbfs: float, seconds: float, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.0, np.sqrt(power(level_dbfs)), round(seconds * RATE_HZ))


def heard(samples: np.ndarray, level: Level | None = None) -> list[Loudness]:
    level = level or Level()
    return [level.step(frame) for frame in samples.astype(np.float32).reshape(-1, FRAME)]


def floors(samples: np.ndarray) -> np.ndarray:
    return np.array([frame.noise_dbfs for frame in heard(samples)])


@pytest.mark.parametrize("frequency_hz", [100.0, 1000.0, 7000.0])
@pytest.mark.parametrize(("amplitude", "expected_dbfs"), [(1.0, -3.01), (0.1, -23.01), (0.001, -63.01)])
def test_a_sine_has_the_level_of_its_root_mean_square(frequency_hz, amplitude, expected_dbfs):
    levels = [frame.level_dbfs for frame in heard(sine(frequency_hz, amplitude))]
    assert levels[20:] == pytest.approx([expected_dbfs] * 80, abs=0.1)


def test_a_steady_offset_is_no_sound():
    assert max(frame.level_dbfs for frame in heard(np.full(RATE_HZ, 0.3))) < -90.0


def test_an_offset_does_not_change_the_level_of_what_it_carries():
    plain, shifted = heard(sine(300.0, 0.1)), heard(sine(300.0, 0.1) + 0.4)
    assert [f.level_dbfs for f in shifted[20:]] == pytest.approx([f.level_dbfs for f in plain[20:]], abs=0.1)


def test_digital_silence_has_the_lowest_level():
    assert set(heard(np.zeros(RATE_HZ))) == {Loudness(LOWEST_DBFS, LOWEST_DBFS)}


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e38])
def test_damaged_samples_give_numbers_and_are_forgotten(bad):
    level = Level()
    heard(sine(300.0, 0.1), level)
    damaged = np.full(FRAME, bad, np.float32)
    damaged[::2] = 0.0
    frame = level.step(damaged)
    after = heard(sine(300.0, 0.1, 2.0), level)
    assert np.isfinite([frame.level_dbfs, frame.noise_dbfs]).all()
    assert after[-1].level_dbfs == pytest.approx(-23.01, abs=0.2)


def test_the_floor_of_noise_alone_is_its_level():
    assert floors(noise(-60.0, 20.0))[100:] == pytest.approx(np.full(1900, -60.0), abs=1.0)


def test_dense_talk_does_not_pull_the_floor_up():
    sound = noise(-60.0, 40.0)
    loud = noise(-25.0, 40.0, seed=2)
    talking = (np.arange(len(sound)) / RATE_HZ) % 2.0 < 1.65  # pauses of a third of a second every two
    found = floors(sound + talking * loud)[1200:]
    assert found == pytest.approx(np.full(len(found), -60.0), abs=2.0)


def test_the_floor_follows_a_machine_that_switches_on_within_its_memory_and_not_at_once():
    found = floors(np.concatenate([noise(-60.0, 20.0), noise(-45.0, 16.0)]))
    assert found[2100] < -58.0
    assert found[-1] == pytest.approx(-45.0, abs=1.0)


def test_the_floor_follows_a_machine_that_switches_off_within_two_seconds():
    found = floors(np.concatenate([noise(-45.0, 20.0), noise(-60.0, 2.0)]))
    assert found[-1] == pytest.approx(-60.0, abs=1.0)


def test_dropped_buffers_do_not_pull_the_floor_down():
    sound = noise(-50.0, 20.0)
    for begin_s in range(20):
        sound[begin_s * RATE_HZ : begin_s * RATE_HZ + 4000] = 0.0
    assert floors(sound)[300:].min() > -53.0


def test_levels_that_are_no_numbers_leave_the_floor():
    floor = NoiseFloor()
    for _ in range(200):
        before = floor.step(-50.0)
    assert [floor.step(np.nan) for _ in range(50)] == [before] * 50


def test_ears_do_not_share_anything():
    sound = noise(-40.0, 3.0)
    alone, between = heard(sound), Level()
    other = Level()
    mixed = []
    for frame in sound.astype(np.float32).reshape(-1, FRAME):
        mixed.append(between.step(frame))
        other.step(0.5 * frame)
    assert mixed == alone


def test_a_calibrated_level_is_sound_pressure():
    assert sound_pressure_db(-26.0, 120.0) == 94.0
