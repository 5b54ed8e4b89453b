"""The aiohttp server, as a gateway needs it: long lines, quiet errors, and a word when a client has gone."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from aiohttp import web

from gateway.errors import ConfigError
from gateway.web.answers import WireAnswer, error_answer

log = logging.getLogger("gateway")

# 1,000 phone numbers travel in one query (SendSms of Aliyun).
_LINE_LIMIT = 64 * 1024
# Longer than the idle connections of Node (5 s) and of the SDKs, so that none sends into a closed one.
_KEEP_ALIVE_SECONDS = 30.0
# For the rest of a body that was too long. aiohttp waits all of it where the client has gone, so a stop would too.
_LINGERING_SECONDS = 2.0
SHUTDOWN_SECONDS = 10.0

Handle: TypeAlias = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Connection(web.RequestHandler):
    """One client connection. ``gone`` is set when the client has closed it, ``over`` then or when the gateway
    begins to stop."""

    __slots__ = ("_leave", "gone", "over")

    def __init__(self, *args: Any, leave: Callable[[Connection], None], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._leave = leave
        self.gone = asyncio.Event()
        self.over = asyncio.Event()

    def connection_lost(self, exc: BaseException | None) -> None:
        self.gone.set()
        self.over.set()
        self._leave(self)
        super().connection_lost(exc)

    def handle_error(
        self,
        request: web.BaseRequest,  # noqa: ARG002  # aiohttp's signature
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002  # as above
    ) -> web.StreamResponse:
        """aiohttp's own logs and answers the request line, and with it phone numbers; this names neither."""
        if status >= 500 and exc is not None:
            log_defect("a request", exc)
            answer = error_answer(500, "gateway.internal", "the gateway failed: this is a defect, please report it")
        else:
            answer = error_answer(
                400,
                "request.malformed",
                "this is not well-formed HTTP/1.1, or a line or header is over 64 KiB",
            )
        return WireAnswer(answer, close=True)


class GatewayServer(web.Server):
    """Makes ``Connection``s, and knows the open ones."""

    def __init__(self, handle: Handle, **options: Any) -> None:
        super().__init__(handle)
        self._options = options
        self._open: set[Connection] = set()
        self._stopping = False

    def __call__(self) -> web.RequestHandler:
        made = Connection(self, loop=asyncio.get_running_loop(), leave=self._open.discard, **self._options)
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

    def __init__(self, handle: Handle) -> None:
        self._server = GatewayServer(
            handle,
            max_line_size=_LINE_LIMIT,
            max_field_size=_LINE_LIMIT,
            auto_decompress=False,
            keepalive_timeout=_KEEP_ALIVE_SECONDS,
            lingering_time=_LINGERING_SECONDS,
            access_log=None,
            logger=_Quiet("gateway.http"),
        )
        self._runner = web.ServerRunner(self._server, shutdown_timeout=SHUTDOWN_SECONDS)

    async def bind(self, host: str, port: int) -> tuple[str, int]:
        """Returns the address bound, with the real port for port 0. Raises ConfigError."""
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port, backlog=1024).start()
        except OSError as error:
            await self._runner.cleanup()
            reason = error.strerror or "cannot be bound"
            hint = "; is another gateway running? choose another with --port" if port else ""
            raise ConfigError(f"server: {host}:{port}: {reason.lower()}{hint}") from None
        address = self._runner.addresses[0]
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


def log_defect(where: str, error: BaseException) -> None:
    """Log where it happened, without the exception's text: it may hold a phone number or a code."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    path = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    log.error("%s failed with %s at %s", where, type(error).__name__, path)
