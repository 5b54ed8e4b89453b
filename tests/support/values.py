"""Captures and messages for tests that need one, whatever it says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.model import Capture, Channel, Content, Message, Recipient, UsageType, new_id
from gateway.recipients import recipient
from tests.support.wall import START

PHONE = "+8613800138000"
OTHER = "+8613900139000"


def capture(
    to: str = PHONE,
    code: str | None = "246810",
    *,
    usage_type: str | None = None,
    link: str | None = None,
    text: str = "your code",
    provider: str = "toy",
    to_as: Recipient | None = None,
) -> Capture:
    return Capture(
        provider=provider,
        operation="Send",
        recipient=to_as or recipient(to),
        content=Content(text),
        exchange_id=new_id("ex"),
        received_at=START,
        code=code,
        code_source=None if code is None else "template_param",
        usage_type=usage_type,
        link=link,
    )


def read_as(to: str, *readings: str, channel: Channel = Channel.SMS) -> Recipient:
    """A recipient as some provider reads it."""
    return Recipient(channel, to, readings)


def message(to: str = PHONE, code: str = "135790", payload: Mapping[str, Any] | None = None) -> Message:
    return Message(
        id=new_id("msg"),
        connector_id="toy",
        recipient=recipient(to),
        usage_type=UsageType.SIGN_IN,
        payload={"code": code, "locale": "zh-CN"} if payload is None else payload,
        created_at=START,
    )
