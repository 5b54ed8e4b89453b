"""SendSms: one text to up to 1,000 numbers, one capture for each."""

from __future__ import annotations

import random
import re
from typing import Any

from gateway.model import Capture, Content
from gateway.ports import Context
from gateway.providers.aliyun_sms.fake.call import Call
from gateway.providers.aliyun_sms.fake.plan import Outcome, Plan
from gateway.providers.aliyun_sms.fake.rules import LENIENT, STRICT, Draft
from gateway.providers.aliyun_sms.fake.settings import FakeSettings
from gateway.providers.aliyun_sms.fake.templates import shown
from gateway.providers.aliyun_sms.wire.numbers import numbers

PROVIDER = "aliyun-sms"
_CODE = re.compile(r"(?=.*[0-9])[A-Za-z0-9]{4,8}")


def plan(call: Call, context: Context) -> Plan:
    settings: FakeSettings = context.settings
    draft = Draft(
        call,
        numbers(call.params["PhoneNumbers"]),
        call.params["SignName"],
        call.params["TemplateCode"],
        settings.templates.get(call.params["TemplateCode"]),
    )
    for rule in STRICT if settings.strict else LENIENT:
        rule(draft, settings)

    async def act() -> Outcome:
        # Unique, not secret: no call to the kernel for it.
        biz_id = f"{random.randrange(10**17, 10**18)}^0"  # noqa: S311  # see above
        captures = _captures(draft, context, biz_id)
        await context.inbox.add(captures)
        return Outcome({"BizId": biz_id}, tuple([capture.id for capture in captures]))

    return Plan(call.recipients, act)


def _captures(draft: Draft, context: Context, biz_id: str) -> list[Capture]:
    call, params = draft.call, draft.call.params
    content = Content(_text(draft))
    code = _code(draft.values)
    owner = context.settings.owners.get(draft.template_code)
    out_id = params.get("OutId")
    now = context.clock.now()
    details = {
        "RequestId": call.request_id,
        "BizId": biz_id,
        "OutId": out_id,
        "SignName": draft.sign_name,
        "TemplateCode": draft.template_code,
        "TemplateParam": params.get("TemplateParam"),
        "SmsUpExtendCode": params.get("SmsUpExtendCode"),
        "templateKind": draft.template.kind if draft.template else None,
        "signature": call.verdict,
        "keyId": call.key_id,
        "retryAttempts": call.headers.get("x-acs-retry-attempts"),
        "acceptedAt": now,
    }
    return [
        Capture(
            provider=PROVIDER,
            operation=call.action,
            recipient=recipient,
            content=content,
            exchange_id=call.request.exchange_id,
            received_at=now,
            code=code,
            code_source=None if code is None else "template_param",
            usage_type=owner.usage_type if owner else None,
            connector_id=owner.connector_id if owner else None,
            link=out_id,
            details=details,
        )
        for recipient in call.recipients
    ]


def _text(draft: Draft) -> str:
    """As on the phone."""
    if draft.template is not None:
        return f"【{draft.sign_name}】{draft.template.render(draft.values)}"
    values = "".join([f" {name}={shown(value)}" for name, value in draft.values.items()])
    return f"【{draft.sign_name}】 <{draft.template_code} is not registered here>{values}"


def _code(values: dict[str, Any]) -> str | None:
    """``code``, or the only value if it looks like a code."""
    code = values.get("code")
    if code is None and len(values) == 1:
        only = next(iter(values.values()))
        return only if isinstance(only, str) and _CODE.fullmatch(only) else None
    if isinstance(code, int) and not isinstance(code, bool):
        return str(code)
    return code if isinstance(code, str) and code else None
