"""GetAccount and PutAccount... of v2."""

from __future__ import annotations

from typing import Any

from gateway.providers.aws_ses.fake import account
from gateway.providers.aws_ses.fake.call import Call
from gateway.providers.aws_ses.fake.plan import Outcome
from gateway.providers.aws_ses.fake.sending import usage

_UNLIMITED = -1.0


async def get(call: Call) -> Outcome:
    state = await account.state(call)
    quota = account.quota(state, call.settings)
    details = state.get("details")
    if details is not None:
        review = state.get("review")
        details = dict(details)
        if review:
            details["ReviewDetails"] = {"Status": review["status"], "CaseId": review["caseId"]}
    return Outcome(
        {
            "DedicatedIpAutoWarmupEnabled": state.get("warmup", False),
            "EnforcementStatus": "HEALTHY",
            "ProductionAccessEnabled": account.production(state, call.settings),
            "SendQuota": {
                "Max24HourSend": _UNLIMITED if quota.per_day is None else float(quota.per_day),
                "MaxSendRate": _UNLIMITED if quota.per_second is None else quota.per_second,
                "SentLast24Hours": float(await usage.sent(call)),
            },
            "SendingEnabled": account.sending(state),
            "SuppressionAttributes": {"SuppressedReasons": state.get("suppressedReasons", [])},
            "Details": details,
            "VdmAttributes": state.get("vdm"),
            "PricingAttributes": state.get("pricing"),
        }
    )


async def put_details(call: Call) -> Outcome:
    sent = dict(call.parameters)
    wanted = sent.pop("ProductionAccessEnabled", None)
    details: dict[str, Any] = {"ContactLanguage": "EN", **sent}
    await account.describe(call, details, wants_production=wanted)
    return Outcome()


async def put_sending(call: Call) -> Outcome:
    await account.put(call, sending=bool(call.parameters.get("SendingEnabled")))
    return Outcome()


async def put_suppression(call: Call) -> Outcome:
    await account.put(call, suppressedReasons=call.parameters.get("SuppressedReasons") or [])
    return Outcome()


async def put_vdm(call: Call) -> Outcome:
    await account.put(call, vdm=call.parameters["VdmAttributes"])
    return Outcome()


async def put_pricing(call: Call) -> Outcome:
    await account.put(call, pricing={"CurrentPlan": call.parameters["Plan"]})
    return Outcome()


async def put_warmup(call: Call) -> Outcome:
    await account.put(call, warmup=bool(call.parameters.get("AutoWarmupEnabled")))
    return Outcome()
