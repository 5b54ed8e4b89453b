"""Fresh recipients: numbers and addresses that this gateway never gave before."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.core.errors import NotFound
from gateway.core.model import Document, Response
from gateway.core.recipients import national, recipient
from gateway.web.routing.api import Route
from gateway.web.routing.calls import Call, Input
from gateway.web.routing.models import ChannelField, ChannelFilter, End, Output
from gateway.web.server.answers import json_answer


class RecipientInput(Input):
    """A number of a region, or an address."""

    channel: Annotated[ChannelFilter, Field(description="A number, or an address.")] = "sms"
    region: Annotated[str, Field(pattern="^[A-Z]{2}$", description="ISO 3166, for a number.")] = "CN"
    test: (
        Annotated[
            str,
            Field(
                min_length=1,
                max_length=1000,
                description="The test that it is for: captures for the recipient show it.",
                examples=["tests/test_sign_in.py::test_sign_in"],
            ),
        ]
        | None
    ) = None


class FreshRecipient(Output):
    """A number or address that this gateway never gave before. All but ``to`` and ``channel`` is null for email."""

    to: str = Field(description="E.164, or an address.", examples=["+8613800138000"])
    channel: ChannelField
    region: str | None = Field(examples=["CN"])
    digits: str | None = Field(description="`to` without the plus.")
    national: str | None = Field(description="As people in that country write it.")
    cursor: End


async def create_recipient(call: Call) -> Response:
    body = await call.body(RecipientInput)
    fresh = call.services.fresh_recipients
    if body.channel == "email":
        to = fresh.email()
        made: Document = {"to": to, "channel": "email", "region": None, "digits": None, "national": None}
    else:
        to = await fresh.phone(body.region)
        made = {"to": to, "channel": "sms", "region": body.region, "digits": to[1:], "national": national(to)}
    if body.test is not None:
        await call.services.inbox.expect(recipient(to), body.test)
    return json_answer({**made, "cursor": call.services.inbox.cursor}, 201)


ROUTES = (
    Route(
        "POST",
        "/api/recipients",
        create_recipient,
        operation_id="recipientsCreate",
        tag="recipients",
        summary="A number or address that this gateway never gave before.",
        body=RecipientInput,
        example={"channel": "sms", "region": "CN"},
        answers={201: FreshRecipient},
        errors=(NotFound,),
    ),
)
