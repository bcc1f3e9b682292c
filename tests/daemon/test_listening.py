"""What a person who listens is told, and how a machine is learnt: from recordings, and from a real sound server."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from rich.console import Console

from edge.audio.machines import MachineModel
from edge.daemon.listening import Progress, Shown, Wish, listen
from edge.daemon.listening_view import CLIPPED_WORDS, SILENT_WORDS, Screen, learnt_words, line, picture
from edge.errors import EdgeError
from edge.messages import RATE_HZ
from edge.recording import open_session
from edge.recording.machine_store import MachineStore
from edge.replay.replay import run
from edge.settings import DeviceSettings, EarSettings
from tests.daemon.machine_sounds import freezer_noise, knocking
from tests.daemon.smoke_alarm import PATTERN_S, smoke_alarm
from tests.delivery.phone import wait_for
from tests.sensors.virtual_microphone import PACKAGES, sound_server, why_missing

QUICK = EarSettings(denoise="off")
needs_sound_server = pytest.mark.skipif(
    bool(why_missing()), reason=f"needs {why_missing()} (make test installs them: {PACKAGES})"
)


def clip(path: Path, sound: np.ndarray, rate_hz: int = RATE_HZ) -> Path:
    soundfile.write(path, sound, rate_hz)
    return path


def device(folder: Path, *microphones: dict[str, object]) -> DeviceSettings:
    return DeviceSettings.model_validate({"data_dir": str(folder), "microphone": list(microphones)})


def hear(wish: Wish) -> list[Shown]:
    shown: list[Shown] = []
    assert listen(wish, shown.append) is None
    return shown


def drawn(shown: Shown) -> str:
    console = Console(file=io.StringIO(), width=110, record=True)
    console.print(picture(shown))
    return console.export_text()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a box that has learnt a freezer from a recording of 70 s."""
    folder = tmp_path_factory.mktemp("box")
    well = clip(folder / "well.wav", freezer_noise(75.0, seed=1))
    shown: list[Shown] = []
    wish = Wish(device(folder), QUICK, "till", open_session(well), learn="freezer")
    learnt = listen(wish, shown.append)
    assert learnt is not None
    assert (learnt.path, learnt.anew) == (folder / "machines/till/freezer.json", False)
    assert learnt.model.learnt_s > 65.0
    assert shown[-1].progress == Progress("freezer", learnt.model.learnt_s, 75.0)
    assert any("--trend freezer" in words for words in learnt_words(learnt))
    return folder


def test_what_was_learnt_is_found_where_the_box_looks(data: Path) -> None:
    model = MachineStore.of(data / "machines", "till").read("freezer", MachineModel.from_record).machine
    assert (model.name, model.learnt_s > 65.0) == ("freezer", True)


def test_a_knock_that_comes_later_is_an_event_and_an_alert_of_a_replay(data: Path, tmp_path: Path) -> None:
    sound = freezer_noise(225.0, seed=2)
    sound[20 * RATE_HZ :] = knocking(sound[20 * RATE_HZ :], seed=3)
    (tmp_path / "store.toml").write_text('[ear]\ndenoise = "off"\n')
    session = open_session(clip(tmp_path / "night.wav", sound), tmp_path / "store.toml")
    run(session, tmp_path / "out", machines=data / "machines/till")
    told = [json.loads(row) for row in (tmp_path / "out/events.jsonl").read_text().splitlines()]
    (wrong,) = [event for event in told if event["kind"] == "machine_anomaly"]
    assert wrong["name"] == "freezer"
    assert 10.0 < wrong["t_start"] < 35.0
    opened = json.loads((tmp_path / "out/alerts.jsonl").read_text().splitlines()[0])
    assert (opened["kind"], opened["state"]) == ("machine_anomaly", "open")


def test_a_smoke_alarm_moves_a_picture_on_a_terminal_and_is_told_in_lines_elsewhere(tmp_path: Path) -> None:
    sound = clip(tmp_path / "alarm.wav", smoke_alarm(2.5 * PATTERN_S, 48_000), 48_000)
    plain = Console(file=io.StringIO(), width=200)
    moving = Console(file=io.StringIO(), width=110, force_terminal=True)
    shown: list[Shown] = []
    with Screen(plain) as lines, Screen(moving) as pictures:

        def show(now: Shown) -> None:
            for take in (lines.show, pictures.show, shown.append):
                take(now)

        listen(Wish(device(tmp_path), QUICK, None, open_session(sound)), show)
    last = shown[-1]
    assert (last.about.microphone, last.model, last.fault) == ("mic0", "session alarm", None)
    assert [event.kind.value for event in last.reading.events] == ["alarm_sound"]
    assert any(one.reading.labels and one.reading.labels[0].label == "alarm_sound" for one in shown)
    assert any(-30.0 < one.reading.level_dbfs < -5.0 for one in shown if one.reading.level_dbfs is not None)
    assert len(shown) > 30
    rows = plain.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert 6 <= len(rows) <= 14
    assert sum("alarm_sound, " in row for row in rows) == 1
    told = moving.file.getvalue()  # type: ignore[attr-defined]
    assert "█" in told
    assert "\x1b[" in told
    assert "alarm_sound, " in drawn(last)


def test_machines_that_are_known_are_shown_and_damaged_ones_are_told(data: Path, tmp_path: Path) -> None:
    store = MachineStore.of(tmp_path / "machines", "mic0")
    store.save("freezer", json.loads((data / "machines/till/freezer.json").read_text()))
    (store.folder / "fan.json").write_text("{")
    sound = clip(tmp_path / "now.wav", freezer_noise(10.5, seed=5))
    last = hear(Wish(device(tmp_path), QUICK, None, open_session(sound)))[-1]
    assert "machine:freezer" in {score.label for score in last.reading.labels}
    assert "fan.json: is not JSON" in line(last)
    assert "freezer" in drawn(last)


