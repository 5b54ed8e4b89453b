"""A store in memory. It ends with the process.

The log keeps its values as bytes, not as objects. That takes a quarter of the memory, gives the garbage
collector nothing to walk through (with 100,000 captures a collection would take 0.1 s), and no reader can
change what another reader gets. The bytes never leave the process, so they are in the format of ``marshal``,
which costs a fifth of JSON.
"""

from __future__ import annotations

import json
import marshal
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from types import TracebackType
from typing import Self

from gateway.core.errors import Conflict
from gateway.core.model import Document
from gateway.storage.log_index import Bounds, IndexEntry, LogIndex
from gateway.storage.ports import Entry, Record

__all__ = ["SCHEMA_VERSION", "Bounds", "MemoryBatch", "MemoryLog", "MemoryRecords", "MemoryStore"]

SCHEMA_VERSION = 1


class MemoryRecords:
    """Implements ``ports.Records``."""

    def __init__(self) -> None:
        self._values: dict[str, Record] = {}
        # Never reused, not even after a delete.
        self._last_version = 0

    async def get(self, key: str) -> Record | None:
        return self._values.get(key)

    async def put(self, key: str, value: Document, if_version: int | None = None) -> int:
        self.check(key, if_version)
        return self.replace(key, value)

    async def delete(self, key: str) -> bool:
        return self.remove(key)

    async def scan(self, prefix: str) -> list[tuple[str, Record]]:
        return sorted((key, record) for key, record in self._values.items() if key.startswith(prefix))

    # --- without an await, for MemoryBatch --------------------------------------------------------------

    def check(self, key: str, if_version: int | None) -> None:
        """Raise Conflict if the version of the record is not ``if_version``."""
        record = self._values.get(key)
        if if_version is not None and if_version != (record.version if record else 0):
            raise Conflict("the record was changed by somebody else meanwhile: read it again")

    def replace(self, key: str, value: Document) -> int:
        """Put the record and return its version."""
        self._last_version += 1
        self._values[key] = Record(value, self._last_version)
        return self._last_version

    def remove(self, key: str) -> bool:
        """Delete the record. Return False if there was none."""
        return self._values.pop(key, None) is not None


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
        return self.insert(stream, _encode(value), keys, size)

    def insert(self, stream: str, data: bytes, keys: Sequence[str], size: int) -> int:
        """Append an encoded value, for MemoryBatch: without an await, and without anything that can fail."""
        seq = self._index.last + 1
        self._index.add(stream, seq, IndexEntry(data, self._wall(), tuple(dict.fromkeys(keys)), size))
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
        indexed = self._index.stream(stream)
        entries = []
        for seq in islice(indexed.seqs(key).between(after, before, newest_first), limit):
            entry = indexed.entries[seq]
            value = marshal.loads(entry.data)  # noqa: S302  # encoded by this process
            entries.append(Entry(seq, stream, value, entry.at))
        return entries

    async def drop(self, stream: str, key: str | None = None) -> int:
        indexed = self._index.stream(stream)
        seqs = list(indexed.seqs(key).between(None, None, newest_first=False))
        for seq in seqs:
            indexed.remove(seq)
        return len(seqs)

    async def wait(self, stream: str, keys: Sequence[str], after: int) -> None:
        await self._index.wait(stream, keys, after)


class MemoryBatch:
    """Implements ``ports.Batch``: collects the changes, and applies them without an await between."""

    def __init__(self, log: MemoryLog, records: MemoryRecords) -> None:
        self.seqs: list[int] = []
        self._log = log
        self._records = records
        self._appends: list[tuple[str, bytes, Sequence[str], int]] = []
        self._changes: list[tuple[str, Document | None, int | None]] = []

    def append(self, stream: str, value: Document, keys: Sequence[str] = (), size: int = 0) -> None:
        self._appends.append((stream, _encode(value), keys, size))

    def put(self, key: str, value: Document, if_version: int | None = None) -> None:
        self._changes.append((key, value, if_version))

    def delete(self, key: str) -> None:
        self._changes.append((key, None, None))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is not None:
            return
        for key, _, if_version in self._changes:
            self._records.check(key, if_version)
        for key, value, _ in self._changes:
            if value is None:
                self._records.remove(key)
            else:
                self._records.replace(key, value)
        self.seqs = [self._log.insert(*append) for append in self._appends]


class MemoryStore:
    """Implements ``ports.Store``."""

    schema_version = SCHEMA_VERSION

    def __init__(self, bounds: Mapping[str, Bounds] | None = None, wall: Callable[[], float] = time.time) -> None:
        """
        Args:
            bounds: Bounds by stream. Other streams have the default ``Bounds()``.
            wall: Real time, in seconds since the epoch.
        """
        self.log = MemoryLog(bounds or {}, wall)
        self.records = MemoryRecords()

    def batch(self) -> MemoryBatch:
        return MemoryBatch(self.log, self.records)

    async def close(self) -> None:
        """Do nothing: memory needs no release."""


def _encode(value: Document) -> bytes:
    """Return the value as bytes. Raises TypeError or ValueError if it is not plain JSON."""
    try:
        return marshal.dumps(value)
    except ValueError:
        # A subclass of a JSON type, such as a StrEnum.
        return marshal.dumps(json.loads(json.dumps(value)))
