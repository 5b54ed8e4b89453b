"""The SQLite store keeps the contract, and what it kept is there after a restart."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from gateway.core.errors import Conflict
from gateway.storage.ports import Entry, Store
from gateway.storage.sqlite import Bounds, open_sqlite
from tests.storage.contract import Make, StoreContract
from tests.storage.store_machine import machine_for
from tests.support.tiers import examples
from tests.support.wall_clock import WallClock


@asynccontextmanager
async def sqlite_store(bounds: Mapping[str, Bounds], wall: WallClock) -> AsyncIterator[Store]:
    with TemporaryDirectory() as folder:
        async with opened(Path(folder) / "gateway.db", bounds, wall) as store:
            yield store


@asynccontextmanager
async def opened(
    file: Path, bounds: Mapping[str, Bounds] | None = None, wall: WallClock | None = None
) -> AsyncIterator[Store]:
    store = await open_sqlite(file, bounds, wall or WallClock())
    try:
        yield store
    finally:
        await store.close()


class TestSqliteStore(StoreContract):
    @pytest.fixture
    def make(self) -> Make:
        return sqlite_store


def test_the_sqlite_store_does_what_a_slow_and_obvious_model_does() -> None:
    run_state_machine_as_test(
        machine_for(sqlite_store),
        settings=settings(
            max_examples=examples(30),
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "gateway.db"


def rows(file: Path, statement: str) -> list[tuple[object, ...]]:
    """What the file itself says, once its store is closed."""
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(statement).fetchall()


# --- a restart ------------------------------------------------------------------------------------------


async def test_what_was_kept_is_there_after_a_restart(file: Path) -> None:
    odd = "\udc80 \x00 短信 \U0001f600"
    async with opened(file) as store:
        await store.log.append("s", {"text": odd, "n": [1e308, -0.0, 2**63, True, None]}, (odd, "k"), 7)
        async with store.batch() as batch:
            batch.append("t", {"n": 2}, ("k",))
            batch.append("s", {"n": 3})
            batch.put(odd, {"text": odd})
        before: list[list[Entry]] = [await store.log.read(stream) for stream in ("s", "t")]
        record = await store.records.get(odd)
    async with opened(file) as store:
        assert [await store.log.read(stream) for stream in ("s", "t")] == before
        assert [entry.seq for entry in await store.log.read("s", key=odd)] == [1]
        assert [entry.seq for entry in await store.log.read("t", key="k")] == [2]
        assert before[0][0].value == {"text": odd, "n": [1e308, -0.0, 2**63, True, None]}
        assert await store.records.get(odd) == record
        assert [key for key, _ in await store.records.scan("\udc80")] == [odd]
        assert store.log.last() == 3


async def test_no_cursor_and_no_version_comes_again_after_a_restart(file: Path) -> None:
    async with opened(file) as store:
        await store.log.append("s", {})
        last = await store.log.append("s", {})
        old = await store.records.put("a", {})
        await store.log.drop("s")
        await store.records.delete("a")
    async with opened(file) as store:
        assert store.log.last() == last
        assert await store.log.append("s", {}) == last + 1
        assert await store.records.put("a", {}) > old
        with pytest.raises(Conflict):
            await store.records.put("a", {}, if_version=old)


async def test_what_was_evicted_stays_so_after_a_restart_and_leaves_the_file(file: Path) -> None:
    bounds = {"few": Bounds(count=3), "short": Bounds(age=60)}
    wall = WallClock()
    async with opened(file, bounds, wall) as store:
        for _ in range(5):
            await store.log.append("few", {}, ("k",))
        await store.log.append("short", {})
        assert (store.log.evicted("few"), store.log.evicted("short")) == (2, 0)
    assert rows(file, "SELECT seq FROM entry") == [(3,), (4,), (5,), (6,)]
    wall.go(61)
    async with opened(file, bounds, wall) as store:
        assert (store.log.evicted("few"), store.log.evicted("short")) == (2, 6)
        assert [entry.seq for entry in await store.log.read("few", key="k")] == [3, 4, 5]
        assert await store.log.read("short") == []
        await store.log.drop("few")
    assert rows(file, "SELECT seq FROM entry") == []
    async with opened(file, {}, wall) as store:
        assert (store.log.evicted("few"), store.log.evicted("short")) == (2, 6)


async def test_a_smaller_bound_holds_from_the_next_start(file: Path) -> None:
    async with opened(file) as store:
        for size in (10, 20, 30):
            await store.log.append("s", {}, (), size)
    async with opened(file, {"s": Bounds(bytes=50)}) as store:
        assert [entry.seq for entry in await store.log.read("s")] == [2, 3]
        assert store.log.evicted("s") == 1


async def test_a_store_that_was_closed_well_is_one_file_that_can_be_copied(file: Path) -> None:
    async with opened(file) as store:
        await store.log.append("s", {"n": 1})
    assert sorted(path.name for path in file.parent.iterdir()) == ["gateway.db", "gateway.db.lock"]
    copy = file.with_name("copy.db")
    shutil.copyfile(file, copy)
    async with opened(copy) as store:
        assert [entry.value for entry in await store.log.read("s")] == [{"n": 1}]


async def test_a_backup_of_a_store_in_use_holds_what_was_kept_by_then(file: Path) -> None:
    async with opened(file) as store:
        await store.log.append("s", {"n": 1})
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(file.with_name("b.db"))) as target:
            source.backup(target)
        await store.log.append("s", {"n": 2})
    async with opened(file.with_name("b.db")) as store:
        assert [entry.value for entry in await store.log.read("s")] == [{"n": 1}]


async def test_values_are_plain_json_whatever_they_were_made_of(file: Path) -> None:
    """Tuples become lists, as they do in every answer of the API."""
    async with opened(file) as store:
        await store.log.append("s", {"headers": (("A", "1"), ("B", "2"))})
        assert (await store.log.read("s"))[0].value == {"headers": [["A", "1"], ["B", "2"]]}
        for value in ({"n": object()}, {"n": b"bytes"}):
            with pytest.raises(TypeError):
                await store.log.append("s", value)
            with pytest.raises(TypeError):
                await store.records.put("a", value)


# --- many at once ---------------------------------------------------------------------------------------


async def test_of_many_that_change_one_record_at_once_one_succeeds_and_nobody_else_suffers(file: Path) -> None:
    async with opened(file) as store:
        puts = [store.records.put("a", {"n": n}, if_version=0) for n in range(20)]
        appends = [store.log.append("s", {"n": n}) for n in range(20)]
        ends = await asyncio.gather(*puts, *appends, return_exceptions=True)
        assert [type(end) for end in ends[:20]].count(Conflict) == 19
        assert ends[20:] == list(range(1, 21))
        assert [entry.seq for entry in await store.log.read("s")] == list(range(1, 21))


async def test_a_change_that_breaks_leaves_the_others_of_its_commit_alone(file: Path) -> None:
    """SQLite has no number as large as that size, and says so in the middle of the commit."""
    async with opened(file) as store:
        ends = await asyncio.gather(
            store.log.append("s", {"n": 1}),
            store.log.append("s", {"n": 2}, size=2**70),
            store.log.append("s", {"n": 3}),
            return_exceptions=True,
        )
        assert ends[0] == 1
        assert isinstance(ends[1], OverflowError)
        assert ends[2] == 2
        assert [entry.value for entry in await store.log.read("s")] == [{"n": 1}, {"n": 3}]


async def test_two_drops_of_the_same_count_each_entry_once(file: Path) -> None:
    async with opened(file) as store:
        for _ in range(10):
            await store.log.append("s", {}, ("k",))
        counts = await asyncio.gather(store.log.drop("s", "k"), store.log.drop("s"), store.log.drop("s", "k"))
        assert sum(counts) == 10
        assert await store.log.read("s") == []
