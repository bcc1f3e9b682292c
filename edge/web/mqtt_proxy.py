"""``/mqtt``: a phone's WebSocket on one side, the broker's TCP port on the other."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from urllib.parse import urlsplit

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from edge.delivery.broker import BrokerAddress
from edge.delivery.wire import Topics
from edge.web.mqtt_packets import UNACCEPTABLE_PROTOCOL, Gate, PacketReader, ProtocolViolation, UnacceptableProtocol

MAX_PHONES = 64
BROKER_TIMEOUT_S = 5.0
FIRST_PACKET_S = 10.0
CHUNK_BYTES = 32_768
POLICY_VIOLATION, TRY_AGAIN_LATER, GOING_AWAY = 1008, 1013, 1001

log = structlog.get_logger(__name__)


class MqttProxy:
    """Relays each phone to the broker, through a :class:`Gate` that gives it the app's account and rights.

    Parameters
    ----------
    address
        Asked for the broker at each connection.
    """

    def __init__(self, topics: Topics, address: Callable[[], BrokerAddress | None]) -> None:
        self._topics = topics
        self._find_address = address
        self.phones = 0
        """Connected now."""
        self.violations = 0
        """Connections closed because of what they sent."""

    async def __call__(self, phone: WebSocket) -> None:
        """Serve one phone until one of the two sides ends."""
        if "mqtt" not in phone.scope["subprotocols"] or not same_origin(phone):
            await phone.close(POLICY_VIOLATION)
            return
        await phone.accept(subprotocol="mqtt")
        address = self._find_address()
        if address is None or self.phones >= MAX_PHONES:
            await phone.close(TRY_AGAIN_LATER)
            return
        self.phones += 1
        try:
            await self._relay(phone, address)
        finally:
            self.phones -= 1

    async def _relay(self, phone: WebSocket, address: BrokerAddress) -> None:
        tls = ssl.create_default_context(cafile=str(address.tls_ca)) if address.tls_ca else None
        try:
            async with asyncio.timeout(BROKER_TIMEOUT_S):
                reader, writer = await asyncio.open_connection(address.host, address.port, ssl=tls)
        except (OSError, TimeoutError):
            await phone.close(TRY_AGAIN_LATER)
            return
        tasks = {
            asyncio.create_task(self._upward(phone, writer, Gate(self._topics, address.app))),
            asyncio.create_task(_downward(reader, phone)),
        }
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            code = max(task.result() for task in done)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            writer.close()
        await _close(phone, code)

    async def _upward(self, phone: WebSocket, writer: asyncio.StreamWriter, gate: Gate) -> int:
        """Phone to broker; the code to close the phone's socket with."""
        packets = PacketReader()
        timeout_s: float | None = FIRST_PACKET_S
        try:
            while True:
                async with asyncio.timeout(timeout_s):
                    data = await phone.receive_bytes()
                for packet in packets.feed(data):
                    writer.write(gate.pass_on(packet))
                    timeout_s = None
                await writer.drain()
        except UnacceptableProtocol:
            await phone.send_bytes(UNACCEPTABLE_PROTOCOL)
            return POLICY_VIOLATION
        except (ProtocolViolation, KeyError) as error:  # KeyError: a text message, where MQTT sends bytes
            self.violations += 1
            log.warning("phone disconnected", reason=str(error), violations=self.violations)
            return POLICY_VIOLATION
        except (WebSocketDisconnect, OSError, TimeoutError):
            return GOING_AWAY


async def _downward(reader: asyncio.StreamReader, phone: WebSocket) -> int:
    """Broker to phone.  A phone that does not keep up holds back its own connection only."""
    try:
        while data := await reader.read(CHUNK_BYTES):
            await phone.send_bytes(data)
    except (WebSocketDisconnect, OSError, RuntimeError):  # RuntimeError: the phone closed while we sent
        pass
    return GOING_AWAY


async def _close(phone: WebSocket, code: int) -> None:
    try:
        await phone.close(code)
    except (RuntimeError, WebSocketDisconnect):  # the phone was faster
        pass


def same_origin(phone: WebSocket) -> bool:
    """Whether the page that opens the socket was served by us; programs that are no browser send no Origin."""
    origin = phone.headers.get("origin")
    return origin is None or urlsplit(origin).netloc.lower() == phone.headers.get("host", "").lower()
