"""Messages, each with its timeline."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gateway.web.api.shapes.sending import Receipt
from gateway.web.routing.shared import End, ErrorData, Json, Kind, Place, ReadAs, Shape, Time, To, Usage


class Step(Shape):
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


class Message(Shape):
    """What we were asked to send, and what became of it."""

    message_id: str = Field(examples=["msg_9f2c61d0a4b87e35"])
    connector_id: str = Field(description="The one that was asked; the timeline shows who sent it.")
    channel: Kind
    to: To
    read_as: ReadAs
    fallback_to: str | None = Field(None, description="As it was given.")
    type: Usage
    locale: str | None = Field(description="The payload's.")
    code: str | None = Field(description="The payload's.")
    payload: Json = Field(description="As it was given.")
    at: Time
    status: Literal["sending", "sent", "failed"]
    receipt: Receipt | None = Field(description="Once it was sent.")
    cursor: Place
    timeline: list[Step] = Field(description="Oldest first.")


class Messages(Shape):
    """A page of messages."""

    messages: list[Message]
    cursor: End
