"""The journal: every change of an alert is on disk before anything else hears of it.

SQLite with a write-ahead log and ``synchronous=FULL``: when :meth:`Journal.record` returns, the change has been
fsynced.  Rows are never deleted when they are sent: a PUBACK only says that the broker has them in memory, so a phone
asks for what it missed (``since``) and merges by id.  Every change has a number, ``seq``, which always grows.

Safe to use from several threads; one lock keeps the transactions apart.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.delivery import wire
from edge.delivery.wire import StoredAlert
from edge.errors import DeliveryError
from edge.messages import Ack, AckAction, Alert, AlertState

NS_PER_DAY = 86_400 * 1_000_000_000
MAX_PAGE = 500
MAX_ACKS_PER_ALERT = 50
SCHEMA_VERSION = 1

_SCHEMA = """
CREATE TABLE IF NOT EXISTS changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    alert_id TEXT NOT NULL,
    t_ns INTEGER NOT NULL,
    state TEXT NOT NULL,
    body TEXT NOT NULL,
    ack_id TEXT,                    -- set where the change is an answer
    sent_ns INTEGER                 -- when the broker said that it has it; null until then
);
CREATE INDEX IF NOT EXISTS changes_by_alert ON changes (alert_id, seq);
CREATE INDEX IF NOT EXISTS changes_unsent ON changes (seq) WHERE sent_ns IS NULL;
-- The same change recorded twice is one change, and the same answer one answer.
CREATE UNIQUE INDEX IF NOT EXISTS changes_once ON changes (alert_id, body) WHERE ack_id IS NULL;
CREATE TABLE IF NOT EXISTS acks (
    ack_id TEXT PRIMARY KEY,
    alert_id TEXT NOT NULL,
    action TEXT NOT NULL,
    by TEXT NOT NULL,
    at_ns INTEGER NOT NULL,
    received_ns INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS acks_by_alert ON acks (alert_id, at_ns);
"""
_LATEST = "SELECT seq, state, body FROM changes WHERE alert_id = ? ORDER BY seq DESC LIMIT 1"


class UnknownAlert(DeliveryError):
    """An answer to an alert that was never recorded, or is forgotten."""


class TooManyAnswers(DeliveryError):
    """More answers to one alert than people give."""


class Journal:
    """Alerts and answers on disk.

    Parameters
    ----------
    path
        The database file; it is created when missing.

    Raises
    ------
    DeliveryError
        Here and in every method, when the disk does not take or give what it should.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        with self._faults():
            self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=5.0)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.execute("PRAGMA wal_autocheckpoint=1000")
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            if version not in (0, SCHEMA_VERSION):
                raise DeliveryError(str(path), f"was written by another version (format {version})", "Move it away.")
            self._db.executescript(_SCHEMA)
            self._db.execute(f"PRAGMA user_version={SCHEMA_VERSION}")

    def close(self) -> None:
        """Give the file back; what was recorded stays."""
        with self._lock:
            self._db.close()

    def record(self, alert: Alert) -> int:
        """Commit a change of an alert and return its ``seq``.  A change that is there already keeps its number."""
        with self._transaction() as db:
            first = db.execute("SELECT min(t_ns) FROM changes WHERE alert_id = ?", (alert.alert_id,)).fetchone()[0]
            body = wire.alert_body(alert, alert.t_ns if first is None else first)
            same = db.execute(
                "SELECT seq FROM changes WHERE alert_id = ? AND body = ? AND ack_id IS NULL", (alert.alert_id, body)
            ).fetchone()
            if same is not None:
                return int(same[0])
            return self._add(alert.alert_id, alert.t_ns, alert.state.value, body, None)

    def acknowledge(self, ack: Ack, received_ns: int) -> bool:
        """Commit an answer, as a new change of its alert; False where it was known already.

        A phone whose clock runs ahead is not believed: the answer is given the time of its arrival.

        Raises
        ------
        UnknownAlert
            If no such alert was ever recorded.
        TooManyAnswers
            If it has been answered more often than people do.
        """
        with self._transaction() as db:
            if db.execute("SELECT 1 FROM acks WHERE ack_id = ?", (ack.ack_id,)).fetchone():
                return False
            latest = db.execute(_LATEST, (ack.alert_id,)).fetchone()
            if latest is None:
                raise UnknownAlert(f"ack of alert {ack.alert_id}", "no such alert is known", "The answer was refused.")
            answers = db.execute("SELECT count(*) FROM acks WHERE alert_id = ?", (ack.alert_id,)).fetchone()[0]
            if answers >= MAX_ACKS_PER_ALERT:
                raise TooManyAnswers(f"ack of alert {ack.alert_id}", f"{answers} answers already", "It was refused.")
            db.execute(
                "INSERT INTO acks VALUES (?, ?, ?, ?, ?, ?)",
                (ack.ack_id, ack.alert_id, ack.action.value, ack.by, min(ack.at_ns, received_ns), received_ns),
            )
            _, state, body = latest
            self._add(ack.alert_id, received_ns, state, body, ack.ack_id)
            return True

    def end_open(self, t_ns: int) -> tuple[str, ...]:
        """End the alerts that an earlier run left open when it was killed; their ids.

        Every alert ends: nobody watches an episode whose watcher is gone, and a new one is opened if it goes on.
        """
        with self._transaction() as db:
            left = db.execute(
                "SELECT alert_id, body FROM changes AS c WHERE state != ? AND ack_id IS NULL AND seq = "
                "(SELECT max(seq) FROM changes WHERE alert_id = c.alert_id AND ack_id IS NULL)",
                (AlertState.ENDED.value,),
            ).fetchall()
            for alert_id, body in left:
                self._add(alert_id, t_ns, AlertState.ENDED.value, wire.ended_body(body, t_ns), None)
            return tuple(alert_id for alert_id, _ in left)

    def unsent(self, limit: int, after: int = 0) -> tuple[StoredAlert, ...]:
        """Changes that no broker has confirmed, oldest first."""
        with self._transaction() as db:
            rows = db.execute(
                "SELECT seq, alert_id, body FROM changes WHERE sent_ns IS NULL AND seq > ? ORDER BY seq LIMIT ?",
                (after, limit),
            ).fetchall()
            return self._stored(rows)

    def mark_sent(self, seq: int, t_ns: int) -> None:
        """The broker has confirmed a change."""
        with self._transaction() as db:
            db.execute("UPDATE changes SET sent_ns = ? WHERE seq = ?", (t_ns, seq))

    def doubt_sent(self, since_ns: int) -> int:
        """Send once more what was confirmed at or after ``since_ns``; how many.

        A broker that was killed has forgotten what it had confirmed but not yet saved.
        """
        with self._transaction() as db:
            return db.execute("UPDATE changes SET sent_ns = NULL WHERE sent_ns >= ?", (since_ns,)).rowcount

    def since(self, seq: int, limit: int) -> tuple[StoredAlert, ...]:
        """Alerts that changed after ``seq``, each as it stands now, in the order of their last change."""
        with self._transaction() as db:
            rows = db.execute(
                "SELECT seq, alert_id, body FROM changes AS c WHERE seq > ? AND seq = "
                "(SELECT max(seq) FROM changes WHERE alert_id = c.alert_id) ORDER BY seq LIMIT ?",
                (seq, max(1, min(limit, MAX_PAGE))),
            ).fetchall()
            return self._stored(rows)

    def prune(self, now_ns: int, *, keep_days: float = 30.0, max_changes: int = 200_000) -> int:
        """Forget ended alerts whose last change is older than ``keep_days``, and the oldest rows beyond a bound."""
        with self._transaction() as db:
            old = db.execute(
                "SELECT alert_id FROM changes GROUP BY alert_id HAVING max(t_ns) < ?",
                (now_ns - round(keep_days * NS_PER_DAY),),
            ).fetchall()
            forgotten = sum(db.execute("DELETE FROM changes WHERE alert_id = ?", row).rowcount for row in old)
            forgotten += db.execute(
                "DELETE FROM changes WHERE seq <= (SELECT max(seq) FROM changes) - ?", (max_changes,)
            ).rowcount
            db.execute("DELETE FROM acks WHERE alert_id NOT IN (SELECT alert_id FROM changes)")
            return forgotten

    def _add(self, alert_id: str, t_ns: int, state: str, body: str, ack_id: str | None) -> int:
        row = self._db.execute(
            "INSERT INTO changes (alert_id, t_ns, state, body, ack_id) VALUES (?, ?, ?, ?, ?)",
            (alert_id, t_ns, state, body, ack_id),
        )
        assert row.lastrowid is not None
        return row.lastrowid

    def _stored(self, rows: list[tuple[int, str, str]]) -> tuple[StoredAlert, ...]:
        return tuple(StoredAlert(seq, alert_id, body, self._standing_ack(alert_id)) for seq, alert_id, body in rows)

    def _standing_ack(self, alert_id: str) -> Ack | None:
        """The newest answer: one made offline and delivered late does not undo a newer one."""
        row = self._db.execute(
            "SELECT ack_id, alert_id, action, by, at_ns FROM acks WHERE alert_id = ? "
            "ORDER BY at_ns DESC, received_ns DESC LIMIT 1",
            (alert_id,),
        ).fetchone()
        return None if row is None else Ack(row[0], row[1], AckAction(row[2]), row[3], row[4])

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
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
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            remedy = "Check free space, permissions and the health of the disk."
            raise DeliveryError(str(self.path), f"the journal failed ({error})", remedy) from error
