"""What makes counting safe: one count at a time in a gateway. The counts themselves are records of the store."""

from __future__ import annotations

import asyncio

_SWEEP_EVERY = 256


class Ledger:
    """``turn`` is held from reading a count to writing it. It belongs to the fake's ``FakeSettings`` and goes over
    to those that replace them."""

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self._writes = 0

    def sweep_is_due(self) -> bool:
        """Every so many writes, so that counts of numbers that nobody writes to any more do not stay for ever."""
        self._writes += 1
        return self._writes % _SWEEP_EVERY == 0
