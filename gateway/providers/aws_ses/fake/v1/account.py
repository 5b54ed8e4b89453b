"""The account in v1: quota, statistics, may it send."""

from __future__ import annotations

from gateway.core.model import iso
from gateway.providers.aws_ses.fake import account
from gateway.providers.aws_ses.fake.call import Call
from gateway.providers.aws_ses.fake.plan import Outcome
from gateway.providers.aws_ses.fake.sending import usage

_UNLIMITED = -1.0  # AWS: "a value of -1 signifies an unlimited quota"


async def quota(call: Call) -> Outcome:
    found = account.quota(await account.state(call), call.settings)
    return Outcome(
        {
            "SentLast24Hours": float(await usage.sent(call)),
            "Max24HourSend": _UNLIMITED if found.per_day is None else float(found.per_day),
            "MaxSendRate": _UNLIMITED if found.per_second is None else float(found.per_second),
        }
    )


async def statistics(call: Call) -> Outcome:
    points = [
        {
            "Complaints": slot["complaints"],
            "Rejects": slot["rejects"],
            "Bounces": slot["bounces"],
            "DeliveryAttempts": slot["attempts"],
            "Timestamp": iso(slot["at"]),
        }
        for slot in await usage.statistics(call)
    ]
    return Outcome({"SendDataPoints": points})


async def get_sending(call: Call) -> Outcome:
    return Outcome({"Enabled": account.sending(await account.state(call))})


async def put_sending(call: Call) -> Outcome:
    await account.put(call, sending=call.parameters.get("Enabled", False))
    return Outcome()
