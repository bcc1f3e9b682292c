"""The speaker, heard: PulseAudio plays into a sink of ours, whose monitor is recorded."""

import shutil
import stat
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from edge.clock import utc_ns
from edge.delivery import notices
from edge.delivery.channels import speaker as speaker_module
from edge.delivery.channels import speech as speech_module
from edge.delivery.channels.speaker import Speaker
from edge.delivery.channels.speech import BUNDLED, CHIME_HZ, Speech
from edge.delivery.notify import ChannelFault
from edge.delivery.phrases import KINDS, Phrases
from edge.settings.channels import SpeakerChannel
from tests.delivery.phone import wait_for
from tests.sensors.virtual_microphone import sound_server, why_missing
from tests.sensors.virtual_speaker import RATE_HZ, Recording, band_share, null_sink

needs_sound = pytest.mark.skipif(bool(why_missing()), reason=f"not installed: {why_missing()}")
needs_voice = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
CHIME_S = 0.9


@pytest.fixture(scope="module")
def server():
    with sound_server() as running, null_sink(running):
        yield running


@pytest.fixture
def make(tmp_path):
    def made(now="12:00", recordings=None, **more):
        settings = SpeakerChannel(**{"id": "voice", "kind": "speaker", "language": "en", "device": "pulse"} | more)
        phrases = Phrases(settings.language, "Corner shop", {"hall": "aisle"})
        speech = Speech(tmp_path / "speech", settings.language, phrases, settings.volume, recordings)
        return Speaker(settings, speech, lambda t_ns: now)

    return made


