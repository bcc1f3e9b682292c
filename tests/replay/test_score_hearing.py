"""How what was heard is judged: onsets, each 10 ms, and alerts; of a session with microphones only."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import soundfile
from rich.console import Console

from edge.errors import SessionError
from edge.messages import RATE_HZ
from edge.recording import open_session
from edge.replay.hearing_tables import HearingRow, SoundRow, TrueSound, read_true_sounds
from edge.replay.replay import run
from edge.replay.score import Score, score
from edge.replay.score_hearing import FrameScore, OnsetScore, score_frames, score_onsets, true_episodes
from edge.replay.score_table import score_tables
from edge.replay.tables import EventRow
from edge.settings import SoundRules
from tests.replay.test_hearing import SECONDS, smoke_alarm


def us(t_s: float) -> int:
    return round(t_s * 1e6)


def sounds(kind: str, *spans: tuple[float, float]) -> list[TrueSound]:
    return [TrueSound(us(a), us(b), kind) for a, b in spans]


def told(kind: str, *starts: float, sensor: str = "till") -> list[EventRow]:
    return [EventRow(us(t), us(t + 1.0), kind, None, sensor=sensor) for t in starts]


def hearing(*probabilities: float, microphone: str = "till") -> list[HearingRow]:
    return [HearingRow(10_000 * k, microphone, p, -40.0, -60.0) for k, p in enumerate(probabilities)]


def onsets(truth: list[TrueSound], heard: list[EventRow]) -> OnsetScore:
    [only] = score_onsets(truth, heard)
    return only


def test_an_onset_within_half_a_second_is_found_and_each_only_once():
    got = onsets(sounds("bang", (10, 11), (20, 21), (30, 31)), told("bang", 10.2, 10.4, 20.6, 29.9))
    assert (got.true, got.told, got.found) == (3, 4, 2)
    assert (got.precision, got.recall, got.f1) == pytest.approx((2 / 4, 2 / 3, 4 / 7))
    assert got.onset_error_median_s == pytest.approx(0.15)
    assert got.onset_late_median_s == pytest.approx(0.05)


def test_what_nobody_heard_and_what_never_was_have_no_shares_to_boast_of():
    missed, made_up = score_onsets(sounds("glass_break", (5, 6)), told("scream", 8.0))
    assert (missed.kind, missed.recall, missed.precision, missed.f1) == ("glass_break", 0.0, None, 0.0)
    assert (made_up.kind, made_up.recall, made_up.precision, made_up.f1) == ("scream", None, 0.0, 0.0)
    assert missed.onset_error_median_s is None


def test_two_microphones_that_hear_one_sound_have_heard_it_once():
    both = told("bang", 10.1) + told("bang", 10.3, sensor="door")
    assert onsets(sounds("bang", (10, 11)), both).told == 1
    assert onsets(sounds("bang", (10, 11)), told("bang", 10.1, 10.3)).told == 2, "one microphone heard two"
    assert onsets(sounds("bang", (10, 11)), told("bang", 10.1, 10.1)).told == 1, "what goes on is told again"


def test_words_with_short_pauses_are_one_stretch_of_talk_and_bangs_are_not():
    words = [(5.0, 5.4), (5.5, 6.0), (6.4, 7.0), (9.0, 9.5)]
    assert onsets(sounds("speech", *words), told("speech", 5.1, 9.1)).recall == 1.0
    assert onsets(sounds("bang", *words), []).true == 4


def test_speech_is_judged_only_where_the_truth_knows_of_any():
    heard = told("speech", 3.0) + told("bang", 10.0)
    assert [one.kind for one in score_onsets(sounds("bang", (10, 11)), heard)] == ["bang"]
    assert score_frames(sounds("bang", (10, 11)), hearing(0.9), []) == ()


def test_each_10_ms_of_speech():
    truth = sounds("speech", (0.02, 0.04))
    [perfect] = score_frames(truth, hearing(0.1, 0.2, 0.9, 0.8, 0.1), [])
    assert (perfect.frames, perfect.true, perfect.auc, perfect.f1) == (5, 2, 1.0, 1.0)
    [poor] = score_frames(truth, hearing(0.9, 0.2, 0.9, 0.3, 0.1), [])
    # Of the 2 x 3 pairs of a true and another frame, the true one is higher in 2 + 2 and as high in 1.
    assert poor.auc == pytest.approx(4.5 / 6)
    assert (poor.precision, poor.recall, poor.f1) == (0.5, 0.5, 0.5)
    [all_of_it] = score_frames(sounds("speech", (0.0, 1.0)), hearing(0.9, 0.2), [])
    assert (all_of_it.auc, all_of_it.recall) == (None, 0.5)


def test_a_frame_of_a_sound_has_the_best_score_of_the_windows_that_hold_it():
    windows = [SoundRow(us(t), "till", "bang", p) for t, p in ((0.0, 0.1), (0.48, 0.9), (0.96, 0.2))]
    [got] = score_frames(sounds("bang", (0.48, 1.44)), hearing(*[0.0] * 200), windows)
    assert (got.label, got.frames, got.true) == ("bang", 200, 96)
    assert (got.auc, got.f1) == (1.0, 1.0)


def test_what_the_staff_should_be_told_is_one_for_as_long_as_its_alert_goes_on():
    truth = sounds("bang", (10, 11), (30, 31), (80, 81)) + sounds("speech", (1, 2))
    got = true_episodes(truth, SoundRules().by_kind())
    assert [(one.kind, one.t_start_us, one.t_end_us) for one in got] == [
        ("bang", us(10), us(31)),
        ("bang", us(80), us(81)),
    ]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A smoke alarm at three seconds, in a session with one microphone and no camera."""
    path = tmp_path_factory.mktemp("sessions") / "night"
    (path / "till").mkdir(parents=True)
    (path / "truth").mkdir()
    soundfile.write(path / "till/audio.wav", smoke_alarm(), RATE_HZ, subtype="PCM_16")
    manifest = {"format": "session-folder/1", "name": "night", "fps": 10.0, "cameras": []}
    manifest["microphones"] = [{"id": "till", "t0": 0.0}]
    (path / "session.json").write_text(json.dumps(manifest))
    (path / "truth/sounds.csv").write_text(f"t_start,t_end,kind\n3.0,{SECONDS},alarm_sound\n")
    return path


