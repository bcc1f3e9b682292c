"""Sessions with sound: beside cameras, without any, or as a file by itself."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from edge.errors import SessionError
from edge.recording import open_session
from tests.recording.test_folder import write

RATE = 16_000


def tone(seconds: float) -> np.ndarray:
    return (0.1 * np.sin(2 * np.pi * 440.0 * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


def with_sound(session: Path, seconds: float = 2.0, t0: float = 0.05, suffix: str = "wav") -> Path:
    manifest = json.loads((session / "session.json").read_text())
    manifest["microphones"] = [{"id": "till", "t0": t0}]
    (session / "session.json").write_text(json.dumps(manifest))
    (session / "till").mkdir()
    soundfile.write(session / "till" / f"audio.{suffix}", tone(seconds), RATE)
    return session


@pytest.mark.parametrize("suffix", ["wav", "flac"])
def test_a_session_of_cameras_and_a_microphone_lasts_as_long_as_either(tmp_path: Path, suffix: str):
    session = open_session(with_sound(write(tmp_path / "s"), suffix=suffix))
    (track,) = session.microphones
    assert (track.id, track.start_ns, track.duration_s) == ("till", 50_000_000, 2.0)
    assert (session.start_ns, session.end_ns) == (0, 2_050_000_000)
    assert session.duration_s == 2.05
    chunks = list(track.chunks())
    assert {chunk.microphone for chunk in chunks} == {"till"}
    assert sum(len(chunk.samples) for chunk in chunks) == 2 * RATE
    taken = 0
    for chunk in chunks:
        assert chunk.t_ns == 50_000_000 + taken * 62_500
        taken += len(chunk.samples)


def test_a_session_of_microphones_only(tmp_path: Path):
    session_path = with_sound(write(tmp_path / "s"), t0=100.5)
    manifest = json.loads((session_path / "session.json").read_text())
    (session_path / "session.json").write_text(json.dumps(manifest | {"cameras": [], "fps": None}))
    for name in ("a", "b"):
        shutil.rmtree(session_path / name)
    session = open_session(session_path)
    assert session.cameras == ()
    assert (session.start_ns, session.duration_s) == (100_500_000_000, 2.0)
    assert list(session.frames()) == []


@pytest.mark.parametrize("suffix", ["wav", "WAV", "flac"])
def test_a_file_of_sound_is_a_session_with_one_microphone(tmp_path: Path, suffix: str):
    soundfile.write(tmp_path / f"till at night.{suffix}", tone(1.5), RATE)
    session = open_session(tmp_path / f"till at night.{suffix}")
    assert (session.name, session.cameras, session.start_ns, session.duration_s) == ("till at night", (), 0, 1.5)
    assert [track.id for track in session.microphones] == ["mic0"]


def test_the_digest_tells_sounds_apart_and_starts_too(tmp_path: Path):
    digests = set()
    for number, (seconds, t0) in enumerate([(2.0, 0.05), (2.1, 0.05), (2.0, 0.06)]):
        digests.add(open_session(with_sound(write(tmp_path / f"s{number}"), seconds, t0)).digest)
    assert len(digests) == 3


def test_sound_that_lies_outside_the_session_is_refused(tmp_path: Path):
    session = with_sound(write(tmp_path / "s"))
    soundfile.write(tmp_path / "elsewhere.wav", tone(1.0), RATE)
    (session / "till" / "audio.wav").unlink()
    (session / "till" / "audio.wav").symlink_to(tmp_path / "elsewhere.wav")
    with pytest.raises(SessionError, match="leads out of the session"):
        open_session(session)


@pytest.mark.parametrize("data", [b"", b"RIFF", b"hello there, this is no sound at all"])
def test_what_is_no_sound_is_one_line_with_the_file_and_the_remedy(tmp_path: Path, data: bytes):
    (tmp_path / "clip.wav").write_bytes(data)
    with pytest.raises(SessionError) as caught:
        open_session(tmp_path / "clip.wav")
    assert caught.value.where == str(tmp_path / "clip.wav")
    assert caught.value.remedy


def test_a_recording_that_was_cut_off_is_played_as_far_as_it_goes_and_says_so(tmp_path: Path):
    soundfile.write(tmp_path / "cut.wav", tone(2.0), RATE, subtype="PCM_16")
    whole = (tmp_path / "cut.wav").read_bytes()
    (tmp_path / "cut.wav").write_bytes(whole[: len(whole) // 2])
    (track,) = open_session(tmp_path / "cut.wav").microphones
    assert track.torn is not None
    assert "cut.wav" in track.torn
    assert track.duration_s == pytest.approx(1.0, abs=0.01)
    assert sum(len(chunk.samples) for chunk in track.chunks()) == pytest.approx(RATE, abs=100)
