"""What every store does: records and batches. The log's part is in ``contract_log``.

A store's test file subclasses ``StoreContract`` and gives the fixture ``make``: bounds and a wall clock in, a
store as an async context manager out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import TypeAlias

import pytest

from gateway.core.errors import Conflict
from gateway.storage.memory import Bounds
from gateway.storage.ports import Store
from tests.storage.contract_log import LogContract
from tests.support.wall_clock import WallClock

Make: TypeAlias = Callable[[Mapping[str, Bounds], WallClock], AbstractAsyncContextManager[Store]]


class RecordsContract:
    async def test_a_record_that_was_put_is_there(self, store: Store) -> None:
        version = await store.records.put("a", {"n": 1, "text": "短信", "none": None, "list": [1, {"deep": True}]})
        found = await store.records.get("a")
        assert found is not None
        assert found.value == {"n": 1, "text": "短信", "none": None, "list": [1, {"deep": True}]}
        assert found.version == version > 0

    async def test_a_key_that_was_never_put_has_no_record(self, store: Store) -> None:
        assert await store.records.get("a") is None
        assert await store.records.delete("a") is False

    async def test_each_put_grows_the_version(self, store: Store) -> None:
        versions = [await store.records.put("a", {"n": n}) for n in range(5)]
        assert versions == sorted(set(versions))

    async def test_a_put_with_the_current_version_succeeds(self, store: Store) -> None:
        first = await store.records.put("a", {"n": 1}, if_version=0)
        second = await store.records.put("a", {"n": 2}, if_version=first)
        assert (await store.records.get("a")) == ({"n": 2}, second)

    @pytest.mark.parametrize("offset", [-1, 1, 1000])
    async def test_a_put_with_another_version_is_a_conflict_and_changes_nothing(
        self, store: Store, offset: int
    ) -> None:
        version = await store.records.put("a", {"n": 1})
        with pytest.raises(Conflict):
            await store.records.put("a", {"n": 2}, if_version=version + offset)
        assert (await store.records.get("a")) == ({"n": 1}, version)

    async def test_version_nought_means_that_there_must_be_none(self, store: Store) -> None:
        await store.records.put("a", {}, if_version=0)
        with pytest.raises(Conflict):
            await store.records.put("a", {}, if_version=0)

    async def test_a_version_of_a_key_that_is_not_there_is_a_conflict(self, store: Store) -> None:
        with pytest.raises(Conflict):
            await store.records.put("a", {}, if_version=1)
        assert await store.records.get("a") is None

    async def test_no_version_is_given_twice_not_even_after_a_delete(self, store: Store) -> None:
        old = await store.records.put("a", {"n": 1})
        assert await store.records.delete("a") is True
        new = await store.records.put("a", {"n": 2})
        assert new > old
        with pytest.raises(Conflict):
            await store.records.put("a", {"n": 3}, if_version=old)

    async def test_a_deleted_record_is_gone(self, store: Store) -> None:
        await store.records.put("a", {})
        assert await store.records.delete("a") is True
        assert await store.records.get("a") is None
        assert await store.records.delete("a") is False
        await store.records.put("a", {}, if_version=0)

    async def test_a_scan_gives_all_keys_with_the_prefix_in_order(self, store: Store) -> None:
        for key in ("b/2", "b/10", "a", "b", "b/1", "c", "b%2", "b_2", "B/1", "b/é"):
            await store.records.put(key, {"key": key})
        found = await store.records.scan("b/")
        assert [key for key, _ in found] == ["b/1", "b/10", "b/2", "b/é"]
        assert all(record.value == {"key": key} for key, record in found)

    @pytest.mark.parametrize("wild", ["%", "_", "*", "?", "[", "\\", "'"])
    async def test_a_prefix_is_text_and_never_a_pattern(self, store: Store, wild: str) -> None:
        await store.records.put("abc", {})
        await store.records.put(f"{wild}x", {})
        assert [key for key, _ in await store.records.scan(wild)] == [f"{wild}x"]

    async def test_an_empty_prefix_scans_everything(self, store: Store) -> None:
        assert await store.records.scan("") == []
        await store.records.put("a", {})
        assert [key for key, _ in await store.records.scan("")] == ["a"]


class BatchContract:
    async def test_a_batch_changes_nothing_until_it_ends(self, store: Store) -> None:
        await store.records.put("old", {})
        async with store.batch() as batch:
            batch.append("s", {"n": 1}, ("k",))
            batch.put("a", {"n": 1})
            batch.delete("old")
            assert await store.log.read("s") == []
            assert await store.records.get("a") is None
            assert await store.records.get("old") is not None
        assert [entry.value for entry in await store.log.read("s", key="k")] == [{"n": 1}]
        assert (await store.records.get("a")) is not None
        assert await store.records.get("old") is None

    async def test_a_batch_tells_the_cursors_of_what_it_appended(self, store: Store) -> None:
        before = await store.log.append("s", {})
        async with store.batch() as batch:
            batch.append("s", {"n": 1})
            batch.append("t", {"n": 2})
        assert batch.seqs == [before + 1, before + 2]
        assert store.log.last() == before + 2
        assert [entry.seq for entry in await store.log.read("t")] == [before + 2]

    async def test_an_exception_in_a_batch_changes_nothing(self, store: Store) -> None:
        await store.records.put("old", {})
        with pytest.raises(RuntimeError, match="stop"):  # noqa: PT012  # it is the end of the batch that fails
            async with store.batch() as batch:
                batch.append("s", {"n": 1})
                batch.put("a", {"n": 1})
                batch.delete("old")
                raise RuntimeError("stop")
        assert await store.log.read("s") == []
        assert store.log.last() == 0
        assert await store.records.get("a") is None
        assert await store.records.get("old") is not None

    async def test_a_stale_version_anywhere_in_a_batch_changes_nothing(self, store: Store) -> None:
        version = await store.records.put("b", {"n": 1})
        await store.records.put("old", {})
        with pytest.raises(Conflict):  # noqa: PT012  # it is the end of the batch that fails
            async with store.batch() as batch:
                batch.append("s", {"n": 1})
                batch.put("a", {"n": 1}, if_version=0)
                batch.delete("old")
                batch.put("b", {"n": 2}, if_version=version + 1)
        assert await store.log.read("s") == []
        assert await store.records.get("a") is None
        assert await store.records.get("old") is not None
        assert (await store.records.get("b")) == ({"n": 1}, version)

    async def test_a_change_by_another_while_a_batch_is_open_is_a_conflict(self, store: Store) -> None:
        version = await store.records.put("a", {"n": 1})
        with pytest.raises(Conflict):  # noqa: PT012  # it is the end of the batch that fails
            async with store.batch() as batch:
                batch.put("a", {"n": 2}, if_version=version)
                await store.records.put("a", {"n": 3})
        found = await store.records.get("a")
        assert found is not None
        assert found.value == {"n": 3}

    async def test_the_changes_of_a_batch_happen_in_the_order_given(self, store: Store) -> None:
        await store.records.put("a", {"n": 1})
        async with store.batch() as batch:
            batch.delete("a")
            batch.put("a", {"n": 2})
            batch.put("b", {"n": 2})
            batch.delete("b")
        found = await store.records.get("a")
        assert found is not None
        assert found.value == {"n": 2}
        assert await store.records.get("b") is None

    async def test_a_value_that_is_no_document_anywhere_in_a_batch_changes_nothing(self, store: Store) -> None:
        with pytest.raises((TypeError, ValueError)):  # noqa: PT012  # it is the end of the batch that fails
            async with store.batch() as batch:
                batch.append("s", {"n": 1})
                batch.put("a", {"n": 1})
                batch.append("s", {"n": object()})
        assert await store.log.read("s") == []
        assert store.log.last() == 0
        assert await store.records.get("a") is None

    async def test_an_empty_batch_is_fine(self, store: Store) -> None:
        async with store.batch() as batch:
            pass
        assert batch.seqs == []

    async def test_batches_wake_waiters_like_single_appends(self, store: Store) -> None:
        async with store.batch() as batch:
            batch.append("s", {}, ("k",))
        await store.log.wait("s", ("k",), batch.seqs[0] - 1)


class StoreContract(RecordsContract, BatchContract, LogContract):
    """All of it."""

    async def test_a_store_tells_the_version_of_its_schema(self, store: Store) -> None:
        assert store.schema_version >= 1
