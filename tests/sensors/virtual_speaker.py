"""A speaker without hardware: a PulseAudio sink that plays into nothing, and whose monitor we record."""

import os
import subprocess
import time
from contextlib import contextmanager

import numpy as np

RATE_HZ = 16_000


@contextmanager
def null_sink(server, name="ceiling"):
    """A sink that is the server's default, for as long as that lives; yields its name."""
    where = f"sink_name={name} rate=48000 sink_properties=device.description={name}"
    server._pactl("load-module", "module-null-sink", *where.split())
    server._pactl("set-default-sink", name)
    yield name


class Recording:
    """What a sink plays, as float samples at 16 kHz, from ``with`` on."""

    def __init__(self, server, sink):
        self._environment = os.environ | server.environment
        self._command = [
            "parec",
            f"--device={sink}.monitor",
            "--format=s16le",
            f"--rate={RATE_HZ}",
            "--channels=1",
            "--latency-msec=20",
            "--raw",
        ]
        self.samples = np.zeros(0, np.float32)

    def __enter__(self):
        self._process = subprocess.Popen(self._command, env=self._environment, stdout=subprocess.PIPE)
        time.sleep(0.5)
        return self

    def __exit__(self, *_):
        time.sleep(0.7)
        self._process.terminate()
        raw, _ = self._process.communicate()
        self.samples = np.frombuffer(raw[: len(raw) // 2 * 2], "<i2").astype(np.float32) / 32768


def band_share(samples, low_hz, high_hz):
    """Share of the energy in a band."""
    power = np.abs(np.fft.rfft(samples)) ** 2
    frequencies = np.fft.rfftfreq(len(samples), 1 / RATE_HZ)
    return float(power[(frequencies >= low_hz) & (frequencies < high_hz)].sum() / power.sum())
