"""Send a message through a connector. Logto's HTTP SMS and HTTP email connectors call this."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from gateway.core.errors import InvalidRequest, NotFound, Unauthorized, UnexpectedType
from gateway.core.model import Channel, Recipient, Response, UsageType
from gateway.core.recipients import recipient
from gateway.providers.ports import Connector
from gateway.web.routing.api import Route
from gateway.web.routing.calls import Call, Input
from gateway.web.routing.errors import SEND_ERRORS
from gateway.web.routing.models import FailedConnector, OfId, Output, Place, To
from gateway.web.server.access import SEND, same
from gateway.web.server.answers import json_answer

_TYPES: dict[str, Any] = {"enum": [*UsageType, "Test"], "examples": [UsageType.SIGN_IN]}
_PAYLOAD: dict[str, Any] = {
    "properties": {"code": {"type": "string"}, "link": {"type": "string"}},
    "examples": [{"code": "246810"}],
}


class Send(Input):
    """Logto's ``sendMessage`` data. Logto may add keys, so unknown ones are ignored, and listed in the answer."""

    model_config = ConfigDict(extra="allow")

    to: To = Field(min_length=1)
    type: str = Field(description="Logto's usage type, in any case.", json_schema_extra=_TYPES)
    payload: dict[str, Any] = Field(
        default_factory=dict, description="What the template is filled with.", json_schema_extra=_PAYLOAD
    )
    ip: str | None = Field(None, description="The address of the person who asked.")

    def usage_type(self) -> UsageType:
        # Older versions of Logto's console send "Test" instead of "Generic".
        if self.type.lower() == "test":
            return UsageType.GENERIC
        usage_type = UsageType.read(self.type)
        if usage_type is None:
            known = ", ".join(UsageType)
            raise InvalidRequest(f"type: must be one of {known}", data={"field": "type"})
        return usage_type


class SendByChannel(Send):
    """``connectorId``: the default of the recipient's channel unless given."""

    connector_id: str | None = Field(None, description="A connector's id; by default the channel's default one.")
    fallback_to: To | None = Field(
        None,
        min_length=1,
        description="The same person's address on the other channel, for where none of the first one can send.",
    )


class Receipt(Output):
    """What the provider answered to a message that it took."""

    provider: str = Field(examples=["aliyun-sms"])
    provider_message_id: str = Field(description="The provider's id of the message (Aliyun: BizId).")
    request_id: str = Field(description="The provider's id of the request.")
    provider_code: str = Field(description="The provider's own code.", examples=["OK"])


class Sent(Output):
    """The provider took the message."""

    message_id: str = Field(examples=["msg_9f2c61d0a4b87e35"])
    connector_id: str = Field(description="The connector that sent it.", examples=["sms"])
    fallback_to: str | None = Field(None, description="Where it went, if not to `to`.")
    failed: list[FailedConnector] | None = Field(
        None, description="The connectors before it, in order, each with why it certainly did not send."
    )
    cursor: Place
    receipt: Receipt
    ignored: list[str] = Field(description="Keys of the body that we do not know, sorted.")


def admit(call: Call) -> None:
    """Check the connector's own authorization, or else the API token. Raises NotFound, Unauthorized, Forbidden."""
    connector = call.services.connectors.find(call.params["id"])
    if connector.authorization is None:
        call.services.guard.check_token(call.request)
        refuse_exposed(call, connector)
    else:
        given = call.request.headers.get("Authorization", "")
        if not same(given, connector.authorization):
            raise Unauthorized(
                "Authorization: must be the connector's authorization, verbatim",
                data={"field": "Authorization"},
            )


def refuse_exposed(call: Call, *connectors: Connector) -> None:
    """Check that not every caller on the network can send for real through these connectors. Raises Forbidden."""
    if any(call.services.delivery.may_be_real(connector) for connector in connectors):
        call.services.guard.check_live()


