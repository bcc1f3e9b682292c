"""Play a sound file and end: a process of its own, so that a sound server that hangs or a driver that crashes takes
nothing else along.

``python -m edge.delivery.channels.play FILE [DEVICE]`` prints one line of JSON: the device, and how often it ran dry.
Any fault is one line on standard error, and exit code 1.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
import soundfile

BLOCK_S = 0.1
LATENCY_S = 0.3


class NoSpeaker(Exception):
    """Why nothing can be played; its words are for people."""


def play(path: str, name: str | None) -> dict[str, object]:
    """Play the file to its end, and say on which device."""
    sound, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    try:
        import sounddevice
    except OSError:
        raise NoSpeaker("the PortAudio library is missing; as root: apt-get install libportaudio2") from None
    number, device = _chosen(sounddevice, name)
    channels = min(2, int(device["max_output_channels"]))
    dry = 0
    try:
        with sounddevice.OutputStream(
            samplerate=rate_hz, device=number, channels=channels, dtype="float32", latency=LATENCY_S
        ) as stream:
            block = round(BLOCK_S * rate_hz)
            for at in range(0, len(sound), block):
                part = np.repeat(sound[at : at + block, :1], channels, axis=1)
                dry += bool(stream.write(np.ascontiguousarray(part)))
            stream.stop()  # waits until all of it was heard
    except sounddevice.PortAudioError as error:
        raise NoSpeaker(f"the device cannot be opened ({_words(error)})") from None
    return {"device": device["name"], "dry": dry}


def _chosen(sounddevice: Any, name: str | None) -> tuple[int, Any]:
    """The device of that name or a part of it, or the default one."""
    try:
        devices = [(i, entry) for i, entry in enumerate(sounddevice.query_devices()) if entry["max_output_channels"]]
        default = sounddevice.default.device[1]
    except sounddevice.PortAudioError as error:
        raise NoSpeaker(f"the sound of this machine is not set up ({_words(error)})") from None
    known = ", ".join(repr(entry["name"]) for _, entry in devices) or "none"
    if name is None:
        found = [one for one in devices if one[0] == default] or devices[:1]
    else:
        exact = [one for one in devices if one[1]["name"] == name]
        found = exact or [one for one in devices if name.lower() in one[1]["name"].lower()]
    if not found:
        raise NoSpeaker(f"there is no such device; there are: {known}")
    if len(found) > 1:
        raise NoSpeaker(f"{len(found)} devices are called so; give more of the name. There are: {known}")
    return found[0]


def _words(error: Exception) -> str:
    return str(error.args[0]) if error.args else type(error).__name__


def main(arguments: Sequence[str]) -> int:
    """The command."""
    try:
        told = play(arguments[0], arguments[1] if len(arguments) > 1 else None)
    except (NoSpeaker, OSError, soundfile.LibsndfileError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(json.dumps(told) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
