"""Waiting for a request at a fake: the first one after a cursor that fits."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated

from pydantic import Field, StringConstraints

from gateway.core.errors import Gone, LimitReached, TooManyWaits, TooManyWaitsOfOne
from gateway.core.model import Document, Response
from gateway.storage.paging import view
from gateway.storage.ports import Entry, Log
from gateway.web.api.inputs import Cursor, ProviderName, Seconds
from gateway.web.api.shapes import exchanges as shapes
from gateway.web.fakes.adapter import STREAM
from gateway.web.routing.api import Route
from gateway.web.routing.calls import Call, Input
from gateway.web.server.answers import json_answer

_Word = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
_PAGE = 100


class Wait(Input):
    """What to wait for; all that is given must fit. Without ``after``: from now on."""

    provider: ProviderName | None = None
    operation: _Word | None = Field(None, description="Only this call.", examples=["authorize"])
    key_id: _Word | None = Field(None, description="Only of this key or client.")
    to: _Word | None = Field(None, description="Only about this recipient or persona, as it was sent.")
    accepted: bool | None = Field(None, description="Only those that the fake accepted, or refused.")
    after: Cursor | None = None
    timeout: Seconds = 10.0

    def fits(self, found: Document) -> bool:
        asked = (
            (self.provider, found["provider"]),
            (self.operation, found["operation"]),
            (self.key_id, found["keyId"]),
            (self.accepted, found["accepted"]),
        )
        return all(one in (None, has) for one, has in asked) and (self.to is None or self.to in found["to"])


async def exchange(call: Call) -> Response:
    body = await call.body(Wait)
    services = call.services
    begin = time.perf_counter()
    outcome = "gone"
    try:
        with services.waits.place(f"exchanges of {body.provider}"):
            found = await call.while_connected(_first(services.store.log, body))
        outcome = "timed_out" if found is None else "found"
    except (LimitReached, Gone):
        outcome = "refused"
        raise
    finally:
        services.metrics.wait(outcome, time.perf_counter() - begin)
    if found is not None:
        return json_answer({"exchange": view(found), "cursor": found.seq})
    return json_answer({"timedOut": True, "cursor": services.store.log.last()})


async def _first(log: Log, wanted: Wait) -> Entry | None:
    """Raises Gone where entries since the cursor are no longer kept."""
    after = wanted.after if wanted.after is not None else log.last()
    key = f"provider:{wanted.provider}" if wanted.provider is not None else None
    keys = (key,) if key is not None else ()
    try:
        async with asyncio.timeout(wanted.timeout):
            while True:
                if after < log.evicted(STREAM):
                    raise Gone("after: entries since that cursor are no longer kept; wait again without it")
                found = await log.read(STREAM, key=key, after=after, limit=_PAGE)
                for entry in found:
                    if wanted.fits(entry.value):
                        return entry
                after = found[-1].seq if found else after
                if len(found) < _PAGE:
                    await log.wait(STREAM, keys, after)
    except TimeoutError:
        return None


ROUTES = (
    Route(
        "POST",
        "/api/exchanges/wait",
        exchange,
        operation_id="waitingExchange",
        tag="exchanges",
        summary="Wait for the first request at a fake that fits.",
        body=Wait,
        example={"provider": "oauth2", "operation": "authorize", "timeout": 0},
        answers={200: shapes.ExchangeWaited},
        errors=(Gone, TooManyWaits, TooManyWaitsOfOne),
        waits=True,
    ),
)
