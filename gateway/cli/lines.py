"""Lines to a file descriptor, by a thread: nobody who logs waits for whoever reads, or does not."""

from __future__ import annotations

import os
import select
import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

# So lines are written together, which costs a call to the kernel for many of them.
_GATHER_SECONDS = 0.05
_CLOSE_SECONDS = 1.0
# Behind a reader that does not read. Some megabytes.
_ROOM = 10_000

T = TypeVar("T")


class Lines(Generic[T]):
    """``render`` makes the text of a line, in the thread. Lines beyond ``room`` unwritten ones are dropped;
    ``lost`` makes the line that says how many."""

    def __init__(
        self,
        descriptor: int,
        render: Callable[[T], str],
        lost: Callable[[int], T],
        *,
        room: int = _ROOM,
        gather: float = _GATHER_SECONDS,
    ) -> None:
        self._descriptor = descriptor
        self._render = render
        self._lost = lost
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
        """From any thread."""
        if len(self._lines) >= self._room:
            self._dropped += 1
            return
        self._lines.append(line)
        if not self._woken:
            self._woken = True
            self._wake.set()

    def close(self) -> None:
        """Write what is left, for a second at most."""
        self._closing.set()
        self._wake.set()
        self._thread.join(_CLOSE_SECONDS)

    def _run(self) -> None:
        while True:
            self._wake.wait()
            last = self._closing.wait(self._gather)
            self._wake.clear()
            # After the event: a line that comes in between is written below.
            self._woken = False
            try:
                self._write(self._text())
            except OSError:
                return  # nobody is there to read, now or ever
            if last:
                return

    def _text(self) -> bytes:
        lines = [self._lines.popleft() for _ in range(len(self._lines))]
        if self._dropped:
            lines.append(self._lost(self._dropped))
            self._dropped = 0
        return "".join([f"{self._render(line)}\n" for line in lines]).encode("utf-8", "backslashreplace")

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(self._descriptor, rest) :]
            except BlockingIOError:  # somebody made it so, for all who share it
                select.select([], [self._descriptor], [])
