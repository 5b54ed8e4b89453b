"""Captures that a fault of delivery loses, delays or doubles.

A lost or late capture is kept in a stream of its own, with ``delivery`` in its document: the fake's own queries and
the near misses read it there. A late one is also a job, which adds it to the inbox when it is due.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from gateway.core.clock import Clock
from gateway.core.model import Document, iso, new_id
from gateway.delivery.messages import Messages
from gateway.faults.rules import Delivery
from gateway.storage.paging import Page, select
from gateway.storage.ports import Batch, Entry, Job, Log, Schedule

_STREAM = "undelivered"
_JOB = "deliver"


@dataclass(slots=True)
class Accepted:
    """A capture that a fake accepted, with the keys and the size (bytes) of its entry in the log."""

    document: Document
    keys: tuple[str, ...]
    size: int


class Undelivered:
    """``arrive`` adds a capture to the inbox, as part of a batch."""

    streams: ClassVar[tuple[str, ...]] = (_STREAM,)

    def __init__(
        self,
        log: Log,
        schedule: Schedule,
        clock: Clock,
        messages: Messages,
        arrive: Callable[[Batch, Accepted], None],
    ) -> None:
        self._log = log
        self._schedule = schedule
        self._clock = clock
        self._messages = messages
        self._arrive = arrive
        schedule.handle(_JOB, self._deliver_late)

    def divert(self, batch: Batch, accepted: Accepted, delivery: Delivery) -> tuple[list[str], list[Job]]:
        """Apply the fault. Return the ids of the captures that arrive at once, and jobs to arm after the batch."""
        document = accepted.document
        about: Document = {"outcome": delivery.outcome, "faultId": delivery.rule_id}
        if delivery.outcome == "twice":
            copy = {**document, "id": new_id("cap"), "delivery": {**about, "copyOf": document["id"]}}
            document["delivery"] = about
            keys = tuple([key for key in accepted.keys if not key.startswith("id:")])
            self._arrive(batch, accepted)
            self._arrive(batch, Accepted(copy, (*keys, f"id:{copy['id']}"), accepted.size))
            return [document["id"], copy["id"]], []
        jobs = []
        document["delivery"] = about
        if delivery.outcome == "late":
            due = self._clock.now() + delivery.late_seconds
            about |= {"seconds": delivery.late_seconds, "dueAt": iso(due)}
            data = {"capture": document, "keys": list(accepted.keys), "size": accepted.size}
            jobs.append(self._schedule.prepare(batch, due, _JOB, data))
        if document["messageId"] is not None:
            self._messages.diverted(batch, document)
        batch.append(_STREAM, document, accepted.keys, accepted.size)
        return [], jobs

    async def select(
        self, page: Page, key: str | None = None, keep: Callable[[Document], bool] | None = None
    ) -> list[Entry]:
        return await select(self._log, _STREAM, page, key=key, keep=keep)

    async def forget(self) -> int:
        return await self._log.drop(_STREAM)

    async def _deliver_late(self, data: Document, at: float, batch: Batch) -> Sequence[Job]:
        document = {**data["capture"], "receivedAt": iso(at)}
        self._arrive(batch, Accepted(document, tuple(data["keys"]), data["size"]))
        return ()
