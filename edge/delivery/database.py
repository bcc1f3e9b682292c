"""A SQLite file of ours: one transaction at a time, each on disk when it is done, faults in one family of errors."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Concatenate, Final, ParamSpec, Protocol, TypeVar

from edge.delivery.reserve import Reserve
from edge.errors import DeliveryError

RESERVE_BYTES: Final = 8 * 2**20
"""Some thousands of changes of alerts."""
LOG_PAGES: Final = 250
"""The log begins anew after so many, 1 MB: most of the reserve is for what it is kept for."""
_NO_ROOM: Final = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR})

P = ParamSpec("P")
T = TypeVar("T")


class DiskFull(DeliveryError):
    """The disk does not take any more."""


class Database:
    """Write-ahead log and ``synchronous=FULL``: what is committed has been fsynced.  Safe to use from several threads.

    Parameters
    ----------
    path
        The file; it is created when missing.
    schema
        Statements that may be repeated.
    version
        Of the format; a file of another one is not touched.

    Raises
    ------
    DeliveryError
        Here and in every transaction, when the disk does not take or give what it should.
    """

    def __init__(self, path: Path, schema: str, version: int, reserve_bytes: int = RESERVE_BYTES) -> None:
        self.path = path
        self.reserve = Reserve(path.with_name(f"{path.name}.reserve"), reserve_bytes)
        self._lock = threading.Lock()
        try:
            self._open(path, schema, version)
        except DiskFull:
            if not self.reserve.give_up():
                raise
            self._open(path, schema, version)
        self.reserve.restore()

    def _open(self, path: Path, schema: str, version: int) -> None:
        with self._faults():
            self.connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=5.0)
            self.connection.execute("PRAGMA journal_mode=WAL")
            self.connection.execute("PRAGMA synchronous=FULL")
            self.connection.execute(f"PRAGMA wal_autocheckpoint={LOG_PAGES}")
            there = self.connection.execute("PRAGMA user_version").fetchone()[0]
            if there not in (0, version):
                raise DeliveryError(str(path), f"was written by another version (format {there})", "Move it away.")
            self.connection.executescript(schema)
            self.connection.execute(f"PRAGMA user_version={version}")

    def close(self) -> None:
        """Give the file back; what was committed stays."""
        with self._lock:
            self.connection.close()

    def make_room(self) -> bool:
        """The disk is full: let the reserve go, and use the log from its beginning again; whether that may help."""
        gave = self.reserve.give_up()
        try:
            with self._lock:
                _, in_log, moved = self.connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()
        except sqlite3.Error:
            return gave
        return gave or 0 < moved == in_log

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of it or nothing."""
        with self._lock, self._faults():
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
                self.connection.execute("COMMIT")
            except BaseException:
                # Whatever went wrong, half a change must not stay; the cause is raised again.
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            remedy = "Check free space, permissions and the health of the disk."
            full = getattr(error, "sqlite_errorcode", 0) & 0xFF in _NO_ROOM
            fault = DiskFull if full else DeliveryError
            raise fault(str(self.path), f"the journal failed ({error})", remedy) from error


class Keeper(Protocol):
    """Keeps something in a database."""

    @property
    def database(self) -> Database:
        """Where."""
        ...


K = TypeVar("K", bound=Keeper)


def on_a_full_disk_too(write: Callable[Concatenate[K, P], T]) -> Callable[Concatenate[K, P], T]:
    """A method that writes, tried once more when the disk was full and room could be made."""

    @wraps(write)
    def written(keeper: K, /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return write(keeper, *args, **kwargs)
        except DiskFull:
            if not keeper.database.make_room():
                raise
            return write(keeper, *args, **kwargs)

    return written
