"""Waiting for a capture on behalf of a client: bounded, counted, and over when the client goes."""

from __future__ import annotations

import time

from gateway.core.errors import Gone, LimitReached
from gateway.inbox.inbox import Query
from gateway.storage.ports import Entry
from gateway.web.routing.calls import Call


async def wait_for(
    call: Call, query: Query, seconds: float, token: str | None, *, private: bool = False
) -> Entry | None:
    """As ``Inbox.wait``. Raises TooManyWaits, Gone, and Unavailable where client or gateway go."""
    services = call.services
    begin = time.perf_counter()
    outcome = "gone"
    try:
        with services.waits.place(query.recipient.read_as):
            found = await call.while_connected(services.inbox.wait(query, seconds, token, private=private))
        outcome = "timed_out" if found is None else "found"
    except (LimitReached, Gone):
        outcome = "refused"
        raise
    finally:
        services.metrics.wait(outcome, time.perf_counter() - begin)
    return found
