"""Exchanges: every request at a fake and its answer, refused ones too."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.core.errors import Gone, NotFound
from gateway.core.model import Document, Response
from gateway.core.recipients import keys, recipient
from gateway.storage.paging import select, select_any, view
from gateway.web.api.inputs import OfId, Paged, ProviderName, ToFilter
from gateway.web.api.shapes import exchanges as shapes
from gateway.web.fakes.adapter import STREAM
from gateway.web.routing.api import Route
from gateway.web.routing.calls import Call
from gateway.web.server.answers import json_answer


class Filter(Paged):
    to: ToFilter | None = None
    provider: ProviderName | None = None
    accepted: Annotated[bool, Field(description="Only those that the fake accepted, or refused.")] | None = None

    def keeps(self, exchange: Document) -> bool:
        return self.accepted in (None, exchange["accepted"]) and self.provider in (None, exchange["provider"])


async def listing(call: Call) -> Response:
    options = call.query(Filter)
    log = call.services.store.log
    page = options.page(log, STREAM)
    if options.to is None:
        key = f"provider:{options.provider}" if options.provider is not None else None
        found = await select(log, STREAM, page, key=key, keep=options.keeps)
    else:
        found = await select_any(log, STREAM, page, keys(recipient(options.to)), keep=options.keeps)
    return json_answer({"exchanges": [view(entry) for entry in found], "cursor": log.last()})


async def show(call: Call) -> Response:
    found = await call.services.store.log.read(STREAM, key=f"id:{call.params['id']}", limit=1)
    if not found:
        raise NotFound("there is no exchange with that id (any more)")
    return json_answer(view(found[0]))


ROUTES = (
    Route(
        "GET",
        "/api/exchanges",
        listing,
        operation_id="exchangesListing",
        tag="exchanges",
        summary="A page of requests at the fakes, with their answers.",
        query=Filter,
        answers={200: shapes.Exchanges},
        errors=(Gone,),
    ),
    Route(
        "GET",
        "/api/exchanges/{id}",
        show,
        operation_id="exchangesShow",
        tag="exchanges",
        summary="One request at a fake, with its answer and the fake's verdict.",
        params=OfId,
        answers={200: shapes.Exchange},
        errors=(NotFound,),
    ),
)
