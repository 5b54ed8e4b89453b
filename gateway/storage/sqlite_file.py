"""The file of a SQLite store: opened, locked, checked, migrated."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from gateway.core.errors import ConfigError
from gateway.storage.sqlite_errors import reason
from gateway.storage.sqlite_schema import MIGRATIONS, Migrations, is_foreign, migrate, version

# Codes are in it: nobody else reads them.
_FILE_MODE = 0o600
_FOLDER_MODE = 0o700
# For another program that writes to the file: none should.
_BUSY_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Opened:
    """``writer`` is for one thread at a time, ``reader`` cannot change anything. ``close`` lets go of all."""

    writer: sqlite3.Connection
    reader: sqlite3.Connection
    resources: ExitStack

    def close(self) -> None:
        """The last connection that closes moves what is in the write-ahead log into the file."""
        self.resources.close()


def open_file(path: Path, migrations: Migrations = MIGRATIONS) -> Opened:
    """Raises ConfigError with what is wrong, and what would help."""
    with ExitStack() as stack, explained(path):
        real = path.resolve()
        if real.is_dir():
            raise ConfigError(f"store: {path} is a folder: name a file in it, such as sqlite:{path}/gateway.db")
        _make_folders(real.parent)
        stack.enter_context(_locked(real))
        os.close(os.open(real, os.O_RDWR | os.O_CREAT, _FILE_MODE))
        writer = _connect(real, stack)
        if is_foreign(writer):
            raise ConfigError(f"store: {path} is the database of another program: name another file")
        if version(writer) > len(migrations):
            raise ConfigError(
                f"store: {path} was written by a newer gateway (schema {version(writer)}, this one knows "
                f"{len(migrations)}): update this gateway, or name another file"
            )
        migrate(writer, migrations)
        writer.execute("PRAGMA journal_mode = WAL")
        # A commit returns when it is on the disk, not when the system has heard of it.
        writer.execute("PRAGMA synchronous = FULL")
        writer.execute(f"PRAGMA journal_size_limit = {16 * 1024 * 1024}")
        # Tells of a read-only file now, not at the first code.
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("ROLLBACK")
        reader = _connect(real, stack)
        reader.execute("PRAGMA query_only = ON")
        return Opened(writer, reader, stack.pop_all())


def _connect(path: Path, stack: ExitStack) -> sqlite3.Connection:
    # Made in one thread and used in another, but never in two at once.
    made = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    stack.callback(made.close)
    return made


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Ours alone, until we let go or die: the system releases the lock of a process that was killed.

    The lock's file stays: who removes it could remove the one that somebody else has just locked.
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
    """``mkdir(parents=True)`` would give its mode to the last one only."""
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for one in reversed(missing):
        one.mkdir(_FOLDER_MODE, exist_ok=True)


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Whatever goes wrong with the file as a ConfigError."""
    try:
        yield
    except OSError as error:
        why = (error.strerror or "cannot be opened").lower()
        raise ConfigError(f"store: {path}: {why}: name a file that this user may write") from None
    except sqlite3.Error as error:
        raise ConfigError(f"store: {path} cannot be used: {reason(error)}") from None
    except ValueError:
        raise ConfigError(f"store: {path} cannot be used: its file is damaged") from None
