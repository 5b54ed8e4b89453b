"""A whole gateway over real sockets, with the tiny provider of ``toy`` in the place of ours.

``app.assemble`` builds it, so the wiring is the real one; only the list of providers is another, for which
there is no parameter.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from gateway.app import Gateway, assemble
from gateway.config import Config
from gateway.providers.ports import Provider
from gateway.storage.measured import MeasuredStore
from gateway.storage.ports import Store
from gateway.web.server.limits import DEFAULT_LIMITS, Limits
from gateway.web.server.log import LogEvent
from tests.support import toy
from tests.support.raw_http import Answer, RawConnection, connect

TOKEN = "token-of-the-connector"
CONNECTORS = (
    {"id": "toy", "factory": toy.FACTORY, "config": {}},
    {"id": "guarded", "factory": toy.FACTORY, "config": {}, "authorization": TOKEN},
)


@dataclass
class RunningGateway:
    gateway: Gateway
    port: int
    script: toy.Script = field(default_factory=toy.Script)
    clients: list[RawConnection] = field(default_factory=list)

    @property
    def store(self) -> Store:
        """The store itself, where it is measured."""
        store = self.gateway.services.store
        return store.inner if isinstance(store, MeasuredStore) else store

    async def open(self) -> RawConnection:
        """A connection. What a test leaves open is closed when the gateway stops."""
        client = await connect(self.port)
        self.clients.append(client)
        return client

    async def ask(
        self,
        method: str,
        target: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request on a connection of its own."""
        client = await connect(self.port)
        try:
            return await client.ask(method, target, body, headers)
        finally:
            await client.close()

    async def capture(self, to: str, code: str = "246810", **more: str) -> Answer:
        """Have the fake accept a message."""
        return await self.ask("POST", "/fakes/toy/", {"to": to, "code": code, **more})


@asynccontextmanager
async def running(
    providers: Mapping[str, Provider] | None = None,
    *,
    script: toy.Script | None = None,
    connectors: object = CONNECTORS,
    log: Callable[[LogEvent], None] | None = None,
    limits: Limits = DEFAULT_LIMITS,
    **sections: Any,
) -> AsyncIterator[RunningGateway]:
    """``sections`` are those of the config file."""
    script = script or toy.Script()
    found = providers if providers is not None else {toy.NAME: toy.provider_with(script)}
    server = {"port": 0, **sections.pop("server", {})}
    config = Config.model_validate({"server": server, "connectors": connectors, **sections})
    clients: list[RawConnection] = []
    try:
        async with assemble(config, found, log=log, limits=limits) as gateway:
            _, port = await gateway.start()
            yield RunningGateway(gateway, port, script, clients)
    finally:
        for client in clients:
            await client.close()
