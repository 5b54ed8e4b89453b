"""Fresh recipients: numbers and addresses that this gateway never gave before."""

from __future__ import annotations

import contextlib
import secrets
from typing import Annotated

from pydantic import Field

from gateway.core.errors import Conflict, NotFound
from gateway.core.model import Document, Response
from gateway.core.recipients import fresh_phone, fresh_range, is_valid_phone, national
from gateway.storage.ports import Records
from gateway.web.routing.api import Route
from gateway.web.routing.calls import Call, Input
from gateway.web.routing.models import ChannelField, ChannelFilter, End, Output
from gateway.web.server.answers import json_answer


class RecipientInput(Input):
    """A number of a region, or an address."""

    channel: Annotated[ChannelFilter, Field(description="A number, or an address.")] = "sms"
    region: Annotated[str, Field(pattern="^[A-Z]{2}$", description="ISO 3166, for a number.")] = "CN"


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
    store = call.services.store
    if body.channel == "email":
        to = f"user-{secrets.token_hex(6)}@example.com"
        made: Document = {"to": to, "channel": "email", "region": None, "digits": None, "national": None}
    else:
        to = fresh_phone(body.region, await _next_number(store.records, body.region))
        while not is_valid_phone(to):
            to = fresh_phone(body.region, await _next_number(store.records, body.region))
        made = {"to": to, "channel": "sms", "region": body.region, "digits": to[1:], "national": national(to)}
    return json_answer({**made, "cursor": store.log.last()}, 201)


async def _next_number(records: Records, region: str) -> int:
    """Count up from a random start, so that two gateways give different numbers. Raises NotFound at the end."""
    key = f"recipients/{region}"
    while True:
        record = await records.get(key)
        first = record.value["first"] if record else secrets.randbelow(10**6)
        count = record.value["count"] + 1 if record else first
        if count - first >= fresh_range(region):
            raise NotFound(f"region: every number of {region} that we can make up was given already")
        with contextlib.suppress(Conflict):
            await records.put(key, {"first": first, "count": count}, record.version if record else 0)
            return int(count)


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
