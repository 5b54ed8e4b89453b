"""Taking a capture: every sentence of docs/api.md about it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from gateway.core.clock import MovableClock
from gateway.core.errors import Gone
from gateway.core.model import Channel
from gateway.core.recipients import recipient
from gateway.delivery.messages import Messages
from gateway.inbox.inbox import Inbox, Query
from gateway.storage.jobs import Schedule
from gateway.storage.memory import Bounds, MemoryStore
from tests.support.event_loop import settle
from tests.support.samples import OTHER, PHONE, capture, read_as
from tests.support.wall_clock import WallClock

ANY = Query(recipient(PHONE))
CODE = replace(ANY, needs_code=True)


async def take(inbox: Inbox, query: Query = CODE, token: str | None = "token", seconds: float = 0) -> str | None:
    """The code taken, or None."""
    found = await inbox.wait(query, seconds, token)
    return found.value["code"] if found is not None else None


async def test_the_newest_is_taken_at_once(inbox: Inbox) -> None:
    await inbox.add([capture(code="111111")])
    await inbox.add([capture(code="222222")])
    assert await take(inbox) == "222222"


async def test_taking_one_retires_the_older_ones(inbox: Inbox) -> None:
    await inbox.add([capture(code="111111"), capture(code="222222")])
    assert await take(inbox, token="one") == "222222"
    assert await take(inbox, token="two") is None
    await inbox.add([capture(code="333333")])
    assert await take(inbox, token="two") == "333333"


async def test_taking_retires_nothing_of_another_recipient(inbox: Inbox) -> None:
    await inbox.add([capture(OTHER, "999999"), capture(PHONE, "111111")])
    assert await take(inbox) == "111111"
    assert await take(inbox, Query(recipient(OTHER)), "other") == "999999"


async def test_taking_a_type_retires_the_older_ones_of_other_types_too(inbox: Inbox) -> None:
    await inbox.add([capture(code="111111", usage_type="Register")])
    await inbox.add([capture(code="222222", usage_type="SignIn")])
    assert await take(inbox, replace(CODE, usage_type="SignIn"), "one") == "222222"
    assert await take(inbox, replace(CODE, usage_type="Register"), "two") is None


async def test_a_newer_one_of_another_type_stays(inbox: Inbox) -> None:
    await inbox.add([capture(code="111111", usage_type="Register")])
    await inbox.add([capture(code="222222", usage_type="SignIn")])
    assert await take(inbox, replace(CODE, usage_type="Register"), "one") == "111111"
    assert await take(inbox, replace(CODE, usage_type="SignIn"), "two") == "222222"


async def test_without_a_token_nothing_is_taken(inbox: Inbox) -> None:
    await inbox.add([capture(code="111111")])
    assert await take(inbox, token=None) == "111111"
    assert await take(inbox, token=None) == "111111"
    assert await take(inbox, token="one") == "111111"
    assert await take(inbox, token=None) is None


async def test_the_same_token_gets_the_same_capture_again(inbox: Inbox) -> None:
    await inbox.add([capture(code="111111")])
    assert await take(inbox, token="one") == "111111"
    await inbox.add([capture(code="222222")])
    assert await take(inbox, token="one") == "111111"
    assert await take(inbox, token="two") == "222222"
    assert await take(inbox, token="one") == "111111"
    assert await take(inbox, token="two") == "222222"


async def test_the_same_token_gets_it_again_although_it_is_old_by_now(inbox: Inbox, wall: WallClock) -> None:
    await inbox.add([capture(code="111111")])
    await take(inbox)
    wall.go(3600)
    assert await take(inbox) == "111111"


async def test_a_token_is_one_recipients_own(inbox: Inbox) -> None:
    await inbox.add([capture(PHONE, "111111"), capture(OTHER, "222222")])
    assert await take(inbox, token="same") == "111111"
    assert await take(inbox, Query(recipient(OTHER)), "same") == "222222"


async def test_a_token_whose_capture_was_deleted_gets_a_newer_one(inbox: Inbox) -> None:
    first = capture(code="111111")
    await inbox.add([first])
    await take(inbox)
    assert await inbox.delete(first.id) == 1
    assert await take(inbox) is None
    await inbox.add([capture(code="222222")])
    assert await take(inbox) == "222222"


# --- after --------------------------------------------------------------------------------------------------


async def test_after_a_cursor_the_oldest_comes_first(inbox: Inbox, store: MemoryStore) -> None:
    await inbox.add([capture(code="000000")])
    cursor = store.log.last()
    for code in ("111111", "222222", "333333"):
        await inbox.add([capture(code=code)])
    query = replace(CODE, after=cursor)
    assert [await take(inbox, query, token) for token in ("a", "b", "c", "d")] == [
        "111111",
        "222222",
        "333333",
        None,
    ]


async def test_after_a_cursor_older_than_ten_minutes_counts_too(
    inbox: Inbox, store: MemoryStore, wall: WallClock
) -> None:
    await inbox.add([capture(code="111111")])
    wall.go(3600)
    assert await take(inbox, replace(CODE, after=0)) == "111111"


async def test_walking_without_taking_sees_what_is_taken_too(inbox: Inbox) -> None:
    await inbox.add([capture(code="111111")])
    await take(inbox)
    assert await take(inbox, replace(CODE, after=0), token=None) == "111111"


async def test_after_a_cursor_in_the_future_waits(inbox: Inbox, store: MemoryStore) -> None:
    waiter = asyncio.ensure_future(take(inbox, replace(CODE, after=2), seconds=5))
    for code in ("111111", "222222", "333333"):
        await settle()
        assert not waiter.done()
        await inbox.add([capture(code=code)])
    assert await waiter == "333333"


async def test_a_cursor_older_than_what_is_kept_is_gone(wall: WallClock, clock: MovableClock) -> None:
    store = MemoryStore({"captures": Bounds(count=2)}, wall)
    inbox = Inbox(store, clock, Messages(store.log, clock), Schedule(store, clock))
    for code in ("111111", "222222", "333333", "444444"):
        await inbox.add([capture(code=code)])
    with pytest.raises(Gone):
        await take(inbox, replace(CODE, after=1))
    assert await take(inbox, replace(CODE, after=2)) == "333333"
    assert await take(inbox, token="another") == "444444"


async def test_a_cursor_whose_entries_became_too_old_is_gone(wall: WallClock, clock: MovableClock) -> None:
    store = MemoryStore({"captures": Bounds(age=3600)}, wall)
    inbox = Inbox(store, clock, Messages(store.log, clock), Schedule(store, clock))
    await inbox.add([capture(code="111111")])
    wall.go(3601)
    with pytest.raises(Gone):
        await take(inbox, replace(CODE, after=0))


async def test_a_wait_whose_cursor_goes_away_meanwhile_is_told(wall: WallClock, clock: MovableClock) -> None:
    store = MemoryStore({"captures": Bounds(count=2)}, wall)
    inbox = Inbox(store, clock, Messages(store.log, clock), Schedule(store, clock))
    waiter = asyncio.ensure_future(take(inbox, replace(CODE, after=0), seconds=5))
    await settle()
    await inbox.add([capture(OTHER, str(n)) for n in range(3)] + [capture(code=None)])
    with pytest.raises(Gone):
        await waiter


# --- which one ----------------------------------------------------------------------------------------------


async def test_one_older_than_ten_minutes_of_real_time_is_not_taken(inbox: Inbox, wall: WallClock) -> None:
    await inbox.add([capture(code="111111")])
    wall.go(599)
    assert await take(inbox, token=None) == "111111"
    wall.go(2)
    assert await take(inbox) is None


async def test_moving_the_clock_makes_no_capture_old(inbox: Inbox, clock: MovableClock) -> None:
    await inbox.add([capture(code="111111")])
    await clock.advance(86_400)
    assert await take(inbox) == "111111"


async def test_who_needs_a_code_passes_over_a_capture_without(inbox: Inbox) -> None:
    await inbox.add([capture(code="111111"), capture(code=None)])
    assert await take(inbox, replace(ANY), token=None) is None  # the newest, which has none
    assert await take(inbox, CODE) == "111111"


async def test_only_the_type_and_channel_asked_for_are_taken(inbox: Inbox) -> None:
    await inbox.add([capture(code="111111", usage_type="Register"), capture(code="222222", usage_type=None)])
    assert await take(inbox, replace(CODE, usage_type="SignIn")) is None
    assert await take(inbox, replace(CODE, channel=Channel.EMAIL)) is None
    assert await take(inbox, replace(CODE, usage_type="Register", channel=Channel.SMS)) == "111111"


async def test_a_wait_is_exact_about_what_the_provider_read(inbox: Inbox) -> None:
    ambiguous = read_as("13055550123", "+8613055550123", "+13055550123")
    await inbox.add([capture(code="111111", to_as=ambiguous)])
    assert await take(inbox, Query(recipient("+13055550123")), "a") is None
    assert await take(inbox, Query(recipient("+8613055550123")), None) == "111111"
    assert await take(inbox, Query(recipient("13055550123")), "b") == "111111"


async def test_bare_digits_wait_for_the_newest_under_either_reading(inbox: Inbox) -> None:
    await inbox.add([capture(code="111111", to_as=read_as("13055550123", "+8613055550123", "+13055550123"))])
    await inbox.add([capture(code="222222", to_as=read_as("+13055550123", "+13055550123"))])
    bare = Query(recipient("13055550123"))
    assert await take(inbox, bare, "a") == "222222"
    assert await take(inbox, bare, "b") == "111111"
    assert await take(inbox, bare, "c") is None
    assert await take(inbox, bare, "a") == "222222"


async def test_a_part_of_a_number_is_not_that_number(inbox: Inbox) -> None:
    await inbox.add([capture("+8613800138000")])
    for text in ("138001380", "1380013800", "+861380013800", "+86138001380001"):
        assert await take(inbox, Query(recipient(text)), None) is None


async def test_addresses_match_whatever_the_case(inbox: Inbox) -> None:
    await inbox.add([capture("Ada@Example.com", "111111")])
    assert await take(inbox, Query(recipient("ADA@example.COM"))) == "111111"


async def test_the_newest_may_be_looked_at_however_old_and_taken(inbox: Inbox, wall: WallClock) -> None:
    await inbox.add([capture(code="111111")])
    await take(inbox)
    wall.go(3600)
    found = await inbox.newest(CODE)
    assert found is not None
    assert found.value["code"] == "111111"
