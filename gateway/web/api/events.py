"""Server-sent events (WHATWG HTML, 9.2): the tail of the log. A client resumes with ``Last-Event-ID``."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Protocol

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter
from pydantic import BaseModel, Field

from gateway.core.errors import InvalidRequest, TooManyStreams
from gateway.storage.paging import view
from gateway.storage.ports import Entry
from gateway.web.api.captures import describe_by_size
from gateway.web.routing.api import Route
from gateway.web.routing.calls import Call, Input
from gateway.web.routing.models import Cursor
from gateway.web.server.connection import connection_of, drain
from gateway.web.server.limits import ConcurrencyLimit
from gateway.web.server.log import RequestInfo

_BATCH = 100
_HEARTBEAT_SECONDS = 15.0
_HEAD = (
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nCache-Control: no-store\r\n"
    "X-Accel-Buffering: no\r\nConnection: close\r\nX-Request-Id: {}\r\n\r\n"
)


class Since(Input):
    after: Cursor | None = None


class Resumed(BaseModel):
    last_event_id: Cursor | None = Field(None, alias="Last-Event-ID")


class Source(Protocol):
    """A part of the gateway whose new entries are events."""

    @property
    def evicted(self) -> int: ...
    async def read_after(self, cursor: int, limit: int) -> list[Entry]: ...
    async def wait_after(self, cursor: int) -> None: ...


class EventAnswer(web.StreamResponse):
    """Writes events until the client disconnects, the client stops reading, or the gateway stops.

    ``sources`` are by the names of their events. The caller has acquired one of ``streams``; it is released at the
    end.
    """

    def __init__(
        self, sources: Mapping[str, Source], after: int, streams: ConcurrencyLimit, info: RequestInfo
    ) -> None:
        super().__init__()
        self.info = info
        self._streams = streams
        self._sources = sources
        self._cursor = after
        self._gap = 0  # the newest evicted place that the client knows of

    @property
    def keep_alive(self) -> bool | None:
        return False

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        try:
            await self._stream(request)
        finally:
            self._streams.release()
        return None

    async def _stream(self, request: web.BaseRequest) -> None:
        transport = request.transport
        if transport is None:
            return
        transport.write(_HEAD.format(self.info.id).encode())
        if request.method == "HEAD":
            return
        transport.write(b": open\n\n")
        connection = connection_of(request)
        over = connection.over
        while not over.is_set():
            entries = await self._next(transport)
            for entry, name in entries:
                data = await describe_by_size(entry) if name == "capture" else view(entry)
                transport.write(_event(name, entry.seq, data))
                self._cursor = entry.seq
                if connection.writing_paused and not await drain(request):
                    return  # the connection is closed; the client resumes with Last-Event-ID
                if over.is_set():
                    break
            if not entries:
                await self._news(over, transport)
        transport.close()

    async def write_eof(self, data: bytes = b"") -> None:
        """Do nothing: ``prepare`` has written everything."""

    async def _next(self, transport: asyncio.Transport) -> list[tuple[Entry, str]]:
        """Read the next entries in order, with the names of their events.

        If entries since the cursor are gone, write an event ``gap`` first.
        """
        evicted = max(source.evicted for source in self._sources.values())
        if self._cursor < evicted and self._gap < evicted:
            # The entries that are still kept follow.
            transport.write(_event("gap", self._cursor, {"after": self._cursor, "evicted": evicted}))
            self._gap = evicted
        found: list[tuple[Entry, str]] = []
        horizon = None
        for name, source in self._sources.items():
            part = await source.read_after(self._cursor, _BATCH)
            found += [(entry, name) for entry in part]
            if len(part) == _BATCH:
                # This source may have more entries, which must go out before later ones of other sources.
                horizon = min(horizon or part[-1].seq, part[-1].seq)
        return [(entry, name) for entry, name in sorted(found) if horizon is None or entry.seq <= horizon]

    async def _news(self, over: asyncio.Event, transport: asyncio.Transport) -> None:
        """Wait for an entry or the end of the connection. Write a heartbeat if neither comes."""
        waits = [asyncio.ensure_future(source.wait_after(self._cursor)) for source in self._sources.values()]
        end = asyncio.ensure_future(over.wait())
        try:
            done, _ = await asyncio.wait(
                {end, *waits}, timeout=_HEARTBEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            for wait in (end, *waits):
                wait.cancel()
        if not done:
            transport.write(b": still here\n\n")


def _event(name: str, seq: int, data: object) -> bytes:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"event: {name}\nid: {seq}\ndata: {text}\n\n".encode("utf-8", "replace")


async def stream_events(call: Call) -> web.StreamResponse:
    """Start a stream. Raises TooManyStreams, InvalidRequest."""
    after = call.query(Since).after
    services = call.services
    last_id = call.request.headers.get("Last-Event-ID")
    if last_id is not None:
        if not (last_id.isascii() and last_id.isdigit() and len(last_id) < 16):
            raise InvalidRequest("Last-Event-ID: must be a cursor", data={"field": "Last-Event-ID"})
        after = int(last_id)
    sources: dict[str, Source] = {
        "capture": services.inbox,
        "message": services.messages,
        "exchange": services.exchanges,
    }
    services.streams.acquire()
    return EventAnswer(sources, services.inbox.cursor if after is None else after, services.streams, call.info)


ROUTES = (
    Route(
        "GET",
        "/api/events",
        stream_events,
        operation_id="eventsEvents",
        tag="events",
        summary="Server-sent events: captures, exchanges and messages as they come, resumable.",
        query=Since,
        headers=Resumed,
        answers={200: "text/event-stream"},
        errors=(TooManyStreams,),
        waits=True,
    ),
)
