"""A lock for each name, as long as somebody wants it. It only saves work: compare-and-swap decides."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager


class Locks:
    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}
        self._wanted: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._locks)

    @asynccontextmanager
    async def holding(self, names: Iterable[str]) -> AsyncIterator[None]:
        """All of them. In the order of their names, so that nobody waits for each other."""
        ordered = sorted(set(names))
        self._wanted.update(ordered)
        try:
            async with AsyncExitStack() as stack:
                for name in ordered:
                    await stack.enter_async_context(self._locks.setdefault(name, asyncio.Lock()))
                yield
        finally:
            for name in ordered:
                self._wanted[name] -= 1
                if not self._wanted[name]:
                    del self._wanted[name]
                    self._locks.pop(name, None)
