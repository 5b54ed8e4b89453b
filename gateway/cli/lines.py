"""A thread that writes lines to a file descriptor, so that a slow reader of the log never delays a request."""

from __future__ import annotations

import os
import select
import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

# How long lines are collected, to be written with one call of the kernel.
_GATHER_SECONDS = 0.05
_CLOSE_SECONDS = 1.0
# Lines that are kept for a reader that does not read: some megabytes.
_ROOM = 10_000

T = TypeVar("T")


class Lines(Generic[T]):
    """Lines that are written by a thread, in order.

    Args:
        render: makes the text of a line. Called in the thread.
        dropped: makes the line that says how many lines were dropped.
        room: how many unwritten lines are kept. Further ones are dropped.
        gather: how long lines are collected before they are written, in seconds.
    """

    def __init__(
        self,
        descriptor: int,
        render: Callable[[T], str],
        dropped: Callable[[int], T],
        *,
        room: int = _ROOM,
        gather: float = _GATHER_SECONDS,
    ) -> None:
        self._descriptor = descriptor
        self._render = render
        self._dropped_line = dropped
        self._room = room
        self._gather = gather
        self._lines: deque[T] = deque()
        self._dropped = 0
        self._woken = False
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    def put(self, line: T) -> None:
        """Write a line soon, or drop it if there is no room. Safe to call from any thread."""
        if len(self._lines) >= self._room:
            self._dropped += 1
            return
        self._lines.append(line)
        if not self._woken:
            self._woken = True
            self._wake.set()

    def close(self) -> None:
        """Write the remaining lines, which may take a second at most, and end the thread."""
        self._closing.set()
        self._wake.set()
        self._thread.join(_CLOSE_SECONDS)

    def _run(self) -> None:
        while True:
            self._wake.wait()
            last = self._closing.wait(self._gather)
            self._wake.clear()
            # After the event is cleared: a line that is put in between is written below.
            self._woken = False
            try:
                self._write(self._text())
            except OSError:
                return  # the reader has closed its end
            if last:
                return

    def _text(self) -> bytes:
        lines = [self._lines.popleft() for _ in range(len(self._lines))]
        if self._dropped:
            lines.append(self._dropped_line(self._dropped))
            self._dropped = 0
        return "".join([f"{self._render(line)}\n" for line in lines]).encode("utf-8", "backslashreplace")

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(self._descriptor, rest) :]
            except BlockingIOError:  # another process that shares the descriptor made it non-blocking
                select.select([], [self._descriptor], [])
