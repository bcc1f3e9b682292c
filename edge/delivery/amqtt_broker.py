"""amqtt in a thread of this process: the broker for machines on which mosquitto is not installed.

Known limits of amqtt 0.12.1: a client that goes silent is never declared gone (presence comes from ``heartbeat``, not
from the last will), and nothing survives its end (phones ask the journal for what they missed).
"""

from __future__ import annotations

import asyncio
import logging
import threading

from edge.delivery.roles import Roles
from edge.errors import DeliveryError

START_TIMEOUT_S = 15.0
STOP_TIMEOUT_S = 2.0


class AmqttBroker:
    """One run of amqtt, listening on loopback only."""

    def __init__(self, roles: Roles, port: int) -> None:
        self._roles = roles
        self._port = port
        self._loop = asyncio.new_event_loop()
        self._end = asyncio.Event()
        self._up = threading.Event()
        self._fault = ""
        self._thread = threading.Thread(target=self._run, name="amqtt", daemon=True)

    def start(self) -> None:
        """Start it and wait until it listens.

        Raises
        ------
        DeliveryError
            If it does not listen within fifteen seconds.
        """
        self._thread.start()
        if not self._up.wait(START_TIMEOUT_S) or self._fault:
            what = f"did not come up: {self._fault or 'no answer'}"
            raise DeliveryError(f"amqtt on port {self._port}", what, "Another attempt follows.")

    def alive(self) -> bool:
        """Whether its thread runs."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """End it; what it holds is lost."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._end.set)
            self._thread.join(STOP_TIMEOUT_S)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        except Exception as error:  # noqa: BLE001  (amqtt raises many kinds; each means that it has ended)
            self._fault = f"{type(error).__name__}: {error}"
        finally:
            self._up.set()
            for task in asyncio.all_tasks(self._loop):
                task.cancel()
            self._loop.run_until_complete(asyncio.sleep(0))
            self._loop.close()

    async def _serve(self) -> None:
        from amqtt.broker import Broker  # takes most of a second, which only those pay who use it

        logging.getLogger("amqtt").setLevel(logging.CRITICAL)
        plugins = f"{__package__}.amqtt_rights"
        config = {
            "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{self._port}", "max_connections": 200}},
            "plugins": {
                f"{plugins}.RoleAuthPlugin": {"passwords": self._roles.passwords()},
                f"{plugins}.RoleTopicPlugin": {
                    "publish_acl": self._roles.writable(),
                    "subscribe_acl": self._roles.readable(),
                },
            },
        }
        broker = Broker(config, loop=self._loop)
        await broker.start()
        self._up.set()
        await self._end.wait()
        await broker.shutdown()
