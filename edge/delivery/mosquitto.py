"""``mosquitto`` as a child process: configuration, passwords and rights are made anew for each run.

Durability as measured: with ``autosave_on_changes`` and ``autosave_interval 1`` messages that wait for a sleeping phone
survive a broker that is killed; with the defaults they do not.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from edge.delivery.roles import Roles
from edge.errors import DeliveryError

START_TIMEOUT_S = 5.0
STOP_TIMEOUT_S = 2.0

_CONFIG = """\
# Written by Miseban at each start; changes made here are lost.
{user}per_listener_settings false
listener {port} 127.0.0.1
max_connections 200
allow_anonymous false
password_file {folder}/passwords
acl_file {folder}/acl
persistence true
persistence_location {folder}/
autosave_on_changes true
autosave_interval 1
persistent_client_expiration 7d
max_queued_messages 20000
max_queued_bytes 67108864
message_size_limit 262144
set_tcp_nodelay true
sys_interval 0
connection_messages false
log_dest stderr
log_type error
log_type warning
"""


class MosquittoBroker:
    """One run of mosquitto, listening on loopback only.

    Parameters
    ----------
    program
        Path of the executable.
    folder
        Configuration, passwords (mode 0600) and saved messages.
    """

    def __init__(self, program: str, folder: Path, roles: Roles, port: int) -> None:
        self._program = program
        self._folder = folder.absolute()
        self._roles = roles
        self._port = port
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The child's process id while there is one."""
        return None if self._child is None else self._child.pid

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises
        ------
        DeliveryError
            If it does not answer within five seconds, with what it said.
        """
        try:
            self._end_orphan()
            config = self._write_files()
            with (self._folder / "mosquitto.log").open("wb") as output:
                self._child = subprocess.Popen(
                    [self._program, "-c", str(config)],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    process_group=0,  # Ctrl-C is for the box, which has last words to say over this broker
                )
            (self._folder / "mosquitto.pid").write_text(f"{self._child.pid}\n")
        except (OSError, subprocess.SubprocessError) as error:
            raise DeliveryError(self._program, f"cannot be started ({error})", "Check the installation.") from error
        give_up = time.monotonic() + START_TIMEOUT_S
        while self.alive() and time.monotonic() < give_up:
            if _answers(self._port):
                return
            time.sleep(0.02)
        said = (self._folder / "mosquitto.log").read_text(errors="replace").strip().splitlines()
        raise DeliveryError(self._program, f"did not come up: {said[-1] if said else 'no word'}", "See mosquitto.log.")

    def alive(self) -> bool:
        """Whether the process runs."""
        return self._child is not None and self._child.poll() is None

    def stop(self) -> None:
        """End it in order, so that it saves what it holds; by force when it does not go."""
        if self._child is None:
            return
        self._child.terminate()
        try:
            self._child.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        (self._folder / "mosquitto.pid").unlink(missing_ok=True)

    def _write_files(self) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder.chmod(0o700)
        # Started by root, mosquitto would change to a user that cannot read this folder.
        user = "user root\n" if os.geteuid() == 0 else ""
        config = self._folder / "mosquitto.conf"
        _write_private(config, _CONFIG.format(user=user, port=self._port, folder=self._folder))
        rights = [
            line
            for name in self._roles.passwords()
            for line in (
                f"user {name}",
                *(f"topic read {topic}" for topic in self._roles.readable()[name]),
                *(f"topic write {topic}" for topic in self._roles.writable()[name]),
            )
        ]
        _write_private(self._folder / "acl", "\n".join(rights) + "\n")
        passwords = self._folder / "passwords"
        _write_private(passwords, "".join(f"{n}:{p}\n" for n, p in self._roles.passwords().items()))
        # Hashes the file in place; on a command line a password could be read by others.
        hasher = shutil.which("mosquitto_passwd") or str(Path(self._program).with_name("mosquitto_passwd"))
        subprocess.run([hasher, "-U", str(passwords)], check=True, capture_output=True, timeout=10)
        passwords.chmod(0o600)
        return config

    def _end_orphan(self) -> None:
        """End the child of a daemon that was killed: two brokers must not share one folder."""
        pid_file = self._folder / "mosquitto.pid"
        try:
            pid = int(pid_file.read_text())
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return
        if os.fsencode(self._folder / "mosquitto.conf") not in command:
            return
        os.kill(pid, signal.SIGTERM)
        give_up = time.monotonic() + STOP_TIMEOUT_S
        while Path(f"/proc/{pid}/cmdline").exists() and time.monotonic() < give_up:
            time.sleep(0.02)


def _write_private(path: Path, text: str) -> None:
    """Write a file that is readable by its owner alone from its first byte on."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0
