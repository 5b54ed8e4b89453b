"""The thread that writes: groups, callers that are cancelled, disks that fail, the end."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from gateway.core.errors import StoreFailed
from gateway.storage.ports import Store
from gateway.storage.sqlite import Bounds, SqliteStore, open_sqlite
from tests.support.event_loop import settle
from tests.support.wall_clock import WallClock

SECRET = "13800138000"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "gateway.db"


@pytest_asyncio.fixture
async def store(file: Path) -> AsyncIterator[SqliteStore]:
    store = await open_sqlite(file, {"few": Bounds(count=3)}, WallClock())
    yield store
    await store.close()


@contextmanager
def held(file: Path) -> Iterator[None]:
    """Another program writes to the file: every commit waits for it."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def connection(store: SqliteStore) -> sqlite3.Connection:
    return store._writer._connection


# --- groups ---------------------------------------------------------------------------------------------


async def test_changes_that_come_while_one_is_written_share_a_commit(store: SqliteStore, file: Path) -> None:
    statements: list[str] = []
    connection(store).set_trace_callback(statements.append)
    with held(file):
        appends = [asyncio.ensure_future(store.log.append("s", {"n": n})) for n in range(100)]
        await settle()
    assert await asyncio.gather(*appends) == list(range(1, 101))
    assert statements.count("COMMIT") <= 2


async def test_nobody_sees_or_hears_of_an_entry_before_it_is_on_the_disk(store: SqliteStore, file: Path) -> None:
    with held(file):
        waiting = asyncio.ensure_future(store.log.wait("s", ("k",), 0))
        appending = asyncio.ensure_future(store.log.append("s", {}, ("k",)))
        await settle()
        assert not waiting.done()
        assert not appending.done()
        assert store.log.last() == 0
        assert await store.log.read("s") == []
    assert await appending == 1
    await waiting
    assert store.log.last() == 1


async def test_a_caller_that_is_cancelled_leaves_a_whole_change_and_a_living_thread(
    store: SqliteStore, file: Path
) -> None:
    async def both() -> None:
        async with store.batch() as batch:
            batch.append("s", {"n": 1}, ("k",))
            batch.put("a", {"n": 1})

    with held(file):
        tasks = [asyncio.ensure_future(both()), asyncio.ensure_future(store.log.append("s", {"n": 2}))]
        await settle()
        tasks[0].cancel()
        await settle()
    assert await tasks[1] == 2
    assert tasks[0].cancelled()
    assert [entry.value for entry in await store.log.read("s")] == [{"n": 1}, {"n": 2}]
    assert await store.records.get("a") is not None


# --- failures -------------------------------------------------------------------------------------------


@contextmanager
def full(store: SqliteStore, file: Path) -> Iterator[None]:
    """SQLite itself finds no room for another page."""
    pages = connection(store).execute("PRAGMA page_count").fetchone()[0]
    connection(store).execute(f"PRAGMA max_page_count = {pages}")
    yield
    connection(store).execute("PRAGMA max_page_count = 1000000")


@contextmanager
def failing(store: SqliteStore, file: Path) -> Iterator[None]:
    """The system refuses to write beyond the end of the write-ahead log."""
    log = file.with_name(f"{file.name}-wal")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def read_only(store: SqliteStore, file: Path) -> Iterator[None]:
    connection(store).execute("PRAGMA query_only = ON")
    yield
    connection(store).execute("PRAGMA query_only = OFF")


@contextmanager
def busy(store: SqliteStore, file: Path) -> Iterator[None]:
    connection(store).execute("PRAGMA busy_timeout = 0")
    with held(file):
        yield


FAILURES = pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (full, "the disk is full"),
        (failing, "the disk failed to read or write"),
        (read_only, "its file or disk is read-only"),
        (busy, "another program is writing to its file"),
    ],
)


async def whole_batch(store: Store) -> None:
    async with store.batch() as batch:
        batch.append("s", {"to": SECRET, "text": "x" * 10_000}, ("k",))
        batch.put("b", {"to": SECRET})


CHANGES = pytest.mark.parametrize(
    "change",
    [
        pytest.param(
            lambda store: store.log.append("s", {"to": SECRET, "text": "x" * 10_000}, ("k",)), id="append"
        ),
        pytest.param(lambda store: store.records.put("b", {"text": SECRET * 1000}), id="put"),
        pytest.param(whole_batch, id="batch"),
    ],
)


