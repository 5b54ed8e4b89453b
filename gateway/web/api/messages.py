"""Messages: what we were asked to send, with its timeline."""

from __future__ import annotations

from gateway.core.errors import Gone, NotFound
from gateway.core.model import Response
from gateway.core.recipients import keys, recipient
from gateway.delivery.messages import STREAM
from gateway.web.api.inputs import OfId, Paged, ToFilter
from gateway.web.api.shapes import messages as shapes
from gateway.web.routing.api import Route
from gateway.web.routing.calls import Call
from gateway.web.server.answers import json_answer


class Filter(Paged):
    to: ToFilter | None = None


async def listing(call: Call) -> Response:
    options = call.query(Filter)
    page = options.page(call.services.store.log, STREAM)
    found = await call.services.messages.listing(page, keys(recipient(options.to)) if options.to else ())
    return json_answer({"messages": found, "cursor": call.services.store.log.last()})


async def show(call: Call) -> Response:
    found = await call.services.messages.get(call.params["id"])
    if found is None:
        raise NotFound("there is no message with that id (any more)")
    return json_answer(found)


ROUTES = (
    Route(
        "GET",
        "/api/messages",
        listing,
        operation_id="messagesListing",
        tag="messages",
        summary="A page of messages: what we were asked to send.",
        query=Filter,
        answers={200: shapes.Messages},
        errors=(Gone,),
    ),
    Route(
        "GET",
        "/api/messages/{id}",
        show,
        operation_id="messagesShow",
        tag="messages",
        summary="One message with its timeline.",
        params=OfId,
        answers={200: shapes.Message},
        errors=(NotFound,),
    ),
)
