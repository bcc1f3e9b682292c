"""Who did what: sign-ins and failures, refused rights, people added and changed, pictures looked at, answers.

Owners read it in the app.  It never stands in the way: a disk that fails costs entries, not access.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import structlog
from starlette.requests import HTTPConnection

from edge.clock import utc_ns
from edge.errors import EdgeError
from edge.web.private import open_private

MAX_PER_KIND: Final = 5000
"""Of each kind the newest stay, so that a flood of one pushes out no other."""
PRUNE_EVERY: Final = 100
MAX_PAGE: Final = 1000
MAX_DETAIL_CHARS: Final = 200
SAME_MS: Final = 60_000
MAX_REMEMBERED: Final = 1024

log = structlog.get_logger(__name__)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    t_ms INTEGER NOT NULL,
    user TEXT NOT NULL,
    what TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS entries_by_what ON entries (what, id);
"""


class Deed(StrEnum):
    """What is worth an entry."""

    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    SET_UP = "set_up"
    """Came in with a code."""
    CODE_FAILED = "code_failed"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  (a word, not a password)
    PASSWORD_REFUSED = "password_refused"  # noqa: S105
    REFUSED = "refused"
    """Asked for what the role may not do."""
    USER_INVITED = "user_invited"
    USER_CHANGED = "user_changed"
    USER_REMOVED = "user_removed"
    ANSWERED = "answered"
    SNOOZED = "snoozed"
    PINNED = "pinned"
    """Had an alert kept, or let go of."""
    PICTURE = "picture"
    """Looked at the picture of a change."""
    CAMERA = "camera"
    """Looked at what a camera sees now."""


OFTEN: Final = frozenset({Deed.REFUSED, Deed.PICTURE, Deed.CAMERA})
"""The same of these by the same person is told once a minute."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line."""

    t_ms: int
    user: str
    what: str
    detail: str


class AccessLog:
    """The access log of one box.

    Raises
    ------
    EdgeError
        If the file cannot be made or read at the start.
    """

    def __init__(self, path: Path, now_ms: Callable[[], int] = lambda: utc_ns() // 1_000_000) -> None:
        self._path = path
        self._now_ms = now_ms
        self._lock = threading.Lock()
        self._since_prune = self.lost = 0
        self._told: dict[tuple[str, Deed, str], int] = {}
        try:
            self._db = open_private(path, "NORMAL", 2.0)  # a power cut may cost the last lines; each costs no wear
            self._db.executescript(_SCHEMA)
        except (sqlite3.Error, OSError) as error:
            remedy = "Check free space and permissions, or move it away."
            raise EdgeError(str(path), f"the access log cannot be used ({error})", remedy) from error

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            self._db.close()

    def note(self, user: str, what: Deed, detail: str = "") -> None:
        """Add a line."""
        detail = detail[:MAX_DETAIL_CHARS]
        now_ms = self._now_ms()
        with self._lock:
            if what in OFTEN and self._just_told((user, what, detail), now_ms):
                return
            try:
                self._db.execute(
                    "INSERT INTO entries (t_ms, user, what, detail) VALUES (?, ?, ?, ?)",
                    (now_ms, user, what.value, detail.encode("utf-8", "replace").decode()),
                )
                self._since_prune += 1
                if self._since_prune >= PRUNE_EVERY:
                    self._prune()
            except sqlite3.Error as error:
                self.lost += 1
                if self.lost == 1 or self.lost % 100 == 0:
                    log.error("access log failed", lost=self.lost, error=str(error))

    def entries(self, limit: int = 200) -> tuple[Entry, ...]:
        """The newest first.

        Raises
        ------
        EdgeError
            If they cannot be read.
        """
        try:
            with self._lock:
                rows = self._db.execute(
                    "SELECT t_ms, user, what, detail FROM entries ORDER BY id DESC LIMIT ?", (min(limit, MAX_PAGE),)
                ).fetchall()
        except sqlite3.Error as error:
            raise EdgeError(str(self._path), f"cannot be read ({error})", "Check the disk.") from error
        return tuple(Entry(*row) for row in rows)

    def _just_told(self, key: tuple[str, Deed, str], now_ms: int) -> bool:
        before = self._told.pop(key, None)
        again = before is not None and 0 <= now_ms - before < SAME_MS
        self._told[key] = before if again and before is not None else now_ms
        while len(self._told) > MAX_REMEMBERED:
            del self._told[next(iter(self._told))]
        return again

    def _prune(self) -> None:
        self._since_prune = 0
        for what in Deed:
            self._db.execute(
                "DELETE FROM entries WHERE what = ? AND id <= "
                "(SELECT id FROM entries WHERE what = ? ORDER BY id DESC LIMIT 1 OFFSET ?)",
                (what.value, what.value, MAX_PER_KIND),
            )


def note(asked: HTTPConnection, what: Deed, detail: str = "") -> None:
    """Add a line about who asks, where there is an access log."""
    state = asked.scope.get("state", {})
    book: AccessLog | None = state.get("access")
    if book is not None:
        user = state.get("user")
        book.note("" if user is None else user.name, what, detail)
