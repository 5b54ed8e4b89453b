"""The store that lives in memory and goes with the process. Implements ``ports.Store``.

Values are kept as they are given, not copied: callers hand over plain documents and do not touch them again.
"""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_left, bisect_right
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from gateway.errors import Conflict
from gateway.model import Document
from gateway.ports import Entry, Record

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a stream keeps: entries, bytes, and seconds of real age."""

    count: int = 10_000
    bytes: int = 256 * 1024 * 1024
    age: float = 24 * 3600.0


class _Index:
    """Sequence numbers in ascending order; taking from the front is cheap."""

    __slots__ = ("head", "seqs")

    def __init__(self) -> None:
        self.seqs: list[int] = []
        self.head = 0

    def __len__(self) -> int:
        return len(self.seqs) - self.head

    def take_first(self) -> None:
        self.head += 1
        if self.head > 512 and self.head * 2 > len(self.seqs):
            del self.seqs[: self.head]
            self.head = 0

    def remove(self, seq: int) -> None:
        at = bisect_left(self.seqs, seq, self.head)
        if at == self.head:
            self.take_first()
        else:
            del self.seqs[at]

    def between(self, after: int | None, before: int | None, limit: int, newest_first: bool) -> Sequence[int]:
        low = self.head if after is None else bisect_right(self.seqs, after, self.head)
        high = len(self.seqs) if before is None else bisect_left(self.seqs, before, self.head)
        if newest_first:
            return self.seqs[max(low, high - limit) : high][::-1]
        return self.seqs[low : min(high, low + limit)]


@dataclass(slots=True)
class _Stream:
    bounds: Bounds
    index: _Index = field(default_factory=_Index)
    bytes: int = 0
    evicted: int = 0


class MemoryLog:
    """Implements ``ports.Log``."""

    def __init__(self, bounds: Mapping[str, Bounds], wall: Callable[[], float]) -> None:
        self._bounds = bounds
        self._wall = wall
        self._last = 0
        self._streams: dict[str, _Stream] = {}
        self._entries: dict[int, tuple[Entry, tuple[str, ...], int]] = {}
        self._keys: dict[tuple[str, str], _Index] = {}
        self._waiters: dict[tuple[str, str | None], set[asyncio.Future[None]]] = {}

    def last(self) -> int:
        return self._last

    def evicted(self, stream: str) -> int:
        # Age goes on without appends: a reader asks here before it reads, and must not be told too late.
        found = self._current(stream)
        return found.evicted if found else 0

    async def append(self, stream: str, value: Document, keys: Sequence[str] = (), size: int = 0) -> int:
        return self.insert(stream, value, keys, size)

    def insert(self, stream: str, value: Document, keys: Sequence[str], size: int) -> int:
        self._last = seq = self._last + 1
        kept = self._streams.get(stream)
        if kept is None:
            kept = self._streams[stream] = _Stream(self._bounds.get(stream, Bounds()))
        now = self._wall()
        unique = tuple(dict.fromkeys(keys))
        self._entries[seq] = (Entry(seq, stream, value, now), unique, size)
        kept.index.seqs.append(seq)
        kept.bytes += size
        for key in unique:
            index = self._keys.get((stream, key))
            if index is None:
                index = self._keys[stream, key] = _Index()
            index.seqs.append(seq)
        self._evict(stream, kept, now)
        self._notify(stream, unique)
        return seq

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
        kept = self._current(stream)
        if kept is None:
            return []
        index = kept.index if key is None else self._keys.get((stream, key))
        if index is None:
            return []
        return [self._entries[seq][0] for seq in index.between(after, before, limit, newest_first)]

    async def drop(self, stream: str, key: str | None = None) -> int:
        kept = self._current(stream)
        index = (kept.index if kept else None) if key is None else self._keys.get((stream, key))
        if kept is None or index is None:
            return 0
        doomed = list(index.seqs[index.head :])
        for seq in doomed:
            self._forget(stream, kept, seq)
        return len(doomed)

    async def wait(self, stream: str, keys: Sequence[str], after: int) -> None:
        self._current(stream)
        places: list[tuple[str, str | None]] = [(stream, key) for key in keys] or [(stream, None)]
        for place in places:
            index = self._index(*place)
            if index and index.seqs[-1] > after:
                return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        for place in places:
            self._waiters.setdefault(place, set()).add(waiter)
        try:
            await waiter
        finally:
            for place in places:
                waiting = self._waiters.get(place)
                if waiting is not None:
                    waiting.discard(waiter)
                    if not waiting:
                        del self._waiters[place]

    def _current(self, stream: str) -> _Stream | None:
        """The stream without what is too old by now."""
        kept = self._streams.get(stream)
        if kept is not None:
            self._evict(stream, kept, self._wall())
        return kept

    def _index(self, stream: str, key: str | None) -> _Index | None:
        if key is not None:
            return self._keys.get((stream, key))
        kept = self._streams.get(stream)
        return kept.index if kept else None

    def _notify(self, stream: str, keys: Sequence[str]) -> None:
        if not self._waiters:
            return
        for key in (None, *keys):
            for waiter in self._waiters.get((stream, key), ()):
                if not waiter.done():
                    waiter.set_result(None)

    def _evict(self, stream: str, kept: _Stream, now: float) -> None:
        index, bounds = kept.index, kept.bounds
        while len(index):
            first = index.seqs[index.head]
            too_old = now - self._entries[first][0].at > bounds.age
            if not (too_old or len(index) > bounds.count or kept.bytes > bounds.bytes):
                return
            self._forget(stream, kept, first)
            kept.evicted = first

    def _forget(self, stream: str, kept: _Stream, seq: int) -> None:
        _, keys, size = self._entries.pop(seq)
        kept.bytes -= size
        kept.index.remove(seq)
        for key in keys:
            index = self._keys[stream, key]
            index.remove(seq)
            if not len(index):
                del self._keys[stream, key]


class MemoryRecords:
    """Implements ``ports.Records``."""

    def __init__(self) -> None:
        self._values: dict[str, Record] = {}
        # Never reused, not even after a delete: an old version must not fit a new record.
        self._versions = 0

    async def get(self, key: str) -> Record | None:
        return self._values.get(key)

    async def put(self, key: str, value: Document, if_version: int | None = None) -> int:
        self.check(key, if_version)
        return self.replace(key, value)

    async def delete(self, key: str) -> bool:
        return self.remove(key)

    async def scan(self, prefix: str) -> list[tuple[str, Record]]:
        return sorted((key, record) for key, record in self._values.items() if key.startswith(prefix))

    def check(self, key: str, if_version: int | None) -> None:
        found = self._values.get(key)
        if if_version is not None and if_version != (found.version if found else 0):
            raise Conflict("the record was changed by somebody else meanwhile: read it again")

    def replace(self, key: str, value: Document) -> int:
        self._versions += 1
        self._values[key] = Record(value, self._versions)
        return self._versions

    def remove(self, key: str) -> bool:
        return self._values.pop(key, None) is not None


class MemoryBatch:
    """Implements ``ports.Batch``: gathers, and is applied in one go without an await between."""

    def __init__(self) -> None:
        self.seqs: list[int] = []
        self._appends: list[tuple[str, Document, Sequence[str], int]] = []
        self._changes: list[tuple[str, Document | None, int | None]] = []

    def append(self, stream: str, value: Document, keys: Sequence[str] = (), size: int = 0) -> None:
        self._appends.append((stream, value, keys, size))

    def put(self, key: str, value: Document, if_version: int | None = None) -> None:
        self._changes.append((key, value, if_version))

    def delete(self, key: str) -> None:
        self._changes.append((key, None, None))

    def apply(self, log: MemoryLog, records: MemoryRecords) -> None:
        for key, _, if_version in self._changes:
            records.check(key, if_version)
        for key, value, _ in self._changes:
            if value is None:
                records.remove(key)
            else:
                records.replace(key, value)
        self.seqs = [log.insert(*entry) for entry in self._appends]


class MemoryStore:
    """Implements ``ports.Store``. ``bounds``: per stream, else the default."""

    schema_version = SCHEMA_VERSION

    def __init__(self, bounds: Mapping[str, Bounds] | None = None, wall: Callable[[], float] = time.time) -> None:
        self.log = MemoryLog(bounds or {}, wall)
        self.records = MemoryRecords()

    @asynccontextmanager
    async def batch(self) -> AsyncIterator[MemoryBatch]:
        batch = MemoryBatch()
        yield batch
        batch.apply(self.log, self.records)

    async def close(self) -> None:
        """Nothing to let go of."""
