"""Opening the file: who may, what it says when it cannot be, and how an older one becomes one of today."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from gateway.core.errors import ConfigError
from gateway.storage.sqlite import SCHEMA_VERSION, open_sqlite
from gateway.storage.sqlite_file import MIGRATIONS, open_file
from tests.support.wall_clock import WallClock

FIRST = Path(__file__).with_name("schema_1.sql")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "gateway.db"


@pytest.fixture
def first(file: Path) -> Path:
    """A file of the first release."""
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(FIRST.read_text("utf-8"))
    return file


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def refusal(file: Path) -> str:
    """The one line that somebody reads who cannot open it."""
    with pytest.raises(ConfigError) as caught:
        open_file(file)
    message = caught.value.message
    assert message.startswith("store: ")
    assert "\n" not in message
    assert str(file) in message
    return message


# --- who may --------------------------------------------------------------------------------------------


def test_folders_and_files_are_for_their_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "a" / "b" / "gateway.db"
    before = os.umask(0)
    try:
        opened = open_file(file)
        opened.writer.execute("INSERT INTO record (key, value) VALUES (x'61', '{}')")
        assert {path.name: mode(path) for path in file.parent.iterdir()} == {
            "gateway.db": 0o600,
            "gateway.db-wal": 0o600,
            "gateway.db-shm": 0o600,
            "gateway.db.lock": 0o600,
        }
        opened.close()
    finally:
        os.umask(before)
    assert mode(tmp_path / "a") == mode(tmp_path / "a" / "b") == 0o700


def test_what_is_on_the_disk_is_there_when_a_commit_returns(file: Path) -> None:
    opened = open_file(file)
    assert opened.writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert opened.writer.execute("PRAGMA synchronous").fetchone() == (2,)
    opened.close()


def test_the_reading_connection_changes_nothing(file: Path) -> None:
    opened = open_file(file)
    with pytest.raises(sqlite3.OperationalError):
        opened.reader.execute("DELETE FROM record")
    opened.close()


@contextmanager
def unprivileged(folder: Path) -> Iterator[None]:
    """Somebody who may not write there: nobody, for whom no folder of root's is open; else we take the right."""
    if os.geteuid() == 0:
        os.seteuid(65534)
        try:
            yield
        finally:
            os.seteuid(0)
    else:
        folder.chmod(0o500)
        try:
            yield
        finally:
            folder.chmod(0o700)


def test_a_folder_that_this_user_may_not_write_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir(0o700)
    with unprivileged(folder):
        assert "permission denied: name a file that this user may write" in refusal(folder / "gateway.db")


# --- one process ----------------------------------------------------------------------------------------


def test_a_file_that_another_gateway_has_open_is_told_with_its_pid(file: Path) -> None:
    opened = open_file(file)
    other = file.parent / "other.db"
    other.symlink_to(file)
    for name in (file, other):
        with pytest.raises(ConfigError, match=f"another gateway \\(pid {os.getpid()}\\) has .* open; give"):
            open_file(name)
    opened.close()
    open_file(other).close()


