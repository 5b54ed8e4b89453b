"""The drivers in use: one for each connector, closed after its last call if the connector has changed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from gateway.providers.ports import Connector


class Closing(Protocol):
    async def close(self) -> None: ...


D = TypeVar("D", bound=Closing)


class Drivers(Generic[D]):
    """``make`` is called at a connector's first use, when the port of the gateway is known."""

    def __init__(self, make: Callable[[Connector], D]) -> None:
        self._make = make
        self._held: dict[str, _Held[D]] = {}

    @contextlib.asynccontextmanager
    async def use(self, connector: Connector) -> AsyncIterator[D]:
        """Give the connector's driver for one call. If the connector has changed, it gets a new driver."""
        before = held = self._held.get(connector.id)
        if held is None or held.connector is not connector:
            held = self._held[connector.id] = _Held(connector, self._make(connector))
        held.calls += 1
        try:
            if before is not None and before is not held:
                await before.retire()
            yield held.driver
        finally:
            held.calls -= 1
            await held.close_if_done()

    async def discard(self, connector_id: str) -> None:
        """Close the driver of a removed connector, after its last call."""
        held = self._held.pop(connector_id, None)
        if held is not None:
            await held.retire()

    async def close(self) -> None:
        """Close all drivers at once. Raises the first error of a driver."""
        drivers = [held.driver for held in self._held.values()]
        self._held.clear()
        ends = await asyncio.gather(*(driver.close() for driver in drivers), return_exceptions=True)
        for end in ends:
            if isinstance(end, BaseException):
                raise end


@dataclass(slots=True)
class _Held(Generic[D]):
    connector: Connector
    driver: D
    calls: int = 0
    retired: bool = False

    async def retire(self) -> None:
        self.retired = True
        await self.close_if_done()

    async def close_if_done(self) -> None:
        if self.retired and not self.calls:
            await self.driver.close()
