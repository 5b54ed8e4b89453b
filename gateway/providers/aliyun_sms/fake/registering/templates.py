"""The operations on templates: the old (Add, Modify, Query) and the new (Create, Update, Get), on one registry.

Enum traps: TemplateType is 0 verification, 1 notification, 2 promotion, 3 international everywhere but in
QuerySmsTemplateList, where 0 is a notification, 1 a promotion, 2 a verification code and 6 international;
``OuterTemplateType`` there is the usual one.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from typing import Any

from gateway.providers.aliyun_sms.fake.account import account_id
from gateway.providers.aliyun_sms.fake.call import Call
from gateway.providers.aliyun_sms.fake.days import written
from gateway.providers.aliyun_sms.fake.plan import Outcome, Plan
from gateway.providers.aliyun_sms.fake.registering import applications, paging, template_rules
from gateway.providers.aliyun_sms.fake.registering.applications import Application
from gateway.providers.aliyun_sms.fake.registering.register import Register, answer, declared
from gateway.providers.aliyun_sms.fake.registering.reviews import STATUS, TEMPLATE_AUDIT, audit_info, reason
from gateway.providers.aliyun_sms.fake.settings import FakeSettings
from gateway.providers.aliyun_sms.fake.templates import KINDS, Template
from gateway.providers.ports import Context

LISTED_TYPES = {0: 2, 1: 0, 2: 1, 3: 6}
_FREE = ("RelatedSignName", "ApplySceneContent", "Remark", "TrafficDriving", "MoreData")


async def apply(call: Call, context: Context) -> Plan:
    """AddSmsTemplate, CreateSmsTemplate."""
    content = await _content(call, context)

    async def act() -> Outcome:
        await applications.count_application(call, "template", context)
        code = await _new_code(call, context)
        return await _submitted(call, code, content, context)

    return Plan((), act)


async def change(call: Call, context: Context) -> Plan:
    """ModifySmsTemplate, UpdateSmsTemplate: of a rejected one; a lenient fake has any changed."""
    found = await _REGISTER.changeable(call, context, ("reviewing", "approved"))
    content = await _content(call, context)

    async def act() -> Outcome:
        return await _submitted(call, found.name, content, context)

    return Plan((), act)


async def query(call: Call, context: Context) -> Plan:
    """QuerySmsTemplate: numbers are numbers."""
    found = await _REGISTER.existing(call, context)
    content = found.content
    fields = {
        "TemplateCode": found.name,
        "TemplateName": content["TemplateName"],
        "TemplateType": content["TemplateType"],
        "TemplateContent": content["TemplateContent"],
        "TemplateStatus": STATUS[found.review.state],
        "Reason": found.review.reason or "无审批备注",
        "CreateDate": written(found.submitted_at),
    }
    return answer(fields)


async def get(call: Call, context: Context) -> Plan:
    """GetSmsTemplate: type and status are strings."""
    found = await _REGISTER.existing(call, context)
    content = found.content
    fields: dict[str, Any] = {
        "TemplateCode": found.name,
        "TemplateName": content["TemplateName"],
        "TemplateType": str(content["TemplateType"]),
        "TemplateContent": content["TemplateContent"],
        "TemplateStatus": str(STATUS[found.review.state]),
        "TemplateTag": found.tag,
        "ApplyScene": content["ApplySceneContent"],
        "Remark": content["Remark"],
        "RelatedSignName": content["RelatedSignName"],
        "VariableAttribute": json.dumps(content["TemplateRule"], ensure_ascii=False),
        "OrderId": found.order_id,
        "CreateDate": written(found.submitted_at),
        "AuditInfo": audit_info(found.review),
        "FileUrlList": {"FileUrl": []},
        "MoreDataFileUrlList": {"MoreDataFileUrl": content["MoreData"]},
        "SignList": {"SignList": [content["RelatedSignName"]] if content["RelatedSignName"] else []},
    }
    if content["IntlType"] is not None:
        fields["IntlType"] = content["IntlType"]
    return answer(fields)


async def listing(call: Call, context: Context) -> Plan:
    """QuerySmsTemplateList."""
    return await _REGISTER.page(call, context, "SmsTemplateList", _listed)


def _listed(one: Application) -> dict[str, Any]:
    content = one.content
    return {
        "TemplateCode": one.name,
        "TemplateName": content["TemplateName"],
        "TemplateContent": content["TemplateContent"],
        "TemplateType": LISTED_TYPES[content["TemplateType"]],
        "OuterTemplateType": content["TemplateType"],
        "AuditStatus": TEMPLATE_AUDIT[one.review.state],
        "CreateDate": written(one.submitted_at),
        "OrderId": one.order_id,
        "SignatureName": content["RelatedSignName"],
        "TrafficDriving": content["TrafficDriving"],
        "Reason": reason(one.review),
    }


async def _content(call: Call, context: Context) -> dict[str, Any]:
    """What was applied for. Raises Refusal."""
    params, settings = call.params, context.settings
    kind = int(params["TemplateType"])
    new = call.action in ("CreateSmsTemplate", "UpdateSmsTemplate")
    if settings.strict:
        template_rules.check_text(call, kind)
        if new:
            await template_rules.check_new_form(call, kind, context)
    intl_type = params.get("IntlType", "")
    return {
        "TemplateName": params["TemplateName"],
        "TemplateContent": params["TemplateContent"],
        "TemplateType": kind,
        "TemplateRule": template_rules.rule_of(call) if new else {},
        "IntlType": int(intl_type) if intl_type else None,
        **{name: params.get(name, "") for name in _FREE},
        "MoreData": paging.urls(call) if new else [],
    }


async def _submitted(call: Call, code: str, content: dict[str, Any], context: Context) -> Outcome:
    kind = content["TemplateType"]
    text = content["TemplateContent"]
    flaw = template_rules.flaw(text, kind)
    order_id = await applications.submit("template", account_id(call), code, content, flaw, context)
    fields = {"TemplateCode": code}
    if call.action in ("CreateSmsTemplate", "UpdateSmsTemplate"):
        fields |= {"TemplateName": content["TemplateName"], "OrderId": order_id}
    warnings = Template(code, text, KINDS[kind]).warnings
    return Outcome(fields, (), {"warnings": list(warnings)} if warnings else None)


async def _new_code(call: Call, context: Context) -> str:
    while True:
        code = f"SMS_{random.randrange(300_000_000, 1_000_000_000)}"  # noqa: S311  # unique, not secret
        if code in context.settings.templates:
            continue
        if await applications.find("template", account_id(call), code, context) is None:
            return code


def _declared(context: Context) -> list[Application]:
    return _fixed(context.settings.templates, context)


def _of_connectors(context: Context) -> list[Application]:
    return _fixed(context.settings.connector_templates, context)


def _fixed(templates: Mapping[str, Template], context: Context) -> list[Application]:
    settings: FakeSettings = context.settings
    nothing = dict.fromkeys(("RelatedSignName", "ApplySceneContent", "Remark", "TrafficDriving"), "")
    return [
        declared(
            "template",
            code,
            {
                **nothing,
                "TemplateName": code,
                "TemplateContent": template.text,
                "TemplateType": KINDS.index(template.kind),
                "TemplateRule": template.attributes,
                "IntlType": 2 if template.kind == "international" else None,
                "MoreData": [],
            },
            is_test=code in settings.registry.test_templates,
        )
        for code, template in templates.items()
    ]


_REGISTER = Register(
    "template",
    "TemplateCode",
    "isv.SMS_TEMPLATE_ILLEGAL",
    "isv.ERROR_TEMPLATE_NOT_MODIFY",
    "isv.ERROR_TEMPLATE_NOT_DELETE",
    _declared,
    _of_connectors,
)
delete = _REGISTER.delete
