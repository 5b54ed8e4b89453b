"""The gateway's clock: real time, until a test moves, sets or freezes it."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Protocol

from gateway.core.model import Document, iso


class Clock(Protocol):
    """The gateway's time, which tests move, and real time. Both are seconds since the epoch.

    docs/design.md, "Virtual time", says which of the two each rule follows.
    """

    def now(self) -> float:
        """Return the gateway's time."""

    def real(self) -> float:
        """Return real time."""

    async def sleep_until(self, when: float) -> None:
        """Sleep until the gateway's time is ``when`` or later."""

    async def pause(self, seconds: float) -> None:
        """Sleep for this many seconds of real time."""


class MovableClock:
    """Implements ``Clock``.

    A move forward wakes the sleepers that are due, in the order of their times, and runs the ``after_move``
    callbacks (one of them runs the due jobs) before it returns. A move back wakes no sleeper, and runs the
    callbacks too.
    """

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        """
        Args:
            wall: Real time, in seconds since the epoch.
        """
        self._wall = wall
        self._offset = 0.0
        self._frozen_at: float | None = None
        # A heap: time, order of the calls, and what the sleeper awaits.
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._timer: asyncio.TimerHandle | None = None
        self._after_move: list[Callable[[], Awaitable[object]]] = []

    def after_move(self, callback: Callable[[], Awaitable[object]]) -> None:
        """Run the callback after each ``advance``, ``set`` and ``reset``, before the call returns."""
        self._after_move.append(callback)

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
        self._set_timer()
        try:
            await waiter
        except asyncio.CancelledError:
            self._sleepers = [other for other in self._sleepers if other is not sleeper]
            heapq.heapify(self._sleepers)
            raise

    async def advance(self, seconds: float) -> None:
        """Move the clock by this many seconds. A negative number moves it back."""
        await self.set(self.now() + seconds)

    async def set(self, when: float) -> None:
        """Move the clock to ``when``. A frozen clock stays frozen."""
        if self._frozen_at is not None:
            self._frozen_at = when
        else:
            self._offset = when - self._wall()
        await self._moved()

    async def freeze(self) -> None:
        """Stop the clock."""
        self._frozen_at = self.now()
        self._set_timer()

    async def unfreeze(self) -> None:
        """Let a frozen clock run on from the time that it shows."""
        if self._frozen_at is not None:
            self._offset = self._frozen_at - self._wall()
            self._frozen_at = None
            self._set_timer()

    async def reset(self) -> None:
        """Go back to real time, and unfreeze."""
        self._frozen_at = None
        self._offset = 0.0
        await self._moved()

    def document(self) -> Document:
        """Return the state of the clock as the API shows it."""
        frozen = self._frozen_at is not None
        offset = self.now() - self.real() if frozen else self._offset
        return {
            "now": iso(self.now()),
            "real": iso(self.real()),
            "offsetSeconds": round(offset, 3),
            "frozen": frozen,
        }

    async def _moved(self) -> None:
        for _ in self._wake_due():
            # Let each sleeper run before the next one wakes, so that they act in the order of their times.
            await asyncio.sleep(0)
        self._set_timer()
        for callback in self._after_move:
            await callback()

    def _set_timer(self) -> None:
        """Set the timer for the first sleeper, or stop it if the clock is frozen."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._sleepers and self._frozen_at is None:
            delay = max(0.0, self._sleepers[0][0] - self.now())
            self._timer = asyncio.get_running_loop().call_later(delay, self._on_timer)

    def _on_timer(self) -> None:
        for _ in self._wake_due():
            pass
        self._set_timer()

    def _wake_due(self) -> Iterator[None]:
        """Wake the sleepers that are due, in the order of their times. Each step wakes one."""
        while self._sleepers and self._sleepers[0][0] <= self.now():
            _, _, waiter = heapq.heappop(self._sleepers)
            if not waiter.done():
                waiter.set_result(None)
                yield
