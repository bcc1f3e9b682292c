"""One daemon per data folder."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO

from edge.errors import EdgeError


class InstanceLock:
    """Held from making to :meth:`release`; the system gives it back when the process dies, however it dies.

    Raises
    ------
    EdgeError
        If another daemon holds it, or the folder cannot be used.
    """

    def __init__(self, data_dir: Path) -> None:
        path = data_dir / "lock"
        try:
            data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file: IO[str] = path.open("a+")
        except OSError as error:
            what = f"cannot be written to ({error.strerror})"
            raise EdgeError(str(data_dir), what, "Change data_dir in device.toml, or its owner.") from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.seek(0)
            holder = self._file.read().strip()
            self._file.close()
            what = f"another Miseban is running with it (process {holder or 'unknown'})"
            raise EdgeError(str(data_dir), what, "End it first, or give this one another data_dir.") from None
        self._file.truncate(0)
        self._file.write(f"{os.getpid()}\n")
        self._file.flush()

    def release(self) -> None:
        """Let another daemon use the folder."""
        self._file.close()
