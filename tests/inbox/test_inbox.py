"""The inbox around taking: links to messages, concurrent and cancelled waiters, deletes, bounded memory."""

from __future__ import annotations

import asyncio

from gateway.core.clock import MovableClock
from gateway.core.recipients import recipient
from gateway.delivery.messages import Messages
from gateway.inbox.inbox import Inbox, Query
from gateway.storage.jobs import Schedule
from gateway.storage.memory import Bounds, MemoryStore
from tests.support.event_loop import settle
from tests.support.samples import OTHER, PHONE, capture, message, read_as
from tests.support.wall_clock import WallClock

ANY = Query(recipient(PHONE))


# --- links --------------------------------------------------------------------------------------------------


async def test_a_capture_of_ours_has_its_exact_code_and_type(inbox: Inbox, messages: Messages) -> None:
    sent = message(code="135790")
    await messages.open(sent)
    await inbox.add([capture(code="000000", link=sent.id)])
    found = await inbox.newest(ANY)
    assert found is not None
    wanted = {
        "code": "135790",
        "codeSource": "rendered",
        "type": "SignIn",
        "locale": "zh-CN",
        "messageId": sent.id,
        "connectorId": "toy",
    }
    assert {key: found.value[key] for key in wanted} == wanted


async def test_a_message_of_ours_without_a_code_keeps_what_the_fake_found(inbox: Inbox, messages: Messages) -> None:
    sent = message(payload={"link": "https://example.com"})
    await messages.open(sent)
    await inbox.add([capture(code="000000", link=sent.id)])
    found = await inbox.newest(ANY)
    assert found is not None
    assert (found.value["code"], found.value["codeSource"]) == ("000000", "template_param")
    assert found.value["messageId"] == sent.id


async def test_a_link_that_is_not_ours_changes_nothing(inbox: Inbox) -> None:
    await inbox.add([capture(code="000000", link="somebody's own OutId")])
    found = await inbox.newest(ANY)
    assert found is not None
    assert (found.value["code"], found.value["messageId"]) == ("000000", None)


async def test_the_message_tells_of_its_capture(inbox: Inbox, messages: Messages) -> None:
    sent = message()
    await messages.open(sent)
    made = capture(link=sent.id)
    await inbox.add([made])
    shown = await messages.get(sent.id)
    assert shown is not None
    assert [step["event"] for step in shown["timeline"]] == ["requested", "captured"]
    assert shown["timeline"][1]["captureId"] == made.id


async def test_adding_none_is_fine(inbox: Inbox, store: MemoryStore) -> None:
    await inbox.add([])
    assert store.log.last() == 0


# --- waiting ------------------------------------------------------------------------------------------------


async def test_a_waiter_gets_what_comes_later(inbox: Inbox) -> None:
    waiter = asyncio.ensure_future(inbox.wait(ANY, 5, "one"))
    await settle()
    await inbox.add([capture(OTHER)])
    await settle()
    assert not waiter.done()
    await inbox.add([capture(code="111111")])
    found = await waiter
    assert found is not None
    assert found.value["code"] == "111111"


async def test_a_wait_of_no_seconds_only_looks(inbox: Inbox) -> None:
    assert await inbox.wait(ANY, 0, "one") is None
    await inbox.add([capture()])
    assert await inbox.wait(ANY, 0, "one") is not None


async def test_a_wait_ends_with_its_time(inbox: Inbox) -> None:
    async with asyncio.timeout(5):
        assert await inbox.wait(ANY, 0.02, "one") is None


async def test_waiters_with_different_tokens_never_get_the_same_capture(inbox: Inbox) -> None:
    waiters = [asyncio.ensure_future(inbox.wait(ANY, 5, f"token {n}")) for n in range(20)]
    await settle()
    for n in range(20):
        await inbox.add([capture(code=str(n))])
        await settle()
    found = await asyncio.gather(*waiters)
    assert sorted(int(entry.value["code"]) for entry in found if entry) == list(range(20))


async def test_one_capture_ends_one_of_two_waits(inbox: Inbox) -> None:
    waiters = [asyncio.ensure_future(inbox.wait(ANY, 5, token)) for token in ("one", "two")]
    await settle()
    await inbox.add([capture()])
    await settle()
    assert [waiter.done() for waiter in waiters].count(True) == 1
    await inbox.add([capture()])
    first, second = await asyncio.gather(*waiters)
    assert first is not None
    assert second is not None
    assert first.seq != second.seq


async def test_two_waits_with_one_token_get_the_same_capture(inbox: Inbox) -> None:
    waiters = [asyncio.ensure_future(inbox.wait(ANY, 5, "same")) for _ in range(2)]
    await settle()
    await inbox.add([capture(code="111111")])
    found = await asyncio.gather(*waiters)
    assert [entry.value["code"] for entry in found if entry] == ["111111", "111111"]


