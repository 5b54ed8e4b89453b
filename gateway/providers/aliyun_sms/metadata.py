"""What Logto's console shows of the factory: names, form, readme. Keys and labels are those of its connector."""

from __future__ import annotations

from gateway.core.model import UsageType
from gateway.providers.ports import FormItem, Metadata

_README = """\
# Aliyun SMS

Sends codes through Alibaba Cloud's Short Message Service. In a sandbox they go to the gateway's fake of it.

1. In Aliyun's console make a RAM user with `AliyunDysmsFullAccess` and an access key: `accessKeyId` and
   `accessKeySecret`.
2. Register a signature, which stands between 【 and 】 before each message: `signName`, without the brackets.
3. Register a template for each usage type, with the variable `${code}`. Note: `${code}`, not `{{code}}`.
4. List the templates: `templates`, one entry for each `usageType`, with its `templateCode` (`SMS_...`). One code
   serves all numbers; `{"china": ..., "overseas": ...}` tells mainland numbers from all others, since Aliyun has
   separate templates for them. `Register`, `SignIn`, `ForgotPassword` and `Generic` must be there; `Generic`
   serves every usage type that has none of its own.

`strictPhoneRegionNumberCheck`: take only numbers with a country code (86, +86, 0086) for mainland numbers.
"""

METADATA = Metadata(
    target="aliyun-sms",
    name={"en": "Aliyun Short Message Service", "zh-CN": "阿里云短信服务"},
    description={
        "en": "Codes by SMS, through Alibaba Cloud.",
        "zh-CN": "通过阿里云短信服务发送验证码。",
    },
    readme=_README,
    form=(
        FormItem("accessKeyId", "Access Key ID", "Text", required=True, placeholder="<access-key-id>"),
        FormItem(
            "accessKeySecret",
            "Access Key Secret",
            "Text",
            required=True,
            secret=True,
            placeholder="<access-key-secret>",
        ),
        FormItem("signName", "Signature Name", "Text", required=True, placeholder="<signature-name>"),
        FormItem(
            "templates",
            "Templates",
            "Json",
            required=True,
            default=[{"usageType": one.value, "templateCode": "<template-code>"} for one in UsageType],
        ),
        FormItem(
            "strictPhoneRegionNumberCheck",
            "Strict Phone Region Number Check",
            "Switch",
            default=False,
            description="Take only numbers with a country code for numbers of mainland China.",
        ),
    ),
    # The names that Aliyun's own SDKs and pages have for the same things.
    wrong_names={
        "accessKey": "accessKeyId",
        "accessKeyID": "accessKeyId",
        "secretAccessKey": "accessKeySecret",
        "accessSecret": "accessKeySecret",
        "signatureName": "signName",
        "signature": "signName",
        "templateCode": "templates",
    },
    options=(
        "timeout_seconds",
        "connect_timeout_seconds",
        "security_token",
        "region_id",
        "signature_algorithm",
        "endpoint",
    ),
    secret_options=frozenset({"security_token"}),
)
