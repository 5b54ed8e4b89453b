"""Codes that were requested and checked, and those that are pinned."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.web.api.shapes.sending import Receipt
from gateway.web.routing.shared import FailedConnector, Kind, Place, ReadAs, Shape, Time, To, Usage

Id = Annotated[str, Field(description="This request, for a check that means no other.")]


class RequestedCode(Shape):
    """The code is on its way."""

    verification_id: Id
    message_id: str = Field(examples=["msg_9f2c61d0a4b87e35"])
    connector_id: str = Field(description="The connector that sent it.", examples=["sms"])
    failed: list[FailedConnector] | None = Field(
        None, description="The connectors before it, in order, each with why it certainly did not send."
    )
    cursor: Place
    to: To
    read_as: ReadAs
    channel: Kind
    type: Usage
    expires_at: Time | None = Field(description="The last moment at which it is right; null: it has no end.")
    resend_at: Time = Field(description="When the next one may be requested.")
    tries_left: int | None = Field(description="How many wrong codes may be tried; null: no limit.")
    receipt: Receipt
    code: str | None = Field(None, description="Only where `codes.echo` of the config file says so.")


class CheckedCode(Shape):
    """The code was right, and is used up."""

    verified: bool = Field(json_schema_extra={"const": True})
    verification_id: Id
    to: To
    read_as: ReadAs
    channel: Kind
    type: Usage


class PinShown(Shape):
    """What the next code of a recipient will be."""

    to: To
    read_as: ReadAs
    channel: Kind
    code: str = Field(examples=["246810"])
    until: Time | None = Field(description="When the pin ends; null: with the process.")


class PinsShown(Shape):
    """All pins that are in force."""

    pins: list[PinShown]
