"""The snoozes, kept beside the alerts: they survive whatever happens to the box, and end on time all the same."""

from __future__ import annotations

from edge.delivery.database import Database, on_a_full_disk_too
from edge.errors import DeliveryError
from edge.messages import EventKind, Snooze

MAX_SNOOZES = 50

SCHEMA = """
CREATE TABLE IF NOT EXISTS snoozes (
    snooze_id TEXT PRIMARY KEY,
    kind TEXT,
    zone TEXT,
    sensor TEXT,
    until_ns INTEGER NOT NULL,
    by TEXT NOT NULL,
    at_ns INTEGER NOT NULL
) WITHOUT ROWID;
"""


class TooManySnoozes(DeliveryError):
    """More at a time than anybody can keep in mind."""


class SnoozeBook:
    """What rings nobody for a while."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.version = 0
        """Another one after each change that somebody made."""

    @on_a_full_disk_too
    def add(self, snooze: Snooze) -> None:
        """Keep one; those that are over at its time are forgotten.

        Raises
        ------
        TooManySnoozes
            If there are fifty already.
        """
        with self.database.transaction() as db:
            db.execute("DELETE FROM snoozes WHERE until_ns <= ?", (snooze.at_ns,))
            if db.execute("SELECT count(*) FROM snoozes").fetchone()[0] >= MAX_SNOOZES:
                raise TooManySnoozes("snooze", f"there are {MAX_SNOOZES} already", "End one of them first.")
            db.execute(
                "INSERT INTO snoozes VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    snooze.snooze_id,
                    None if snooze.kind is None else snooze.kind.value,
                    snooze.zone,
                    snooze.sensor,
                    snooze.until_ns,
                    snooze.by,
                    snooze.at_ns,
                ),
            )
        self.version += 1

    @on_a_full_disk_too
    def remove(self, snooze_id: str) -> bool:
        """End one now; False where there is none of that name."""
        with self.database.transaction() as db:
            removed = db.execute("DELETE FROM snoozes WHERE snooze_id = ?", (snooze_id,)).rowcount > 0
        self.version += removed
        return removed

    def standing(self, now_ns: int) -> tuple[Snooze, ...]:
        """Those that are not over at ``now_ns``, in the order of their end."""
        with self.database.transaction() as db:
            rows = db.execute(
                "SELECT snooze_id, kind, zone, sensor, until_ns, by, at_ns FROM snoozes WHERE until_ns > ? "
                "ORDER BY until_ns, snooze_id",
                (now_ns,),
            ).fetchall()
        return tuple(
            Snooze(name, None if kind is None else EventKind(kind), zone, sensor, until_ns, by, at_ns)
            for name, kind, zone, sensor, until_ns, by, at_ns in rows
        )
