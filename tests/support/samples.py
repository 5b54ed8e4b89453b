"""Captures and messages for tests that need one, whatever it says."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from gateway.core.model import (
    Attachment,
    Capture,
    Channel,
    Content,
    Mail,
    Message,
    Recipient,
    UsageType,
    new_id,
)
from gateway.core.recipients import recipient
from tests.support.wall_clock import START

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


PDF = b"%PDF-1.7 made up" * 10
PNG = b"\x89PNG made up"
HTML = '<p>Hé, <img src="cid:logo" alt=""> <a href="https://app.example/in?a=1&amp;b=2">sign in</a></p>'


def attachment(name: str, kind: str, content: bytes, **more: Any) -> Attachment:
    return Attachment(name, kind, base64.b64encode(content).decode(), len(content), **more)


def mailed(*to: str, mail: Mail | None = None, html: str | None = HTML, subject: str = "Hé ✓") -> list[Capture]:
    """A capture for each recipient of one mail; with a picture and a document unless another is given."""
    if mail is None:
        logo = attachment("logo.png", "image/png", PNG, disposition="inline", content_id="logo")
        mail = Mail(
            sender="Zoë <zoe@app.example>",
            to=to,
            reply_to=("help@app.example",),
            headers=(("X-Campaign", "a"), ("List-Unsubscribe", "<https://app.example/out>")),
            attachments=(logo, attachment("Rechnung März.pdf", "application/pdf", PDF)),
            tags=(("campaign", "a"),),
        )
    return [
        Capture(
            provider="toy",
            operation="Send",
            recipient=recipient(one),
            content=Content("Hé, https://app.example/in?a=1&b=2", subject, html),
            exchange_id=new_id("ex"),
            received_at=START,
            mail=mail,
        )
        for one in to
    ]
