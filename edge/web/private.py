"""Databases that this user alone may read."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Literal


def open_private(path: Path, synchronous: Literal["FULL", "NORMAL"], timeout_s: float) -> sqlite3.Connection:
    """Open a database with a write-ahead log, and make it where there is none.

    SQLite gives its other files the permissions of this one, which are set before anything is in it.

    Raises
    ------
    OSError, sqlite3.Error
        If the disk or its permissions are against it.
    """
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    path.chmod(0o600)
    db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=timeout_s)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute(f"PRAGMA synchronous={synchronous}")
    db.execute("PRAGMA foreign_keys=ON")
    return db