def test_sound_that_is_cut_off_and_a_dead_microphone_are_told(tmp_path: Path) -> None:
    t_s = np.arange(2 * RATE_HZ) / RATE_HZ
    loud = hear(Wish(device(tmp_path), QUICK, None, open_session(
        clip(tmp_path / "loud.wav", np.clip(4.0 * np.sin(2 * np.pi * 300.0 * t_s), -1.0, 1.0))
    )))[-1]  # fmt: skip
    assert (loud.reading.clipped, loud.reading.silent) == (True, False)
    assert CLIPPED_WORDS in line(loud)
    assert CLIPPED_WORDS in drawn(loud)
    dead = replace(loud, reading=replace(loud.reading, clipped=False, silent=True))
    assert SILENT_WORDS in line(dead)
    assert CLIPPED_WORDS not in line(dead)
    assert "lost 3 times: this computer is too busy" in line(replace(loud, lost=3))
    assert "too busy" not in line(loud)


def test_levels_are_sound_pressure_where_the_microphone_is_calibrated(tmp_path: Path) -> None:
    sound = clip(tmp_path / "now.wav", freezer_noise(1.0, seed=5))
    last = hear(Wish(device(tmp_path), QUICK, None, open_session(sound)))[-1]
    level = last.reading.level_dbfs
    assert level is not None
    assert "SPL" not in line(last)
    assert f"{level + 100.0:.0f} dB SPL" in line(replace(last, about=replace(last.about, full_scale_db_spl=100.0)))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ear": EarSettings(enabled=False)}, "hearing is switched off here"),
        ({"learn": "../door"}, "is no name that can be used"),
        ({"learn": "fan", "microphone": ".."}, "is no name that can be used"),
        ({"learn": "fan", "minutes": 0.5}, "Give 1 to 60"),
        ({"learn": "fan"}, r"machine 'fan': was heard alone for 0 s in 0 windows; .*nobody speaks beside it"),
        ({"session": None, "microphone": "door"}, "is not named in device.toml. There are: till, hall."),
        ({"session": None}, "names 2 microphones. Say which one: till, hall."),
    ],
)
def test_what_cannot_be_heard_or_learnt_is_said(tmp_path: Path, changes: dict[str, object], words: str) -> None:
    short = open_session(clip(tmp_path / "short.wav", freezer_noise(3.0, seed=6)))
    plugged = device(tmp_path / "box", {"id": "till"}, {"id": "hall"})
    wish = replace(Wish(plugged, QUICK, None, short), **changes)  # type: ignore[arg-type]
    with pytest.raises(EdgeError, match=words):
        listen(wish, lambda shown: None)
    assert not (tmp_path / "box").exists()


# --------------------------------------------------------------------------------------------- with a sound server


@pytest.fixture(scope="module")
def server() -> Iterator[None]:
    with sound_server() as running:
        running.plug(freezer_noise(30.0, seed=8, rate_hz=48_000)[:, None], 48_000)
        yield


class Run:
    """The command in a process of its own, at a folder with its device.toml."""

    def __init__(self, folder: Path, *words: str) -> None:
        (folder / "device.toml").write_text('data_dir = "box"\n[[microphone]]\nid = "till"\ndevice = "pulse"\n')
        (folder / "store.toml").write_text('[ear]\ndenoise = "off"\n')
        command = [sys.executable, "-m", "edge", "listen", *words]
        environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
        self.process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for row in self.process.stdout:
            self.lines.append(row.rstrip())

    def end(self, timeout_s: float) -> tuple[int, str]:
        code = self.process.wait(timeout_s)
        self._reader.join(5.0)
        assert self.process.stderr is not None
        return code, self.process.stderr.read()


@needs_sound_server
@pytest.mark.usefixtures("server")
def test_a_real_microphone_is_learnt_from_and_ctrl_c_with_too_little_says_so(tmp_path: Path) -> None:
    ran = Run(tmp_path, "--learn", "freezer")
    counted = wait_for(lambda: [row for row in ran.lines if "learning freezer: 1" in row], 40)
    assert "of 300 s" in counted[0]
    ran.process.send_signal(signal.SIGINT)
    code, error = ran.end(10)
    assert code == 1
    assert error.startswith("Error: machine 'freezer': was heard alone for 1")
    assert "Traceback" not in error
    assert not (tmp_path / "box").exists()


@needs_sound_server
@pytest.mark.usefixtures("server")
def test_a_real_microphone_is_shown_for_as_long_as_wished(tmp_path: Path) -> None:
    ran = Run(tmp_path, "till", "--minutes", "0.05")
    code, error = ran.end(40)
    assert (code, error) == (0, "")
    assert len(ran.lines) >= 2
    level = float(ran.lines[-1].split("level ")[1].split(" dBFS")[0])
    assert -42.0 < level < -32.0


@needs_sound_server
@pytest.mark.usefixtures("server")
def test_a_device_that_is_not_there_is_told_at_once(tmp_path: Path) -> None:
    began = time.monotonic()
    wish = Wish(device(tmp_path, {"id": "till", "device": "no such device"}), QUICK)
    with pytest.raises(EdgeError, match=r"'no such device': there is no such device\. Plug it in, or choose one of"):
        listen(wish, lambda shown: None)
    assert time.monotonic() - began < 10.0
