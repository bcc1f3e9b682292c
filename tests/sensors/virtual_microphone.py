"""A microphone without hardware: PulseAudio with a source that takes its sound from a pipe, in real time.

Which sample was handed over when is known to some milliseconds.  Needs no D-Bus, no systemd and no settings of its own.
"""

import ctypes.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soxr

from edge.messages import RATE_HZ

PACKAGES = "libportaudio2 pulseaudio pulseaudio-utils libasound2-plugins"
HAND_OVER_S = 0.01
READY_S = 5.0


def why_missing():
    """Which of the packages this machine lacks; empty when tests can run."""
    there = {
        "libportaudio2": ctypes.util.find_library("portaudio"),
        "pulseaudio": shutil.which("pulseaudio"),
        "pulseaudio-utils": shutil.which("pactl"),
        "libasound2-plugins": list(Path("/usr/lib").glob("*/alsa-lib/libasound_module_pcm_pulse.so")),
    }
    return " ".join(package for package, found in there.items() if not found)


class SoundServer:
    """A PulseAudio of our own, that the code under test finds through the environment."""

    def __init__(self):
        self._folder = Path(tempfile.mkdtemp(prefix="microphone-"))
        (self._folder / "pulse").mkdir(mode=0o700)
        self._socket = self._folder / "pulse/native"
        self._fifo = self._folder / "fifo"
        self.environment = {
            "XDG_RUNTIME_DIR": str(self._folder),
            "XDG_CONFIG_HOME": str(self._folder),
            "PULSE_RUNTIME_PATH": str(self._folder / "pulse"),
            "PULSE_SERVER": f"unix:{self._socket}",
        }
        self._server = self._player = None
        self._module = ""

    def start(self):
        self._socket.unlink(missing_ok=True)
        arguments = (
            "-n --daemonize=no --exit-idle-time=-1 --use-pid-file=no --log-level=error --realtime=no --high-priority=no"
        )
        module = f"module-native-protocol-unix auth-anonymous=1 socket={self._socket}"
        self._server = subprocess.Popen(
            ["pulseaudio", *arguments.split(), "-L", module],
            env=os.environ | self.environment,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + READY_S
        while not self._pactl("info", check=False):
            assert time.monotonic() < until, "PulseAudio does not start"
            time.sleep(0.02)

    def kill(self):
        self._stop_playing()
        if self._server is not None:
            self._server.kill()
            self._server.wait()

    def freeze(self):
        self._server.send_signal(signal.SIGSTOP)

    def thaw(self):
        self._server.send_signal(signal.SIGCONT)

    def plug(self, sound, rate_hz):
        """Plug a microphone in that hears ``sound`` (n, channels) over and over; returns what can be known of it."""
        self._fifo.unlink(missing_ok=True)
        where = f"source_name=virtual file={self._fifo}"
        self._module = self._pactl(
            "load-module",
            "module-pipe-source",
            *where.split(),
            "format=s16le",
            f"rate={rate_hz}",
            f"channels={sound.shape[1]}",
        )
        self._pactl("set-default-source", "virtual")
        np.save(self._folder / "sound.npy", np.round(sound * 32767).astype("<i2"))
        self._player = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.sensors.virtual_microphone",
                self._fifo,
                self._folder / "sound.npy",
                str(rate_hz),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        return Played(sound, rate_hz, int(self._player.stdout.readline()))

    def unplug(self):
        self._stop_playing()
        self._pactl("unload-module", self._module)

    def remove(self):
        self.kill()
        shutil.rmtree(self._folder)

    def _stop_playing(self):
        if self._player is not None:
            self._player.kill()
            self._player.communicate()
            self._player = None

    def _pactl(self, *arguments, check=True):
        environment = os.environ | self.environment
        done = subprocess.run(["pactl", *arguments], env=environment, check=check, capture_output=True, text=True)
        return done.stdout.strip()


class Played:
    """What a virtual microphone hears: ``sound``, over and over, its first sample taken at ``t_ns`` UTC."""

    def __init__(self, sound, rate_hz, t_ns):
        self.sound, self.rate_hz, self.t_ns = sound, rate_hz, t_ns

    def off_ms(self, chunks, channel=0):
        """By how much the times of chunks are late, one by one; None where they hold something else."""
        period = len(self.sound) * RATE_HZ // self.rate_hz
        thrice = np.tile(self.sound[:, channel], 3).astype(np.float32)
        truth = soxr.resample(thrice, self.rate_hz, RATE_HZ)[period : 2 * period]
        return [self._off_ms(chunk, truth) for chunk in chunks]

    def _off_ms(self, chunk, truth):
        spectrum = np.fft.rfft(truth) * np.conj(np.fft.rfft(chunk.samples, len(truth)))
        alike = np.fft.irfft(spectrum, len(truth))
        best = int(np.argmax(alike))
        likeness = (
            alike[best] / np.linalg.norm(chunk.samples) / np.linalg.norm(np.roll(truth, -best)[: len(chunk.samples)])
        )
        if not likeness > 0.9:
            return None
        claimed = (chunk.t_ns - self.t_ns) * RATE_HZ / 1e9
        off = (claimed - best + len(truth) / 2) % len(truth) - len(truth) / 2
        return off * 1000 / RATE_HZ


@contextmanager
def sound_server():
    server = SoundServer()
    server.start()
    before = {name: os.environ.get(name) for name in server.environment}
    os.environ.update(server.environment)
    try:
        yield server
    finally:
        server.remove()
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def play(fifo, sound, rate_hz):
    """Hand over each hundredth of a second when it is over, until killed; tells when the first one began."""
    handle = os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
    step = round(rate_hz * HAND_OVER_S)
    began, began_utc_ns, handed = time.monotonic(), time.time_ns(), 0
    sys.stdout.write(f"{began_utc_ns}\n")
    sys.stdout.flush()
    while True:
        handed += step
        time.sleep(max(0.0, began + handed / rate_hz - time.monotonic()))
        at = np.arange(handed - step, handed) % len(sound)
        try:
            os.write(handle, sound[at].tobytes())
        except BlockingIOError:
            pass  # the server is frozen: what it does not take is lost


if __name__ == "__main__":
    play(sys.argv[1], np.load(sys.argv[2]), int(sys.argv[3]))
