"""The first start of a box: what its console shows and its log does not; what a shell can do for who is locked out."""

import os
import pty
import re
import signal
import ssl
import subprocess
import sys
import time
from pathlib import Path

import cv2
import httpx
import numpy as np
import pytest

from edge.daemon.front_door import FrontDoor
from edge.daemon.welcome import Welcome
from edge.delivery.journal import Journal
from edge.delivery.wire import Topics
from edge.errors import EdgeError, SettingsError
from edge.recording.pictures import PictureFolder
from edge.settings import DeviceSettings, StoreSettings, WebSettings
from edge.web.accounts import Accounts
from edge.web.app import BoxParts
from edge.web.rights import Right, Role
from edge.web.server import WebServer
from tests.delivery.phone import wait_for
from tests.web.people import PASSWORD, Person, kept_password, settle_all
from tests.web.test_authority import handshake, own

WEB = Path(__file__).parents[2] / "edge" / "web"
CODE = re.compile(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}")


# ---- the picture


def read_by_a_phone(text, background):
    """The QR codes in what a terminal shows, as a camera would read them off its screen."""
    found = []
    picture = []
    for line in [*text.splitlines(), ""]:
        if "\033[97;40m" in line:
            picture.append(line.replace("\033[97;40m", "").replace("\033[0m", ""))
        elif picture:
            rows = [[c in upper for c in row] for row in picture for upper in ("█▀", "█▄")]
            pixels = np.kron(np.array(rows, np.uint8) * 255, np.ones((8, 8), np.uint8))
            found.append(cv2.QRCodeDetector().detectAndDecode(np.pad(pixels, 40, constant_values=background))[0])
            picture = []
    return found


@pytest.mark.parametrize("background", [0, 255])
def test_a_phone_reads_the_address_and_the_code_off_the_console(background):
    welcome = Welcome("https://192.168.1.7:8480/", "K7QM-2FHX-9RTD", "http://192.168.1.7:8481/", "AB CD")
    codes = read_by_a_phone(welcome.text(), background)
    assert codes == ["http://192.168.1.7:8481/", "https://192.168.1.7:8480/#setup=K7QM-2FHX-9RTD"]
    assert "AB CD" in welcome.text()
    plain = Welcome("http://localhost:8480/", "K7QM-2FHX-9RTD", None, None)
    assert read_by_a_phone(plain.text(), background) == ["http://localhost:8480/#setup=K7QM-2FHX-9RTD"]
    assert "K7QM" not in repr(plain)


# ---- the door, without cameras


class Box:
    def __init__(self, data_dir, **web):
        data_dir.mkdir(exist_ok=True)
        self.journal = Journal(data_dir / "journal.sqlite")
        parts = BoxParts(
            StoreSettings(),
            Topics("store", "box"),
            self.journal,
            PictureFolder(data_dir / "pictures"),
            tuple,
            lambda: None,
        )
        self.greeted = []
        self.door = FrontDoor(DeviceSettings(data_dir=data_dir, web=WebSettings(port=0, **web)), parts)

    def open(self):
        self.door.open(self.greeted.append)
        return self

    def close(self):
        self.door.close(2.0)
        self.journal.close()


def test_a_code_is_shown_while_there_is_no_owner_and_anew_when_it_was_guessed_at(tmp_path):
    box = Box(tmp_path / "var").open()
    (first,) = box.greeted
    accounts = box.door._accounts
    for _ in range(20):
        assert not accounts.check_code("Mori", "AAAA-AAAA-AAAA")
    box.door._code_checked_ns = 0
    box.door.tick()
    assert len(box.greeted) == 2
    assert not accounts.check_code("Mori", first.code)
    assert accounts.redeem("Mori", box.greeted[1].code, kept_password()).role is Role.OWNER
    box.door._code_checked_ns = 0
    box.door.tick()
    box.close()
    assert len(box.greeted) == 2
    again = Box(tmp_path / "var").open()
    assert again.greeted == []
    again.close()


