"""One microphone's ear: the same whatever the chunks, and whole again after a gap."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from edge.audio.pipeline import Ear
from edge.messages import (
    FRAME_NS,
    RATE_HZ,
    AudioChunk,
    AudioObservation,
    EventKind,
    HeardEvent,
    HearingFrame,
    SoundScore,
)
from edge.settings import EarSettings

T0 = 1_700_000_000_000_000_000
SETTINGS = EarSettings()


def room(seconds: float, seed: int = 0, level: float = 0.003) -> np.ndarray:
    """A quiet shop."""
    random = np.random.default_rng(seed)
    return (level * random.standard_normal(round(seconds * RATE_HZ))).astype(np.float32)


def smoke_alarm(seconds: float, level: float = 0.3) -> np.ndarray:
    """Three beeps of half a second, then a pause (ISO 8201)."""
    t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    on = ((t % 4.0) < 3.0) & ((t % 1.0) < 0.5)
    return (level * on * np.sin(2 * np.pi * 3100.0 * t)).astype(np.float32)


def chunks(samples: np.ndarray, size: int, t_ns: int = T0) -> list[AudioChunk]:
    return [
        AudioChunk("till", t_ns + k * 62_500, samples[k : k + size].astype(np.float32))
        for k in range(0, len(samples), size)
    ]


def played(ear: Ear, *pieces: list[AudioChunk]) -> list[AudioObservation]:
    return [*(ear.step(chunk) for piece in pieces for chunk in piece), ear.finish()]


def all_of(told: list[AudioObservation]) -> tuple[list[HearingFrame], list[SoundScore], list[HeardEvent]]:
    return (
        [frame for one in told for frame in one.frames],
        [score for one in told for score in one.scores],
        [event for one in told for event in one.events],
    )


@pytest.fixture(scope="module")
def alarm_in_a_shop() -> np.ndarray:
    sound = room(9.0)
    sound[3 * RATE_HZ :] += smoke_alarm(6.0)
    return sound


@pytest.fixture(scope="module")
def whole(alarm_in_a_shop: np.ndarray) -> tuple[list[HearingFrame], list[SoundScore], list[HeardEvent]]:
    return all_of(played(Ear("till", SETTINGS), chunks(alarm_in_a_shop, len(alarm_in_a_shop))))


@pytest.mark.parametrize("size", [160, 1024, 16_000, 4_801])
def test_what_is_heard_does_not_depend_on_how_the_sound_is_cut(alarm_in_a_shop: np.ndarray, whole, size: int):
    assert all_of(played(Ear("till", SETTINGS), chunks(alarm_in_a_shop, size))) == whole


def test_every_ten_milliseconds_are_told_once_in_order(alarm_in_a_shop: np.ndarray, whole):
    frames, _, _ = whole
    assert frames[0].t_ns == T0
    assert all(b.t_ns - a.t_ns == FRAME_NS for a, b in pairwise(frames))
    assert len(frames) == len(alarm_in_a_shop) // 160


def test_an_alarm_is_heard_where_it_begins_and_is_no_speech(whole):
    frames, scores, events = whole
    (alarm,) = [event for event in events if event.kind is EventKind.ALARM_SOUND]
    assert abs(alarm.t_start_ns - T0 - 3_000_000_000) < 500_000_000
    assert not [event for event in events if event.kind in (EventKind.SPEECH, EventKind.SCREAM, EventKind.RAISED_VOICE)]
    assert max(score.score for score in scores if score.label == "alarm_sound") > 0.8
    loud = [frame.level_dbfs for frame in frames if frame.t_ns >= T0 + 3_100_000_000]
    assert max(loud) == pytest.approx(20 * np.log10(0.3 / np.sqrt(2)), abs=1.0)


def test_two_ears_do_not_hear_each_other(alarm_in_a_shop: np.ndarray, whole):
    one, other = Ear("till", SETTINGS), Ear("door", SETTINGS)
    told = []
    for chunk in chunks(alarm_in_a_shop, 1600):
        told.append(one.step(chunk))
        other.step(replace(chunk, microphone="door", samples=room(0.1, seed=9)[: len(chunk.samples)]))
    assert all_of([*told, one.finish()]) == whole


def test_where_sound_was_lost_the_engines_begin_anew_and_time_is_right():
    later = T0 + 60_000_000_000
    told = played(Ear("till", SETTINGS), chunks(room(2.0), 1000), chunks(room(2.0, seed=1), 1000, later))
    frames, _, _ = all_of(told)
    times = [frame.t_ns for frame in frames]
    assert times == sorted(times)
    assert next(t for t in times if t >= later) == later
    assert len([t for t in times if t < later]) == 200
    anew, _, _ = all_of(played(Ear("till", SETTINGS), chunks(room(2.0, seed=1), 1000, later)))
    speech = [(frame.t_ns, frame.speech_probability) for frame in frames if frame.t_ns >= later]
    assert [t for t, _ in speech] == [frame.t_ns for frame in anew]
    assert [p for _, p in speech] == pytest.approx([frame.speech_probability for frame in anew], abs=0.2)


def test_silence_before_sound_was_lost_and_after_it_is_not_one_silence():
    out = np.zeros(3 * RATE_HZ, np.float32)
    _, _, events = all_of(played(Ear("till", SETTINGS), chunks(out, 1600), chunks(out, 1600, T0 + 60_000_000_000)))
    assert events == []


def test_a_clock_that_is_set_right_by_a_little_loses_nothing():
    first, second = chunks(room(1.0), 1600), chunks(room(1.0, seed=1), 1600, T0 + 1_000_000_000 + 9_000_000)
    frames, _, _ = all_of(played(Ear("till", SETTINGS), first, second))
    assert len(frames) == 200


def test_a_microphone_that_is_out_is_told():
    _, _, events = all_of(played(Ear("till", SETTINGS), chunks(np.zeros(6 * RATE_HZ, np.float32), 1600)))
    assert [event.kind for event in events] == [EventKind.MICROPHONE_SILENT]


@pytest.mark.parametrize(
    "bad",
    [np.full(RATE_HZ, np.nan), np.full(RATE_HZ, np.inf), np.full(RATE_HZ, 1e30), np.sign(room(1.0)), room(1.0) + 0.7],
    ids=["nan", "inf", "huge", "clipped", "offset"],
)
def test_damaged_sound_breaks_nothing_and_is_forgotten(bad: np.ndarray):
    sound = np.concatenate([room(1.0), bad.astype(np.float32), room(6.0, seed=2)])
    frames, scores, _ = all_of(played(Ear("till", SETTINGS), chunks(sound, 1600)))
    assert len(frames) == 800
    assert all(np.isfinite([f.speech_probability, f.level_dbfs, f.noise_dbfs]).all() for f in frames)
    assert all(np.isfinite(score.score) for score in scores)
    assert frames[-1].level_dbfs == pytest.approx(20 * np.log10(0.003), abs=2.0)
    assert max(frame.speech_probability for frame in frames[-300:]) < 0.5


@pytest.mark.parametrize("denoise", ["off", "webrtc", "rnnoise"])
def test_every_denoiser_can_be_chosen(denoise: str):
    settings = EarSettings.model_validate({"denoise": denoise})
    frames, _, _ = all_of(played(Ear("till", settings), chunks(room(3.0), 1600)))
    assert len(frames) == 300


def test_less_than_a_frame_is_nothing():
    assert all_of(played(Ear("till", SETTINGS), chunks(room(0.005), 1600))) == ([], [], [])
    assert all_of(played(Ear("till", SETTINGS))) == ([], [], [])


def test_a_calibrated_microphone_tells_sound_pressure_too(alarm_in_a_shop: np.ndarray, whole):
    _, _, plain = whole
    ear = Ear("till", SETTINGS, full_scale_db_spl=110.0)
    _, _, events = all_of(played(ear, chunks(alarm_in_a_shop, 1600)))
    assert [event.level_db_spl for event in plain] == [None] * len(plain)
    assert events == [replace(event, level_db_spl=event.level_dbfs + 110.0) for event in plain]
    assert events
