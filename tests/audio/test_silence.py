"""A microphone that is out is not a quiet room."""

from __future__ import annotations

import numpy as np
import pytest

from edge.audio.silence import Silence
from edge.messages import FRAME, FRAME_NS, HeardEvent

T0 = 1_700_000_000_000_000_000


def told(frames: list[np.ndarray], silence: Silence | None = None, first: int = 0) -> list[HeardEvent]:
    silence = silence or Silence()
    return [e for k, frame in enumerate(frames) for e in silence.step(frame, T0 + (first + k) * FRAME_NS)]


def flat(seconds: float, value: float = 0.0) -> list[np.ndarray]:
    return [np.full(FRAME, value, np.float32)] * round(100 * seconds)


@pytest.mark.parametrize("value", [0.0, -1.0 / 32768, 0.25, 1.0])
def test_the_same_number_for_five_seconds_is_a_microphone_that_is_out(value: float):
    (event,) = told(flat(6.0, value))
    assert (event.t_start_ns, event.t_end_ns) == (T0, T0 + 5_000_000_000)
    assert event.confidence == 1.0
    assert told(flat(4.98, value)) == []


def test_it_is_told_again_with_the_same_start_while_it_goes_on():
    events = told(flat(70.0))
    assert [(e.t_end_ns - T0) / 1e9 for e in events] == pytest.approx([5.0, 35.0, 65.0])
    assert {e.t_start_ns for e in events} == {T0}


def test_the_quietest_room_is_not_silent():
    """The last bit of a 16-bit converter moves now and then."""
    random = np.random.default_rng(0)
    bits = (random.random((1000, FRAME)) < 0.02).astype(np.float32) / 32768
    assert told(list(bits)) == []


def test_one_sound_ends_it_and_it_begins_anew():
    click = np.zeros(FRAME, np.float32)
    click[80] = 0.01
    events = told([*flat(6.0), click, *flat(6.0)])
    assert [(e.t_start_ns - T0) / 1e9 for e in events] == pytest.approx([0.0, 6.01])


def test_numbers_that_are_no_numbers_are_not_silence_and_break_nothing():
    assert told([np.full(FRAME, np.nan, np.float32)] * 700) == []
