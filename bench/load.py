"""A client that costs little: requests made beforehand, raw sockets, keep-alive."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from bench import requests
from bench.processes import Server

CONNECTIONS = 8


async def run(server: Server, messages: Sequence[bytes], connections: int = CONNECTIONS) -> None:
    """Send all requests; each must be answered with a 200."""
    shares = [messages[at::connections] for at in range(connections)]
    await asyncio.gather(*(_one(server, share) for share in shares))


def cpu(server: Server, messages: Sequence[bytes], connections: int = CONNECTIONS) -> float:
    """Send all requests and return the server's CPU seconds for one of them, of threads that have ended too."""
    before = server.cpu()
    asyncio.run(run(server, messages, connections))
    return (server.cpu() - before) / len(messages)


async def fill(server: Server, count: int, first: int) -> None:
    """Keep this many captures, of a thousand recipients with each request."""
    for at in range(0, count, 1000):
        numbers = ",".join(str(first + at + one) for one in range(min(1000, count - at)))
        await run(server, [requests.send_sms(server, numbers)], connections=1)


@asynccontextmanager
async def connection(server: Server) -> AsyncIterator[Callable[[bytes], Awaitable[bytes]]]:
    """Open a connection as ``answers`` does; what it yields returns the body of a 200."""
    async with answers(server) as whole:

        async def ask(request: bytes) -> bytes:
            head, body = await whole(request)
            assert head.startswith(b"HTTP/1.1 200"), head
            return body

        yield ask


@asynccontextmanager
async def answers(server: Server) -> AsyncIterator[Callable[[bytes], Awaitable[tuple[bytes, bytes]]]]:
    """Open a connection that is kept alive if the server keeps it. Yields a function from a request to the head and
    the body of its response."""
    reader, writer = await asyncio.open_connection(server.host, server.port, limit=2**20)

    async def ask(request: bytes) -> tuple[bytes, bytes]:
        nonlocal reader, writer
        writer.write(request)
        head, body = await _whole(reader)
        if b"\r\nconnection: close" in head.lower():
            writer.close()
            reader, writer = await asyncio.open_connection(server.host, server.port, limit=2**20)
        return head, body

    try:
        yield ask
    finally:
        writer.close()


async def _one(server: Server, messages: Sequence[bytes]) -> None:
    async with connection(server) as ask:
        for message in messages:
            await ask(message)


async def _whole(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    lower = head.lower()
    if b"\r\ntransfer-encoding: chunked" in lower:
        return head, await _chunks(reader)
    at = lower.index(b"content-length:")
    length = int(head[at + 15 : head.index(b"\r\n", at)])
    return head, await reader.readexactly(length)


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while length := int(await reader.readuntil(b"\r\n"), 16):
        body += (await reader.readexactly(length + 2))[:-2]
    await reader.readexactly(2)
    return body
