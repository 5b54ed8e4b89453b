"""Writing to a client that may not read."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web


async def reads(request: web.BaseRequest) -> bool:
    """Wait while too much is on its way to the client. False if it reads nothing of that for ``unread_seconds``;
    then it is cut off. True also where it has gone, or where the gateway stops."""
    connection: Any = request.protocol  # our own, server.Connection
    if not connection.writing_paused:
        return True
    drain = asyncio.ensure_future(request.writer.drain())
    end = asyncio.ensure_future(connection.over.wait())
    try:
        left = _unread(request)
        while True:
            await asyncio.wait(
                {drain, end},
                timeout=connection.limits.unread_seconds,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if drain.done() or end.done():
                return True
            before, left = left, _unread(request)
            if left >= before:
                # Not closed: that would wait for the client to read the rest.
                connection.cut("unread")
                return False
    finally:
        end.cancel()
        drain.cancel()
        if drain.done() and not drain.cancelled():
            drain.exception()  # the client has gone: `over` says so too


def _unread(request: web.BaseRequest) -> int:
    return request.transport.get_write_buffer_size() if request.transport is not None else 0
