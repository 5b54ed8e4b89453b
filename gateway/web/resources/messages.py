"""Messages: what we were asked to send, with its timeline."""

from __future__ import annotations

from gateway.errors import NotFound
from gateway.model import Response
from gateway.recipients import recipient
from gateway.web.answers import json_answer
from gateway.web.api import Route
from gateway.web.calls import Call
from gateway.web.resources.inputs import Paged


class Filter(Paged):
    to: str | None = None


async def listing(call: Call) -> Response:
    options = call.query(Filter)
    # Keyed by how we read it: best reading first.
    key = f"to:{recipient(options.to).read_as}" if options.to else None
    found = await call.services.messages.listing(options.page(), key)
    return json_answer({"messages": found, "cursor": call.services.store.log.last()})


async def show(call: Call) -> Response:
    found = await call.services.messages.get(call.params["id"])
    if found is None:
        raise NotFound("there is no message with that id (any more)")
    return json_answer(found)


ROUTES = (
    Route("GET", "/api/messages", listing),
    Route("GET", "/api/messages/{id}", show),
)
