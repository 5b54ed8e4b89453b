"""SendMessageWithTemplate: to the mainland, with a registered template. The rules are those of SendSms."""

from __future__ import annotations

from dataclasses import replace

from gateway.providers.aliyun_sms.fake.call import Call, Refusal
from gateway.providers.aliyun_sms.fake.draft import Draft
from gateway.providers.aliyun_sms.fake.globe.messages import new_message_id
from gateway.providers.aliyun_sms.fake.globe.numbers import detail, is_legal, is_mainland, recipient
from gateway.providers.aliyun_sms.fake.plan import Outcome, Plan
from gateway.providers.aliyun_sms.fake.registering.lookup import complete, template
from gateway.providers.aliyun_sms.fake.sending.deliver import deliver
from gateway.providers.aliyun_sms.fake.sending.rules import check
from gateway.providers.aliyun_sms.fake.settings import FakeSettings
from gateway.providers.ports import Context


async def plan(call: Call, context: Context) -> Plan:
    settings: FakeSettings = context.settings
    params = call.params
    to, code = params["To"], params["TemplateCode"]
    if not is_legal(to) or not is_mainland(to):
        raise Refusal(
            "isv.MOBILE_NUMBER_ILLEGAL", "To is a number of the mainland with its country code: 8613800138000"
        )
    to_whom = (recipient(to),)
    draft = Draft(
        call,
        [to],
        to_whom,
        params["From"],
        code,
        settings.templates.get(code) or await template(call, code, context),
        params.get("TemplateParam", ""),
        params.get("SmsUpExtendCode", ""),
    )
    if settings.strict:
        await complete(draft, context)
    check(draft, settings)

    async def act() -> Outcome:
        message_id = new_message_id()
        sent = await deliver(call, (draft,), context, {"MessageId": message_id})
        fields = {
            "MessageId": message_id,
            "To": to,
            "Segments": str(await draft.segments_for(to_whom[0])),
            "NumberDetail": detail(to),
        }
        return replace(sent, fields=fields)

    return Plan(to_whom, act)
