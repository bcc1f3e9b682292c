"""Debian's Firefox over WebDriver BiDi, which it speaks itself: a WebSocket and JSON, no driver in between."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from websockets.sync.client import connect

FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")
START_S = 60.0
QUIET = {
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
    "browser.aboutwelcome.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "extensions.update.enabled": False,
    "intl.accept_languages": "ja,en",
}


def push_preferences(port: int) -> dict[str, object]:
    """Notifications without asking anybody, and our own push service."""
    return {
        "dom.push.enabled": True, "dom.push.connection.enabled": True, "dom.push.alwaysConnect": True,
        "dom.push.serverURL": f"ws://127.0.0.1:{port}/", "dom.push.testing.allowInsecureServerURL": True,
        "dom.push.testing.ignorePermission": True, "permissions.default.desktop-notification": 1,
        "dom.webnotifications.enabled": True, "dom.webnotifications.requireuserinteraction": False,
        "dom.serviceWorkers.enabled": True, "alerts.useSystemBackend": False,
    }  # fmt: skip


class Firefox:
    """One page of a browser that is all ours."""

    def __init__(self, socket) -> None:
        self._socket = socket
        self._number = 0
        self._ask("session.new", {"capabilities": {}})
        self._page = self._ask("browsingContext.getTree", {})["contexts"][0]["context"]

    def open(self, url: str) -> None:
        self._ask("browsingContext.navigate", {"context": self._page, "url": url, "wait": "complete"})

    def evaluate(self, expression: str):
        """What a script comes to, with promises awaited; as JSON."""
        wrapped = f"(async () => JSON.stringify(await ({expression})) ?? 'null')()"
        result = self._ask(
            "script.evaluate",
            {
                "expression": wrapped,
                "target": {"context": self._page},
                "awaitPromise": True,
                "userActivation": True,
            },
        )
        if result["type"] != "success":
            raise AssertionError(result["exceptionDetails"]["text"])
        return json.loads(result["result"]["value"])

    def wait(self, expression: str, timeout_s: float = 20.0):
        """Until it comes to something."""
        give_up = time.monotonic() + timeout_s
        while time.monotonic() < give_up:
            if found := self.evaluate(expression):
                return found
            time.sleep(0.1)
        raise AssertionError(f"not within {timeout_s} s: {expression}")

    def _ask(self, method: str, parameters: dict[str, object]):
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while True:
            said = json.loads(self._socket.recv(timeout=60))
            if said.get("id") == self._number:
                if said["type"] == "error":
                    raise AssertionError(f"{method}: {said['error']} {said['message']}")
                return said["result"]


@contextmanager
def firefox(preferences: dict[str, object]) -> Iterator[Firefox]:
    """Start it with a fresh profile, and end it with all its children."""
    assert FIREFOX is not None
    folder = Path(tempfile.mkdtemp(prefix="firefox-"))
    lines = [f"user_pref({json.dumps(key)}, {json.dumps(value)});" for key, value in (QUIET | preferences).items()]
    (folder / "user.js").write_text("\n".join(lines))
    process = subprocess.Popen(
        [FIREFOX, "--headless", "--no-remote", "--profile", folder, "--remote-debugging-port", "0", "about:blank"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, process_group=0,
        env=os.environ | {"HOME": str(folder), "MOZ_CRASHREPORTER_DISABLE": "1"},
    )  # fmt: skip
    try:
        address = _address(process)
        with connect(f"{address}/session", max_size=None, open_timeout=START_S) as socket:
            yield Firefox(socket)
    finally:
        os.killpg(process.pid, 15)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.wait()
        process.stderr.close()
        shutil.rmtree(folder, ignore_errors=True)


def _address(process: subprocess.Popen[str]) -> str:
    said = []
    for line in process.stderr:
        said.append(line)
        if "WebDriver BiDi listening on" in line:
            return line.split("listening on", 1)[1].strip()
    raise AssertionError(f"Firefox did not start: {''.join(said)[-2000:]}")