def test_where_nobody_signs_in_no_code_is_shown(tmp_path):
    box = Box(tmp_path / "var", sign_in=False).open()
    assert box.greeted == []
    assert httpx.get(f"{box.door.url}api/users").status_code == 409
    box.close()


def test_the_network_is_served_by_https_and_the_trust_page_shows_the_consoles_fingerprint(tmp_path):
    box = Box(tmp_path / "var", host="0.0.0.0", trust_port=0, names=("box.shop.example",)).open()
    (welcome,) = box.greeted
    assert welcome.url.startswith("https://box.shop.example:")
    port = int(welcome.trust_url.rstrip("/").rpartition(":")[2])
    assert welcome.fingerprint in httpx.get(f"http://localhost:{port}/").text
    moved = httpx.get(f"http://localhost:{port}/api/session")
    assert httpx.URL(moved.headers["location"]).scheme == "https"
    trusting = ssl.create_default_context(cafile=tmp_path / "var/tls/ca.pem")
    page = httpx.get(moved.headers["location"], verify=trusting)
    assert page.json()["state"] == "setup"
    assert "strict-transport-security" not in page.headers
    box.close()


def test_an_owners_renewed_certificate_is_shown_without_a_restart_and_a_bad_one_is_not(tmp_path):
    files = own(tmp_path, "box.shop.example")
    web = {"host": "0.0.0.0", "tls": "own", "certificate": files.certificate, "key": files.key}
    box = Box(tmp_path / "var", names=("box.shop.example",), **web).open()
    port = httpx.URL(box.door.url).port
    before = handshake(port, files.certificate, "box.shop.example")
    answer = httpx.get(box.door.url, verify=False, headers={"host": "box.shop.example"})
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    old = files.certificate.read_bytes()
    files.certificate.write_text("being written")
    with pytest.raises(SettingsError, match="holds no certificate"):
        box.door.check_certificate()
    trusted = tmp_path / "old.pem"
    trusted.write_bytes(old)
    assert handshake(port, trusted, "box.shop.example") == before
    own(tmp_path, "box.shop.example")
    box.door.check_certificate()
    assert handshake(port, files.certificate, "box.shop.example") != before
    box.close()


def test_a_trust_port_in_use_is_named(tmp_path):
    async def nothing(scope, receive, send):
        pass

    taken = WebServer(WebSettings(port=0), nothing)
    with pytest.raises(EdgeError, match=f"port {taken.port}: is in use"):
        Box(tmp_path / "var", host="0.0.0.0", trust_port=taken.port)
    taken.stop()


# ---- the whole daemon


class Running:
    """``miseban run``, before a terminal or as a service whose output goes to a log."""

    def __init__(self, folder, session, *, terminal):
        self.folder = folder
        (folder / "device.toml").write_text(f'data_dir = "var"\n[[session]]\npath = "{session}"\n[web]\nport = 0\n')
        self.errors = (folder / "errors").open("ab")
        leader, follower = pty.openpty() if terminal else os.pipe()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "edge", "run", "--device", str(folder / "device.toml")],
            stdout=follower, stderr=self.errors, process_group=0,
        )  # fmt: skip
        os.close(follower)
        os.set_blocking(leader, False)
        self._leader = leader
        self.shown = ""
        wait_for(lambda: "Open http" in self.read() or self.process.poll() is not None, 60)
        assert self.process.poll() is None, self.log
        self.url = re.search(r"Open (\S+)", self.shown)[1]

    def read(self):
        try:
            self.shown += os.read(self._leader, 65536).decode()
        except (BlockingIOError, OSError):
            time.sleep(0.02)
        return self.shown

    def end(self, number):
        os.killpg(self.process.pid, number)
        self.process.wait(20)
        self.read()
        os.close(self._leader)
        self.errors.close()

    @property
    def log(self):
        return (self.folder / "errors").read_text()


