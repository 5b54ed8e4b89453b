"""A store in a SQLite file, which one gateway has to itself.

What is durable when, and what happens on a full disk: docs/store.md.

The values are on the disk, and the index of the log is in memory. So an append writes one row at the end of one
table, however many keys it has, and a look-up of a key without entries does not touch the disk. The index holds
exactly what is committed: no other process writes to the file, and the event loop changes the index only after
the commit.

Reads run in the event loop, not in a thread. SQLite finds a row by its number in a few microseconds, in pages
that the operating system has in memory; a thread would cost ten times that. So a read never suspends, and it
sees every change whose caller has continued.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from gateway.core.model import Document
from gateway.storage.log_index import Bounds, IndexEntry, LogIndex
from gateway.storage.ports import Entry, Record
from gateway.storage.sqlite_file import (
    SCHEMA_VERSION,
    OpenFile,
    as_config_error,
    closed,
    open_file,
    unavailable,
)
from gateway.storage.sqlite_writer import Append, Change, Put, Writer

__all__ = ["SCHEMA_VERSION", "Bounds", "SqliteLog", "SqliteStore", "open_sqlite"]

# ASCII only, which keeps lone surrogates and NUL as they are. Raises TypeError or ValueError if a value is not
# JSON.
_encode = json.JSONEncoder(separators=(",", ":")).encode


async def open_sqlite(
    path: Path, bounds: Mapping[str, Bounds] | None = None, wall: Callable[[], float] = time.time
) -> SqliteStore:
    """Open the store in the file, or create it. It belongs to the running event loop.

    Args:
        bounds: Bounds by stream. Other streams have the default ``Bounds()``.
        wall: Real time, in seconds since the epoch.

    Raises:
        ConfigError: The file cannot be used, or another gateway uses it.
    """
    file = open_file(path)
    try:
        with as_config_error(path):
            return SqliteStore(file, bounds or {}, wall)
    except BaseException:
        file.close()
        raise


class SqliteStore:
    """Implements ``ports.Store``. Made by ``open_sqlite``."""

    schema_version = SCHEMA_VERSION

    def __init__(self, file: OpenFile, bounds: Mapping[str, Bounds], wall: Callable[[], float]) -> None:
        """Raises sqlite3.Error, and ValueError if the file is damaged."""
        evicted: deque[tuple[str, int]] = deque()
        index = LogIndex(bounds, wall, lambda stream, seq: evicted.append((stream, seq)))
        _fill(index, file.reader)
        self._wall = wall
        self._reader = _Reader(file.reader)
        self._writer = Writer(file, index.last, evicted, partial(_update, index))
        self.log = SqliteLog(index, self._reader, self._writer, wall)
        self.records = SqliteRecords(self._reader, self._writer)
        self._writer.start()

    def batch(self) -> SqliteBatch:
        return SqliteBatch(self._writer, self._wall)

    async def close(self) -> None:
        """Commit the pending changes, and close the file."""
        self._reader.closed = True
        await self._writer.close()


class SqliteRecords:
    """Implements ``ports.Records``. The version of a record is the number of its row."""

    def __init__(self, reader: _Reader, writer: Writer) -> None:
        self._reader = reader
        self._writer = writer

    async def get(self, key: str) -> Record | None:
        row = self._reader.first("SELECT value, version FROM record WHERE key = ?", (_key(key),))
        return Record(json.loads(row[0]), row[1]) if row is not None else None

    async def put(self, key: str, value: Document, if_version: int | None = None) -> int:
        change = await self._writer.run(Change(puts=(Put(_key(key), _encode(value), if_version),)))
        return change.put_results[0]

    async def delete(self, key: str) -> bool:
        change = await self._writer.run(Change(puts=(Put(_key(key), None),)))
        return change.put_results[0] > 0

    async def scan(self, prefix: str) -> list[tuple[str, Record]]:
        first = _key(prefix)
        # UTF-8 has no byte 0xFF, so this is larger than every key with the prefix.
        rows = self._reader.all(
            "SELECT key, value, version FROM record WHERE key >= ? AND key < ? ORDER BY key",
            (first, first + b"\xff"),
        )
        return [(_text(key), Record(json.loads(value), version)) for key, value, version in rows]


class SqliteLog:
    """Implements ``ports.Log``."""

    def __init__(self, index: LogIndex, reader: _Reader, writer: Writer, wall: Callable[[], float]) -> None:
        self._index = index
        self._reader = reader
        self._writer = writer
        self._wall = wall

    def last(self) -> int:
        return self._index.last

    def evicted(self, stream: str) -> int:
        return self._index.stream(stream).evicted

    async def append(self, stream: str, value: Document, keys: Sequence[str] = (), size: int = 0) -> int:
        change = await self._writer.run(Change(appends=(_append(stream, value, keys, size, self._wall()),)))
        return change.seqs[0]

    async def read(
        self,
        stream: str,
        *,
        key: str | None = None,
        after: int | None = None,
        before: int | None = None,
        limit: int = 100,
        newest_first: bool = False,
    ) -> list[Entry]:
        indexed = self._index.stream(stream)
        entries: list[Entry] = []
        for seq in indexed.seqs(key).between(after, before, newest_first):
            if len(entries) == limit:
                break
            row = self._reader.first("SELECT value FROM entry WHERE seq = ?", (seq,))
            # There is no row if a drop is committed and the index is not updated yet.
            if row is not None:
                entries.append(Entry(seq, stream, json.loads(row[0]), indexed.entries[seq].at))
        return entries

    async def drop(self, stream: str, key: str | None = None) -> int:
        seqs = list(self._index.stream(stream).seqs(key).between(None, None, newest_first=False))
        if not seqs:
            return 0
        change = await self._writer.run(Change(drop_stream=stream, drops=seqs))
        return change.dropped

    async def wait(self, stream: str, keys: Sequence[str], after: int) -> None:
        if self._writer.closing:
            raise closed()
        await self._index.wait(stream, keys, after)


class SqliteBatch:
    """Implements ``ports.Batch``: collects the changes, and commits them as one change."""

    def __init__(self, writer: Writer, wall: Callable[[], float]) -> None:
        self.seqs: list[int] = []
        self._writer = writer
        self._wall = wall
        self._appends: list[Append] = []
        self._puts: list[Put] = []

    def append(self, stream: str, value: Document, keys: Sequence[str] = (), size: int = 0) -> None:
        # Its time is set at the commit.
        self._appends.append(_append(stream, value, keys, size, at=0.0))

    def put(self, key: str, value: Document, if_version: int | None = None) -> None:
        self._puts.append(Put(_key(key), _encode(value), if_version))

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
        appends = [append._replace(at=now) for append in self._appends]
        change = await self._writer.run(Change(appends=appends, puts=self._puts))
        self.seqs = change.seqs


class _Reader:
    """Queries over a connection that cannot change anything. Each query sees the latest commit."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.closed = False

    def all(self, statement: str, values: tuple[object, ...] = ()) -> list[Any]:
        """Return all rows. Raises StoreFailed."""
        if self.closed:
            raise closed()
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise unavailable(error) from None

    def first(self, statement: str, values: tuple[object, ...] = ()) -> Any:
        """Return the first row, or None. Raises StoreFailed."""
        rows = self.all(statement, values)
        return rows[0] if rows else None