@pytest.fixture(scope="module")
def results(session: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("results")
    run(open_session(session), out)
    return out


def alarm_of(judged: Score) -> tuple[OnsetScore, FrameScore]:
    [onset], [frame] = judged.sounds, judged.frames
    return onset, frame


def test_a_session_with_microphones_only_is_judged(session: Path, results: Path) -> None:
    judged = score(open_session(session), results)
    onset, frame = alarm_of(judged)
    assert (onset.kind, onset.true, onset.told, onset.found) == ("alarm_sound", 1, 1, 1)
    assert onset.onset_error_median_s is not None
    assert onset.onset_error_median_s <= 0.5
    assert (frame.microphone, frame.label, frame.frames) == ("till", "alarm_sound", 900)
    assert frame.auc is not None
    assert frame.auc > 0.9
    [alert] = judged.alerts
    assert (alert.kind, alert.true, alert.false, alert.missed) == ("alarm_sound", 1, 0, 0)
    assert (judged.heads, judged.events) == ((), ())


def test_it_is_shown_as_tables_and_as_json(session: Path, results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    judged = score(open_session(session), results)
    Console(width=120).print(score_tables(judged))
    shown = capsys.readouterr().out
    assert "alarm_sound" in shown
    assert "onset error" in shown
    assert json.loads(json.dumps(asdict(judged)))["sounds"][0]["found"] == 1


def test_a_truth_of_speech_alone_has_no_kinds(tmp_path: Path) -> None:
    (tmp_path / "speech.csv").write_text("t_start,t_end\n1.5,2.5\n0.5,0.75\n")
    assert read_true_sounds(tmp_path) == (*sounds("speech", (0.5, 0.75), (1.5, 2.5)),)


@pytest.mark.parametrize("row", ["2.0,1.0,bang", "x,1.0,bang", "1.0,nan,bang"])
def test_a_torn_truth_is_named_with_its_line(tmp_path: Path, row: str) -> None:
    (tmp_path / "sounds.csv").write_text(f"t_start,t_end,kind\n{row}\n")
    with pytest.raises(SessionError, match="line 2"):
        read_true_sounds(tmp_path)


def test_silence_has_no_scores() -> None:
    assert score_onsets([], []) == ()
    [nothing] = score_frames(sounds("speech", (5, 6)), hearing(*np.zeros(10)), [])
    assert (nothing.auc, nothing.recall, nothing.f1) == (None, None, None)
