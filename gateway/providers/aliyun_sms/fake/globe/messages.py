"""SendMessageToGlobe and BatchSendMessageToGlobe: a finished text to numbers abroad."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence
from functools import partial
from typing import Any

from gateway.core.model import Capture, Content, Recipient
from gateway.core.offload import run_by_size
from gateway.providers.aliyun_sms.fake.account import allowed
from gateway.providers.aliyun_sms.fake.call import Call, Refusal
from gateway.providers.aliyun_sms.fake.draft import read_json
from gateway.providers.aliyun_sms.fake.globe.numbers import detail, is_legal, is_mainland, recipient
from gateway.providers.aliyun_sms.fake.plan import Outcome, Plan
from gateway.providers.aliyun_sms.fake.settings import FakeSettings
from gateway.providers.ports import Context
from gateway.rendering.segments import segments

PROVIDER = "aliyun-sms"
MOST_IN_A_BATCH = 1000
# Letters and digits, or digits only and then more of them.
_SENDER = re.compile(r"[A-Za-z0-9]{1,11}|[0-9]{1,15}")
_TRAFFIC_WORDS = {"OTP": "verification", "NOTIFY": "notification", "MKT": "promotion"}


async def plan(call: Call, context: Context) -> Plan:
    """One number."""
    to = call.params["To"]
    _account(call, context.settings)
    _number(to, context.settings)
    _sender_and_text(call, context.settings)
    to_whom = (recipient(to),)

    async def act() -> Outcome:
        captures = _captures(call, context, to_whom)
        arrived = await context.inbox.add(captures, call.effect)
        text = call.params["Message"]
        counted = await run_by_size(len(text), partial(segments, text))
        fields = {
            "MessageId": captures[0].details["MessageId"],
            "To": to,
            "From": call.params.get("From", ""),
            "Segments": str(counted.count),
            "NumberDetail": detail(to),
        }
        return Outcome(fields, arrived)

    return Plan(to_whom, act)


async def batch(call: Call, context: Context) -> Plan:
    """Up to 1,000 numbers; those that cannot be written to are in FailedList."""
    _account(call, context.settings)
    numbers = read_json(call.params["To"], list, 'To is a JSON array of strings such as ["6581234567"]')
    if not numbers or not all(isinstance(one, str) for one in numbers):
        raise Refusal("isv.INVALID_JSON_PARAM", 'To is a JSON array of strings such as ["6581234567"]')
    if len(numbers) > MOST_IN_A_BATCH:
        raise Refusal("isv.MOBILE_COUNT_OVER_LIMIT", f"To takes at most {MOST_IN_A_BATCH} numbers")
    _sender_and_text(call, context.settings)
    refused = [one for one in numbers if not _takes(one, context.settings)]
    if len(refused) == len(numbers):
        _number(numbers[0], context.settings)
    to_whom = tuple([recipient(one) for one in numbers if _takes(one, context.settings)])

    async def act() -> Outcome:
        captures = _captures(call, context, to_whom)
        arrived = await context.inbox.add(captures, call.effect)
        fields = {
            "MessageIdList": json.dumps([one.details["MessageId"] for one in captures]),
            "SuccessCount": str(len(captures)),
            "FailedList": json.dumps(refused),
            "From": call.params.get("From", ""),
        }
        return Outcome(fields, arrived)

    return Plan(to_whom, act)


def new_message_id() -> str:
    return str(random.randrange(10**11, 10**12))  # noqa: S311  # unique, not secret


def _account(call: Call, settings: FakeSettings) -> None:
    allowed(call, settings)


def _number(to: str, settings: FakeSettings) -> None:
    if not is_legal(to):
        raise Refusal("isv.MOBILE_NUMBER_ILLEGAL", "To is country code and number, digits only: 6581234567")
    if settings.strict and is_mainland(to):
        raise Refusal("NOT_SUPPORTED_COUNTRY", "numbers of the mainland take SendMessageWithTemplate")
    if f"+{to}" in settings.blacklist:
        raise Refusal("isv.BLACK_KEY_CONTROL_LIMIT", f"{to} is on this fake's blacklist")


def _takes(to: str, settings: FakeSettings) -> bool:
    try:
        _number(to, settings)
    except Refusal:
        return False
    return True


def _sender_and_text(call: Call, settings: FakeSettings) -> None:
    sender = call.params.get("From", "")
    if settings.strict and sender and not _SENDER.fullmatch(sender):
        raise Refusal("INVALID_SENDERID", "From has at most 11 letters and digits, or at most 15 digits")
    for word in settings.forbidden_words:
        if word in call.params["Message"]:
            raise Refusal("isv.SMS_CONTENT_ILLEGAL", f"this fake's config forbids {word!r}")


def _captures(call: Call, context: Context, to_whom: Sequence[Recipient]) -> list[Capture]:
    params, now = call.params, context.clock.now()
    details: dict[str, Any] = {
        "RequestId": call.request_id,
        "OutId": params.get("TaskId"),
        "SignName": params.get("From", ""),
        "TemplateCode": None,
        "templateKind": _TRAFFIC_WORDS.get(params.get("Type", "")),
        "signature": call.verdict,
        "keyId": call.key_id,
        "acceptedAt": now,
    }
    return [
        Capture(
            provider=PROVIDER,
            operation=call.action,
            recipient=one,
            content=Content(params["Message"]),
            exchange_id=call.request.exchange_id,
            received_at=now,
            details={**details, "MessageId": new_message_id()},
        )
        for one in to_whom
    ]
