"""The gateway's own clock: real time until somebody moves, freezes or sets it."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

from gateway.core.model import Document, iso


class Clock(Protocol):
    """Two times in seconds since the epoch. ``now`` is the gateway's own time, which tests move; ``real`` is the
    wall clock. docs/design.md, "Virtual time", says which of the two each rule follows."""

    def now(self) -> float: ...
    def real(self) -> float: ...
    async def sleep_until(self, when: float) -> None:
        """Return when ``now()`` is at least ``when``."""

    async def pause(self, seconds: float) -> None:
        """Wait for this many real seconds."""


class MovableClock:
    """Implements ``Clock``. ``wall`` gives real seconds since the epoch.

    Moving it wakes every sleeper that is due, in order of their times, and runs what ``then`` was given, before the
    move returns; the gateway's due jobs are run so. Going back wakes nobody.
    """

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        self._wall = wall
        self._offset = 0.0
        self._frozen_at: float | None = None
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._timer: asyncio.TimerHandle | None = None
        self._then: list[Callable[[], Awaitable[object]]] = []

    def then(self, do: Callable[[], Awaitable[object]]) -> None:
        """Whenever somebody has moved the clock, do this before the move returns."""
        self._then.append(do)

    def now(self) -> float:
        return self._wall() + self._offset if self._frozen_at is None else self._frozen_at

    def real(self) -> float:
        return self._wall()

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def sleep_until(self, when: float) -> None:
        if self.now() >= when:
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        sleeper = (when, next(self._order), waiter)
        heapq.heappush(self._sleepers, sleeper)
        self._arm()
        try:
            await waiter
        except asyncio.CancelledError:
            self._sleepers = [one for one in self._sleepers if one is not sleeper]
            heapq.heapify(self._sleepers)
            raise

    async def advance(self, seconds: float) -> None:
        """Move by so many seconds; negative goes back."""
        await self.set(self.now() + seconds)

    async def set(self, when: float) -> None:
        """Make it ``when``; a clock that was frozen stays so."""
        if self._frozen_at is not None:
            self._frozen_at = when
        else:
            self._offset = when - self._wall()
        await self._wake()

    async def freeze(self) -> None:
        self._frozen_at = self.now()
        self._arm()

    async def unfreeze(self) -> None:
        """Let it run on from where it stands."""
        if self._frozen_at is not None:
            self._offset = self._frozen_at - self._wall()
            self._frozen_at = None
            self._arm()

    async def reset(self) -> None:
        """Back to real time."""
        self._frozen_at = None
        self._offset = 0.0
        await self._wake()

    def document(self) -> Document:
        frozen = self._frozen_at is not None
        offset = self.now() - self.real() if frozen else self._offset
        return {
            "now": iso(self.now()),
            "real": iso(self.real()),
            "offsetSeconds": round(offset, 3),
            "frozen": frozen,
        }

    async def _wake(self) -> None:
        while self._sleepers and self._sleepers[0][0] <= self.now():
            _, _, waiter = heapq.heappop(self._sleepers)
            if not waiter.done():
                waiter.set_result(None)
                # Each sleeper runs before the next is woken: jobs stay in the order of their times.
                await asyncio.sleep(0)
        self._arm()
        for do in self._then:
            await do()

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._sleepers and self._frozen_at is None:
            delay = max(0.0, self._sleepers[0][0] - self.now())
            self._timer = asyncio.get_running_loop().call_later(delay, self._ring)

    def _ring(self) -> None:
        while self._sleepers and self._sleepers[0][0] <= self.now():
            _, _, waiter = heapq.heappop(self._sleepers)
            if not waiter.done():
                waiter.set_result(None)
        self._arm()
