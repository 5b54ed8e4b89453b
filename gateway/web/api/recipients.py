"""Fresh recipients: numbers and addresses that this gateway never handed out before."""

from __future__ import annotations

import contextlib
import secrets
from typing import Annotated

from pydantic import Field

from gateway.core.errors import Conflict, NotFound
from gateway.core.model import Document, Response
from gateway.core.recipients import fresh_phone, fresh_range, is_valid_phone, national
from gateway.storage.ports import Records
from gateway.web.api.inputs import ChannelName
from gateway.web.api.shapes.recipients import FreshRecipient
from gateway.web.routing.api import Route
from gateway.web.routing.calls import Call, Input
from gateway.web.server.answers import json_answer


class Fresh(Input):
    """A number of a region, or an address."""

    channel: Annotated[ChannelName, Field(description="A number, or an address.")] = "sms"
    region: Annotated[str, Field(pattern="^[A-Z]{2}$", description="ISO 3166, for a number.")] = "CN"


async def create(call: Call) -> Response:
    body = await call.body(Fresh)
    store = call.services.store
    if body.channel == "email":
        to = f"user-{secrets.token_hex(6)}@example.com"
        made: Document = {"to": to, "channel": "email", "region": None, "digits": None, "national": None}
    else:
        to = fresh_phone(body.region, await _next(store.records, body.region))
        while not is_valid_phone(to):
            to = fresh_phone(body.region, await _next(store.records, body.region))
        made = {"to": to, "channel": "sms", "region": body.region, "digits": to[1:], "national": national(to)}
    return json_answer({**made, "cursor": store.log.last()}, 201)


async def _next(records: Records, region: str) -> int:
    """Counts up from a random start, so that two gateways hand out different numbers."""
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
        create,
        operation_id="recipientsCreate",
        tag="recipients",
        summary="A number or address that this gateway never gave before.",
        body=Fresh,
        example={"channel": "sms", "region": "CN"},
        answers={201: FreshRecipient},
        errors=(NotFound,),
    ),
)
