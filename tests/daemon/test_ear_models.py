"""A model that is damaged costs the box that model, and nothing else."""

import queue

import numpy as np
import soundfile

from edge.clock import utc_ns
from edge.daemon.plugged import plug
from edge.messages import SensorState
from edge.settings import DeviceSettings
from tests.delivery.phone import wait_for

RATE_HZ = 16_000


def test_an_ear_whose_model_is_damaged_listens_and_health_says_why(tmp_path):
    noise = 0.003 * np.random.default_rng(1).standard_normal(4 * RATE_HZ)
    soundfile.write(tmp_path / "hiss.wav", noise.astype(np.float32), RATE_HZ)
    torn = tmp_path / "yamnet.tflite"
    torn.write_bytes(b"torn")
    named = {"session": [{"path": "hiss.wav"}], "models": {"yamnet": torn.name}, "data_dir": "var"}
    settings = DeviceSettings.model_validate(named).beside(tmp_path)
    inbox = queue.Queue()
    (sensor,) = plug(settings, None, inbox, utc_ns()).microphones
    sensor.start()
    try:
        wait_for(lambda: (sensor.check(), not inbox.empty())[1], 60)
        wait_for(lambda: (sensor.check(), sensor.state is SensorState.OK)[1], 20)
        now = sensor.health()
    finally:
        sensor.stop()
    assert sensor.restarts == 0
    assert f"model yamnet, {torn}: is damaged" in now.fault
    assert now.fault.endswith("Until then, sounds are heard without it.")
