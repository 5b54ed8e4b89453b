"""Reading request bodies: bounded in bytes and in time."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import ClientPayloadError, web
from aiohttp.http_exceptions import HttpProcessingError

from gateway.core.errors import InvalidRequest, RequestTimeout


async def read_body(request: web.BaseRequest, limit: int) -> bytes | None:
    """The raw body, or None if it is longer than ``limit`` bytes. Raises RequestTimeout and InvalidRequest."""
    if not request.can_read_body:
        return b""
    if (request.content_length or 0) > limit:
        return None
    content = request.content
    if content.is_eof() and content.exception() is None:
        # It came with its head, as almost all do: nothing to wait for, and no timer.
        whole = content.read_nowait()
        return whole if len(whole) <= limit else None
    if request.headers.get("Expect", "").lower() == "100-continue" and request.transport is not None:
        request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    connection: Any = request.protocol  # our own, connection.Connection
    seconds: float = connection.limits.body_seconds
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            while chunk := await content.readany():
                body += chunk
                if len(body) > limit:
                    return None
    except TimeoutError:
        connection.told("slow_body")
        # And no longer after the answer: aiohttp would wait for the rest.
        connection.close()
        content.feed_eof()
        raise RequestTimeout(f"the body did not arrive within {seconds:g} s") from None
    except (web.RequestPayloadError, ClientPayloadError, HttpProcessingError, ConnectionError):
        # The last: the client has gone in the middle of it. Nobody reads the answer, but it is no defect of ours.
        raise InvalidRequest("the body is not framed as its headers say") from None
    return bytes(body)
