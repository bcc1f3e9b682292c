"""Raised voices: only what is loud here and sounds of effort, once an episode, whatever the gain."""

from dataclasses import dataclass

import numpy as np
import pytest

from edge.audio.level import Level, power
from edge.audio.raised_voice import RaisedVoice, RaisedVoiceRule
from edge.audio.voice_frame import VoiceFrame, VoiceFrames
from edge.clock import nanoseconds, seconds
from edge.messages import FRAME, FRAME_NS, RATE_HZ, EventKind, HeardEvent
from tests.benchmarks.fit_raised_voice import Examples, across_speakers, fit

BEGIN_NS = nanoseconds(1_700_000_000.0)
CALM_DB, EFFORT_DB = -9.0, -5.0
"""Per octave over the first formant: how fast harmonics fall off."""


@dataclass(frozen=True)
class Part:
    """Some seconds of a room: nobody, or a made-up voice."""

    length_s: float
    level_dbfs: float | None = None
    pitch_hz: float = 140.0
    slope_db: float = CALM_DB


def calm(length_s: float, level_dbfs: float = -35.0, pitch_hz: float = 140.0) -> Part:
    return Part(length_s, level_dbfs, pitch_hz)


def shouting(length_s: float, level_dbfs: float = -20.0) -> Part:
    return Part(length_s, level_dbfs, 200.0, EFFORT_DB)


def nobody(length_s: float) -> Part:
    return Part(length_s)


def voice(part: Part) -> np.ndarray:
    """Harmonics that are level up to 500 Hz and fall off above, in syllables of a quarter second."""
    t_s = np.arange(round(part.length_s * RATE_HZ)) / RATE_HZ
    if part.level_dbfs is None:
        return np.zeros(len(t_s))
    pitch_hz = part.pitch_hz * (1.0 + 0.08 * np.sin(2.0 * np.pi * 0.7 * t_s))
    phase = 2.0 * np.pi * np.cumsum(pitch_hz) / RATE_HZ
    sound = np.zeros(len(t_s))
    for k in range(1, int(6000.0 / part.pitch_hz)):
        octaves = max(np.log2(k * part.pitch_hz / 500.0), 0.0)
        sound += 10.0 ** (part.slope_db * octaves / 20.0) * np.sin(k * phase + k * k)
    sound *= np.clip(np.sin(2.0 * np.pi * 2.0 * t_s) + 0.8, 0.0, 1.0)
    return sound * np.sqrt(power(part.level_dbfs) / np.mean(np.square(sound)))


class Room:
    """One microphone with its level, floor and ear."""

    def __init__(self, gain: float = 1.0, noise_dbfs: float = -65.0) -> None:
        self.ear = RaisedVoice(RaisedVoiceRule(known_s=4.0))
        self.t_ns = BEGIN_NS
        self.told: list[HeardEvent] = []
        self._level = Level()
        self._gain = gain
        self._noise = np.sqrt(power(noise_dbfs))
        self._chance = np.random.default_rng(3)

    def hear(self, *parts: Part) -> "Room":
        for part in parts:
            clean = voice(part)
            sound = self._gain * (clean + self._chance.normal(0.0, self._noise, len(clean)))
            self.take(sound, 0.95 if part.level_dbfs is not None else 0.02)
        return self

    def take(self, sound: np.ndarray, probability: float) -> "Room":
        for frame in sound.astype(np.float32).reshape(-1, FRAME):
            heard = self._level.step(frame)
            self.told += self.ear.step(frame, self.t_ns, probability, heard.level_dbfs, heard.noise_dbfs)
            self.t_ns += FRAME_NS
        return self

    def since(self, moment_s: float) -> list[float]:
        """When each event was over when told, after a time."""
        return [round(seconds(event.t_end_ns - BEGIN_NS) - moment_s, 2) for event in self.told]


@pytest.mark.parametrize("gain", [1.0, 0.05])
def test_a_loud_voice_with_effort_is_told_once_and_soon(gain):
    room = Room(gain).hear(calm(8.0), nobody(2.0), shouting(6.0), nobody(3.0))
    (event,) = room.told
    assert event.kind is EventKind.RAISED_VOICE
    assert room.since(10.0)[0] < 2.0
    assert seconds(event.t_start_ns - BEGIN_NS) == pytest.approx(10.0, abs=0.3)
    assert event.level_dbfs == pytest.approx(-20.0 + 20.0 * np.log10(gain), abs=2.0)
    assert event.confidence > 0.6


def test_gain_changes_nothing_but_the_level():
    soft, loud = (Room(gain).hear(calm(8.0), shouting(4.0)).told for gain in (0.1, 1.0))
    assert [(e.t_start_ns, e.t_end_ns) for e in soft] == [(e.t_start_ns, e.t_end_ns) for e in loud]


@pytest.mark.parametrize(
    "part",
    [
        pytest.param(calm(6.0, -20.0), id="an announcement, or somebody close to the microphone"),
        pytest.param(shouting(6.0, -35.0), id="a sharp voice as loud as everyone"),
        pytest.param(calm(6.0, -24.0, 330.0), id="children who laugh"),
        pytest.param(calm(6.0, -35.0), id="the same talk"),
    ],
)
def test_loudness_alone_or_effort_alone_is_no_raised_voice(part):
    assert Room().hear(calm(8.0), nobody(1.0), part, nobody(1.0)).told == []


def test_a_quarrel_is_told_once_and_told_again_after_lasting_calm():
    room = Room().hear(calm(8.0), shouting(4.0), nobody(3.0), shouting(4.0), calm(3.0), shouting(4.0))
    assert len(room.told) == 1
    assert len(room.hear(calm(12.0), shouting(4.0)).told) == 2


