"""Verification codes as Logto's own API has them: paths, bodies, statuses and error codes."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from gateway.core.model import Channel, Recipient, Response, UsageType
from gateway.core.recipients import recipient
from gateway.verification import errors
from gateway.web.api.sending import refuse_exposed
from gateway.web.api.verifications import TypedCode, connector_for, peer
from gateway.web.routing.api import Route
from gateway.web.routing.calls import Call, LogtoInput
from gateway.web.routing.errors import CHECK_ERRORS, SEND_ERRORS

# Logto's own patterns. In JavaScript, \d is ASCII only.
_EMAIL = r"^\S+@\S+\.\S+$"
_PHONE = r"^[0-9]+$"


def _checked_email(text: str) -> str:
    if re.fullmatch(_EMAIL, text) is None:
        raise ValueError("must be an email address such as ada@example.com")
    return text


def _checked_phone(text: str) -> str:
    if re.fullmatch(_PHONE, text) is None:
        raise ValueError("must be digits with country code, without +, such as 8613800138000")
    return text


Email = Annotated[
    str,
    Field(max_length=320, examples=["ada@example.com"], json_schema_extra={"pattern": _EMAIL}),
    AfterValidator(_checked_email),
]
Phone = Annotated[
    str,
    Field(max_length=320, examples=["8613800138000"], json_schema_extra={"pattern": _PHONE}),
    AfterValidator(_checked_phone),
]


class Addressed(LogtoInput):
    """``email`` or ``phone``, as Logto writes them."""

    email: Email | None = None
    phone: Phone | None = Field(None, description="Digits with country code, without `+`.")

    @model_validator(mode="after")
    def _check_one(self) -> Addressed:
        if (self.email is None) == (self.phone is None):
            raise ValueError("give either email or phone")
        return self

    def recipient(self) -> Recipient:
        if self.email is not None:
            return recipient(self.email, Channel.EMAIL)
        return recipient(self.phone or "", Channel.SMS)


class Verify(Addressed):
    """The code as it was typed."""

    verification_code: TypedCode


async def request_code(call: Call) -> Response:
    to = (await call.body(Addressed)).recipient()
    connector = connector_for(call, to.channel)
    refuse_exposed(call, connector)
    await call.services.verification.request(connector, to, UsageType.GENERIC, {}, client=peer(call))
    return Response(204, (("Cache-Control", "no-store"),), b"")


async def verify_code(call: Call) -> Response:
    body = await call.body(Verify)
    await call.services.verification.check(body.recipient(), UsageType.GENERIC, body.verification_code)
    return Response(204, (("Cache-Control", "no-store"),), b"")


ROUTES = (
    Route(
        "POST",
        "/api/verification-codes",
        request_code,
        operation_id="logtoRequest",
        tag="verification",
        summary="Make a code of type Generic and send it, as Logto's API does.",
        body=Addressed,
        example={"phone": "8613800138000"},
        answers={204: None},
        idempotent=True,
        errors=(errors.MessageRateLimited, errors.NoConnector, *SEND_ERRORS),
    ),
    Route(
        "POST",
        "/api/verification-codes/verify",
        verify_code,
        operation_id="logtoVerify",
        tag="verification",
        summary="Check a code of type Generic and use it up, as Logto's API does.",
        body=Verify,
        example={"phone": "8613800138000", "verificationCode": "246810"},
        answers={204: None},
        errors=CHECK_ERRORS,
    ),
)
