"""The gateway's clock: moved, frozen, set, reset; sleepers wake in order. The wall is injected: nothing sleeps."""

from __future__ import annotations

import asyncio

import pytest

from gateway.core.clock import MovableClock
from tests.support.event_loop import settle
from tests.support.wall_clock import START, WallClock


@pytest.fixture
def wall() -> WallClock:
    return WallClock()


@pytest.fixture
def clock(wall: WallClock) -> MovableClock:
    return MovableClock(wall)


async def _sleeper(clock: MovableClock, when: float, name: str, woken: list[str]) -> None:
    await clock.sleep_until(when)
    woken.append(name)


def test_a_clock_that_nobody_moved_is_the_wall(clock: MovableClock, wall: WallClock) -> None:
    assert clock.now() == clock.real() == START
    wall.go(5)
    assert clock.now() == clock.real() == START + 5


async def test_an_advanced_clock_runs_on_ahead_of_the_wall(clock: MovableClock, wall: WallClock) -> None:
    await clock.advance(600)
    wall.go(5)
    assert clock.now() == START + 605
    assert clock.real() == START + 5
    await clock.advance(-1000)
    assert clock.now() == START + 605 - 1000


async def test_a_frozen_clock_stands_while_the_wall_goes_on(clock: MovableClock, wall: WallClock) -> None:
    await clock.freeze()
    wall.go(100)
    assert clock.now() == START
    assert clock.real() == START + 100
    await clock.advance(10)
    wall.go(1)
    assert clock.now() == START + 10


async def test_an_unfrozen_clock_runs_on_from_where_it_stood(clock: MovableClock, wall: WallClock) -> None:
    await clock.freeze()
    wall.go(100)
    await clock.unfreeze()
    assert clock.now() == START
    wall.go(3)
    assert clock.now() == START + 3
    await clock.unfreeze()
    assert clock.now() == START + 3


async def test_a_second_freeze_changes_nothing(clock: MovableClock, wall: WallClock) -> None:
    await clock.freeze()
    wall.go(100)
    await clock.freeze()
    assert clock.now() == START


async def test_a_clock_that_was_set_runs_on_from_there(clock: MovableClock, wall: WallClock) -> None:
    await clock.set(START + 1_000_000)
    wall.go(2)
    assert clock.now() == START + 1_000_002


async def test_a_reset_goes_back_to_real_time(clock: MovableClock, wall: WallClock) -> None:
    await clock.set(START - 50)
    await clock.freeze()
    wall.go(7)
    await clock.reset()
    assert clock.now() == START + 7
    wall.go(1)
    assert clock.now() == START + 8


async def test_the_document_says_how_far_it_is_from_the_wall(clock: MovableClock, wall: WallClock) -> None:
    await clock.advance(90)
    assert clock.document() == {
        "now": "2027-01-15T08:01:30.000Z",
        "real": "2027-01-15T08:00:00.000Z",
        "offsetSeconds": 90,
        "frozen": False,
    }
    await clock.freeze()
    wall.go(30)
    assert clock.document()["frozen"] is True
    assert clock.document()["offsetSeconds"] == 60


async def test_sleeping_until_the_past_does_not_sleep(clock: MovableClock) -> None:
    await clock.sleep_until(START)
    await clock.sleep_until(START - 100)


async def test_sleepers_wake_in_order_of_their_times_before_the_move_returns(clock: MovableClock) -> None:
    await clock.freeze()
    woken: list[str] = []
    times = [("c", 30.0), ("a", 10.0), ("later", 100.0), ("b", 20.0), ("a2", 10.0)]
    tasks = [asyncio.ensure_future(_sleeper(clock, START + at, name, woken)) for name, at in times]
    await settle()
    await clock.advance(9.999)
    assert woken == []
    await clock.advance(21)
    assert woken == ["a", "a2", "b", "c"]
    await clock.advance(1000)
    assert woken[-1] == "later"
    await asyncio.gather(*tasks)


async def test_a_sleeper_sees_the_time_that_it_waited_for(clock: MovableClock) -> None:
    await clock.freeze()
    task = asyncio.ensure_future(clock.sleep_until(START + 10))
    await settle()
    await clock.set(START + 10)
    await settle()
    assert task.done()


async def test_going_back_wakes_nobody(clock: MovableClock) -> None:
    woken: list[str] = []
    task = asyncio.ensure_future(_sleeper(clock, START + 1000, "a", woken))
    await settle()
    await clock.advance(-5000)
    await settle()
    assert woken == []
    await clock.advance(6000)
    assert woken == ["a"]
    await task


async def test_a_reset_from_the_past_wakes_who_is_due(clock: MovableClock) -> None:
    await clock.set(START - 1000)
    await clock.freeze()
    woken: list[str] = []
    task = asyncio.ensure_future(_sleeper(clock, START - 500, "a", woken))
    await settle()
    await clock.reset()
    assert woken == ["a"]
    await task


async def test_a_cancelled_sleeper_is_passed_over(clock: MovableClock) -> None:
    await clock.freeze()
    woken: list[str] = []
    first = asyncio.ensure_future(_sleeper(clock, START + 10, "a", woken))
    second = asyncio.ensure_future(_sleeper(clock, START + 20, "b", woken))
    await settle()
    first.cancel()
    await settle()
    await clock.advance(30)
    assert woken == ["b"]
    await second


async def test_a_job_that_sleeps_again_runs_once_more_within_the_same_move(clock: MovableClock) -> None:
    await clock.freeze()
    ran: list[float] = []

    async def every_ten_seconds() -> None:
        for n in (1, 2, 3):
            await clock.sleep_until(START + 10 * n)
            ran.append(10.0 * n)

    task = asyncio.ensure_future(every_ten_seconds())
    await settle()
    await clock.advance(25)
    assert ran == [10, 20]
    await clock.advance(5)
    assert ran == [10, 20, 30]
    await task


async def test_real_time_alone_wakes_a_sleeper() -> None:
    clock = MovableClock()
    async with asyncio.timeout(5):
        await clock.sleep_until(clock.now() + 0.02)


async def test_a_frozen_clock_wakes_nobody_however_the_wall_goes(clock: MovableClock, wall: WallClock) -> None:
    task = asyncio.ensure_future(clock.sleep_until(START + 0.001))
    await asyncio.sleep(0)
    await clock.freeze()
    wall.go(10)
    # The timer that was armed before the freeze is the thing under test: give it real time to go off.
    await asyncio.wait((task,), timeout=0.03)
    assert not task.done()
    await clock.unfreeze()
    wall.go(1)
    await asyncio.wait_for(task, 5)


async def test_a_sleeper_from_before_a_freeze_wakes_after_the_unfreeze_on_its_own(wall: WallClock) -> None:
    clock = MovableClock()
    await clock.freeze()
    task = asyncio.ensure_future(clock.sleep_until(clock.now() + 0.02))
    await settle()
    await clock.unfreeze()
    await asyncio.wait_for(task, 5)
