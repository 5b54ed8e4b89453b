"""The thread that writes: it takes all changes that wait, and commits them together.

A commit waits for the disk, so who comes meanwhile shares the next one: under load there is one commit for many
changes. Each is told only after the commit. A change whose record versions do not fit fails alone; where the disk
fails, all of that commit do, and nothing of it has happened.
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
from gateway.storage.sqlite_errors import closed, unavailable
from gateway.storage.sqlite_file import Opened


class Append(NamedTuple):
    """An entry to be. ``packed_keys`` and ``value`` are JSON."""

    stream: str
    at: float
    size: int
    packed_keys: str
    value: str
    keys: tuple[str, ...]


class Put(NamedTuple):
    """A record to be; a ``value`` of None deletes it."""

    key: bytes
    value: str | None
    if_version: int | None = None


@dataclass(slots=True)
class Change:
    """What happens together or not at all, and then what came of it: ``seqs`` of the appends, for each put its
    version (for a delete: how many there were), the number of entries ``dropped``, or the ``error``."""

    appends: Sequence[Append] = ()
    puts: Sequence[Put] = ()
    stream: str = ""
    drops: Sequence[int] = ()
    seqs: list[int] = field(default_factory=list)
    results: list[int] = field(default_factory=list)
    dropped: int = 0
    error: Exception | None = None
    done: asyncio.Future[None] | None = None


class Writer:
    """``last`` is the newest seq given so far. ``evicted``: stream and seq of what the index has let go; it is
    erased with the next change. ``on_kept`` is called in the event loop for each change that is on the disk,
    before its caller goes on."""

    def __init__(
        self, opened: Opened, last: int, evicted: deque[tuple[str, int]], on_kept: Callable[[Change], None]
    ) -> None:
        self._opened = opened
        self._connection = opened.writer
        self._last = last
        self._on_kept = on_kept
        self._loop = asyncio.get_running_loop()
        self._ended = self._loop.create_future()
        self._queue: SimpleQueue[Change | None] = SimpleQueue()
        # The event loop puts in at one end, the thread takes out at the other.
        self._evicted = evicted
        # Taken out, and not yet erased for sure.
        self._erasing: list[tuple[str, int]] = []
        self._thread = threading.Thread(target=self._run, name="store", daemon=True)
        self.closing = False

    def start(self) -> None:
        self._thread.start()

    async def run(self, change: Change) -> Change:
        """Raises StoreFailed, Conflict. A caller that is cancelled does not call the change back."""
        if self.closing:
            raise closed()
        change.done = self._loop.create_future()
        self._queue.put(change)
        await change.done
        return change

    async def close(self) -> None:
        """Finish what was asked for, then let go of the file."""
        if not self.closing:
            self.closing = True
            self._queue.put(None)
        await asyncio.shield(self._ended)
        self._thread.join()

    # --- in the thread ----------------------------------------------------------------------------------

    def _run(self) -> None:
        going_on = True
        while going_on:
            group = [self._queue.get()]
            with contextlib.suppress(Empty):
                while True:
                    group.append(self._queue.get_nowait())
            going_on = None not in group
            changes = [change for change in group if change is not None]
            self._commit(changes)
            self._tell(self._settle, changes)
        with contextlib.suppress(sqlite3.Error):  # what was committed is safe in the write-ahead log
            self._opened.close()
        self._tell(self._end, [])

    def _tell(self, what: Callable[[list[Change]], None], changes: list[Change]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(what, changes)

    def _commit(self, changes: list[Change]) -> None:
        last = self._last
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            self._erase()
            for change in changes:
                self._apply_alone(change)
            self._connection.execute("COMMIT")
            self._erasing.clear()
        except Exception as error:  # noqa: BLE001  # the thread must live on, and every caller must hear of it
            self._last = last
            with contextlib.suppress(sqlite3.Error):
                self._connection.rollback()
            for change in changes:
                change.error = unavailable(error) if isinstance(error, sqlite3.Error) else error

    def _erase(self) -> None:
        while self._evicted:
            self._erasing.append(self._evicted.popleft())
        if self._erasing:
            self._connection.executemany("DELETE FROM entry WHERE seq = ?", [(seq,) for _, seq in self._erasing])
            # The last of each stream is its newest.
            marks = dict(self._erasing).items()
            self._connection.executemany("INSERT OR REPLACE INTO stream (name, evicted) VALUES (?, ?)", marks)

    def _apply_alone(self, change: Change) -> None:
        last = self._last
        self._connection.execute("SAVEPOINT change")
        try:
            self._apply(change)
        except sqlite3.Error:
            raise
        except Exception as error:  # noqa: BLE001  # what is wrong with one change is no matter of the others
            self._last = last
            change.error = error
            self._connection.execute("ROLLBACK TO change")
        self._connection.execute("RELEASE change")

    def _apply(self, change: Change) -> None:
        execute = self._connection.execute
        for key, _, if_version in change.puts:
            if if_version is not None:
                found = execute("SELECT version FROM record WHERE key = ?", (key,)).fetchone()
                if if_version != (found[0] if found else 0):
                    raise Conflict("the record was changed by somebody else meanwhile: read it again")
        if change.appends:
            rows = [(seq, *one[:5]) for seq, one in enumerate(change.appends, self._last + 1)]
            self._connection.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)", rows)
            change.seqs = [row[0] for row in rows]
            self._last += len(rows)
        for key, value, _ in change.puts:
            if value is None:
                change.results.append(execute("DELETE FROM record WHERE key = ?", (key,)).rowcount)
            else:
                made = execute("INSERT OR REPLACE INTO record (key, value) VALUES (?, ?)", (key, value))
                change.results.append(made.lastrowid or 0)
        if change.drops:
            doomed = [(seq,) for seq in change.drops]
            change.dropped = self._connection.executemany("DELETE FROM entry WHERE seq = ?", doomed).rowcount

    # --- in the event loop ------------------------------------------------------------------------------

    def _settle(self, changes: list[Change]) -> None:
        for change in changes:
            if change.error is None:
                self._on_kept(change)
            if change.done is None or change.done.done():
                continue  # whoever asked was cancelled
            if change.error is None:
                change.done.set_result(None)
            else:
                change.done.set_exception(change.error)

    def _end(self, _: list[Change]) -> None:
        self._ended.set_result(None)
