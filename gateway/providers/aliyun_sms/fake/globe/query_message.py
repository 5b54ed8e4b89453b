"""QueryMessage: what became of one message."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.providers.aliyun_sms.fake.call import Call, Refusal
from gateway.providers.aliyun_sms.fake.days import local
from gateway.providers.aliyun_sms.fake.globe.numbers import detail
from gateway.providers.aliyun_sms.fake.plan import Outcome, Plan
from gateway.providers.aliyun_sms.fake.queries.receipts import State, receipt_of
from gateway.providers.ports import Context

PROVIDER = "aliyun-sms"
_MOST = 10_000  # all that an inbox holds
_STATUS: Mapping[State, str] = {"delivered": "1", "failed": "2", "waiting": "3"}
_SUCCESS = "success"
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


async def plan(call: Call, context: Context) -> Plan:
    wanted = call.params["MessageId"]

    async def act() -> Outcome:
        for entry in await context.inbox.of_provider(PROVIDER, _MOST):
            details = entry.value["details"]
            if details.get("MessageId") != wanted:
                continue
            receipt = receipt_of(entry.value, context.clock.now(), context.settings)
            said = _SUCCESS if receipt.state == "delivered" else receipt.err_code
            return Outcome(
                {
                    "MessageId": wanted,
                    "To": entry.value["to"],
                    "Message": entry.value["text"],
                    "Status": _STATUS[receipt.state],
                    "ErrorCode": said,
                    "ErrorDescription": said,
                    "SendDate": _rfc822(details["acceptedAt"]),
                    "ReceiveDate": "" if receipt.at is None else _rfc822(receipt.at),
                    "NumberDetail": detail(entry.value["to"]),
                }
            )
        raise Refusal("DATA_NOT_EXIST", "no message of this fake has that MessageId")

    return Plan((), act)


def _rfc822(epoch: float) -> str:
    """``Mon, 24 Dec 2018 16:58:22 +0800``, whatever the locale of the process."""
    at = local(epoch)
    return f"{_DAYS[at.weekday()]}, {at:%d} {_MONTHS[at.month - 1]} {at:%Y %H:%M:%S} +0800"
