"""A push service on loopback: speaks autopush to Firefox over a WebSocket, and takes RFC 8030 posts from the box."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from edge.settings import WebSettings
from edge.web.server import WebServer


class PushService:
    """``taken`` are the posts: token, headers, length."""

    def __init__(self) -> None:
        self._phones: dict[str, tuple[str, str]] = {}
        self._sockets: dict[str, WebSocket] = {}
        self.taken: list[tuple[str, dict[str, str], int]] = []
        self.confirmed: list[str] = []
        routes = [
            WebSocketRoute("/", self._listen),
            Route("/wpush/{token}", self._post, methods=["POST"]),
        ]
        self._server = WebServer(WebSettings(port=0, sign_in=False), Starlette(routes=routes))
        self._server.start()
        self.port = self._server.port

    def stop(self) -> None:
        self._server.stop()

    def forget_all(self) -> None:
        """As if every phone had been thrown away."""
        self._phones.clear()

    async def _listen(self, socket: WebSocket) -> None:
        asked = socket.scope.get("subprotocols", [])
        await socket.accept(subprotocol="push-notification" if "push-notification" in asked else None)
        name = ""
        try:
            while True:
                said = json.loads(await socket.receive_text())
                match said.get("messageType"):
                    case "hello":
                        name = said.get("uaid") or uuid.uuid4().hex
                        self._sockets[name] = socket
                        hello = {"messageType": "hello", "uaid": name, "status": 200, "use_webpush": True}
                        await socket.send_text(json.dumps(hello | {"broadcasts": {}}))
                    case "register":
                        token = uuid.uuid4().hex
                        self._phones[token] = (name, said["channelID"])
                        reply = {"messageType": "register", "channelID": said["channelID"], "status": 200}
                        endpoint = f"http://127.0.0.1:{self.port}/wpush/{token}"
                        await socket.send_text(json.dumps(reply | {"pushEndpoint": endpoint}))
                    case "unregister":
                        self._phones = {t: p for t, p in self._phones.items() if p[1] != said["channelID"]}
                        reply = {"messageType": "unregister", "channelID": said["channelID"], "status": 200}
                        await socket.send_text(json.dumps(reply))
                    case "ack":
                        self.confirmed += [one["version"] for one in said["updates"]]
                    case _:
                        await socket.send_text("{}")
        except WebSocketDisconnect:
            self._sockets.pop(name, None)

    async def _post(self, request: Request) -> Response:
        token, body = request.path_params["token"], await request.body()
        self.taken.append((token, dict(request.headers), len(body)))
        if token not in self._phones:
            return Response(status_code=410)
        name, channel = self._phones[token]
        version = uuid.uuid4().hex
        if name in self._sockets:
            data = base64.urlsafe_b64encode(body).decode().rstrip("=")
            headers = {"encoding": request.headers.get("content-encoding")}
            told = {"messageType": "notification", "channelID": channel, "version": version}
            await self._sockets[name].send_text(json.dumps(told | {"data": data, "headers": headers}))
        return Response(status_code=201, headers={"location": f"/m/{version}", "ttl": request.headers.get("ttl", "0")})


@contextmanager
def push_service() -> Iterator[PushService]:
    service = PushService()
    try:
        yield service
    finally:
        service.stop()
