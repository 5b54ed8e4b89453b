"""Shared by all tests: an inbox on a memory store, the two tiers, explained assertions."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from hypothesis import settings

from gateway.core.clock import MovableClock
from gateway.delivery.messages import Messages
from gateway.inbox.exchanges import Exchanges
from gateway.inbox.inbox import Inbox
from gateway.storage.jobs import Schedule
from gateway.storage.memory import MemoryStore
from tests.support.tiers import examples, long_tables_slow
from tests.support.wall_clock import WallClock

pytest.register_assert_rewrite(
    "tests.storage.contract", "tests.storage.contract_log", "tests.storage.store_machine"
)
pytest.register_assert_rewrite("tests.support.raw_http", "tests.support.running_gateway")

# A slow machine is no defect: time is measured by `make bench`.
settings.register_profile("gateway", deadline=None, max_examples=examples(100))
settings.load_profile("gateway")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What is there after the collection stays to the end: looking it through again and again takes seconds. The
    usual thresholds cost a tenth of all time; what is left over is found at the end of the run, too."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)
        gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Before ``-m`` looks at the marks."""
    long_tables_slow(items)


@pytest.fixture
def wall() -> WallClock:
    return WallClock()


@pytest.fixture
def clock(wall: WallClock) -> MovableClock:
    return MovableClock(wall)


@pytest.fixture
def store(wall: WallClock) -> MemoryStore:
    return MemoryStore(wall=wall)


@pytest.fixture
def messages(store: MemoryStore, clock: MovableClock) -> Messages:
    return Messages(store.log, clock)


@pytest.fixture
def schedule(store: MemoryStore, clock: MovableClock) -> Schedule:
    made = Schedule(store, clock)
    clock.after_move(made.run_due)
    return made


@pytest.fixture
def exchanges(store: MemoryStore) -> Exchanges:
    return Exchanges(store.log)


@pytest.fixture
def inbox(store: MemoryStore, clock: MovableClock, messages: Messages, schedule: Schedule) -> Inbox:
    return Inbox(store, clock, messages, schedule)
