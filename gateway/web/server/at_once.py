"""aiohttp's connection, but a request is answered as soon as it is read, in the same turn of the event loop.

aiohttp wakes a task that makes a task: three turns of the loop for each request, a tenth of what a whole SendSms
costs. Here the answer is begun by whoever reads the socket, and only what must wait for something goes on in the
connection's task (``begun.py``). The rest is aiohttp's: its parser, its requests, its timers, its shutdown.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final, TypeAlias

import aiohttp
from aiohttp import web
from aiohttp.http import StreamWriter
from aiohttp.web_protocol import ERROR, _ErrInfo

from gateway.web.server.begun import Begun

# Whose inner life this knows. With any other aiohttp, its own loop runs: slower, and as good.
KNOWN: Final = aiohttp.__version__.startswith("3.14.")

_Outcome: TypeAlias = tuple[web.StreamResponse, bool]


class _Answering:
    """One request, what is left of its body, and the answer that is under way."""

    __slots__ = ("begun", "payload", "request")

    def __init__(self, request: web.BaseRequest, payload: Any, begun: Begun[_Outcome]) -> None:
        self.request = request
        self.payload = payload
        self.begun = begun


class AtOnce(web.RequestHandler):
    """``data_received`` and ``start`` of aiohttp, once more."""

    __slots__ = ("_passed_on", "_task")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Begun by the reader of the socket; the connection's task goes on with it.
        self._passed_on: _Answering | None = None
        self._task: asyncio.Task[Any] | None = None

    def data_received(self, data: bytes) -> None:
        waiter = self._waiter
        if self._task is None or waiter is None or waiter.done():
            super().data_received(data)
            return
        # Without a waiter to wake, aiohttp reads and does no more.
        self._waiter = None
        try:
            super().data_received(data)
            if self._messages and self._answer_now(self._task):
                waiter.set_result(None)
        except BaseException:
            waiter.cancel()
            raise
        if self._force_close or self._close:
            waiter.cancel()
        elif not waiter.done():
            self._waiter = waiter
            if self._messages:
                waiter.set_result(None)

    def _answer_now(self, task: asyncio.Task[Any]) -> bool:
        """True: the task is to go on with it."""
        answering = self._next(task)
        try:
            ended = answering.begun.begin()
        except Exception as error:  # noqa: BLE001  # aiohttp lets the connection end, whatever it is
            self._failed(error)
            return False
        if not ended or not answering.payload.is_eof():
            self._passed_on = answering
            return True
        if not self._stays(answering):
            self._end()
        return False

    async def start(self) -> None:
        """The connection's task: what could not be answered at once."""
        if not KNOWN:
            await super().start()
            return
        task: asyncio.Task[Any] = asyncio.current_task()  # type: ignore[assignment]  # this is one
        self._task = task
        try:
            # What was begun is ended, also when its client has gone.
            while self._passed_on is not None or not self._force_close:
                if self._passed_on is None and not self._messages:
                    await self._woken()
                    continue
                answering, self._passed_on = self._passed_on or self._next(task), None
                await answering.begun
                await self._linger(answering.payload)
                if not self._stays(answering):
                    break
        except asyncio.CancelledError:
            self.force_close()
            raise
        except Exception as error:  # noqa: BLE001  # as above
            self._failed(error)
        self._end()

    async def _woken(self) -> None:
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        except asyncio.CancelledError as error:
            if self._passed_on is None:
                raise
            self._passed_on.begun.fail(error)
        finally:
            self._waiter = None

    def _next(self, task: asyncio.Task[Any]) -> _Answering:
        message, payload = self._messages.popleft()
        if self._parser is not None:
            self._parser.message_consumed()
        if self._buffer_paused and len(self._messages) <= self._msg_queue_resume_size:
            self._resume_reading_if_drained()
        # They are there until the connection is lost, and then nobody asks for the next.
        manager: Any = self._manager
        manager.requests_count += 1
        handler: Any = self._request_handler
        if isinstance(message, _ErrInfo):
            handler, message = self._make_error_handler(message), ERROR
        request = manager.request_factory(message, payload, self, StreamWriter(self, self._loop), task)
        started = self._loop.time() if self._logging_enabled else None
        return _Answering(request, payload, Begun(self._handle_request(request, started, handler), task))

    async def _linger(self, payload: Any) -> None:
        """Read the rest of a body that nobody wanted: a close with it unread would reset the connection, and the
        client might never see the answer."""
        if payload.is_eof() or self._force_close:
            return
        try:
            async with asyncio.timeout(self._lingering_time):
                while not payload.is_eof():
                    await payload.readany()
        except TimeoutError:
            self._close = True

    def _stays(self, answering: _Answering) -> bool:
        """Once it is answered: does the connection stay, for the next request?"""
        request: Any = answering.request
        request._task = None  # noqa: SLF001  # as aiohttp does: a cycle of references ends
        response, reset = answering.begun.result
        self._keepalive = not reset and bool(response.keep_alive)
        if not self._keepalive or self._close or self._force_close:
            return False
        # The timer that runs looks at this when it fires.
        self._next_keepalive_close_time = closes = self._loop.time() + self._keepalive_timeout
        if self._keepalive_handle is None:
            self._keepalive_handle = self._loop.call_at(closes, self._process_keepalive)
        return True

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, ConnectionError):  # the client has gone
            self.log_exception("Unhandled exception", exc_info=error)
        self.force_close()

    def _end(self) -> None:
        self._close = True
        if not self._force_close and self.transport is not None:
            self.transport.close()
