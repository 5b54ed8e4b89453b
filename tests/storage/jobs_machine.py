"""Jobs, moves of the clock, restarts and kills in any order, against a slow and obvious model."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeAlias, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from gateway.core.clock import MovableClock
from gateway.core.model import Document
from gateway.storage.jobs import PREFIX, Schedule
from gateway.storage.ports import Batch, Job, Store
from tests.support.wall_clock import START, WallClock

_T = TypeVar("_T")
Open: TypeAlias = Callable[[WallClock], AbstractAsyncContextManager[Store]]
"""Opens the same store each time."""

DELAYS = st.sampled_from([0.0, 1.0, 5.0, 60.0, 3600.0])
STREAM = "done"


def machine_for(make: Callable[[], Open]) -> type[RuleBasedStateMachine]:  # noqa: C901  # it only holds the class
    """The machine for the store that ``make()`` opens."""

    class ScheduleMachine(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.wall = WallClock()
            self.open = make()
            self.runner = asyncio.Runner()
            self.count = 0
            self.now = START
            self.waiting: list[tuple[float, int, int, list[float]]] = []
            self.done: list[dict[str, Any]] = []
            self.order = 0
            self.run(self.start())

        def run(self, work: Coroutine[Any, Any, _T]) -> _T:
            return self.runner.run(work)

        async def start(self) -> None:
            self.context = self.open(self.wall)
            self.store = await self.context.__aenter__()
            self.clock = MovableClock(self.wall)
            self.schedule = Schedule(self.store, self.clock)
            self.schedule.handle("count", self.handler)
            await self.schedule.load()
            self.clock.after_move(self.schedule.run_due)

        async def handler(self, data: Document, at: float, batch: Batch) -> Sequence[Job]:
            batch.append(STREAM, {"n": data["n"], "at": at})
            if not data["follow"]:
                return ()
            later = {"n": data["n"], "follow": data["follow"][1:]}
            return [self.schedule.prepare(batch, at + data["follow"][0], "count", later)]

        def teardown(self) -> None:
            self.run(self.context.__aexit__(None, None, None))
            self.runner.close()

        def move(self, now: float) -> None:
            """What the model does."""
            self.now = now
            while self.waiting and min(self.waiting)[0] <= now:
                at, order, n, follow = min(self.waiting)
                self.waiting.remove((at, order, n, follow))
                self.done.append({"n": n, "at": at})
                if follow:
                    self.wait(at + follow[0], n, follow[1:])

        def wait(self, at: float, n: int, follow: list[float]) -> None:
            self.order += 1
            self.waiting.append((at, self.order, n, follow))

        @rule(delay=DELAYS, follow=st.lists(DELAYS, max_size=3))
        def add(self, delay: float, follow: list[float]) -> None:
            self.count += 1
            at = self.now + delay
            self.run(self.schedule.add(at, "count", {"n": self.count, "follow": follow}))
            self.wait(at, self.count, follow)

        @rule(seconds=st.sampled_from([0.0, 0.5, 1.0, 30.0, 4000.0]))
        def advance(self, seconds: float) -> None:
            self.run(self.clock.advance(seconds))
            self.move(self.now + seconds)

        @rule(seconds=st.sampled_from([1.0, 5000.0]))
        def go_back(self, seconds: float) -> None:
            self.run(self.clock.advance(-seconds))
            self.move(self.now - seconds)

        @rule(ways=st.lists(st.sampled_from([0.5, 30.0, 2000.0]), min_size=2, max_size=4))
        def advance_from_several_sides(self, ways: list[float]) -> None:
            async def race() -> None:
                await asyncio.gather(*(self.clock.advance(one) for one in ways))

            self.run(race())
            self.move(self.now + sum(ways))

        @rule(seconds=st.sampled_from([1.0, 4000.0]), freeze=st.booleans())
        def let_real_time_pass(self, seconds: float, freeze: bool) -> None:
            if freeze:
                self.run(self.clock.freeze())
            self.wall.go(seconds)
            self.run(self.schedule.run_due())
            if freeze:
                self.run(self.clock.unfreeze())
            self.move(self.now + (0 if freeze else seconds))

        @rule(seconds=st.sampled_from([1.0, 4000.0]), steps=st.integers(0, 12))
        def be_killed_on_the_way(self, seconds: float, steps: int) -> None:
            async def killed() -> None:
                moving = asyncio.ensure_future(self.clock.advance(seconds))
                for _ in range(steps):
                    await asyncio.sleep(0)
                moving.cancel()
                await asyncio.wait({moving})

            self.run(killed())
            self.now += seconds
            self.restart()

        @rule()
        def restart(self) -> None:
            async def again() -> None:
                await self.context.__aexit__(None, None, None)
                await self.start()
                await self.clock.set(self.now)

            self.run(again())
            self.move(self.now)

        @rule()
        def forget_all(self) -> None:
            assert self.run(self.schedule.clear()) == len(self.waiting)
            self.waiting.clear()

        @invariant()
        def what_is_done_is_what_the_model_did(self) -> None:
            if not self.waiting or min(self.waiting)[0] > self.now:
                entries = self.run(self.store.log.read(STREAM, limit=100_000))
                assert [entry.value for entry in entries] == self.done

        @invariant()
        def what_waits_is_kept(self) -> None:
            assert len(self.run(self.store.records.scan(PREFIX))) == self.schedule.waiting == len(self.waiting)

    return ScheduleMachine
