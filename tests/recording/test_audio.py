"""Recorded sound is read as far as it goes, whatever made it; what is no sound is refused in one sentence."""

import contextlib
import os
import struct
import subprocess
import sys

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.errors import SessionError
from edge.messages import RATE_HZ
from edge.recording.audio import AudioFile
from edge.recording.resampling import Resampler

SECONDS = 1.5
TONE_HZ = 440.0


def tone(rate_hz, hz=TONE_HZ, seconds=SECONDS, amplitude=0.3):
    return (amplitude * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate_hz)) / rate_hz)).astype(np.float32)


def heard(path, **how):
    return np.concatenate(list(AudioFile(path, **how).blocks()))


def write_wav(path, rate_hz=48_000, subtype="PCM_16"):
    """A stereo WAV, its bytes, and where its data begin."""
    soundfile.write(path, np.stack([tone(rate_hz)] * 2, axis=1), rate_hz, subtype=subtype)
    wav = bytearray(path.read_bytes())
    return wav, wav.index(b"data") + 8


@pytest.mark.parametrize(
    ("subtype", "off"),
    [
        ("PCM_U8", 0.01),
        ("PCM_16", 1e-4),
        ("PCM_24", 2e-6),
        ("PCM_32", 2e-6),
        ("FLOAT", 2e-6),
        ("DOUBLE", 2e-6),
    ],
)
def test_every_kind_of_wav_sounds_the_same(tmp_path, subtype, off):
    soundfile.write(tmp_path / "a.wav", tone(RATE_HZ), RATE_HZ, subtype=subtype)
    np.testing.assert_allclose(heard(tmp_path / "a.wav"), tone(RATE_HZ), atol=off)


@pytest.mark.parametrize(
    ("name", "rate_hz", "channels", "how"),
    [
        ("a.wav", 96_000, 6, {"format": "WAVEX", "subtype": "PCM_24"}),
        ("a.wav", 44_100, 1, {}),
        ("a.wav", 8_000, 2, {}),
        ("a.wav", 48_000, 2, {"format": "RF64"}),
        ("a.flac", 44_100, 2, {}),
        ("a.flac", 192_000, 1, {"subtype": "PCM_24"}),
        ("A.raw", 22_050, 1, {"format": "WAV"}),  # what it is shows in its bytes
    ],
)
def test_any_rate_and_any_number_of_channels_become_the_same_tone(tmp_path, name, rate_hz, channels, how):
    path = tmp_path / name
    soundfile.write(path, np.tile(tone(rate_hz)[:, None], (1, channels)), rate_hz, **how)
    file = AudioFile(path)
    assert (file.rate_hz, file.channels, file.torn) == (rate_hz, channels, None)
    assert file.duration_s == pytest.approx(SECONDS, abs=1e-4)
    sound = heard(path)
    assert len(sound) == pytest.approx(SECONDS * RATE_HZ, abs=1)
    edge = RATE_HZ // 10  # a tone that starts at once rings in the filter, more so the lower the rate
    np.testing.assert_allclose(sound[edge:-edge], tone(RATE_HZ)[edge : len(sound) - edge], atol=2e-3)


def test_channels_are_mixed_or_one_is_taken(tmp_path):
    left, right = tone(RATE_HZ), tone(RATE_HZ, 1000.0)
    soundfile.write(tmp_path / "a.wav", np.stack([left, right], axis=1), RATE_HZ, subtype="FLOAT")
    np.testing.assert_allclose(heard(tmp_path / "a.wav"), (left + right) / 2, atol=1e-6)
    np.testing.assert_array_equal(heard(tmp_path / "a.wav", channel=2), right)
    with pytest.raises(SessionError, match=r"no channel 3. Its channels are 1 to 2"):
        AudioFile(tmp_path / "a.wav", channel=3)


def test_what_aliases_would_make_audible_is_filtered_out(tmp_path):
    soundfile.write(tmp_path / "a.wav", tone(48_000, 9000.0), 48_000, subtype="FLOAT")
    assert np.abs(heard(tmp_path / "a.wav")[1000:-1000]).max() < 1e-4


