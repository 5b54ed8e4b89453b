"""The tables, and how a file of an older gateway becomes one of today.

``PRAGMA user_version`` is the version of the schema, ``PRAGMA application_id`` says that the file is ours. A
version, once released, never changes: what comes next is a further entry of ``MIGRATIONS``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import TypeAlias

Migrations: TypeAlias = Sequence[Sequence[str]]

APPLICATION_ID = 0x63677731

# AUTOINCREMENT: no seq and no version comes twice, also when the row that had it is gone.
# entry.keys is a JSON array of strings, each value a JSON object, both ASCII only; at is seconds since the epoch.
# stream.evicted is the newest seq that a bound has removed.
# record.key is UTF-8, as bytes, since it may hold surrogates; bytes sort as the text does.
_VERSION_1 = (
    f"PRAGMA application_id = {APPLICATION_ID}",
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

# The first entry makes version 1 of an empty file, the next one version 2 of that, and so on.
MIGRATIONS: Migrations = (_VERSION_1,)
SCHEMA_VERSION = len(MIGRATIONS)


def migrate(connection: sqlite3.Connection, migrations: Migrations = MIGRATIONS) -> None:
    """Bring the file to the newest version: all steps, or none where one fails. Raises sqlite3.Error.

    ``connection`` is in autocommit mode (``isolation_level`` None).
    """
    found = version(connection)
    if found >= len(migrations):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statements in migrations[found:]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(migrations)}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def version(connection: sqlite3.Connection) -> int:
    """0 for an empty file."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def is_foreign(connection: sqlite3.Connection) -> bool:
    """Is it a database, but somebody else's?"""
    if connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID:
        return False
    return connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] > 0 or version(connection) > 0
