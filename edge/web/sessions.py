"""Sessions: a random token in the phone's cookie, of which only the hash is kept."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Final

from edge.web.names import name_key
from edge.web.rights import Role, User

TOKEN_BYTES: Final = 32
TOKEN_CHARS: Final = 43
IDLE_MS: Final = 14 * 24 * 3600 * 1000
"""A phone that was not used this long has to sign in again; long enough for a holiday."""
ABSOLUTE_MS: Final = 90 * 24 * 3600 * 1000
SEEN_EVERY_MS: Final = 60_000
"""How exactly it is known when somebody was last here: each is a write to disk."""
MAX_PER_USER: Final = 20

Transaction = Callable[[], AbstractContextManager[sqlite3.Connection]]


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in."""

    user: User
    token_hash: bytes = field(repr=False)
    seen_ms: int


def token_hash(token: str) -> bytes:
    """What is kept of a token.  It needs no salt and no slowness: 256 random bits are not guessed."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def csrf_token(token: str) -> str:
    """What a page of ours sends along with each change; whoever has only the cookie sent for them does not know it."""
    mac = hmac.new(token.encode("utf-8", "replace"), b"miseban csrf", hashlib.sha256)
    return base64.urlsafe_b64encode(mac.digest()).decode().rstrip("=")


class Sessions:
    """The sessions of the accounts' database.

    Parameters
    ----------
    writing
        Gives a transaction on it.
    reading
        Gives what stands in it now.
    now_ms
        UTC.
    """

    def __init__(self, writing: Transaction, reading: Transaction, now_ms: Callable[[], int]) -> None:
        self._writing = writing
        self._reading = reading
        self._now_ms = now_ms

    def open(self, user: User, kept_password: str) -> str | None:
        """A new session's token; ``None`` where the person was shut out or got another password meanwhile.

        The phone that was unused longest gives way to a new one beyond a bound.
        """
        token, now_ms = secrets.token_urlsafe(TOKEN_BYTES), self._now_ms()
        with self._writing() as db:
            row = db.execute(
                "SELECT id FROM users WHERE key = ? AND enabled AND password = ?", (name_key(user.name), kept_password)
            ).fetchone()
            if row is None:
                return None
            db.execute("INSERT INTO sessions VALUES (?, ?, ?, ?)", (token_hash(token), row[0], now_ms, now_ms))
            db.execute("UPDATE users SET seen_ms = ? WHERE id = ?", (now_ms, row[0]))
            db.execute(
                "DELETE FROM sessions WHERE seen_ms < ? OR created_ms < ?", (now_ms - IDLE_MS, now_ms - ABSOLUTE_MS)
            )
            db.execute(
                "DELETE FROM sessions WHERE user_id = ? AND token NOT IN (SELECT token FROM sessions "
                "WHERE user_id = ? ORDER BY seen_ms DESC, rowid DESC LIMIT ?)",
                (row[0], row[0], MAX_PER_USER),
            )
        return token

    def of_token(self, token: str) -> Session | None:
        """Whose session it is, if it still stands."""
        return self.of_hash(token_hash(token)) if len(token) == TOKEN_CHARS else None

    def of_hash(self, hashed: bytes) -> Session | None:
        """Whose session it is, if it still stands."""
        now_ms = self._now_ms()
        with self._reading() as db:
            row = db.execute(
                "SELECT u.name, u.role, s.seen_ms FROM sessions AS s JOIN users AS u ON u.id = s.user_id "
                "WHERE s.token = ? AND u.enabled AND s.seen_ms >= ? AND s.created_ms >= ?",
                (hashed, now_ms - IDLE_MS, now_ms - ABSOLUTE_MS),
            ).fetchone()
        return None if row is None else Session(User(row[0], Role(row[1])), hashed, row[2])

    def is_stale(self, session: Session, every_ms: int = SEEN_EVERY_MS) -> bool:
        """Whether it should be noted that somebody is here."""
        return abs(self._now_ms() - session.seen_ms) >= every_ms

    def touch(self, session: Session) -> None:
        """Note that somebody is here."""
        now_ms = self._now_ms()
        with self._writing() as db:
            db.execute("UPDATE sessions SET seen_ms = ? WHERE token = ?", (now_ms, session.token_hash))
            db.execute("UPDATE users SET seen_ms = ? WHERE key = ?", (now_ms, name_key(session.user.name)))

    def end(self, session: Session) -> None:
        """Sign out."""
        with self._writing() as db:
            db.execute("DELETE FROM sessions WHERE token = ?", (session.token_hash,))
