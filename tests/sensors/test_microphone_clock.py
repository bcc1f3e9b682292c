"""Times of samples follow the device's clock and the wall clock, and never go back."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.sensors.microphone_clock import DeviceClock, utc_offset_ns

RATE_HZ = 48_000
BLOCK = 960
OFFSET_NS = 1_700_000_000_000_000_000
BEGAN_NS = 5_000_000_000
TOLD_LATE_MS = 3.0


def listen(seconds, drift=0.0, lost=None, offsets=None, seed=1, clock=None):
    """Play blocks of a device and ask for the time of each; how wrong the times are, in ms.

    Blocks arrive in bursts of three, at least 3 ms late, some up to 200 ms.  ``lost`` is (when, how long) in seconds.
    """
    rng = np.random.default_rng(seed)
    clock = clock or DeviceClock(RATE_HZ)
    position, off_ms, told, free_ns = 0, [], [], 0
    for block in range(int(seconds * RATE_HZ / BLOCK)):
        first = position
        position += BLOCK
        taken_s = position / RATE_HZ * (1 + drift)
        if lost is not None and taken_s > lost[0]:
            taken_s += lost[1]
        burst_s = (2 - block % 3) * BLOCK / RATE_HZ
        hiccup_s = rng.exponential(0.05) if rng.random() < 0.1 else 0.0
        at_ns = BEGAN_NS + round((taken_s + burst_s + TOLD_LATE_MS / 1e3 + hiccup_s) * 1e9)
        free_ns = max(at_ns, free_ns)
        clock.arrived(position, free_ns)
        if clock.settled:
            offset_ns = OFFSET_NS if offsets is None else offsets(taken_s)
            told.append(clock.utc_ns(first, offset_ns))
            taken_ns = BEGAN_NS + round((taken_s - BLOCK / RATE_HZ) * 1e9)
            off_ms.append((told[-1] - offset_ns - taken_ns) / 1e6)
    assert (np.diff(told) > 0).all()
    return np.array(off_ms), clock


@pytest.mark.parametrize("drift", [0.0, 2e-4, -2e-4])
def test_a_device_that_runs_fast_or_slow_stays_in_time(drift):
    off_ms, clock = listen(900.0, drift)
    assert np.abs(off_ms).max() < 45.0  # at its start
    assert np.abs(off_ms[RATE_HZ // BLOCK * 60 :] - TOLD_LATE_MS).max() < 5.0
    assert clock.losses == 0


def test_samples_that_are_lost_without_a_word_are_noticed_and_times_jump_over_them():
    off_ms, clock = listen(120.0, 1e-4, lost=(60.0, 0.4))
    per_s = RATE_HZ // BLOCK
    assert clock.losses == 1
    assert np.abs(off_ms[30 * per_s : 59 * per_s]).max() < 10.0
    assert np.abs(off_ms[65 * per_s :]).max() < 20.0


def test_a_wall_clock_that_is_set_forward_is_followed_at_once():
    off_ms, _ = listen(60.0, offsets=lambda t_s: OFFSET_NS + (7_200_000_000_000 if t_s > 30.0 else 0))
    assert np.abs(off_ms).max() < 45.0


def test_a_wall_clock_that_is_set_back_a_little_is_followed_slowly():
    off_ms, _ = listen(120.0, offsets=lambda t_s: OFFSET_NS - (500_000_000 if t_s > 30.0 else 0))
    assert off_ms.max() == pytest.approx(500.0, abs=20.0)
    assert abs(off_ms[-1]) < 10.0


def test_a_wall_clock_that_is_set_back_by_an_hour_does_not_turn_time_back():
    off_ms, _ = listen(60.0, offsets=lambda t_s: OFFSET_NS - (3_600_000_000_000 if t_s > 30.0 else 0))
    assert off_ms[-1] == pytest.approx(3_600_000.0, abs=20.0)


def test_a_new_run_does_not_begin_before_the_last_one_ended():
    not_before_ns = OFFSET_NS + BEGAN_NS + 500_000_000
    off_ms, _ = listen(60.0, clock=DeviceClock(RATE_HZ, not_before_ns))
    assert off_ms[0] == pytest.approx(500.0 - 300.0, abs=1.0)  # asked for after 300 ms
    assert abs(off_ms[-1]) < 10.0


@given(
    arrivals=st.lists(st.tuples(st.integers(1, 100_000), st.integers(0, 10**10)), min_size=1, max_size=60),
    offsets=st.lists(st.integers(-(10**15), 10**15), min_size=1, max_size=5),
)
@settings(max_examples=100, deadline=None)
def test_time_goes_on_whatever_happens(arrivals, offsets):
    clock = DeviceClock(RATE_HZ)
    position, at_ns, told = 0, 0, []
    for number, (samples, passed_ns) in enumerate(arrivals):
        first = position
        position, at_ns = position + samples, at_ns + passed_ns
        clock.arrived(position, at_ns)
        if clock.settled:
            told.append(clock.utc_ns(first, OFFSET_NS + offsets[number % len(offsets)]))
    assert all(later > earlier for earlier, later in itertools.pairwise(told))


def test_utc_is_read_against_the_clock_that_never_goes_back():
    offsets = [utc_offset_ns() for _ in range(200)]
    assert max(offsets) - min(offsets) < 2_000_000
