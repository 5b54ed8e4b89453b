"""What fakes accepted and faults of delivery keep from the inbox: lost, or late; and what they double.

The stream holds it as a capture would be, with ``delivery``: the provider's own queries and near misses read it
there. What is late is also a job of the schedule, which adds it to the inbox when it is due.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.core.clock import Clock
from gateway.core.model import Document, iso, new_id
from gateway.delivery.messages import Messages
from gateway.faults.rules import Delivery
from gateway.storage.ports import Batch, Job, Schedule

STREAM = "undelivered"
JOB = "deliver"


@dataclass(slots=True)
class Accepted:
    """A capture on its way: as document, how it is found, and what it counts for."""

    document: Document
    keys: tuple[str, ...]
    size: int

    def add_to(self, stream: str, batch: Batch) -> None:
        batch.append(stream, self.document, self.keys, self.size)


class Undelivered:
    """``stream`` is the inbox's own."""

    def __init__(self, stream: str, schedule: Schedule, clock: Clock, messages: Messages) -> None:
        self._stream = stream
        self._schedule = schedule
        self._clock = clock
        self._messages = messages
        schedule.handle(JOB, self._arrive)

    def deliver(self, batch: Batch, accepted: Accepted) -> None:
        """It arrives."""
        if accepted.document["messageId"] is not None:
            batch.append(*self._messages.captured(accepted.document))
        accepted.add_to(self._stream, batch)

    def divert(self, batch: Batch, accepted: Accepted, delivery: Delivery) -> tuple[list[str], list[Job]]:
        """What the fault makes of it: the ids of what arrives at once, and the jobs to arm after the batch."""
        document = accepted.document
        about: Document = {"outcome": delivery.outcome, "faultId": delivery.rule_id}
        if delivery.outcome == "twice":
            copy = {**document, "id": new_id("cap"), "delivery": {**about, "copyOf": document["id"]}}
            document["delivery"] = about
            keys = tuple([key for key in accepted.keys if not key.startswith("id:")])
            self.deliver(batch, accepted)
            self.deliver(batch, Accepted(copy, (*keys, f"id:{copy['id']}"), accepted.size))
            return [document["id"], copy["id"]], []
        jobs = []
        due = None
        document["delivery"] = about
        if delivery.outcome == "late":
            due = self._clock.now() + delivery.late_seconds
            about |= {"seconds": delivery.late_seconds, "dueAt": iso(due)}
            data = {"capture": document, "keys": list(accepted.keys), "size": accepted.size}
            jobs.append(self._schedule.prepare(batch, due, JOB, data))
        if document["messageId"] is not None:
            batch.append(*self._messages.diverted(document))
        accepted.add_to(STREAM, batch)
        return [], jobs

    async def _arrive(self, data: Document, at: float, batch: Batch) -> Sequence[Job]:
        document = {**data["capture"], "receivedAt": iso(at)}
        self.deliver(batch, Accepted(document, tuple(data["keys"]), data["size"]))
        return ()
