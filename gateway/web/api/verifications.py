"""One-time codes with rules: request one, check one, forget a recipient, pin the next code."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from gateway.core.errors import InvalidRequest, NotFound
from gateway.core.model import Channel, Document, Recipient, Response, UsageType, iso
from gateway.core.recipients import recipient
from gateway.providers.ports import Connector
from gateway.verification import Pin, errors, rules
from gateway.verification.errors import SandboxOnly
from gateway.web.api.sending import Receipt, refuse_exposed
from gateway.web.routing.api import Route
from gateway.web.routing.calls import Call, Input
from gateway.web.routing.errors import CHECK_ERRORS, SEND_ERRORS
from gateway.web.routing.models import (
    ChannelField,
    Deleted,
    FailedConnector,
    OfRecipient,
    Output,
    Place,
    ReadAs,
    SentTo,
    Time,
    To,
    UsageTypeField,
    UsageTypeFilter,
    ZonedTime,
)
from gateway.web.server.answers import json_answer

Id = Annotated[str, Field(description="This request, for a check that means no other.")]


def _checked_code(text: str) -> str:
    if rules.read(text) is None:
        raise ValueError("must hold the code that was sent")
    return text


def _checked_address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        raise ValueError("must be an IP address such as 203.0.113.7") from None


TypedCode = Annotated[
    str,
    Field(
        min_length=1,
        max_length=rules.LONGEST_TYPED,
        description="As it was typed: spaces, hyphens and full-width digits do no harm.",
        examples=["246810"],
    ),
    AfterValidator(_checked_code),
]
PinnedCode = Annotated[
    str, Field(pattern="^[A-Za-z0-9]{1,32}$", description="What will be sent.", examples=["246810"])
]
_Type = Annotated[UsageTypeFilter, Field(description="Logto's usage type, in any case.")]


class CodeRequest(Input):
    """A code for somebody."""

    to: To = Field(min_length=1)
    type: _Type = "Generic"
    locale: str | None = Field(None, max_length=100, description="The language of the message, as `zh-CN`.")
    payload: dict[str, Any] = Field(
        default_factory=dict, description="More for the template. The code is the gateway's affair."
    )
    connector_id: str | None = Field(None, description="A connector's id; by default the channel's default one.")
    client_ip: Annotated[str, AfterValidator(_checked_address)] | None = Field(
        None, max_length=64, description="The address of the person who asks; by default the caller's own."
    )
    policy: Literal["logto", "nist", "off"] | None = Field(
        None, description="A preset for this code; by default the config file's policy."
    )

    def full_payload(self) -> Document:
        """Return the payload with the locale. Raises InvalidRequest."""
        if "code" in self.payload:
            raise InvalidRequest(
                "payload.code: the gateway makes the code; to know it beforehand, pin it",
                data={"field": "payload.code"},
            )
        if not isinstance(self.payload.get("link", ""), str):
            raise InvalidRequest("payload.link: must be a string", data={"field": "payload.link"})
        return self.payload if self.locale is None else {**self.payload, "locale": self.locale}


class CodeCheck(Input):
    """What somebody typed."""

    to: To = Field(min_length=1)
    type: _Type = "Generic"
    code: TypedCode
    verification_id: str | None = Field(
        None, min_length=1, max_length=100, description="Only the code of this request, as its answer has it."
    )


class RequestedCode(Output):
    """The code is on its way."""

    verification_id: Id
    message_id: str = Field(examples=["msg_9f2c61d0a4b87e35"])
    connector_id: str = Field(description="The connector that sent it.", examples=["sms"])
    failed: list[FailedConnector] | None = Field(
        None, description="The connectors before it, in order, each with why it certainly did not send."
    )
    cursor: Place
    to: SentTo
    read_as: ReadAs
    channel: ChannelField
    type: UsageTypeField
    expires_at: Time | None = Field(description="The last moment at which it is right; null: it has no end.")
    resend_at: Time = Field(description="When the next one may be requested.")
    tries_left: int | None = Field(description="How many wrong codes may be tried; null: no limit.")
    receipt: Receipt
    code: str | None = Field(None, description="Only where `codes.echo` of the config file says so.")


class CheckedCode(Output):
    """The code was right, and is used up."""

    verified: bool = Field(json_schema_extra={"const": True})
    verification_id: Id
    to: SentTo
    read_as: ReadAs
    channel: ChannelField
    type: UsageTypeField


class PinInput(Input):
    """A code that is known beforehand."""

    code: PinnedCode
    until: (
        Annotated[
            ZonedTime,
            Field(description="When the pin ends, on the gateway's clock; else with the process."),
        ]
        | None
    ) = None


class PinShown(Output):
    """What the next code of a recipient will be."""

    to: SentTo
    read_as: ReadAs
    channel: ChannelField
    code: PinnedCode
    until: Time | None = Field(description="When the pin ends; null: with the process.")


class PinsShown(Output):
    """All pins that are in force."""

    pins: list[PinShown]


def connector_for(call: Call, channel: Channel) -> Connector:
    """Return the default connector of a channel. Raises NoConnector."""
    found = call.services.connectors.default(channel)
    if found is None:
        raise errors.NoConnector(f"there is no connector for {channel}")
    return found


def peer(call: Call) -> str | None:
    """Return the IP address of the caller."""
    try:
        return str(ip_address(call.request.remote or ""))
    except ValueError:
        return None


async def request_code(call: Call) -> Response:
    body = await call.body(CodeRequest)
    if body.connector_id is not None:
        connector = call.services.connectors.find(body.connector_id)
    else:
        connector = connector_for(call, recipient(body.to).channel)
    refuse_exposed(call, connector)
    to = recipient(body.to, connector.factory.channel)
    found = await call.services.verification.request(
        connector,
        to,
        UsageType(body.type),
        body.full_payload(),
        client=body.client_ip or peer(call),
        policy=body.policy,
    )
    sent = found.delivered
    answer: Document = {
        "verificationId": found.verification_id,
        "messageId": sent.message_id,
        "connectorId": sent.connector.id,
        **({"failed": list(sent.failed)} if sent.failed else {}),
        "cursor": sent.cursor,
        **_describe_recipient(to, body.type),
        "expiresAt": None if found.expires_at is None else iso(found.expires_at),
        "resendAt": iso(found.resend_at),
        "triesLeft": found.tries_left,
        "receipt": sent.receipt.document(),
    }
    if found.code is not None:
        answer["code"] = found.code
    return json_answer(answer)


async def check_code(call: Call) -> Response:
    body = await call.body(CodeCheck)
    to = recipient(body.to)
    passed = await call.services.verification.check(to, UsageType(body.type), body.code, body.verification_id)
    return json_answer(
        {"verified": True, "verificationId": passed.verification_id, **_describe_recipient(to, body.type)}
    )


async def forget_recipient(call: Call) -> Response:
    if not await call.services.verification.forget_recipient(recipient(call.params["to"])):
        raise NotFound("nothing is known of codes for that recipient")
    return json_answer({"deleted": 1})


def _describe_recipient(to: Recipient, usage_type: str) -> Document:
    return {"to": to.to, "readAs": to.read_as, "channel": to.channel.value, "type": usage_type}


async def list_pins(call: Call) -> Response:
    return json_answer({"pins": [pin.document() for pin in call.services.verification.pins.listing()]})


async def set_pin(call: Call) -> Response:
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


async def delete_pin(call: Call) -> Response:
    if not call.services.verification.pins.remove(recipient(call.params["to"])):
        raise NotFound("no code is pinned for that recipient (any more)")
    return json_answer({"deleted": 1})


ROUTES = (
    Route(
        "POST",
        "/api/verifications",
        request_code,
        operation_id="verificationsCreate",
        tag="verification",
        summary="Make a code, send it, and say until when it is good.",
        body=CodeRequest,
        example={"to": "13800138000", "type": "SignIn", "locale": "zh-CN"},
        answers={200: RequestedCode},
        idempotent=True,
        errors=(NotFound, errors.MessageRateLimited, errors.NoConnector, *SEND_ERRORS),
    ),
    Route(
        "POST",
        "/api/verifications/check",
        check_code,
        operation_id="verificationsCheck",
        tag="verification",
        summary="Check what somebody typed. The right code is used up, a wrong one costs a try.",
        body=CodeCheck,
        example={"to": "13800138000", "type": "SignIn", "code": "246810"},
        answers={200: CheckedCode},
        errors=(*CHECK_ERRORS, errors.PhoneMismatch, errors.EmailMismatch),
    ),
    Route(
        "DELETE",
        "/api/verifications/{to}",
        forget_recipient,
        operation_id="verificationsForget",
        tag="verification",
        summary="Forget the codes, counts and locks of one recipient.",
        params=OfRecipient,
        answers={200: Deleted},
        errors=(NotFound,),
    ),
    Route(
        "GET",
        "/api/code-pins",
        list_pins,
        operation_id="pinsListing",
        tag="verification",
        summary="Every pin in force.",
        answers={200: PinsShown},
    ),
    Route(
        "PUT",
        "/api/code-pins/{to}",
        set_pin,
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
        delete_pin,
        operation_id="pinsDelete",
        tag="verification",
        summary="Take the pin of a recipient away.",
        params=OfRecipient,
        answers={200: Deleted},
        errors=(NotFound,),
    ),
)
