"""Reading the log in pages."""

from __future__ import annotations

import asyncio

from gateway.core.model import Document
from gateway.storage.memory import MemoryStore
from gateway.storage.paging import Page, select


async def test_the_event_loop_goes_on_while_a_slow_filter_looks_at_many_entries() -> None:
    store = MemoryStore()
    for at in range(100):
        await store.log.append("s", {"at": at})
    turns = 0

    async def turn() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    def slow(value: Document) -> bool:
        return bool(sum(range(50_000)) and value["at"] % 2)

    turning = asyncio.ensure_future(turn())
    kept = await select(store.log, "s", Page(limit=100), keep=slow)
    turning.cancel()
    assert [entry.value["at"] for entry in kept] == list(range(99, 0, -2))
    # 0.1 s of work or more, a turn every 5 ms.
    assert turns > 5
