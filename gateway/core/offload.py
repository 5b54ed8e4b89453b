"""Blocking calls in threads of their own, under a limit that a call's deadline gives back.

A provider that drips keeps its thread busy for as long as it likes: nothing can stop a thread. So its place under
the limit is freed at the deadline, and the thread is left to end alone. Such threads are counted; when there are
too many of them, new calls fail at once rather than filling the process.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")

_Task: TypeAlias = "tuple[Future[Any], Callable[[], Any]]"
_Worker: TypeAlias = "SimpleQueue[_Task | None]"
"""A worker is a thread that waits at its queue; None ends it."""


class NotStarted(TimeoutError):
    """The call was never made, and never will be: certainly no effect."""


class Offload:
    """``limit``: how many calls run at once. ``stuck_limit``: how many may run past their deadline."""

    def __init__(self, limit: int = 32, stuck_limit: int = 256) -> None:
        self._stuck_limit = stuck_limit
        self._places = asyncio.Semaphore(limit)
        self._idle: list[_Worker] = []
        # Added to by the event loop, discarded from by the threads: both are atomic.
        self._stuck: set[Future[Any]] = set()
        self._closed = False

    @property
    def stuck(self) -> int:
        """Threads that are past their deadline and still run."""
        return len(self._stuck)

    async def run(self, call: Callable[[], T], deadline: float) -> T:
        """What ``call`` returns or raises. ``deadline`` is the event loop's time, in seconds.

        Raises ``NotStarted`` if no place came free by the deadline, or too many threads are stuck already, and
        ``TimeoutError`` if the call was still running at its deadline. Being cancelled frees the place as well.
        """
        await self._take_place(deadline)
        job: Future[T] = Future()
        try:
            worker = self._worker()
            answer = asyncio.wrap_future(job)
            answer.add_done_callback(_read)
            worker.put((job, call))
            try:
                await asyncio.wait((answer,), timeout=deadline - answer.get_loop().time())
            finally:
                self._let_go(worker, job, answer)
        finally:
            self._places.release()
        if job.cancelled():
            raise NotStarted("the deadline passed before the call began")
        if not job.done():
            raise TimeoutError("the call was still running at its deadline")
        return job.result()

    def close(self) -> None:
        """End the idle threads; those at work end with their call."""
        self._closed = True
        while self._idle:
            self._idle.pop().put(None)

    async def _take_place(self, deadline: float) -> None:
        if self.stuck >= self._stuck_limit:
            raise NotStarted(f"{self.stuck} earlier calls are past their deadline and still running: no new ones")
        try:
            async with asyncio.timeout_at(deadline):
                await self._places.acquire()
        except TimeoutError:
            raise NotStarted("every place was taken until the deadline") from None
        if asyncio.get_running_loop().time() >= deadline:
            self._places.release()
            raise NotStarted("the deadline had passed")

    def _worker(self) -> _Worker:
        """An idle worker, the last used first, or a new one."""
        if self._idle:
            return self._idle.pop()
        worker: _Worker = SimpleQueue()
        # Daemon: a stuck call must not keep the process from ending.
        thread = threading.Thread(target=_work, args=(worker,), name="offload", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            raise NotStarted("the system gives no more threads") from None
        return worker

    def _let_go(self, worker: _Worker, job: Future[Any], answer: asyncio.Future[Any]) -> None:
        if job.done() or job.cancel():
            if self._closed:
                worker.put(None)
            else:
                self._idle.append(worker)
            return
        # Still running. Without the cancel, its end would call into an event loop that may be closed by then.
        answer.cancel()
        worker.put(None)
        self._stuck.add(job)
        job.add_done_callback(self._stuck.discard)


def _read(answer: asyncio.Future[Any]) -> None:
    """What a call raises is raised from the job; unread here, asyncio would log it with all that it says."""
    if not answer.cancelled():
        answer.exception()


def _work(tasks: _Worker) -> None:
    while (task := tasks.get()) is not None:
        job, call = task
        if job.set_running_or_notify_cancel():
            try:
                result = call()
            except BaseException as error:  # noqa: BLE001 (whoever awaits it gets it)
                job.set_exception(error)
                del error
            else:
                job.set_result(result)
                del result
        # An idle thread must not keep a message alive.
        del task, job, call
