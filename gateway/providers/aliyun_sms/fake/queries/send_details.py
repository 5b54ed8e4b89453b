"""QuerySendDetails: what became of the messages to one number on one day (UTC+8), newest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.core.model import Document
from gateway.providers.aliyun_sms.fake.call import Call, Refusal
from gateway.providers.aliyun_sms.fake.days import day_of, written
from gateway.providers.aliyun_sms.fake.plan import Outcome, Plan
from gateway.providers.aliyun_sms.fake.queries.receipts import State, receipt_of
from gateway.providers.aliyun_sms.fake.settings import FakeSettings
from gateway.providers.aliyun_sms.wire.numbers import is_legal, national, recipient
from gateway.providers.ports import Context

PROVIDER = "aliyun-sms"
_KEPT_SECONDS = 30 * 86_400.0
_MOST = 10_000  # all that an inbox holds
_STATUS: Mapping[State, int] = {"waiting": 1, "failed": 2, "delivered": 3}


async def plan(call: Call, context: Context) -> Plan:
    params = call.params
    day, size, page = params["SendDate"], int(params["PageSize"]), int(params["CurrentPage"])
    number = params["PhoneNumber"]
    if not is_legal(number):
        raise Refusal("isv.MOBILE_NUMBER_ILLEGAL", "PhoneNumber is one number", words={"<number>": number})
    biz_id = params.get("BizId")
    asked = recipient(number)

    async def act() -> Outcome:
        now = context.clock.now()
        entries = await context.inbox.of_recipient(PROVIDER, asked.read_as, _MOST)
        found = [entry.value for entry in entries if _is_asked_for(entry.value["details"], day, biz_id, now)]
        shown = found[(page - 1) * size : page * size]
        details = [_detail(capture, now, context.settings) for capture in shown]
        return Outcome({"TotalCount": len(found), "SmsSendDetailDTOs": {"SmsSendDetailDTO": details}})

    return Plan((asked,), act)


def _is_asked_for(details: Mapping[str, Any], day: str, biz_id: str | None, now: float) -> bool:
    accepted = details["acceptedAt"]
    return (
        "BizId" in details
        and accepted > now - _KEPT_SECONDS
        and day_of(accepted) == day
        and (not biz_id or details["BizId"] == biz_id)
    )


def _detail(capture: Document, now: float, settings: FakeSettings) -> dict[str, Any]:
    details = capture["details"]
    receipt = receipt_of(capture, now, settings)
    return {
        "PhoneNum": national(capture["readAs"]),
        "SendStatus": _STATUS[receipt.state],
        "ErrCode": receipt.err_code,
        "TemplateCode": details["TemplateCode"],
        "Content": capture["text"],
        "SendDate": written(details["acceptedAt"]),
        "ReceiveDate": "" if receipt.at is None else written(receipt.at),
        "OutId": details["OutId"] or "",
    }
