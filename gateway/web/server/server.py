"""The aiohttp server, as a gateway needs it: long lines, no more connections than there may be, an orderly stop."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias, cast

from aiohttp import web

from gateway.core.errors import ConfigError, TooManyConnections
from gateway.web.server.answers import bare_answer, error_answer
from gateway.web.server.connection import Connection
from gateway.web.server.limits import Limits
from gateway.web.server.request_log import RequestLog

# 1,000 phone numbers travel in one query (SendSms of Aliyun).
# Ten thousand keys of a TemplateParam do, in which Aliyun's own rule is to be heard.
_LINE_LIMIT = 512 * 1024
_FIELD_LIMIT = 64 * 1024
# Longer than the idle connections of Node (5 s) and of the SDKs, so that none sends into a closed one.
_KEEP_ALIVE_SECONDS = 30.0
# For the rest of a body that was too long. aiohttp waits all of it where the client has gone, so a stop would too.
_LINGERING_SECONDS = 2.0
SHUTDOWN_SECONDS = 10.0
_FULL = bare_answer(
    error_answer(TooManyConnections("there are as many connections as there may be: try again later"))
)

Handle: TypeAlias = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Turned(asyncio.Protocol):
    """One connection too many: whatever it asks, it is sent away."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._timer = asyncio.get_running_loop().call_later(self._seconds, transport.close)

    def data_received(self, data: bytes) -> None:  # noqa: ARG002  # asyncio's signature
        # Not before it has asked: closing with its request unread would reset the connection, answer and all.
        self._transport.write(_FULL)
        self._transport.close()

    def connection_lost(self, exc: BaseException | None) -> None:  # noqa: ARG002  # as above
        self._timer.cancel()


class GatewayServer(web.Server):
    """Makes ``Connection``s, and knows the open ones."""

    def __init__(self, handle: Handle, limits: Limits, told: Callable[[str], None], **options: Any) -> None:
        super().__init__(handle)
        self._limits = limits
        self._told = told
        self._options = options
        self._open: set[Connection] = set()
        self._stopping = False

    @property
    def open_connections(self) -> int:
        return len(self._open)

    def __call__(self) -> web.RequestHandler:
        if len(self._open) >= self._limits.connections:
            self._told("connections")
            return cast("web.RequestHandler", Turned(self._limits.head_seconds))
        made = Connection(
            self,
            loop=asyncio.get_running_loop(),
            leave=self._open.discard,
            limits=self._limits,
            told=self._told,
            **self._options,
        )
        self._open.add(made)
        if self._stopping:
            made.over.set()
        return made

    def begin_stop(self) -> None:
        """Whoever waits for something that need not come gives up."""
        self._stopping = True
        for connection in self._open:
            connection.over.set()


class Listener:
    """The bound server."""

    def __init__(self, handle: Handle, limits: Limits, lines: RequestLog, told: Callable[[str], None]) -> None:
        self._server = GatewayServer(
            handle,
            limits,
            told,
            max_line_size=_LINE_LIMIT,
            max_field_size=_FIELD_LIMIT,
            auto_decompress=False,
            keepalive_timeout=_KEEP_ALIVE_SECONDS,
            lingering_time=_LINGERING_SECONDS,
            access_log=_Quiet("gateway.http") if lines.enabled else None,
            access_log_class=lambda *_: lines,
            logger=_Quiet("gateway.http"),
        )
        self._runner = web.ServerRunner(self._server, shutdown_timeout=SHUTDOWN_SECONDS)

    @property
    def open_connections(self) -> int:
        return self._server.open_connections

    async def bind(self, host: str, port: int) -> tuple[str, int]:
        """Returns the address bound, with the real port for port 0. Raises ConfigError."""
        await self._runner.setup()
        return await self._listen(host, port, None, "--port")

    async def bind_tls(self, host: str, port: int, context: ssl.SSLContext) -> int:
        """Likewise, over TLS, once ``bind`` is done. Returns the port."""
        return (await self._listen(host, port, context, "--tls-port"))[1]

    async def _listen(self, host: str, port: int, context: ssl.SSLContext | None, option: str) -> tuple[str, int]:
        try:
            await web.TCPSite(self._runner, host, port, backlog=1024, ssl_context=context).start()
        except OSError as error:
            await self._runner.cleanup()
            reason = error.strerror or "cannot be bound"
            hint = f"; is another gateway running? choose another with {option}" if port else ""
            raise ConfigError(f"server: {host}:{port}: {reason.lower()}{hint}") from None
        address = self._runner.addresses[-1]
        return str(address[0]), int(address[1])

    def begin_stop(self) -> None:
        """End the waits, and keep listening: a send in flight still has to reach its fake, which is us."""
        self._server.begin_stop()

    async def stop(self) -> None:
        """Listen no more, finish what is in flight, at most SHUTDOWN_SECONDS, then close."""
        await self._runner.cleanup()


class _Quiet(logging.Logger):
    """aiohttp's logger, mute: its texts hold request lines."""

    def __init__(self, name: str) -> None:
        super().__init__(name, logging.CRITICAL + 1)
