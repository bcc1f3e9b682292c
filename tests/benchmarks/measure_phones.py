"""Fifty phones on one box: how soon each hears of each alert, and what that costs the main process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from edge.web.accounts import Accounts
from edge.web.rights import Role
from tests.benchmarks.measure import Measure, at_least, at_most, exactly, told
from tests.chaos.crowd import PHONES, WARM_S
from tests.chaos.fork import ROOT, Box
from tests.web.people import PASSWORD, Person, settle

ALERTS_PER_S, LOOK_S = 20.0, 60.0
PEOPLE = 5
"""One person may have ten phones."""
FLOOR_P99_MS, FLOOR_CORE = 1000.0, 0.40
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Crowd:
    """What fifty phones heard."""

    connected: int
    alerts: int
    """That the phone which heard the fewest heard."""
    median_ms: float
    p99_ms: float
    core: float
    """Share of a core that the main process took."""
    broker_core: float
    load: float


def measure(seconds: float = LOOK_S) -> Crowd:
    """Watch them for a while."""
    with TemporaryDirectory(prefix="miseban-phones-") as name:
        folder = Path(name)
        accounts = Accounts(folder / "accounts.sqlite")
        people = [f"person {number}" for number in range(PEOPLE)]
        for person in people:
            settle(accounts, person, Role.OWNER)
        accounts.close()
        box = Box(folder)
        try:
            box.start(ALERTS_PER_S)
            box.wait_until_up()
            return _listen(box, [_cookie(box, person) for person in people], seconds)
        finally:
            box.close()


def _cookie(box: Box, name: str) -> str:
    person = Person(box.url.rstrip("/"))
    assert person.sign_in(name, PASSWORD).status_code == 200
    return person.cookie


def _listen(box: Box, cookies: list[str], seconds: float) -> Crowd:
    assert box.pid is not None
    command = [sys.executable, "-m", "tests.chaos.crowd", str(box.port), str(seconds), *cookies]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as phones:
        assert phones.stdout is not None
        assert phones.stdout.readline() == "ready\n"
        time.sleep(WARM_S)
        broker = int((box.folder / "broker/mosquitto.pid").read_text())
        before, began = (_cpu_s(box.pid), _cpu_s(broker)), time.monotonic()
        time.sleep(seconds)
        spent = [now - then for now, then in zip((_cpu_s(box.pid), _cpu_s(broker)), before, strict=True)]
        lasted = time.monotonic() - began
        result = json.loads(phones.stdout.read())
    late = np.concatenate([np.asarray(one) for one in result["heard"]])
    median, p99 = np.percentile(late, [50, 99])
    fewest = min(len(one) for one in result["heard"])
    return Crowd(
        result["connected"], fewest, float(median), float(p99), spent[0] / lasted, spent[1] / lasted, os.getloadavg()[0]
    )


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def phone_measures() -> Iterator[Measure]:
    """Fifty phones, twenty alerts a second."""
    crowd = measure()
    on = f"{PHONES} phones of {PEOPLE} people, {ALERTS_PER_S:g} alerts/s, each opened and ended"
    yield exactly(on, "phones connected to the end", PHONES, crowd.connected)
    yield at_least(on, "alerts heard by each", 0.95 * ALERTS_PER_S * LOOK_S, crowd.alerts, 0)
    yield told(on, "made → heard, median, ms", f"{crowd.median_ms:.0f}")
    yield at_most(on, "made → heard, p99, ms", FLOOR_P99_MS, crowd.p99_ms, 0)
    yield at_most(on, "main process, share of a core", FLOOR_CORE, crowd.core, 2)
    yield told(on, "broker, share of a core; load of the machine", f"{crowd.broker_core:.2f}; {crowd.load:.1f}")
