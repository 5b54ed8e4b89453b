"""Taking on a store whose calls suspend, as one on a disk does: the memory store never lets two takes meet."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from gateway.core.clock import MovableClock
from gateway.core.errors import StoreFailed
from gateway.core.model import Document
from gateway.core.recipients import recipient
from gateway.delivery.messages import Messages
from gateway.inbox import inbox as inbox_module
from gateway.inbox.inbox import Inbox, Query
from gateway.storage.jobs import Schedule
from gateway.storage.memory import MemoryRecords, MemoryStore
from gateway.storage.ports import Record
from tests.support.event_loop import settle
from tests.support.samples import OTHER, PHONE, capture
from tests.support.wall_clock import WallClock

CODE = Query(recipient(PHONE), needs_code=True)


class SlowRecords(MemoryRecords):
    """Every call lets the others run before and after it."""

    async def get(self, key: str) -> Record | None:
        await asyncio.sleep(0)
        found = await super().get(key)
        await asyncio.sleep(0)
        return found

    async def put(self, key: str, value: Document, if_version: int | None = None) -> int:
        await asyncio.sleep(0)
        version = await super().put(key, value, if_version)
        await asyncio.sleep(0)
        return version


class StuckRecords(SlowRecords):
    """A put is written at once, but its caller hears of it when the test says so, or of a failure instead."""

    def __init__(self) -> None:
        super().__init__()
        self.written, self.go_on = asyncio.Event(), asyncio.Event()
        self.puts = 0

    async def put(self, key: str, value: Document, if_version: int | None = None) -> int:
        version = await super().put(key, value, if_version)
        self.puts += 1
        self.written.set()
        await self.go_on.wait()
        return version


def slow_inbox(records: SlowRecords | None = None) -> Inbox:
    wall = WallClock()
    store = MemoryStore(wall=wall)
    store.records = records or SlowRecords()
    clock = MovableClock(wall)
    return Inbox(store, clock, Messages(store.log, clock), Schedule(store, clock))


async def take(inbox: Inbox, token: str, seconds: float = 0) -> str | None:
    found = await inbox.wait(CODE, seconds, token)
    return found.value["code"] if found is not None else None


async def test_of_many_that_take_at_once_one_gets_it() -> None:
    inbox = slow_inbox()
    await inbox.add([capture(code="111111")])
    taken = await asyncio.gather(*(take(inbox, f"token {at}") for at in range(20)))
    assert sorted(taken, key=str) == ["111111", *[None] * 19]


async def test_one_token_used_at_once_gets_one_capture() -> None:
    inbox = slow_inbox()
    await inbox.add([capture(code="111111")])
    await inbox.add([capture(code="222222")])
    assert await asyncio.gather(*(take(inbox, "token") for _ in range(20))) == ["222222"] * 20


async def test_a_newer_capture_that_comes_while_one_is_taken_is_for_the_next() -> None:
    inbox = slow_inbox()
    await inbox.add([capture(code="111111")])
    first = asyncio.ensure_future(take(inbox, "one"))
    await asyncio.sleep(0)
    await inbox.add([capture(code="222222")])
    codes = {await first, await take(inbox, "two")}
    assert codes <= {"111111", "222222", None}
    assert "222222" in codes


async def cancelled_while_taking(inbox: Inbox, records: StuckRecords, token: str, *, private: bool) -> None:
    taking = asyncio.ensure_future(inbox.wait(CODE, 5, token, private=private))
    await records.written.wait()
    taking.cancel()
    await settle()
    records.go_on.set()
    assert isinstance((await asyncio.gather(taking, return_exceptions=True))[0], asyncio.CancelledError)


async def test_who_is_cancelled_in_the_moment_of_taking_leaves_the_capture_untaken() -> None:
    records = StuckRecords()
    inbox = slow_inbox(records)
    await inbox.add([capture(code="111111")])
    await cancelled_while_taking(inbox, records, "nobody knows it", private=True)
    assert await take(inbox, "another") == "111111"


async def test_a_take_that_is_undone_wakes_who_waits_already() -> None:
    records = StuckRecords()
    inbox = slow_inbox(records)
    await inbox.add([capture(code="111111")])
    taking = asyncio.ensure_future(inbox.wait(CODE, 5, "nobody knows it", private=True))
    await records.written.wait()
    waiting = [asyncio.ensure_future(take(inbox, f"waiter {at}", 30)) for at in range(2)]
    await settle()
    taking.cancel()
    records.go_on.set()
    done, _ = await asyncio.wait(waiting, timeout=5, return_when=asyncio.FIRST_COMPLETED)
    assert [one.result() for one in done] == ["111111"]
    for one in waiting:
        one.cancel()
    await asyncio.gather(*waiting, taking, return_exceptions=True)


async def test_what_was_taken_before_stays_taken_when_a_take_is_undone() -> None:
    records = StuckRecords()
    inbox = slow_inbox(records)
    records.go_on.set()
    await inbox.add([capture(code="111111")])
    assert await take(inbox, "first") == "111111"
    await inbox.add([capture(code="222222")])
    records.written.clear()
    records.go_on.clear()
    await cancelled_while_taking(inbox, records, "nobody knows it", private=True)
    assert await take(inbox, "first") == "111111"
    assert await take(inbox, "second") == "222222"
    assert await take(inbox, "third") is None


async def test_a_take_that_is_undone_does_not_undo_the_one_after_it() -> None:
    records = StuckRecords()
    inbox = slow_inbox(records)
    await inbox.add([capture(code="111111")])
    taking = asyncio.ensure_future(inbox.wait(CODE, 5, "nobody knows it", private=True))
    await records.written.wait()
    taking.cancel()
    await inbox.add([capture(code="222222")])
    other = asyncio.ensure_future(take(inbox, "other"))
    await settle()
    assert records.puts == 2
    records.go_on.set()
    assert await other == "222222"
    await asyncio.wait({taking})
    assert await take(inbox, "third") is None
    assert await take(inbox, "other") == "222222"


async def test_with_a_token_of_ones_own_a_capture_that_was_taken_is_there_for_that_token_only() -> None:
    records = StuckRecords()
    inbox = slow_inbox(records)
    await inbox.add([capture(code="111111")])
    await cancelled_while_taking(inbox, records, "mine", private=False)
    assert await take(inbox, "another") is None
    assert await take(inbox, "mine") == "111111"


async def test_a_take_that_cannot_be_undone_is_told_without_the_code(caplog: pytest.LogCaptureFixture) -> None:
    class Failing(StuckRecords):
        async def put(self, key: str, value: Document, if_version: int | None = None) -> int:
            if self.puts:
                raise StoreFailed("the disk is full")
            return await super().put(key, value, if_version)

    records = Failing()
    inbox = slow_inbox(records)
    await inbox.add([capture(code="111111")])
    await cancelled_while_taking(inbox, records, "nobody knows it", private=True)
    assert "stays taken: the disk is full" in caplog.text
    assert "111111" not in caplog.text
    assert PHONE not in caplog.text


async def test_forgetting_old_marks_spares_one_that_moves_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each take forgets here. The mark of a dropped capture moves on while it is looked at."""
    monkeypatch.setattr(inbox_module, "_PRUNE_EVERY", 1)
    records = ScanThenTake()
    inbox = slow_inbox(records)
    await inbox.add([capture(code="111111")])
    assert await take(inbox, "one") == "111111"
    await inbox.delete_of(recipient(PHONE))
    await inbox.add([capture(to=OTHER, code="999999"), capture(code="222222")])

    taken = []

    async def meanwhile() -> None:
        taken.append(await take(inbox, "two"))

    records.meanwhile = meanwhile
    assert (await inbox.wait(Query(recipient(OTHER)), 0, "other")) is not None
    assert taken == ["222222"]
    assert await take(inbox, "three") is None


class ScanThenTake(SlowRecords):
    """Something happens between a scan and what follows from it."""

    meanwhile: Callable[[], Awaitable[None]] | None = None

    async def scan(self, prefix: str) -> list[tuple[str, Record]]:
        found = await super().scan(prefix)
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            await meanwhile()
        return found
