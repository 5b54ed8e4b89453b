"""The log of the SQLite store: values on the disk, the index of all of them in memory.

Why the index is in memory: an append is then one row at the end of one table, however many keys it has, and a look
at a key that has nothing is no look at the disk. It holds what is committed and nothing else, since one process has
the file to itself and the event loop changes the index only after the commit.

Why reads do not go to a thread: a row is found by its number in a few microseconds, in what the system still has in
memory; a thread would cost ten times that. So a read never suspends, and sees every change whose caller went on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from gateway.core.model import Document
from gateway.storage.log_index import Kept, LogIndex
from gateway.storage.ports import Entry
from gateway.storage.sqlite_errors import closed
from gateway.storage.sqlite_reader import Reader
from gateway.storage.sqlite_writer import Append, Change, Writer

# ASCII only: lone surrogates and NUL stay what they are.
pack = json.JSONEncoder(separators=(",", ":")).encode


def packed(stream: str, value: Document, keys: Sequence[str], size: int, now: float) -> Append:
    """Raises TypeError or ValueError for what is no plain document."""
    unique = tuple(dict.fromkeys(keys))
    return Append(stream, now, size, pack(unique), pack(value), unique)


def settle(index: LogIndex, change: Change) -> None:
    """Tell the index of a change that is on the disk."""
    for seq, one in zip(change.seqs, change.appends, strict=True):
        index.add(one.stream, seq, Kept(b"", one.at, one.keys, one.size))
    place = index.place(change.stream) if change.drops else None
    for seq in change.drops:
        # It may have been evicted meanwhile.
        if place is not None and seq in place.entries:
            place.forget(seq)


class SqliteLog:
    """Implements ``ports.Log``."""

    def __init__(self, index: LogIndex, reader: Reader, writer: Writer, wall: Callable[[], float]) -> None:
        self._index = index
        self._reader = reader
        self._writer = writer
        self._wall = wall

    def last(self) -> int:
        return self._index.last

    def evicted(self, stream: str) -> int:
        return self._index.stream(stream).evicted

    async def append(self, stream: str, value: Document, keys: Sequence[str] = (), size: int = 0) -> int:
        entry = packed(stream, value, keys, size, self._wall())
        change = await self._writer.run(Change(appends=(entry,)))
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
        place = self._index.stream(stream)
        found: list[Entry] = []
        for seq in place.find(key).walk(after, before, newest_first):
            if len(found) == limit:
                break
            row = self._reader.one("SELECT value FROM entry WHERE seq = ?", (seq,))
            # None: dropped this very moment, and the index is about to hear of it.
            if row is not None:
                found.append(Entry(seq, stream, json.loads(row[0]), place.entries[seq].at))
        return found

    async def drop(self, stream: str, key: str | None = None) -> int:
        doomed = list(self._index.stream(stream).find(key).walk(None, None, newest_first=False))
        if not doomed:
            return 0
        change = await self._writer.run(Change(stream=stream, drops=doomed))
        return change.dropped

    async def wait(self, stream: str, keys: Sequence[str], after: int) -> None:
        if self._writer.closing:
            raise closed()
        await self._index.wait(stream, keys, after)