def _fill(index: LogIndex, connection: sqlite3.Connection) -> None:
    """Fill an empty index from the file. Raises sqlite3.Error, and ValueError if keys are not JSON."""
    for name, evicted in connection.execute("SELECT name, evicted FROM stream"):
        index.untrimmed(name).evicted = evicted
    for seq, stream, at, size, keys in connection.execute(
        "SELECT seq, stream, at, size, keys FROM entry ORDER BY seq"
    ):
        index.untrimmed(stream).add(seq, IndexEntry(b"", at, tuple(json.loads(keys)), size))
    last = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'entry'").fetchone()
    index.last = last[0] if last else 0
    for name in list(index.streams):
        index.stream(name)  # evicts what is beyond a bound by now


def _update(index: LogIndex, change: Change) -> None:
    """Apply a committed change to the index."""
    for seq, append in zip(change.seqs, change.appends, strict=True):
        index.add(append.stream, seq, IndexEntry(b"", append.at, append.keys, append.size))
    if change.drops:
        stream = index.untrimmed(change.drop_stream)
        for seq in change.drops:
            if seq in stream.entries:  # else it was evicted before the commit
                stream.remove(seq)


def _append(stream: str, value: Document, keys: Sequence[str], size: int, at: float) -> Append:
    unique = tuple(dict.fromkeys(keys))
    return Append(stream, at, size, _encode(unique), _encode(value), unique)


def _key(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _text(key: bytes) -> str:
    return key.decode("utf-8", "surrogatepass")
