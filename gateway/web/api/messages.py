"""Messages: what the gateway was asked to send, each with its timeline."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gateway.core.errors import Gone, NotFound
from gateway.core.model import Response
from gateway.core.recipients import recipient
from gateway.web.api.sending import Receipt
from gateway.web.routing.api import Route
from gateway.web.routing.calls import Call
from gateway.web.routing.models import (
    ChannelField,
    End,
    ErrorData,
    Json,
    OfId,
    Output,
    Paged,
    Place,
    ReadAs,
    SentTo,
    Time,
    ToFilter,
    UsageTypeField,
)
from gateway.web.server.answers import json_answer, json_page


class Step(Output):
    """One step of a message's timeline."""

    event: Literal["requested", "attempt_failed", "fallback", "captured", "lost", "late", "sent", "failed"] = Field(
        description="`lost`, `late`: the provider's fake took it, and a fault keeps it from the inbox."
    )
    at: Time
    connector_id: str | None = Field(None, description="Whose attempt it was, who stands in, or who sent it.")
    fallback_to: str | None = Field(None, description="To whom the connector that stands in sends it instead.")
    attempt: int | None = Field(None, ge=1, description="Which attempt it was, from 1.")
    capture_id: str | None = None
    fault_id: str | None = Field(None, description="The fault that made it so.")
    due_at: Time | None = Field(None, description="When what is late will come, on the gateway's clock.")
    receipt: Receipt | None = None
    code: str | None = Field(None, description="The code of the error.")
    error: ErrorData | None = Field(None, description="`data` of the error.")


class Message(Output):
    """What we were asked to send, and what became of it."""

    message_id: str = Field(examples=["msg_9f2c61d0a4b87e35"])
    connector_id: str = Field(description="The one that was asked; the timeline shows who sent it.")
    channel: ChannelField
    to: SentTo
    read_as: ReadAs
    fallback_to: str | None = Field(None, description="As it was given.")
    type: UsageTypeField
    locale: str | None = Field(description="The payload's.")
    code: str | None = Field(description="The payload's.")
    payload: Json = Field(description="As it was given.")
    at: Time
    status: Literal["sending", "sent", "failed"]
    receipt: Receipt | None = Field(description="Once it was sent.")
    cursor: Place
    timeline: list[Step] = Field(description="Oldest first.")


class Messages(Output):
    """A page of messages."""

    messages: list[Message]
    cursor: End


class Filter(Paged):
    to: ToFilter | None = None


async def list_messages(call: Call) -> Response:
    options = call.query(Filter)
    messages = call.services.messages
    found = await messages.search(options.page(), recipient(options.to) if options.to else None)
    return await json_page("messages", found, messages.cursor, lambda message: message)


async def show_message(call: Call) -> Response:
    found = await call.services.messages.get(call.params["id"])
    if found is None:
        raise NotFound("there is no message with that id (any more)")
    return json_answer(found)


ROUTES = (
    Route(
        "GET",
        "/api/messages",
        list_messages,
        operation_id="messagesListing",
        tag="messages",
        summary="A page of messages: what we were asked to send.",
        query=Filter,
        answers={200: Messages},
        errors=(Gone,),
    ),
    Route(
        "GET",
        "/api/messages/{id}",
        show_message,
        operation_id="messagesShow",
        tag="messages",
        summary="One message with its timeline.",
        params=OfId,
        answers={200: Message},
        errors=(NotFound,),
    ),
)