@given(
    rate_hz=st.sampled_from([8_000, 11_025, RATE_HZ, 44_100, 48_000, 96_000]),
    cuts=st.lists(st.integers(1, 9_000), min_size=1, max_size=8),
)
@settings(max_examples=20, deadline=None)
def test_it_is_the_same_however_it_is_cut(rate_hz, cuts):
    sound = np.random.default_rng(1).normal(0.0, 0.1, 20_000).astype(np.float32)
    whole = Resampler(rate_hz)
    expected = np.concatenate([whole.push(sound), whole.finish()])
    pieces, piecewise = Resampler(rate_hz), []
    begin = step = 0
    while begin < len(sound):
        piecewise.append(pieces.push(sound[begin : begin + cuts[step % len(cuts)]]))
        begin, step = begin + cuts[step % len(cuts)], step + 1
    piecewise.append(pieces.finish())
    # The filter's rounding depends on how much it is given at once, in the last bit at most.
    np.testing.assert_allclose(np.concatenate(piecewise), expected, rtol=0, atol=1e-7)


@pytest.mark.parametrize("claim", [0, 0xFFFFFFFF, 0x7FFFFFFF])
def test_a_wav_whose_recorder_was_cut_off_is_read_as_far_as_it_goes(tmp_path, claim):
    path = tmp_path / "a.wav"
    wav, data = write_wav(path)
    expected = heard(path)
    wav[4:8] = wav[data - 4 : data] = struct.pack("<I", claim)
    path.write_bytes(wav)
    file = AudioFile(path)
    np.testing.assert_array_equal(np.concatenate(list(file.blocks())), expected)
    assert file.torn is not None
    assert str(path) in file.torn
    assert f"the {len(wav) - data} bytes that are there are read" in file.torn


