"""The exact lines that point an Aliyun client at the fake."""

from __future__ import annotations

import json
from collections.abc import Sequence

from gateway.ports import Connector

_ANY_KEY = ("any-key-id", "any-secret")  # a lenient fake takes keys that nobody registered


def recipes(host: str, port: int, connectors: Sequence[Connector]) -> Sequence[tuple[str, str]]:
    """Title and lines for each kind of client, with the credentials of the first connector."""
    at = f"{host}:{port}"
    if connectors:
        settings = connectors[0].settings
        key_id, secret = settings.access_key_id, settings.access_key_secret
        code = next(iter(settings.template_codes()), ("SMS_100000001", None))[0]
        sign_name = settings.sign_name
    else:
        (key_id, secret), code, sign_name = _ANY_KEY, "SMS_100000001", "阿里云短信测试"
    return (
        ("Python SDK (alibabacloud-dysmsapi20170525)", _python(at, key_id, secret)),
        ("Node SDK (@alicloud/pop-core)", _pop_core(at, key_id, secret)),
        ("Logto (@logto/connector-aliyun-sms), its JSON", _logto(key_id, secret, sign_name, code)),
        (
            "Any client, by its proxy settings",
            f"export http_proxy=http://{at}   # and http://dysmsapi.aliyuncs.com",
        ),
    )


def _python(at: str, key_id: str, secret: str) -> str:
    # The SDK heeds http_proxy but not no_proxy: naming the fake as its own proxy is the way past another one.
    return "\n".join(
        (
            "from alibabacloud_dysmsapi20170525.client import Client",
            "from alibabacloud_tea_openapi.models import Config",
            f"client = Client(Config(endpoint={at!r}, protocol='HTTP',",
            f"                       access_key_id={key_id!r}, access_key_secret={secret!r},",
            f"                       http_proxy='http://{at}'))  # only needed where HTTP_PROXY is set",
        )
    )


def _pop_core(at: str, key_id: str, secret: str) -> str:
    options = {
        "accessKeyId": key_id,
        "accessKeySecret": secret,
        "endpoint": f"http://{at}",
        "apiVersion": "2017-05-25",
    }
    return "\n".join(
        (
            "const Core = require('@alicloud/pop-core');",
            f"const client = new Core({json.dumps(options, ensure_ascii=False)});",
        )
    )


def _logto(key_id: str, secret: str, sign_name: str, code: str) -> str:
    templates = [
        {"usageType": usage_type, "templateCode": code}
        for usage_type in ("SignIn", "Register", "ForgotPassword", "Generic")
    ]
    config = {"accessKeyId": key_id, "accessKeySecret": secret, "signName": sign_name, "templates": templates}
    # Logto's connector has no endpoint option: a hosts entry must send its fixed host here.
    note = "// its host is fixed: send dysmsapi.aliyuncs.com here by a hosts entry (docs), with TLS on 443"
    return f"{note}\n{json.dumps(config, ensure_ascii=False)}"
