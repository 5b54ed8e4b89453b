"""Due jobs on the gateway's clock: what is to happen later, kept in the store until it has happened.

A job is a record below ``jobs/``. It is deleted in the same batch as the changes that its handler makes, so a kill
at any moment loses no job and runs none twice. A handler works at the time at which its job was due, also where the
clock was moved far beyond it.
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
# A handler whose own records others change as fast as it reads them.
_MOST_CONFLICTS = 20


class Schedule:
    """Implements ``ports.Schedule``. Jobs are run one at a time, in the order of their times; those of the same
    time in the order in which they were made. One whose handler raises is logged and given up; while the store
    fails, nothing is given up, and it is tried again."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._handlers: dict[str, JobHandler] = {}
        # Which jobs there are; what they are about is in the records alone.
        self._due: list[Job] = []
        self._orders = itertools.count(1)
        self._turn = asyncio.Lock()
        self._runner: asyncio.Task[object] | None = None
        self._news = asyncio.Event()

    def handle(self, name: str, handler: JobHandler) -> None:
        """Who does the jobs of that name. Before ``load``."""
        self._handlers[name] = handler

    def prepare(self, batch: Batch, when: float, name: str, data: Document) -> Job:
        """Put a job into the batch. ``arm`` it when the batch is through, or return it from a handler."""
        job = Job(when, next(self._orders), new_id("job"), name)
        batch.put(f"{PREFIX}{job.id}", {"at": when, "order": job.order, "name": name, "data": data})
        return job

    def arm(self, job: Job) -> None:
        heapq.heappush(self._due, job)
        self._news.set()

    async def add(self, when: float, name: str, data: Document) -> Job:
        """A job by itself. Raises ``errors.StoreFailed``."""
        async with self._store.batch() as batch:
            job = self.prepare(batch, when, name, data)
        self.arm(job)
        return job

    async def cancel(self, job: Job) -> bool:
        """True if it was still to come."""
        with contextlib.suppress(ValueError):
            self._due.remove(job)
            heapq.heapify(self._due)
        return await self._store.records.delete(f"{PREFIX}{job.id}")

    async def clear(self) -> int:
        """Forget all jobs; how many there were. One that is being done at this moment does not come about."""
        self._due.clear()
        found = await self._store.records.scan(PREFIX)
        async with self._store.batch() as batch:
            for key, _ in found:
                batch.delete(key)
        return len(found)

    async def load(self) -> None:
        """Take up what an earlier process left. Overdue jobs are run by ``run``."""
        found = [(record.value, key) for key, record in await self._store.records.scan(PREFIX)]
        self._due = [Job(one["at"], one["order"], key.removeprefix(PREFIX), one["name"]) for one, key in found]
        heapq.heapify(self._due)
        self._orders = itertools.count(max((job.order for job in self._due), default=0) + 1)

    @property
    def waiting(self) -> int:
        """How many jobs are to come."""
        return len(self._due)

    @property
    def next_at(self) -> float | None:
        """When the next one is due, on the gateway's clock."""
        return self._due[0].at if self._due else None

    async def run(self) -> None:
        """Run what becomes due as time goes by. Never returns: cancel it."""
        while True:
            self._news.clear()
            if not await self.run_due():
                await self._clock.pause(_RETRY_SECONDS)
            elif not self._news.is_set():
                await self._sleep()

    async def _sleep(self) -> None:
        """Until the next job is due, or there is another one."""
        sleeps: list[asyncio.Future[Any]] = [asyncio.ensure_future(self._news.wait())]
        if self.next_at is not None:
            sleeps.append(asyncio.ensure_future(self._clock.sleep_until(self.next_at)))
        try:
            await asyncio.wait(sleeps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in sleeps:
                one.cancel()

    async def run_due(self) -> bool:
        """Run all that is due, and what becomes due by that. When it returns, also what others were running is
        done. False: the store fails, and the rest has to wait."""
        me = asyncio.current_task()
        if me is not None and self._runner is me:
            return True  # a job moves the clock: the turn that it has goes on with what is due by that
        async with self._turn:
            self._runner = me
            try:
                while self._due and self._due[0].at <= self._clock.now():
                    job = heapq.heappop(self._due)
                    done = False
                    try:
                        done = await self._run(job)
                    finally:
                        if not done:  # also where we are cancelled
                            heapq.heappush(self._due, job)
                    if not done:
                        return False
                    # Others have a turn too, however many there are.
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
        except Exception as error:  # noqa: BLE001  # it must not stop the others
            # Its text may hold a recipient.
            log.error("a job named %s failed (%s) and was given up", job.name, type(error).__name__)  # noqa: TRY400
        return await self._give_up(key)

    async def _do(self, job: Job, key: str, version: int, data: Document, handler: JobHandler) -> None:
        """Raises Conflict if somebody cancels it meanwhile."""
        async with self._store.batch() as batch:
            # The put is there for its version: a delete has none.
            batch.put(key, {}, version)
            batch.delete(key)
            prepared = await handler(data, job.at, batch)
        for one in prepared:
            self.arm(one)

    async def _give_up(self, key: str) -> bool:
        try:
            await self._store.records.delete(key)
        except StoreFailed:
            return False
        return True
