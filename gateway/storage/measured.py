"""A wrapper around a store that reports how long each operation takes."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import TypeAlias

from gateway.core.model import Document
from gateway.storage.ports import Batch, Entry, Log, Record, Records, Store

Observe: TypeAlias = Callable[[str, float], None]
"""Called with the name of each operation, and the seconds that it took. Failed operations count too."""


@contextmanager
def _timed(observe: Observe, operation: str) -> Iterator[None]:
    begin = time.perf_counter()
    try:
        yield
    finally:
        observe(operation, time.perf_counter() - begin)


class _Records:
    def __init__(self, inner: Records, observe: Observe) -> None:
        self._inner = inner
        self._observe = observe

    async def get(self, key: str) -> Record | None:
        with _timed(self._observe, "get"):
            return await self._inner.get(key)

    async def put(self, key: str, value: Document, if_version: int | None = None) -> int:
        with _timed(self._observe, "put"):
            return await self._inner.put(key, value, if_version)

    async def delete(self, key: str) -> bool:
        with _timed(self._observe, "delete"):
            return await self._inner.delete(key)

    async def scan(self, prefix: str) -> list[tuple[str, Record]]:
        with _timed(self._observe, "scan"):
            return await self._inner.scan(prefix)


class _Log:
    """``wait`` is not measured: its time says nothing about the store."""

    def __init__(self, inner: Log, observe: Observe) -> None:
        self._inner = inner
        self._observe = observe
        self.last = inner.last
        self.evicted = inner.evicted
        self.wait = inner.wait

    async def append(self, stream: str, value: Document, keys: Sequence[str] = (), size: int = 0) -> int:
        with _timed(self._observe, "append"):
            return await self._inner.append(stream, value, keys, size)

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
        with _timed(self._observe, "read"):
            return await self._inner.read(
                stream, key=key, after=after, before=before, limit=limit, newest_first=newest_first
            )

    async def drop(self, stream: str, key: str | None = None) -> int:
        with _timed(self._observe, "drop"):
            return await self._inner.drop(stream, key)


class MeasuredStore:
    """Implements ``ports.Store`` around another store."""

    def __init__(self, inner: Store, observe: Observe) -> None:
        self.inner = inner
        self._observe = observe
        self.records: Records = _Records(inner.records, observe)
        self.log: Log = _Log(inner.log, observe)

    @property
    def schema_version(self) -> int:
        return self.inner.schema_version

    def batch(self) -> AbstractAsyncContextManager[Batch]:
        return self._batch()

    @asynccontextmanager
    async def _batch(self) -> AsyncIterator[Batch]:
        """Measure the commit, not the block before it."""
        end_of_block: float | None = None
        try:
            async with self.inner.batch() as batch:
                yield batch
                end_of_block = time.perf_counter()
        finally:
            if end_of_block is not None:
                self._observe("batch", time.perf_counter() - end_of_block)

    async def close(self) -> None:
        await self.inner.close()
