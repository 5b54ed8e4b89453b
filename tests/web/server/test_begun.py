"""A coroutine that is begun outside of its task, and goes on in it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import ContextVar
from typing import Any

import pytest

from gateway.web.server.begun import Begun

WORD: ContextVar[str] = ContextVar("word", default="none")


async def in_a_task(
    work: Callable[[], Coroutine[Any, Any, Any]],
    between: Callable[[asyncio.Task[Any], Begun[Any]], None] = lambda _task, _begun: None,
) -> Any:
    """As a connection does it: begun from a callback of the loop, the rest in a task that waits meanwhile."""
    loop = asyncio.get_running_loop()
    go = loop.create_future()
    passed: list[Begun[Any]] = []

    async def rest() -> Any:
        try:
            await go
        except asyncio.CancelledError as error:
            passed[0].fail(error)
        return await passed[0]

    task = loop.create_task(rest())

    def begin() -> None:
        begun = Begun(work(), task)
        passed.append(begun)
        try:
            begun.begin()
        except ValueError as error:
            go.set_exception(error)
            return
        go.set_result(None)
        between(task, begun)

    await asyncio.sleep(0)
    loop.call_soon(begin)
    return await asyncio.wait_for(task, 10)


async def after(turns: int) -> str:
    for _ in range(turns):
        await asyncio.sleep(0)
    return "done"


@pytest.mark.parametrize("turns", [0, 1, 3])
async def test_it_ends_with_its_result_whether_it_waits_or_not(turns: int) -> None:
    begun: list[Begun[Any]] = []
    assert await in_a_task(lambda: after(turns), lambda _, one: begun.append(one)) == "done"
    assert begun[0].ended


async def test_what_it_waits_for_reaches_it() -> None:
    loop = asyncio.get_running_loop()

    async def work() -> list[Any]:
        first, second = loop.create_future(), loop.create_future()
        loop.call_soon(first.set_result, 1)
        loop.call_later(0.001, second.set_exception, KeyError("2"))
        found: list[Any] = [await first]
        try:
            await second
        except KeyError as error:
            found.append(error.args[0])
        return found

    assert await in_a_task(work) == [1, "2"]


async def test_an_error_at_the_beginning_and_one_later_are_raised() -> None:
    async def at_once() -> None:
        raise ValueError("now")

    async def later() -> None:
        await asyncio.sleep(0)
        raise ValueError("later")

    for work, text in ((at_once, "now"), (later, "later")):
        with pytest.raises(ValueError, match=text):
            await in_a_task(work)


async def test_it_is_in_the_same_task_before_and_after_the_first_wait() -> None:
    async def work() -> set[Any]:
        seen = {asyncio.current_task()}
        await asyncio.sleep(0)
        return seen | {asyncio.current_task()}

    tasks: list[Any] = []
    assert await in_a_task(work, lambda task, _: tasks.append(task)) == set(tasks)
    assert asyncio.current_task() is not None


@pytest.mark.parametrize("seconds", [0.0, 0.001])
async def test_a_timeout_that_was_set_at_the_beginning_ends_the_rest(seconds: float) -> None:
    async def work() -> str:
        try:
            async with asyncio.timeout(seconds):
                await asyncio.Event().wait()
        except TimeoutError:
            return "too late"
        return "never"

    assert await in_a_task(work) == "too late"


async def test_a_cancellation_before_the_task_goes_on_reaches_it() -> None:
    async def work() -> str:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return "cleaned up"
        return "never"

    def cancel(task: asyncio.Task[Any], _begun: Begun[Any]) -> None:
        task.cancel()

    assert await in_a_task(work, cancel) == "cleaned up"


async def test_a_context_variable_is_its_own_from_beginning_to_end() -> None:
    async def work() -> tuple[str, str]:
        before = WORD.get()
        token = WORD.set("mine")
        await asyncio.sleep(0)
        after = WORD.get()
        WORD.reset(token)
        return before, after

    WORD.set("the caller's")
    assert await in_a_task(work) == ("the caller's", "mine")
    assert WORD.get() == "the caller's"


async def test_without_a_beginning_it_runs_in_the_task_alone() -> None:
    task = asyncio.current_task()
    assert task is not None
    work: Awaitable[str] = Begun(after(2), task)
    assert await work == "done"
