"""What the driver's tests send, and with what."""

from __future__ import annotations

import asyncio
from typing import Any

# Loading the SDK takes longer than the deadlines of some tests.
import alibabacloud_dysmsapi20170525.client  # noqa: F401

from gateway.core.model import Channel, Content, Message, Recipient, UsageType
from gateway.providers.aliyun_sms.driver import AliyunSmsDriver
from gateway.providers.aliyun_sms.settings import AliyunSmsSettings, parse

KEY_ID = "LTAI5tDriverTests"
SECRET = "s3cretOfTheDriverTests"
PHONE = "13800138000"
CODE = "907318"

CONFIG: dict[str, Any] = {
    "accessKeyId": KEY_ID,
    "accessKeySecret": SECRET,
    "signName": "阿里云短信测试",
    "templates": [
        {"usageType": "Register", "templateCode": "SMS_1"},
        {"usageType": "SignIn", "templateCode": {"china": "SMS_2", "overseas": "SMS_3"}},
        {"usageType": "ForgotPassword", "templateCode": "SMS_4"},
        {"usageType": "Generic", "templateCode": {"china": "SMS_5", "overseas": "SMS_6"}},
    ],
}


def settings(config: dict[str, Any] | None = None, **options: Any) -> AliyunSmsSettings:
    return parse({**CONFIG, **(config or {})}, options)


def driver_for(address: str | None, config: dict[str, Any] | None = None, **options: Any) -> AliyunSmsDriver:
    return AliyunSmsDriver(settings(config, **options), address)


def message(
    to: str = f"86{PHONE}", usage_type: UsageType = UsageType.SIGN_IN, payload: dict[str, Any] | None = None
) -> Message:
    recipient = Recipient(Channel.SMS, to, (to,))
    return Message("msg_0001", "sms", recipient, usage_type, {"code": CODE} if payload is None else payload, 0.0)


def no_render() -> Content:
    raise AssertionError("Aliyun renders on its side")


def deadline_in(seconds: float) -> float:
    return asyncio.get_running_loop().time() + seconds
