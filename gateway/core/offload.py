"""Blocking calls in threads, with a deadline and a limit on calls that run at once.

Nothing can stop a thread, so a provider that answers slowly keeps its thread busy beyond the deadline. At the
deadline the call gives back its slot under the limit, and its thread is left to end by itself. Such threads are
counted. If there are too many of them, new calls fail at once instead of filling the process with threads.
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
"""The queue that a thread takes its calls from. None ends the thread."""


class NotStarted(TimeoutError):
    """The call was not made and will not be made, so it certainly has no effect."""


class Offload:
    """Runs blocking calls in threads. It belongs to one event loop."""

    def __init__(self, limit: int = 32, stuck_limit: int = 256) -> None:
        """
        Args:
            limit: How many calls may run at once, not counting those past their deadline.
            stuck_limit: How many calls may run past their deadline.
        """
        self._stuck_limit = stuck_limit
        self._slots = asyncio.Semaphore(limit)
        self._idle: list[_Worker] = []
        # The event loop adds to it and the threads discard from it. Both operations are atomic.
        self._stuck: set[Future[Any]] = set()
        self._closed = False

    @property
    def stuck(self) -> int:
        """The number of calls that still run past their deadline."""
        return len(self._stuck)

    async def run(self, call: Callable[[], T], deadline: float) -> T:
        """Run the call in a thread, and return or raise what the call does.

        If the caller is cancelled, its slot is given back.

        Args:
            deadline: Time of the event loop (``loop.time()``), in seconds.

        Raises:
            NotStarted: No slot was free before the deadline, or too many calls are past their deadline.
            TimeoutError: The call was still running at the deadline.
        """
        await self._acquire_slot(deadline)
        job: Future[T] = Future()
        try:
            worker = self._worker()
            answer = asyncio.wrap_future(job)
            answer.add_done_callback(_mark_retrieved)
            worker.put((job, call))
            try:
                await asyncio.wait((answer,), timeout=deadline - answer.get_loop().time())
            finally:
                self._release_worker(worker, job, answer)
        finally:
            self._slots.release()
        if job.cancelled():
            raise NotStarted("the deadline passed before the call began")
        if not job.done():
            raise TimeoutError("the call was still running at its deadline")
        return job.result()

    def close(self) -> None:
        """End the idle threads. A busy thread ends with its call."""
        self._closed = True
        while self._idle:
            self._idle.pop().put(None)

    async def _acquire_slot(self, deadline: float) -> None:
        if self.stuck >= self._stuck_limit:
            raise NotStarted(f"{self.stuck} earlier calls are past their deadline and still running: no new ones")
        try:
            async with asyncio.timeout_at(deadline):
                await self._slots.acquire()
        except TimeoutError:
            raise NotStarted("every place was taken until the deadline") from None
        if asyncio.get_running_loop().time() >= deadline:
            self._slots.release()
            raise NotStarted("the deadline had passed")

    def _worker(self) -> _Worker:
        """Return the idle worker that was used last, or a new one. Raises NotStarted if no thread can start."""
        if self._idle:
            return self._idle.pop()
        worker: _Worker = SimpleQueue()
        # A daemon, so that a stuck call does not keep the process alive.
        thread = threading.Thread(target=_work, args=(worker,), name="offload", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            raise NotStarted("the system gives no more threads") from None
        return worker

    def _release_worker(self, worker: _Worker, job: Future[Any], answer: asyncio.Future[Any]) -> None:
        if job.done() or job.cancel():
            if self._closed:
                worker.put(None)
            else:
                self._idle.append(worker)
            return
        # The call is still running. Without the cancel, its end would call into an event loop that may be closed.
        answer.cancel()
        worker.put(None)
        self._stuck.add(job)
        job.add_done_callback(self._stuck.discard)


def _mark_retrieved(answer: asyncio.Future[Any]) -> None:
    """Retrieve the exception, which ``run`` raises from the job. Otherwise asyncio logs it, with all its data."""
    if not answer.cancelled():
        answer.exception()


def _work(tasks: _Worker) -> None:
    while (task := tasks.get()) is not None:
        job, call = task
        if job.set_running_or_notify_cancel():
            try:
                result = call()
            except BaseException as error:  # noqa: BLE001  # the caller gets it
                job.set_exception(error)
                del error
            else:
                job.set_result(result)
                del result
        # An idle thread must not keep the call and its message alive.
        del task, job, call


async def run_by_size(size: int, work: Callable[[], T], *, small: int = 10_000) -> T:
    """Run work whose cost grows with its input, so that a large input does not block the event loop.

    Args:
        size: Length of the input, in bytes or characters.
        small: The largest input that is worked on at once. A thread costs about 0.1 ms. It helps if ``work`` is
            Python code, or many short calls of C code: one long call keeps the interpreter's lock.
    """
    return work() if size <= small else await asyncio.to_thread(work)
