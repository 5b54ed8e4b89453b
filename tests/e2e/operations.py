"""Every operation, called with the official SDKs by its name on the wire."""

from __future__ import annotations

import importlib
import re
from typing import Any

from tests.e2e import aliyun_sdk

GLOBE = ("SendMessageToGlobe", "BatchSendMessageToGlobe", "SendMessageWithTemplate", "QueryMessage")
TEMPLATE = {
    "template_name": "登录",
    "template_content": "您的验证码为${code}。",
    "template_type": 0,
    "remark": "登录",
}
NEW_TEMPLATE = {**TEMPLATE, "template_rule": '{"code":"numberCaptcha"}'}
NEW_SIGN = {"sign_source": 0, "qualification_id": 77}


def old_sign(action: str, name: str) -> dict[str, Any]:
    models = importlib.import_module("alibabacloud_dysmsapi20170525.models")
    file = getattr(models, f"{action}RequestSignFileList")(file_contents="aGk=", file_suffix="png")
    return {"sign_name": name, "sign_source": 0, "remark": "官网", "sign_file_list": [file]}


def call(url: str, action: str, key_id: str, secret: str, **fields: Any) -> Any:
    """The answer's body. What the SDK raises is the caller's."""
    version = "20180501" if action in GLOBE else "20170525"
    package = f"alibabacloud_dysmsapi{version}"
    models = importlib.import_module(f"{package}.models")
    client = aliyun_sdk.client(url, key_id, secret)
    if version == "20180501":
        client = importlib.import_module(f"{package}.client").Client(aliyun_sdk.config(url, key_id, secret))
    method = re.sub("(?<!^)(?=[A-Z])", "_", action).lower()
    return getattr(client, method)(getattr(models, f"{action}Request")(**fields)).body
