"""Index of a log, in memory: entries by stream and key, bounds, and the callers that wait for new entries.

Both stores use it. The memory store also keeps the values in it. SQLite keeps the values on the disk, and fills
the index when it opens the file.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits of a stream. The oldest entries beyond a limit are evicted."""

    count: int = 10_000
    """Entries."""
    bytes: int = 256 * 1024 * 1024
    """Sum of the sizes of the entries."""
    age: float = 24 * 3600.0
    """Seconds of real time since the append."""


class SeqList:
    """Ascending sequence numbers. Removal at the front is cheap: the list is cut only now and then."""

    __slots__ = ("head", "seqs")

    def __init__(self, *seqs: int) -> None:
        self.seqs = list(seqs)
        # Index of the first number that is not removed.
        self.head = 0

    def __len__(self) -> int:
        return len(self.seqs) - self.head

    def remove(self, seq: int) -> None:
        """Remove a number that is in the list."""
        if self.seqs[self.head] != seq:
            del self.seqs[bisect_left(self.seqs, seq, self.head)]
            return
        self.head += 1
        if self.head > 512 and self.head * 2 > len(self.seqs):
            del self.seqs[: self.head]
            self.head = 0

    def between(self, after: int | None, before: int | None, newest_first: bool) -> Iterator[int]:
        """Iterate over the numbers between the two, exclusive. The list must not change meanwhile."""
        low = self.head if after is None else bisect_right(self.seqs, after, self.head)
        high = len(self.seqs) if before is None else bisect_left(self.seqs, before, self.head)
        order = range(high - 1, low - 1, -1) if newest_first else range(low, high)
        return (self.seqs[index] for index in order)


class IndexEntry(NamedTuple):
    """An entry of the log, as the index keeps it."""

    data: bytes
    """The encoded value; empty if the store keeps the value elsewhere."""
    at: float
    """Real time of the append, in seconds since the epoch."""
    keys: tuple[str, ...]
    """Keys to find the entry by, each once."""
    size: int
    """Bytes that the entry counts for in ``Bounds.bytes``."""


@dataclass(slots=True)
class Stream:
    """The entries of one stream."""

    bounds: Bounds
    entries: dict[int, IndexEntry] = field(default_factory=dict)
    """Entries by sequence number."""
    index: SeqList = field(default_factory=SeqList)
    """The numbers of all entries."""
    keys: dict[str, int | SeqList] = field(default_factory=dict)
    """The numbers of the entries with a key. Most keys have one entry: a plain int for it, instead of a list, saves
    almost half the memory of the index."""
    bytes: int = 0
    """Sum of the sizes of the entries."""
    evicted: int = 0
    """The largest number that a bound has evicted, 0 if none."""

    def add(self, seq: int, entry: IndexEntry) -> None:
        """Add an entry with a larger number than all before."""
        self.entries[seq] = entry
        self.index.seqs.append(seq)
        self.bytes += entry.size
        for key in entry.keys:
            present = self.keys.get(key)
            if present is None:
                self.keys[key] = seq
            elif isinstance(present, int):
                self.keys[key] = SeqList(present, seq)
            else:
                present.seqs.append(seq)

    def remove(self, seq: int) -> None:
        """Remove an entry. Raises KeyError if there is none with this number."""
        entry = self.entries.pop(seq)
        self.bytes -= entry.size
        self.index.remove(seq)
        for key in entry.keys:
            seqs = self.keys[key]
            if isinstance(seqs, SeqList):
                seqs.remove(seq)
                if len(seqs):
                    continue
            del self.keys[key]

    def seqs(self, key: str | None) -> SeqList:
        """Return the numbers of the entries with the key, or of all entries if ``key`` is None."""
        if key is None:
            return self.index
        seqs = self.keys.get(key)
        if seqs is None:
            return SeqList()
        return SeqList(seqs) if isinstance(seqs, int) else seqs

    def to_evict(self, now: float) -> int | None:
        """Return the oldest entry if it is beyond a bound, else None."""
        bounds, entries = self.bounds, self.entries
        if not entries:
            return None
        first = self.index.seqs[self.index.head]
        # The newest entry stays even if it is too large, so that a caller that waits for it can read it.
        too_many = len(entries) > bounds.count or (self.bytes > bounds.bytes and len(entries) > 1)
        return first if too_many or now - entries[first].at > bounds.age else None


class LogIndex:
    """All streams of a log."""

    def __init__(
        self,
        bounds: Mapping[str, Bounds],
        wall: Callable[[], float],
        on_evicted: Callable[[str, int], None] | None = None,
    ) -> None:
        """
        Args:
            bounds: Bounds by stream. Other streams have the default ``Bounds()``.
            wall: Real time, in seconds since the epoch.
            on_evicted: Called with the stream and number of each entry that a bound evicts.
        """
        self.last = 0
        self.streams: dict[str, Stream] = {}
        self.waiters: dict[tuple[str, str | None], set[asyncio.Future[None]]] = {}
        self._bounds = bounds
        self._wall = wall
        self._on_evicted = on_evicted

    def stream(self, name: str) -> Stream:
        """Return the stream, after evicting the entries that are beyond its bounds now."""
        stream = self.untrimmed(name)
        now = self._wall()
        while (first := stream.to_evict(now)) is not None:
            stream.remove(first)
            stream.evicted = first
            if self._on_evicted is not None:
                self._on_evicted(name, first)
        return stream

    def untrimmed(self, name: str) -> Stream:
        """Return the stream without evicting anything."""
        stream = self.streams.get(name)
        if stream is None:
            stream = self.streams[name] = Stream(self._bounds.get(name, Bounds()))
        return stream

    def add(self, name: str, seq: int, entry: IndexEntry) -> None:
        """Add an entry to a stream, wake the callers that wait for it, and evict. Raises nothing."""
        self.last = seq
        self.untrimmed(name).add(seq, entry)
        if self.waiters:
            self._wake(name, entry.keys)
        self.stream(name)

    async def wait(self, name: str, keys: Sequence[str], after: int) -> None:
        """Wait for a new entry, as ``ports.Log.wait`` describes."""
        stream = self.stream(name)
        for key in keys or (None,):
            seqs = stream.seqs(key)
            if len(seqs) and seqs.seqs[-1] > after:
                return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        targets: list[tuple[str, str | None]] = [(name, key) for key in keys or (None,)]
        for target in targets:
            self.waiters.setdefault(target, set()).add(waiter)
        try:
            await waiter
        finally:
            for target in targets:
                waiting = self.waiters.get(target, set())
                waiting.discard(waiter)
                if not waiting:
                    self.waiters.pop(target, None)

    def _wake(self, name: str, keys: Sequence[str]) -> None:
        for key in (None, *keys):
            for waiter in self.waiters.get((name, key), ()):
                if not waiter.done():
                    waiter.set_result(None)
