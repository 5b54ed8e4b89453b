"""Writing to a client that may not read."""

from __future__ import annotations

import asyncio
import contextlib
from array import array
from typing import Any

from aiohttp import web


async def reads(request: web.BaseRequest) -> bool:
    """Wait while too much is on its way to the client. False if it reads nothing of that for ``unread_seconds``;
    then it is cut off. True also where it has gone, or where the gateway stops."""
    connection: Any = request.protocol  # our own, connection.Connection
    if not connection.writing_paused:
        return True
    drain = asyncio.ensure_future(request.writer.drain())
    end = asyncio.ensure_future(connection.over.wait())
    try:
        left = _unread(request.transport)
        while True:
            await asyncio.wait(
                {drain, end},
                timeout=connection.limits.unread_seconds,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if drain.done() or end.done():
                return True
            before, left = left, _unread(request.transport)
            if left >= before:
                # Not closed: that would wait for the client to read the rest.
                connection.cut("unread")
                return False
    finally:
        end.cancel()
        drain.cancel()
        if drain.done() and not drain.cancelled():
            drain.exception()  # the client has gone: `over` says so too


def _unread(transport: asyncio.Transport | None) -> int:
    """Bytes that the client has not taken: ours, and, where the system tells, those of its kernel. That holds
    megabytes, and asks for more only when a good part has gone: too late to tell slow from silent."""
    if transport is None:
        return 0
    queued = array("i", [0])
    with contextlib.suppress(ImportError, OSError):
        import fcntl
        import termios

        # SIOCOUTQ of Linux's tcp(7) is the same number.
        fcntl.ioctl(transport.get_extra_info("socket").fileno(), termios.TIOCOUTQ, queued)
    return transport.get_write_buffer_size() + queued[0]
