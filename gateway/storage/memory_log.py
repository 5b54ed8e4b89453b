"""The log of the memory store.

Entries are kept as bytes, not as objects: a quarter of the memory, nothing for the garbage collector to walk
through (a hundred thousand captures would stop the world for a tenth of a second), and no caller can change what
another one reads. They never leave the process, so the interpreter's own format will do: it costs a fifth of JSON.
"""

from __future__ import annotations

import json
import marshal
from collections.abc import Callable, Mapping, Sequence
from itertools import islice

from gateway.core.model import Document
from gateway.storage.log_index import Bounds, Kept, LogIndex
from gateway.storage.ports import Entry

# Entries that are taken into the index in one go, and the bytes that may wait for it.
_TOGETHER = 64
_TOGETHER_BYTES = 1 << 20


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
        self._wall = wall
        self._index = LogIndex(bounds, wall)
        self._last = 0
        # Given their number, not yet in the index. All who look settle it first.
        self._new: list[tuple[str, int, bytes, float, Sequence[str], int]] = []
        self._new_bytes = 0

    def last(self) -> int:
        return self._last

    def evicted(self, stream: str) -> int:
        self._settle()
        return self._index.stream(stream).evicted

    async def append(self, stream: str, value: Document, keys: Sequence[str] = (), size: int = 0) -> int:
        return self.insert(stream, pack(value), keys, size)

    def insert(self, stream: str, value: bytes, keys: Sequence[str], size: int) -> int:
        """``append`` without an await and without anything that can fail, for batches. ``value`` is packed."""
        self._last = seq = self._last + 1
        self._new.append((stream, seq, value, self._wall(), keys, size))
        self._new_bytes += size
        if self._index.waiters or len(self._new) >= _TOGETHER or self._new_bytes > _TOGETHER_BYTES:
            self._settle()
        return seq

    def _settle(self) -> None:
        """One entry at a time would cost three times as much: between requests, no cache of the processor still
        knows this code."""
        if not self._new:
            return
        new, self._new, self._new_bytes = self._new, [], 0
        put = self._index.put
        for stream, seq, value, at, keys, size in new:
            put(stream, seq, Kept(value, at, tuple(dict.fromkeys(keys)), size))
        for stream in {one[0] for one in new}:
            self._index.stream(stream)

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
        self._settle()
        place = self._index.stream(stream)
        found = []
        for seq in islice(place.find(key).walk(after, before, newest_first), limit):
            kept = place.entries[seq]
            value = marshal.loads(kept.packed)  # noqa: S302  # packed by ourselves, in this process
            found.append(Entry(seq, stream, value, kept.at))
        return found

    async def drop(self, stream: str, key: str | None = None) -> int:
        self._settle()
        place = self._index.stream(stream)
        doomed = list(place.find(key).walk(None, None, newest_first=False))
        for seq in doomed:
            place.forget(seq)
        return len(doomed)

    async def wait(self, stream: str, keys: Sequence[str], after: int) -> None:
        self._settle()
        await self._index.wait(stream, keys, after)
