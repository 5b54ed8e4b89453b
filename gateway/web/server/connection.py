"""One client connection: a word when the client has gone, heads that come too late, quiet errors."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from aiohttp import web

from gateway.core.errors import InternalError, MalformedRequest, RequestTimeout
from gateway.core.model import new_id
from gateway.web.server.answers import WireAnswer, bare_answer, error_answer
from gateway.web.server.at_once import AtOnce
from gateway.web.server.defects import log_defect
from gateway.web.server.limits import Limits
from gateway.web.server.request_log import Note

_LATE = bare_answer(error_answer(RequestTimeout("the head of the request did not arrive in time")))


class Connection(AtOnce):
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
        idle = self._waiter is not None and not self._waiter.done()
        asked = self._request_count
        super().data_received(data)
        if not idle:
            if self._messages:
                # A request is being answered.
                self._end_broken_body()
        elif self._request_count != asked:
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
            answer = error_answer(InternalError())
        else:
            text = "this is not well-formed HTTP/1.1, its first line is over 512 KiB, or a header over 64"
            answer = error_answer(MalformedRequest(text))
        return WireAnswer(answer, close=True, note=Note(new_id("req")))
