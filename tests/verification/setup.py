"""A verification on any store, with a provider whose driver does what the test says. All else is ours."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from gateway.core.clock import MovableClock
from gateway.core.model import Content, Message, Receipt, Recipient, UsageType
from gateway.core.recipients import recipient
from gateway.delivery.delivery import Delivery
from gateway.delivery.messages import Messages
from gateway.providers.ports import Connector
from gateway.storage.memory import MemoryStore
from gateway.storage.ports import Store
from gateway.storage.sqlite import open_sqlite
from gateway.verification import Passed, Requested, Settings, Verification
from tests.support import toy
from tests.support.wall_clock import WallClock

PHONE = "+8613800138000"
SIGN_IN = UsageType.SIGN_IN
RECEIPT = Receipt("toy", "id-1", "request-1", "OK")


@dataclass
class Provider:
    """``fails``: what the next attempts raise, None for success. ``sent``: what it was given."""

    fails: list[BaseException | None] = field(default_factory=list)
    sent: list[Message] = field(default_factory=list)
    during: Callable[[Message], Any] | None = None

    async def send(self, message: Message, render: Callable[[], Content], deadline: float) -> Receipt:
        self.sent.append(message)
        if self.during is not None:
            await self.during(message)
        error = self.fails.pop(0) if self.fails else None
        if error is not None:
            raise error
        return RECEIPT

    async def close(self) -> None:
        """Nothing to let go of."""


class Clock(MovableClock):
    """Stands still unless moved, and does not wait between attempts."""

    async def pause(self, seconds: float) -> None:
        return


@dataclass
class VerificationSetup:
    verification: Verification
    store: Store
    clock: Clock
    wall: WallClock
    provider: Provider
    connector: Connector

    async def request(self, to: str | Recipient = PHONE, **more: Any) -> Requested:
        usage_type = more.pop("type", SIGN_IN)
        payload = more.pop("payload", {})
        connector = more.pop("connector", self.connector)
        who = recipient(to) if isinstance(to, str) else to
        return await self.verification.request(connector, who, usage_type, payload, **more)

    async def check(self, code: str, to: str = PHONE, type: UsageType = SIGN_IN, **more: Any) -> Passed:  # noqa: A002  # the API's word
        return await self.verification.check(recipient(to), type, code, **more)

    @property
    def code(self) -> str:
        """Of the newest message."""
        code = self.provider.sent[-1].code
        assert code is not None
        return code

    def wrong(self) -> str:
        return "000000" if self.code != "000000" else "111111"


def setup_on(
    store: Store, wall: WallClock, settings: Settings, provider: Provider | None = None
) -> VerificationSetup:
    provider = provider or Provider()
    clock = Clock(wall)
    sms = replace(toy.provider.factories[toy.FACTORY], driver=lambda _settings, _address: provider)
    delivery = Delivery(Messages(store.log, clock), clock, lambda *_: Content("a text"), lambda _: "127.0.0.1:1")
    verification = Verification(store, clock, delivery, settings)
    return VerificationSetup(verification, store, clock, wall, provider, Connector("toy", toy.NAME, sms, {}))


def in_memory(settings: Settings | None = None) -> VerificationSetup:
    wall = WallClock()
    return setup_on(MemoryStore(wall=wall), wall, settings or Settings())


@asynccontextmanager
async def on_disk(folder: Path, settings: Settings | None = None, **more: Any) -> AsyncIterator[VerificationSetup]:
    wall = more.pop("wall", None) or WallClock()
    store = await open_sqlite(folder / "gateway.db", wall=wall)
    try:
        yield setup_on(store, wall, settings or Settings(), **more)
    finally:
        await store.close()


@asynccontextmanager
async def on(kind: str, folder: Path, settings: Settings | None = None) -> AsyncIterator[VerificationSetup]:
    """``memory`` or ``sqlite``."""
    if kind == "memory":
        yield in_memory(settings)
    else:
        async with on_disk(folder, settings) as setup:
            yield setup
