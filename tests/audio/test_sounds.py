"""Sounds of danger: what is told, when, how often, and what is not."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from edge.audio.sound_evidence import LABELS
from edge.audio.sounds import Sounds
from edge.audio.spectrum import HOP_FRAMES, Floats
from edge.messages import FRAME, FRAME_NS, RATE_HZ, HeardEvent, SoundScore
from tests.benchmarks.sound_synthesis import (
    HARMLESS,
    bang,
    glass,
    harmonics,
    peak_one,
    scream,
    sweep,
    temporal_3,
    temporal_4,
)

T0_NS = 1_700_000_000_000_000_000


def hear(samples: Floats, sounds: Sounds | None = None) -> tuple[list[SoundScore], list[HeardEvent]]:
    sounds, scores, events = sounds or Sounds(), [], []
    for k in range(samples.size // FRAME):
        s, e = sounds.step(samples[k * FRAME : (k + 1) * FRAME], T0_NS + k * FRAME_NS)
        scores, events = scores + list(s), events + list(e)
    s, e = sounds.finish()
    return scores + list(s), events + list(e)


def in_room(sound: Floats, height: float, lead_s: float = 4.0, noise: float = 0.003, after_s: float = 2.0) -> Floats:
    x = np.concatenate((np.zeros(int(lead_s * RATE_HZ)), height * sound, np.zeros(int(after_s * RATE_HZ))))
    return (x + noise * np.random.default_rng(7).standard_normal(x.size)).clip(-1.0, 1.0).astype(np.float32)


def whine(hz: float, duration_s: float, swell: float = 0.0) -> Floats:
    t = np.arange(int(duration_s * RATE_HZ)) / RATE_HZ
    x: Floats = ((1.0 + swell * np.sin(2.0 * np.pi * 0.7 * t)) * np.sin(2.0 * np.pi * hz * t)).astype(np.float32)
    return x


def start_s(event: HeardEvent) -> float:
    return (event.t_start_ns - T0_NS) / 1e9


def best(scores: list[SoundScore], label: str) -> float:
    return max(score.score for score in scores if score.label == label)


def test_every_window_has_a_score_of_every_label() -> None:
    scores, _ = hear(in_room(np.zeros(0, np.float32), 0.0, 3.0, after_s=0.0))
    times = [T0_NS + k * HOP_FRAMES * FRAME_NS for k in range(7)]
    assert [(score.t_ns, score.label) for score in scores] == [(t_ns, label) for t_ns in times for label in LABELS]


@pytest.mark.parametrize("hz", [520.0, 3100.0])
def test_a_smoke_alarm_is_told_once_from_its_first_beep_on(hz: float) -> None:
    _, events = hear(in_room(temporal_3(hz, 32.0), 0.1))
    assert [event.kind for event in events] == ["alarm_sound"]
    assert start_s(events[0]) == pytest.approx(4.0, abs=0.5)
    assert (events[0].t_end_ns - events[0].t_start_ns) / 1e9 < 8.0


def test_an_alarm_that_goes_on_is_told_again_with_the_same_start_as_long_as_it_sounds() -> None:
    _, events = hear(in_room(temporal_3(3100.0, 100.0), 0.1))
    assert {event.t_start_ns for event in events} == {events[0].t_start_ns}
    ends_s = [(event.t_end_ns - T0_NS) / 1e9 for event in events]
    assert len(ends_s) == 4
    assert all(28.0 < b - a < 36.0 for a, b in pairwise(ends_s))
    assert 4.0 + 100.0 - ends_s[-1] < 36.0


@pytest.mark.parametrize("height", [0.1, 0.02])
def test_a_carbon_monoxide_alarm_is_told_once(height: float) -> None:
    _, events = hear(in_room(temporal_4(3100.0, 23.2), height))
    assert [event.kind for event in events] == ["alarm_sound"]
    assert start_s(events[0]) == pytest.approx(4.0, abs=0.5)


@pytest.mark.parametrize(
    ("shape", "low_hz", "high_hz", "period_s"),
    [
        ("sine", 500.0, 1500.0, 4.0),
        ("triangle", 600.0, 1400.0, 0.4),
        ("rise", 500.0, 1200.0, 1.0),
        ("steps", 440, 585, 1),
    ],
)
def test_a_siren_is_told_once(shape: str, low_hz: float, high_hz: float, period_s: float) -> None:
    pitch = sweep(12.0, low_hz, high_hz, period_s, shape)
    _, events = hear(in_room(peak_one(harmonics(pitch, 1.5, 6, np.random.default_rng(3))), 0.2))
    assert [event.kind for event in events] == ["alarm_sound"]
    assert start_s(events[0]) == pytest.approx(4.0, abs=0.5)


@pytest.mark.parametrize("lead_s", [0.0, 4.0])
@pytest.mark.parametrize(("hz", "swell"), [(700.0, 0.0), (1000.0, 0.2), (3100.0, 0.0)])
def test_a_machine_that_whines_is_no_alarm_from_the_first_sample_on_or_later(
    hz: float, swell: float, lead_s: float
) -> None:
    scores, events = hear(in_room(whine(hz, 20.0, swell), 0.1, lead_s))
    assert [event for event in events if event.kind == "alarm_sound"] == []
    assert best(scores, "alarm_sound") > 0.9  # it is not that it scores low


@pytest.mark.parametrize("height", [0.03, 0.2])
def test_an_alarm_beside_a_machine_that_whines_is_told(height: float) -> None:
    both = height * temporal_3(3100.0, 16.0) + 0.05 * whine(900.0, 16.0)
    _, events = hear(in_room(both, 1.0, 0.0))
    assert "alarm_sound" in {event.kind for event in events}


def test_an_alarm_that_begins_again_is_told_again() -> None:
    once = in_room(temporal_3(3100.0, 12.0), 0.1, after_s=20.0)
    _, events = hear(np.concatenate((once, once)))
    assert [event.kind for event in events] == ["alarm_sound"] * 2


def test_level_and_noise_of_an_alarm_are_those_that_were_made() -> None:
    tone = np.sin(2.0 * np.pi * 3100.0 * np.arange(10 * RATE_HZ) / RATE_HZ).astype(np.float32)
    on = np.repeat(np.arange(50) % 2 == 0, RATE_HZ // 5)
    _, events = hear(in_room((tone * on).astype(np.float32), 0.2))
    assert len(events) == 1
    assert events[0].level_dbfs == pytest.approx(-20.0, abs=1.5)  # half the time a sine of 0.2
    assert events[0].snr_db == pytest.approx(-20.0 + 50.5, abs=3.0)


MADE = {"glass_break": (glass, 0.5), "scream": (scream, 0.5), "bang": (bang, 0.9)}


@pytest.mark.parametrize("label", MADE)
def test_most_of_what_is_made_is_told_at_its_onset_and_once(label: str) -> None:
    make, height = MADE[label]
    found, starts = 0, []
    for seed in range(500, 508):
        _, events = hear(in_room(make(np.random.default_rng(seed)), height))
        of_label = [event for event in events if event.kind == label]
        assert len(of_label) <= 1
        found += len(of_label)
        starts += [start_s(event) for event in of_label]
    assert found >= 4
    assert np.abs(np.array(starts) - 4.0).max() <= 0.5


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_harmless_is_seldom_told(name: str) -> None:
    told = [hear(in_room(HARMLESS[name](np.random.default_rng(seed)), 0.3))[1] for seed in range(600, 604)]
    assert sum(map(bool, told)) <= 1


def test_two_minutes_of_music_are_no_alarm() -> None:
    rng = np.random.default_rng(700)
    tunes = np.concatenate([HARMLESS["music"](rng) for _ in range(24)])
    _, events = hear(in_room(tunes, 0.2))
    assert [event for event in events if event.kind == "alarm_sound"] == []


def test_a_quiet_room_and_a_steady_noise_are_no_events() -> None:
    for noise in (0.0005, 0.2):
        assert hear(in_room(np.zeros(0, np.float32), 0.0, 60.0, noise))[1] == []


def test_a_threshold_that_cannot_be_reached_tells_nothing() -> None:
    quiet = Sounds({"alarm_sound": 1.1})
    scores, events = hear(in_room(temporal_3(3100.0, 12.0), 0.1), quiet)
    assert events == []
    assert best(scores, "alarm_sound") > 0.9


def test_a_threshold_for_something_else_is_refused() -> None:
    with pytest.raises(ValueError, match="whisper"):
        Sounds({"whisper": 0.5})


@pytest.mark.parametrize("bad", ["nan", "inf", "clipped", "shifted", "silent"])
def test_bad_sound_is_scored_and_is_no_event(bad: str) -> None:
    x = in_room(np.zeros(0, np.float32), 0.0, 6.0, 0.05)
    x = {"clipped": np.sign(x), "shifted": x + np.float32(0.9), "silent": 0.0 * x}.get(bad, x).astype(np.float32)
    if bad in ("nan", "inf"):
        x[::7] = float(bad)
    scores, events = hear(x)
    assert events == []
    assert len(scores) == 4 * -(-x.size // (HOP_FRAMES * FRAME))


def test_two_ears_hear_the_same() -> None:
    x = in_room(glass(np.random.default_rng(501)), 0.5)
    assert hear(x) == hear(x)
