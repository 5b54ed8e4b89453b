"""The store on the disk: one SQLite file, which one gateway has to itself. Implements ``ports.Store``.

What is durable when, and what happens on a full disk: docs/store.md.
"""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from gateway.core.model import Document
from gateway.storage.log_index import Bounds, LogIndex
from gateway.storage.ports import Record
from gateway.storage.sqlite_file import Opened, explained, open_file
from gateway.storage.sqlite_log import SqliteLog, pack, packed, settle
from gateway.storage.sqlite_reader import Reader, fill
from gateway.storage.sqlite_schema import SCHEMA_VERSION
from gateway.storage.sqlite_writer import Append, Change, Put, Writer

__all__ = ["SCHEMA_VERSION", "Bounds", "SqliteStore", "open_sqlite"]


async def open_sqlite(
    path: Path, bounds: Mapping[str, Bounds] | None = None, wall: Callable[[], float] = time.time
) -> SqliteStore:
    """Open the store in that file, or make it. ``bounds``: per stream, else the default.

    It belongs to the running event loop. Raises ConfigError for a file that cannot be used, or is in use.
    """
    opened = open_file(path)
    try:
        with explained(path):
            return SqliteStore(opened, bounds or {}, wall)
    except BaseException:
        opened.close()
        raise


class SqliteRecords:
    """Implements ``ports.Records``. A version is the row's number."""

    def __init__(self, reader: Reader, writer: Writer) -> None:
        self._reader = reader
        self._writer = writer

    async def get(self, key: str) -> Record | None:
        row = self._reader.one("SELECT value, version FROM record WHERE key = ?", (_key(key),))
        return Record(json.loads(row[0]), row[1]) if row is not None else None

    async def put(self, key: str, value: Document, if_version: int | None = None) -> int:
        change = await self._writer.run(Change(puts=(Put(_key(key), pack(value), if_version),)))
        return change.results[0]

    async def delete(self, key: str) -> bool:
        change = await self._writer.run(Change(puts=(Put(_key(key), None),)))
        return change.results[0] > 0

    async def scan(self, prefix: str) -> list[tuple[str, Record]]:
        first = _key(prefix)
        # No byte of UTF-8 is 0xFF, so this is beyond every key with the prefix.
        rows = self._reader.all(
            "SELECT key, value, version FROM record WHERE key >= ? AND key < ? ORDER BY key",
            (first, first + b"\xff"),
        )
        return [(_text(key), Record(json.loads(value), version)) for key, value, version in rows]


class SqliteBatch:
    """Implements ``ports.Batch``: gathers, and hands all over as one change."""

    def __init__(self, writer: Writer, wall: Callable[[], float]) -> None:
        self.seqs: list[int] = []
        self._writer = writer
        self._wall = wall
        self._appends: list[Append] = []
        self._puts: list[Put] = []

    def append(self, stream: str, value: Document, keys: Sequence[str] = (), size: int = 0) -> None:
        self._appends.append(packed(stream, value, keys, size, 0.0))

    def put(self, key: str, value: Document, if_version: int | None = None) -> None:
        self._puts.append(Put(_key(key), pack(value), if_version))

    def delete(self, key: str) -> None:
        self._puts.append(Put(_key(key), None))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is not None or not (self._appends or self._puts):
            return
        now = self._wall()
        appends = [one._replace(at=now) for one in self._appends]
        change = await self._writer.run(Change(appends=appends, puts=self._puts))
        self.seqs = change.seqs


class SqliteStore:
    """Made by ``open_sqlite``."""

    schema_version = SCHEMA_VERSION

    def __init__(self, opened: Opened, bounds: Mapping[str, Bounds], wall: Callable[[], float]) -> None:
        evicted: deque[tuple[str, int]] = deque()
        index = LogIndex(bounds, wall, lambda stream, seq: evicted.append((stream, seq)))
        self._wall = wall
        fill(index, opened.reader)
        self._reader = Reader(opened.reader)
        self._writer = Writer(opened, index.last, evicted, partial(settle, index))
        self.log = SqliteLog(index, self._reader, self._writer, wall)
        self.records = SqliteRecords(self._reader, self._writer)
        self._writer.start()

    def batch(self) -> SqliteBatch:
        return SqliteBatch(self._writer, self._wall)

    async def close(self) -> None:
        """Finish what was asked for, move it all into the file, let go of it."""
        self._reader.closed = True
        await self._writer.close()


def _key(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _text(key: bytes) -> str:
    return key.decode("utf-8", "surrogatepass")
