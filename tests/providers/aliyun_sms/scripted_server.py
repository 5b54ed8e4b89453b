"""A server that plays one behaviour on the wire, for the driver's tests: bytes and sockets, no HTTP library."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Play: TypeAlias = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Scripted:
    """A running server. ``requests`` are what it read, ``connections`` how often somebody connected."""

    address: str
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0


@asynccontextmanager
async def scripted(play: Play) -> AsyncIterator[Scripted]:
    running: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        server.connections += 1
        try:
            await play(Recording(reader, server), writer)  # type: ignore[arg-type]
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # The client has gone, or the test is over.
        finally:
            writer.close()
            running.discard(task)

    listener = await asyncio.start_server(connected, "127.0.0.1", 0)
    host, port = listener.sockets[0].getsockname()
    server = Scripted(f"{host}:{port}")
    try:
        yield server
    finally:
        listener.close()
        for task in running:
            task.cancel()
        await asyncio.gather(*running)


class Recording:
    """A reader whose one method reads a request: its head, and the body that the head announces."""

    def __init__(self, reader: asyncio.StreamReader, server: Scripted) -> None:
        self._reader = reader
        self._server = server

    async def readuntil(self, separator: bytes) -> bytes:
        head = await self._reader.readuntil(separator)
        announced = re.search(rb"(?i)\r\ncontent-length: *([0-9]+)", head)
        body = await self._reader.readexactly(int(announced[1])) if announced else b""
        self._server.requests.append(head + body)
        return head


END = b"\r\n\r\n"


def answer(status: int, body: object, *headers: str) -> Play:
    """Read the request and answer it. ``body``: bytes as they are, anything else as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = [f"HTTP/1.1 {status} Whatever", "Content-Type: application/json;charset=utf-8", *headers]
    if not any(header.lower().startswith(("content-length", "transfer-encoding")) for header in headers):
        head.append(f"Content-Length: {len(content)}")
    return raw("\r\n".join([*head, "Connection: close", "", ""]).encode() + content)


def raw(answered: bytes) -> Play:
    """Read the request, answer these bytes and close."""

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(END)
        writer.write(answered)
        await writer.drain()

    return play


async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read the request, and never answer."""
    await reader.readuntil(END)
    await asyncio.Event().wait()


async def fin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read the request, and close."""
    await reader.readuntil(END)


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read the request, and send a TCP RST."""
    await reader.readuntil(END)
    await reset_at_once(reader, writer)


async def reset_at_once(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    connection: Any = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer a byte now and then, for ever: no read ever waits for long."""
    await reader.readuntil(END)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)  # the drip itself is what this server plays; no test waits for it


def free_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port
