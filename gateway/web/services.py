"""What the API works with; ``assembly`` fills it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from gateway.clock import MovableClock
from gateway.connectors import Connectors
from gateway.delivery import Delivery
from gateway.faults import FaultBook
from gateway.idempotency import Idempotency
from gateway.inbox import Inbox
from gateway.messages import Messages
from gateway.mounts import Mounts
from gateway.ports import Provider, Store
from gateway.schedule import Schedule
from gateway.sign_in import SignIn
from gateway.verification import Verification
from gateway.web.access import Guard
from gateway.web.limits import Places
from gateway.web.metrics import Metrics
from gateway.web.previews import Previews


@dataclass(slots=True)
class About:
    """What a server says of itself. ``host`` and ``port`` are what it is bound to, once it is;
    ``public_url`` is where others reach it, if that is elsewhere, ``tls_port`` where it also listens over TLS."""

    version: str
    mode: str
    shared: bool
    host: str
    port: int = 0
    listening: bool = False
    public_url: str | None = None
    tls_port: int | None = None

    @property
    def address(self) -> str:
        """``host:port`` at which a client on this machine reaches it."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104  # compared, not bound
        return f"[{host}]:{self.port}" if ":" in host and not host.startswith("[") else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    @property
    def seen_at(self) -> str:
        """Where browsers reach it."""
        return (self.public_url or self.url).rstrip("/")


@dataclass(frozen=True, slots=True)
class Services:
    """One gateway's parts. ``stopping`` ends every wait."""

    about: About
    guard: Guard
    store: Store
    clock: MovableClock
    schedule: Schedule
    faults: FaultBook
    messages: Messages
    inbox: Inbox
    delivery: Delivery
    verification: Verification
    idempotency: Idempotency
    sign_in: SignIn
    providers: Mapping[str, Provider]
    connectors: Connectors
    mounts: Mounts
    metrics: Metrics
    waits: Places
    streams: Places
    stopping: asyncio.Event
    previews: Previews
