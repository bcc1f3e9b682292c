"""A box's main process that may be killed at any instant, and a single-threaded parent that forks one after the other.

    python -m tests.chaos.box FOLDER PORT

For each line that the parent reads, which says how many alerts a second, it forks a box and prints its process id; at
the end of its input it ends.  The box
is what the daemon's main process is made of, from the teller on: journal, broker, MQTT, web server.  Only what makes
the alerts is a clock instead of a shop.

People sign in where there is ``FOLDER/accounts.sqlite``.  What a box has promised is in ``FOLDER/ledger``: a line is
written, and is on disk, after the journal has returned.
"""

from __future__ import annotations

import os
import secrets
import signal
import sys
import threading
import time
from pathlib import Path

import structlog

from edge.clock import utc_ns
from edge.daemon.teller import Teller
from edge.delivery.broker import Broker
from edge.delivery.journal import Journal
from edge.delivery.mqtt import Mqtt
from edge.delivery.wire import Topics
from edge.geometry import Cell
from edge.messages import Alert, AlertState, EventKind, Level, Place, Reason, SceneUpdate
from edge.recording.pictures import PictureFolder
from edge.settings import BrokerSettings, StoreSettings, WebSettings
from edge.shop import ShopStep
from edge.web.accounts import Accounts
from edge.web.answers import answer_routes
from edge.web.app import BoxParts, create_app
from edge.web.server import WebServer
from edge.web.sign_in import Doorkeeper

TOPICS = Topics("store", "box")
OPEN_AT_ONCE = 5
"""An alert ends when so many others were opened after it."""
PLACE = Place(2.6, 3.1, 1.6, Cell(13, 15, 8), zone="aisle")


class LedgerJournal(Journal):
    """A journal whose promises are written down elsewhere, after they were made."""

    def __init__(self, path: Path, ledger: Path) -> None:
        super().__init__(path)
        self._ledger = os.open(ledger, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def record(self, alert: Alert) -> int:
        seq = super().record(alert)
        os.write(self._ledger, f"{alert.alert_id} {seq} {alert.state}\n".encode())
        os.fsync(self._ledger)
        return seq


class Maker:
    """So many alerts a second, each of which ends a little later."""

    def __init__(self, teller: Teller) -> None:
        self._teller = teller
        self._run = secrets.token_hex(4)
        self._open: list[Alert] = []
        self._made = 0

    def step(self) -> None:
        """Open one alert, and end the oldest."""
        t_ns = utc_ns()
        name = f"{self._run}-{self._made}"
        self._made += 1
        reason = Reason(EventKind.INTRUSION.value, t_ns, PLACE, 1.0, f"made as {name}")
        opened = Alert(name, t_ns, Level.RED, AlertState.OPEN, EventKind.INTRUSION, PLACE, None, 1, (reason,))
        self._open.append(opened)
        alerts = [opened]
        if len(self._open) > OPEN_AT_ONCE:
            old = self._open.pop(0)
            alerts.append(Alert(old.alert_id, t_ns, old.level, AlertState.ENDED, old.kind, PLACE, None, 1, old.reasons))
        self._teller.step(ShopStep(SceneUpdate(t_ns, ()), tuple(alerts)))


def run_box(folder: Path, port: int, alerts_per_s: float) -> None:
    """Be a box until SIGTERM, or a death without notice."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    journal = LedgerJournal(folder / "journal.sqlite", folder / "ledger")
    broker = Broker(BrokerSettings(), TOPICS, folder / "broker")
    mqtt = Mqtt(TOPICS, journal, broker.address)
    pictures = PictureFolder(folder / "pictures")
    known = folder / "accounts.sqlite"
    door = Doorkeeper(Accounts(known) if known.exists() else None)
    settings = WebSettings(port=port, sign_in=door.accounts is not None)
    parts = BoxParts(StoreSettings(), TOPICS, journal, pictures, tuple, broker.address)
    more = tuple(answer_routes(journal, mqtt.alerts_changed))
    web = WebServer(settings, create_app(settings, parts, more=more, door=door))
    maker = Maker(Teller(journal, mqtt, pictures))
    journal.end_open(utc_ns())
    broker.start()
    mqtt.start()
    mqtt.alerts_changed()
    web.start()
    due = time.monotonic()
    while not stop.is_set():
        if alerts_per_s:
            maker.step()
            due = max(due + 1 / alerts_per_s, time.monotonic() - 1.0)
        stop.wait(max(due - time.monotonic(), 0.0) if alerts_per_s else 1.0)
    web.stop(1.0)
    mqtt.stop()
    broker.stop()
    journal.close()


def main() -> None:
    """Fork a box for each line of input."""
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    structlog.configure(logger_factory=structlog.WriteLoggerFactory((folder / "log").open("a")))
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            try:
                run_box(folder, port, float(line))
            except BaseException as error:
                (folder / "fault").write_text(repr(error))
                raise
            finally:
                os._exit(0)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
        os.waitpid(pid, 0)


if __name__ == "__main__":
    main()
