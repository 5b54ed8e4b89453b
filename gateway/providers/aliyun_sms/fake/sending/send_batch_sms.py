"""SendBatchSms: up to 100 numbers, each with its own signature and values, one template for all."""

from __future__ import annotations

import json
from functools import partial
from itertools import zip_longest

from gateway.providers.aliyun_sms.fake.call import Call, Refusal
from gateway.providers.aliyun_sms.fake.draft import Draft, read_json
from gateway.providers.aliyun_sms.fake.plan import Plan
from gateway.providers.aliyun_sms.fake.registering.lookup import complete, template
from gateway.providers.aliyun_sms.fake.sending.deliver import deliver
from gateway.providers.aliyun_sms.fake.sending.rules import check
from gateway.providers.aliyun_sms.fake.settings import FakeSettings
from gateway.providers.aliyun_sms.wire.numbers import recipient
from gateway.providers.ports import Context

_MOST_IN_A_BATCH = 100


async def plan(call: Call, context: Context) -> Plan:
    settings: FakeSettings = context.settings
    drafts = await _drafts(call, context)
    for draft in drafts:
        if settings.strict:
            await complete(draft, context)
        check(draft, settings)
    recipients = tuple([draft.recipients[0] for draft in drafts])
    return Plan(recipients, partial(deliver, call, drafts, context))


async def _drafts(call: Call, context: Context) -> list[Draft]:
    code = call.params["TemplateCode"]
    known = context.settings.templates.get(code) or await template(call, code, context)
    phones = _texts(call, "PhoneNumberJson")
    if len(phones) > _MOST_IN_A_BATCH:
        raise Refusal("isv.MOBILE_COUNT_OVER_LIMIT", f"PhoneNumberJson takes at most {_MOST_IN_A_BATCH} numbers")
    if not phones:
        raise Refusal("isv.MOBILE_NUMBER_ILLEGAL", "PhoneNumberJson is empty", words={"<number>": ""})
    signs = _beside(call, "SignNameJson", len(phones), _texts(call, "SignNameJson"))
    params = _beside(call, "TemplateParamJson", len(phones), _objects(call, "TemplateParamJson"))
    extends = _beside(call, "SmsUpExtendCodeJson", len(phones), _texts(call, "SmsUpExtendCodeJson"))
    return [
        Draft(call, [phone], (recipient(phone),), sign, code, known, param, extend)
        for phone, sign, param, extend in zip_longest(phones, signs, params, extends, fillvalue="")
    ]


def _beside(call: Call, name: str, numbers: int, values: list[str]) -> list[str]:
    """One for each number, or none at all where it was not sent."""
    if call.params.get(name) and len(values) != numbers:
        raise Refusal("isv.INVALID_PARAMETERS", f"{name} needs an entry for each of the {numbers} numbers")
    return values


def _texts(call: Call, name: str) -> list[str]:
    found = _list(call, name)
    texts = [one for one in found if isinstance(one, str)]
    if len(texts) != len(found):
        raise Refusal("isv.INVALID_JSON_PARAM", f"{name} is a JSON array of strings")
    return texts


def _objects(call: Call, name: str) -> list[str]:
    """TemplateParam for each number: an object, or a string that holds one."""
    return [one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in _list(call, name)]


def _list(call: Call, name: str) -> list[object]:
    sent = call.params.get(name, "")
    found: list[object] = read_json(sent, list, f"{name} is a JSON array") if sent else []
    return found
