"""The thread that writes a SQLite store, with group commit.

A commit waits for the disk. Changes that arrive meanwhile are collected and share the next commit, so under
load one commit serves many changes. A caller continues only after the commit of its change. If the record
versions of a change do not match, that change fails alone. If the disk fails, all changes of that commit fail,
and none of them is kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import NamedTuple

from gateway.core.errors import Conflict
from gateway.storage.sqlite_file import OpenFile, closed, unavailable


class Append(NamedTuple):
    """An entry to append. The first five fields are columns of the table ``entry``, in their order."""

    stream: str
    at: float
    """Real time, in seconds since the epoch."""
    size: int
    """Bytes that the entry counts for in the bound of its stream."""
    keys_json: str
    value_json: str
    keys: tuple[str, ...]


class Put(NamedTuple):
    """A record to put, or to delete."""

    key: bytes
    value_json: str | None
    """None deletes the record."""
    if_version: int | None = None
    """As in ``ports.Records.put``."""


@dataclass(slots=True)
class Change:
    """Changes that are committed together or not at all, and then their results."""

    appends: Sequence[Append] = ()
    puts: Sequence[Put] = ()
    drop_stream: str = ""
    """The stream of ``drops``."""
    drops: Sequence[int] = ()
    """Sequence numbers of the entries to remove."""

    seqs: list[int] = field(default_factory=list)
    """Result: the number of each appended entry."""
    put_results: list[int] = field(default_factory=list)
    """Result: for each put, the new version; for each delete, the number of deleted records."""
    dropped: int = 0
    """Result: the number of removed entries."""
    error: Exception | None = None
    """Result: why nothing of the change is kept."""
    done: asyncio.Future[None] | None = None
    """Set when the change is committed or has failed."""


class Writer:
    """Commits changes in a thread of its own. It belongs to the running event loop."""

    def __init__(
        self,
        file: OpenFile,
        last: int,
        evicted: deque[tuple[str, int]],
        on_committed: Callable[[Change], None],
    ) -> None:
        """
        Args:
            last: The number of the newest entry ever appended. evicted: Streams and numbers of evicted entries.
            The event loop appends to it, and the thread takes from
                it and deletes those entries with the next commit.
            on_committed: Called in the event loop for each committed change, before its caller continues.
        """
        self._file = file
        self._connection = file.writer
        self._last = last
        self._on_committed = on_committed
        self._loop = asyncio.get_running_loop()
        self._ended = self._loop.create_future()
        self._queue: SimpleQueue[Change | None] = SimpleQueue()
        self._evicted = evicted
        # Taken from _evicted; their deletion is not committed yet.
        self._deleting: list[tuple[str, int]] = []
        self._thread = threading.Thread(target=self._run, name="store", daemon=True)
        self.closing = False

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    async def run(self, change: Change) -> Change:
        """Commit the change, and return it with its results. Raises StoreFailed and Conflict.

        If the caller is cancelled, the change is committed all the same.
        """
        if self.closing:
            raise closed()
        change.done = self._loop.create_future()
        self._queue.put(change)
        await change.done
        return change

    async def close(self) -> None:
        """Commit the pending changes, close the file, and end the thread."""
        if not self.closing:
            self.closing = True
            self._queue.put(None)
        await asyncio.shield(self._ended)
        self._thread.join()

    # --- in the thread ----------------------------------------------------------------------------------

    def _run(self) -> None:
        running = True
        while running:
            group = [self._queue.get()]
            with contextlib.suppress(Empty):
                while True:
                    group.append(self._queue.get_nowait())
            running = None not in group
            changes = [change for change in group if change is not None]
            self._commit(changes)
            self._call_in_loop(self._finish, changes)
        with contextlib.suppress(sqlite3.Error):  # committed changes are safe in the write-ahead log
            self._file.close()
        self._call_in_loop(self._end, [])

    def _call_in_loop(self, function: Callable[[list[Change]], None], changes: list[Change]) -> None:
        with contextlib.suppress(RuntimeError):  # the event loop is closed, so no caller waits any more
            self._loop.call_soon_threadsafe(function, changes)

    def _commit(self, changes: list[Change]) -> None:
        last = self._last
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            self._delete_evicted()
            for change in changes:
                self._apply_or_undo(change)
            self._connection.execute("COMMIT")
            self._deleting.clear()
        except Exception as error:  # noqa: BLE001  # the thread must go on, and every caller must get the error
            self._last = last
            with contextlib.suppress(sqlite3.Error):
                self._connection.rollback()
            for change in changes:
                change.error = unavailable(error) if isinstance(error, sqlite3.Error) else error

    def _delete_evicted(self) -> None:
        while self._evicted:
            self._deleting.append(self._evicted.popleft())
        if self._deleting:
            self._connection.executemany("DELETE FROM entry WHERE seq = ?", [(seq,) for _, seq in self._deleting])
            # The last number of each stream is its largest.
            largest = dict(self._deleting).items()
            self._connection.executemany("INSERT OR REPLACE INTO stream (name, evicted) VALUES (?, ?)", largest)

    def _apply_or_undo(self, change: Change) -> None:
        """Apply the change. If it fails, and the disk does not, undo it alone and set its error."""
        last = self._last
        self._connection.execute("SAVEPOINT change")
        try:
            self._apply(change)
        except sqlite3.Error:
            raise
        except Exception as error:  # noqa: BLE001  # it concerns only this change
            self._last = last
            change.error = error
            self._connection.execute("ROLLBACK TO change")
        self._connection.execute("RELEASE change")

    def _apply(self, change: Change) -> None:
        execute = self._connection.execute
        for key, _, if_version in change.puts:
            if if_version is not None:
                row = execute("SELECT version FROM record WHERE key = ?", (key,)).fetchone()
                if if_version != (row[0] if row else 0):
                    raise Conflict("the record was changed by somebody else meanwhile: read it again")
        if change.appends:
            rows = [(seq, *append[:5]) for seq, append in enumerate(change.appends, self._last + 1)]
            self._connection.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)", rows)
            change.seqs = [row[0] for row in rows]
            self._last += len(rows)
        for key, value, _ in change.puts:
            if value is None:
                change.put_results.append(execute("DELETE FROM record WHERE key = ?", (key,)).rowcount)
            else:
                cursor = execute("INSERT OR REPLACE INTO record (key, value) VALUES (?, ?)", (key, value))
                change.put_results.append(cursor.lastrowid or 0)
        if change.drops:
            seqs = [(seq,) for seq in change.drops]
            change.dropped = self._connection.executemany("DELETE FROM entry WHERE seq = ?", seqs).rowcount

    # --- in the event loop ------------------------------------------------------------------------------

    def _finish(self, changes: list[Change]) -> None:
        for change in changes:
            if change.error is None:
                self._on_committed(change)
            if change.done is None or change.done.done():
                continue  # the caller was cancelled
            if change.error is None:
                change.done.set_result(None)
            else:
                change.done.set_exception(change.error)

    def _end(self, _: list[Change]) -> None:
        self._ended.set_result(None)
