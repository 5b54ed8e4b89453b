"""Due jobs: each is run once, in order, when the clock gets there, whoever moves it and whatever stops then."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from gateway.core.clock import MovableClock
from gateway.core.errors import Conflict, StoreFailed
from gateway.core.model import Document
from gateway.storage.jobs import PREFIX, Schedule
from gateway.storage.memory import MemoryStore
from gateway.storage.ports import Batch, Job, Store
from gateway.storage.sqlite import open_sqlite
from tests.storage.jobs_machine import Open, machine_for
from tests.support import tiers
from tests.support.event_loop import settle
from tests.support.wall_clock import START, WallClock


class Jobs:
    """Does jobs, and remembers which and when."""

    def __init__(self, schedule: Schedule) -> None:
        self.done: list[str] = []
        self.times: list[float] = []
        self.fails: dict[str, Exception] = {}
        self.before: Callable[[str], Any] | None = None
        self.schedule = schedule
        schedule.handle("job", self.do)

    async def do(self, data: Document, at: float, batch: Batch) -> Sequence[Job]:
        name = data["name"]
        if self.before is not None:
            await self.before(name)
        if name in self.fails:
            raise self.fails[name]
        batch.append("done", data)
        self.done.append(name)
        self.times.append(at)
        then = data.get("then", [])
        return [self.schedule.prepare(batch, at + delay, "job", {"name": name}) for name, delay in then]

    async def add(self, name: str, delay: float, *then: tuple[str, float]) -> Job:
        return await self.schedule.add(START + delay, "job", {"name": name, "then": [list(one) for one in then]})


@pytest.fixture
def jobs(schedule: Schedule) -> Jobs:
    return Jobs(schedule)


async def kept(store: Store) -> int:
    return len(await store.records.scan(PREFIX))


async def test_due_jobs_have_run_in_order_when_a_move_of_the_clock_returns(
    jobs: Jobs, clock: MovableClock, store: MemoryStore
) -> None:
    for name, delay in (("c", 30), ("a", 10), ("b", 10), ("d", 31)):
        await jobs.add(name, delay)
    assert (jobs.schedule.waiting, jobs.schedule.next_at) == (4, START + 10)
    await clock.advance(30)
    assert (jobs.done, jobs.times) == (["a", "b", "c"], [START + 10, START + 10, START + 30])
    await clock.set(START + 31)
    assert jobs.done == ["a", "b", "c", "d"]
    assert (jobs.schedule.waiting, jobs.schedule.next_at, await kept(store)) == (0, None, 0)


async def test_what_jobs_make_due_has_run_too(jobs: Jobs, clock: MovableClock) -> None:
    await jobs.add("first", 10, ("second", 10), ("far", 1000), ("at once", 0))
    await jobs.add("between", 15)
    await clock.advance(60)
    assert jobs.done == ["first", "at once", "between", "second"]
    await clock.advance(1000)
    assert jobs.done[-1] == "far"


async def test_a_frozen_clock_runs_nothing_and_one_that_is_advanced_does(
    jobs: Jobs, clock: MovableClock, wall: WallClock
) -> None:
    await jobs.add("a", 10)
    await clock.freeze()
    wall.go(3600)
    assert await jobs.schedule.run_due()
    assert jobs.done == []
    await clock.advance(10)
    assert jobs.done == ["a"]


async def test_going_back_runs_nothing_again_and_jobs_keep_their_time(jobs: Jobs, clock: MovableClock) -> None:
    await jobs.add("a", 10)
    await clock.advance(60)
    await clock.advance(-3600)
    await jobs.add("b", 20)
    await clock.advance(3600)
    assert jobs.done == ["a", "b"]


async def test_a_reset_of_the_clock_runs_what_is_due_by_real_time(
    jobs: Jobs, clock: MovableClock, wall: WallClock
) -> None:
    await clock.advance(-3600)
    await jobs.add("a", 10)
    wall.go(20)
    await clock.reset()
    assert jobs.done == ["a"]


async def test_a_job_that_raises_is_logged_without_its_words_and_stops_no_other(
    jobs: Jobs, clock: MovableClock, store: MemoryStore, caplog: pytest.LogCaptureFixture
) -> None:
    jobs.fails["bad"] = ValueError("13800138000 is no good")
    await jobs.add("bad", 1)
    await jobs.add("good", 2)
    with caplog.at_level(logging.WARNING, "gateway"):
        await clock.advance(60)
    assert jobs.done == ["good"]
    assert await kept(store) == 0
    assert [record.getMessage() for record in caplog.records] == [
        "a job named job failed (ValueError) and was given up"
    ]


async def test_nothing_of_a_job_that_raises_is_kept(jobs: Jobs, clock: MovableClock, store: MemoryStore) -> None:
    async def half(data: Document, at: float, batch: Batch) -> Sequence[Job]:
        batch.append("done", data)
        raise ValueError

    jobs.schedule.handle("half", half)
    await jobs.schedule.add(START + 1, "half", {})
    await clock.advance(60)
    assert await store.log.read("done") == []


async def test_while_the_store_fails_jobs_wait_and_are_tried_again(
    jobs: Jobs, clock: MovableClock, store: MemoryStore
) -> None:
    jobs.fails["a"] = StoreFailed("the disk is full")
    await jobs.add("a", 1)
    await jobs.add("b", 2)
    await clock.advance(60)
    assert (jobs.done, jobs.schedule.waiting, await kept(store)) == ([], 2, 2)
    jobs.fails.clear()
    assert await jobs.schedule.run_due()
    assert jobs.done == ["a", "b"]


async def test_a_job_whose_records_somebody_changes_meanwhile_is_done_anew(
    jobs: Jobs, clock: MovableClock, store: MemoryStore
) -> None:
    tries = itertools.count(1)

    async def count(data: Document, at: float, batch: Batch) -> Sequence[Job]:
        found = await store.records.get("counter")
        if next(tries) < 3:
            await store.records.put("counter", {"n": 100})
        batch.put("counter", {"n": found.value["n"] + 1 if found else 1}, found.version if found else 0)
        return ()

    jobs.schedule.handle("count", count)
    await jobs.schedule.add(START + 1, "count", {})
    await clock.advance(60)
    found = await store.records.get("counter")
    assert found is not None
    assert found.value == {"n": 101}
    assert await kept(store) == 0


async def test_one_that_never_comes_to_an_end_is_given_up(
    jobs: Jobs, clock: MovableClock, store: MemoryStore, caplog: pytest.LogCaptureFixture
) -> None:
    jobs.fails["a"] = Conflict("changed")
    await jobs.add("a", 1)
    await jobs.add("b", 1)
    await clock.advance(60)
    assert jobs.done == ["b"]
    assert await kept(store) == 0
    assert "a job named job was given up: what it changes never stood still" in caplog.text


async def test_a_job_of_another_version_stays_undone_and_stops_no_other(
    jobs: Jobs, clock: MovableClock, store: MemoryStore, caplog: pytest.LogCaptureFixture
) -> None:
    await jobs.schedule.add(START + 1, "of the future", {})
    await jobs.add("a", 2)
    await clock.advance(60)
    assert jobs.done == ["a"]
    assert await kept(store) == 1
    assert "a job named of the future is due, which this version does not know" in caplog.text


async def test_a_cancelled_job_is_not_done(jobs: Jobs, clock: MovableClock) -> None:
    a, _ = await jobs.add("a", 10), await jobs.add("b", 10)
    assert await jobs.schedule.cancel(a) is True
    assert await jobs.schedule.cancel(a) is False
    await clock.advance(60)
    assert jobs.done == ["b"]


async def test_a_job_that_is_cleared_while_it_is_done_does_not_come_about(
    jobs: Jobs, clock: MovableClock, store: MemoryStore
) -> None:
    async def clear(_: str) -> None:
        assert await jobs.schedule.clear() == 2

    jobs.before = clear
    await jobs.add("a", 10)
    await jobs.add("b", 1000)
    await clock.advance(60)
    assert await store.log.read("done") == []
    assert (jobs.schedule.waiting, await kept(store)) == (0, 0)


async def test_a_move_waits_for_jobs_that_another_one_runs(jobs: Jobs, clock: MovableClock) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(_: str) -> None:
        begun.set()
        await go_on.wait()

    jobs.before = slowly
    await jobs.add("a", 10)
    first = asyncio.ensure_future(clock.advance(20))
    await begun.wait()
    second = asyncio.ensure_future(clock.advance(20))
    await settle()
    assert not second.done()
    go_on.set()
    await second
    assert jobs.done == ["a"]
    await first


async def test_a_hundred_moves_at_once_run_each_job_once(jobs: Jobs, clock: MovableClock) -> None:
    for n in range(100):
        await jobs.add(str(n), n)
    await asyncio.gather(*(clock.advance(1) for _ in range(100)))
    assert jobs.done == [str(n) for n in range(100)]


async def test_a_job_that_moves_the_clock_itself_does_not_wait_for_itself(jobs: Jobs, clock: MovableClock) -> None:
    async def on(name: str) -> None:
        if name == "a":
            await clock.advance(100)

    jobs.before = on
    await jobs.add("a", 10)
    await jobs.add("b", 50)
    await clock.advance(20)
    assert jobs.done == ["a", "b"]


async def test_jobs_run_by_themselves_as_time_goes_by_and_after_a_start(
    store: MemoryStore, wall: WallClock
) -> None:
    """With a clock whose seconds pass at once: only the waking is under test."""
    early = Schedule(store, MovableClock(wall))
    await early.add(START - 10, "job", {"name": "overdue"})
    clock = MovableClock(wall)
    schedule = Schedule(store, clock)
    jobs = Jobs(schedule)
    await schedule.load()
    running = asyncio.ensure_future(schedule.run())
    try:
        await settle()
        assert jobs.done == ["overdue"]
        await jobs.add("soon", 0.0)
        await settle()
        assert jobs.done == ["overdue", "soon"]
        await jobs.add("later", 60)
        await settle()
        await clock.advance(60)
        await settle()
        assert jobs.done == ["overdue", "soon", "later"]
    finally:
        running.cancel()
        await asyncio.wait({running})


async def test_jobs_that_a_store_holds_out_of_order_run_in_order_after_a_start(
    store: MemoryStore, wall: WallClock
) -> None:
    for key, delay, order in (("a", 30, 1), ("b", 20, 4), ("c", 20, 2), ("d", 10, 3)):
        data = {"at": START + delay, "order": order, "name": "job", "data": {"name": key}}
        await store.records.put(f"{PREFIX}{key}", data)
    clock = MovableClock(wall)
    schedule = Schedule(store, clock)
    jobs = Jobs(schedule)
    await schedule.load()
    clock.after_move(schedule.run_due)
    assert (schedule.waiting, schedule.next_at) == (4, START + 10)
    await clock.advance(60)
    assert jobs.done == ["d", "c", "b", "a"]


async def test_a_failing_store_is_asked_again_after_a_pause(store: MemoryStore, wall: WallClock) -> None:
    pauses: list[float] = []
    fails: dict[str, Exception] = {"a": StoreFailed("the disk is full")}

    class Paused(MovableClock):
        async def pause(self, seconds: float) -> None:
            pauses.append(seconds)
            fails.clear()

    schedule = Schedule(store, Paused(wall))
    jobs = Jobs(schedule)
    jobs.fails = fails
    await jobs.add("a", 0)
    running = asyncio.ensure_future(schedule.run())
    await settle()
    running.cancel()
    await asyncio.wait({running})
    assert (pauses, jobs.done) == ([1.0], ["a"])


def memory(_: Path) -> Open:
    """One that stays, as if it were on a disk."""
    stores: list[MemoryStore] = []

    @asynccontextmanager
    async def opened(wall: WallClock) -> AsyncIterator[Store]:
        if not stores:
            stores.append(MemoryStore(wall=wall))
        yield stores[0]

    return opened


def sqlite(folder: Path) -> Open:
    # Not by chance: hypothesis makes that repeat itself.
    file = folder / f"{len(list(folder.iterdir()))}.db"

    @asynccontextmanager
    async def opened(wall: WallClock) -> AsyncIterator[Store]:
        store = await open_sqlite(file, None, wall)
        try:
            yield store
        finally:
            await store.close()

    return opened


@pytest.mark.parametrize(
    ("make", "examples"), [(memory, tiers.examples(60)), (sqlite, tiers.examples(12))], ids=["memory", "sqlite"]
)
def test_jobs_do_what_a_slow_and_obvious_model_does(
    make: Callable[[Path], Open], examples: int, tmp_path: Path
) -> None:
    run_state_machine_as_test(
        machine_for(lambda: make(tmp_path)),
        settings=settings(
            max_examples=examples,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
