"""Which phones asked for notifications: a small database, readable by the box's user alone.

A subscription belongs to the user who made it and goes with the account.
"""

from __future__ import annotations

import base64
import hashlib
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from edge.errors import DeliveryError

MOST: Final = 500
MOST_OWED: Final = 2000
FIRST_RETRY_NS: Final = 2_000_000_000
LAST_RETRY_NS: Final = 600 * 1_000_000_000
MOST_OF_ONE: Final = 20
"""A person with more phones than this has lost the older ones."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS subscriptions (
    id TEXT PRIMARY KEY,
    user TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    p256dh TEXT NOT NULL,
    auth TEXT NOT NULL,
    language TEXT NOT NULL,
    levels TEXT NOT NULL,
    made_ns INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS subscriptions_by_user ON subscriptions (user, made_ns);
-- What a phone has not got while the others did: its service failed.
CREATE TABLE IF NOT EXISTS owed (
    phone TEXT NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
    topic TEXT NOT NULL,
    urgency TEXT NOT NULL,
    payload BLOB NOT NULL,
    until_ns INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 1,
    next_ns INTEGER NOT NULL,
    PRIMARY KEY (phone, topic)
);
CREATE INDEX IF NOT EXISTS owed_by_time ON owed (next_ns);
"""
_COLUMNS = "user, endpoint, p256dh, auth, language, levels, made_ns"


@dataclass(frozen=True, slots=True)
class Subscription:
    """One browser on one phone.  Its address is a secret: whoever has it may send to the phone."""

    user: str
    endpoint: str = field(repr=False)
    p256dh: str = field(repr=False)
    auth: str = field(repr=False)
    language: str
    levels: tuple[str, ...]
    made_ns: int = 0
    """When it was kept."""

    @property
    def id(self) -> str:
        """The same for the same browser."""
        return base64.urlsafe_b64encode(hashlib.sha256(self.endpoint.encode()).digest()[:16]).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class Message:
    """What goes to a phone, before it is encrypted."""

    topic: str
    """Of two with the same one, the newer replaces the older."""
    urgency: str
    payload: bytes
    until_ns: int
    """After this nobody wants it any more."""


class Subscriptions:
    """All of a box; safe to use from several threads.

    Raises
    ------
    DeliveryError
        Here and in every method, when the disk does not take or give what it should.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        with self._faults():
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            path.chmod(0o600)
            self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=5.0)
            self._db.execute("PRAGMA foreign_keys=ON")
            self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            self._db.close()

    def add(self, one: Subscription, now_ns: int) -> bool:
        """Keep it, or what is new of it; False when there are too many phones already.

        Of one person's phones the oldest gives way.
        """
        values = (one.id, one.user, one.endpoint, one.p256dh, one.auth, one.language, ",".join(one.levels), now_ns)
        with self._lock, self._faults():
            known = self._db.execute("SELECT 1 FROM subscriptions WHERE id = ?", (one.id,)).fetchone()
            if known is None and self._db.execute("SELECT count(*) FROM subscriptions").fetchone()[0] >= MOST:
                return False
            self._db.execute(
                "INSERT INTO subscriptions VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
                "user=excluded.user, p256dh=excluded.p256dh, auth=excluded.auth, language=excluded.language, "
                "levels=excluded.levels, made_ns=excluded.made_ns",
                values,
            )
            self._db.execute(
                "DELETE FROM subscriptions WHERE id IN "
                "(SELECT id FROM subscriptions WHERE user = ? ORDER BY made_ns DESC LIMIT -1 OFFSET ?)",
                (one.user, MOST_OF_ONE),
            )
            return True

    def all(self) -> tuple[Subscription, ...]:
        """Every phone, the oldest first."""
        with self._lock, self._faults():
            rows = self._db.execute(f"SELECT {_COLUMNS} FROM subscriptions ORDER BY made_ns, id").fetchall()  # noqa: S608
        return tuple(_subscription(*row) for row in rows)

    def remove(self, subscription_id: str, user: str | None = None) -> bool:
        """Forget one; with ``user`` only if it is theirs.  Whether it was there."""
        with self._lock, self._faults():
            gone = self._db.execute(
                "DELETE FROM subscriptions WHERE id = ? AND (? IS NULL OR user = ?)", (subscription_id, user, user)
            )
            return gone.rowcount > 0

    def owe(self, phones: Iterable[Subscription], message: Message, now_ns: int) -> None:
        """These phones have not got it, and are tried again."""
        what = (message.topic, message.urgency, message.payload, message.until_ns, now_ns + FIRST_RETRY_NS)
        with self._lock, self._faults():
            self._db.executemany(
                "INSERT OR REPLACE INTO owed (phone, topic, urgency, payload, until_ns, next_ns) "
                "SELECT id, ?, ?, ?, ?, ? FROM subscriptions WHERE id = ?",
                [(*what, one.id) for one in phones],
            )
            self._db.execute(
                "DELETE FROM owed WHERE rowid IN (SELECT rowid FROM owed ORDER BY rowid DESC LIMIT -1 OFFSET ?)",
                (MOST_OWED,),
            )

    def due(self, now_ns: int, limit: int) -> tuple[tuple[Subscription, Message], ...]:
        """What is owed and may be tried now; each is put off, so that a failure needs no further word."""
        columns = ", ".join(f"s.{column}" for column in _COLUMNS.split(", "))
        with self._lock, self._faults():
            self._db.execute("DELETE FROM owed WHERE until_ns < ?", (now_ns,))
            rows = self._db.execute(
                f"SELECT {columns}, o.topic, o.urgency, o.payload, o.until_ns FROM owed AS o "  # noqa: S608
                "JOIN subscriptions AS s ON s.id = o.phone WHERE o.next_ns <= ? ORDER BY o.next_ns LIMIT ?",
                (now_ns, limit),
            ).fetchall()
            found = tuple((_subscription(*row[:7]), Message(*row[7:])) for row in rows)
            for phone, message in found:
                self._db.execute(
                    "UPDATE owed SET tries = tries + 1, next_ns = ? + min(?, ? << min(tries, 20)) "
                    "WHERE phone = ? AND topic = ?",
                    (now_ns, LAST_RETRY_NS, FIRST_RETRY_NS, phone.id, message.topic),
                )
        return found

    def paid(self, phones: Iterable[Subscription], topic: str) -> None:
        """These phones have got what they were owed, or something newer of the same topic."""
        with self._lock, self._faults():
            self._db.executemany("DELETE FROM owed WHERE phone = ? AND topic = ?", [(one.id, topic) for one in phones])

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            remedy = "Check free space, permissions and the health of the disk."
            raise DeliveryError(str(self._path), f"subscriptions cannot be kept ({error})", remedy) from error


def _subscription(
    user: str, endpoint: str, p256dh: str, auth: str, language: str, levels: str, made_ns: int
) -> Subscription:
    return Subscription(user, endpoint, p256dh, auth, language, tuple(filter(None, levels.split(","))), made_ns)
