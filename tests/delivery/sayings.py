"""Alerts as channels get them out of a journal, and a channel that writes down what it is told."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from edge.clock import utc_ns
from edge.delivery.journal import Journal
from edge.delivery.notify import Channel, ChannelFault, Notifier
from edge.geometry import cell_of
from edge.messages import Alert, AlertState, EventKind, Level, Place
from edge.settings.channels import LightChannel

PLACE = Place(2.6, 5.3, 0.7, cell_of(2.6, 5.3, 0.7), zone="aisle", shelf="A", level=1)


def alert(alert_id, level=Level.RED, state=AlertState.OPEN, *, ago_s=0.0, kind=EventKind.INTRUSION, count=1, **more):
    t_ns = utc_ns() - round(ago_s * 1e9)
    return Alert(alert_id, t_ns, level, state, kind, PLACE, "k3f9", count, (), **more)


class Notebook(Channel):
    """Takes everything, unless it is told to fail."""

    def __init__(self):
        self.told = []
        self.seen = []
        self.fails = False
        self.tries = 0

    def observe(self, news):
        self.seen.append(news)

    def deliver(self, notice):
        self.tries += 1
        if self.fails:
            raise ChannelFault("notebook", "has no page left", "Buy another.")
        self.told.append(notice)
        return "written down"

    def ids(self):
        return [notice.alert_id for notice in tuple(self.told)]


class Page(Channel):
    """A file that survives its writer."""

    def __init__(self, path):
        self._file = path.open("a")

    def deliver(self, notice):
        time.sleep(0.002)
        self._file.write(json.dumps([notice.alert_id, notice.kind, notice.count]) + "\n")
        self._file.flush()
        return "written"


def settings(name="notebook", **more):
    """Of any kind: the engine looks at what all channels have in common."""
    return LightChannel(**{"id": name, "kind": "light", "pin": 4} | more)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    notifier = Notifier([(settings("page"), Page(folder / "page"))], Journal(folder / "journal.sqlite"))
    notifier.start()
    sys.stdout.write("up\n")
    sys.stdout.flush()
    time.sleep(60)
