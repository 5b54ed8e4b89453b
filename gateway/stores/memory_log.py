"""The log of the memory store.

Entries are kept as bytes, not as objects: a quarter of the memory, nothing for the garbage collector to walk
through (a hundred thousand captures would stop the world for a tenth of a second), and no caller can change what
another one reads. They never leave the process, so the interpreter's own format will do: it costs a fifth of JSON.
"""

from __future__ import annotations

import asyncio
import json
import marshal
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.model import Document
from gateway.ports import Entry


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a stream keeps: entries, bytes, and seconds of real age."""

    count: int = 10_000
    bytes: int = 256 * 1024 * 1024
    age: float = 24 * 3600.0


class _Index:
    """Sequence numbers in ascending order; taking from the front is cheap."""

    __slots__ = ("head", "seqs")

    def __init__(self, *seqs: int) -> None:
        self.seqs = list(seqs)
        self.head = 0

    def __len__(self) -> int:
        return len(self.seqs) - self.head

    def remove(self, seq: int) -> None:
        if self.seqs[self.head] != seq:
            del self.seqs[bisect_left(self.seqs, seq, self.head)]
            return
        self.head += 1
        if self.head > 512 and self.head * 2 > len(self.seqs):
            del self.seqs[: self.head]
            self.head = 0

    def between(self, after: int | None, before: int | None, limit: int, newest_first: bool) -> Sequence[int]:
        low = self.head if after is None else bisect_right(self.seqs, after, self.head)
        high = len(self.seqs) if before is None else bisect_left(self.seqs, before, self.head)
        if newest_first:
            return self.seqs[max(low, high - limit) : high][::-1]
        return self.seqs[low : min(high, low + limit)]


class _Kept(NamedTuple):
    packed: bytes
    at: float
    keys: tuple[str, ...]
    size: int


@dataclass(slots=True)
class _Stream:
    """``keys``: most keys have one entry, and that is its number itself; an index for each would cost more than
    the entry."""

    bounds: Bounds
    entries: dict[int, _Kept] = field(default_factory=dict)
    index: _Index = field(default_factory=_Index)
    keys: dict[str, int | _Index] = field(default_factory=dict)
    bytes: int = 0
    evicted: int = 0

    def add(self, seq: int, kept: _Kept) -> None:
        self.entries[seq] = kept
        self.index.seqs.append(seq)
        self.bytes += kept.size
        for key in kept.keys:
            known = self.keys.get(key)
            if known is None:
                self.keys[key] = seq
            elif isinstance(known, int):
                self.keys[key] = _Index(known, seq)
            else:
                known.seqs.append(seq)

    def forget(self, seq: int) -> None:
        kept = self.entries.pop(seq)
        self.bytes -= kept.size
        self.index.remove(seq)
        for key in kept.keys:
            known = self.keys[key]
            if isinstance(known, _Index):
                known.remove(seq)
                if len(known):
                    continue
            del self.keys[key]

    def find(self, key: str | None) -> _Index:
        if key is None:
            return self.index
        known = self.keys.get(key)
        if known is None:
            return _Index()
        return _Index(known) if isinstance(known, int) else known

    def evict(self, now: float) -> None:
        bounds, entries, index = self.bounds, self.entries, self.index
        while entries:
            first = index.seqs[index.head]
            # The newest stays, however large: whoever waits for it must be able to read it.
            too_many = len(entries) > bounds.count or (self.bytes > bounds.bytes and len(entries) > 1)
            if not too_many and now - entries[first].at <= bounds.age:
                return
            self.forget(first)
            self.evicted = first


def pack(value: Document) -> bytes:
    """Raises TypeError or ValueError for what is no plain document."""
    try:
        return marshal.dumps(value)
    except ValueError:
        # A subclass of str, say: plain JSON all the same.
        return marshal.dumps(json.loads(json.dumps(value)))


class MemoryLog:
    """Implements ``ports.Log``."""

    def __init__(self, bounds: Mapping[str, Bounds], wall: Callable[[], float]) -> None:
        self._bounds = bounds
        self._wall = wall
        self._last = 0
        self._streams: dict[str, _Stream] = {}
        self._waiters: dict[tuple[str, str | None], set[asyncio.Future[None]]] = {}

    def last(self) -> int:
        return self._last

    def evicted(self, stream: str) -> int:
        place = self._stream(stream)
        place.evict(self._wall())
        return place.evicted

    async def append(self, stream: str, value: Document, keys: Sequence[str] = (), size: int = 0) -> int:
        return self.insert(stream, pack(value), keys, size)

    def insert(self, stream: str, packed: bytes, keys: Sequence[str], size: int) -> int:
        """``append`` without an await and without anything that can fail, for batches."""
        unique = tuple(dict.fromkeys(keys))
        now = self._wall()
        kept = _Kept(packed, now, unique, size)
        self._last = seq = self._last + 1
        place = self._stream(stream)
        place.add(seq, kept)
        place.evict(now)
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
        place = self._stream(stream)
        place.evict(self._wall())
        found = []
        for seq in place.find(key).between(after, before, limit, newest_first):
            kept = place.entries[seq]
            value = marshal.loads(kept.packed)  # noqa: S302  # packed by ourselves, in this process
            found.append(Entry(seq, stream, value, kept.at))
        return found

    async def drop(self, stream: str, key: str | None = None) -> int:
        place = self._stream(stream)
        place.evict(self._wall())
        index = place.find(key)
        doomed = index.seqs[index.head :]
        for seq in doomed:
            place.forget(seq)
        return len(doomed)

    async def wait(self, stream: str, keys: Sequence[str], after: int) -> None:
        places: list[tuple[str, str | None]] = [(stream, key) for key in keys] or [(stream, None)]
        self._stream(stream).evict(self._wall())
        for _, key in places:
            index = self._stream(stream).find(key)
            if len(index) and index.seqs[-1] > after:
                return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        for place in places:
            self._waiters.setdefault(place, set()).add(waiter)
        try:
            await waiter
        finally:
            for place in places:
                waiting = self._waiters.get(place, set())
                waiting.discard(waiter)
                if not waiting:
                    self._waiters.pop(place, None)

    def _stream(self, name: str) -> _Stream:
        found = self._streams.get(name)
        if found is None:
            found = self._streams[name] = _Stream(self._bounds.get(name, Bounds()))
        return found

    def _notify(self, stream: str, keys: Sequence[str]) -> None:
        if self._waiters:
            for key in (None, *keys):
                for waiter in self._waiters.get((stream, key), ()):
                    if not waiter.done():
                        waiter.set_result(None)
