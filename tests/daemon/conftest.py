"""The whole daemon as a process of its own, as it runs in a shop."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from edge.depth.pipeline import Eye
from edge.recording.folder import open_session
from edge.settings import EyeSettings
from tests.daemon.walker import write_session
from tests.delivery.phone import Phone, wait_for

RUN = """
import json, sys
from pathlib import Path
from edge.daemon import run
from edge.errors import EdgeError
from edge.settings import DeviceSettings, StoreSettings
store = StoreSettings.model_validate(json.loads(sys.argv[2])) if sys.argv[2:] else None
try:
    run(DeviceSettings.model_validate(json.loads(sys.argv[1])), store, announce=lambda url: print(url, flush=True))
except EdgeError as error:
    print(f"Error: {error}", flush=True)
    sys.exit(1)
"""
NIGHT = """
[store]
name = "test shop"
timezone = "Asia/Tokyo"
[hours]
open = "20:00"
close = "21:00"
[[line]]
id = "middle"
from = [0.3, -1.0]
to = [0.3, 1.0]
in_direction = [1.0, 0.0]
[[shelf]]
id = "in view"
min = [-0.5, 0.8, 0.0]
max = [0.5, 1.2, 0.8]
facing = [0.0, -1.0]
[[shelf]]
id = "elsewhere"
min = [8.0, 0.8, 0.0]
max = [9.0, 1.2, 0.8]
facing = [0.0, -1.0]
[[shelf]]
id = "over it"
min = [-0.2, 0.8, 0.0]
max = [0.8, 1.2, 0.8]
facing = [0.0, -1.0]
[alerts.intrusion]
after_s = 0.3
end_after_s = 0.5
"""


class RunningDaemon:
    def __init__(self, settings, log: Path, store=None):
        self.log = log
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-c", RUN, json.dumps(settings), *([] if store is None else [json.dumps(store)])],
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                process_group=0,
            )
        self.url = self.process.stdout.readline().strip()

    @property
    def port(self):
        return httpx.URL(self.url).port

    def phone(self, **options):
        return Phone("localhost", self.port, websocket="/mqtt", **options)

    def children(self):
        """What the daemon's processes are by their ids: sensors or the broker, told by their command lines."""
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                status = (entry / "stat").read_text().rsplit(")", 1)[1].split()
                command = (entry / "cmdline").read_bytes().decode()
            except OSError:
                continue
            if int(status[1]) == self.process.pid and "resource_tracker" not in command:
                found[int(entry.name)] = "mosquitto" if "mosquitto" in command else "sensor"
        return found

    def sensors(self):
        return [pid for pid, what in self.children().items() if what == "sensor"]

    def end(self, number=signal.SIGTERM):
        """Send a signal, SIGINT as a terminal does: to all of its group; the exit code and the seconds that it took."""
        began = time.monotonic()
        if number == signal.SIGINT:
            os.killpg(self.process.pid, number)
        else:
            self.process.send_signal(number)
        return self.process.wait(20), time.monotonic() - began


@contextmanager
def running(session, data_dir, log, store=None, **device):
    sessions = [] if session is None else [{"path": str(session)}]
    settings = {"data_dir": str(data_dir), "session": sessions, "web": {"port": 0, "sign_in": False}} | device
    daemon = RunningDaemon(settings, log, store)
    try:
        yield daemon
    finally:
        children = daemon.children()
        if daemon.process.poll() is None:
            daemon.end()
        daemon.process.stdout.close()
        for pid in children:
            wait_for(lambda: gone(pid), 5)  # noqa: B023  (waits here and now)


def gone(pid):
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    path = write_session(tmp_path_factory.mktemp("sessions") / "walker", ("left", "right"), store=NIGHT)
    Eye(open_session(path).cameras[0], EyeSettings()).warm_up()  # compiled once, here, and not by each camera's process
    return path
