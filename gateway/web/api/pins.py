"""Pins: what the next codes of a recipient will be."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator, Field

from gateway.core.errors import InvalidRequest, NotFound
from gateway.core.model import Response
from gateway.core.recipients import recipient
from gateway.verification import Pin
from gateway.verification.errors import SandboxOnly
from gateway.web.api.clock import time_with_zone
from gateway.web.api.inputs import OfRecipient
from gateway.web.api.shapes.verifications import PinShown, PinsShown
from gateway.web.routing.api import Route
from gateway.web.routing.calls import Call, Input
from gateway.web.routing.shared import Deleted
from gateway.web.server.answers import json_answer


class PinInput(Input):
    """A code that is known beforehand."""

    code: str = Field(pattern="^[A-Za-z0-9]{1,32}$", description="What will be sent.", examples=["246810"])
    until: (
        Annotated[
            AwareDatetime,
            BeforeValidator(time_with_zone),
            Field(description="When the pin ends, on the gateway's clock; else with the process."),
        ]
        | None
    ) = None


async def listing(call: Call) -> Response:
    return json_answer({"pins": [pin.document() for pin in call.services.verification.pins.listing()]})


async def put(call: Call) -> Response:
    body = await call.body(PinInput)
    verification = call.services.verification
    if verification.live:
        raise SandboxOnly("codes are pinned in a sandbox only: this gateway is in mode live")
    until = body.until.timestamp() if body.until is not None else None
    if until is not None and until <= call.services.clock.now():
        raise InvalidRequest("until: is over by the gateway's clock", data={"field": "until"})
    pin = Pin(recipient(call.params["to"]), body.code, until)
    verification.pins.put(pin)
    return json_answer(pin.document())


async def delete(call: Call) -> Response:
    if not call.services.verification.pins.remove(recipient(call.params["to"])):
        raise NotFound("no code is pinned for that recipient (any more)")
    return json_answer({"deleted": 1})


ROUTES = (
    Route(
        "GET",
        "/api/code-pins",
        listing,
        operation_id="pinsListing",
        tag="verification",
        summary="Every pin in force.",
        answers={200: PinsShown},
    ),
    Route(
        "PUT",
        "/api/code-pins/{to}",
        put,
        operation_id="pinsPut",
        tag="verification",
        summary="Pin the code of a recipient: what is requested for it from now on.",
        params=OfRecipient,
        body=PinInput,
        example={"code": "246810"},
        answers={200: PinShown},
        errors=(NotFound, SandboxOnly),
    ),
    Route(
        "DELETE",
        "/api/code-pins/{to}",
        delete,
        operation_id="pinsDelete",
        tag="verification",
        summary="Take the pin of a recipient away.",
        params=OfRecipient,
        answers={200: Deleted},
        errors=(NotFound,),
    ),
)
