"""What an ear knows of machines comes from disk and goes there, and nothing that was learnt is lost on the way."""

import queue
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from edge.audio.machines import MachineModel
from edge.audio.pipeline import Ear
from edge.clock import monotonic_ns, utc_ns
from edge.daemon.ear_process import EarSpec, PlayedTrack, listen
from edge.daemon.machine_keeper import MachineKeeper
from edge.daemon.sensor import Sensor
from edge.messages import RATE_HZ, AudioChunk
from edge.recording.machine_store import MachineStore
from edge.sensors.intake import Schedule
from edge.settings import EarSettings
from tests.daemon.machine_sounds import freezer_noise, learnt
from tests.delivery.phone import wait_for

SETTINGS = EarSettings(denoise="off")
HOUR_NS = 3600 * 10**9


@pytest.fixture(scope="module")
def model():
    return learnt("freezer")


@pytest.fixture
def store(tmp_path, model):
    kept = MachineStore.of(tmp_path, "till")
    kept.save("freezer", model.to_record())
    return kept


@pytest.fixture
def ear(tmp_path):
    return Ear("till", SETTINGS)


@pytest.fixture
def keeper(tmp_path):
    return MachineKeeper(tmp_path, "till")


def names(ear):
    return [machine.model.name for machine in ear.machines]


def hear(ear, *starts_ns):
    for t_ns in starts_ns:
        ear.step(AudioChunk("till", t_ns, freezer_noise(11.0, seed=2).astype(np.float32)))


def drift(store):
    return store.read("freezer", MachineModel.from_record).machine.drift.tone


def test_machines_are_taken_up_and_let_go_while_the_ear_listens(store, ear, keeper, model):
    keeper.look(ear)
    assert names(ear) == ["freezer"]
    first = ear.machines[0]
    keeper.look(ear)
    assert ear.machines[0] is first
    store.save("fan", replace(model, name="fan").to_record())
    keeper.look(ear)
    assert names(ear) == ["freezer", "fan"]
    assert ear.machines[0] is first
    store.path("freezer").unlink()
    keeper.look(ear)
    assert names(ear) == ["fan"]
    assert keeper.fault is None


def test_a_damaged_machine_is_told_and_the_others_are_heard(store, ear, keeper, model):
    store.save("fan", replace(model, name="fan").to_record())
    damaged = store.path("fan").read_text().replace('"usual"', '"unusual"', 1)
    store.path("fan").write_text(damaged)
    keeper.look(ear)
    assert names(ear) == ["freezer"]
    assert keeper.fault.startswith(f"{store.path('fan')}, model of machine 'fan', tone.usual: ")
    assert keeper.fault.endswith("Learn the machine again: miseban listen --learn fan")
    keeper.finish(ear)
    assert store.path("fan").read_text() == damaged
    store.save("fan", replace(model, name="fan").to_record())
    keeper.look(ear)
    assert (sorted(names(ear)), keeper.fault) == (["fan", "freezer"], None)


def test_the_season_and_the_trend_outlast_a_restart(store, ear, keeper):
    keeper.look(ear)
    hear(ear, 0, HOUR_NS, 2 * HOUR_NS)
    keeper.finish(ear)
    assert np.abs(drift(store)).max() > 0.0
    assert [t_ns for t_ns, _ in store.trend("freezer")] == [0, HOUR_NS]
    again, other = Ear("till", SETTINGS), MachineKeeper(store.folder.parent, "till")
    other.look(again)
    np.testing.assert_array_equal(again.machines[0].model.drift.tone, ear.machines[0].model.drift.tone)
    hear(again, 5 * HOUR_NS, 6 * HOUR_NS)
    other.finish(again)
    assert [t_ns // HOUR_NS for t_ns, _ in store.trend("freezer")] == [0, 1, 5]


def test_the_season_is_kept_once_a_day(store, ear, keeper, monkeypatch):
    keeper.tend(ear)
    hear(ear, 0)
    later_ns = monotonic_ns() + HOUR_NS
    monkeypatch.setattr("edge.daemon.machine_keeper.monotonic_ns", lambda: later_ns)
    keeper.tend(ear)
    assert np.abs(drift(store)).max() == 0.0
    later_ns += 24 * HOUR_NS
    keeper.tend(ear)
    assert np.abs(drift(store)).max() > 0.0


def test_what_was_learnt_anew_meanwhile_is_not_written_over(store, ear, keeper, model):
    keeper.look(ear)
    hear(ear, 0)
    store.save("freezer", replace(model, learnt_s=1234.0).to_record())
    keeper.finish(ear)
    kept = store.read("freezer", MachineModel.from_record).machine
    assert (kept.learnt_s, np.abs(kept.drift.tone).max()) == (1234.0, 0.0)
    keeper.look(ear)
    assert ear.machines[0].model.learnt_s == 1234.0


def test_a_disk_that_fails_is_told_and_forgives(store, ear, keeper):
    keeper.look(ear)
    hear(ear, 0)
    in_the_way = store.folder / ".freezer.json.part"
    in_the_way.mkdir()
    keeper.finish(ear)
    assert "freezer.json: cannot be written" in keeper.fault
    in_the_way.rmdir()
    keeper.finish(ear)
    assert keeper.fault is None
    assert np.abs(drift(store)).max() > 0.0


def test_without_a_folder_nothing_is_kept(ear):
    keeper = MachineKeeper(None, "till")
    keeper.look(ear)
    keeper.tend(ear)
    keeper.finish(ear)
    assert (names(ear), keeper.fault) == ([], None)


def test_a_name_that_is_none_of_a_folder_is_told(ear, tmp_path):
    keeper = MachineKeeper(tmp_path, "..")
    keeper.look(ear)
    assert "microphone '..': is no name that can be used" in keeper.fault


def test_a_process_listens_to_what_was_learnt_tells_what_is_damaged_and_keeps_the_season(store, tmp_path):
    (store.folder / "fan.json").write_text("{")
    clip = tmp_path / "night.wav"
    soundfile.write(clip, freezer_noise(30.0, seed=4), RATE_HZ)
    machines = MachineStore.of(tmp_path, "mic0")
    store.folder.rename(machines.folder)
    track, inbox = PlayedTrack(clip, "mic0", Schedule(utc_ns(), 1.0, loop=True)), queue.Queue()
    sensor = Sensor("mic0", "microphone", listen, EarSpec(track, SETTINGS, tmp_path), inbox)
    sensor.start()
    try:
        first_ns = inbox.get(timeout=40).t_ns
        wait_for(lambda: inbox.get(timeout=5).t_ns - first_ns > 12 * 10**9, 20)
        now = sensor.health()
    finally:
        sensor.stop()
    assert "fan.json: is not JSON" in now.fault
    assert np.abs(drift(machines)).max() > 0.0
