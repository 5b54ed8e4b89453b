"""Captures: list, show, delete, and wait for one."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.core.errors import Gone, NotFound, TooManyWaits, TooManyWaitsOfOne
from gateway.core.model import Channel, Document, Response
from gateway.core.recipients import keys, recipient
from gateway.inbox.code_reader import with_code
from gateway.inbox.inbox import STREAM, Query
from gateway.inbox.near_misses import near_misses
from gateway.storage.paging import select, select_any
from gateway.web.api.inputs import (
    ChannelName,
    Cursor,
    OfId,
    Paged,
    ProviderName,
    Seconds,
    To,
    ToFilter,
    UsageTypeName,
)
from gateway.web.api.shapes import captures as shapes
from gateway.web.api.showing import shown
from gateway.web.api.waits import wait_for
from gateway.web.routing.api import Route
from gateway.web.routing.calls import Call, Input
from gateway.web.routing.shared import Deleted
from gateway.web.server.answers import json_answer

_CONSUME = "Take it, with a token of your choice: the same token gets the same capture again."


class Filter(Paged):
    to: ToFilter | None = None
    type: UsageTypeName | None = None
    channel: ChannelName | None = None
    provider: ProviderName | None = None

    def keeps(self, capture: Document) -> bool:
        return (
            self.type in (None, capture["type"])
            and self.channel in (None, capture["channel"])
            and self.provider in (None, capture["provider"])
        )


class Wait(Input):
    """What to wait for. Without `after`, the newest untaken capture of the last ten minutes counts, too."""

    to: Annotated[To, Field(min_length=1)]
    type: UsageTypeName | None = None
    channel: ChannelName | None = None
    after: Cursor | None = None
    timeout: Seconds = 10
    consume: Annotated[str, Field(min_length=1, max_length=200, description=_CONSUME)] | None = None
    code: bool = Field(default=False, description="Only captures that have a code.")


class Doomed(Input):
    blanks = True
    to: To | None = None


async def listing(call: Call) -> Response:
    options = call.query(Filter)
    log = call.services.store.log
    page = options.page(log, STREAM)
    if options.to is None:
        found = await select(log, STREAM, page, keep=options.keeps)
    else:
        # By every reading: whoever looks around should find it; only a wait is exact.
        found = await select_any(log, STREAM, page, keys(recipient(options.to)), keep=options.keeps)
    return json_answer({"captures": [shown(with_code(entry)) for entry in found], "cursor": log.last()})


async def show(call: Call) -> Response:
    found = await call.services.inbox.get(call.params["id"])
    if found is None:
        raise NotFound("there is no capture with that id (any more)")
    return json_answer(shown(found))


async def delete(call: Call) -> Response:
    count = await call.services.inbox.delete(call.params["id"])
    if not count:
        raise NotFound("there is no capture with that id (any more)")
    return json_answer({"deleted": count})


async def delete_all(call: Call) -> Response:
    options = call.query(Doomed)
    inbox = call.services.inbox
    count = await inbox.clear() if options.to is None else await inbox.delete_of(recipient(options.to))
    return json_answer({"deleted": count})


async def wait(call: Call) -> Response:
    body = await call.body(Wait)
    channel = Channel(body.channel) if body.channel else None
    query = Query(recipient(body.to), body.type, channel, body.after, needs_code=body.code)
    services = call.services
    found = await wait_for(call, query, body.timeout, body.consume)
    if found is not None:
        return json_answer({"capture": shown(found), "cursor": found.seq})
    misses = await near_misses(services.store, services.clock, query)
    return json_answer({"timedOut": True, "nearMisses": misses, "cursor": services.store.log.last()})


ROUTES = (
    Route(
        "POST",
        "/api/captures/wait",
        wait,
        operation_id="capturesWait",
        tag="captures",
        summary="Wait for a capture of one recipient, exactly.",
        body=Wait,
        example={"to": "13800138000", "type": "SignIn", "timeout": 10},
        answers={200: shapes.Waited},
        errors=(Gone, TooManyWaits, TooManyWaitsOfOne),
        waits=True,
    ),
    Route(
        "GET",
        "/api/captures",
        listing,
        operation_id="capturesListing",
        tag="captures",
        summary="A page of captures, of a recipient by every reading.",
        query=Filter,
        answers={200: shapes.Captures},
        errors=(Gone,),
    ),
    Route(
        "DELETE",
        "/api/captures",
        delete_all,
        operation_id="capturesDeleteAll",
        tag="captures",
        summary="Delete all captures, or those of one recipient.",
        query=Doomed,
        answers={200: Deleted},
    ),
    Route(
        "GET",
        "/api/captures/{id}",
        show,
        operation_id="capturesShow",
        tag="captures",
        summary="One capture.",
        params=OfId,
        answers={200: shapes.Capture},
        errors=(NotFound,),
    ),
    Route(
        "DELETE",
        "/api/captures/{id}",
        delete,
        operation_id="capturesDelete",
        tag="captures",
        summary="Delete one capture.",
        params=OfId,
        answers={200: Deleted},
        errors=(NotFound,),
    ),
)
