"""Who may come in: people, their passwords, their sessions, and the codes that let somebody in for the first time.

SQLite with a write-ahead log and ``synchronous=FULL``, as the journal: what a method has said stands after a power cut.
No password, token or code is in the file, only what they can be checked with; it is readable by the box's user alone.
Two connections: reading, which each request does, never waits for the disk.  Another process may write too
(``miseban users``); nothing is remembered here that its change would make wrong.
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from edge.clock import utc_ns
from edge.errors import EdgeError
from edge.web.codes import MAX_TRIES, code_hash, new_code
from edge.web.names import MAX_NAME_CHARS, clean_name, name_key
from edge.web.private import open_private
from edge.web.rights import Role, User
from edge.web.sessions import Sessions

SCHEMA_VERSION: Final = 1
MAX_USERS: Final = 200
SETUP_CODE_MS: Final = 24 * 3600 * 1000
INVITE_CODE_MS: Final = 7 * SETUP_CODE_MS
SETUP: Final = 0
"""The id under which the code for the first owner is kept; people's ids begin at 1."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,       -- the name as it is compared
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    enabled INTEGER NOT NULL DEFAULT 1,
    password TEXT,                  -- Argon2id; null until the invitation was followed
    created_ms INTEGER NOT NULL,
    seen_ms INTEGER
);
CREATE TABLE IF NOT EXISTS sessions (
    token BLOB PRIMARY KEY,         -- SHA-256
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_ms INTEGER NOT NULL,
    seen_ms INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS sessions_by_user ON sessions (user_id, seen_ms);
CREATE TABLE IF NOT EXISTS codes (
    user_id INTEGER PRIMARY KEY,    -- 0: for the first owner
    code BLOB NOT NULL,             -- SHA-256
    expires_ms INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS strangers (csrf TEXT NOT NULL);
"""
_OWNERS = "SELECT count(*) FROM users WHERE role = 'owner' AND enabled AND password IS NOT NULL"


class AccountsError(EdgeError):
    """The accounts cannot be read or written."""


class RefusedChange(EdgeError):
    """A change of accounts that must not be; ``code`` is for programs."""

    def __init__(self, code: str, what: str, remedy: str) -> None:
        super().__init__("accounts", what, remedy)
        self.code = code


@dataclass(frozen=True, slots=True)
class Account:
    """One person, as an owner sees them."""

    name: str
    role: Role
    enabled: bool
    created_ms: int
    seen_ms: int | None
    sessions: int
    invited: bool
    """Whether they have not followed their invitation yet."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """A code and for whom it is.  The code is told once and kept nowhere."""

    name: str
    role: Role
    code: str = field(repr=False)
    expires_ms: int


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a password is checked with."""

    user: User
    kept: str = field(repr=False)


class Accounts:
    """The accounts of one box.

    Parameters
    ----------
    path
        The database file; it is created when missing.

    Raises
    ------
    AccountsError
        Here and in every method, when the disk does not take or give what it should.
    """

    def __init__(self, path: Path, now_ms: Callable[[], int] = lambda: utc_ns() // 1_000_000) -> None:
        self.path = path
        self._now_ms = now_ms
        self._lock, self._read_lock = threading.Lock(), threading.Lock()
        with self._faults():
            self._db = open_private(path, "FULL", 5.0)
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            if version not in (0, SCHEMA_VERSION):
                raise AccountsError(str(path), f"was written by another version (format {version})", "Move it away.")
            self._db.executescript(_SCHEMA)
            self._db.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
            self._reader = open_private(path, "FULL", 5.0)
        self.strangers_csrf = self._strangers_csrf()
        """The token of pages whose user has not signed in; the next start has the same, for those that stay open."""
        self.sessions = Sessions(self.writing, self.reading, now_ms)

    def close(self) -> None:
        """Give the file back."""
        with self._lock, self._read_lock:
            self._reader.close()
            self._db.close()

    def has_owner(self) -> bool:
        """Whether somebody can say who may do what."""
        with self.reading() as db:
            return bool(db.execute(_OWNERS).fetchone()[0])

    def user(self, name: str) -> User | None:
        """Who somebody is now; ``None`` for a name that is not known or may not come in."""
        with self.reading() as db:
            row = db.execute("SELECT name, role FROM users WHERE key = ? AND enabled", (name_key(name),)).fetchone()
        return None if row is None else User(row[0], Role(row[1]))

    def users(self) -> tuple[Account, ...]:
        """Everybody, in the order in which they came."""
        with self.reading() as db:
            rows = db.execute(
                "SELECT name, role, enabled, created_ms, seen_ms, password IS NULL, "
                "(SELECT count(*) FROM sessions WHERE user_id = users.id) FROM users ORDER BY id"
            ).fetchall()
        return tuple(Account(r[0], Role(r[1]), bool(r[2]), r[3], r[4], r[6], bool(r[5])) for r in rows)

    def credentials(self, name: str) -> Credentials | None:
        """Of somebody who may sign in."""
        with self.reading() as db:
            row = db.execute(
                "SELECT name, role, password FROM users WHERE key = ? AND enabled AND password IS NOT NULL",
                (name_key(name),),
            ).fetchone()
        return None if row is None else Credentials(User(row[0], Role(row[1])), row[2])

    def set_password(self, name: str, kept: str, new: str, keep_session: bytes) -> bool:
        """Replace a password, if it still is the one that was checked; the person's other sessions end."""
        with self.writing() as db:
            row = db.execute("SELECT id FROM users WHERE key = ? AND password = ?", (name_key(name), kept)).fetchone()
            if row is None:
                return False
            db.execute("UPDATE users SET password = ? WHERE id = ?", (new, row[0]))
            db.execute("DELETE FROM sessions WHERE user_id = ? AND token != ?", (row[0], keep_session))
            return True

    # ---- codes

    def needs_setup_code(self) -> bool:
        """Whether there is no owner, and no code that would make one."""
        if self.has_owner():
            return False
        with self.reading() as db:
            row = db.execute("SELECT expires_ms, tries FROM codes WHERE user_id = ?", (SETUP,)).fetchone()
        return row is None or row[0] < self._now_ms() or row[1] >= MAX_TRIES

    def new_setup_code(self) -> str:
        """A code for the first owner; an earlier one is void."""
        with self.writing() as db:
            return self._new_code(db, SETUP, SETUP_CODE_MS)[0]

    def invite(self, name: str, role: Role) -> Invitation:
        """A new person, who comes in with the code.

        Raises
        ------
        RefusedChange
            If the name is none, or taken, or there are too many already.
        """
        cleaned = clean_name(name)
        if cleaned is None:
            raise RefusedChange(
                "bad_name", f"a name is 1 to {MAX_NAME_CHARS} printable characters without / and \\", "Change it."
            )
        with self.writing() as db:
            self._add(db, cleaned, role, None)
            user_id = self._id(db, cleaned)
            code, expires_ms = self._new_code(db, user_id, INVITE_CODE_MS)
            return Invitation(cleaned, role, code, expires_ms)

    def invite_again(self, name: str, *, last_owner_too: bool = False) -> Invitation:
        """A new code for somebody: their password and sessions are void.

        Parameters
        ----------
        last_owner_too
            For who has a shell on the box and can always let themselves in.

        Raises
        ------
        RefusedChange
            If there is nobody of that name, or it is the last owner.
        """
        with self.writing() as db:
            user_id = self._id(db, name)
            with nullcontext() if last_owner_too else self._keeping_an_owner(db):
                db.execute("UPDATE users SET password = NULL WHERE id = ?", (user_id,))
            db.execute("DELETE FROM sessions WHERE user_id = ?", (user_id,))
            kept, role = db.execute("SELECT name, role FROM users WHERE id = ?", (user_id,)).fetchone()
            code, expires_ms = self._new_code(db, user_id, INVITE_CODE_MS)
            return Invitation(kept, Role(role), code, expires_ms)

    def check_code(self, name: str, code: str) -> bool:
        """Whether a code lets somebody in under this name; a wrong one counts against the codes it may have meant."""
        with self.writing() as db:
            found = self._by_code(db, name, code)
            if found is None:
                row = db.execute("SELECT id FROM users WHERE key = ?", (name_key(name),)).fetchone()
                meant = SETUP if row is None else row[0]
                db.execute("UPDATE codes SET tries = tries + 1 WHERE user_id = ?", (meant,))
            return found is not None

    def redeem(self, name: str, code: str, password: str) -> User | None:
        """Let somebody in with a code, which is used up by that; ``None`` where another was faster.

        Raises
        ------
        RefusedChange
            If the name is none, or belongs to somebody else.
        """
        with self.writing() as db:
            user_id = self._by_code(db, name, code)
            if user_id is None:
                return None
            if user_id == SETUP:
                cleaned = clean_name(name)
                assert cleaned is not None  # or it would not have been found
                self._add(db, cleaned, Role.OWNER, password)
            else:
                db.execute("UPDATE users SET password = ? WHERE id = ?", (password, user_id))
            db.execute("DELETE FROM codes WHERE user_id = ?", (user_id,))
            row = db.execute("SELECT name, role FROM users WHERE key = ?", (name_key(name),)).fetchone()
            return User(row[0], Role(row[1]))

    # ---- changes by an owner

    def change(self, name: str, role: Role | None, enabled: bool | None) -> User:
        """Give somebody another role, shut them out, or let them in again.

        Raises
        ------
        RefusedChange
            If there is nobody of that name, or no owner would be left.
        """
        with self.writing() as db:
            user_id = self._id(db, name)
            with self._keeping_an_owner(db):
                if role is not None:
                    db.execute("UPDATE users SET role = ? WHERE id = ?", (role.value, user_id))
                if enabled is not None:
                    db.execute("UPDATE users SET enabled = ? WHERE id = ?", (enabled, user_id))
            if enabled is False:
                db.execute("DELETE FROM sessions WHERE user_id = ?", (user_id,))
            row = db.execute("SELECT name, role FROM users WHERE id = ?", (user_id,)).fetchone()
            return User(row[0], Role(row[1]))

    def remove(self, name: str) -> str:
        """Forget somebody; the name as it was written.

        Raises
        ------
        RefusedChange
            If there is nobody of that name, or no owner would be left.
        """
        with self.writing() as db:
            user_id = self._id(db, name)
            kept = db.execute("SELECT name FROM users WHERE id = ?", (user_id,)).fetchone()[0]
            with self._keeping_an_owner(db):
                db.execute("DELETE FROM users WHERE id = ?", (user_id,))
            db.execute("DELETE FROM codes WHERE user_id = ?", (user_id,))
            return str(kept)

    # ---- inside a transaction

    def _strangers_csrf(self) -> str:
        with self.writing() as db:
            row = db.execute("SELECT csrf FROM strangers").fetchone()
            if row is None:
                row = (secrets.token_urlsafe(32),)
                db.execute("INSERT INTO strangers VALUES (?)", row)
            return str(row[0])

    def _add(self, db: sqlite3.Connection, name: str, role: Role, password: str | None) -> None:
        if db.execute("SELECT count(*) FROM users").fetchone()[0] >= MAX_USERS:
            raise RefusedChange("too_many", f"there are {MAX_USERS} people already", "Remove some.")
        if db.execute("SELECT 1 FROM users WHERE key = ?", (name_key(name),)).fetchone():
            raise RefusedChange("taken", "somebody has this name already", "Take another.")
        db.execute(
            "INSERT INTO users (key, name, role, password, created_ms) VALUES (?, ?, ?, ?, ?)",
            (name_key(name), name, role.value, password, self._now_ms()),
        )

    def _id(self, db: sqlite3.Connection, name: str) -> int:
        row = db.execute("SELECT id FROM users WHERE key = ?", (name_key(name[: 4 * MAX_NAME_CHARS]),)).fetchone()
        if row is None:
            raise RefusedChange("no_user", "there is nobody of that name", "See the list.")
        return int(row[0])

    @contextmanager
    def _keeping_an_owner(self, db: sqlite3.Connection) -> Iterator[None]:
        """Refuse, and so undo, what would leave nobody who can say who may do what."""
        before = db.execute(_OWNERS).fetchone()[0]
        yield
        if before and not db.execute(_OWNERS).fetchone()[0]:
            raise RefusedChange("last_owner", "no owner would be left", "Make somebody else an owner first.")

    def _new_code(self, db: sqlite3.Connection, user_id: int, lasts_ms: int) -> tuple[str, int]:
        code, expires_ms = new_code(), self._now_ms() + lasts_ms
        db.execute("INSERT OR REPLACE INTO codes VALUES (?, ?, ?, 0)", (user_id, code_hash(code), expires_ms))
        return code, expires_ms

    def _by_code(self, db: sqlite3.Connection, name: str, code: str) -> int | None:
        """Whose code it is: of the person of that name, or the first owner's under a name that is free."""
        row = db.execute("SELECT id FROM users WHERE key = ? AND enabled", (name_key(name),)).fetchone()
        user_id = SETUP if row is None else int(row[0])
        if user_id == SETUP and (clean_name(name) is None or db.execute(_OWNERS).fetchone()[0]):
            return None
        live = "SELECT 1 FROM codes WHERE user_id = ? AND code = ? AND expires_ms >= ? AND tries < ?"
        found = db.execute(live, (user_id, code_hash(code), self._now_ms(), MAX_TRIES)).fetchone()
        return None if found is None else user_id

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of it, or none; on disk when it ends."""
        with self._lock, self._faults():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                # Whatever went wrong, half a change must not stay; the cause is raised again.
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """What stands now.  Waits for nobody who writes."""
        with self._read_lock, self._faults():
            yield self._reader

    def changes(self) -> int:
        """A number that is another one after each change, also by another process."""
        with self.reading() as db:
            return int(db.execute("PRAGMA data_version").fetchone()[0])

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            remedy = "Check free space, permissions and the health of the disk."
            raise AccountsError(str(self.path), f"the accounts failed ({error})", remedy) from error
