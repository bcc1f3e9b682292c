"""How far each channel has come in the journal, in the journal's own file: both survive, or are lost, together."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from edge.delivery.notices import Rung
from edge.errors import DeliveryError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS channel_cursors (
    channel TEXT PRIMARY KEY,
    seq INTEGER NOT NULL,           -- all up to here was told, or was not for this channel
    told_ns INTEGER                 -- when it last took something; null until then
);
CREATE TABLE IF NOT EXISTS channel_rung (
    channel TEXT NOT NULL,
    alert_id TEXT NOT NULL,
    rank INTEGER NOT NULL,
    escalation INTEGER NOT NULL,
    PRIMARY KEY (channel, alert_id)
) WITHOUT ROWID;
"""


MOST_AHEAD = 10_000

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Ahead:
    """What a channel has done and the disk did not take: on a full disk nothing rings twice while the box runs."""

    seq: int = 0
    told_ns: int | None = None
    rung: dict[str, Rung] = field(default_factory=dict)


class Cursors:
    """The channels' places in a journal; safe to use from several threads.

    Parameters
    ----------
    path
        The journal's file, which must be there.

    Raises
    ------
    DeliveryError
        Here and in every method, when the disk does not take or give what it should.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._ahead: dict[str, _Ahead] = {}
        with self._faults():
            self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=5.0)
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            self._db.close()

    def begin(self, channel: str) -> int:
        """Where a channel stands; one that is new begins now: history is not told to it."""
        with self._lock, self._faults():
            db = self._db
            if db.execute("SELECT 1 FROM channel_cursors WHERE channel = ?", (channel,)).fetchone() is None:
                newest = "SELECT coalesce(max(seq), 0) FROM changes"
                db.execute(f"INSERT OR IGNORE INTO channel_cursors VALUES (?, ({newest}), NULL)", (channel,))  # noqa: S608
            kept = int(db.execute("SELECT seq FROM channel_cursors WHERE channel = ?", (channel,)).fetchone()[0])
            return max(kept, self._ahead[channel].seq) if channel in self._ahead else kept

    def newest(self) -> int:
        """The journal's last change; costs next to nothing."""
        with self._lock, self._faults():
            return int(self._db.execute("SELECT coalesce(max(seq), 0) FROM changes").fetchone()[0])

    def told_ns(self, channel: str) -> int | None:
        """When the channel last took something."""
        with self._lock, self._faults():
            row = self._db.execute("SELECT told_ns FROM channel_cursors WHERE channel = ?", (channel,)).fetchone()
            return None if row is None or row[0] is None else int(row[0])

    def rung(self, channel: str, alert_id: str) -> Rung | None:
        """How loud an alert was there, or ``None`` when it never was."""
        with self._lock, self._faults():
            if channel in self._ahead and alert_id in self._ahead[channel].rung:
                return self._ahead[channel].rung[alert_id]
            row = self._db.execute(
                "SELECT rank, escalation FROM channel_rung WHERE channel = ? AND alert_id = ?", (channel, alert_id)
            ).fetchone()
            return None if row is None else Rung(*row)

    def commit(self, channel: str, seq: int, rung: Sequence[tuple[str, Rung]], told_ns: int | None) -> None:
        """All up to ``seq`` is done, and these alerts have rung.

        What was told was told: a disk that does not take it now gets it with the next, and until then it is remembered.
        """
        ahead = self._ahead.setdefault(channel, _Ahead())
        ahead.seq, ahead.told_ns = max(ahead.seq, seq), told_ns or ahead.told_ns
        ahead.rung.update(rung)
        while len(ahead.rung) > MOST_AHEAD:
            del ahead.rung[next(iter(ahead.rung))]
        try:
            with self._transaction() as db:
                db.execute(
                    "UPDATE channel_cursors SET seq = max(seq, ?), told_ns = coalesce(?, told_ns) WHERE channel = ?",
                    (ahead.seq, ahead.told_ns, channel),
                )
                db.executemany(
                    "INSERT OR REPLACE INTO channel_rung VALUES (?, ?, ?, ?)",
                    [(channel, alert_id, one.rank, one.escalation) for alert_id, one in ahead.rung.items()],
                )
        except DeliveryError as error:
            log.error("a channel's place waits for the disk", channel=channel, error=str(error))
        else:
            self._ahead[channel] = _Ahead()

    def prune(self, channels: Sequence[str]) -> None:
        """Forget channels that are no more, and alerts that the journal has forgotten."""
        kept = ",".join("?" * len(channels))
        with self._transaction() as db:
            for table in ("channel_cursors", "channel_rung"):
                db.execute(f"DELETE FROM {table} WHERE channel NOT IN ({kept})", tuple(channels))  # noqa: S608
            db.execute("DELETE FROM channel_rung WHERE alert_id NOT IN (SELECT alert_id FROM changes)")

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._faults():
            self._db.execute("BEGIN IMMEDIATE")
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
        except sqlite3.Error as error:
            remedy = "Check free space, permissions and the health of the disk."
            raise DeliveryError(str(self._path), f"a channel's place is not kept ({error})", remedy) from error
