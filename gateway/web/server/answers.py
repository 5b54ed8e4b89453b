"""Answers on the wire: our JSON, and a fake's response with whatever its ``Wire`` asks for.

We write the bytes ourselves: headers keep the provider's order and case, there is no ``Server`` header, and a
reset, a truncation or a drip is possible at all.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import time
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from operator import itemgetter
from typing import Any

from aiohttp import HttpVersion11, web
from aiohttp.abc import AbstractStreamWriter

from gateway.core.errors import GatewayError
from gateway.core.model import Document, Pairs, Response
from gateway.web.server.pace import reads
from gateway.web.server.request_log import Judged, Note

_REASONS = {status.value: status.phrase for status in HTTPStatus}
_JSON = (("Content-Type", "application/json; charset=utf-8"), ("Cache-Control", "no-store"))
_BODILESS = frozenset({204, 304})
_FIRST = itemgetter(0)
_OF_CONNECTIONS = frozenset({"connection", "keep-alive"})


def json_answer(document: Document | list[Document], status: int = 200, headers: Pairs = ()) -> Response:
    """The newline at the end is for people with curl."""
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return Response(status, (*_JSON, *headers), body + b"\n")


def error_answer(error: GatewayError) -> Response:
    """Return the HTTP answer for an error."""
    return json_answer(
        {"code": error.code, "message": error.message, "data": error.data}, error.status, error.headers()
    )


def text_answer(text: str, headers: Pairs = ()) -> Response:
    return Response(
        200,
        (("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store"), *headers),
        text.encode("utf-8", "replace"),
    )


class WireAnswer(web.StreamResponse):
    """A ``Response`` for aiohttp. ``over`` (of the connection) ends a hang, and cuts a latency and a drip short:
    who is still there gets the rest at once. ``note`` is for the log; an answer of ours bears its id."""

    def __init__(self, response: Response, *, close: bool = False, note: Note | Judged) -> None:
        super().__init__(status=response.status)
        self.note = note
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
        """All is written by ``prepare``."""

    async def _write(self, request: web.BaseRequest) -> None:
        response, wire = self._response, self._response.wire
        connection: Any = request.protocol  # our own, connection.Connection
        over: asyncio.Event = connection.over
        if wire.latency:
            await _until(over, wire.latency)
        if wire.hang:
            self._close = True
            await over.wait()
            if request.transport is not None:
                request.transport.close()
        transport = request.transport
        if transport is None or transport.is_closing():
            self._close = True
            return
        if wire.reset or wire.fin:
            self._close = True
            _drop(transport, reset=wire.reset)
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
            if connection.writing_paused and not await reads(request):
                self._close = True
        else:
            transport.write(head)
            await _drip(transport, body, wire.drip, over)
        if wire.truncate_at is not None:
            transport.close()

    def _head(self, length: int, *, stays: bool) -> bytes:
        """``stays``: a client of HTTP/1.0 asked for it, and must hear that it may."""
        response, pairs = self._response, self._response.headers
        named = _lowered(tuple(map(_FIRST, pairs)))
        if self._close and ("connection" in named or "keep-alive" in named):
            pairs = tuple([pair for pair in pairs if pair[0].lower() not in _OF_CONNECTIONS])
        lines = [_status_line(response.status), *map(": ".join, pairs)]
        if type(self.note) is Note:
            lines.append(f"X-Request-Id: {self.note.id}")
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
            # A line break in a value would split the answer.
            head = "\r\n".join([line.replace("\r", " ").replace("\n", " ") for line in lines])
        return f"{head}\r\n\r\n".encode("latin-1", "replace")


def bare_answer(response: Response) -> bytes:
    """The bytes of an answer to no request in particular, after which the connection ends."""
    lines = [_status_line(response.status)]
    # The last line has the Connection header, which some errors ask for too.
    lines += [f"{name}: {value}" for name, value in response.headers if name != "Connection"]
    lines += [f"Content-Length: {len(response.body)}", "Connection: close"]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + response.body


@lru_cache(maxsize=64)
def _status_line(status: int) -> str:
    return f"HTTP/1.1 {status} {_REASONS.get(status, 'Unknown')}"


# A provider has a handful of answers, as far as the names of their headers go.
@lru_cache(maxsize=256)
def _lowered(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset([name.lower() for name in names])


@lru_cache(maxsize=2)
def _date(second: int) -> str:
    return f"Date: {formatdate(second, usegmt=True)}"


async def _until(over: asyncio.Event, seconds: float) -> None:
    """So many real seconds, or less if the client goes or the gateway stops."""
    try:
        async with asyncio.timeout(seconds):
            await over.wait()
    except TimeoutError:
        return


async def _drip(transport: asyncio.Transport, body: bytes, rate: float, over: asyncio.Event) -> None:
    """A byte at a time, or as many as are due after 10 ms: no timer is finer than that."""
    step = max(1, int(rate / 100))
    for at in range(0, len(body), step):
        if over.is_set():
            if not transport.is_closing():
                transport.write(body[at:])
            return
        transport.write(body[at : at + step])
        if at + step < len(body):
            await _until(over, step / rate)


def _drop(transport: asyncio.Transport, *, reset: bool) -> None:
    connection: Any = transport.get_extra_info("socket")
    if reset and connection is not None:
        # A zero linger turns the close into a RST.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    else:
        transport.close()
