"""One client connection: time limits for heads and bodies, and errors that do not repeat the request line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from aiohttp import ClientPayloadError, web
from aiohttp.http_exceptions import HttpProcessingError

from gateway.core.errors import InternalError, InvalidRequest, MalformedRequest, RequestTimeout
from gateway.core.model import new_id
from gateway.web.server.answers import WireAnswer, bare_answer, connection_of, error_answer
from gateway.web.server.limits import Limits
from gateway.web.server.log import RequestInfo, log_defect

_LATE = bare_answer(error_answer(RequestTimeout("the head of the request did not arrive in time")))


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
            self.transport.write(_LATE)
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
