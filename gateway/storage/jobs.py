"""Jobs that are due on the gateway's clock, kept in the store until they are done.

A job is a record whose key starts with ``jobs/``. It is deleted in the same batch as the changes of its
handler, so a crash at any moment loses no job and repeats no change. A handler is given the time at which its
job was due, even if the clock was moved far beyond that time.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import logging
from typing import Any

from gateway.core.clock import Clock
from gateway.core.errors import Conflict, StoreFailed
from gateway.core.model import Document, new_id
from gateway.storage.ports import Batch, Job, JobHandler, Store

log = logging.getLogger("gateway")

PREFIX = "jobs/"
_RETRY_SECONDS = 1.0
# After so many conflicts in a row a job is given up: other callers keep changing the records that it writes.
_MOST_CONFLICTS = 20


class Schedule:
    """Implements ``ports.Schedule``.

    Jobs run one at a time, in the order of their due times, then in the order in which they were made. If a handler
    raises, the job is logged and given up. If the store fails, the job is tried again later.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._handlers: dict[str, JobHandler] = {}
        # A heap of the armed jobs. Their data is in the store only.
        self._due: list[Job] = []
        self._orders = itertools.count(1)
        self._running = asyncio.Lock()
        self._runner: asyncio.Task[object] | None = None
        self._armed = asyncio.Event()

    def handle(self, name: str, handler: JobHandler) -> None:
        """Register the handler for the jobs of this name. Call it before ``load``."""
        self._handlers[name] = handler

    def prepare(self, batch: Batch, when: float, name: str, data: Document) -> Job:
        """Add a job to the batch, as ``ports.Schedule.prepare`` describes."""
        job = Job(when, next(self._orders), new_id("job"), name)
        batch.put(f"{PREFIX}{job.id}", {"at": when, "order": job.order, "name": name, "data": data})
        return job

    def arm(self, job: Job) -> None:
        """Start the timer of a prepared job, after its batch is committed."""
        heapq.heappush(self._due, job)
        self._armed.set()

    async def add(self, when: float, name: str, data: Document) -> Job:
        """Commit a job in a batch of its own, and arm it."""
        async with self._store.batch() as batch:
            job = self.prepare(batch, when, name, data)
        self.arm(job)
        return job

    async def cancel(self, job: Job) -> bool:
        """Delete the job. Return False if it is done or cancelled already."""
        with contextlib.suppress(ValueError):
            self._due.remove(job)
            heapq.heapify(self._due)
        return await self._store.records.delete(f"{PREFIX}{job.id}")

    async def clear(self) -> int:
        """Delete all jobs and return their number. A job that is running at the moment has no effect."""
        self._due.clear()
        records = await self._store.records.scan(PREFIX)
        async with self._store.batch() as batch:
            for key, _ in records:
                batch.delete(key)
        return len(records)

    async def load(self) -> None:
        """Arm the jobs that an earlier process left in the store. ``run`` runs the overdue ones."""
        records = [(record.value, key) for key, record in await self._store.records.scan(PREFIX)]
        self._due = [Job(job["at"], job["order"], key.removeprefix(PREFIX), job["name"]) for job, key in records]
        heapq.heapify(self._due)
        self._orders = itertools.count(max((job.order for job in self._due), default=0) + 1)

    @property
    def waiting(self) -> int:
        """The number of jobs that are not done yet."""
        return len(self._due)

    @property
    def next_at(self) -> float | None:
        """When the next job is due on the gateway's clock, in seconds since the epoch; None if there is no job."""
        return self._due[0].at if self._due else None

    async def run(self) -> None:
        """Run jobs as they become due. It never returns: cancel its task."""
        while True:
            self._armed.clear()
            if not await self.run_due():
                await self._clock.pause(_RETRY_SECONDS)
            elif not self._armed.is_set():
                await self._sleep()

    async def _sleep(self) -> None:
        """Sleep until the next job is due, or a job is armed."""
        sleeps: list[asyncio.Future[Any]] = [asyncio.ensure_future(self._armed.wait())]
        if self.next_at is not None:
            sleeps.append(asyncio.ensure_future(self._clock.sleep_until(self.next_at)))
        try:
            await asyncio.wait(sleeps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for sleep in sleeps:
                sleep.cancel()

    async def run_due(self) -> bool:
        """Run all jobs that are due, and the due jobs that they make. If another task runs jobs, wait for it first.

        Return False if the store fails: the remaining jobs must be tried again.
        """
        me = asyncio.current_task()
        if me is not None and self._runner is me:
            return True  # a handler moved the clock: the loop that called it runs the jobs that are due now
        async with self._running:
            self._runner = me
            try:
                while self._due and self._due[0].at <= self._clock.now():
                    job = heapq.heappop(self._due)
                    done = False
                    try:
                        done = await self._run(job)
                    finally:
                        if not done:  # or this task is cancelled
                            heapq.heappush(self._due, job)
                    if not done:
                        return False
                    # Other tasks must run too, however many jobs are due.
                    await asyncio.sleep(0)
            finally:
                self._runner = None
        return True

    async def _run(self, job: Job) -> bool:
        key = f"{PREFIX}{job.id}"
        handler = self._handlers.get(job.name)
        if handler is None:
            log.warning("a job named %s is due, which this version does not know: it stays undone", job.name)
            return True
        try:
            for _ in range(_MOST_CONFLICTS):
                record = await self._store.records.get(key)
                if record is None:
                    return True  # cancelled
                with contextlib.suppress(Conflict):
                    await self._do(job, key, record.version, record.value["data"], handler)
                    return True
            log.error("a job named %s was given up: what it changes never stood still", job.name)
        except StoreFailed as error:
            log.warning("a job named %s could not be done, and will be tried again: %s", job.name, error.message)
            return False
        except Exception as error:  # noqa: BLE001  # a failing job must not stop the others
            # The text of the error may hold a recipient, so it is not logged.
            log.error("a job named %s failed (%s) and was given up", job.name, type(error).__name__)  # noqa: TRY400
        return await self._give_up(key)

    async def _do(self, job: Job, key: str, version: int, data: Document, handler: JobHandler) -> None:
        """Run the handler and commit. Raises Conflict if the job or one of its records was changed meanwhile."""
        async with self._store.batch() as batch:
            # A delete has no version check, so a put checks the version.
            batch.put(key, {}, version)
            batch.delete(key)
            prepared = await handler(data, job.at, batch)
        for new in prepared:
            self.arm(new)

    async def _give_up(self, key: str) -> bool:
        try:
            await self._store.records.delete(key)
        except StoreFailed:
            return False
        return True
