"""Who has an account where: the sandbox of a gateway without a config file, and the strict one of these tests."""

from __future__ import annotations

import json
from datetime import timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8))
"""Aliyun's days and dates."""

# fixtures/sandbox.yaml
KEY_ID = "sandbox-key-id"
SECRET = "sandbox-key-secret"

STRICT_KEY_ID = "strict-key-id"
STRICT_SECRET = "strict+key/secret="
OTHER_KEY_ID = "other-key-id"
OTHER_SECRET = "other-key-secret"
STS_KEY_ID = "STS.temporary"
STS_SECRET = "temporary-key-secret"
STS_TOKEN = "CAISgreat+token/with=odd"

SIGN_NAME = "网关沙盒"
TEMPLATE = "SMS_100000001"
"""The fixtures' registered template of the usage type SignIn for mainland numbers."""

AUTHORIZATION = "Bearer what Logto was told"
TIMEOUT = 0.6
"""Seconds that the driver of the strict gateway waits for the provider."""

_REQUIRED = ("SignIn", "Register", "ForgotPassword", "Generic")


def logto_config(key_id: str, secret: str) -> dict[str, object]:
    """The JSON of Logto's connector ``@logto/connector-aliyun-sms``."""
    numbers = {"SignIn": 1, "Register": 2, "ForgotPassword": 3, "Generic": 5}
    templates = [
        {
            "usageType": usage_type,
            "templateCode": {
                "china": f"SMS_10000000{numbers[usage_type]}",
                "overseas": f"SMS_20000000{numbers[usage_type]}",
            },
        }
        for usage_type in _REQUIRED
    ]
    return {"accessKeyId": key_id, "accessKeySecret": secret, "signName": SIGN_NAME, "templates": templates}


def _connector(name: str, key_id: str, secret: str, **more: object) -> dict[str, object]:
    factory = "aliyun-short-message-service"
    return {"id": name, "factory": factory, "config": logto_config(key_id, secret), **more}


def _account(key_id: str, secret: str, **more: str) -> dict[str, str]:
    return {"access_key_id": key_id, "access_key_secret": secret, **more}


# JSON is YAML.
CONFIG = json.dumps(
    {
        "connectors": [
            _connector("sms", STRICT_KEY_ID, STRICT_SECRET, options={"timeout_seconds": TIMEOUT}),
            _connector("v2", STRICT_KEY_ID, STRICT_SECRET, options={"signature_algorithm": "v2"}),
            _connector("sts", STS_KEY_ID, STS_SECRET, options={"security_token": STS_TOKEN}),
            _connector("guarded", STRICT_KEY_ID, STRICT_SECRET, authorization=AUTHORIZATION),
        ],
        "fakes": {
            "aliyun-sms": {
                "strict": True,
                # What is sent twice here is not about limits.
                "limits": False,
                "accounts": [
                    _account(OTHER_KEY_ID, OTHER_SECRET),
                    _account(STS_KEY_ID, STS_SECRET, security_token=STS_TOKEN),
                ],
            }
        },
    },
    ensure_ascii=False,
)
