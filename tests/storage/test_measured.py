"""A measured store is the store that it measures, and tells what each operation took."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest

from gateway.core.errors import Conflict
from gateway.storage.measured import MeasuredStore
from gateway.storage.memory import Bounds, MemoryStore
from gateway.storage.ports import Store
from tests.storage.contract import Make, StoreContract
from tests.support.event_loop import settle
from tests.support.wall_clock import WallClock


@asynccontextmanager
async def measured_store(bounds: Mapping[str, Bounds], wall: WallClock) -> AsyncIterator[Store]:
    store = MeasuredStore(MemoryStore(bounds, wall), lambda operation, seconds: None)
    yield store
    await store.close()


class TestMeasuredStore(StoreContract):
    @pytest.fixture
    def make(self) -> Make:
        return measured_store


async def test_each_operation_is_told_once_also_where_it_fails() -> None:
    told: list[str] = []
    store = MeasuredStore(MemoryStore(), lambda operation, seconds: told.append(operation))
    await store.records.put("a", {}, 0)
    with pytest.raises(Conflict):
        await store.records.put("a", {}, 0)
    await store.records.get("a")
    await store.records.scan("")
    await store.records.delete("a")
    await store.log.append("s", {})
    await store.log.read("s")
    await store.log.drop("s")
    async with store.batch() as batch:
        batch.put("b", {})
    assert told == ["put", "put", "get", "scan", "delete", "append", "read", "drop", "batch"]
    with pytest.raises(Conflict):
        async with store.batch() as batch:
            batch.put("b", {}, 0)
    assert told[-1] == "batch"
    with pytest.raises(KeyError):
        async with store.batch():
            raise KeyError
    assert len(told) == 10  # a batch that was given up is no operation of the store


async def test_waiting_for_an_entry_is_not_measured() -> None:
    told: list[str] = []
    store = MeasuredStore(MemoryStore(), lambda operation, seconds: told.append(operation))
    wait = asyncio.ensure_future(store.log.wait("s", (), 0))
    await settle()
    await store.log.append("s", {})
    await wait
    assert told == ["append"]
