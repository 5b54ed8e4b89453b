"""A coroutine that is begun at once, by whoever has it, and goes on in a task only if it must wait for something.

Most requests at a fake wait for nothing at all. A task of its own, or a turn of the event loop for each, would cost
as much as checking a signature. Python 3.12 has eager tasks; this is for 3.11, and for a task that already exists.
"""

from __future__ import annotations

import asyncio
from asyncio.tasks import _enter_task, _leave_task
from collections.abc import Callable, Coroutine, Generator
from contextvars import copy_context
from functools import partial
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Begun(Generic[T]):
    """``task`` is the one that will await the rest; while the beginning runs it is the current one, so a timeout or
    a cancellation finds the right one ("Extending asyncio", Python's documentation)."""

    __slots__ = ("_context", "_coroutine", "_left", "_result", "_task", "ended")

    def __init__(self, coroutine: Coroutine[Any, Any, T], task: asyncio.Task[Any]) -> None:
        self._coroutine = coroutine
        self._task = task
        self._context = copy_context()  # what a request sets is not seen by the next one
        self._left: Callable[[], Any] | None = None
        self._result: T
        self.ended = False

    def begin(self) -> bool:
        """Run it up to where it waits for the first time. True: it has ended. Raises what it raises."""
        loop = self._task.get_loop()
        _enter_task(loop, self._task)
        try:
            waits_for = self._context.run(self._coroutine.send, None)
        except StopIteration as end:
            self._result, self.ended = end.value, True
            return True
        finally:
            _leave_task(loop, self._task)
        self._left = partial(_same, waits_for)
        return False

    def fail(self, error: BaseException) -> None:
        """Where it waits, this is raised as soon as its task goes on: the task was cancelled in between."""
        self._left = partial(self._context.run, self._coroutine.throw, error)

    @property
    def result(self) -> T:
        """Once it has ended."""
        return self._result

    def __await__(self) -> Generator[Any, Any, T]:
        run = self._context.run
        step = self._left or partial(run, self._coroutine.send, None)
        while not self.ended:
            try:
                waits_for = step()
            except StopIteration as end:
                self._result, self.ended = end.value, True
                break
            try:
                sent = yield waits_for
            except BaseException as error:  # noqa: BLE001  # all of them are for the coroutine
                step = partial(run, self._coroutine.throw, error)
            else:
                step = partial(run, self._coroutine.send, sent)
        return self._result


def _same(value: Any) -> Any:
    return value
