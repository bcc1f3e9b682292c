"""The journal: every change of an alert is on disk before anything else hears of it.

SQLite with a write-ahead log and ``synchronous=FULL``: when :meth:`Journal.record` returns, the change has been
fsynced.  Rows are never deleted when they are sent: a PUBACK only says that the broker has them in memory, so a phone
asks for what it missed (``since``) and merges by id.  Every change has a number, ``seq``, which always grows.

Safe to use from several threads; one lock keeps the transactions apart.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from edge.delivery import snoozes, wire
from edge.delivery.database import RESERVE_BYTES, Database, on_a_full_disk_too
from edge.delivery.snoozes import SnoozeBook
from edge.delivery.wire import StoredAlert
from edge.errors import DeliveryError
from edge.messages import Ack, AckAction, Alert, AlertState, Pin, Sent

NS_PER_HOUR = 3600 * 1_000_000_000
MAX_PAGE = 500
MAX_ACKS_PER_ALERT = 50
MAX_PINS = 200
SCHEMA_VERSION = 1

_SCHEMA = """
CREATE TABLE IF NOT EXISTS changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    alert_id TEXT NOT NULL,
    t_ns INTEGER NOT NULL,
    state TEXT NOT NULL,
    body TEXT NOT NULL,
    ack_id TEXT,                    -- set where the change is an answer, or that it is kept (pin:...) or not any more
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
CREATE TABLE IF NOT EXISTS pins (
    alert_id TEXT PRIMARY KEY,
    reason TEXT NOT NULL,
    by TEXT NOT NULL,
    at_ns INTEGER NOT NULL
) WITHOUT ROWID;
"""
_LATEST = "SELECT seq, state, body FROM changes WHERE alert_id = ? ORDER BY seq DESC LIMIT 1"


class UnknownAlert(DeliveryError):
    """An answer to an alert that was never recorded, or is forgotten."""


class TooManyAnswers(DeliveryError):
    """More answers to one alert than people give."""


class TooManyPins(DeliveryError):
    """More alerts are kept for good than anybody looks at."""


class Journal:
    """Alerts and answers on disk.

    Parameters
    ----------
    path
        The database file; it is created when missing.
    tell
        Called after each change that others made: the broker has taken an alert, or somebody has answered one.  From
        whatever thread did that, so it must not wait for anything.

    Raises
    ------
    DeliveryError
        Here and in every method, when the disk does not take or give what it should.
    """

    def __init__(
        self,
        path: Path,
        tell: Callable[[Sent | Ack], None] = lambda message: None,
        reserve_bytes: int = RESERVE_BYTES,
    ) -> None:
        self.path = path
        self.database = Database(path, _SCHEMA + snoozes.SCHEMA, SCHEMA_VERSION, reserve_bytes)
        self.snoozes = SnoozeBook(self.database)
        """What rings nobody for a while."""
        self._tell = tell

    def close(self) -> None:
        """Give the file back; what was recorded stays."""
        self.database.close()

    @on_a_full_disk_too
    def record(self, alert: Alert) -> int:
        """Commit a change of an alert and return its ``seq``.  A change that is there already keeps its number."""
        with self.database.transaction() as db:
            first = db.execute("SELECT min(t_ns) FROM changes WHERE alert_id = ?", (alert.alert_id,)).fetchone()[0]
            body = wire.alert_body(alert, alert.t_ns if first is None else first)
            same = db.execute(
                "SELECT seq FROM changes WHERE alert_id = ? AND body = ? AND ack_id IS NULL", (alert.alert_id, body)
            ).fetchone()
            if same is not None:
                return int(same[0])
            return self._add(alert.alert_id, alert.t_ns, alert.state.value, body, None)

    @on_a_full_disk_too
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
        with self.database.transaction() as db:
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
        self._tell(ack)
        return True

    @on_a_full_disk_too
    def end_open(self, t_ns: int) -> tuple[str, ...]:
        """End the alerts that an earlier run left open when it was killed; their ids.

        Every alert ends: nobody watches an episode whose watcher is gone, and a new one is opened if it goes on.
        """
        with self.database.transaction() as db:
            left = db.execute(
                "SELECT alert_id, body FROM changes AS c WHERE state != ? AND ack_id IS NULL AND seq = "
                "(SELECT max(seq) FROM changes WHERE alert_id = c.alert_id AND ack_id IS NULL)",
                (AlertState.ENDED.value,),
            ).fetchall()
            for alert_id, body in left:
                self._add(alert_id, t_ns, AlertState.ENDED.value, wire.ended_body(body, t_ns), None)
            return tuple(alert_id for alert_id, _ in left)

    def unanswered(self, since_ns: int) -> tuple[Alert, ...]:
        """Alerts that changed last at or after ``since_ns``, and that nobody has answered, oldest first."""
        with self.database.transaction() as db:
            rows = db.execute(
                "SELECT body FROM changes AS c WHERE t_ns >= ? AND seq = "
                "(SELECT max(seq) FROM changes WHERE alert_id = c.alert_id) "
                "AND alert_id NOT IN (SELECT alert_id FROM acks) ORDER BY seq",
                (since_ns,),
            ).fetchall()
        return tuple(wire.read_body(body) for (body,) in rows)

    def unsent(self, limit: int, after: int = 0) -> tuple[StoredAlert, ...]:
        """Changes that no broker has confirmed, oldest first."""
        with self.database.transaction() as db:
            rows = db.execute(
                "SELECT seq, alert_id, body FROM changes WHERE sent_ns IS NULL AND seq > ? ORDER BY seq LIMIT ?",
                (after, limit),
            ).fetchall()
            return self._stored(rows)

    @on_a_full_disk_too
    def mark_sent(self, seq: int, t_ns: int) -> None:
        """The broker has confirmed a change."""
        with self.database.transaction() as db:
            db.execute("UPDATE changes SET sent_ns = ? WHERE seq = ?", (t_ns, seq))
            row = db.execute("SELECT alert_id FROM changes WHERE seq = ?", (seq,)).fetchone()
        if row is not None:
            self._tell(Sent(row[0], t_ns))

    @on_a_full_disk_too
    def doubt_sent(self, since_ns: int) -> int:
        """Send once more what was confirmed at or after ``since_ns``; how many.

        A broker that was killed has forgotten what it had confirmed but not yet saved.
        """
        with self.database.transaction() as db:
            return db.execute("UPDATE changes SET sent_ns = NULL WHERE sent_ns >= ?", (since_ns,)).rowcount

    def since(self, seq: int, limit: int) -> tuple[StoredAlert, ...]:
        """Alerts that changed after ``seq``, each as it stands now, in the order of their last change."""
        with self.database.transaction() as db:
            rows = db.execute(
                "SELECT seq, alert_id, body FROM changes AS c WHERE seq > ? AND seq = "
                "(SELECT max(seq) FROM changes WHERE alert_id = c.alert_id) ORDER BY seq LIMIT ?",
                (seq, max(1, min(limit, MAX_PAGE))),
            ).fetchall()
            return self._stored(rows)

    @on_a_full_disk_too
    def pin(self, pin: Pin) -> bool:
        """Keep an alert, as a new change of it; False where it is kept for that reason already.

        Raises
        ------
        UnknownAlert
            If no such alert is known.
        TooManyPins
            If two hundred others are kept.
        """
        with self.database.transaction() as db:
            latest = db.execute(_LATEST, (pin.alert_id,)).fetchone()
            if latest is None:
                raise UnknownAlert(f"pin of alert {pin.alert_id}", "no such alert is known", "It was refused.")
            before = self._pin(pin.alert_id)
            if before is not None and before.reason == pin.reason:
                return False
            if before is None and db.execute("SELECT count(*) FROM pins").fetchone()[0] >= MAX_PINS:
                raise TooManyPins("pin", f"{MAX_PINS} alerts are kept already", "Let go of one of them first.")
            db.execute("INSERT OR REPLACE INTO pins VALUES (?, ?, ?, ?)", (pin.alert_id, pin.reason, pin.by, pin.at_ns))
            self._add(pin.alert_id, pin.at_ns, latest[1], latest[2], f"pin:{pin.at_ns}")
            return True

    @on_a_full_disk_too
    def unpin(self, alert_id: str, t_ns: int) -> bool:
        """Keep an alert no longer than others, as a new change of it; False where it was not kept."""
        with self.database.transaction() as db:
            latest = db.execute(_LATEST, (alert_id,)).fetchone()
            if db.execute("DELETE FROM pins WHERE alert_id = ?", (alert_id,)).rowcount == 0 or latest is None:
                return False
            self._add(alert_id, t_ns, latest[1], latest[2], f"unpin:{t_ns}")
            return True

    def pinned_pictures(self) -> frozenset[str]:
        """Names of the pictures that alerts show which are kept."""
        with self.database.transaction() as db:
            rows = db.execute(
                "SELECT DISTINCT body FROM changes WHERE alert_id IN (SELECT alert_id FROM pins)"
            ).fetchall()
        return frozenset(name for (body,) in rows for name in wire.pictures(body))

    @on_a_full_disk_too
    def prune(self, now_ns: int, *, keep_h: float = 72.0, max_changes: int = 200_000) -> int:
        """Forget alerts whose last change is older than ``keep_h``, and the oldest rows beyond a bound.

        What is pinned stays.
        """
        with self.database.transaction() as db:
            old = db.execute(
                "SELECT alert_id FROM changes WHERE alert_id NOT IN (SELECT alert_id FROM pins) "
                "GROUP BY alert_id HAVING max(t_ns) < ?",
                (now_ns - round(keep_h * NS_PER_HOUR),),
            ).fetchall()
            forgotten = sum(db.execute("DELETE FROM changes WHERE alert_id = ?", row).rowcount for row in old)
            forgotten += db.execute(
                "DELETE FROM changes WHERE seq <= (SELECT max(seq) FROM changes) - ? "
                "AND alert_id NOT IN (SELECT alert_id FROM pins)",
                (max_changes,),
            ).rowcount
            db.execute("DELETE FROM acks WHERE alert_id NOT IN (SELECT alert_id FROM changes)")
        self.database.reserve.restore()
        return forgotten

    def _add(self, alert_id: str, t_ns: int, state: str, body: str, ack_id: str | None) -> int:
        row = self.database.connection.execute(
            "INSERT INTO changes (alert_id, t_ns, state, body, ack_id) VALUES (?, ?, ?, ?, ?)",
            (alert_id, t_ns, state, body, ack_id),
        )
        assert row.lastrowid is not None
        return row.lastrowid

    def _stored(self, rows: list[tuple[int, str, str]]) -> tuple[StoredAlert, ...]:
        return tuple(
            StoredAlert(seq, alert_id, body, self._standing_ack(alert_id), self._pin(alert_id))
            for seq, alert_id, body in rows
        )

    def _pin(self, alert_id: str) -> Pin | None:
        row = self.database.connection.execute(
            "SELECT alert_id, reason, by, at_ns FROM pins WHERE alert_id = ?", (alert_id,)
        ).fetchone()
        return None if row is None else Pin(*row)

    def _standing_ack(self, alert_id: str) -> Ack | None:
        """The newest answer: one made offline and delivered late does not undo a newer one."""
        row = self.database.connection.execute(
            "SELECT ack_id, alert_id, action, by, at_ns FROM acks WHERE alert_id = ? "
            "ORDER BY at_ns DESC, received_ns DESC LIMIT 1",
            (alert_id,),
        ).fetchone()
        return None if row is None else Ack(row[0], row[1], AckAction(row[2]), row[3], row[4])