def test_a_gateway_that_was_killed_leaves_no_lock(file: Path) -> None:
    script = (
        "import sys, pathlib; from gateway.storage.sqlite_file import open_file\n"
        "opened = open_file(pathlib.Path(sys.argv[1]))\n"
        "opened.writer.execute(\"INSERT INTO record (key, value) VALUES (x'61', '{}')\")\n"
        "print(flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-P", "-c", script, str(file)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert f"pid {process.pid}" in refusal(file)
        process.kill()
    opened = open_file(file)
    assert opened.reader.execute("SELECT key FROM record").fetchall() == [(b"a",)]
    opened.close()


# --- no store -------------------------------------------------------------------------------------------


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    assert f"is a folder: name a file in it, such as sqlite:{tmp_path}/gateway.db" in refusal(tmp_path)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert "not a directory" in refusal(tmp_path / "file" / "gateway.db")


def test_a_file_of_something_else_is_refused_and_left_alone(file: Path) -> None:
    file.write_text("a letter to somebody\n" * 100)
    before = file.read_bytes()
    assert "its file is not a database" in refusal(file)
    assert file.read_bytes() == before


async def test_a_file_that_is_damaged_is_told(file: Path) -> None:
    store = await open_sqlite(file, wall=WallClock())
    for _ in range(100):
        await store.log.append("s", {"text": "x" * 2000})
    await store.close()
    with file.open("r+b") as inside:
        inside.seek(20 * 4096)
        inside.write(b"\xa5" * 10 * 4096)
    with pytest.raises(ConfigError, match="cannot be used: its file is damaged"):
        await open_sqlite(file, wall=WallClock())
    open_file(file).close()


def test_a_database_of_another_program_is_refused_and_left_alone(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    before = file.read_bytes()
    assert "is the database of another program: name another file" in refusal(file)
    assert file.read_bytes() == before


def test_an_empty_file_becomes_a_store(file: Path) -> None:
    file.touch()
    open_file(file).close()
    open_file(file).close()


def test_a_store_of_a_newer_gateway_is_refused_and_left_alone(first: Path) -> None:
    with closing(sqlite3.connect(first)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    before = first.read_bytes()
    said = refusal(first)
    assert f"written by a newer gateway (schema {SCHEMA_VERSION + 1}, this one knows {SCHEMA_VERSION})" in said
    assert first.read_bytes() == before


def test_a_refusal_lets_go_of_the_lock(file: Path) -> None:
    file.write_text("a letter to somebody\n" * 100)
    refusal(file)
    file.unlink()
    open_file(file).close()


# --- migrations -----------------------------------------------------------------------------------------

SECOND = (*MIGRATIONS, ("ALTER TABLE entry ADD COLUMN note TEXT", "UPDATE entry SET note = 'made by ' || stream"))
BROKEN = (*SECOND, ("DELETE FROM entry", "DROP TABLE stream", "INSERT INTO nothing VALUES (1)"))


def schema(file: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()


async def test_a_store_of_the_first_release_opens_with_all_that_it_held(first: Path) -> None:
    store = await open_sqlite(first, wall=WallClock())
    captures = await store.log.read("captures", key="to:+8613800138000")
    assert captures == [
        (4, "captures", {"id": "cap_1", "text": "短信 \udc80 \x00"}, 1800000000.25),
        (7, "captures", {"id": "cap_2"}, 1800000002.0),
    ]
    assert [entry.seq for entry in await store.log.read("exchanges", key="id:ex_1")] == [5]
    taken = {"through": 4, "before": 0, "tokens": {"take_1": "cap_1"}}
    assert await store.records.scan("taken/") == [("taken/+8613800138000", (taken, 6))]
    assert store.log.evicted("captures") == 3
    assert await store.log.append("captures", {}) == 10
    assert await store.records.put("a", {}) == 9
    await store.close()


def test_version_1_is_what_the_first_release_made(first: Path, tmp_path: Path) -> None:
    """Who changes a table writes a migration; an old one must not be edited."""
    made = tmp_path / "made.db"
    open_file(made, MIGRATIONS[:1]).close()
    assert schema(made) == schema(first)


def test_a_store_that_went_through_all_migrations_has_the_tables_of_a_new_one(first: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.db"
    for file in (first, new):
        open_file(file, SECOND).close()
    assert schema(first) == schema(new)
    assert "note TEXT" in str(schema(first))


def test_a_migration_keeps_and_changes_what_is_there_once(first: Path) -> None:
    for _ in range(2):
        opened = open_file(first, SECOND)
        found = opened.reader.execute("SELECT seq, note FROM entry").fetchall()
        assert found == [(4, "made by captures"), (5, "made by exchanges"), (7, "made by captures")]
        assert opened.reader.execute("PRAGMA user_version").fetchone() == (2,)
        opened.close()


def test_a_migration_that_fails_leaves_the_file_as_it_was(first: Path) -> None:
    before = first.read_bytes()
    with pytest.raises(ConfigError, match="cannot be used"):
        open_file(first, BROKEN)
    assert first.read_bytes() == before
    assert not first.with_name("gateway.db-wal").exists()
    open_file(first).close()


def test_a_new_store_whose_migration_fails_is_an_empty_file(file: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be used"):
        open_file(file, BROKEN)
    assert schema(file) == []
    open_file(file).close()
