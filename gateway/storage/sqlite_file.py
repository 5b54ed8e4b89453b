"""The file of a SQLite store: its lock, its schema and migrations, and what its errors mean.

``PRAGMA user_version`` is the version of the schema. ``PRAGMA application_id`` marks the file as ours. A released
schema version never changes: a change is a further entry of ``MIGRATIONS``.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from gateway.core.errors import ConfigError, StoreFailed

# The file holds verification codes, so it and its folders are for their owner only.
_FILE_MODE = 0o600
_FOLDER_MODE = 0o700
# How long to wait for a lock that another program holds.
_BUSY_SECONDS = 2.0

Migrations: TypeAlias = Sequence[Sequence[str]]
"""Each item is the list of SQL statements that makes the next schema version."""

_APPLICATION_ID = 0x63677731

# AUTOINCREMENT: a seq or a version is never given twice, not even after its row is deleted.
# entry.keys is a JSON array of strings, and each value a JSON object, both in ASCII.
# entry.at is in seconds since the epoch.
# stream.evicted is the largest seq that a bound has evicted.
# record.key is UTF-8 as bytes, since it may hold surrogates. Bytes sort as the text does.
_VERSION_1 = (
    f"PRAGMA application_id = {_APPLICATION_ID}",
    """CREATE TABLE entry (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        stream TEXT NOT NULL,
        at REAL NOT NULL,
        size INTEGER NOT NULL,
        keys TEXT NOT NULL,
        value TEXT NOT NULL
    )""",
    "CREATE TABLE stream (name TEXT PRIMARY KEY, evicted INTEGER NOT NULL) WITHOUT ROWID",
    """CREATE TABLE record (
        version INTEGER PRIMARY KEY AUTOINCREMENT,
        key BLOB NOT NULL UNIQUE,
        value TEXT NOT NULL
    )""",
)

MIGRATIONS: Migrations = (_VERSION_1,)
SCHEMA_VERSION = len(MIGRATIONS)


@dataclass(frozen=True, slots=True)
class OpenFile:
    """The connections to a file that is open and locked."""

    writer: sqlite3.Connection
    """In autocommit mode. Only one thread at a time may use it."""
    reader: sqlite3.Connection
    """Cannot change anything."""
    resources: ExitStack
    """The connections and the lock."""

    def close(self) -> None:
        """Close the connections, which moves the write-ahead log into the file, and release the lock."""
        self.resources.close()


def open_file(path: Path, migrations: Migrations = MIGRATIONS) -> OpenFile:
    """Open the file, or create it with its folders; lock it, and bring its schema to the newest version.

    Raises ConfigError if the file cannot be used, or another gateway uses it.
    """
    with ExitStack() as stack, as_config_error(path):
        real = path.resolve()
        if real.is_dir():
            raise ConfigError(f"store: {path} is a folder: name a file in it, such as sqlite:{path}/gateway.db")
        _make_folders(real.parent)
        stack.enter_context(_locked(real))
        os.close(os.open(real, os.O_RDWR | os.O_CREAT, _FILE_MODE))
        writer = _connect(real, stack)
        if _is_foreign(writer):
            raise ConfigError(f"store: {path} is the database of another program: name another file")
        if _version(writer) > len(migrations):
            raise ConfigError(
                f"store: {path} was written by a newer gateway (schema {_version(writer)}, this one knows "
                f"{len(migrations)}): update this gateway, or name another file"
            )
        _migrate(writer, migrations)
        writer.execute("PRAGMA journal_mode = WAL")
        # A commit returns when its data is on the disk, not when the operating system has received it.
        writer.execute("PRAGMA synchronous = FULL")
        writer.execute(f"PRAGMA journal_size_limit = {16 * 1024 * 1024}")
        # Fail now if the file is read-only, not at the first send.
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("ROLLBACK")
        reader = _connect(real, stack)
        reader.execute("PRAGMA query_only = ON")
        return OpenFile(writer, reader, stack.pop_all())


def _connect(path: Path, stack: ExitStack) -> sqlite3.Connection:
    # The connection is made in one thread and used in another, but never in two at once.
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    stack.callback(connection.close)
    return connection


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock of the file. The operating system releases it if this process is killed.

    The lock file is never removed: another process could have locked it just before the removal.
    """
    lock = path.with_name(f"{path.name}.lock")
    handle = os.open(lock, os.O_RDWR | os.O_CREAT, _FILE_MODE)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(handle, 20).decode("ascii", "replace").strip()
            raise ConfigError(
                f"store: another gateway (pid {holder or 'unknown'}) has {path} open; give this one another "
                "--store or stop that one"
            ) from None
        os.ftruncate(handle, 0)
        os.write(handle, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(handle)


def _make_folders(folder: Path) -> None:
    """Make all missing folders with our mode. ``mkdir(parents=True)`` gives its mode to the last one only."""
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for path in reversed(missing):
        path.mkdir(_FOLDER_MODE, exist_ok=True)


# --- schema -------------------------------------------------------------------------------------------------


def _migrate(connection: sqlite3.Connection, migrations: Migrations) -> None:
    """Bring the schema to the newest version. If a statement fails, the file stays as it was."""
    current = _version(connection)
    if current >= len(migrations):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statements in migrations[current:]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(migrations)}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _version(connection: sqlite3.Connection) -> int:
    """Return the schema version, 0 for an empty file."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _is_foreign(connection: sqlite3.Connection) -> bool:
    """Return whether the file is the database of another program."""
    if connection.execute("PRAGMA application_id").fetchone()[0] == _APPLICATION_ID:
        return False
    return connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] > 0 or _version(connection) > 0


# --- errors -------------------------------------------------------------------------------------------------

# Primary result codes (sqlite.org/rescode.html). The texts of SQLite itself may hold data.
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


def _reason(error: sqlite3.Error) -> str:
    """Return a clause that says what went wrong, without any data."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    if code is None:  # an error of Python's module, not of SQLite
        return "SQLite cannot do that"
    primary = code & 0xFF
    return _REASONS.get(primary, f"SQLite failed with code {primary}")


@contextlib.contextmanager
def as_config_error(path: Path) -> Iterator[None]:
    """Raise every error that the block meets with the file as a ConfigError."""
    try:
        yield
    except OSError as error:
        why = (error.strerror or "cannot be opened").lower()
        raise ConfigError(f"store: {path}: {why}: name a file that this user may write") from None
    except sqlite3.Error as error:
        raise ConfigError(f"store: {path} cannot be used: {_reason(error)}") from None
    except ValueError:
        raise ConfigError(f"store: {path} cannot be used: its file is damaged") from None


def unavailable(error: sqlite3.Error) -> StoreFailed:
    """Return the error of a call that fails because the disk or the file does."""
    return StoreFailed(f"the store does not work now: {_reason(error)}")


def closed() -> StoreFailed:
    """Return the error of a call to a store that is closed."""
    return StoreFailed("the store is closed: the gateway is stopping")
