"""A phone without a browser: it has the keys, serves an RFC 8030 address, checks who sends and decrypts."""

import base64
import http.server
import json
import os
import threading
from dataclasses import dataclass

import http_ece
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02

from edge.delivery.channels.subscriptions import Subscription


def base64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@dataclass
class Received:
    headers: dict
    body: bytes
    vapid: bool

    @property
    def json(self):
        return json.loads(self.body)


class PushPhone:
    """``status`` is what its service answers; what came is in ``got``."""

    def __init__(self):
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.secret = os.urandom(16)
        self.status, self.got, self.asked = 201, [], []
        self.location = None
        phone = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                phone.asked.append(self.path)
                if phone.status == 201:
                    phone.got.append(phone._read({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(phone.status)
                if phone.location:
                    self.send_header("location", phone.location)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.endpoint = f"http://127.0.0.1:{self.server.server_port}/push/1"

    def _read(self, headers, body):
        plain = http_ece.decrypt(body, private_key=self.private, auth_secret=self.secret, version="aes128gcm")
        return Received(headers, plain, bool(Vapid02.verify(headers["authorization"])))

    @property
    def p256dh(self):
        point = self.private.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        return base64url(point)

    @property
    def auth(self):
        return base64url(self.secret)

    def subscription(self, user="", levels=("red",), path=None):
        endpoint = self.endpoint if path is None else self.endpoint.replace("/push/1", path)
        return Subscription(user, endpoint, self.p256dh, self.auth, "ja", levels)

    def close(self):
        self.server.shutdown()
        self.server.server_close()
