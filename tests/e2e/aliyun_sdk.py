"""Aliyun's own Python SDK (``alibabacloud_dysmsapi20170525``), called as its users call it."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from alibabacloud_dysmsapi20170525 import models
from alibabacloud_dysmsapi20170525.client import Client
from alibabacloud_tea_openapi.utils_models import Config

from tests.e2e.accounts import KEY_ID, SECRET, SIGN_NAME, TEMPLATE


def address(url: str) -> str:
    """``host:port`` of a gateway."""
    return urlsplit(url).netloc


def client(url: str, key_id: str = KEY_ID, secret: str = SECRET, **config: Any) -> Any:
    """The SDK's client for the fake of the gateway at ``url``."""
    return Client(_config(url, key_id, secret, **config))


def config(url: str, key_id: str = KEY_ID, secret: str = SECRET) -> Any:
    """The same for the SDK of the international API."""
    return _config(url, key_id, secret)


def _config(url: str, key_id: str, secret: str, **config: Any) -> Any:
    given = {"endpoint": address(url), "protocol": "HTTP", "read_timeout": 5000, "connect_timeout": 2000, **config}
    return Config(access_key_id=key_id, access_key_secret=secret, **given)


def request(to: str, code: str, **fields: str) -> Any:
    """What ``send_sms`` takes. ``to`` is as Aliyun takes it: digits."""
    given = {
        "phone_numbers": to,
        "sign_name": SIGN_NAME,
        "template_code": TEMPLATE,
        "template_param": json.dumps({"code": code}),
        **fields,
    }
    return models.SendSmsRequest(**given)


def query(number: str, date: str, **fields: Any) -> Any:
    """What ``query_send_details`` takes. ``date``: yyyyMMdd in UTC+8."""
    given = {"phone_number": number, "send_date": date, "page_size": 10, "current_page": 1, **fields}
    return models.QuerySendDetailsRequest(**given)
