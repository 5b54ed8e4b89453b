"""Any operation of a bare fake, called by name."""

from __future__ import annotations

from typing import Any

from tests.providers.aliyun_sms.direct_fake import Answer, DirectFake
from tests.providers.aliyun_sms.independent_clients import SEND, rpc

GLOBE = "2018-05-01"
CODE_TEMPLATE = {
    "TemplateType": "0",
    "TemplateName": "登录",
    "TemplateContent": "您的验证码为${code}。",
    "Remark": "登录",
}
NEW_TEMPLATE = {**CODE_TEMPLATE, "RelatedSignName": "阿里云短信测试", "TemplateRule": '{"code":"numberCaptcha"}'}
OLD_SIGN = {
    "SignName": "某某公司",
    "SignSource": "0",
    "Remark": "官网",
    "SignFileList.1.FileContents": "aGk=",
    "SignFileList.1.FileSuffix": "png",
}
NEW_SIGN = {"SignName": "某某公司", "SignSource": "0", "QualificationId": "77"}


def call(bare: DirectFake, action: str, **params: str) -> Answer:
    """With the old scheme, everything in the form."""
    return bare.answer(rpc(params, action=action, form=["*"]))


def globe(bare: DirectFake, action: str, **params: str) -> Answer:
    return bare.answer(rpc(params, action=action, form=["*"], common={"Version": GLOBE}))


def send(bare: DirectFake, **changes: str) -> Answer:
    return call(bare, "SendSms", **{**SEND, **changes})


def fields(answer: Answer) -> dict[str, Any]:
    """The answer's own fields; it must be a success."""
    found = answer.json
    common = ("Code", "Message") if "Code" in found else ("ResponseCode", "ResponseDescription")
    assert found[common[0]] == "OK", found
    return {name: value for name, value in found.items() if name not in (*common, "RequestId")}