@FAILURES
@CHANGES
async def test_a_disk_that_fails_changes_nothing_and_says_why_without_any_data(
    store: SqliteStore, file: Path, broken: Any, reason: str, change: Callable[[Store], Awaitable[object]]
) -> None:
    await store.log.append("s", {"n": 1}, ("k",))
    waiting = asyncio.ensure_future(store.log.wait("s", ("k",), 1))
    with broken(store, file):
        for _ in range(3):
            with pytest.raises(StoreFailed, match=f"^the store does not work now: {reason}$"):
                await change(store)
        assert store.log.last() == 1
        assert [entry.value for entry in await store.log.read("s")] == [{"n": 1}]
        assert await store.records.get("b") is None
        assert not waiting.done()
    await change(store)
    assert await store.log.append("s", {"n": 2}, ("k",)) == store.log.last()
    await waiting


@FAILURES
async def test_what_was_answered_before_a_failure_is_there_after_a_restart(
    store: SqliteStore, file: Path, broken: Any, reason: str
) -> None:
    for n in range(5):
        await store.log.append("few", {"n": n})
    version = await store.records.put("a", {"n": 1})
    with broken(store, file):
        many = [store.log.append("few", {"text": "x" * 10_000}) for _ in range(10)]
        ends = await asyncio.gather(*many, return_exceptions=True)
        assert {type(end) for end in ends} == {StoreFailed}
    await store.close()
    again = await open_sqlite(file, {"few": Bounds(count=3)}, WallClock())
    assert [entry.value for entry in await again.log.read("few")] == [{"n": 2}, {"n": 3}, {"n": 4}]
    assert again.log.evicted("few") == 2
    assert await again.records.get("a") == ({"n": 1}, version)
    assert await again.log.append("few", {"n": 5}) == 6
    await again.close()


async def test_what_a_bound_evicted_during_a_failure_is_erased_after_it(store: SqliteStore, file: Path) -> None:
    for n in range(3):
        await store.log.append("few", {"n": n})
    with held(file):
        # Its commit is the one that evicts; the erasing comes with the next, which fails.
        appending = asyncio.ensure_future(store.log.append("few", {"n": 3}))
        await settle()
    await appending
    with read_only(store, file), pytest.raises(StoreFailed):
        await store.records.put("a", {})
    await store.records.put("a", {})
    with closing(sqlite3.connect(file)) as other:
        assert other.execute("SELECT seq FROM entry").fetchall() == [(2,), (3,), (4,)]
        assert other.execute("SELECT name, evicted FROM stream").fetchall() == [("few", 1)]


# --- the end --------------------------------------------------------------------------------------------


async def test_closing_finishes_what_was_asked_for(store: SqliteStore, file: Path) -> None:
    with held(file):
        appends = [asyncio.ensure_future(store.log.append("s", {"n": n})) for n in range(50)]
        await settle()
        closing_it = asyncio.ensure_future(store.close())
        await settle()
        assert not closing_it.done()
    await closing_it
    assert await asyncio.gather(*appends) == list(range(1, 51))
    assert not store._writer._thread.is_alive()
    again = await open_sqlite(file)
    assert len(await again.log.read("s", limit=100)) == 50
    await again.close()


async def test_a_closed_store_says_so(store: SqliteStore) -> None:
    await store.log.append("s", {}, ("k",))
    await asyncio.gather(store.close(), store.close())
    await store.close()
    calls: list[Awaitable[object]] = [
        store.log.append("s", {}),
        store.log.read("s"),
        store.log.drop("s"),
        store.log.wait("s", (), 0),
        store.records.get("a"),
        store.records.put("a", {}),
        store.records.delete("a"),
        store.records.scan(""),
        whole_batch(store),
    ]
    for call in calls:
        with pytest.raises(StoreFailed, match="the store is closed"):
            await call
    assert store.log.last() == 1


def test_a_store_that_nobody_closed_does_not_keep_the_process(file: Path) -> None:
    async def work() -> SqliteStore:
        store = await open_sqlite(file)
        await store.log.append("s", {})
        return store

    store = asyncio.run(work())
    assert store._writer._thread.daemon
    store._writer._queue.put(None)
    store._writer._thread.join(10)
    assert not store._writer._thread.is_alive()
