"""What the driver's tests send, and with what."""

from __future__ import annotations

import asyncio
from itertools import chain, repeat
from typing import Any

# Loading the SDK takes longer than the deadlines of some tests.
import boto3  # noqa: F401

from gateway.core.model import Channel, Content, Message, Recipient, UsageType
from gateway.providers.aws_ses.driver import AwsSesDriver
from gateway.providers.aws_ses.settings import AwsSesSettings, parse
from tests.providers.aliyun_sms import scripted_server as wire

KEY_ID = "key-id-of-the-driver-tests"
SECRET = "s3cretOfTheDriverTests"
TO = "ada.lovelace@example.com"
CODE = "907318"
REQUEST_ID = "4ef0a3c2-0000-4000-8000-d1a1b1c1d1e1"
MESSAGE_ID = "010201a1fb70d3ed-6a94d6be-5918-d719-6f6a-8d5d9164e1c3-000000"

CONFIG: dict[str, Any] = {
    "accessKeyId": KEY_ID,
    "accessKeySecret": SECRET,
    "region": "eu-west-1",
    "emailAddress": "Example <otp@sender.example>",
}
TEMPLATES: list[dict[str, str]] = [
    {"usageType": "SignIn", "subject": "Code {{code}}", "content": "<p>Your code: <b>{{code}}</b></p>"},
    {"usageType": "Generic", "subject": "Hello {{user.name}}", "content": "<p>{{code}}</p>"},
]
RENDERED = Content(text=f"Your code is {CODE}", subject=f"{CODE} is your code", html=f"<p>{CODE}</p>")


def settings(config: dict[str, Any] | None = None, **options: Any) -> AwsSesSettings:
    return parse({**CONFIG, **(config or {})}, options)


def driver_for(address: str | None, config: dict[str, Any] | None = None, **options: Any) -> AwsSesDriver:
    return AwsSesDriver(settings(config, **options), address)


def message(
    to: str = TO, usage_type: UsageType = UsageType.SIGN_IN, payload: dict[str, Any] | None = None
) -> Message:
    recipient = Recipient(Channel.EMAIL, to, (to.lower(),))
    return Message("msg_0001", "email", recipient, usage_type, {"code": CODE} if payload is None else payload, 0.0)


OK = wire.answer(200, {"MessageId": MESSAGE_ID}, f"x-amzn-RequestId: {REQUEST_ID}")


def once_well(then: wire.Play) -> wire.Play:
    """The first request is answered, so that a client is there when the deadlines get short."""
    plays = chain([OK], repeat(then))

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await next(plays)(reader, writer)

    return play


def render() -> Content:
    return RENDERED


def deadline_in(seconds: float) -> float:
    return asyncio.get_running_loop().time() + seconds
