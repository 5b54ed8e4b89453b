"""The exact lines that point an Aliyun client at the fake."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from gateway.providers.ports import Connector

_ANY_KEY = ("any-key-id", "any-secret")  # a lenient fake takes keys that nobody registered


def recipes(host: str, port: int, connectors: Sequence[Connector]) -> Sequence[tuple[str, str]]:
    """Title and lines for each kind of client, with the credentials of the first connector."""
    at = f"{host}:{port}"
    found: list[tuple[str, str]] = []
    if connectors:
        settings = connectors[0].settings
        key_id, secret = settings.access_key_id, settings.access_key_secret
        found = [
            ("Logto, its connector HTTP SMS", _logto(at, connectors[0])),
            ("Logto, its connector Aliyun SMS, whose host is fixed: docs/aliyun-sms.md", _logto_aliyun(settings)),
        ]
    else:
        key_id, secret = _ANY_KEY
    return (
        ("Python SDK (alibabacloud-dysmsapi20170525)", _python(at, key_id, secret)),
        ("Node SDK (@alicloud/pop-core)", _pop_core(at, key_id, secret)),
        *found,
        ("Any client that talks to http://dysmsapi.aliyuncs.com", f"export http_proxy=http://{at}"),
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


def _logto(at: str, connector: Connector) -> str:
    # Logto's own Aliyun connector has no endpoint option; this one is posted to us, and we send.
    config = {"endpoint": f"http://{at}/api/connectors/{connector.id}/send"}
    if connector.authorization is not None:
        config["authorization"] = "<the connector's authorization>"
    return json.dumps(config, ensure_ascii=False)


def _logto_aliyun(settings: Any) -> str:
    def code(template: Any) -> object:
        codes = template.template_code
        same = codes.china == codes.overseas
        return codes.china if same else {"china": codes.china, "overseas": codes.overseas}

    config = {
        "accessKeyId": settings.access_key_id,
        "accessKeySecret": settings.access_key_secret,
        "signName": settings.sign_name,
        "templates": [
            {"usageType": one.usage_type, "templateCode": code(one), "type": one.type} for one in settings.templates
        ],
    }
    return json.dumps(config, ensure_ascii=False)
