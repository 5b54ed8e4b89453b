"""The listening server: aiohttp's, with long request lines, a limit of connections and an orderly stop."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias, cast

from aiohttp import StreamReader, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import RawRequestMessage

from gateway.core.errors import ConfigError, TooManyConnections
from gateway.web.server.answers import error_answer
from gateway.web.server.connection import Connection, bare_answer
from gateway.web.server.limits import Limits
from gateway.web.server.log import RequestLog

# A query may hold 1,000 phone numbers (Aliyun's SendSms), or a TemplateParam with so many keys that Aliyun's own
# limit must refuse it.
_LINE_LIMIT = 512 * 1024
_FIELD_LIMIT = 64 * 1024
# Longer than Node (5 s) and the SDKs keep an idle connection, so that they do not write to a closed one.
_KEEP_ALIVE_SECONDS = 30.0
# How long the rest of an unwanted body is read. aiohttp waits that long also if the client has disconnected, and a
# stop of the gateway waits with it.
_LINGERING_SECONDS = 2.0
SHUTDOWN_SECONDS = 10.0
_FULL = bare_answer(
    error_answer(TooManyConnections("there are as many connections as there may be: try again later"))
)

Handle: TypeAlias = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class RefusedConnection(asyncio.Protocol):
    """A connection beyond the limit: its first request is answered with 503.

    ``seconds``: how long the client may take to send something.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._timer = asyncio.get_running_loop().call_later(self._seconds, transport.close)

    def data_received(self, data: bytes) -> None:  # noqa: ARG002  # asyncio's signature
        # Not before a request has arrived: a close with unread data sends a RST, and the client may lose the 503.
        self._transport.write(_FULL)
        self._transport.close()

    def connection_lost(self, exc: BaseException | None) -> None:  # noqa: ARG002  # as above
        self._timer.cancel()


class GatewayServer(web.Server):
    """The factory of connections, which knows the open ones.

    ``on_disconnect``: called with the reason when a client is refused (``connections``) or disconnected because it
    is too slow (see ``Connection``).
    """

    def __init__(
        self, handle: Handle, limits: Limits, on_disconnect: Callable[[str], None], **options: Any
    ) -> None:
        super().__init__(handle, request_factory=_request)
        self._limits = limits
        self._on_disconnect = on_disconnect
        self._options = options
        self._open: set[Connection] = set()
        self._stopping = False

    @property
    def open_connections(self) -> int:
        return len(self._open)

    def __call__(self) -> web.RequestHandler:
        if len(self._open) >= self._limits.connections:
            self._on_disconnect("connections")
            return cast("web.RequestHandler", RefusedConnection(self._limits.head_seconds))
        connection = Connection(
            self,
            loop=asyncio.get_running_loop(),
            on_close=self._open.discard,
            limits=self._limits,
            on_disconnect=self._on_disconnect,
            **self._options,
        )
        self._open.add(connection)
        if self._stopping:
            connection.over.set()
        return connection

    def begin_stop(self) -> None:
        """End everything that waits for an event that may never come."""
        self._stopping = True
        for connection in self._open:
            connection.over.set()


def _request(
    message: RawRequestMessage,
    payload: StreamReader,
    protocol: web.RequestHandler,
    writer: AbstractStreamWriter,
    task: asyncio.Task[None],
) -> web.BaseRequest:
    """Make aiohttp's request, and tell the connection that it begins."""
    request = web.BaseRequest(message, payload, protocol, writer, task, asyncio.get_running_loop())
    cast("Connection", protocol).begin(request)
    return request


class Listener:
    """The server and the addresses that it listens on."""

    def __init__(
        self, handle: Handle, limits: Limits, log: RequestLog, on_disconnect: Callable[[str], None]
    ) -> None:
        self._server = GatewayServer(
            handle,
            limits,
            on_disconnect,
            max_line_size=_LINE_LIMIT,
            max_field_size=_FIELD_LIMIT,
            auto_decompress=False,
            keepalive_timeout=_KEEP_ALIVE_SECONDS,
            lingering_time=_LINGERING_SECONDS,
            access_log=_MuteLogger("gateway.http") if log.enabled else None,
            access_log_class=lambda *_: log,
            logger=_MuteLogger("gateway.http"),
        )
        self._runner = web.ServerRunner(self._server, shutdown_timeout=SHUTDOWN_SECONDS)

    @property
    def open_connections(self) -> int:
        return self._server.open_connections

    async def bind(self, host: str, port: int) -> tuple[str, int]:
        """Listen, and return the host and the port, which is the real one for port 0. Raises ConfigError."""
        await self._runner.setup()
        return await self._listen(host, port, None, "--port")

    async def bind_tls(self, host: str, port: int, context: ssl.SSLContext) -> int:
        """Listen on another port with TLS, after ``bind``, and return the port. Raises ConfigError."""
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
        """End all waits, and keep listening: a send in flight still has to reach its fake on this server."""
        self._server.begin_stop()

    async def stop(self) -> None:
        """Stop listening, finish the requests in flight within SHUTDOWN_SECONDS, then close all connections."""
        await self._runner.cleanup()


class _MuteLogger(logging.Logger):
    """A logger for aiohttp that drops everything: aiohttp's messages hold request lines."""

    def __init__(self, name: str) -> None:
        super().__init__(name, logging.CRITICAL + 1)
