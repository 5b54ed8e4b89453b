"""HTTP by hand: the bytes that a client sends, and the bytes that come back.

What our own API answers is held against its description on the way (``described``).
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.support import api_description

_SECONDS = 10.0


@dataclass(frozen=True)
class Answer:
    """``lines`` are the header lines as they came, in order."""

    status: int
    lines: tuple[str, ...]
    body: bytes
    first: str

    def header(self, name: str) -> str | None:
        for line in self.lines:
            key, _, value = line.partition(":")
            if key.lower() == name.lower():
                return value.strip()
        return None

    def json(self) -> Any:
        return json.loads(self.body, parse_constant=_refuse)

    @property
    def code(self) -> str:
        return str(self.json()["code"])


def _refuse(name: str) -> object:
    raise AssertionError(f"{name} is not JSON")


class RawConnection:
    """One connection. Every read has a time limit: a test that fails must not hang."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self._asked: deque[tuple[str, str] | None] = deque()

    async def send(self, data: bytes) -> None:
        self._asked.extend(api_description.targets(data))
        self.writer.write(data)
        await self.writer.drain()

    async def ask(
        self,
        method: str,
        target: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        await self.send(request(method, target, body, headers))
        return await self.answer(method)

    async def head(self) -> tuple[str, tuple[str, ...]]:
        async with asyncio.timeout(_SECONDS):
            raw = await self.reader.readuntil(b"\r\n\r\n")
        first, *lines = raw.decode("latin-1")[:-4].split("\r\n")
        return first, tuple(lines)

    async def answer(self, method: str = "GET") -> Answer:
        """The next answer, framed as its head says."""
        first, lines = await self.head()
        status = int(first.split()[1])
        bare = Answer(status, lines, b"", first)
        length = bare.header("content-length")
        if status < 200:
            return bare
        asked = self._asked.popleft() if self._asked else None
        if method == "HEAD" or status in {204, 304}:
            if asked is not None:
                api_description.check(*asked, status, bare.header("content-type"), b"")
            return bare
        async with asyncio.timeout(_SECONDS):
            body = await (self.reader.read() if length is None else self.reader.readexactly(int(length)))
        if asked is not None:
            api_description.check(*asked, status, bare.header("content-type"), body)
        return Answer(status, lines, body, first)

    async def rest(self) -> bytes:
        """All until the other side closes; ConnectionResetError if it resets."""
        async with asyncio.timeout(_SECONDS):
            return await self.reader.read()

    async def until(self, mark: bytes) -> bytes:
        async with asyncio.timeout(_SECONDS):
            return await self.reader.readuntil(mark)

    async def close(self) -> None:
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except OSError:
            return


def request(method: str, target: str, body: object = None, headers: Mapping[str, str] | None = None) -> bytes:
    """``body``: bytes as they are, anything else as JSON. A header given as "" is left out."""
    given = {"Host": "127.0.0.1", **(headers or {})}
    data = b""
    if body is not None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {"Content-Type": "application/json", "Content-Length": str(len(data)), **given}
    lines = [f"{method} {target} HTTP/1.1", *(f"{key}: {value}" for key, value in given.items() if value != "")]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + data


async def connect(port: int) -> RawConnection:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=16 * 1024 * 1024)
    return RawConnection(reader, writer)