def test_one_bright_word_is_no_raised_voice():
    assert Room().hear(calm(8.0), shouting(0.4), calm(5.0)).told == []


def test_what_is_usual_follows_a_microphone_that_was_turned_up():
    room = Room().hear(calm(8.0), calm(40.0, -20.0))
    assert room.told == []
    assert room.hear(shouting(4.0, -18.0)).told == []  # hardly over what is usual now
    assert len(room.hear(nobody(9.0), shouting(4.0, -5.0)).told) == 1


def test_the_noise_of_a_shop_neither_hides_nor_makes_a_raised_voice():
    room = Room(noise_dbfs=-45.0).hear(nobody(13.0), calm(8.0), nobody(2.0))
    assert room.told == []
    assert len(room.hear(shouting(5.0)).told) == 1


def test_before_the_usual_level_is_known_level_counts_for_nothing():
    soft, loud = (Room().hear(nobody(1.0), shouting(4.0, level)).ear.likelihood for level in (-45.0, -10.0))
    assert soft == pytest.approx(loud, abs=0.05)


@pytest.mark.parametrize(
    "sound",
    [
        pytest.param(np.zeros(3 * RATE_HZ), id="silence"),
        pytest.param(np.full(3 * RATE_HZ, np.nan), id="not numbers"),
        pytest.param(np.full(3 * RATE_HZ, np.inf), id="infinite"),
        pytest.param(np.full(3 * RATE_HZ, 0.7), id="an offset"),
        pytest.param(np.random.default_rng(1).normal(0.0, 0.3, 3 * RATE_HZ), id="noise"),
    ],
)
def test_bad_sound_that_passes_for_speech_raises_nothing(sound):
    room = Room().hear(calm(8.0)).take(sound, 0.99)
    assert room.told == []
    assert room.ear.likelihood < 0.5
    assert len(room.hear(nobody(2.0), shouting(4.0)).told) == 1


def test_clipped_shouting_is_told_too():
    room = Room().hear(calm(8.0))
    sound = np.clip(4.0 * voice(shouting(4.0, -10.0)), -1.0, 1.0)
    assert len(room.take(sound, 0.95).told) == 1


def test_numbers_that_are_none_raise_nothing():
    ear = RaisedVoice()
    for k in range(300):
        assert ear.step(np.zeros(FRAME, np.float32), BEGIN_NS + k * FRAME_NS, np.nan, np.nan, np.nan) == ()


def test_time_that_goes_back_forgets_what_was_heard():
    room = Room().hear(calm(8.0), shouting(0.7))
    assert room.told == []
    room.t_ns = BEGIN_NS - nanoseconds(60.0)
    assert room.hear(calm(3.0)).told == []


def test_a_clock_that_is_set_a_little_does_not_part_an_episode():
    room = Room().hear(calm(8.0), shouting(0.5))
    room.t_ns -= nanoseconds(0.03)
    assert len(room.hear(shouting(3.0)).told) == 1


@pytest.mark.parametrize("wrong", [{"threshold": 0.2}, {"over_threshold": 0.0}, {"lasting_s": -1.0}])
def test_rules_that_contradict_themselves_are_refused(wrong):
    with pytest.raises(ValueError):
        RaisedVoiceRule(**wrong)


def seen(sound: np.ndarray) -> VoiceFrame:
    frames = VoiceFrames()
    for frame in sound.astype(np.float32).reshape(-1, FRAME)[:10]:
        frames.push(frame)
    return frames.look()


@pytest.mark.parametrize("pitch_hz", [80.0, 140.0, 240.0, 450.0])
@pytest.mark.parametrize("slope_db", [CALM_DB, EFFORT_DB])
def test_pitch_is_that_of_the_voice(pitch_hz, slope_db):
    t_s = np.arange(RATE_HZ) / RATE_HZ
    harmonics = [(k, slope_db * max(np.log2(k * pitch_hz / 500.0), 0.0)) for k in range(1, int(6000.0 / pitch_hz))]
    sound = sum(10.0 ** (db / 20.0) * np.sin(2.0 * np.pi * k * pitch_hz * t_s + k) for k, db in harmonics)
    found = seen(0.02 * np.asarray(sound))
    assert found.pitch_hz == pytest.approx(pitch_hz, rel=0.02)
    assert found.periodicity > 0.9


def test_noise_is_not_periodic():
    chance = np.random.default_rng(2)
    assert np.median([seen(chance.normal(0.0, 0.1, 1600)).periodicity for _ in range(50)]) < 0.5


def test_the_alpha_ratio_is_that_of_two_tones():
    t_s = np.arange(RATE_HZ) / RATE_HZ
    found = seen(0.1 * np.sin(2.0 * np.pi * 400.0 * t_s) + 0.01 * np.sin(2.0 * np.pi * 2000.0 * t_s))
    assert 10.0 * np.log10(found.high / found.low) == pytest.approx(-20.0, abs=0.2)


def test_fitting_parts_effort_from_ordinary_talk_across_microphones():
    chance = np.random.default_rng(4)
    speakers = np.repeat([f"spk{k}" for k in range(20)], 40)
    microphone_db = np.repeat(chance.normal(0.0, 4.0, 20), 40)
    raised = np.tile([False, True], 400)
    alpha_db = -7.0 + microphone_db + 9.0 * raised + chance.normal(0.0, 2.5, 800)
    pitch_st = 8.0 + 5.0 * raised + chance.normal(0.0, 4.0, 800)
    made = Examples(np.column_stack([alpha_db, pitch_st]), raised, speakers)
    weights = fit(made)
    assert weights.bias < 0.0 < min(weights.slopes)
    assert weights.log_odds(np.array([[2.0, 13.0]]))[0] > 0.0
    assert across_speakers(made) > 0.9
