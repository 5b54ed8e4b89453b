"""SendSms: one text to up to 1,000 numbers, one capture for each."""

from __future__ import annotations

from functools import partial

from gateway.core.offload import run_by_size
from gateway.providers.aliyun_sms.fake.call import Call
from gateway.providers.aliyun_sms.fake.draft import Draft
from gateway.providers.aliyun_sms.fake.plan import Plan
from gateway.providers.aliyun_sms.fake.registering.lookup import complete, template
from gateway.providers.aliyun_sms.fake.sending.deliver import deliver
from gateway.providers.aliyun_sms.fake.sending.rules import check
from gateway.providers.aliyun_sms.fake.settings import FakeSettings
from gateway.providers.aliyun_sms.wire.numbers import numbers
from gateway.providers.ports import Context


async def plan(call: Call, context: Context) -> Plan:
    settings: FakeSettings = context.settings
    params = call.params
    code = params["TemplateCode"]
    draft = Draft(
        call,
        numbers(params["PhoneNumbers"]),
        call.recipients,
        params["SignName"],
        code,
        settings.templates.get(code) or await template(call, code, context),
        params.get("TemplateParam", ""),
        params.get("SmsUpExtendCode", ""),
    )
    if settings.strict:
        await complete(draft, context)
    await run_by_size(len(draft.param), partial(_read, draft, settings))
    return Plan(call.recipients, partial(deliver, call, (draft,), context))


def _read(draft: Draft, settings: FakeSettings) -> None:
    """Check a draft and make its text. Raises Refusal."""
    check(draft, settings)
    draft.content_for(draft.recipients[0])
