"""The book of days: how many people by the hour, where they stood, what became of the alerts.

SQLite beside the journal.  It keeps numbers only: no person, no track, no picture.  The alerts are read from the
journal as a phone reads them, so that nothing is counted twice however often the box is killed; what people did since
the last page, a minute at most, is lost with a kill.
"""

from __future__ import annotations

import json
import sqlite3
import statistics
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.delivery.journal import MAX_PAGE, Journal
from edge.delivery.wire import StoredAlert
from edge.errors import DeliveryError
from edge.messages import AckAction, AlertCounts, CellPart, Day, DayPart, HourPart, Level

KEPT_DAYS = 400
"""A year and a month, so that a month can be held against the same month a year before."""
MOST_CELLS = 40_000
"""Of one day: 1600 m2 of floor."""
SCHEMA_VERSION = 1

_SCHEMA = """
CREATE TABLE IF NOT EXISTS hours (
    date TEXT NOT NULL, hour INTEGER NOT NULL, entered INTEGER NOT NULL, gone INTEGER NOT NULL, most INTEGER NOT NULL,
    PRIMARY KEY (date, hour)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS cells (
    date TEXT NOT NULL, ix INTEGER NOT NULL, iy INTEGER NOT NULL, people_s REAL NOT NULL,
    PRIMARY KEY (date, ix, iy)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS alerts (
    alert_id TEXT PRIMARY KEY, date TEXT NOT NULL, level TEXT NOT NULL, rang INTEGER NOT NULL,
    opened_ms INTEGER NOT NULL, answer TEXT, answered_ms INTEGER
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS alerts_by_date ON alerts (date);
CREATE TABLE IF NOT EXISTS read_to (seq INTEGER NOT NULL);
"""


class History:
    """What is known of each day.

    Parameters
    ----------
    path
        The database file; it is created when missing.
    date_of
        The store's date, ``YYYY-MM-DD``, of a UTC time in nanoseconds.

    Raises
    ------
    DeliveryError
        Here and in every method, when the disk does not take or give what it should.
    """

    def __init__(self, path: Path, date_of: Callable[[int], str]) -> None:
        self._path = path
        self._date_of = date_of
        self._lock = threading.Lock()
        with self._faults():
            path.touch(mode=0o600)
            self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=5.0)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            if version not in (0, SCHEMA_VERSION):
                raise DeliveryError(str(path), f"was written by another version (format {version})", "Move it away.")
            self._db.executescript(_SCHEMA)
            self._db.execute(f"PRAGMA user_version={SCHEMA_VERSION}")

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            self._db.close()

    def add(self, part: DayPart) -> None:
        """Add what was gained."""
        with self._transaction() as db:
            db.executemany(
                "INSERT INTO hours VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
                "entered = entered + excluded.entered, gone = gone + excluded.gone, most = max(most, excluded.most)",
                [(one.date, one.hour, one.entered, one.left, one.most_inside) for one in part.hours],
            )
            db.executemany(
                "INSERT INTO cells VALUES (?, ?, ?, ?) "
                "ON CONFLICT DO UPDATE SET people_s = people_s + excluded.people_s",
                [(part.date, cell.ix, cell.iy, cell.people_s) for cell in part.cells[:MOST_CELLS]],
            )

    def read(self, journal: Journal) -> None:
        """Take what changed in the journal since the last time."""
        with self._transaction() as db:
            row = db.execute("SELECT seq FROM read_to").fetchone()
        seq = 0 if row is None else int(row[0])
        while changed := journal.since(seq, MAX_PAGE):
            seq = changed[-1].seq
            with self._transaction() as db:
                for stored in changed:
                    self._take(db, stored)
                db.execute("DELETE FROM read_to")
                db.execute("INSERT INTO read_to VALUES (?)", (seq,))

    def day(self, date: str) -> Day:
        """One day; empty where nothing is known of it."""
        with self._transaction() as db:
            hours = db.execute("SELECT * FROM hours WHERE date = ? ORDER BY hour", (date,)).fetchall()
            cells = db.execute("SELECT ix, iy, people_s FROM cells WHERE date = ?", (date,)).fetchall()
            alerts = db.execute(
                "SELECT level, rang, opened_ms, answer, answered_ms FROM alerts WHERE date = ?", (date,)
            ).fetchall()
        return Day(
            date, tuple(HourPart(*row) for row in hours), tuple(CellPart(*row) for row in cells), _counts(alerts)
        )

    def dates(self) -> tuple[str, ...]:
        """The days of which something is known, oldest first."""
        with self._transaction() as db:
            rows = db.execute("SELECT date FROM hours UNION SELECT date FROM alerts ORDER BY 1").fetchall()
            return tuple(date for (date,) in rows)

    def prune(self, today: str) -> None:
        """Forget days that are too old."""
        with self._transaction() as db:
            for table in ("hours", "cells", "alerts"):
                db.execute(f"DELETE FROM {table} WHERE date < date(?, ?)", (today, f"-{KEPT_DAYS} days"))  # noqa: S608

    def _take(self, db: sqlite3.Connection, stored: StoredAlert) -> None:
        body = json.loads(stored.body)
        rang = body.get("hush") is None
        db.execute(
            "INSERT INTO alerts VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
            "level = excluded.level, rang = max(rang, excluded.rang), answer = excluded.answer, "
            "answered_ms = excluded.answered_ms",
            (
                stored.alert_id,
                self._date_of(body["opened_ms"] * 1_000_000),
                body["level"],
                rang,
                body["opened_ms"],
                stored.ack and stored.ack.action.value,
                stored.ack and stored.ack.at_ns // 1_000_000,
            ),
        )

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._faults():
            self._db.execute("BEGIN")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            remedy = "Check free space, permissions and the health of the disk."
            raise DeliveryError(str(self._path), f"the book of days failed ({error})", remedy) from error


def _counts(rows: list[tuple[str, int, int, str | None, int | None]]) -> AlertCounts:
    levels = Counter(level for level, *_ in rows)
    answers = Counter(answer or "none" for _, _, _, answer, _ in rows)
    reds = [row for row in rows if row[0] == Level.RED.value and row[1]]
    waits = [
        max(0, answered_ms - opened_ms) / 1000
        for _, _, opened_ms, answer, answered_ms in reds
        if answer == AckAction.SPOKE.value and answered_ms is not None
    ]
    return AlertCounts(
        tuple((level.value, levels[level.value]) for level in Level),
        tuple((answer, answers[answer]) for answer in (*(action.value for action in AckAction), "none")),
        len(reds),
        len(waits),
        statistics.median(waits) if waits else None,
    )
