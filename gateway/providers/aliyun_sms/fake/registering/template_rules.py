"""What a template must be (strict fakes), and what a reviewer says to it. Sources: Alibaba Cloud's template
specifications, the SDK's comments on CreateSmsTemplate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.providers.aliyun_sms.fake.account import account_id
from gateway.providers.aliyun_sms.fake.call import Call, Refusal
from gateway.providers.aliyun_sms.fake.draft import read_json
from gateway.providers.aliyun_sms.fake.registering import applications
from gateway.providers.aliyun_sms.fake.templates import KINDS, Template
from gateway.providers.aliyun_sms.fake.values import ATTRIBUTES
from gateway.providers.ports import Context

VERIFICATION, INTERNATIONAL = 0, 3
_WORDS_OF_CODES = ("验证码", "注册码", "校验码", "动态码")


def rule_of(call: Call) -> dict[str, str]:
    """TemplateRule: the kind of each variable, ``{"code": "numberCaptcha"}``."""
    sent = call.params.get("TemplateRule", "")
    if not sent:
        return {}
    found: Mapping[str, Any] = read_json(sent, dict, "TemplateRule is a JSON object of variables and their kinds")
    for name, kind in found.items():
        if not isinstance(kind, str) or kind not in ATTRIBUTES:
            known = ", ".join(ATTRIBUTES)
            raise Refusal("isv.TEMPLATE_PARAMS_ILLEGAL", f"TemplateRule.{name} is one of {known}")
    return dict(found)


def check_text(call: Call, kind: int) -> None:
    """A template for codes has one variable."""
    variables = Template("", call.params["TemplateContent"], KINDS[kind]).variables
    if kind == VERIFICATION and len(variables) != 1:
        hint = f"a verification template has one variable, this one has {len(variables)}"
        raise Refusal("template_parameter_count_illegal", hint)


async def check_new_form(call: Call, kind: int, context: Context) -> None:
    """What CreateSmsTemplate and UpdateSmsTemplate ask for besides, by the type."""
    params = call.params
    if kind == INTERNATIONAL and not params.get("IntlType"):
        raise _needed("IntlType", "an international template")
    if kind != INTERNATIONAL and not params.get("RelatedSignName") and call.action == "CreateSmsTemplate":
        raise _needed("RelatedSignName", "a mainland template")
    if "${" in params["TemplateContent"] and not params.get("TemplateRule") and call.action == "CreateSmsTemplate":
        raise _needed("TemplateRule", "a template with variables")
    sign = params.get("RelatedSignName", "")
    if sign and sign not in context.settings.signatures:
        found = await applications.find("signature", account_id(call), sign, context)
        if found is None or found.review.state != "approved":
            raise Refusal("isv.SMS_SIGNATURE_ILLEGAL", f"RelatedSignName {sign!r} is no approved signature")


def flaw(text: str, kind: int) -> str:
    """Why a reviewer will say no."""
    if kind == VERIFICATION and not any(word in text for word in _WORDS_OF_CODES):
        return f"验证码模板内容须包含{'、'.join(_WORDS_OF_CODES)}之一"
    return ""


def _needed(name: str, what: str) -> Refusal:
    message = f"{name} is mandatory for this action."
    return Refusal(f"Missing{name}", f"{what} needs {name}", message=message)
