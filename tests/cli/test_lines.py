"""Lines reach a descriptor in order, and nobody waits for whoever does not read them."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator

import pytest

from gateway.cli.lines import Lines

PATIENCE = 10.0
Pipe = tuple[int, int]


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    reader, writer = os.pipe()
    yield reader, writer
    for descriptor in (reader, writer):
        try:
            os.close(descriptor)
        except OSError:  # the test closed it
            continue


def lines_to(descriptor: int, render: Callable[[str], str] = str, room: int = 10_000) -> Lines[str]:
    return Lines(descriptor, render, lambda count: f"{count} lost", room=room, gather=0.001)


def test_lines_of_many_threads_arrive_whole_and_each_thread_s_in_order(pipe: Pipe) -> None:
    reader, writer = pipe
    lines = lines_to(writer)

    def say(name: str) -> None:
        for n in range(200):
            lines.put(f"{name}:{n}")

    threads = [threading.Thread(target=say, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    lines.close()
    os.close(writer)
    with os.fdopen(os.dup(reader)) as read:
        said = read.read().splitlines()
    for name in "abcd":
        assert [line for line in said if line.startswith(name)] == [f"{name}:{n}" for n in range(200)]


def test_a_line_is_written_without_a_close(pipe: Pipe) -> None:
    reader, writer = pipe
    lines = lines_to(writer)
    for n in range(3):
        lines.put(f"{n}")
        assert os.read(reader, 100) == f"{n}\n".encode()
    lines.close()


def test_without_a_reader_nobody_waits_and_what_was_dropped_is_counted(pipe: Pipe) -> None:
    reader, writer = pipe
    stuck = threading.Event()

    def render(line: str) -> str:
        stuck.set()
        return line

    lines = lines_to(writer, render, room=10)
    lines.put("x" * 1_000_000)  # more than a pipe holds: the thread is in the kernel until somebody reads
    assert stuck.wait(PATIENCE)
    for n in range(100):
        lines.put(f"{n}")
    got = b""
    while not got.endswith(b"lost\n"):
        got += os.read(reader, 65536)
    assert got.splitlines()[1:] == [*[f"{n}".encode() for n in range(10)], b"90 lost"]
    lines.close()


def test_a_reader_that_is_gone_ends_it_quietly(pipe: Pipe) -> None:
    reader, writer = pipe
    lines = lines_to(writer)
    os.close(reader)
    lines.put("nobody hears")
    lines.close()
    lines.put("nor this")


def test_a_descriptor_that_does_not_block_gets_every_byte(pipe: Pipe) -> None:
    reader, writer = pipe
    os.set_blocking(writer, False)
    lines = lines_to(writer)
    lines.put("x" * 1_000_000)
    got = b""
    while not got.endswith(b"\n"):
        got += os.read(reader, 65536)
    assert len(got) == 1_000_001
    lines.close()


def test_what_no_encoding_knows_is_escaped(pipe: Pipe) -> None:
    reader, writer = pipe
    lines = lines_to(writer)
    lines.put("…\udcff")
    lines.close()
    assert os.read(reader, 100) == "…\\udcff\n".encode()
