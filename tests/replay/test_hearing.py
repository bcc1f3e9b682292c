"""Sound through a replay: what is written of it, and how it looks."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
import soundfile

from edge.errors import SessionError
from edge.messages import FRAME, RATE_HZ
from edge.recording import open_session
from edge.replay import canvas
from edge.replay.hearing_strip import HearingStrip
from edge.replay.hearing_tables import read_hearing, read_sounds
from edge.replay.hearing_view import INKS, Told
from edge.replay.render import HEIGHT, WIDTH, render
from edge.replay.replay import run
from edge.replay.tables import EventRow
from tests.recording.test_folder import write
from tests.recording.test_sound_track import with_sound

SECONDS = 9.0


def smoke_alarm() -> np.ndarray:
    """A quiet shop in which after three seconds a smoke alarm sounds (three beeps and a pause, ISO 8201)."""
    random = np.random.default_rng(3)
    t = np.arange(round(SECONDS * RATE_HZ)) / RATE_HZ
    since = t - 3.0
    on = (since >= 0) & ((since % 4.0) < 3.0) & ((since % 1.0) < 0.5)
    sound = 0.003 * random.standard_normal(len(t)) + 0.3 * on * np.sin(2 * np.pi * 3100.0 * t)
    return sound.astype(np.float32)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "night.wav"
    soundfile.write(path, smoke_alarm(), RATE_HZ, subtype="PCM_16")
    return path


@pytest.fixture(scope="module")
def results(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("results")
    summary = run(open_session(clip), out)
    assert summary.complete
    return out


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_clip_becomes_rows_events_and_alerts(results: Path) -> None:
    hearing, sounds = read_hearing(results / "hearing.csv"), read_sounds(results / "sounds.csv")
    assert [row.t_us for row in hearing] == [10_000 * k for k in range(round(SECONDS * RATE_HZ) // FRAME)]
    assert {row.microphone for row in (*hearing, *sounds)} == {"mic0"}
    assert {"alarm_sound", "glass_break", "scream", "bang"} <= {row.label for row in sounds}
    (alarm,) = [event for event in lines(results / "events.jsonl") if event["kind"] == "alarm_sound"]
    assert alarm["t_start"] == pytest.approx(3.0, abs=0.5)
    assert (alarm["sensor"], alarm["person"], alarm["place"], alarm["name"]) == ("mic0", None, None, None)
    assert float(str(alarm["level_dbfs"])) == pytest.approx(-16.0, abs=6.0)
    opened, ended = (change for change in lines(results / "alerts.jsonl") if change["kind"] == "alarm_sound")
    assert (opened["state"], opened["level"], ended["state"]) == ("open", "red", "ended")


def test_the_summary_says_how_much_was_heard(results: Path) -> None:
    summary = json.loads((results / "summary.json").read_text())
    assert summary["microphones"] == {"mic0": {"seconds": SECONDS, "torn": None}}
    assert summary["seconds"] == SECONDS
    assert summary["frames"] == 0
    assert {"hearing.csv", "sounds.csv"} <= set(summary["results"])


def test_again_and_in_other_formats_it_gives_the_same_bytes(clip: Path, results: Path, tmp_path: Path) -> None:
    flac = tmp_path / "night.flac"
    samples, _ = soundfile.read(clip, dtype="int16")
    soundfile.write(flac, samples, RATE_HZ)
    run(open_session(flac), tmp_path / "again")
    for name in ("hearing.csv", "sounds.csv", "events.jsonl", "alerts.jsonl"):
        assert (tmp_path / "again" / name).read_bytes() == (results / name).read_bytes()


def test_ears_that_are_switched_off_hear_nothing(clip: Path, tmp_path: Path) -> None:
    (tmp_path / "store.toml").write_text("[ear]\nenabled = false\n")
    run(open_session(clip, tmp_path / "store.toml"), tmp_path / "out")
    assert read_hearing(tmp_path / "out" / "hearing.csv") == ()
    assert (tmp_path / "out" / "events.jsonl").read_text() == ""


def test_cameras_and_a_microphone_are_played_together(tmp_path: Path) -> None:
    session = open_session(with_sound(write(tmp_path / "s", {"a": [k * 100_000_000 for k in range(12)]}), seconds=1.0))
    summary = run(session, tmp_path / "out")
    assert (summary.frames, len(read_hearing(tmp_path / "out" / "hearing.csv"))) == (12, 100)
    assert read_hearing(tmp_path / "out" / "hearing.csv")[0].t_us == 50_000


def test_results_of_a_session_without_sound_have_none_of_an_earlier_one(results: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "hearing.csv").write_bytes((results / "hearing.csv").read_bytes())
    run(open_session(write(tmp_path / "s", {"a": [k * 100_000_000 for k in range(3)]})), out)
    assert not (out / "hearing.csv").exists()


def test_what_was_heard_is_drawn_a_picture_a_minute(clip: Path, results: Path, tmp_path: Path) -> None:
    assert render(open_session(clip), tmp_path / "pictures", results) == 1
    picture = cv2.imread(str(tmp_path / "pictures" / "000000.png"))
    assert picture.shape[1] == 1280
    # The beeps at 3.1 kHz are the brightest in the spectrogram.
    spectrogram = picture[56 : 56 + 240, 150:1256].astype(int).sum(axis=2)
    brightest = spectrogram[:, round(1106 * 3.25 / SECONDS)].argmax()
    assert 8.0 * (1 - brightest / 240) == pytest.approx(3.1, abs=0.15)


def test_sound_is_no_film(clip: Path, results: Path, tmp_path: Path) -> None:
    with pytest.raises(SessionError, match="cannot be a film"):
        render(open_session(clip), tmp_path / "look.mp4", results)


def test_a_session_with_cameras_shows_below_the_picture_what_was_heard(walk: Path, tmp_path: Path) -> None:
    session = open_session(with_sound(Path(shutil.copytree(walk, tmp_path / "s")), seconds=2.0, t0=0.0))
    assert render(session, tmp_path / "frames") == session.frame_count
    first, last = (cv2.imread(str(tmp_path / f"frames/{k:06d}.png")) for k in (0, session.frame_count - 1))
    assert first is not None
    assert last is not None
    assert last.shape[0] > HEIGHT
    assert last.shape[0] % 2 == 0, "films want it"
    quiet = HearingStrip("till", Told((), (), ()), WIDTH).height
    # Of twenty seconds the last two are at the right: a sine, and what is always there, which is the sine.
    heard = [strip_columns(picture[HEIGHT:], canvas.LINE) for picture in (first, last)]
    assert len(heard[0]) < 20
    assert heard[1].min() > WIDTH * 0.8
    assert quiet - 1 <= last.shape[0] - HEIGHT <= quiet, "a steady tone is nothing"


def strip_columns(strip: np.ndarray, ink: canvas.Colour) -> np.ndarray:
    return np.flatnonzero((np.abs(strip[:, 170:].astype(int) - ink).max(axis=2) <= 8).any(axis=0)) + 170


def test_an_event_walks_to_the_left_and_out_of_the_strip() -> None:
    event = EventRow(10_000_000, 11_000_000, "alarm_sound", None, sensor="till")
    strip = HearingStrip("till", Told((), (), (event,)), WIDTH)

    def shown(t_s: float) -> np.ndarray:
        picture = canvas.blank(WIDTH, strip.height, canvas.PAPER)
        strip.draw(picture, 0, round(t_s * 1e6))
        return strip_columns(picture, INKS["alarm_sound"])

    assert len(shown(9.9)) == 0, "it has not happened yet"
    assert shown(10.5).max() >= WIDTH - 20
    assert shown(12.0).min() > shown(20.0).min() > shown(28.0).min()
    assert len(shown(31.5)) == 0
