"""The end of every send: the rules, whose turn it is, and the captures."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.core.model import Capture
from gateway.providers.aliyun_sms.fake.call import Call
from gateway.providers.aliyun_sms.fake.draft import Draft
from gateway.providers.aliyun_sms.fake.plan import Outcome
from gateway.providers.aliyun_sms.fake.sending.acceptance import admit, counts
from gateway.providers.ports import Context

PROVIDER = "aliyun-sms"
_NOTHING: Mapping[str, Any] = {}
_LOWEST = 10**17  # 59 bits more, and it still has 18 digits


async def deliver(
    call: Call, drafts: Sequence[Draft], context: Context, more: Mapping[str, Any] = _NOTHING
) -> Outcome:
    """Accept the drafts, whose rules have been checked. ``more``: further details of the captures. Raises Refusal
    where a count says no."""
    if counts(call, context.settings, drafts):
        await admit(call, drafts, context)
    # Unique, not secret: no call to the kernel for it.
    biz_id = f"{_LOWEST + random.getrandbits(59)}^0"
    captures: list[Capture] = []
    for draft in drafts:
        captures += _captures(call, context, draft, biz_id, more)
    arrived = await context.inbox.add(captures, call.effect)
    return Outcome({"BizId": biz_id}, arrived, warnings(drafts))


def warnings(drafts: Sequence[Draft]) -> Mapping[str, Any] | None:
    """What is odd about their templates, though it was accepted."""
    found = [text for draft in drafts if draft.template is not None for text in draft.template.warnings]
    return {"warnings": list(dict.fromkeys(found))} if found else None


def _captures(call: Call, context: Context, draft: Draft, biz_id: str, more: Mapping[str, Any]) -> list[Capture]:
    params = call.params
    code = draft.code
    owner = context.settings.owners.get(draft.template_code)
    out_id = params.get("OutId")
    now = context.clock.now()
    details = {
        "RequestId": call.request_id,
        "BizId": biz_id,
        "OutId": out_id,
        "SignName": draft.sign_name,
        "TemplateCode": draft.template_code,
        "TemplateParam": draft.param or None,
        "SmsUpExtendCode": draft.extend_code or None,
        "templateKind": draft.template.kind if draft.template else None,
        "signature": call.verdict,
        "keyId": call.key_id,
        "retryAttempts": call.headers.get("x-acs-retry-attempts"),
        "acceptedAt": now,
    }
    if more:
        details |= more
    return [
        Capture(
            provider=PROVIDER,
            operation=call.action,
            recipient=recipient,
            content=draft.content_for(recipient),
            exchange_id=call.request.exchange_id,
            received_at=now,
            code=code,
            code_source=None if code is None else "template_param",
            usage_type=owner.usage_type if owner else None,
            connector_id=owner.connector_id if owner else None,
            link=out_id,
            details=details,
        )
        for recipient in draft.recipients
    ]