def test_a_wav_that_was_copied_in_part_is_read_as_far_as_it_goes(tmp_path):
    path = tmp_path / "a.wav"
    wav, data = write_wav(path)
    expected = heard(path)
    path.write_bytes(wav[: data + (len(wav) - data) // 2 + 3])  # in the middle of a sample
    file = AudioFile(path)
    sound = np.concatenate(list(file.blocks()))
    assert len(sound) == pytest.approx(SECONDS / 2 * RATE_HZ, abs=2)
    np.testing.assert_allclose(sound[:-400], expected[: len(sound) - 400], atol=1e-7)
    assert f"says that {len(wav) - data} bytes follow" in (file.torn or "")


def test_a_damaged_flac_is_read_up_to_the_damage(tmp_path):
    path = tmp_path / "a.flac"
    soundfile.write(path, tone(44_100), 44_100)
    whole = path.read_bytes()
    expected = heard(path)
    for damaged in (whole[: len(whole) // 2], whole[: len(whole) // 2] + bytes(500) + whole[len(whole) // 2 + 500 :]):
        path.write_bytes(damaged)
        file = AudioFile(path)
        sound = np.concatenate(list(file.blocks()))
        assert 0.3 * SECONDS < len(sound) / RATE_HZ < 0.6 * SECONDS
        np.testing.assert_allclose(sound[:-400], expected[: len(sound) - 400], atol=1e-7)
        assert f"only the first {len(sound) / RATE_HZ:.2f} s can be read" in (file.torn or "")


def test_a_flac_that_does_not_say_how_long_it_is_is_read_to_its_end(tmp_path):
    path = tmp_path / "a.flac"
    soundfile.write(path, tone(44_100), 44_100)
    expected = heard(path)
    flac = bytearray(path.read_bytes())
    flac[21] &= 0xF0
    flac[22:26] = bytes(4)
    path.write_bytes(flac)
    file = AudioFile(path)
    np.testing.assert_array_equal(np.concatenate(list(file.blocks())), expected)
    assert (file.duration_s, file.torn) == (None, None)


def test_what_is_no_number_becomes_silence_and_is_counted(tmp_path):
    sound = tone(48_000)
    sound[1000:1010] = np.nan
    sound[30_000], sound[30_001], sound[30_002] = np.inf, -np.inf, 3e38
    soundfile.write(tmp_path / "a.wav", sound, 48_000, subtype="FLOAT")
    file = AudioFile(tmp_path / "a.wav")
    read = np.concatenate(list(file.blocks()))
    assert file.bad_samples == 13
    assert np.isfinite(read).all()
    assert np.abs(read).max() < 0.5
    np.testing.assert_allclose(read[15_000:20_000], tone(RATE_HZ)[15_000:20_000], atol=2e-3)


def test_chunks_carry_the_time_of_their_first_sample(tmp_path):
    soundfile.write(tmp_path / "a.wav", tone(44_100), 44_100)
    with AudioFile(tmp_path / "a.wav") as file:
        chunks = list(file.chunks("till", 1_000_000_007))
    taken = 0
    for chunk in chunks:
        assert (chunk.microphone, chunk.t_ns) == ("till", 1_000_000_007 + taken * 62_500)
        taken += len(chunk.samples)
    np.testing.assert_array_equal(np.concatenate([c.samples for c in chunks]), heard(tmp_path / "a.wav"))


def test_it_is_read_from_its_beginning_each_time(tmp_path):
    write_wav(tmp_path / "a.wav")
    with AudioFile(tmp_path / "a.wav") as file:
        begun = next(file.blocks())
        again = next(file.blocks())
    np.testing.assert_array_equal(begun, again)


def no_samples(path):
    soundfile.write(path, np.zeros((0, 1)), RATE_HZ)


def header(**change):
    def write(path):
        wav, _ = write_wav(path)
        for place, value in change.values():
            wav[place : place + len(value)] = value
        path.write_bytes(wav)

    return write


@pytest.mark.parametrize(
    ("write", "what"),
    [
        (lambda path: path.write_bytes(b""), "is empty"),
        (lambda path: path.write_text("hello\n" * 99), "is not a sound file .* Give a WAV or FLAC file"),
        (lambda path: path.write_bytes(np.random.default_rng(3).bytes(5000)), "is not a sound file"),
        (lambda path: path.write_bytes(b"RIFF\xff\xff\xff\xffWAVE"), "is not a sound file"),
        (no_samples, "without a single sample"),
        (header(rate=(24, struct.pack("<I", 2**31 - 1))), "has 2147483647 samples a second; 4000 to 768000"),
        (header(rate=(24, bytes(4))), "is not a sound file"),
        (header(channels=(22, struct.pack("<H", 999))), "has 999 channels; up to 64"),
        (header(channels=(22, bytes(2))), "is not a sound file"),
        (lambda path: path.mkdir(), r"cannot be read \(Is a directory\)"),
        (lambda path: os.mkfifo(path), "is not a file"),
        (lambda path: None, r"cannot be read \(No such file or directory\). Check the path"),
    ],
)
def test_what_is_no_sound_is_refused_in_one_sentence(tmp_path, write, what):
    path = tmp_path / "a.wav"
    write(path)
    with pytest.raises(SessionError, match=what) as refused:
        list(AudioFile(path).blocks())
    assert str(refused.value).startswith(f"{path}: ")


def test_a_flac_without_a_readable_sample_is_refused(tmp_path):
    path = tmp_path / "a.flac"
    soundfile.write(path, tone(RATE_HZ), RATE_HZ)
    flac = bytearray(path.read_bytes())
    flac[60:] = np.random.default_rng(3).bytes(len(flac) - 60)
    path.write_bytes(flac)
    with pytest.raises(SessionError, match=r"no sound in it that can be read|is not a sound file"):
        list(AudioFile(path).blocks())


@given(place=st.integers(0, 59), junk=st.binary(min_size=1, max_size=8), length=st.integers(0, 4000))
@settings(max_examples=150, deadline=None)
def test_a_header_of_junk_is_read_or_refused(tmp_path_factory, place, junk, length):
    path = tmp_path_factory.mktemp("junk") / "a.wav"
    wav, _ = write_wav(path, 8_000)
    wav[place : place + len(junk)] = junk
    path.write_bytes(wav[:length])
    with contextlib.suppress(SessionError):
        for block in AudioFile(path).blocks():
            assert block.dtype == np.float32
            assert np.isfinite(block).all()


def test_a_long_file_needs_no_more_memory_than_a_short_one(tmp_path):
    """Ten minutes of 6 channels would be 660 MB as float32; the file itself has holes for its silence."""
    path = tmp_path / "long.wav"
    soundfile.write(path, np.zeros((1, 6)), 48_000, subtype="PCM_16", format="WAVEX")
    wav = bytearray(path.read_bytes())
    data = wav.index(b"data") + 8
    wav[data - 4 : data] = struct.pack("<I", 600 * 48_000 * 12)
    path.write_bytes(wav)
    os.truncate(path, data + 600 * 48_000 * 12)
    code = (
        "import sys, pathlib, resource; from edge.recording.audio import AudioFile\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "n = sum(len(block) for block in AudioFile(pathlib.Path(sys.argv[1])).blocks())\n"
        "print(n, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    told = subprocess.run([sys.executable, "-c", code, path], check=True, capture_output=True, text=True).stdout
    samples, kib = map(int, told.split())
    assert samples == 600 * RATE_HZ
    assert kib < 20_000
