"""Databases that this user alone may read."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Literal


def open_private(path: Path, synchronous: Literal["FULL", "NORMAL"], timeout_s: float) -> sqlite3.Connection:
    """Open a database with a write-ahead log, and make it where there is none.

    SQLite gives its other files the permissions of this one, which are set before anything is in it.  A file that is
    there is not opened here: closing it again would take away the locks of all of this process's connections to it,
    and another process that leaves would take the log along (https://sqlite.org/howtocorrupt.html, 2.2).

    Raises
    ------
    OSError, sqlite3.Error
        If the disk or its permissions are against it.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        path.chmod(0o600)
    db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=timeout_s)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute(f"PRAGMA synchronous={synchronous}")
    db.execute("PRAGMA foreign_keys=ON")
    return db
