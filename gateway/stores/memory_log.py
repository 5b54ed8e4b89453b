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

from gateway.model import Document
from gateway.ports import Entry
from gateway.stores.log_index import Bounds, Kept, LogIndex


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

    def last(self) -> int:
        return self._index.last

    def evicted(self, stream: str) -> int:
        return self._index.stream(stream).evicted

    async def append(self, stream: str, value: Document, keys: Sequence[str] = (), size: int = 0) -> int:
        return self.insert(stream, pack(value), keys, size)

    def insert(self, stream: str, packed: bytes, keys: Sequence[str], size: int) -> int:
        """``append`` without an await and without anything that can fail, for batches."""
        seq = self._index.last + 1
        self._index.add(stream, seq, Kept(packed, self._wall(), tuple(dict.fromkeys(keys)), size))
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
        place = self._index.stream(stream)
        found = []
        for seq in islice(place.find(key).walk(after, before, newest_first), limit):
            kept = place.entries[seq]
            value = marshal.loads(kept.packed)  # noqa: S302  # packed by ourselves, in this process
            found.append(Entry(seq, stream, value, kept.at))
        return found

    async def drop(self, stream: str, key: str | None = None) -> int:
        place = self._index.stream(stream)
        doomed = list(place.find(key).walk(None, None, newest_first=False))
        for seq in doomed:
            place.forget(seq)
        return len(doomed)

    async def wait(self, stream: str, keys: Sequence[str], after: int) -> None:
        await self._index.wait(stream, keys, after)
