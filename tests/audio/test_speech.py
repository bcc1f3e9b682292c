"""When somebody talks: starts, ends, pauses, pieces, and what is told of them."""

import math

import pytest

from edge.audio.level import LOWEST_DBFS
from edge.audio.speech import Speech, SpeechRule
from edge.clock import nanoseconds, seconds
from edge.messages import FRAME_NS, EventKind, HeardEvent

BEGIN_NS = nanoseconds(1_700_000_000.0)


class Talk:
    """Plays probabilities to an ear, and keeps what it tells."""

    def __init__(self, rule: SpeechRule | None = None) -> None:
        self.speech = Speech(rule)
        self.t_ns = BEGIN_NS
        self.told: list[HeardEvent] = []

    def play(self, length_s: float, probability: float, level_dbfs: float = -30.0, noise_dbfs: float = -60.0) -> "Talk":
        for _ in range(round(length_s * 100)):
            self.told += self.speech.step(self.t_ns, probability, level_dbfs, noise_dbfs)
            self.t_ns += FRAME_NS
        return self

    def quiet(self, length_s: float) -> "Talk":
        return self.play(length_s, 0.02, -58.0)

    def finish(self) -> "Talk":
        self.told += self.speech.finish()
        return self

    def times(self) -> list[tuple[float, float]]:
        return [
            (round(seconds(event.t_start_ns - BEGIN_NS), 3), round(seconds(event.t_end_ns - BEGIN_NS), 3))
            for event in self.told
        ]


def test_a_talk_is_told_with_its_times_level_ratio_and_confidence():
    talk = Talk().quiet(1.0).play(2.0, 0.9, -30.0, -55.0).quiet(1.0)
    (event,) = talk.told
    assert event.kind is EventKind.SPEECH
    assert talk.times() == [(1.0, 3.0)]
    assert event.level_dbfs == pytest.approx(-30.0)
    assert event.snr_db == pytest.approx(25.0)
    assert event.confidence == pytest.approx(0.9)


def test_a_talk_is_told_as_soon_as_its_pause_is_too_long():
    talk = Talk().play(1.0, 0.9).quiet(0.6)
    assert talk.told == []
    assert len(talk.quiet(0.01).told) == 1


def test_the_level_is_the_mean_power_without_pauses():
    talk = Talk().play(1.0, 0.9, -20.0).quiet(0.4).play(1.0, 0.9, -40.0).finish()
    assert talk.told[0].level_dbfs == pytest.approx(10.0 * math.log10((1e-2 + 1e-4) / 2.0))


def test_a_start_is_put_back_to_where_the_probability_rose():
    talk = Talk().quiet(1.0).play(0.1, 0.4).play(1.0, 0.9).finish()
    assert talk.times() == [(1.0, 2.1)]


def test_a_start_is_put_back_no_further_than_allowed():
    talk = Talk(SpeechRule(back_s=0.3)).play(60.0, 0.4).play(1.0, 0.9).finish()
    assert talk.times() == [(59.7, 61.0)]


def test_what_is_never_likely_is_no_talk():
    assert Talk().play(60.0, 0.49).finish().told == []


def test_a_soft_end_belongs_to_the_talk():
    assert Talk().play(1.0, 0.9).play(0.3, 0.4).quiet(1.0).times() == [(0.0, 1.3)]


@pytest.mark.parametrize(("length_s", "told"), [(0.05, 0), (0.24, 0), (0.25, 1)])
def test_what_is_too_short_is_not_told(length_s, told):
    assert len(Talk().quiet(1.0).play(length_s, 0.95).quiet(1.0).finish().told) == told


@pytest.mark.parametrize(("pause_s", "expected"), [(0.5, [(0.0, 2.5)]), (0.9, [(0.0, 1.0), (1.9, 2.9)])])
def test_short_pauses_are_bridged_and_long_ones_are_not(pause_s, expected):
    assert Talk().play(1.0, 0.9).quiet(pause_s).play(1.0, 0.9).quiet(1.0).times() == expected


def test_long_talk_is_told_in_pieces_that_touch():
    talk = Talk(SpeechRule(longest_s=10.0)).play(34.0, 0.9)
    assert talk.times() == [(0.0, 10.0), (10.0, 20.0), (20.0, 30.0)]
    assert talk.quiet(1.0).times()[-1] == (30.0, 34.0)


def test_talk_that_ends_with_a_piece_is_told_once():
    talk = Talk(SpeechRule(longest_s=10.0, shortest_s=0.0)).play(10.0, 0.9).quiet(5.0).finish()
    assert talk.times() == [(0.0, 10.0)]


def test_the_end_of_the_sound_ends_the_talk_once():
    talk = Talk().quiet(0.5).play(1.0, 0.9).finish().finish()
    assert talk.times() == [(0.5, 1.5)]


def test_lost_sound_is_a_pause():
    talk = Talk().play(1.0, 0.9)
    talk.t_ns += nanoseconds(5.0)
    assert talk.play(1.0, 0.9).finish().times() == [(0.0, 1.0), (6.0, 7.0)]


def test_time_that_goes_back_ends_the_talk():
    talk = Talk().play(1.0, 0.9)
    talk.t_ns = BEGIN_NS - nanoseconds(10.0)
    assert talk.play(0.5, 0.9).finish().times() == [(0.0, 1.0), (-10.0, -9.5)]


def test_a_clock_that_is_set_a_little_does_not_part_a_talk():
    talk = Talk().play(1.0, 0.9)
    talk.t_ns -= nanoseconds(0.03)
    talk.play(1.0, 0.9)
    talk.t_ns += nanoseconds(0.03)
    assert talk.play(1.0, 0.9).finish().times() == [(0.0, 3.0)]


def test_what_is_not_a_number_is_no_talk_and_does_no_harm():
    talk = Talk().play(1.0, math.nan).play(1.0, 0.9, math.nan, math.nan).play(0.1, math.nan).finish()
    assert talk.times() == [(1.0, 2.0)]
    assert talk.told[0].level_dbfs == LOWEST_DBFS
    assert talk.told[0].snr_db == 0.0


@pytest.mark.parametrize(
    "wrong",
    [
        {"start_probability": 0.3},
        {"continue_probability": 0.0},
        {"start_probability": 1.5},
        {"gap_s": -1.0},
        {"shortest_s": 40.0},
    ],
)
def test_rules_that_contradict_themselves_are_refused(wrong):
    with pytest.raises(ValueError):
        SpeechRule(**wrong)
