"""What counts messages: extend codes, limits, the account's caps and its balance. One call at a time.

All of it is read, judged and written in one turn, so that two calls cannot both have the last place. Records, below
``fakes/aliyun-sms/``: ``sends/<number>``, ``account/<account>``, ``extend/<account>/<code>``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from gateway.core.model import Recipient
from gateway.providers.aliyun_sms.fake.account import account_id, balance
from gateway.providers.aliyun_sms.fake.call import Call, Refusal
from gateway.providers.aliyun_sms.fake.days import day_of
from gateway.providers.aliyun_sms.fake.draft import Draft
from gateway.providers.aliyun_sms.fake.sending import limits
from gateway.providers.aliyun_sms.fake.sending.limits import Sent
from gateway.providers.aliyun_sms.fake.settings import FakeSettings, Limits
from gateway.providers.ports import Context
from gateway.storage.ports import Records

STATE = "fakes/aliyun-sms/"
_SENDS = f"{STATE}sends/"


@dataclass(frozen=True, slots=True)
class Addressed:
    """One message to one number."""

    draft: Draft
    recipient: Recipient


def counts(call: Call, settings: FakeSettings, drafts: Sequence[Draft]) -> bool:
    """Is there anything to count? Where not, a send touches no record."""
    return (
        settings.limits is not None
        or balance(call, settings) is not None
        or (settings.strict and any(draft.extend_code for draft in drafts))
    )


async def admit(call: Call, drafts: Sequence[Draft], context: Context) -> None:
    """Leave the drafts those recipients to whom they may go; these are counted from now on. Raises Refusal where
    there are none."""
    settings: FakeSettings = context.settings
    everything = [Addressed(draft, recipient) for draft in drafts for recipient in draft.recipients]
    async with settings.ledger.turn:
        account, records, now = account_id(call), context.records, context.clock.now()
        extends = await _extend_codes(account, drafts, records) if settings.strict else {}
        sends, taken = everything, dict[str, list[Sent]]()
        if settings.limits is not None:
            sends, taken = await _within_limits(account, everything, records, settings.limits, now)
        book = await _booked(call, sends, context)
        for key, value in {**extends, **book}.items():
            await records.put(key, value)
        for reading, kept in taken.items():
            await records.put(f"{_SENDS}{reading}", {"sends": [list(one) for one in kept]})
        if settings.ledger.sweep_is_due():
            await _sweep(records, now)
    if len(sends) < len(everything):
        for draft in drafts:
            draft.recipients = tuple([one.recipient for one in sends if one.draft is draft])


async def _within_limits(
    account: str, everything: list[Addressed], records: Records, rules: Limits, now: float
) -> tuple[list[Addressed], dict[str, list[Sent]]]:
    """What may go out, and what has then been sent to each of its numbers."""
    taken: dict[str, list[Sent]] = {}
    sends, refused = [], None
    for one in everything:
        reading = one.recipient.read_as
        if not reading.startswith("+861") or reading in rules.exempt:
            sends.append(one)
            continue
        if reading not in taken:
            taken[reading] = limits.kept(await _sent_to(reading, records), now)
        draft = one.draft
        is_code = draft.template is None or draft.template.kind == "verification"
        new = Sent(now, account, draft.sign_name, draft.template_code, is_code)
        over = limits.reached(taken[reading], new, rules)
        if over is None:
            taken[reading].append(new)
            sends.append(one)
            continue
        refused = Refusal(over.code, f"{one.recipient.to} reached a limit of this fake", message=over.message)
        if rules.limited_number == "whole_call":
            raise refused
    if refused is not None and not sends:
        raise refused
    return sends, taken


async def _sent_to(reading: str, records: Records) -> list[Sent]:
    found = await records.get(f"{_SENDS}{reading}")
    return [Sent(*one) for one in found.value["sends"]] if found else []


async def _booked(call: Call, sends: list[Addressed], context: Context) -> dict[str, dict[str, Any]]:
    """The account's book with these messages in it. A message pays for its segments, and a cap counts numbers."""
    settings: FakeSettings = context.settings
    rules, pays_with = settings.limits or Limits(), balance(call, settings)
    if pays_with is None and rules.account_per_day is None and rules.account_per_month is None:
        return {}
    key = f"{STATE}account/{quote(account_id(call), safe='')}"
    found = await context.records.get(key)
    book: dict[str, Any] = {"day": "", "sentToday": 0, "month": "", "sentThisMonth": 0, "spent": 0}
    book |= found.value if found else {}
    day = day_of(context.clock.now())
    if book["day"] != day:
        book |= {"day": day, "sentToday": 0}
    if book["month"] != day[:6]:
        book |= {"month": day[:6], "sentThisMonth": 0}
    book["sentToday"] += len(sends)
    book["sentThisMonth"] += len(sends)
    if pays_with is not None:
        book["spent"] += sum([await one.draft.segments_for(one.recipient) for one in sends])
    if rules.account_per_day is not None and book["sentToday"] > rules.account_per_day:
        raise Refusal(
            "isv.DAY_LIMIT_CONTROL", f"this fake's config gives the account {rules.account_per_day} a day"
        )
    if rules.account_per_month is not None and book["sentThisMonth"] > rules.account_per_month:
        hint = f"this fake's config gives the account {rules.account_per_month} a month"
        raise Refusal("isv.MONTH_LIMIT_CONTROL", hint)
    if pays_with is not None and book["spent"] > pays_with:
        raise Refusal("isv.AMOUNT_NOT_ENOUGH", f"this fake's config lets the account pay for {pays_with} messages")
    return {key: book}


async def _extend_codes(account: str, drafts: Sequence[Draft], records: Records) -> dict[str, dict[str, Any]]:
    """Which signature each extend code belongs to from now on: to the first that used it."""
    owners: dict[str, dict[str, Any]] = {}
    for draft in drafts:
        if not draft.extend_code:
            continue
        key = f"{STATE}extend/{quote(account, safe='')}/{draft.extend_code}"
        found = owners.get(key)
        if found is None:
            record = await records.get(key)
            found = record.value if record else {"signName": draft.sign_name}
        if found["signName"] != draft.sign_name:
            hint = f"SmsUpExtendCode {draft.extend_code} belongs to another signature"
            raise Refusal("isv.EXTEND_CODE_ERROR", hint)
        owners[key] = found
    return owners


async def _sweep(records: Records, now: float) -> None:
    """Forget numbers that nobody wrote to for a day: what is kept stays bounded."""
    for key, record in await records.scan(_SENDS):
        if not limits.kept([Sent(*one) for one in record.value["sends"]], now):
            await records.delete(key)
