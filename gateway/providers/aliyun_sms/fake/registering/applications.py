"""Applications for signatures and templates, kept as records: ``reviews/aliyun-sms/<kind>/<account>/<name>``.

A record is what the API shows of a review: ``id``, ``provider``, ``kind``, ``account``, ``name``, ``submittedAt``,
``content`` (Aliyun's own fields) and ``decision``: null, or ``state``, ``reason`` and ``at`` of whoever decided.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias
from urllib.parse import quote

from gateway.core.model import Document, iso, new_id
from gateway.providers import reviews
from gateway.providers.aliyun_sms.fake.account import account_id
from gateway.providers.aliyun_sms.fake.call import Call, Refusal
from gateway.providers.aliyun_sms.fake.days import day_of
from gateway.providers.aliyun_sms.fake.settings import FakeSettings
from gateway.providers.ports import Context

PROVIDER = "aliyun-sms"
Kind: TypeAlias = Literal["template", "signature"]


@dataclass(frozen=True, slots=True)
class Review:
    """``state``: reviewing, approved, rejected or cancelled. ``at``: when it was decided, in seconds."""

    state: str
    reason: str = ""
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Application:
    """One signature or template of one account. ``declared``: the config has it, so nobody can change it."""

    kind: Kind
    account: str
    name: str
    content: Mapping[str, Any]
    submitted_at: float
    review: Review
    order_id: str = ""
    declared: bool = False
    tag: int = 2


def key_of(kind: Kind, account: str, name: str) -> str:
    # Aliyun takes signatures that differ in case only for the same.
    return f"{reviews.PREFIX}{PROVIDER}/{kind}/{quote(account, safe='')}/{quote(name.lower(), safe='')}"


async def find(kind: Kind, account: str, name: str, context: Context) -> Application | None:
    found = await context.records.get(key_of(kind, account, name))
    return _read(found.value, context) if found else None


async def all_of(kind: Kind, account: str, context: Context) -> list[Application]:
    """The newest first."""
    prefix = f"{reviews.PREFIX}{PROVIDER}/{kind}/{quote(account, safe='')}/"
    found = [_read(record.value, context) for _, record in await context.records.scan(prefix)]
    return sorted(found, key=lambda one: one.submitted_at, reverse=True)


async def submit(
    kind: Kind, account: str, name: str, content: Mapping[str, Any], flaw: str, context: Context
) -> str:
    """Apply, or apply again; the order id. ``flaw``: why a reviewer will say no, empty if he will not."""
    order_id = str(random.randrange(10**10, 10**11))  # noqa: S311  # unique, not secret
    document: Document = {
        "id": new_id("review"),
        "provider": PROVIDER,
        "kind": kind,
        "account": account,
        "name": name,
        "submittedAt": iso(context.clock.now()),
        "content": {**content, "OrderId": order_id},
        "flaw": flaw,
        "decision": None,
    }
    await context.records.put(key_of(kind, account, name), document)
    return order_id


async def withdraw(kind: Kind, account: str, name: str, context: Context) -> None:
    await context.records.delete(key_of(kind, account, name))


async def count_application(call: Call, kind: Kind, context: Context) -> None:
    """One more of this account today (UTC+8). Raises Refusal where that is too many (strict fakes)."""
    settings: FakeSettings = context.settings
    rules = settings.registry
    if not settings.strict:
        return
    async with settings.ledger.turn:
        key = f"fakes/{PROVIDER}/applications/{quote(account_id(call), safe='')}"
        day = day_of(context.clock.now())
        found = await context.records.get(key)
        count: dict[str, Any] = (
            dict(found.value)
            if found and found.value["day"] == day
            else {"day": day, "template": 0, "signature": 0}
        )
        count[kind] += 1
        both = count["template"] + count["signature"]
        if rules.applications_per_day is not None and both > rules.applications_per_day:
            raise Refusal("isv.SMS_OVER_LIMIT", f"an account applies {rules.applications_per_day} times a day")
        if kind == "signature" and rules.signs_per_day is not None and count[kind] > rules.signs_per_day:
            raise Refusal("isv.SIGN_COUNT_OVER_LIMIT", f"this fake takes {rules.signs_per_day} signatures a day")
        if kind == "template" and rules.templates_per_day is not None and count[kind] > rules.templates_per_day:
            raise Refusal(
                "isv.TEMPLATE_COUNT_OVER_LIMIT", f"this fake takes {rules.templates_per_day} templates a day"
            )
        await context.records.put(key, count)


def _read(document: Document, context: Context) -> Application:
    content = document["content"]
    return Application(
        document["kind"],
        document["account"],
        document["name"],
        content,
        _epoch(document["submittedAt"]),
        _review(document, context),
        content["OrderId"],
    )


def _review(document: Document, context: Context) -> Review:
    """What somebody decided; else what the config says, at the gateway's time."""
    rules = context.settings.registry
    decision = document["decision"]
    if decision is not None:
        return Review(decision["state"], decision["reason"], _epoch(decision["at"]))
    due = _epoch(document["submittedAt"]) + (rules.review_seconds if rules.review == "delayed" else 0.0)
    # Records hold milliseconds.
    if rules.review == "manual" or context.clock.now() < due - 0.001:
        return Review("reviewing")
    if document["flaw"] and context.settings.strict:
        return Review("rejected", document["flaw"], due)
    return Review("approved", "", due)


def _epoch(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