async def test_a_cancelled_waiter_takes_nothing(inbox: Inbox, store: MemoryStore) -> None:
    waiter = asyncio.ensure_future(inbox.wait(ANY, 5, "gone"))
    await settle()
    waiter.cancel()
    await inbox.add([capture(code="111111")])
    await settle()
    assert await store.records.scan("taken/") == []
    found = await inbox.wait(ANY, 0, "one")
    assert found is not None
    assert found.value["code"] == "111111"


async def test_a_waiter_that_is_woken_and_cancelled_at_once_takes_nothing(inbox: Inbox, store: MemoryStore) -> None:
    waiter = asyncio.ensure_future(inbox.wait(ANY, 5, "gone"))
    await settle()
    await inbox.add([capture()])
    waiter.cancel()
    await settle()
    assert waiter.cancelled()
    assert await store.records.scan("taken/") == []


# --- deleting and finding -----------------------------------------------------------------------------------


async def test_a_deleted_capture_is_nowhere(inbox: Inbox) -> None:
    made = capture()
    await inbox.add([made])
    assert await inbox.get(made.id) is not None
    assert await inbox.delete(made.id) == 1
    assert await inbox.delete(made.id) == 0
    assert await inbox.get(made.id) is None
    assert await inbox.newest(ANY) is None


async def test_deleting_of_a_recipient_spares_who_is_only_read_so(inbox: Inbox) -> None:
    """+13055550123 has its own captures; the Chinese one only can be read so."""
    await inbox.add([capture(to_as=read_as("13055550123", "+8613055550123", "+13055550123"))])
    await inbox.add([capture("+13055550123"), capture("+13055550123"), capture(OTHER)])
    assert await inbox.delete_of(recipient("+13055550123")) == 2
    assert await inbox.newest(Query(recipient("+8613055550123"))) is not None
    assert await inbox.newest(Query(recipient(OTHER))) is not None


async def test_a_fake_finds_only_what_its_own_provider_took_and_read_so(inbox: Inbox) -> None:
    await inbox.add([capture(code="1"), capture(code="2", provider="other"), capture(code="3")])
    await inbox.add([capture(code="4", to_as=read_as("x", OTHER, PHONE))])
    assert [entry.value["code"] for entry in await inbox.of_recipient("toy", PHONE, 10)] == ["3", "1"]
    assert [entry.value["code"] for entry in await inbox.of_recipient("toy", PHONE, 1)] == ["3"]
    assert [entry.value["code"] for entry in await inbox.of_provider("toy", 2)] == ["4", "3"]
    assert await inbox.of_provider("nobody", 10) == []


# --- memory -------------------------------------------------------------------------------------------------


async def _take_many(inbox: Inbox, start: int, count: int) -> None:
    for n in range(start, start + count):
        to = f"u{n}@example.com"
        await inbox.add([capture(to)])
        assert await inbox.wait(Query(recipient(to)), 0, "token") is not None


async def test_marks_of_evicted_captures_are_forgotten(wall: WallClock, clock: MovableClock) -> None:
    store = MemoryStore({"captures": Bounds(count=50)}, wall)
    inbox = Inbox(store, clock, Messages(store.log, clock), Schedule(store, clock))
    await _take_many(inbox, 0, 3000)
    assert len(await store.records.scan("taken/")) <= 50 + 1024


async def test_marks_of_deleted_captures_are_forgotten(wall: WallClock, clock: MovableClock) -> None:
    """A suite that empties the inbox after each test never reaches a bound: its marks must go all the same."""
    store = MemoryStore(wall=wall)
    inbox = Inbox(store, clock, Messages(store.log, clock), Schedule(store, clock))
    for n in range(30):
        await _take_many(inbox, n * 100, 100)
        await store.log.drop("captures")
    assert len(await store.records.scan("taken/")) <= 100 + 1024


async def test_forgetting_marks_keeps_those_that_still_count(wall: WallClock, clock: MovableClock) -> None:
    store = MemoryStore({"captures": Bounds(count=2000)}, wall)
    inbox = Inbox(store, clock, Messages(store.log, clock), Schedule(store, clock))
    await _take_many(inbox, 0, 1500)
    for n in range(1000, 1500):
        assert await inbox.wait(Query(recipient(f"u{n}@example.com")), 0, "another") is None


async def test_very_many_takes_of_one_recipient_keep_few_tokens(inbox: Inbox, store: MemoryStore) -> None:
    for n in range(500):
        await inbox.add([capture(code=str(n))])
        await inbox.wait(ANY, 0, f"token {n}")
    ((_, record),) = await store.records.scan("taken/")
    assert len(record.value["tokens"]) <= 64
    found = await inbox.wait(ANY, 0, "token 499")
    assert found is not None
    assert found.value["code"] == "499"
