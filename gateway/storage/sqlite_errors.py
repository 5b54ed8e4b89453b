"""What SQLite's errors mean, in our words: its own texts may hold data."""

from __future__ import annotations

import sqlite3

from gateway.core.errors import StoreFailed

# Primary result codes (sqlite.org/rescode.html).
_REASONS = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_IOERR: "the disk failed to read or write",
    sqlite3.SQLITE_READONLY: "its file or disk is read-only",
    sqlite3.SQLITE_CANTOPEN: "its file cannot be opened",
    sqlite3.SQLITE_PERM: "its file may not be written",
    sqlite3.SQLITE_BUSY: "another program is writing to its file",
    sqlite3.SQLITE_LOCKED: "another program is writing to its file",
    sqlite3.SQLITE_CORRUPT: "its file is damaged",
    sqlite3.SQLITE_NOTADB: "its file is not a database",
    sqlite3.SQLITE_TOOBIG: "a value is too large for it",
    sqlite3.SQLITE_NOMEM: "there is not enough memory",
}


def primary(error: sqlite3.Error) -> int | None:
    """The primary result code, None for an error of the Python module itself."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def reason(error: sqlite3.Error) -> str:
    """A clause in our words."""
    code = primary(error)
    return _REASONS.get(code, f"SQLite failed with code {code}") if code is not None else "SQLite cannot do that"


def unavailable(error: sqlite3.Error) -> StoreFailed:
    """For whoever asked for something meanwhile."""
    return StoreFailed(f"the store does not work now: {reason(error)}")


def closed() -> StoreFailed:
    """For whoever still asks."""
    return StoreFailed("the store is closed: the gateway is stopping")
