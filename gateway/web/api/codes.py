"""Codes in plain text, for shells and any language: wait for one and take it, or read the newest."""

from __future__ import annotations

from gateway.core.errors import Gone, NoCodeArrived, NotFound, TooManyWaits, TooManyWaitsOfOne
from gateway.core.model import Channel, Document, Pairs, Response, new_id
from gateway.core.recipients import recipient
from gateway.inbox.contents import Contents
from gateway.inbox.inbox import Query
from gateway.inbox.near_misses import near_misses
from gateway.storage.paging import view
from gateway.storage.ports import Entry
from gateway.web.api.captures import wait_for
from gateway.web.routing.api import Route
from gateway.web.routing.calls import Call, Input
from gateway.web.routing.models import (
    ChannelFilter,
    Cursor,
    OfRecipient,
    Seconds,
    SenderFilter,
    SubjectFilter,
    TextFilter,
    UsageTypeFilter,
)
from gateway.web.server.answers import text_answer


class CodeFilter(Input):
    type: UsageTypeFilter | None = None
    channel: ChannelFilter | None = None
    subject: SubjectFilter | None = None
    text: TextFilter | None = None
    sender: SenderFilter | None = None


class CodeWait(CodeFilter):
    timeout: Seconds = 10
    after: Cursor | None = None


async def take_code(call: Call) -> Response:
    options = call.query(CodeWait)
    query = _inbox_query(call, options, options.after)
    token = new_id("take")
    inbox = call.services.inbox
    found = await wait_for(
        call, query.recipient.read_as, lambda: inbox.wait(query, options.timeout, token, private=True)
    )
    if found is None:
        raise await _not_found(call, query, f"no code for that recipient within {options.timeout:g} s")
    if call.left:
        await inbox.give_back(found, token)
    return _text_of_code(found)


async def show_code(call: Call) -> Response:
    options = call.query(CodeFilter)
    query = _inbox_query(call, options, None)
    found = await call.services.inbox.newest(query)
    if found is None:
        raise await _not_found(call, query, "no code for that recipient yet")
    return _text_of_code(found)


def _inbox_query(call: Call, options: CodeFilter, after: int | None) -> Query:
    channel = Channel(options.channel) if options.channel else None
    contents = Contents(options.subject, options.text, options.sender)
    return Query(recipient(call.params["to"]), options.type, channel, after, needs_code=True, contents=contents)


def _text_of_code(found: Entry) -> Response:
    capture = view(found)
    headers: Pairs = (("X-Gateway-Capture", capture["id"]), ("X-Gateway-Cursor", str(capture["cursor"])))
    return text_answer(capture["code"], headers)


async def _not_found(call: Call, query: Query, message: str) -> NoCodeArrived:
    """Make the error, with the near misses that explain it."""
    services = call.services
    misses = await near_misses(query, services.inbox, services.exchanges, services.messages, services.clock)
    data: Document = {"to": query.recipient.to, "readAs": query.recipient.read_as, "nearMisses": misses}
    return NoCodeArrived(message, data=data)


_GIVES = {"X-Gateway-Capture": "The id of the capture.", "X-Gateway-Cursor": "Its place in the log."}

ROUTES = (
    Route(
        "POST",
        "/api/codes/{to}",
        take_code,
        operation_id="codesTake",
        tag="codes",
        summary="Wait for a code of one recipient, take it, and get it as plain text.",
        params=OfRecipient,
        query=CodeWait,
        answers={200: "text/plain"},
        gives=_GIVES,
        errors=(NoCodeArrived, NotFound, Gone, TooManyWaits, TooManyWaitsOfOne),
        waits=True,
    ),
    Route(
        "GET",
        "/api/codes/{to}",
        show_code,
        operation_id="codesLook",
        tag="codes",
        summary="The newest code of one recipient, without waiting or taking.",
        params=OfRecipient,
        query=CodeFilter,
        answers={200: "text/plain"},
        gives=_GIVES,
        errors=(NoCodeArrived, NotFound),
    ),
)
