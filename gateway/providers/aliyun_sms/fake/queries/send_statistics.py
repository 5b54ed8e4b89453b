"""QuerySendStatistics: how many messages of the account went out on each day (UTC+8), and what their receipts say.

Counted from the inbox, so what it no longer keeps is not counted. Each is counted as QuerySendDetails shows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.core.model import Document
from gateway.providers.aliyun_sms.fake.call import Call, Refusal
from gateway.providers.aliyun_sms.fake.days import day_of
from gateway.providers.aliyun_sms.fake.plan import Outcome, Plan
from gateway.providers.aliyun_sms.fake.queries.receipts import State, receipt_of
from gateway.providers.aliyun_sms.fake.settings import FakeSettings
from gateway.providers.aliyun_sms.fake.templates import KINDS
from gateway.providers.ports import Context

PROVIDER = "aliyun-sms"
_MOST = 10_000  # all that an inbox holds
_DOMESTIC = "1"
_COUNTED: Mapping[State, str] = {
    "delivered": "RespondedSuccessCount",
    "failed": "RespondedFailCount",
    "waiting": "NoRespondedCount",
}


async def plan(call: Call, context: Context) -> Plan:
    params = call.params
    first, last = params["StartDate"], params["EndDate"]
    if first > last:
        hint = "StartDate is not after EndDate"
        raise Refusal("InvalidStartDate", hint, message=f"Specified parameter StartDate is not valid. {hint}.")
    page, size = int(params["PageIndex"]), int(params["PageSize"])

    async def act() -> Outcome:
        settings: FakeSettings = context.settings
        now = context.clock.now()
        days: dict[str, dict[str, Any]] = {}
        for entry in await context.inbox.of_provider(PROVIDER, _MOST):
            day = day_of(entry.value["details"]["acceptedAt"])
            if first <= day <= last and _is_asked_for(entry.value, call):
                row = days.setdefault(day, _row(day))
                row["TotalCount"] += 1
                row[_COUNTED[receipt_of(entry.value, now, settings).state]] += 1
        rows = [days[day] for day in sorted(days)]
        shown = rows[(page - 1) * size : page * size]
        return Outcome({"Data": {"TotalSize": len(rows), "TargetList": shown}})

    return Plan((), act)


def _is_asked_for(capture: Document, call: Call) -> bool:
    details, params = capture["details"], call.params
    kind = params.get("TemplateType", "")
    # Digital messages (7) have no template here; one whose template nobody registered has no type.
    wanted = KINDS[int(kind)] if kind in ("0", "1", "2", "3") else "digital"
    return (
        _is_own(details, call)
        and capture["readAs"].startswith("+86") == (params["IsGlobe"] == _DOMESTIC)
        and params.get("SignName", "") in ("", details["SignName"])
        and (not kind or details["templateKind"] == wanted)
    )


def _is_own(details: Document, call: Call) -> bool:
    """Sent by the same account; those whose keys nobody registered share one."""
    if call.account is None:
        return bool(details["signature"] == "unverified")
    return bool(details["keyId"] == call.account.key_id)


def _row(day: str) -> dict[str, Any]:
    return {"TotalCount": 0, **dict.fromkeys(_COUNTED.values(), 0), "SendDate": day}
