"""Reading a SQLite store: the committed state, in the thread of the event loop. Why there: ``sqlite_log``."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from gateway.storage.log_index import Kept, LogIndex
from gateway.storage.sqlite_errors import closed, unavailable


class Reader:
    """A connection that cannot change anything. Each statement sees the latest commit."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.closed = False

    def all(self, statement: str, values: tuple[object, ...] = ()) -> list[Any]:
        """All rows. Raises StoreFailed."""
        if self.closed:
            raise closed()
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise unavailable(error) from None

    def one(self, statement: str, values: tuple[object, ...] = ()) -> Any:
        """The first row, or None. Raises StoreFailed."""
        found = self.all(statement, values)
        return found[0] if found else None


def fill(index: LogIndex, connection: sqlite3.Connection) -> None:
    """Put all that the file holds into an empty index. Raises sqlite3.Error, and ValueError for keys that are no
    JSON."""
    for name, evicted in connection.execute("SELECT name, evicted FROM stream"):
        index.place(name).evicted = evicted
    for seq, stream, at, size, keys in connection.execute(
        "SELECT seq, stream, at, size, keys FROM entry ORDER BY seq"
    ):
        index.place(stream).add(seq, Kept(b"", at, tuple(json.loads(keys)), size))
    last = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'entry'").fetchone()
    index.last = last[0] if last else 0
    for name in list(index.streams):
        index.stream(name)  # evicts what is too much or too old by now