def users(folder, *words):
    command = [sys.executable, "-m", "edge", "users", *words, "--device", str(folder / "device.toml")]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_from_the_console_to_an_owner_and_back_in_after_a_reset(session, tmp_path):
    service = Running(tmp_path, session, terminal=False)
    try:
        assert httpx.get(f"{service.url}api/session").json()["state"] == "setup"
        assert httpx.get(f"{service.url}api/alerts").status_code == 401
        assert "miseban users add NAME --role owner" in service.log
        assert "no owner yet" not in service.shown
        assert users(tmp_path, "list").stdout.startswith("nobody yet")
    finally:
        service.end(signal.SIGKILL)
    assert not CODE.search(service.shown + service.log)

    terminal = Running(tmp_path, session, terminal=True)
    try:
        wait_for(lambda: "Setup code" in terminal.read())
        code = CODE.search(terminal.shown)[0]
        one = Person(terminal.url)
        told = one.post("/api/setup", {"code": code, "name": "森", "password": PASSWORD})
        assert told.json()["user"] == {"name": "森", "role": "owner"}
        assert re.search(r"森  owner  enabled  last here: 20\d\d-", users(tmp_path, "list").stdout)
        assert one.get("/api/users").status_code == 200

        reset = users(tmp_path, "reset", "森")
        assert reset.returncode == 0, reset.stderr
        assert one.get("/api/users").status_code == 401
        body = {"code": CODE.search(reset.stdout)[0], "name": "森", "password": "another phrase"}
        assert one.sign_in("森").status_code == 401
        one = Person(terminal.url)
        assert one.post("/api/setup", body).status_code == 200
        assert one.sign_in("森", "another phrase").status_code == 200

        added = users(tmp_path, "add", "由紀", "--role", "staff")
        assert added.returncode == 0
        assert CODE.search(added.stdout)
        taken = users(tmp_path, "add", "由紀", "--role", "staff")
        assert (taken.returncode, "has this name already" in taken.stderr) == (1, True)
        assert users(tmp_path, "reset", "nobody").returncode == 1
    finally:
        terminal.end(signal.SIGTERM)
    for secret in (code, PASSWORD, "another phrase", body["code"], one.client.cookies["miseban"]):
        assert secret not in terminal.log
        assert secret not in "".join(read(path) for path in (tmp_path / "var").rglob("*"))
    assert "Traceback" not in terminal.log


def every_route():
    """Method, path and right of every route that any module gives the page."""
    source = "\n".join(module.read_text() for module in WEB.glob("*.py"))
    for path, right, rest in re.findall(r'Route\(\s*"(/api/[^"]*)", needs\(Right\.(\w+),([^\n]*)', source):
        for method in re.findall(r'"([A-Z]+)"', rest) or ["GET"]:
            yield method, re.sub(r"\{\w+\}", "none", path), Right[right]


def test_every_route_of_the_whole_box_asks_for_its_right(session, tmp_path):
    (tmp_path / "var").mkdir()
    accounts = Accounts(tmp_path / "var/accounts.sqlite")
    settle_all(accounts)
    accounts.close()
    box = Running(tmp_path, session, terminal=False)
    try:
        people = {role: Person(box.url).as_role(role) for role in Role} | {None: Person(box.url)}
        routes = set(every_route())
        assert {right for _, _, right in routes} == set(Right)
        assert len(routes) > 20
        for method, path, right in routes:
            for role, who in people.items():
                answer = who.ask(method, path, None if method == "GET" else {})
                told = (method, path, role, answer.status_code)
                if role is None:
                    assert answer.status_code == 401, told
                elif right in role.rights:
                    assert answer.status_code not in (401, 403, 405), told
                    assert answer.status_code < 500, told
                else:
                    assert (answer.status_code, answer.json()["code"]) == (403, "no_right"), told
    finally:
        box.end(signal.SIGTERM)


def read(path: Path) -> str:
    return path.read_bytes().decode("latin-1") if path.is_file() else ""


def test_the_shell_does_not_make_files_that_the_box_cannot_read(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder to somebody else")
    (tmp_path / "var").mkdir()
    os.chown(tmp_path / "var", 12345, 12345)
    (tmp_path / "device.toml").write_text('data_dir = "var"\n')
    refused = users(tmp_path, "list")
    assert (refused.returncode, "belongs to user 12345" in refused.stderr) == (1, True)
    assert list((tmp_path / "var").iterdir()) == []
