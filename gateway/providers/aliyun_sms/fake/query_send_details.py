"""QuerySendDetails: what became of the messages to one number on one day (UTC+8), newest first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from gateway.model import Document
from gateway.ports import Context
from gateway.providers.aliyun_sms.fake.call import Call, Refusal
from gateway.providers.aliyun_sms.fake.plan import Outcome, Plan
from gateway.providers.aliyun_sms.fake.settings import FakeSettings
from gateway.providers.aliyun_sms.wire.numbers import is_legal, national, recipient

PROVIDER = "aliyun-sms"
_SHANGHAI = timezone(timedelta(hours=8))
_DAY = re.compile("[0-9]{8}")
_INTEGER = re.compile("[0-9]{1,9}")
_KEPT_SECONDS = 30 * 86_400.0
_MOST = 10_000  # all that an inbox holds
_WAITING, _DELIVERED = 1, 3


def plan(call: Call, context: Context) -> Plan:
    day = _day(call)
    size = _integer(call, "PageSize", 50)
    page = _integer(call, "CurrentPage", 10**9)
    number = call.params["PhoneNumber"]
    if not is_legal(number):
        raise Refusal("isv.MOBILE_NUMBER_ILLEGAL", "PhoneNumber is one number", words={"<number>": number})
    biz_id = call.params.get("BizId")
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
        accepted > now - _KEPT_SECONDS
        and _local(accepted).strftime("%Y%m%d") == day
        and (not biz_id or details["BizId"] == biz_id)
    )


def _detail(capture: Document, now: float, settings: FakeSettings) -> dict[str, Any]:
    details = capture["details"]
    received = details["acceptedAt"] + settings.receipt_delay
    there = now >= received
    return {
        "PhoneNum": national(capture["readAs"]),
        "SendStatus": _DELIVERED if there else _WAITING,
        "ErrCode": "DELIVERED" if there else settings.guesses.waiting_err_code,
        "TemplateCode": details["TemplateCode"],
        "Content": capture["text"],
        "SendDate": f"{_local(details['acceptedAt']):%Y-%m-%d %H:%M:%S}",
        "ReceiveDate": f"{_local(received):%Y-%m-%d %H:%M:%S}" if there else "",
        "OutId": details["OutId"] or "",
    }


def _local(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, UTC).astimezone(_SHANGHAI)


def _day(call: Call) -> str:
    sent = call.params["SendDate"]
    try:
        if _DAY.fullmatch(sent):
            datetime.strptime(sent, "%Y%m%d").replace(tzinfo=_SHANGHAI)
            return sent
    except ValueError:
        pass
    raise _invalid("SendDate", "a day in UTC+8, written yyyyMMdd, such as 20261121")


def _integer(call: Call, name: str, most: int) -> int:
    sent = call.params[name]
    if _INTEGER.fullmatch(sent) and 1 <= int(sent) <= most:
        return int(sent)
    raise _invalid(name, f"an integer from 1 to {most}")


def _invalid(name: str, right: str) -> Refusal:
    message = f"Specified parameter {name} is not valid. It is {right}."
    return Refusal(f"Invalid{name}", f"{name} is {right}", message=message)
