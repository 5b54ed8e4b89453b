"""A wall clock that only tests move: what is about real time is tested without waiting for it."""

from __future__ import annotations

START = 1_800_000_000.0


class WallClock:
    """Call it for the time, as ``time.time``."""

    def __init__(self, start: float = START) -> None:
        self.time = start

    def __call__(self) -> float:
        return self.time

    def go(self, seconds: float) -> None:
        self.time += seconds
