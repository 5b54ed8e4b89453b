"""The store that lives in memory and goes with the process. Implements ``ports.Store``."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

from gateway.core.errors import Conflict
from gateway.core.model import Document
from gateway.storage.log_index import Bounds
from gateway.storage.memory_log import MemoryLog, pack
from gateway.storage.ports import Record

__all__ = ["SCHEMA_VERSION", "Bounds", "MemoryStore"]

SCHEMA_VERSION = 1


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

    def __init__(self, log: MemoryLog, records: MemoryRecords) -> None:
        self.seqs: list[int] = []
        self._log = log
        self._records = records
        self._appends: list[tuple[str, bytes, Sequence[str], int]] = []
        self._changes: list[tuple[str, Document | None, int | None]] = []

    def append(self, stream: str, value: Document, keys: Sequence[str] = (), size: int = 0) -> None:
        self._appends.append((stream, pack(value), keys, size))

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
        self.seqs = [self._log.insert(*entry) for entry in self._appends]


class MemoryStore:
    """Implements ``ports.Store``. ``bounds``: per stream, else the default."""

    schema_version = SCHEMA_VERSION

    def __init__(self, bounds: Mapping[str, Bounds] | None = None, wall: Callable[[], float] = time.time) -> None:
        self.log = MemoryLog(bounds or {}, wall)
        self.records = MemoryRecords()

    def batch(self) -> MemoryBatch:
        return MemoryBatch(self.log, self.records)

    async def close(self) -> None:
        """Nothing to let go of."""
