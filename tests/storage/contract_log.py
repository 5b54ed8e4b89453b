"""What every store's log does: one sequence, keys, pages, bounds, waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import TypeAlias

import pytest
import pytest_asyncio

from gateway.storage.memory import Bounds
from gateway.storage.ports import Store
from tests.support.event_loop import settle
from tests.support.wall_clock import START, WallClock

_Make: TypeAlias = Callable[[Mapping[str, Bounds], WallClock], AbstractAsyncContextManager[Store]]

MANY = 1300  # more than any page or compaction step that a store may have


async def seqs(store: Store, stream: str = "s", **how: object) -> list[int]:
    return [entry.seq for entry in await store.log.read(stream, **how)]  # type: ignore[arg-type]  # as read takes it


class LogContract:
    @pytest.fixture
    def wall(self) -> WallClock:
        return WallClock()

    @pytest_asyncio.fixture
    async def store(self, make: _Make, wall: WallClock) -> AsyncIterator[Store]:
        """``few`` keeps 3 entries, ``small`` 100 bytes, ``short`` 60 seconds, ``big`` many; others the default."""
        bounds = {
            "few": Bounds(count=3),
            "small": Bounds(bytes=100),
            "short": Bounds(age=60),
            "big": Bounds(count=MANY),
        }
        async with make(bounds, wall) as store:
            yield store

    # --- one sequence ----------------------------------------------------------------------------------

    async def test_streams_share_one_growing_sequence(self, store: Store) -> None:
        assert store.log.last() == 0
        given = [await store.log.append(stream, {}) for stream in ("s", "t", "s", "u")]
        assert given == [1, 2, 3, 4]
        assert store.log.last() == 4
        assert await seqs(store, "s") == [1, 3]
        assert await seqs(store, "t") == [2]

    async def test_an_entry_comes_back_as_it_was_given(self, store: Store, wall: WallClock) -> None:
        wall.go(1.5)
        seq = await store.log.append("s", {"text": "验证码", "n": [1, None, {"a": 0.5}]}, ("k",), 10)
        (entry,) = await store.log.read("s")
        assert entry == (seq, "s", {"text": "验证码", "n": [1, None, {"a": 0.5}]}, START + 1.5)

    async def test_nobody_can_change_what_another_one_reads(self, store: Store) -> None:
        given = {"n": 1, "deep": {"list": [1]}}
        await store.log.append("s", given)
        given["n"] = 2
        (first,) = await store.log.read("s")
        first.value["deep"]["list"].append(2)
        (second,) = await store.log.read("s")
        assert second.value == {"n": 1, "deep": {"list": [1]}}

    async def test_text_of_every_kind_is_kept(self, store: Store) -> None:
        value = {"a": "\x00\ud800\U0001f600", "b": [1e308, -0.0, 2**63, True, None], "": {}}
        await store.log.append("s", value, ("key \ud800 \x00",))
        (entry,) = await store.log.read("s", key="key \ud800 \x00")
        assert entry.value == value

    async def test_a_stream_that_nobody_wrote_is_empty(self, store: Store) -> None:
        assert await seqs(store, "nobody") == []
        assert await seqs(store, "nobody", key="k") == []
        assert store.log.evicted("nobody") == 0
        assert await store.log.drop("nobody") == 0
        assert await store.log.drop("nobody", "k") == 0

    async def test_the_sequence_goes_on_after_everything_was_dropped(self, store: Store) -> None:
        await store.log.append("s", {})
        await store.log.drop("s")
        assert store.log.last() == 1
        assert await store.log.append("s", {}) == 2

    # --- reading ---------------------------------------------------------------------------------------

    async def test_pages_have_exclusive_ends(self, store: Store) -> None:
        for _ in range(10):
            await store.log.append("s", {})
        assert await seqs(store, after=3, before=7) == [4, 5, 6]
        assert await seqs(store, after=0, limit=2) == [1, 2]
        assert await seqs(store, after=10) == []
        assert await seqs(store, after=99) == []
        assert await seqs(store, before=1) == []
        assert await seqs(store, after=7, before=3) == []

    async def test_newest_first_takes_the_page_from_the_other_end(self, store: Store) -> None:
        for _ in range(10):
            await store.log.append("s", {})
        assert await seqs(store, limit=3, newest_first=True) == [10, 9, 8]
        assert await seqs(store, after=3, before=7, limit=2, newest_first=True) == [6, 5]
        assert await seqs(store, after=8, newest_first=True) == [10, 9]

    async def test_by_default_a_page_has_the_oldest_hundred(self, store: Store) -> None:
        for _ in range(120):
            await store.log.append("s", {})
        assert await seqs(store) == list(range(1, 101))

    async def test_a_key_finds_only_its_entries_of_its_stream(self, store: Store) -> None:
        await store.log.append("s", {}, ("a", "b"))
        await store.log.append("s", {}, ("b",))
        await store.log.append("t", {}, ("a",))
        await store.log.append("s", {}, ("a",))
        assert await seqs(store, key="a") == [1, 4]
        assert await seqs(store, key="b") == [1, 2]
        assert await seqs(store, "t", key="a") == [3]
        assert await seqs(store, key="c") == []
        assert await seqs(store, key="a", after=1) == [4]
        assert await seqs(store, key="a", newest_first=True, limit=1) == [4]

    async def test_a_key_given_twice_finds_the_entry_once(self, store: Store) -> None:
        await store.log.append("s", {}, ("a", "a"))
        assert await seqs(store, key="a") == [1]
        assert await store.log.drop("s", "a") == 1
        assert await seqs(store, key="a") == []

    # --- dropping --------------------------------------------------------------------------------------

    async def test_dropping_a_key_leaves_the_others(self, store: Store) -> None:
        await store.log.append("s", {}, ("a", "b"))
        await store.log.append("s", {}, ("b",))
        await store.log.append("t", {}, ("a",))
        assert await store.log.drop("s", "a") == 1
        assert await seqs(store) == [2]
        assert await seqs(store, key="b") == [2]
        assert await seqs(store, "t") == [3]
        assert await store.log.drop("s", "a") == 0

    async def test_dropping_a_stream_leaves_the_other_streams(self, store: Store) -> None:
        await store.log.append("s", {}, ("a",))
        await store.log.append("t", {}, ("a",))
        assert await store.log.drop("s") == 1
        assert await seqs(store) == []
        assert await seqs(store, key="a") == []
        assert await seqs(store, "t", key="a") == [2]

    async def test_what_was_dropped_does_not_count_as_evicted(self, store: Store) -> None:
        await store.log.append("few", {})
        await store.log.drop("few")
        assert store.log.evicted("few") == 0

    # --- bounds ----------------------------------------------------------------------------------------

    async def test_the_oldest_go_when_there_are_too_many(self, store: Store) -> None:
        for _ in range(5):
            await store.log.append("few", {}, ("k",))
            await store.log.append("s", {}, ("k",))
        assert await seqs(store, "few") == [5, 7, 9]
        assert await seqs(store, "few", key="k") == [5, 7, 9]
        assert store.log.evicted("few") == 3
        assert await seqs(store, "s", key="k") == [2, 4, 6, 8, 10]
        assert store.log.evicted("s") == 0

    async def test_the_oldest_go_when_they_are_too_many_bytes(self, store: Store) -> None:
        for size in (40, 40, 20, 30):
            await store.log.append("small", {}, ("k",), size)
        assert await seqs(store, "small") == [2, 3, 4]
        assert store.log.evicted("small") == 1
        await store.log.append("small", {}, ("k",), 90)
        assert await seqs(store, "small", key="k") == [5]
        assert store.log.evicted("small") == 4

    async def test_the_newest_entry_stays_however_large_it_is(self, store: Store) -> None:
        await store.log.append("small", {}, ("k",), 40)
        await store.log.append("small", {}, ("k",), 1000)
        assert await seqs(store, "small", key="k") == [2]
        await store.log.append("small", {}, ("k",), 40)
        assert await seqs(store, "small", key="k") == [3]

    async def test_dropped_entries_give_their_bytes_back(self, store: Store) -> None:
        await store.log.append("small", {}, ("k",), 60)
        await store.log.drop("small", "k")
        await store.log.append("small", {}, ("k",), 60)
        await store.log.drop("small")
        await store.log.append("small", {}, (), 60)
        await store.log.append("small", {}, (), 40)
        assert await seqs(store, "small") == [3, 4]
        assert store.log.evicted("small") == 0

    async def test_entries_go_when_they_are_too_old_without_another_append(
        self, store: Store, wall: WallClock
    ) -> None:
        await store.log.append("short", {}, ("k",))
        wall.go(30)
        await store.log.append("short", {}, ("k",))
        wall.go(30.5)
        assert await seqs(store, "short", key="k") == [2]
        assert store.log.evicted("short") == 1
        wall.go(30)
        assert await seqs(store, "short") == []
        assert store.log.evicted("short") == 2

    async def test_evicted_tells_of_age_although_nobody_read(self, store: Store, wall: WallClock) -> None:
        """A reader asks for it first, and only then reads: it must not be told too late."""
        await store.log.append("short", {})
        wall.go(61)
        assert store.log.evicted("short") == 1

    async def test_entries_that_are_too_old_are_not_there_for_a_drop_or_a_wait(
        self, store: Store, wall: WallClock
    ) -> None:
        await store.log.append("short", {}, ("k",))
        wall.go(61)
        waiter = asyncio.ensure_future(store.log.wait("short", ("k",), 0))
        await settle()
        assert not waiter.done()
        assert await store.log.drop("short", "k") == 0
        await store.log.append("short", {}, ("k",))
        await waiter

    async def test_keys_still_find_the_rest_after_very_many_evictions_and_drops(self, store: Store) -> None:
        for start in range(0, 3 * MANY, 100):
            some = range(start, start + 100)
            await asyncio.gather(*(store.log.append("big", {"n": n}, (f"k{n % 3}", f"n{n}")) for n in some))
        first = 2 * MANY + 1
        assert store.log.evicted("big") == first - 1
        kept = list(range(first, 3 * MANY + 1))
        assert await seqs(store, "big", limit=10_000) == kept
        assert await seqs(store, "big", key="k1", limit=10_000) == [seq for seq in kept if (seq - 1) % 3 == 1]
        assert await seqs(store, "big", key=f"n{first - 2}") == []
        assert await store.log.drop("big", "k1") == len([seq for seq in kept if (seq - 1) % 3 == 1])
        rest = [seq for seq in kept if (seq - 1) % 3 != 1]
        assert await seqs(store, "big", limit=10_000) == rest
        assert await seqs(store, "big", key="k2", limit=2, newest_first=True) == [rest[-1], rest[-3]]
        middle = rest[len(rest) // 2]
        assert await store.log.drop("big", f"n{middle - 1}") == 1
        assert middle not in await seqs(store, "big", limit=10_000)

    # --- waiting ---------------------------------------------------------------------------------------

    async def test_a_wait_for_what_is_there_ends_at_once(self, store: Store) -> None:
        seq = await store.log.append("s", {}, ("k",))
        await store.log.wait("s", ("k",), seq - 1)
        await store.log.wait("s", ("other", "k"), seq - 1)
        await store.log.wait("s", (), seq - 1)

    @pytest.mark.parametrize("keys", [("k",), ("other", "k"), ()])
    async def test_an_append_wakes_who_waits_for_its_key_or_any(self, store: Store, keys: tuple[str, ...]) -> None:
        seq = await store.log.append("s", {}, ("k",))
        waiters = [asyncio.ensure_future(store.log.wait("s", keys, seq)) for _ in range(3)]
        await settle()
        assert not any(waiter.done() for waiter in waiters)
        await store.log.append("s", {}, ("k", "more"))
        await asyncio.gather(*waiters)

    async def test_another_key_or_stream_wakes_nobody(self, store: Store) -> None:
        waiter = asyncio.ensure_future(store.log.wait("s", ("k",), 0))
        await settle()
        await store.log.append("s", {}, ("other",))
        await store.log.append("s", {})
        await store.log.append("t", {}, ("k",))
        await settle()
        assert not waiter.done()
        await store.log.append("s", {}, ("k",))
        await waiter

    async def test_a_cancelled_wait_disturbs_no_other(self, store: Store) -> None:
        waiters = [asyncio.ensure_future(store.log.wait("s", ("k",), 0)) for _ in range(3)]
        await settle()
        waiters[1].cancel()
        await settle()
        assert waiters[1].cancelled()
        await store.log.append("s", {}, ("k",))
        await asyncio.gather(waiters[0], waiters[2])