@needs_sound
@needs_voice
@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_chime_and_words_come_out_of_the_speaker(server, make, red, language):
    voice = make(language=language)
    with Recording(server, "ceiling") as heard:
        said = voice.deliver(red)
    assert said.startswith("played ")
    assert "dBFS on 'pulse' (espeak-ng)" in said
    loud = np.flatnonzero(np.abs(heard.samples) > 0.003)
    assert len(loud)
    begin = loud[0]
    chime = heard.samples[begin : begin + round(0.8 * RATE_HZ)]
    words = heard.samples[begin + round(1.1 * RATE_HZ) : loud[-1]]
    assert len(words) > 1.0 * RATE_HZ
    # A bell is a few lines; a voice fills the band of speech and comes in syllables.
    assert sum(band_share(chime, tone - 15, tone + 15) for tone in CHIME_HZ) > 0.7
    assert band_share(words, 100, 4000) > 0.9
    assert sum(band_share(words, tone - 15, tone + 15) for tone in CHIME_HZ) < 0.3
    parts = np.sqrt(np.mean(words[: len(words) // 800 * 800].reshape(-1, 800) ** 2, axis=1))
    assert np.percentile(parts, 90) > 5 * np.percentile(parts, 10)


@needs_sound
def test_volume_is_kept(server, make, red):
    levels = []
    for volume in (0.8, 0.2):
        voice = make(volume=volume)
        with Recording(server, "ceiling") as heard:
            voice.deliver(red)
        levels.append(np.sqrt(np.mean(heard.samples**2)))
    assert 3.0 < levels[0] / levels[1] < 5.3


@needs_sound
def test_nothing_sounds_in_quiet_hours_but_a_test_does(server, make, red):
    voice = make(now="23:30", quiet_from="22:00", quiet_to="07:00")
    with Recording(server, "ceiling") as heard:
        assert voice.deliver(red) is None
    assert not np.any(np.abs(heard.samples) > 0.001)
    assert voice.deliver(notices.trial(utc_ns())).startswith("played")


@pytest.mark.parametrize(
    ("begin", "end", "now", "quiet"),
    [("22:00", "07:00", "22:00", True), ("22:00", "07:00", "06:59", True), ("22:00", "07:00", "07:00", False),
     ("12:00", "13:00", "12:30", True), ("12:00", "13:00", "13:00", False), (None, None, "03:00", False)],
)  # fmt: skip
def test_quiet_hours_may_pass_midnight(make, red, monkeypatch, begin, end, now, quiet):
    voice = make(now=now, quiet_from=begin, quiet_to=end)
    monkeypatch.setattr(voice, "_play", lambda sound: "played")
    assert (voice.deliver(red) is None) is quiet


@needs_sound
def test_a_device_that_is_not_there_is_told_of(server, make, red):
    with pytest.raises(ChannelFault, match=r"speaker 'voice': there is no such device; there are: .*pulse"):
        make(device="Ceiling loudspeaker").deliver(red)


@needs_sound
def test_a_sound_server_that_hangs_is_given_up(make, red, monkeypatch):
    monkeypatch.setattr(speaker_module, "PATIENCE_S", 1.0)
    with sound_server() as other, null_sink(other, "other"):
        other.freeze()
        began = time.monotonic()
        with pytest.raises(ChannelFault, match="hangs"):
            make().deliver(red)
        assert time.monotonic() - began < 12
        other.thaw()


@needs_sound
def test_the_end_of_the_box_ends_it_in_the_middle_of_a_word(server, make, red):
    voice, faults = make(), []

    def deliver():
        try:
            voice.deliver(red)
        except ChannelFault as fault:
            faults.append(fault)

    thread = threading.Thread(target=deliver)
    thread.start()
    wait_for(lambda: voice._player is not None)
    voice.interrupt()
    thread.join(2)
    assert not thread.is_alive()
    assert len(faults) == 1


def test_a_summary_is_not_spoken(make, red):
    assert make().deliver(notices.away([red])) is None


@needs_voice
def test_words_are_made_once_name_the_place_and_are_private(tmp_path, make, red, monkeypatch):
    speech = make()._speech
    first = speech.sound(red)
    assert first.voice == "espeak-ng"
    monkeypatch.setattr(speech_module, "synthesise", lambda *a: pytest.fail("made again"))
    assert speech.sound(red) == first
    assert stat.S_IMODE((tmp_path / "speech").stat().st_mode) == 0o700
    elsewhere = replace(red, spot=None)
    monkeypatch.setattr(speech_module, "synthesise", lambda program, language, text, path: said.append(text))
    said = []
    speech.sound(elsewhere)
    assert said == ["Somebody is in the closed shop."]


def test_somebodys_own_recording_comes_first_and_at_the_same_level(tmp_path, make, red):
    own = tmp_path / "own"
    own.mkdir()
    t = np.arange(22_050) / 22_050
    soundfile.write(own / "intrusion.wav", 0.05 * np.sin(2 * np.pi * 300 * t), 22_050)
    sound = make(recordings=own)._speech.sound(red)
    assert sound.voice == "recording"
    quiet = sound.level_dbfs
    soundfile.write(own / "intrusion.wav", 0.8 * np.sin(2 * np.pi * 300 * t), 22_050)
    assert abs(make(recordings=own)._speech.sound(red).level_dbfs - quiet) < 1.0


def test_without_a_voice_the_bundled_phrases_speak(make, red, monkeypatch):
    monkeypatch.setattr(speech_module.shutil, "which", lambda name: None)
    assert make()._speech.sound(red).voice == "bundled"
    assert make()._speech.sound(replace(red, kind="object_left")).voice == "bundled"  # says that a person is needed


def test_bundled_phrases_are_whole():
    for language in ("ja", "en"):
        names = {path.stem for path in (BUNDLED / language).glob("*.ogg")}
        assert "other" in names
        assert names <= {*KINDS[language], "other"}
        for path in (BUNDLED / language).glob("*.ogg"):
            sound, rate_hz = soundfile.read(path)
            assert 0.5 < len(sound) / rate_hz < 6.0
            assert np.sqrt(np.mean(sound**2)) > 0.02


def test_a_full_cache_loses_its_oldest(tmp_path, make, red, monkeypatch):
    monkeypatch.setattr(speech_module, "MOST_KEPT", 4)
    monkeypatch.setattr(speech_module.shutil, "which", lambda name: None)
    for volume in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6):
        assert make(volume=volume)._speech.sound(red).path.exists()
    assert len(list((tmp_path / "speech").iterdir())) == 4
