"""``/mqtt``: a phone's WebSocket on one side, the broker's TCP port on the other."""

from __future__ import annotations

import asyncio
import ssl
from collections import Counter
from collections.abc import Callable

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket, WebSocketDisconnect

from edge.clock import NS_PER_S, monotonic_ns
from edge.delivery.broker import BrokerAddress
from edge.delivery.wire import Topics
from edge.web.access import Deed, note
from edge.web.accounts import Accounts, AccountsError
from edge.web.mqtt_packets import (
    UNACCEPTABLE_PROTOCOL,
    Forbidden,
    Gate,
    PacketReader,
    PacketType,
    ProtocolViolation,
    UnacceptableProtocol,
)
from edge.web.rights import ANYBODY, User, user_of
from edge.web.sign_in import Doorkeeper, same_origin, touch

MAX_PHONES = 64
MAX_PHONES_PER_USER = 10
"""Also pages that were left open, and phones that went out of reach and are not missed yet."""
WATCH_S = 0.3
"""How soon somebody who was shut out hears and says nothing more."""
EXPIRY_NS = 30 * NS_PER_S
PRESENCE_MS = 3_600_000
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
    door
        Says whether somebody may still do what they might when they connected.
    """

    def __init__(
        self, topics: Topics, address: Callable[[], BrokerAddress | None], door: Doorkeeper | None = None
    ) -> None:
        self._topics = topics
        self._find_address = address
        self._door = door or Doorkeeper()
        self._phones: Counter[User] = Counter()
        self.violations = 0
        """Connections closed because of what they sent."""

    async def __call__(self, phone: WebSocket) -> None:
        """Serve one phone until one of the two sides ends."""
        user = user_of(phone)
        if "mqtt" not in phone.scope["subprotocols"] or not same_origin(phone) or user is None:
            await phone.close(POLICY_VIOLATION)
            return
        await phone.accept(subprotocol="mqtt")
        address = self._find_address()
        if address is None or not self._has_room(user):
            await phone.close(TRY_AGAIN_LATER)
            return
        self._phones[user] += 1
        try:
            await self._relay(phone, address, user)
        finally:
            self._phones[user] -= 1
            self._phones += Counter()  # forgets those who have none

    @property
    def phones(self) -> int:
        """Connected now."""
        return self._phones.total()

    def _has_room(self, user: User) -> bool:
        return self.phones < MAX_PHONES and (user == ANYBODY or self._phones[user] < MAX_PHONES_PER_USER)

    async def _relay(self, phone: WebSocket, address: BrokerAddress, user: User) -> None:
        tls = ssl.create_default_context(cafile=str(address.tls_ca)) if address.tls_ca else None
        try:
            async with asyncio.timeout(BROKER_TIMEOUT_S):
                reader, writer = await asyncio.open_connection(address.host, address.port, ssl=tls)
        except (OSError, TimeoutError):
            await phone.close(TRY_AGAIN_LATER)
            return
        tasks = {
            asyncio.create_task(self._upward(phone, writer, Gate(self._topics, address.app, user))),
            asyncio.create_task(_downward(reader, phone)),
            asyncio.create_task(self._watch(phone)),
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
                    if packet.kind == PacketType.PUBLISH and not self._still_is(phone):
                        raise Forbidden("an answer by somebody who may no longer")
                    writer.write(gate.pass_on(packet))
                    timeout_s = None
                await writer.drain()
        except UnacceptableProtocol:
            await phone.send_bytes(UNACCEPTABLE_PROTOCOL)
            return POLICY_VIOLATION
        except (ProtocolViolation, KeyError) as error:  # KeyError: a text message, where MQTT sends bytes
            self.violations += 1
            if isinstance(error, Forbidden):
                await run_in_threadpool(note, phone, Deed.REFUSED, f"MQTT: {error}")
            log.warning("phone disconnected", reason=str(error), violations=self.violations)
            return POLICY_VIOLATION
        except (WebSocketDisconnect, OSError, TimeoutError):
            return GOING_AWAY
        except AccountsError:
            return TRY_AGAIN_LATER

    async def _watch(self, phone: WebSocket) -> int:
        """Until the person who has signed in on this phone is not who they were: signed out, shut out, demoted."""
        accounts, session = self._door.accounts, phone.scope.get("state", {}).get("session")
        if accounts is None or session is None:
            await asyncio.Event().wait()  # nobody signs in here: nothing can change
        assert accounts is not None
        try:
            before, checked_ns = -1, 0
            while True:
                changes, now_ns = accounts.changes(), monotonic_ns()
                if changes != before or now_ns - checked_ns > EXPIRY_NS:
                    before, checked_ns = changes, now_ns
                    if not self._still_is(phone):
                        return POLICY_VIOLATION
                    await self._note_presence(accounts, session.token_hash)
                await asyncio.sleep(WATCH_S)
        except AccountsError:
            return TRY_AGAIN_LATER

    async def _note_presence(self, accounts: Accounts, hashed: bytes) -> None:
        """A tablet on the wall asks for nothing for weeks, and is in use all the same."""
        session = accounts.sessions.of_hash(hashed)
        if session is not None and accounts.sessions.is_stale(session, PRESENCE_MS):
            await run_in_threadpool(touch, accounts, session)

    def _still_is(self, phone: WebSocket) -> bool:
        accounts, session = self._door.accounts, phone.scope.get("state", {}).get("session")
        if accounts is None:
            return True
        now = None if session is None else accounts.sessions.of_hash(session.token_hash)
        return now is not None and now.user == user_of(phone)


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
