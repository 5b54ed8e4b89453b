"""Where everything of a log is: by stream and by key, in order, within bounds; and who waits for more.

Both stores have it in memory. The memory store keeps the values in it as well; SQLite keeps them on the disk, and
fills the index from there when it opens.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a stream keeps: entries, bytes, and seconds of real age."""

    count: int = 10_000
    bytes: int = 256 * 1024 * 1024
    age: float = 24 * 3600.0


class Seqs:
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

    def walk(self, after: int | None, before: int | None, newest_first: bool) -> Iterator[int]:
        """Those between the two, exclusive. Nothing may change on the way."""
        low = self.head if after is None else bisect_right(self.seqs, after, self.head)
        high = len(self.seqs) if before is None else bisect_left(self.seqs, before, self.head)
        order = range(high - 1, low - 1, -1) if newest_first else range(low, high)
        return (self.seqs[at] for at in order)


class Kept(NamedTuple):
    """An entry of the log. ``packed`` is its value, empty if the store keeps the value elsewhere."""

    packed: bytes
    at: float
    keys: tuple[str, ...]
    size: int


@dataclass(slots=True)
class Stream:
    """``keys``: most keys have one entry, and that is its number itself; an index for each would cost more than
    the entry."""

    bounds: Bounds
    entries: dict[int, Kept] = field(default_factory=dict)
    index: Seqs = field(default_factory=Seqs)
    keys: dict[str, int | Seqs] = field(default_factory=dict)
    bytes: int = 0
    evicted: int = 0

    def add(self, seq: int, kept: Kept) -> None:
        self.entries[seq] = kept
        self.index.seqs.append(seq)
        self.bytes += kept.size
        keys = self.keys
        for key in kept.keys:
            known = keys.setdefault(key, seq)
            if known is seq:
                continue
            if isinstance(known, int):
                keys[key] = Seqs(known, seq)
            else:
                known.seqs.append(seq)

    def forget(self, seq: int) -> None:
        kept = self.entries.pop(seq)
        self.bytes -= kept.size
        self.index.remove(seq)
        for key in kept.keys:
            known = self.keys[key]
            if isinstance(known, Seqs):
                known.remove(seq)
                if len(known):
                    continue
            del self.keys[key]

    def find(self, key: str | None) -> Seqs:
        if key is None:
            return self.index
        known = self.keys.get(key)
        if known is None:
            return Seqs()
        return Seqs(known) if isinstance(known, int) else known

    def overdue(self, now: float) -> int | None:
        """The oldest entry, if a bound wants it gone."""
        bounds, entries, index = self.bounds, self.entries, self.index
        if not entries:
            return None
        first = index.seqs[index.head]
        # The newest stays, however large: whoever waits for it must be able to read it.
        too_many = len(entries) > bounds.count or (self.bytes > bounds.bytes and len(entries) > 1)
        return first if too_many or now - entries[first].at > bounds.age else None


def _nothing(stream: str, seq: int) -> None:
    """Nobody wants to know."""


class LogIndex:
    """All streams. ``on_evicted`` is told of each entry that a bound has removed."""

    def __init__(
        self,
        bounds: Mapping[str, Bounds],
        wall: Callable[[], float],
        on_evicted: Callable[[str, int], None] = _nothing,
    ) -> None:
        self.last = 0
        self.streams: dict[str, Stream] = {}
        self.waiters: dict[tuple[str, str | None], set[asyncio.Future[None]]] = {}
        self._bounds = bounds
        self._wall = wall
        self._on_evicted = on_evicted

    def stream(self, name: str) -> Stream:
        """As it is now: without what has become too old."""
        place = self.place(name)
        self._evict(name, place)
        return place

    def place(self, name: str) -> Stream:
        """As it was when somebody last asked for it."""
        found = self.streams.get(name)
        if found is None:
            found = self.streams[name] = Stream(self._bounds.get(name, Bounds()))
        return found

    def add(self, name: str, seq: int, kept: Kept) -> None:
        """Raises nothing: who adds has already promised it."""
        self.put(name, seq, kept)
        self.stream(name)

    def put(self, name: str, seq: int, kept: Kept) -> None:
        """``add``, by somebody who adds many and calls ``stream`` afterwards: until then there may be too many."""
        self.last = seq
        self.place(name).add(seq, kept)
        if self.waiters:
            self._notify(name, kept.keys)

    async def wait(self, stream: str, keys: Sequence[str], after: int) -> None:
        """As ``ports.Log`` has it."""
        places: list[tuple[str, str | None]] = [(stream, key) for key in keys] or [(stream, None)]
        place = self.stream(stream)
        for _, key in places:
            found = place.find(key)
            if len(found) and found.seqs[-1] > after:
                return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        for one in places:
            self.waiters.setdefault(one, set()).add(waiter)
        try:
            await waiter
        finally:
            for one in places:
                waiting = self.waiters.get(one, set())
                waiting.discard(waiter)
                if not waiting:
                    self.waiters.pop(one, None)

    def _evict(self, name: str, place: Stream) -> None:
        now = self._wall()
        while (first := place.overdue(now)) is not None:
            place.forget(first)
            place.evicted = first
            self._on_evicted(name, first)

    def _notify(self, stream: str, keys: Sequence[str]) -> None:
        for key in (None, *keys):
            for waiter in self.waiters.get((stream, key), ()):
                if not waiter.done():
                    waiter.set_result(None)
