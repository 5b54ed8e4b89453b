"""One key, one piece of work: the rules, on both stores."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from gateway.core.clock import MovableClock
from gateway.core.errors import StoreFailed
from gateway.core.model import Response
from gateway.storage.memory import MemoryBatch, MemoryStore
from gateway.storage.ports import Store
from gateway.storage.sqlite import open_sqlite
from gateway.web.routing.idempotency import (
    KEPT_SECONDS,
    PREFIX,
    Idempotency,
    KeyInProgress,
    KeyInterrupted,
    KeyReused,
    Outcome,
)
from tests.support.event_loop import settle
from tests.support.wall_clock import WallClock


class Work:
    """Counts how often it was done. It goes on when ``gate`` is open."""

    def __init__(self, *, spent: bool = True) -> None:
        self.done = 0
        self.spent = spent
        self.started = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self) -> Outcome:
        self.done += 1
        number = self.done
        self.started.set()
        await self.gate.wait()
        return Outcome(Response(200, (("X-A", "b"),), f"answer {number} é".encode()), self.spent)


@pytest_asyncio.fixture(params=["memory", "sqlite"])
async def kept(request: pytest.FixtureRequest, tmp_path: Path, wall: WallClock) -> AsyncIterator[Store]:
    store = MemoryStore(wall=wall) if request.param == "memory" else await open_sqlite(tmp_path / "gateway.db")
    yield store
    await store.close()


@pytest.fixture
def keys(kept: Store, clock: MovableClock) -> Idempotency:
    return Idempotency(kept, clock)


async def names(store: Store) -> int:
    return len(await store.records.scan(PREFIX))


async def test_the_same_key_and_request_is_done_once_and_answered_twice(keys: Idempotency) -> None:
    work = Work()
    first = await keys.once("", "k", "send", work)
    again = await keys.once("", "k", "send", work)
    assert first == (Response(200, (("X-A", "b"),), "answer 1 é".encode()), False)
    assert again == (first[0], True)
    assert work.done == 1


async def test_a_hundred_at_once_are_done_once(keys: Idempotency) -> None:
    work = Work()
    work.gate.clear()
    asked = [asyncio.ensure_future(keys.once("", "k", "send", work)) for _ in range(100)]
    await settle()
    work.gate.set()
    answers = await asyncio.gather(*asked)
    assert work.done == 1
    assert len({answer.body for answer, _ in answers}) == 1
    assert [earlier for _, earlier in answers].count(False) == 1


async def test_another_request_with_the_same_key_is_refused_also_while_the_first_is_under_way(
    keys: Idempotency,
) -> None:
    work = Work()
    work.gate.clear()
    first = asyncio.ensure_future(keys.once("", "k", "send", work))
    await settle()
    with pytest.raises(KeyReused):
        await keys.once("", "k", "other", work)
    work.gate.set()
    await first
    with pytest.raises(KeyReused):
        await keys.once("", "k", "other", work)
    assert work.done == 1


async def test_a_key_is_its_callers_alone(keys: Idempotency) -> None:
    mine, theirs = Work(), Work()
    await keys.once("me", "k", "send", mine)
    await keys.once("you", "k", "other", theirs)
    assert (mine.done, theirs.done) == (1, 1)


async def test_caller_and_key_do_not_run_into_each_other(keys: Idempotency) -> None:
    work = Work()
    for caller, key in (("ab", "c"), ("a", "bc"), ("", "abc")):
        await keys.once(caller, key, "send", work)
    assert work.done == 3


async def test_what_was_not_done_may_be_tried_again_and_differently(keys: Idempotency, kept: Store) -> None:
    work = Work(spent=False)
    assert await keys.once("", "k", "send", work) == (Response(200, (("X-A", "b"),), "answer 1 é".encode()), False)
    assert await names(kept) == 0
    assert (await keys.once("", "k", "other", work))[1] is False
    assert work.done == 2


async def test_who_waits_for_one_that_fails_gets_its_answer_and_does_not_try_in_turn(keys: Idempotency) -> None:
    work = Work(spent=False)
    work.gate.clear()
    asked = [asyncio.ensure_future(keys.once("", "k", "send", work)) for _ in range(5)]
    await settle()
    work.gate.set()
    answers = await asyncio.gather(*asked)
    assert work.done == 1
    assert {answer.body for answer, _ in answers} == {"answer 1 é".encode()}


async def test_after_some_time_who_waits_is_told_that_it_goes_on(kept: Store, clock: MovableClock) -> None:
    keys, work = Idempotency(kept, clock, wait_seconds=0.0), Work()
    work.gate.clear()
    first = asyncio.ensure_future(keys.once("", "k", "send", work))
    await settle()
    with pytest.raises(KeyInProgress):
        await keys.once("", "k", "send", work)
    work.gate.set()
    assert (await first)[1] is False
    assert (await keys.once("", "k", "send", work))[1] is True
    assert work.done == 1


async def test_a_key_whose_work_was_cut_off_says_so_and_is_never_used_again(keys: Idempotency) -> None:
    work = Work()
    work.gate.clear()
    first = asyncio.ensure_future(keys.once("", "k", "send", work))
    await work.started.wait()
    waiting = asyncio.ensure_future(keys.once("", "k", "send", work))
    await settle()
    first.cancel()
    with pytest.raises(KeyInterrupted):
        await waiting
    with pytest.raises(KeyInterrupted) as raised:
        await keys.once("", "k", "send", work)
    assert raised.value.maybe_sent
    assert raised.value.data["maybeSent"] is True
    assert work.done == 1


async def test_after_a_restart_an_answer_is_there_and_a_claim_says_interrupted(
    kept: Store, clock: MovableClock
) -> None:
    before, work, cut = Idempotency(kept, clock), Work(), Work()
    answer, _ = await before.once("", "answered", "send", work)
    cut.gate.clear()
    killed = asyncio.ensure_future(before.once("", "cut", "send", cut))
    await cut.started.wait()
    after = Idempotency(kept, clock)
    await after.load()
    assert await after.once("", "answered", "send", work) == (answer, True)
    with pytest.raises(KeyInterrupted):
        await after.once("", "cut", "send", cut)
    with pytest.raises(KeyReused):
        await after.once("", "cut", "other", cut)
    assert (work.done, cut.done) == (1, 1)
    killed.cancel()


async def test_a_day_of_real_time_later_a_key_is_new(
    keys: Idempotency, kept: Store, wall: WallClock, clock: MovableClock
) -> None:
    work = Work()
    await keys.once("", "k", "send", work)
    await clock.advance(10 * KEPT_SECONDS)
    wall.go(KEPT_SECONDS - 1)
    assert (await keys.once("", "k", "send", work))[1] is True
    wall.go(1)
    assert (await keys.once("", "k", "other", work))[1] is False
    assert work.done == 2
    assert await names(kept) == 1


async def test_what_is_too_old_goes_with_the_next_key(
    keys: Idempotency, kept: Store, wall: WallClock, clock: MovableClock
) -> None:
    for number in range(5):
        await keys.once("", f"k{number}", "send", Work())
    wall.go(KEPT_SECONDS)
    later = Idempotency(kept, clock)
    await later.load()
    await later.once("", "new", "send", Work())
    assert await names(kept) == 1


async def test_the_oldest_go_first_where_there_are_too_many(
    kept: Store, clock: MovableClock, wall: WallClock
) -> None:
    keys, work = Idempotency(kept, clock, keys=3), Work()
    for number in range(5):
        wall.go(1)
        await keys.once("", f"k{number}", "send", work)
        assert await names(kept) == min(number + 1, 3)
    assert [(await keys.once("", f"k{number}", "send", work))[1] for number in (4, 3, 2)] == [True] * 3
    assert (await keys.once("", "k0", "send", work))[1] is False


async def test_answers_are_bounded_in_bytes_too(kept: Store, clock: MovableClock) -> None:
    keys = Idempotency(kept, clock, size=1000)

    async def large() -> Outcome:
        return Outcome(Response(200, (), b"x" * 400))

    for number in range(10):
        await keys.once("", f"k{number}", "send", large)
        assert await names(kept) <= 4
    assert (await keys.once("", "k9", "send", large))[1] is True


async def test_one_that_is_under_way_is_not_forgotten_for_others(kept: Store, clock: MovableClock) -> None:
    keys, work = Idempotency(kept, clock, keys=1), Work()
    work.gate.clear()
    first = asyncio.ensure_future(keys.once("", "first", "send", work))
    await work.started.wait()
    for number in range(3):
        await keys.once("", f"k{number}", "send", Work())
    await keys.forget()
    work.gate.set()
    await first
    assert (await keys.once("", "first", "send", work))[1] is True
    assert work.done == 1


async def test_forgetting_makes_all_keys_new(keys: Idempotency, kept: Store) -> None:
    work = Work()
    await keys.once("", "k", "send", work)
    await keys.forget()
    assert await names(kept) == 0
    await keys.once("", "k", "other", work)
    assert work.done == 2


class Failing(MemoryStore):
    """Its disk is full after so many more changes."""

    left = 0

    def __init__(self) -> None:
        super().__init__()
        put = self.records.put

        async def limited(key: str, value: dict[str, object], if_version: int | None = None) -> int:
            self.use()
            return await put(key, value, if_version)

        self.records.put = limited  # type: ignore[method-assign]  # a disk that fails

    def use(self) -> None:
        if not self.left:
            raise StoreFailed("the disk is full")
        self.left -= 1

    def batch(self) -> MemoryBatch:
        self.use()
        return super().batch()


async def test_nothing_is_done_under_a_key_that_cannot_be_kept(clock: MovableClock) -> None:
    store, work = Failing(), Work()
    keys = Idempotency(store, clock)
    with pytest.raises(StoreFailed):
        await keys.once("", "k", "send", work)
    assert work.done == 0
    store.left = 2
    assert (await keys.once("", "k", "send", work))[1] is False
    assert work.done == 1


async def test_an_answer_that_cannot_be_kept_is_given_once_and_never_made_again(clock: MovableClock) -> None:
    store, work = Failing(), Work()
    keys = Idempotency(store, clock)
    store.left = 1
    assert (await keys.once("", "k", "send", work))[0].body == "answer 1 é".encode()
    store.left = 10
    with pytest.raises(KeyInterrupted):
        await keys.once("", "k", "send", work)
    assert work.done == 1


class Slow(MemoryStore):
    """Reads and commits let others run before and after, as a store on another machine would."""

    def __init__(self) -> None:
        super().__init__()
        get = self.records.get

        async def slow(key: str) -> object:
            await settle()
            found = await get(key)
            await settle()
            return found

        self.records.get = slow  # type: ignore[method-assign, assignment]  # as above

    def batch(self) -> MemoryBatch:
        inner = super().batch()
        leave = inner.__aexit__

        class Late(MemoryBatch):
            async def __aexit__(self, *error: object) -> None:
                await settle()
                await leave(*error)  # type: ignore[arg-type]  # as they came
                await settle()

        late = Late(self.log, self.records)
        late._appends, late._changes = inner._appends, inner._changes
        return late


async def test_on_a_store_that_takes_its_time_it_is_still_done_once(clock: MovableClock) -> None:
    store: Store = Slow()
    keys, work = Idempotency(store, clock), Work()

    async def later(rounds: int) -> bool:
        for _ in range(rounds):
            await settle()
        return (await keys.once("", "k", "send", work))[1]

    assert (await asyncio.gather(*(later(number % 7) for number in range(30)))).count(False) == 1
    assert work.done == 1


async def test_two_gateways_on_one_store_do_it_once(clock: MovableClock) -> None:
    """There is one for each store; the claim would hold all the same."""
    store: Store = Slow()
    work = Work()
    two = [Idempotency(store, clock) for _ in range(2)]
    outcomes = await asyncio.gather(*(one.once("", "k", "send", work) for one in two), return_exceptions=True)
    assert work.done == 1
    assert all(isinstance(one, tuple | KeyInterrupted) for one in outcomes)
