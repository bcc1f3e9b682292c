"""A box that is killed and started again, as its supervisor would do it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx

from edge.delivery.broker import free_port

ROOT = Path(__file__).resolve().parents[2]


class Box:
    """Forks of :mod:`tests.chaos.box`, one at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.box", str(folder), str(self.port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=(folder / "errors").open("ab"),
            text=True,
            cwd=ROOT,
        )
        self.pid: int | None = None

    @property
    def url(self) -> str:
        """Where its page is."""
        return f"http://127.0.0.1:{self.port}/"

    def start(self, alerts_per_s: float = 0.0) -> None:
        """Start one that makes so many alerts; returns before it answers."""
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.write(f"{alerts_per_s}\n")
        self._parent.stdin.flush()
        line = self._parent.stdout.readline()
        assert line, (self.folder / "errors").read_text()
        self.pid = int(line)

    def kill(self, number: int = signal.SIGKILL) -> None:
        """End it; the next start waits until it is gone."""
        if self.pid is not None:
            _send(self.pid, number)
            self.pid = None

    def kill_broker(self, number: int) -> bool:
        """End its broker, which it does not know of; False where there is none at the moment."""
        try:
            pid = int((self.folder / "broker/mosquitto.pid").read_text())
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return False
        if os.fsencode(self.folder) not in command:
            return False
        return _send(pid, number)

    def wait_until_up(self, timeout_s: float = 30.0) -> None:
        """Until its page answers."""
        give_up = time.monotonic() + timeout_s
        while time.monotonic() < give_up:
            try:
                if httpx.get(f"{self.url}healthz", timeout=2.0).status_code == 200:
                    return
            except httpx.HTTPError:
                time.sleep(0.05)
        fault = self.folder / "fault"
        raise AssertionError(fault.read_text() if fault.exists() else "the box does not come up")

    def close(self) -> None:
        """End everything in order."""
        self.kill(signal.SIGTERM)
        assert self._parent.stdin is not None
        self._parent.stdin.close()
        self._parent.wait(20)
        assert self._parent.stdout is not None
        self._parent.stdout.close()
        self.kill_broker(signal.SIGTERM)


def _send(pid: int, number: int) -> bool:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True
