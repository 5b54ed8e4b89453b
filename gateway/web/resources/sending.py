"""Sending through a connector: the door at which Logto's HTTP connectors knock."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from gateway.errors import InvalidRequest, Unauthorized
from gateway.model import Response, UsageType
from gateway.recipients import recipient
from gateway.web.access import same
from gateway.web.answers import json_answer
from gateway.web.api import Route
from gateway.web.calls import Call, Input


class Send(Input):
    """Logto's ``sendMessage`` data. Logto may add keys, so unknown ones are ignored, and listed in the answer."""

    model_config = ConfigDict(extra="allow")

    to: str = Field(min_length=1)
    type: str
    payload: dict[str, Any] = Field(default_factory=dict)
    ip: str | None = None

    def usage_type(self) -> UsageType:
        # Logto's console sent "Test" before it had "Generic".
        if self.type == "Test":
            return UsageType.GENERIC
        try:
            return UsageType(self.type)
        except ValueError:
            known = ", ".join(UsageType)
            raise InvalidRequest(f"type: must be one of {known}", data={"field": "type"}) from None


async def send(call: Call) -> Response:
    services = call.services
    connector = services.delivery.connector(call.params["id"])
    if connector.authorization is not None:
        given = call.request.headers.get("Authorization", "")
        if not same(given, connector.authorization):
            raise Unauthorized(
                "Authorization: must be the connector's authorization, verbatim",
                data={"field": "Authorization"},
            )
    body = await call.body(Send)
    for name in ("code", "link"):
        if not isinstance(body.payload.get(name, ""), str):
            raise InvalidRequest(f"payload.{name}: must be a string", data={"field": f"payload.{name}"})
    to = recipient(body.to, connector.factory.channel)
    message_id, cursor, receipt = await services.delivery.send(
        connector, to, body.usage_type(), body.payload, body.ip
    )
    return json_answer(
        {
            "messageId": message_id,
            "cursor": cursor,
            "receipt": receipt.document(),
            "ignored": sorted(body.model_extra or {}),
        }
    )


ROUTES = (Route("POST", "/api/connectors/{id}/send", send, own_access=True),)
