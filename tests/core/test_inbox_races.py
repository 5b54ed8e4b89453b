"""Taking on a store whose calls suspend, as one on a disk does: the memory store never lets two takes meet."""

from __future__ import annotations

import asyncio

from gateway.clock import MovableClock
from gateway.inbox import Inbox, Query
from gateway.messages import Messages
from gateway.model import Document
from gateway.ports import Record
from gateway.recipients import recipient
from gateway.stores.memory import MemoryRecords, MemoryStore
from tests.support.values import PHONE, capture
from tests.support.wall import Wall

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


def slow_inbox() -> Inbox:
    wall = Wall()
    store = MemoryStore(wall=wall)
    store.records = SlowRecords()
    clock = MovableClock(wall)
    return Inbox(store, clock, Messages(store.log, clock))


async def take(inbox: Inbox, token: str) -> str | None:
    found = await inbox.wait(CODE, 0, token)
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
