"""The parts of one gateway that calls of the API work with. ``gateway.app`` makes them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from gateway.core.clock import MovableClock
from gateway.delivery.connectors import Connectors
from gateway.delivery.delivery import Delivery
from gateway.delivery.messages import Messages
from gateway.delivery.mounted_fakes import Mounts
from gateway.faults.rules import FaultBook
from gateway.inbox.exchanges import Exchanges
from gateway.inbox.fresh_recipients import FreshRecipients
from gateway.inbox.inbox import Inbox
from gateway.providers.ports import Provider
from gateway.providers.reviews import Reviews
from gateway.rendering.preview_service import Previews
from gateway.sign_in.sign_in import SignIn
from gateway.storage.jobs import Schedule
from gateway.storage.ports import Store
from gateway.verification import Verification
from gateway.web.routing.idempotency import Idempotency
from gateway.web.server.access import Guard
from gateway.web.server.limits import ConcurrencyLimit
from gateway.web.server.metrics import Metrics


@dataclass(slots=True)
class About:
    """The version, mode and addresses of a server."""

    version: str
    mode: str
    # Whether several people use it, so that the clock cannot be moved and nothing be reset.
    shared: bool
    # The configured host and port; once it listens, the real ones.
    host: str
    port: int = 0
    listening: bool = False
    # The address for other machines, if it differs.
    public_url: str | None = None
    # The port with TLS, if there is one.
    tls_port: int | None = None

    @property
    def address(self) -> str:
        """Return the ``host:port`` for clients on this machine."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104  # compared, not bound
        return f"[{host}]:{self.port}" if ":" in host and not host.startswith("[") else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    @property
    def seen_at(self) -> str:
        """Return the URL for browsers."""
        return (self.public_url or self.url).rstrip("/")


class Forgetful(Protocol):
    """A part of the gateway that a reset empties."""

    async def forget(self) -> int:
        """Delete everything that a reset deletes, and return how many entries or records there were."""


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of one gateway.

    ``forgetful``: the parts that a reset empties, by name. ``stopping``: set when the gateway begins to stop.
    """

    about: About
    guard: Guard
    store: Store
    clock: MovableClock
    schedule: Schedule
    faults: FaultBook
    messages: Messages
    inbox: Inbox
    exchanges: Exchanges
    fresh_recipients: FreshRecipients
    reviews: Reviews
    delivery: Delivery
    verification: Verification
    idempotency: Idempotency
    sign_in: SignIn
    providers: Mapping[str, Provider]
    connectors: Connectors
    mounts: Mounts
    metrics: Metrics
    waits: ConcurrencyLimit
    streams: ConcurrencyLimit
    stopping: asyncio.Event
    previews: Previews
    forgetful: Mapping[str, Forgetful]
