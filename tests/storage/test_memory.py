"""The memory store keeps the contract, and leaves nothing behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from gateway.storage.memory import Bounds, MemoryStore
from gateway.storage.ports import Store
from tests.storage.contract import Make, StoreContract
from tests.storage.store_machine import machine_for
from tests.support.event_loop import settle
from tests.support.tiers import examples
from tests.support.wall_clock import WallClock


@asynccontextmanager
async def memory_store(bounds: Mapping[str, Bounds], wall: WallClock) -> AsyncIterator[Store]:
    store = MemoryStore(bounds, wall)
    yield store
    await store.close()


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def make(self) -> Make:
        return memory_store


def test_the_memory_store_does_what_a_slow_and_obvious_model_does() -> None:
    run_state_machine_as_test(
        machine_for(memory_store),
        settings=settings(
            max_examples=examples(120),
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


async def test_cancelled_and_woken_waiters_leave_nothing_in_memory() -> None:
    store = MemoryStore()
    waiters = [asyncio.ensure_future(store.log.wait("s", (f"k{n}", "all"), 0)) for n in range(10)]
    await settle()
    assert store.log._index.waiters
    for waiter in waiters[:5]:
        waiter.cancel()
    await store.log.append("s", {}, ("all",))
    await asyncio.wait(waiters)
    assert not store.log._index.waiters


async def test_evicted_and_dropped_entries_leave_nothing_in_memory() -> None:
    store = MemoryStore({"s": Bounds(count=10)})
    for n in range(5000):
        await store.log.append("s", {}, (f"k{n}", f"m{n % 7}"))
    place = store.log._index.streams["s"]
    assert len(place.entries) == 10
    assert len(place.keys) <= 10 + 7
    assert len(place.index.seqs) < 2000
    await store.log.drop("s")
    assert not place.entries
    assert not place.keys
    assert place.bytes == 0
