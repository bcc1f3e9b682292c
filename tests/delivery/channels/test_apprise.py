"""Apprise against real HTTP servers; what is secret in an address stays out of every word."""

import base64
import http.server
import json
import logging
import threading
from dataclasses import replace

import pytest

from edge.clock import utc_ns
from edge.delivery import notices
from edge.delivery.channels.apprise import Apprise
from edge.delivery.notify import ChannelFault
from edge.messages import Level
from edge.settings.channels import AppriseChannel

SECRET = "s3cret-t0ken"


class Service:
    """Takes what is posted."""

    def __init__(self):
        self.status, self.got = 200, []
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                service.got.append((self.path, dict(self.headers), json.loads(body)))
                self.send_response(service.status)
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def service():
    running = Service()
    yield running
    running.close()


@pytest.fixture
def channel(tmp_path, phrases):
    def made(text, mode=0o600):
        file = tmp_path / "url"
        file.write_text(text)
        file.chmod(mode)
        return Apprise(AppriseChannel(id="chat", kind="apprise", url_file=file, language="en"), phrases)

    return made


def test_a_service_is_told_in_words(service, channel, red):
    chat = channel(f"# the shop's chat\njson://user:{SECRET}@127.0.0.1:{service.port}/hook\n")
    assert chat.deliver(red) == "taken by 1 service"
    ((path, headers, body),) = service.got
    assert path == "/hook"
    assert base64.b64decode(headers["Authorization"].removeprefix("Basic ")).decode() == f"user:{SECRET}"
    assert (body["title"], body["type"]) == ("Corner shop – Urgent: Somebody is in the closed shop", "failure")
    assert body["message"] == "in the aisle · shelf A · level 2 from below · count 2"
    chat.deliver(replace(red, level=Level.YELLOW, escalation=1))
    assert service.got[-1][2]["type"] == "warning"
    assert service.got[-1][2]["message"].endswith("nobody has answered yet")
    chat.deliver(notices.away([red, red]))
    assert (service.got[-1][2]["title"], service.got[-1][2]["type"]) == (
        "Corner shop – 2 alerts while this channel was away", "info")  # fmt: skip


def test_ntfy_is_told(service, channel):
    assert channel(f"ntfy://127.0.0.1:{service.port}/{SECRET}").deliver(notices.trial(utc_ns())).startswith("taken")
    assert service.got[0][2]["topic"] == SECRET
    assert service.got[0][2]["title"] == "Corner shop – This is a test"


def test_two_services_are_both_told_and_one_that_refuses_fails_the_whole(service, channel, red):
    other = Service()
    both = channel(f"json://127.0.0.1:{service.port}/a\njson://127.0.0.1:{other.port}/b\n")
    assert both.deliver(red) == "taken by 2 services"
    other.status = 503
    with pytest.raises(ChannelFault, match=r"address 2 of 2 refused it \(HTTP status 503\)"):
        both.deliver(red)
    other.close()


@pytest.mark.parametrize("status", [401, 403, 500])
def test_a_refusal_names_the_status_and_no_secret(service, channel, red, status, caplog, capfd):
    service.status = status
    caplog.set_level(logging.DEBUG)
    with pytest.raises(ChannelFault) as fault:
        channel(f"json://user:{SECRET}@127.0.0.1:{service.port}/{SECRET}/hook?token={SECRET}").deliver(red)
    assert f"HTTP status {status}" in str(fault.value)
    out = capfd.readouterr()
    for said in (str(fault.value), repr(fault.value.__cause__), caplog.text, out.out, out.err):
        assert SECRET not in said


def test_out_of_reach_is_said_without_the_address(service, channel, red, caplog, capfd):
    service.close()
    caplog.set_level(logging.DEBUG)
    with pytest.raises(ChannelFault, match="cannot be reached") as fault:
        channel(f"json://user:{SECRET}@127.0.0.1:{service.port}/{SECRET}").deliver(red)
    out = capfd.readouterr()
    assert SECRET not in f"{fault.value}{caplog.text}{out.out}{out.err}"


@pytest.mark.parametrize(
    ("text", "mode", "what"),
    [
        (f"nonsense-{SECRET}", 0o600, "not one that Apprise understands"),
        (f"fax://{SECRET}", 0o600, "not one that Apprise understands"),
        ("# nothing\n", 0o600, "holds 0 addresses"),
        ("json://a\n" * 9, 0o600, "holds 9 addresses"),
        (f"json://{SECRET}", 0o644, "can be read by others"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_of(channel, red, text, mode, what, capfd):
    with pytest.raises(ChannelFault, match=what) as fault:
        channel(text, mode).deliver(red)
    assert SECRET not in str(fault.value) + capfd.readouterr().err


def test_a_file_that_is_not_there_is_told_of(tmp_path, phrases, red):
    chat = Apprise(AppriseChannel(id="chat", kind="apprise", url_file=tmp_path / "none"), phrases)
    with pytest.raises(ChannelFault, match="cannot be read"):
        chat.deliver(red)
