"""A voice in the shop, through the machine's own sound output."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Final

from edge.clock import utc_ns
from edge.delivery.channels.speech import Sound, Speech
from edge.delivery.notices import TEST, Notice
from edge.delivery.notify import Channel, ChannelFault
from edge.errors import DeliveryError
from edge.settings.channels import SpeakerChannel

PATIENCE_S: Final = 12.0
"""Longer than the sound itself: the process has to start, and a sound server may."""


class Speaker(Channel):
    """Plays a chime, and says what happened where.

    Parameters
    ----------
    clock_time
        ``HH:MM`` in the shop at a time in nanoseconds, for the quiet hours.
    """

    stale_s = 60.0

    def __init__(self, settings: SpeakerChannel, speech: Speech, clock_time: Callable[[int], str]) -> None:
        self._settings = settings
        self._speech = speech
        self._clock_time = clock_time
        self._lock = threading.Lock()
        self._player: subprocess.Popen[str] | None = None
        self._ending = False
        self._where = f"speaker {settings.id!r}"

    def deliver(self, notice: Notice) -> str | None:
        """Play it to its end; in quiet hours nothing, and a summary never."""
        if notice.silent or (notice.kind != TEST and self._is_quiet(self._clock_time(utc_ns()))):
            return None
        try:
            sound = self._speech.sound(notice)
        except DeliveryError as error:
            raise ChannelFault(self._where, str(error), "See the log.") from None
        return self._play(sound)

    def interrupt(self) -> None:
        """Stop in the middle of a word: the box ends."""
        with self._lock:
            self._ending = True
            if self._player is not None:
                self._player.kill()

    def _play(self, sound: Sound) -> str:
        name = [] if self._settings.device is None else [self._settings.device]
        player = self._start([sys.executable, "-m", "edge.delivery.channels.play", str(sound.path), *name])
        try:
            out, err = player.communicate(timeout=sound.seconds + PATIENCE_S)
        except subprocess.TimeoutExpired:
            player.kill()
            player.communicate()
            raise ChannelFault(self._where, "the sound server hangs", "Check it, and the device.") from None
        finally:
            with self._lock:
                self._player = None
        if player.returncode != 0:
            said = err.strip().splitlines()
            raise ChannelFault(self._where, said[-1][:300] if said else "the player was ended", "Check the device.")
        told = json.loads(out.strip().splitlines()[-1])
        dry = f", {told['dry']} gaps" if told["dry"] else ""
        device = str(told["device"])[:100]
        return f"played {sound.seconds:.1f} s at {sound.level_dbfs:.0f} dBFS on {device!r} ({sound.voice}){dry}"

    def _start(self, command: list[str]) -> subprocess.Popen[str]:
        with self._lock:
            if self._ending:
                raise ChannelFault(self._where, "the box ends", "Start it again.")
            self._player = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                process_group=0,  # Ctrl-C is for the box
            )
            return self._player

    def _is_quiet(self, now: str) -> bool:
        begin, end = self._settings.quiet_from, self._settings.quiet_to
        if begin is None or end is None:
            return False
        return begin <= now < end if begin <= end else now >= begin or now < end
