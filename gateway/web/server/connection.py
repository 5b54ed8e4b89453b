"""One client connection: its time limits, reading a body, and writing a response.

The bytes of a response are written to the transport directly, without aiohttp's response classes: headers keep the
provider's order and case, there is no ``Server`` header, and a reset, a truncation or a drip is possible.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import time
from array import array
from collections.abc import Callable
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from operator import itemgetter
from typing import Any, cast

from aiohttp import ClientPayloadError, HttpVersion11, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http_exceptions import HttpProcessingError

from gateway.core.errors import InternalError, InvalidRequest, MalformedRequest, RequestTimeout
from gateway.core.model import Response, new_id
from gateway.web.server.answers import error_answer
from gateway.web.server.limits import Limits
from gateway.web.server.log import ExchangeInfo, RequestInfo, log_defect

_REASONS = {status.value: status.phrase for status in HTTPStatus}
_BODILESS = frozenset({204, 304})
_FIRST = itemgetter(0)
_OF_CONNECTIONS = frozenset({"connection", "keep-alive"})


class Connection(web.RequestHandler):
    """One client connection.

    Args:
        on_close: called with this connection when it is lost.
        limits: how long the client may take.
        on_disconnect: called with the reason (``slow_head``, ``slow_body``, ``unread``) when a slow client is
            disconnected.
    """

    __slots__ = (
        "_answered",
        "_head_timer",
        "_latest_request",
        "_on_close",
        "gone",
        "limits",
        "on_disconnect",
        "over",
    )

    def __init__(
        self,
        *args: Any,
        on_close: Callable[[Connection], None],
        limits: Limits,
        on_disconnect: Callable[[str], None],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._on_close = on_close
        self._head_timer: asyncio.TimerHandle | None = None
        self._latest_request: web.BaseRequest | None = None
        self._answered = False
        self.limits = limits
        self.on_disconnect = on_disconnect
        # Set when the client has closed the connection.
        self.gone = asyncio.Event()
        # Set when the client has closed the connection, and when the gateway begins to stop.
        self.over = asyncio.Event()

    def connection_lost(self, exc: BaseException | None) -> None:
        self.gone.set()
        self.over.set()
        self._on_close(self)
        self._stop_head_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        idle = self._is_idle()
        super().data_received(data)
        if not idle:
            self._fail_broken_body()
        elif data and self._head_timer is None:
            loop = asyncio.get_running_loop()
            self._head_timer = loop.call_later(self.limits.head_seconds, self._refuse_slow_head)

    def begin(self, request: web.BaseRequest) -> None:
        """Note that a head has arrived, and that its request is answered next."""
        self._stop_head_timer()
        self._latest_request = request
        self._answered = False

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        try:
            return await super().finish_response(request, resp, start_time)
        finally:
            self._answered = True

    def _is_idle(self) -> bool:
        """Return whether the next byte belongs to a head, and no request is being answered."""
        request = self._latest_request
        return request is None or (self._answered and request.content.is_eof())

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _refuse_slow_head(self) -> None:
        """aiohttp gives a head as much time as an idle connection."""
        self._head_timer = None
        if self.transport is not None:
            answer = error_answer(RequestTimeout("the head of the request did not arrive in time"))
            self.transport.write(bare_answer(answer))
        self.on_disconnect("slow_head")
        self.force_close()

    def _fail_broken_body(self) -> None:
        """Pass the error of a malformed chunk to the reader of the body.

        aiohttp's C parser does not: it queues the error like the next request, and the reader would wait for
        ``body_seconds``. No public attribute tells of the error, so this reads one private attribute; if a later
        aiohttp has none of that name, a malformed chunk is answered with 408 after ``body_seconds``.
        """
        request = self._latest_request
        if request is None or self._answered or request.content.is_eof():
            return
        messages = getattr(self, "_messages", None)
        error = getattr(messages[-1][0], "exc", None) if messages else None
        if error is not None:
            request.content.set_exception(error)

    def disconnect(self, reason: str) -> None:
        """Close the connection at once and drop what the client has not read."""
        self.on_disconnect(reason)
        if self.transport is not None:
            self.transport.abort()

    def handle_error(
        self,
        request: web.BaseRequest,  # noqa: ARG002  # aiohttp's signature
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002  # as above
    ) -> web.StreamResponse:
        """Answer without the request line, which aiohttp would log and return: it may hold a phone number."""
        if status >= 500 and exc is not None:
            log_defect("a request", exc)
            answer = error_answer(InternalError())
        else:
            text = "this is not well-formed HTTP/1.1, its first line is over 512 KiB, or a header over 64"
            answer = error_answer(MalformedRequest(text))
        return WireAnswer(answer, close=True, info=RequestInfo(new_id("req")))


def connection_of(request: web.BaseRequest) -> Connection:
    """Return the connection that the request came over: ``GatewayServer`` makes no other kind."""
    return cast(Connection, request.protocol)


async def read_body(request: web.BaseRequest, limit: int) -> bytes | None:
    """Read the raw body within ``Limits.body_seconds``.

    Returns None if it is longer than ``limit`` bytes. Raises RequestTimeout and InvalidRequest.
    """
    if not request.can_read_body:
        return b""
    if (request.content_length or 0) > limit:
        return None
    content = request.content
    if content.is_eof() and content.exception() is None:
        # The body came with the head, as nearly all do.
        whole = content.read_nowait()
        return whole if len(whole) <= limit else None
    if request.headers.get("Expect", "").lower() == "100-continue" and request.transport is not None:
        request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    connection = connection_of(request)
    seconds = connection.limits.body_seconds
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            while chunk := await content.readany():
                body += chunk
                if len(body) > limit:
                    return None
    except TimeoutError:
        connection.on_disconnect("slow_body")
        # Without these, aiohttp would wait for the rest of the body after the answer.
        connection.close()
        content.feed_eof()
        raise RequestTimeout(f"the body did not arrive within {seconds:g} s") from None
    except (web.RequestPayloadError, ClientPayloadError, HttpProcessingError, ConnectionError):
        # ConnectionError: the client has disconnected within the body, which is not a defect of the gateway.
        raise InvalidRequest("the body is not framed as its headers say") from None
    return bytes(body)


class WireAnswer(web.StreamResponse):
    """A ``Response`` that aiohttp can send.

    ``Connection.over`` ends a hang. It also ends a latency or a drip: the rest of the response is sent at once.

    Args:
        close: whether to close the connection after the response.
        info: what the log says of the request. A response of the API has its id as ``X-Request-Id``.
    """

    def __init__(self, response: Response, *, close: bool = False, info: RequestInfo | ExchangeInfo) -> None:
        super().__init__(status=response.status)
        self.info = info
        self._response = response
        self._close = close
        self._done = False

    @property
    def keep_alive(self) -> bool | None:
        return not self._close

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        if not self._done:
            self._done = True
            self._close = self._close or not request.keep_alive
            await self._write(request)
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        """Do nothing: ``prepare`` has written the whole response."""

    async def _write(self, request: web.BaseRequest) -> None:
        response, wire = self._response, self._response.wire
        connection = connection_of(request)
        if wire.latency:
            await _pause(connection.over, wire.latency)
        if wire.hang:
            self._close = True
            await connection.over.wait()
            if request.transport is not None:
                request.transport.close()
        transport = request.transport
        if transport is None or transport.is_closing():
            self._close = True
            return
        if wire.reset or wire.fin:
            self._close = True
            _close(transport, reset=wire.reset)
            return
        body = response.body
        head = self._head(len(body), stays=request.version < HttpVersion11 and not self._close)
        if request.method == "HEAD" or response.status in _BODILESS:
            transport.write(head)
            return
        if wire.truncate_at is not None and wire.truncate_at < len(body):
            body = body[: wire.truncate_at]
            self._close = True
        if wire.drip is None:
            transport.write(head + body)
            if connection.writing_paused and not await drain(request):
                self._close = True
        else:
            transport.write(head)
            await _drip(transport, body, wire.drip, connection.over)
        if wire.truncate_at is not None:
            transport.close()

    def _head(self, length: int, *, stays: bool) -> bytes:
        """Return the bytes of the head.

        Args:
            length: the length of the whole body, also if it will be truncated.
            stays: whether to confirm to a client of HTTP/1.0 that the connection stays open.
        """
        response, pairs = self._response, self._response.headers
        named = _lowered(tuple(map(_FIRST, pairs)))
        if self._close and ("connection" in named or "keep-alive" in named):
            pairs = tuple([pair for pair in pairs if pair[0].lower() not in _OF_CONNECTIONS])
        lines = [_status_line(response.status), *map(": ".join, pairs)]
        if isinstance(self.info, RequestInfo):
            lines.append(f"X-Request-Id: {self.info.id}")
        if "date" not in named:
            lines.append(_date(int(time.time())))
        if "content-length" not in named and response.status not in _BODILESS:
            lines.append(f"Content-Length: {length}")
        if self._close:
            lines.append("Connection: close")
        elif stays and "connection" not in named:
            lines.append("Connection: keep-alive")
        head = "\r\n".join(lines)
        if head.count("\n") >= len(lines) or head.count("\r") >= len(lines):
            # A line break in a value would split the response.
            head = "\r\n".join([line.replace("\r", " ").replace("\n", " ") for line in lines])
        return f"{head}\r\n\r\n".encode("latin-1", "replace")


def bare_answer(response: Response) -> bytes:
    """Return the bytes of a response that is sent without a parsed request and that ends the connection."""
    lines = [_status_line(response.status)]
    # The last line has the Connection header, which some errors ask for too.
    lines += [f"{name}: {value}" for name, value in response.headers if name != "Connection"]
    lines += [f"Content-Length: {len(response.body)}", "Connection: close"]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + response.body


@lru_cache(maxsize=64)
def _status_line(status: int) -> str:
    return f"HTTP/1.1 {status} {_REASONS.get(status, 'Unknown')}"


# A provider uses only a few different sets of header names.
@lru_cache(maxsize=256)
def _lowered(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset([name.lower() for name in names])


@lru_cache(maxsize=2)
def _date(second: int) -> str:
    return f"Date: {formatdate(second, usegmt=True)}"


async def _pause(over: asyncio.Event, seconds: float) -> None:
    """Wait for so many real seconds, or until the client disconnects or the gateway stops."""
    try:
        async with asyncio.timeout(seconds):
            await over.wait()
    except TimeoutError:
        return


async def _drip(transport: asyncio.Transport, body: bytes, rate: float, over: asyncio.Event) -> None:
    """Write one byte at a time, or as many bytes as are due every 10 ms if ``rate`` (bytes a second) is higher."""
    step = max(1, int(rate / 100))
    for at in range(0, len(body), step):
        if over.is_set():
            if not transport.is_closing():
                transport.write(body[at:])
            return
        transport.write(body[at : at + step])
        if at + step < len(body):
            await _pause(over, step / rate)


def _close(transport: asyncio.Transport, *, reset: bool) -> None:
    connection: Any = transport.get_extra_info("socket")
    if reset and connection is not None:
        # With a linger of zero seconds, the close sends a RST.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    else:
        transport.close()


async def drain(request: web.BaseRequest) -> bool:
    """Wait until the client has read enough for more to be written.

    If it reads nothing at all for ``Limits.unread_seconds``, disconnect it and return False. If it has disconnected
    itself, or the gateway stops, return True.
    """
    connection = connection_of(request)
    if not connection.writing_paused:
        return True
    drained = asyncio.ensure_future(request.writer.drain())
    over = asyncio.ensure_future(connection.over.wait())
    try:
        left = _unread(request.transport)
        while True:
            await asyncio.wait(
                {drained, over},
                timeout=connection.limits.unread_seconds,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if drained.done() or over.done():
                return True
            before, left = left, _unread(request.transport)
            if left >= before:
                # Not a close: that would wait for the client to read the rest.
                connection.disconnect("unread")
                return False
    finally:
        over.cancel()
        drained.cancel()
        if drained.done() and not drained.cancelled():
            drained.exception()  # the client has disconnected, which ``over`` says too


def _unread(transport: asyncio.Transport | None) -> int:
    """Count the bytes that the client has not read, in the transport and, if the system tells, in the kernel.

    The kernel's buffer matters: it holds megabytes, and the transport can write again only when a good part of them
    has been read, which is too late to tell a slow client from one that does not read.
    """
    if transport is None:
        return 0
    queued = array("i", [0])
    with contextlib.suppress(ImportError, OSError):
        import fcntl
        import termios

        # The same number as SIOCOUTQ in Linux's tcp(7).
        fcntl.ioctl(transport.get_extra_info("socket").fileno(), termios.TIOCOUTQ, queued)
    return transport.get_write_buffer_size() + queued[0]
