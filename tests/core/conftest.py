"""An inbox on a memory store, with a wall clock that the test moves."""

from __future__ import annotations

import pytest

from gateway.clock import MovableClock
from gateway.inbox import Inbox
from gateway.messages import Messages
from gateway.schedule import Schedule
from gateway.stores.memory import MemoryStore
from tests.support.wall import Wall


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def clock(wall: Wall) -> MovableClock:
    return MovableClock(wall)


@pytest.fixture
def store(wall: Wall) -> MemoryStore:
    return MemoryStore(wall=wall)


@pytest.fixture
def messages(store: MemoryStore, clock: MovableClock) -> Messages:
    return Messages(store.log, clock)


@pytest.fixture
def schedule(store: MemoryStore, clock: MovableClock) -> Schedule:
    made = Schedule(store, clock)
    clock.then(made.run_due)
    return made


@pytest.fixture
def inbox(store: MemoryStore, clock: MovableClock, messages: Messages, schedule: Schedule) -> Inbox:
    return Inbox(store, clock, messages, schedule)
