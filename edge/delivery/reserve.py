"""Room on the disk that is set aside, so that a full one still takes alerts."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)


class Reserve:
    """A file of no content, which is removed when the disk is full and made again when there is room.

    Parameters
    ----------
    size_bytes
        0 sets nothing aside.
    """

    def __init__(self, path: Path, size_bytes: int) -> None:
        self._path = path
        self._size_bytes = size_bytes

    @property
    def held(self) -> bool:
        """Whether it is there."""
        return self._path.is_file()

    def restore(self) -> bool:
        """Set it aside, where as much again is free after that; whether it is held now."""
        if not self._size_bytes:
            return False
        if self.held:
            return True
        try:
            if shutil.disk_usage(self._path.parent).free < 2 * self._size_bytes:
                return False
            with open(self._path, "xb", opener=_for_us_alone) as file:
                os.posix_fallocate(file.fileno(), 0, self._size_bytes)
        except OSError as error:
            with suppress(OSError):  # the first error is the one to tell
                self._path.unlink(missing_ok=True)
            log.warning("no reserve could be set aside", path=str(self._path), why=error.strerror or str(error))
            return False
        return True

    def give_up(self) -> bool:
        """Make room; whether there was any to make."""
        try:
            self._path.unlink()
        except OSError:
            return False
        log.error("the disk is full; the reserve was given up", path=str(self._path), freed_bytes=self._size_bytes)
        return True


def _for_us_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
