"""The aiohttp server, as a gateway needs it: long lines, quiet errors, and a word when a client has gone."""

from __future__ import annotations

import asyncio
import logging
import ssl
import traceback
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias, cast

from aiohttp import web

from gateway.errors import ConfigError
from gateway.model import new_id
from gateway.web.answers import WireAnswer, bare_answer, error_answer
from gateway.web.limits import Limits
from gateway.web.request_log import Note, RequestLog

log = logging.getLogger("gateway")

# 1,000 phone numbers travel in one query (SendSms of Aliyun).
# Ten thousand keys of a TemplateParam do, in which Aliyun's own rule is to be heard.
_LINE_LIMIT = 512 * 1024
_FIELD_LIMIT = 64 * 1024
# Longer than the idle connections of Node (5 s) and of the SDKs, so that none sends into a closed one.
_KEEP_ALIVE_SECONDS = 30.0
# For the rest of a body that was too long. aiohttp waits all of it where the client has gone, so a stop would too.
_LINGERING_SECONDS = 2.0
SHUTDOWN_SECONDS = 10.0
_LATE = bare_answer(error_answer(408, "request.timeout", "the head of the request did not arrive in time"))
_FULL = bare_answer(
    error_answer(
        503,
        "limit.connections",
        "there are as many connections as there may be: try again later",
        headers=(("Retry-After", "1"),),
    )
)

Handle: TypeAlias = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Connection(web.RequestHandler):
    """One client connection. ``gone`` is set when the client has closed it, ``over`` then or when the gateway
    begins to stop. ``told`` counts clients that are too slow, by reason."""

    __slots__ = ("_head_timer", "_leave", "gone", "limits", "over", "told")

    def __init__(
        self,
        *args: Any,
        leave: Callable[[Connection], None],
        limits: Limits,
        told: Callable[[str], None],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._leave = leave
        self._head_timer: asyncio.TimerHandle | None = None
        self.limits = limits
        self.told = told
        self.gone = asyncio.Event()
        self.over = asyncio.Event()

    def connection_lost(self, exc: BaseException | None) -> None:
        self.gone.set()
        self.over.set()
        self._leave(self)
        self._head_is_whole()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        waiter = self._waiter
        if waiter is None:
            # A request is being answered.
            if self._messages:
                self._end_broken_body()
        elif waiter.done():
            if self._head_timer is not None:
                self._head_is_whole()
        elif self._head_timer is None and data:
            self._head_timer = self._loop.call_later(self.limits.head_seconds, self._head_is_late)

    def _head_is_whole(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _head_is_late(self) -> None:
        """aiohttp itself gives a head as long as it keeps an idle connection."""
        self._head_timer = None
        if self.transport is not None:
            self.transport.write(_LATE)
        self.told("slow_head")
        self.force_close()

    def _end_broken_body(self) -> None:
        """aiohttp queues the error of a chunk as if it were the next request, and lets whoever reads the body wait
        for the rest of it."""
        request, (message, _) = self._current_request, self._messages[-1]
        error = getattr(message, "exc", None)
        if error is not None and request is not None and not request.content.is_eof():
            request.content.set_exception(error)

    def cut(self, reason: str) -> None:
        """The client does not read: what is on its way to it is dropped."""
        self.told(reason)
        if self.transport is not None:
            self.transport.abort()

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
                "this is not well-formed HTTP/1.1, its first line is over 512 KiB, or a header over 64",
            )
        return WireAnswer(answer, close=True, note=Note(new_id("req")))


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


def log_defect(where: str, error: BaseException, request_id: str | None = None) -> None:
    """Log where it happened, without the exception's text: it may hold a phone number or a code."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    path = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    log.error("%s failed with %s at %s", where, type(error).__name__, path, extra={"request_id": request_id})