async def send_through_connector(call: Call) -> Response:
    connector = call.services.connectors.find(call.params["id"])
    channel = _channel(connector)
    body = await call.body(Send)
    return await _deliver(call, body, connector, recipient(body.to, channel))


async def send_message(call: Call) -> Response:
    connectors = call.services.connectors
    body = await call.body(SendByChannel)
    if body.connector_id is not None:
        connector = connectors.find(body.connector_id)
    else:
        wanted = recipient(body.to).channel
        default = connectors.default(wanted)
        if default is None:
            raise NotFound(f"to: there is no connector for {wanted}", data={"field": "to"})
        connector = default
    to = recipient(body.to, _channel(connector))
    fallback = _fallback(call, body.fallback_to, to.channel)
    stand_in = connectors.default(fallback.channel) if fallback is not None else None
    refuse_exposed(call, connector, *([stand_in] if stand_in is not None else []))
    return await _deliver(call, body, connector, to, fallback)


def _channel(connector: Connector) -> Channel:
    """Return the channel that a connector sends on. Raises UnexpectedType for a social connector."""
    if connector.factory.channel is None:
        raise UnexpectedType(f"{connector.id} is a social connector: it signs people in, and sends nothing")
    return connector.factory.channel


def _fallback(call: Call, fallback_to: str | None, channel: Channel) -> Recipient | None:
    """Read ``fallbackTo``: a recipient of the other channel. Raises InvalidRequest, NotFound."""
    if fallback_to is None:
        return None
    try:
        found = recipient(fallback_to)
    except InvalidRequest as error:
        text = error.message.replace("to:", "fallbackTo:", 1)
        raise InvalidRequest(text, data={"field": "fallbackTo"}) from None
    if found.channel is channel:
        raise InvalidRequest(
            f"fallbackTo: must be of another channel than to, which is {channel}", data={"field": "fallbackTo"}
        )
    if call.services.connectors.default(found.channel) is None:
        raise NotFound(f"fallbackTo: there is no connector for {found.channel}", data={"field": "fallbackTo"})
    return found


async def _deliver(
    call: Call, body: Send, connector: Connector, to: Recipient, fallback: Recipient | None = None
) -> Response:
    for name in ("code", "link"):
        if not isinstance(body.payload.get(name, ""), str):
            raise InvalidRequest(f"payload.{name}: must be a string", data={"field": f"payload.{name}"})
    delivered = await call.services.delivery.send(connector, to, body.usage_type(), body.payload, body.ip, fallback)
    return json_answer(
        {
            "messageId": delivered.message_id,
            "connectorId": delivered.connector.id,
            **({"fallbackTo": delivered.recipient.to} if delivered.recipient is fallback else {}),
            **({"failed": list(delivered.failed)} if delivered.failed else {}),
            "cursor": delivered.cursor,
            "receipt": delivered.receipt.document(),
            "ignored": sorted(body.model_extra or {}),
        }
    )


ROUTES = (
    Route(
        "POST",
        "/api/connectors/{id}/send",
        send_through_connector,
        operation_id="sendingSend",
        access=SEND,
        admit=admit,
        idempotent=True,
        tag="sending",
        summary="Send a message through a connector, as Logto's HTTP connectors do.",
        params=OfId,
        body=Send,
        example={"to": "13800138000", "type": "SignIn", "payload": {"code": "246810"}},
        answers={200: Sent},
        errors=(NotFound, Unauthorized, *SEND_ERRORS),
    ),
    Route(
        "POST",
        "/api/messages",
        send_message,
        operation_id="sendingCreate",
        idempotent=True,
        tag="sending",
        summary="Send a message through the default connector of its channel, or the one named.",
        body=SendByChannel,
        example={"to": "13800138000", "type": "SignIn", "payload": {"code": "246810"}},
        answers={200: Sent},
        errors=(NotFound, *SEND_ERRORS),
    ),
)
